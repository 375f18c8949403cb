"""What became of each suspicion: a verification confirmed or withdrew it, or it is still open today.

The bureau sends the scale to the verification body, which decides (仲裁检定). A scale that failed is serviced, verified
again, and comes back into use.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from server.demo.chances import Outcome
from server.demo.dice import at, new_id, workday
from server.demo.draft import Draft
from server.demo.inspecting import Suspicion
from server.demo.records import BEYOND_LIMITS, Finding, Verification
from server.demo.register import Instrument, StatusEntry
from server.demo.verifications import VerificationBook
from shared.words import Disposition, FindingState, InstrumentStatus, VerificationKind

QUIET_DAYS_AFTER = 25


def settle(draft: Draft, suspicions: Sequence[Suspicion]) -> None:
    """Add findings, the verifications that settle them, and the status of the instruments meanwhile."""
    rng, book = draft.dice.stream("findings"), VerificationBook(draft)
    instruments = {instrument.id: instrument for instrument in draft.instruments}
    for suspicion in suspicions:
        _settle_one(draft, rng, book, instruments[suspicion.check.instrument_id], suspicion)


def _settle_one(
    draft: Draft, rng: Random, book: VerificationBook, instrument: Instrument, suspicion: Suspicion
) -> None:
    if suspicion.outcome is Outcome.OPEN:
        is_sent = suspicion.disposition is Disposition.SENT_FOR_VERIFICATION
        status = InstrumentStatus.AWAITING_VERIFICATION if is_sent else InstrumentStatus.HELD_AS_EVIDENCE
        _enter(draft, rng, instrument, status, suspicion.day)
        _keep_quiet(draft, instrument, suspicion.day, draft.dice.as_of)
        state = FindingState.SENT_FOR_VERIFICATION if is_sent else FindingState.SUSPECTED
        draft.findings.append(_finding(rng, suspicion, state, None))
        return
    _enter(draft, rng, instrument, InstrumentStatus.AWAITING_VERIFICATION, suspicion.day)
    passed = suspicion.outcome is Outcome.WITHDRAWN
    decided_on = workday(suspicion.day + timedelta(days=rng.randint(4, 12)))
    decision = book.record(rng, instrument, VerificationKind.ARBITRATION, decided_on, passed=passed)
    back_on = decided_on if passed else workday(decided_on + timedelta(days=rng.randint(5, 16)))
    _keep_quiet(draft, instrument, suspicion.day, back_on)
    draft.verifications.append(decision)
    state = FindingState.WITHDRAWN if passed else FindingState.CONFIRMED
    draft.findings.append(_finding(rng, suspicion, state, decision))
    if not passed:
        _service(draft, rng, book, instrument, decided_on, back_on)
    if back_on < draft.dice.as_of:
        _enter(draft, rng, instrument, InstrumentStatus.IN_USE, back_on)


def _service(
    draft: Draft, rng: Random, book: VerificationBook, instrument: Instrument, failed_on: date, back_on: date
) -> None:
    _enter(draft, rng, instrument, InstrumentStatus.SERVICING, failed_on + timedelta(days=1))
    if back_on < draft.dice.as_of:
        draft.verifications.append(book.record(rng, instrument, VerificationKind.AFTER_SERVICING, back_on))


def _keep_quiet(draft: Draft, instrument: Instrument, first: date, back_on: date) -> None:
    """Take out the periodic verifications that nobody would have made while the case went on, and shortly after."""
    last = back_on + timedelta(days=QUIET_DAYS_AFTER) if back_on < draft.dice.as_of else draft.dice.as_of
    draft.verifications[:] = [
        verification
        for verification in draft.verifications
        if verification.instrument_id != instrument.id or not first <= verification.done_on <= last
    ]


def _finding(rng: Random, suspicion: Suspicion, state: FindingState, decision: Verification | None) -> Finding:
    return Finding(
        id=new_id(rng, suspicion.check.measured_at),
        code=BEYOND_LIMITS,
        check_id=suspicion.check.id,
        instrument_id=suspicion.check.instrument_id,
        party_id=suspicion.party_id,
        state=state,
        suspected_on=suspicion.day,
        settled_on=decision.done_on if decision else None,
        verification_id=decision.id if decision else None,
    )


def _enter(draft: Draft, rng: Random, instrument: Instrument, status: InstrumentStatus, day: date) -> None:
    draft.statuses.append(StatusEntry(new_id(rng, at(day, 17)), instrument.id, status, day))
