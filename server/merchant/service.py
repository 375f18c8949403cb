"""A merchant's own view: instruments with due dates, and the score with every point of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy.orm import Session

from server.certificates import service as certificates
from server.credit import service as credit
from server.evidence import service as evidence
from server.findings import service as findings
from server.inspections import service as inspections
from server.pledges import service as pledges
from server.registry import service as registry
from server.seals import service as seals
from shared.credit import Score, State, Term
from shared.rules import rules_on
from shared.rules.rows import Confidence, CreditPolicy
from shared.seal import short_code
from shared.validity import Validity, is_due, state_on
from shared.words import InstrumentStatus, PlaceKind, VerificationResult

SHAPES = {
    Validity.IN_DATE: "within",
    Validity.DUE_SOON: "within",
    Validity.OVERDUE: "indeterminate",
    Validity.NEVER_VERIFIED: "indeterminate",
}


@dataclass(frozen=True)
class OwnInstrument:
    """One instrument the merchant uses. ``state`` is a key of the catalogue; ``left`` the share of its time left.

    ``photo`` is the public copy of its picture, as everyone sees it.
    """

    where: registry.Whereabouts
    state: str
    shape: str
    last: certificates.Dated | None
    left: Fraction
    short: str | None
    photo: str | None


@dataclass(frozen=True)
class OwnTerm:
    """One term of the score, with the document that settled it and until when it may be objected to.

    ``left`` is the share that still counts; ``is_capped``: others of its kind have used up what such terms may bring.
    """

    term: Term
    document_no: str | None
    objection_until: date | None
    left: Fraction
    is_capped: bool


@dataclass(frozen=True)
class OwnScore:
    """The score of today with its terms. ``is_published`` False: the policy is a draft of nobody's."""

    score: Score
    terms: Sequence[OwnTerm]
    policy: CreditPolicy

    @property
    def is_published(self) -> bool:
        return self.policy.confidence is not Confidence.UNKNOWN


def instruments_of(session: Session, party_id: str, today: date) -> list[OwnInstrument]:
    """Return what a merchant uses today."""
    ids = [item.id for item, _ in registry.instruments_of_party(session, party_id)]
    where = registry.whereabouts(session, ids)
    last, suspected = certificates.latest_of(session, ids), findings.open_of(session, ids)
    labels = seals.labels_of(session, ids)
    copies = evidence.public_copies(session, [place.instrument.photo_sha256 for place in where.values()])
    return [
        _own(where[id_], last.get(id_), suspected.get(id_), labels.get(id_), copies, today)
        for id_ in dict.fromkeys(ids)
    ]


def _own(
    where: registry.Whereabouts,
    last: certificates.Dated | None,
    suspicion: findings.Finding | None,
    label: seals.SealStock | None,
    copies: Mapping[str, str],
    today: date,
) -> OwnInstrument:
    state, shape = state_of(where.instrument, last, suspicion, today)
    short = short_code(label.serial) if label else None
    photo = copies.get(where.instrument.photo_sha256 or "")
    return OwnInstrument(where, state, shape, last, _left(last, today), short, photo)


def state_of(
    item: registry.Instrument, last: certificates.Dated | None, suspicion: findings.Finding | None, today: date
) -> tuple[str, str]:
    """Return the state's key and shape: what stops trade comes first, then what is open, then the due date."""
    if last is not None and last.result == VerificationResult.FAILED:
        return "own_state.failed", "beyond"
    if item.status != InstrumentStatus.IN_USE:
        return f"status.{item.status}", "void"
    if suspicion is not None:
        return "own_state.suspected", "indeterminate"
    if not is_due(use=item.use, status=item.status):
        return "own_state.not_due", "unknown"
    validity = state_on(today, last.valid_until if last else None)
    return f"validity.{validity}", SHAPES[validity]


def _left(last: certificates.Dated | None, today: date) -> Fraction:
    if last is None or last.valid_until is None:
        return Fraction(0)
    return Fraction((last.valid_until - today).days + 1, (last.valid_until - last.done_on).days + 1)


def score_of(session: Session, party_id: str, today: date) -> OwnScore:
    """Return the score of today with every term explained."""
    score = credit.score_of(session, party_id, inspections.check_days, today)
    until, documents = credit.objections_of(session, party_id), credit.documents_of(session, party_id)
    terms = [_own_term(term, documents.get(term.id), until.get(term.id), today) for term in score.terms]
    return OwnScore(score, terms, rules_on(today).one_of(CreditPolicy))


def _own_term(term: Term, document_no: str | None, until: date | None, today: date) -> OwnTerm:
    left = Fraction(term.points, term.full_points) if term.full_points else Fraction(0)
    is_capped = term.state is State.CONFIRMED and term.points == 0 and today < term.fades_on
    return OwnTerm(term, document_no, until, left, is_capped)


def wording_for(session: Session, party_id: str) -> pledges.Wording:
    """Return the pledge a merchant is asked to sign, by the kind of place where it trades; a market's by default."""
    ids = [item.id for item, _ in registry.instruments_of_party(session, party_id)]
    kinds = (place.place_kind for place in registry.whereabouts(session, ids).values() if place.place_kind)
    return pledges.wording_for(PlaceKind(next(kinds, PlaceKind.MARKET)))
