"""The page of one label, ready for its template: the answer first, then what to compare, then what is folded.

Nothing of the register is shown below a label whose own signature or state says that it must not be relied on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from server.language import t
from server.pledges import service as pledges
from server.public import label_lines
from server.public.state import Answer, PageState
from shared.check_words import check_words
from shared.seal import LabelVerdict, Seal
from shared.words import SealState

SHAPES: Mapping[PageState, str] = {
    PageState.UNKNOWN: "unknown",
    PageState.REPLACED: "void",
    PageState.VOID: "void",
    PageState.LOST: "void",
    PageState.STOCK: "unknown",
    PageState.FAILED: "beyond",
    PageState.SERVICING: "void",
    PageState.SUSPECTED: "indeterminate",
    PageState.STOPPED: "void",
    PageState.COMPARE: "compare",
    PageState.OVERDUE: "indeterminate",
    PageState.NEVER_VERIFIED: "indeterminate",
    PageState.DUE_SOON: "within",
    PageState.IN_DATE: "within",
}


@dataclass(frozen=True)
class LabelPage:
    """What the template shows. ``record`` None: the answer is all there is to say.

    ``certificate`` is the last verification that passed, ``left`` the share of its time that is left, ``pledge`` the
    wording that the merchant signed.
    """

    state: PageState
    shape: str
    word: str
    sentence: str
    is_key_compromised: bool = False
    record: Mapping[str, Any] | None = None
    check_words: Sequence[str] = ()
    lines: Sequence[str] = ()
    facts: Sequence[label_lines.Fact] = ()
    certificate: Mapping[str, Any] | None = None
    left: Fraction = Fraction(0)
    pledge: pledges.Wording | None = None


def shape_of(state: PageState) -> str:
    """Return the shape of a state; the answers of the signature alone have shapes of their own name."""
    return SHAPES.get(state, state.value)


def not_a_label() -> LabelPage:
    """Return the page of a text that is no label at all."""
    return LabelPage(*_answered(Answer(PageState.NOT_A_SEAL), None))


def label_page(seal: Seal, record: dict[str, Any] | None, answer: Answer, today: date) -> LabelPage:
    """Return the page of a label of the right form."""
    compromised = seal.verdict is LabelVerdict.KEY_COMPROMISED
    words = check_words(seal.payload.to_bytes()) if answer.state in SHAPES else ()
    if record is None or not _stands_for_something(record, answer):
        facts = label_lines.facts(None, None, None, seal.short)
        said = _answered(answer, None)
        return LabelPage(*said, is_key_compromised=compromised, check_words=words, facts=facts)
    certificate = _last(record["verified"], today)
    notice = _last(record["failed"], today) if answer.state is PageState.FAILED else None
    return LabelPage(
        *_answered(answer, record),
        is_key_compromised=compromised,
        record=record,
        check_words=words,
        lines=label_lines.compare_lines(record),
        facts=label_lines.facts(record, certificate, notice, seal.short),
        certificate=certificate,
        left=share_left(certificate["from"], certificate["to"], today) if certificate else Fraction(0),
        pledge=pledges.wording(record["pledge"]["text_id"]) if record["pledge"] else None,
    )


def _answered(answer: Answer, record: dict[str, Any] | None) -> tuple[PageState, str, str, str]:
    """Return state, shape, word and sentence."""
    kind, photo = (record["instrument"]["kind"], record["instrument"]["photo"]) if record else (None, None)
    values = {"date": answer.until, "days": answer.days, "no": answer.document_no}
    sentence = label_lines.sentence(answer.state, kind, photo is not None, values)
    return answer.state, shape_of(answer.state), t(f"page_word.{answer.state}"), sentence


def _stands_for_something(record: dict[str, Any], answer: Answer) -> bool:
    """Say whether the register names an instrument that this label stands for today."""
    if "instrument" not in record or answer.state not in SHAPES:
        return False
    return bool(record["label"]["state"] == SealState.APPLIED)


def _last(intervals: list[dict[str, Any]], today: date) -> dict[str, Any] | None:
    """Return the last interval that has begun."""
    day = today.isoformat()
    begun = [row for row in intervals if row["from"] <= day]
    return max(begun, key=lambda row: row["from"], default=None)


def share_left(first: str, last: str, today: date) -> Fraction:
    """Return the share of some time, given by its first and last day, that is left on a day."""
    began, ends = date.fromisoformat(first), date.fromisoformat(last)
    return Fraction((ends - today).days + 1, (ends - began).days + 1)
