"""The lines of a label's page: what to compare with the thing at hand, and the facts that stay folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from server.language import current, t
from server.public.state import PageState
from shared import sentences

Record = Mapping[str, Any]
Fact = tuple[str, str]


def compare_lines(record: Record) -> list[str]:
    """Say what the label belongs to and where that stands; a person is named only as a registered business."""
    item, place = record["instrument"], record["place"]
    what = " ".join(filter(None, (t(f"kind.{item['kind']}"), item["model"])))
    lines = [
        (what, item["maker"]),
        (_nozzle(item["nozzle"]),),
        (place["name"], _stall(place["stall"])),
        (record["merchant"],),
    ]
    return [line for parts in lines if (line := " · ".join(filter(None, parts)))]


def _nozzle(nozzle: Mapping[str, str] | None) -> str | None:
    return t("page.nozzle", **nozzle) if nozzle else None


def _stall(number: str | None) -> str | None:
    return t("page.stall", number=number) if number else None


def facts(record: Record | None, certificate: Record | None, notice: Record | None, short: str) -> list[Fact]:
    """Return what stands folded, as names and values."""
    rows: list[Fact] = []
    if notice:
        rows += [
            (t("fact.notice"), notice["document_no"]),
            (t("fact.notice_by"), f"{notice['body']}  {notice['from']}"),
        ]
    if certificate:
        rows += list(_verified(certificate))
    if record:
        rows += list(_nameplate(record["instrument"]))
    if record:
        rows.append((t("fact.label_state"), t(f"seal_state.{record['label']['state']}")))
    return [*rows, (t("fact.short_code"), short)]


def _verified(row: Record) -> Iterator[Fact]:
    yield t("fact.verified_by"), row["body"]
    yield t("fact.verified_on"), row["from"]
    yield t("fact.valid_until"), row["to"]
    yield t("fact.certificate"), row["document_no"]
    if row.get("mark_no"):  # records that were finished before there were numbers of marks have none
        yield t("fact.mark_no"), row["mark_no"]


def _nameplate(item: Record) -> Iterator[Fact]:
    if item["use"]:
        yield t("fact.use"), t(f"use.{item['use']}")
    if item["accuracy_class"]:
        yield t("fact.accuracy_class"), item["accuracy_class"]
    if item["max_mg"]:
        yield t("fact.max"), sentences.kilograms(current(), item["max_mg"])
    if item["e_mg"]:
        yield t("fact.e"), sentences.grams(current(), item["e_mg"])


def sentence(state: PageState, kind: str | None, has_photo: bool, values: Mapping[str, object]) -> str:
    """Return the one sentence of a state; without a photo there is only the serial to compare."""
    this = t(f"this.{kind}") if kind else t("this.other")
    if state is PageState.IN_DATE and not has_photo:
        return t("page.in_date_no_photo", this=this, **values)
    return t(f"page_says.{state}", this=this, **values)
