"""The lines of a label's page: what to compare with the thing at hand, and the facts that stay folded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from server.language import current, t
from server.public.state import PageState
from shared import national_codes, sentences
from shared.texts import Texts

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
        rows += zip(_names_of_verified(current()), _values_of_verified(certificate), strict=True)
        if certificate.get("mark_no"):  # records that were finished before there were numbers of marks have none
            rows.append((t("fact.mark_no"), certificate["mark_no"]))
    if record:
        item = record["instrument"]
        rows += _nameplate(current(), item["use"], item["accuracy_class"], item["max_mg"], item["e_mg"])
        rows += [(t(f"national_code.{name}"), code) for name, code in national_codes.borne(item).items()]
    if record:
        rows.append((t("fact.label_state"), t(f"seal_state.{record['label']['state']}")))
    return [*rows, (t("fact.short_code"), short)]


@cache
def _names_of_verified(t: Texts) -> tuple[str, ...]:
    return t("fact.verified_by"), t("fact.verified_on"), t("fact.valid_until"), t("fact.certificate")


def _values_of_verified(row: Record) -> tuple[str, ...]:
    return row["body"], row["from"], row["to"], row["document_no"]


@lru_cache(maxsize=1_000)
def _nameplate(
    t: Texts, use: str | None, accuracy_class: str | None, max_mg: int | None, e_mg: int | None
) -> tuple[Fact, ...]:
    """Many instruments are alike in this, so it is worked out once for all of them."""
    rows = []
    if use:
        rows.append((t("fact.use"), t(f"use.{use}")))
    if accuracy_class:
        rows.append((t("fact.accuracy_class"), accuracy_class))
    if max_mg:
        rows.append((t("fact.max"), sentences.kilograms(t, max_mg)))
    if e_mg:
        rows.append((t("fact.e"), sentences.grams(t, e_mg)))
    return tuple(rows)


def sentence(state: PageState, kind: str | None, has_photo: bool, values: Mapping[str, object]) -> str:
    """Return the one sentence of a state; without a photo there is only the serial to compare."""
    this = t(f"this.{kind}") if kind else t("this.other")
    if state is PageState.IN_DATE and not has_photo:
        return t("page.in_date_no_photo", this=this, **values)
    return t(f"page_says.{state}", this=this, **values)
