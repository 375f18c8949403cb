"""The dated history of an instrument as everyone may read it, and what its page said on a day of the past.

A suspicion that a document withdrew is no part of it: what was unfounded follows nobody about. Nor is a check that
found one: until a document decides, the state of today says what is to be said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.language import t
from server.public import label_lines
from server.public.label import shape_of
from server.public.state import answer
from shared.seal import LabelVerdict

Record = Mapping[str, Any]

MOST = 30


@dataclass(frozen=True)
class Event:
    """One line: the day as ISO text, what happened, and what is known of it."""

    day: str
    what: str
    details: str = ""


@dataclass(frozen=True)
class Past:
    """What the page would have said on ``day``; shape and words as of today's answer."""

    day: date
    shape: str
    word: str
    sentence: str
    custody: str = ""


def events(record: Record, today: date) -> list[Event]:
    """Return what happened up to today, the newest first, at most 30."""
    found = [*_verified(record), *_failed(record), *_checks(record), *_custodies(record)]
    last = today.isoformat()
    begun = (event for event in found if event.day <= last)
    return sorted(begun, key=lambda event: event.day, reverse=True)[:MOST]


def on_day(record: Record, day: date) -> Past | None:
    """Return what stood on a day; None before anything is known of the instrument."""
    days = [event.day for event in (*_verified(record), *_failed(record), *_checks(record), *_custodies(record))]
    first = min(days + [row["from"] for row in record["statuses"]], default=None)
    if first is None or day.isoformat() < first:
        return None
    found = answer(LabelVerdict.GENUINE, {name: part for name, part in record.items() if name != "compare"}, day)
    values = {"date": found.until, "days": found.days, "no": found.document_no}
    kind = record["instrument"]["kind"]
    said = label_lines.sentence(found.state, kind, has_photo=False, values=values)
    if found.until is not None:
        said = t("past.until", date=found.until)
    return Past(day, shape_of(found.state), t(f"page_word.{found.state}"), said, _custody_on(record, day))


def _verified(record: Record) -> Iterator[Event]:
    for row in record["verified"]:
        about = t("history.certificate", body=row["body"], no=row["document_no"], date=row["to"])
        yield Event(row["from"], t("history.passed"), about)


def _failed(record: Record) -> Iterator[Event]:
    for row in record["failed"]:
        yield Event(row["from"], t("history.failed"), t("history.notice", body=row["body"], no=row["document_no"]))


def _checks(record: Record) -> Iterator[Event]:
    for day in record.get("checks", ()):
        yield Event(day, t("history.within"))


def _custodies(record: Record) -> Iterator[Event]:
    for row in record.get("custody", ()):
        yield Event(row["from"], t("history.custody"), _who(row))


def _custody_on(record: Record, day: date) -> str:
    text = day.isoformat()
    there = [row for row in record.get("custody", ()) if row["from"] <= text and (row["to"] or text) >= text]
    return _who(there[-1]) if there else ""


def _who(row: Record) -> str:
    stall = t("page.stall", number=row["stall"]) if row["stall"] else None
    return " · ".join(filter(None, (stall, row["merchant"]))) or t("history.no_name")
