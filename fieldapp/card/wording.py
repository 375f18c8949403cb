"""An instrument in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from fieldapp.store.rows import Instrument, Party, Place, Stall
from fieldapp.sync.wording import word
from shared.look import Tone
from shared.national_codes import borne
from shared.texts import Texts
from shared.validity import Validity, is_due, state_on
from shared.words import FindingState, PhoneZone, VerificationResult

TONES = {
    Validity.IN_DATE: Tone.WITHIN,
    Validity.DUE_SOON: Tone.INDETERMINATE,
    Validity.OVERDUE: Tone.BEYOND,
    Validity.NEVER_VERIFIED: Tone.UNKNOWN,
}


@dataclass(frozen=True)
class ValidityShown:
    """A sentence, its tone, and how much of the term is left, from 0 to 1."""

    sentence: str
    tone: Tone
    left: float


def title(texts: Texts, instrument: Instrument) -> str:
    """Say what it is."""
    kind = word(texts, "kind", instrument.kind)
    return " ".join(part for part in (kind, instrument.maker, instrument.model) if part)


def number(texts: Texts, instrument: Instrument) -> str:
    """Return the numbers it goes by, each on a line."""
    parts = [texts("card.serial", serial=instrument.serial)] if instrument.serial else []
    if instrument.own_no:
        parts.append(texts("card.own_no", number=instrument.own_no))
    if instrument.nozzle:
        nozzle = instrument.nozzle
        parts.append(texts("card.nozzle", number=nozzle.number, product=nozzle.product))
    return "\n".join(parts)


def codes(texts: Texts, instrument: Instrument) -> list[list[str]]:
    """Return the national codes it bears, each with its name."""
    return [[word(texts, "national_code", name), code] for name, code in borne(vars(instrument)).items()]


def lines(texts: Texts, instrument: Instrument, place: Place | None, stall: Stall | None) -> list[str]:
    """Say where it is, and what it is used for."""
    where = [place.name] if place else []
    if stall:
        where.append(texts("card.stall", number=stall.number))
    use = [word(texts, table, code) for table, code in (("use", instrument.use), ("status", instrument.status)) if code]
    return [line for line in ("  ".join(where), "  ".join(use)) if line]


def custody(texts: Texts, instrument: Instrument, user: Party | None, owner: Party | None) -> str:
    """Say who uses it and on what terms."""
    if instrument.custody is None or user is None:
        return texts("card.custody_unknown")
    kind = word(texts, "custody", instrument.custody.kind)
    if owner is None or owner.id == user.id:
        return texts("card.custody", user=user.name, kind=kind)
    return texts("card.custody_of", user=user.name, kind=kind, owner=owner.name)


def validity(texts: Texts, instrument: Instrument, today: date) -> ValidityShown:
    """Say how it stands with its verification, by the register and not by the label."""
    if not is_due(use=instrument.use, status=instrument.status):
        return ValidityShown(texts("card.not_due"), Tone.UNKNOWN, 0)
    done = instrument.verification
    if done is not None and done.result == VerificationResult.FAILED:
        return ValidityShown(texts("card.failed", number=done.document_no), Tone.BEYOND, 0)
    until = done.valid_until if done else None
    state = state_on(today, until)
    if done is None or until is None:
        return ValidityShown(texts("validity.never_verified"), TONES[state], 0)
    days = (until - today).days
    key = "card.overdue" if days < 0 else "card.valid_until"
    sentence = texts(key, date=until.isoformat(), days=abs(days), number=done.document_no)
    return ValidityShown(sentence, TONES[state], _left(done.done_on, until, today))


def _left(done_on: date | None, until: date, today: date) -> float:
    term = (until - done_on).days if done_on else 365
    return min(max((until - today).days / term, 0.0), 1.0) if term > 0 else 0.0


def warnings(texts: Texts, instrument: Instrument, place: Place | None, *, is_mismatch: bool) -> list[str]:
    """Return what the inspector must not overlook."""
    return list(_warnings(texts, instrument, place, is_mismatch=is_mismatch))


def _warnings(texts: Texts, instrument: Instrument, place: Place | None, *, is_mismatch: bool) -> Iterator[str]:
    if is_mismatch:
        yield texts("card.mismatch")
    if instrument.finding in (FindingState.SUSPECTED, FindingState.SENT_FOR_VERIFICATION):
        yield texts("card.suspected")
    if place and place.phone_zone == PhoneZone.FORBIDDEN:
        yield texts("card.no_phone")
    if place and place.phone_zone == PhoneZone.CONDITIONAL:
        yield texts("card.phone_conditional")
