"""The body of ``visit.record/1`` of a drawn visit, as a phone would have signed it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from server.demo.records import Check, Inspection, Visit
from shared.dates import instant_text
from shared.seal import LabelVerdict


def visit_body(visit: Visit, labels: Mapping[int, str]) -> str:
    """Return the JSON text; ``labels`` gives the 133 characters of each label by its serial."""
    body = {
        "id": visit.id,
        "task": None,
        "place": visit.place_id,
        "cause": visit.cause.value,
        "approval_no": visit.approval_no,
        "started_at": instant_text(visit.started_at),
        "made_at": instant_text(visit.made_at),
        "clock_offset_s": visit.clock_offset_s,
        "clock_doubt_s": visit.clock_doubt_s,
        "card_shown": True,
        "recusal_told": True,
        "participants": [
            {"person": who.person_id, "capacity": who.capacity.value, "card_no": who.card_no}
            for who in visit.participants
        ],
        "standards": [
            {
                "weight_class": standard.weight_class,
                "certificate_no": standard.certificate_no,
                "valid_until": standard.valid_until.isoformat(),
            }
            for standard in visit.standards
        ],
        "inspections": [_inspection(inspection, labels) for inspection in visit.inspections],
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _inspection(inspection: Inspection, labels: Mapping[int, str]) -> dict[str, Any]:
    return {
        "id": inspection.id,
        "party": inspection.party_id,
        "party_name": inspection.party_name,
        "stall": inspection.stall_id,
        "disposition": inspection.disposition.value,
        "not_inspected": inspection.not_inspected.value if inspection.not_inspected else None,
        "remark": inspection.remark,
        "party_remark": inspection.party_remark,
        "signature": _signature(inspection),
        "checks": [_check(check, labels) for check in inspection.checks],
    }


def _signature(inspection: Inspection) -> dict[str, Any] | None:
    if inspection.signature is None:
        return None
    strokes = [list(stroke) for stroke in inspection.signature.strokes]
    return {"name": inspection.signature.name, "refused": inspection.signature.refused, "strokes": strokes}


def _check(check: Check, labels: Mapping[int, str]) -> dict[str, Any]:
    label = None if check.seal_serial is None else labels[check.seal_serial]
    return {
        "id": check.id,
        "instrument": check.instrument_id,
        "custody": check.custody_id,
        "label": label,
        "label_verdict": LabelVerdict.GENUINE.value if label else None,
        "photo_matches": True if label else None,
        "tested_by": check.tested_by,
        "measured_at": instant_text(check.measured_at),
        "nameplate": {
            "max_mg": check.scale.max_mg,
            "min_mg": check.scale.min_mg,
            "e_mg": check.scale.e_mg,
            "d_mg": check.scale.d_mg,
            "accuracy_class": check.scale.accuracy_class,
            "price_computing": check.scale.price_computing,
        },
        "readings": [{"load_mg": reading.load_mg, "shown_mg": reading.shown_mg} for reading in check.readings],
        "verdict": check.verdict.value,
        "ruleset": check.ruleset,
    }
