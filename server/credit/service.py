"""The ledger of credit events, and the fold that makes a score of it.

A field test opens a provisional event that moves nothing; a document confirms or voids it. Events are only added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from server.bulk import among, insert_rows, replace_rows
from server.clock import new_id
from server.credit.models import CreditEvent, PartyScore
from shared import credit
from shared.credit import Entry, Score, State
from shared.rules import Rules, rules_on, ruleset_name
from shared.rules.rows import CreditPolicy, CreditTerm

__all__ = ["CreditEvent", "PartyScore"]

PENDING = "parties_to_score"
SPARE = 2  # beside what fills a bound: so many more are there where the newest have begun to fade
_STATES = {state.value: state for state in State}
_OF_ENTRIES = (
    CreditEvent.party_id,
    CreditEvent.id,
    CreditEvent.code,
    CreditEvent.state,
    CreditEvent.happened_on,
    CreditEvent.settles,
    CreditEvent.source_id,
)
_PLACE = (
    func.row_number()
    .over(
        partition_by=(CreditEvent.party_id, CreditEvent.code),
        order_by=(CreditEvent.happened_on.desc(), CreditEvent.id.desc()),
    )
    .label("place")
)


class CheckDays(Protocol):
    """Tells on which days parties were checked, from the first of two days to the last.

    ``known`` are inspections that may tell: where theirs are ``enough`` days for a party, no others need be read.
    """

    def __call__(
        self,
        session: Session,
        parties: list[str],
        first: date,
        last: date,
        *,
        known: list[str] = ...,
        enough: int | None = ...,
    ) -> dict[str, list[date]]: ...


class Opened(NamedTuple):
    """What weighs for or against a party: an event of a code, with what it comes from and its day."""

    party_id: str
    code: str
    source_id: str
    happened_on: date


def open_event(session: Session, *, party_id: str, code: str, source_id: str, happened_on: date, now: datetime) -> None:
    """Add an event about a party: provisional where the policy wants a document, confirmed otherwise.

    None is added where no policy of that day weighs such an event, as when a phone's clock was years behind.
    """
    open_events(session, [Opened(party_id, code, source_id, happened_on)], now)


def open_events(session: Session, opened: Iterable[Opened], now: datetime) -> None:
    """Add many events."""
    rows = [row for one in opened if (row := _event(one, now))]
    insert_rows(session, CreditEvent, rows)
    changed(session, *(row["party_id"] for row in rows))


def _event(opened: Opened, now: datetime) -> dict[str, Any] | None:
    rules = rules_on(opened.happened_on)
    weight = next((row for row in rules.all_of(CreditTerm) if row.code == opened.code), None)
    if weight is None:
        return None
    provisional = weight.needs_document
    until = credit.objection_until(opened.happened_on, rules.one_of(CreditPolicy)) if provisional else None
    return opened._asdict() | {
        "id": new_id(now),
        "state": State.PROVISIONAL if provisional else State.CONFIRMED,
        "objection_until": until,
        "ruleset": ruleset_name(),
        "made_at": now,
    }


def settle_event(
    session: Session, *, source_id: str, code: str, state: State, document_no: str, settled_on: date, now: datetime
) -> CreditEvent | None:
    """Confirm or void the provisional event of a source by a document; None when there is none to settle."""
    query = select(CreditEvent).where(
        CreditEvent.source_id == source_id, CreditEvent.code == code, CreditEvent.settles.is_(None)
    )
    opened = session.scalar(query)
    if opened is None or opened.state != State.PROVISIONAL:
        return None
    event = CreditEvent(
        id=new_id(now),
        party_id=opened.party_id,
        code=code,
        state=state,
        happened_on=settled_on,
        objection_until=None,
        settles=opened.id,
        source_id=source_id,
        document_no=document_no,
        ruleset=ruleset_name(),
        made_at=now,
    )
    session.add(event)
    changed(session, opened.party_id)
    return event


def changed(session: Session, *party_ids: str) -> None:
    """Say whose ledger, or what it counts, changed in this transaction."""
    session.info.setdefault(PENDING, {}).update(dict.fromkeys(party_ids))


def score_pending(session: Session, check_days: CheckDays, day: date) -> None:
    """Fold the ledgers that changed in this transaction, once for each party."""
    parties = list(session.info.pop(PENDING, {}))
    if parties:
        session.flush()
        rebuild(session, parties, check_days, day)


def rebuild(session: Session, parties: list[str], check_days: CheckDays, day: date) -> None:
    """Store the folded score of some parties as of a day; what weighs nothing any more is not read.

    Of each kind of event the newest are read, and all only where those could be less than what weighs: the newest of a
    good kind weigh most, and what comes after its bound is reached weighs nothing.
    """
    rules = rules_on(day)
    since = day - timedelta(days=max(row.fades_days for row in rules.all_of(CreditTerm)))
    newest = credit.most_that_weigh(rules) + SPARE
    ledgers, sources = _ledgers(session, parties, since, newest)
    enough = rules.one_of(CreditPolicy).min_checks
    known = [id_ for of_days in sources.values() for id_ in [*of_days.values()][-enough:]]
    days = check_days(session, parties, *_counting_days(rules), known=known, enough=enough)

    def fold(some: dict[str, list[Entry]], ids: list[str]) -> dict[str, Score]:
        return {id_: credit.score(some.get(id_, []), days.get(id_, []), rules) for id_ in ids}

    scores = fold(ledgers, parties)
    cut = [id_ for id_, score in scores.items() if _is_cut(score, newest, rules)]
    scores |= fold(entries_of(session, cut, since=since), cut)
    replace_rows(session, PartyScore, [_stored(id_, score) for id_, score in scores.items()])


def _is_cut(score: Score, newest: int, rules: Rules) -> bool:
    """Say whether a fold of so many of the newest events of each kind may miss one that weighs."""
    counts = Counter(term.code for term in score.terms)
    many = {code for code, count in counts.items() if count >= newest}
    return bool(many) and not many <= credit.filled(score, rules)


def _counting_days(rules: Rules) -> tuple[date, date]:
    """Return the first and the last day whose checks count towards a grade."""
    return rules.day - timedelta(days=rules.one_of(CreditPolicy).checks_within_days - 1), rules.day


def _stored(party_id: str, score: Score) -> dict[str, Any]:
    return {
        "party_id": party_id,
        "points": score.points,
        "grade": score.grade,
        "as_of": score.as_of,
        "ruleset": score.ruleset,
    }


def entries_of(session: Session, parties: Iterable[str], *, since: date = date.min) -> dict[str, list[Entry]]:
    """Return the ledgers of some parties; of what was opened only that from a day on."""
    return _ledgers(session, parties, since)[0]


def _ledgers(
    session: Session, parties: Iterable[str], since: date, newest: int | None = None
) -> tuple[dict[str, list[Entry]], dict[str, dict[date, str]]]:
    """Return what ``entries_of`` does, and for each party what an event of each day comes from, oldest day first.

    ``newest``: no more of each kind than so many that were opened, the newest. Two ranges of two indexes: what was
    opened long ago is not touched, and it is most of a ledger that has grown old.
    """
    ledgers: dict[str, list[Entry]] = {}
    sources: dict[str, dict[date, str]] = {}
    wanted = list(parties)
    for start in range(0, len(wanted), 500):
        of_them = among(session, CreditEvent.party_id, wanted[start : start + 500])
        place = _PLACE if newest else literal(0).label("place")
        opened = select(*_OF_ENTRIES, place).where(
            of_them, CreditEvent.settles.is_(None), CreditEvent.happened_on >= since
        )
        settling = select(*_OF_ENTRIES, literal(0)).where(of_them, CreditEvent.settles.is_not(None))
        both = union_all(opened, settling).subquery()
        query = select(both).order_by(both.c.happened_on, both.c.id)
        if newest:
            query = query.where(both.c.place <= newest)
        for party_id, id_, code, state, happened_on, settles, source_id, _ in session.execute(query):
            ledgers.setdefault(party_id, []).append(Entry(id_, code, _STATES[state], happened_on, settles))
            sources.setdefault(party_id, {})[happened_on] = source_id
    return ledgers, sources


def score_of(session: Session, party_id: str, check_days: CheckDays, day: date) -> Score:
    """Fold a party's ledger as of a day: what its own page shows."""
    ledger = entries_of(session, [party_id]).get(party_id, [])
    rules = rules_on(day)
    return credit.score(ledger, check_days(session, [party_id], *_counting_days(rules)).get(party_id, []), rules)


def objections_of(session: Session, party_id: str) -> dict[str, date | None]:
    """Return until when each provisional event may be objected to."""
    query = select(CreditEvent.id, CreditEvent.objection_until).where(CreditEvent.party_id == party_id)
    return {row.id: row.objection_until for row in session.execute(query)}


def documents_of(session: Session, party_id: str) -> dict[str, str]:
    """Return the number of the document that settled each event."""
    query = select(CreditEvent.settles, CreditEvent.document_no).where(
        CreditEvent.party_id == party_id, CreditEvent.settles.is_not(None), CreditEvent.document_no.is_not(None)
    )
    return {str(settles): str(number) for settles, number in session.execute(query)}
