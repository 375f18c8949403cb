"""A check in words and in the properties of the verdict strip."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import Any

from fieldapp.parts import Parts
from fieldapp.visit.model import Check, Visit
from fieldapp.visit.walk import judged
from shared.scales import Scale
from shared.sentences import grams, harmed_sentence, kilograms, reason_sentence, verdict_sentence
from shared.texts import Texts
from shared.verdict import Reading, Reason, ReasonCode, Verdict

MARKS = {
    ReasonCode.POINT_WITHIN: "within",
    ReasonCode.POINT_IN_DOUBT: "indeterminate",
    ReasonCode.POINT_BEYOND: "beyond",
}


def nameplate(texts: Texts, scale: Scale) -> str:
    """Return what the nameplate says, on one line."""
    key = "check.nameplate_price" if scale.price_computing else "check.nameplate"
    return texts(
        key,
        max=kilograms(texts, scale.max_mg),
        e=grams(texts, scale.e_mg),
        d=grams(texts, scale.d_mg),
        accuracy_class=scale.accuracy_class,
    )


def load(texts: Texts, load_mg: int) -> str:
    """Say what is on the pan."""
    return texts("check.load_is", load=kilograms(texts, load_mg))


def shown(texts: Texts, reading: Reading, check: Check) -> str:
    """Return a reading with its unit."""
    return kilograms(texts, reading.shown_mg, check.scale.d_mg)


def limit_at(parts: Parts, visit: Visit, check: Check, load_mg: int) -> str:
    """Say how far a reading under this load may be off; raises LoadOutOfRange for a load that no rule covers."""
    alone = replace(check, readings=(Reading(load_mg, load_mg),))
    point = next((reason for reason in judged(parts, visit, alone).reasons if reason.is_point), None)
    return parts.texts("check.limit_is", limit=grams(parts.texts, point.limit_mg)) if point else ""


def has_enough(verdict: Verdict, check: Check) -> bool:
    """Say whether there are enough loads to conclude anything."""
    return bool(check.readings) and not loads_missing(verdict)


def loads_missing(verdict: Verdict) -> int:
    """Say how many more loads a conclusion wants."""
    few = (reason for reason in verdict.reasons if reason.code is ReasonCode.TOO_FEW_POINTS)
    return next((reason.limit - reason.value for reason in few), 0)


def strip(texts: Texts, verdict: Verdict, check: Check) -> dict[str, Any]:
    """Return the verdict strip's properties, the reasons, and whether the limits are confirmed.

    A reading is a reason too; its row says so already. A test under way is not in doubt, it is not done.
    """
    if not check.readings:
        nothing = texts("check.nothing_yet")
        return {"code": "unknown", "word": nothing, "sentence": "", "limit": 0, "reasons": "", "unconfirmed": ""}
    worst, missing = verdict.worst, loads_missing(verdict)
    return {
        "code": "unknown" if missing else verdict.code.value,
        "word": texts("check.more_loads", count=missing) if missing else texts(f"verdict.{verdict.code}"),
        "sentence": _sentence(texts, verdict, check),
        "value": worst.error_mg if worst else 0,
        "uncertainty": worst.doubt_mg if worst else 0,
        "limit": worst.limit_mg if worst else 0,
        "low_text": f"−{grams(texts, worst.limit_mg)}" if worst else "",
        "high_text": f"+{grams(texts, worst.limit_mg)}" if worst else "",
        "reasons": "\n".join(
            reason_sentence(texts, reason, check.scale.d_mg) for reason in verdict.reasons if not reason.is_point
        ),
        "unconfirmed": "" if verdict.is_confirmed else texts("verdict.unconfirmed"),
    }


def _sentence(texts: Texts, verdict: Verdict, check: Check) -> str:
    sentence = verdict_sentence(texts, verdict, check.scale.d_mg)
    worst = verdict.worst
    if worst is None or worst.code is ReasonCode.POINT_WITHIN:
        return sentence
    return texts("check.sentence_and_harm", sentence=sentence, harm=harmed_sentence(texts, worst))


def rows(texts: Texts, verdict: Verdict, check: Check) -> list[dict[str, Any]]:
    """Return a row for each reading, in the order of the loads, with its limit beside it where a rule gives one."""
    places = {id(reading): str(place) for place, reading in enumerate(check.readings)}
    points = [reason for reason in verdict.reasons if reason.is_point]
    pairs = zip_longest(sorted(check.readings), points)
    return [_row(texts, reading, check, places[id(reading)]) | _mark(texts, reason) for reading, reason in pairs]


def _row(texts: Texts, reading: Reading, check: Check, key: str) -> dict[str, Any]:
    load, shown = kilograms(texts, reading.load_mg), kilograms(texts, reading.shown_mg, check.scale.d_mg)
    return {"key": key, "title": texts("check.row", load=load, shown=shown)}


def _mark(texts: Texts, reason: Reason | None) -> dict[str, str]:
    if reason is None:
        return {"second": "", "trailing": "", "code": "unknown"}
    sign = "+" if reason.error_mg > 0 else "−" if reason.error_mg < 0 else ""
    error = f"{sign}{grams(texts, abs(reason.error_mg))}"
    second = texts("check.row_limit", error=error, limit=grams(texts, reason.limit_mg))
    return {"second": second, "trailing": "", "code": MARKS[reason.code]}
