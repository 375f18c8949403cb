"""The violation catalogue: which entries what was found may fall under, on a day, in a region, at a place, for a party.

It suggests and never decides. Every suggestion is suspected until the documents it ``needs`` confirm it; a field test
alone says only "send for verification", never a violation. A filling station is charged under its own order, a market
under order 94, a shop under neither. Local rules stand beside national ones, each a suggestion of its own. A penalty is
proposed only where every row used is confirmed and its conditions were found; article 56 of the consumer law is never
suggested; civil compensation is information.

Rows: ``rules/cn/violations*.toml``. Source of the fine limit: 计量法实施细则 (2022), article 55; of leniency:
行政处罚法 (2021), article 33, and the lists of the provinces.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> henan = rules_on(date(2026, 11, 21), "411602")
>>> overdue = Facts.of(Fact.OVERDUE)
>>> [one.title for one in suggest(overdue, PlaceKind.MARKET, Party.STALLHOLDER, henan)]
['M02', 'L-HN-01@41']
>>> [one.title for one in suggest(overdue, PlaceKind.FILLING_STATION, Party.STATION, henan)]
['F04', 'L-HN-01@41']
>>> suspect = suggest(Facts.of(Fact.FIELD_BEYOND), PlaceKind.MARKET, Party.STALLHOLDER, henan)
>>> [(one.title, one.is_violation, one.proposes_penalty) for one in suspect]
[('V00', False, False)]
>>> suggest(overdue, PlaceKind.MARKET, Party.STATION, henan)
Traceback (most recent call last):
shared.errors.PartyNotHere: ('party_not_here', {'party': 'station', 'place': 'market'})
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import NoRule, PartyNotHere
from shared.facts import Caution, Fact, Facts, Need, Party
from shared.rules import Rules
from shared.rules.rows import Basis, Confidence, FineAuthority, Leniency, Penalty, Row, Violation
from shared.words import PlaceKind


class Kind(StrEnum):
    """What an entry of the catalogue is."""

    ADMINISTRATIVE = "administrative"
    CIVIL = "civil"
    CREDIT_ONLY = "credit_only"
    PRODUCT_RULE = "product_rule"
    STATE_TRANSITION = "state_transition"
    STEP = "step"


# What a penalty takes away; the other measures stop, correct, compensate or hand over.
PUNITIVE = frozenset(
    {"warning", "confiscate_instrument", "confiscate_gains", "confiscate_parts", "confiscate_marks", "suspend",
     "revoke_licence"}
)  # fmt: skip
_WORST = (Confidence.UNKNOWN, Confidence.MEMORY, Confidence.DERIVED, Confidence.SOURCED)
_ONLY_AT = {
    Party.STALLHOLDER: PlaceKind.MARKET,
    Party.MARKET_OPERATOR: PlaceKind.MARKET,
    Party.STATION: PlaceKind.FILLING_STATION,
}
_OF_KIND = {
    Kind.CIVIL: Caution.CIVIL,
    Kind.CREDIT_ONLY: Caution.CREDIT_ONLY,
}


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One entry that may apply, of one region ("" national), with everything it rests on.

    ``why`` are the facts that led here. ``penalties`` are the limbs whose conditions were found, ``further`` those that
    want more facts. ``leniency`` may apply and is to be checked.
    """

    entry: Violation
    why: tuple[Fact, ...]
    bases: tuple[Basis, ...]
    penalties: tuple[Penalty, ...]
    further: tuple[Penalty, ...]
    needs: tuple[Need, ...]
    cautions: tuple[Caution, ...]
    leniency: tuple[Leniency, ...]

    @property
    def code(self) -> str:
        return self.entry.code

    @property
    def region(self) -> str:
        return self.entry.region

    @property
    def title(self) -> str:
        """The code, with its region where the rule is local."""
        return f"{self.code}@{self.region}" if self.region else self.code

    @property
    def kind(self) -> Kind:
        return Kind(self.entry.kind)

    @property
    def is_violation(self) -> bool:
        """Say whether a public authority may act on it: steps, credit, labels and civil claims are none."""
        return self.kind is Kind.ADMINISTRATIVE

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row the suggestion rests on; ``further`` limbs are shown, but nothing rests on them."""
        return (self.entry, *self.bases, *self.penalties)

    @property
    def confidence(self) -> Confidence:
        """The weakest of the rows used."""
        return min((row.confidence for row in self.rows), key=_WORST.index)

    @property
    def is_confirmed(self) -> bool:
        return self.confidence.is_confirmed

    @property
    def basis(self) -> list[str]:
        """Document, edition and clause of every row, each once; empty where no law may be cited."""
        if not self.entry.cited:
            return []
        return list(dict.fromkeys(f"{row.document} {row.edition} {row.clause}".strip() for row in self.rows))

    @property
    def proposes_penalty(self) -> bool:
        """Say whether a penalty may be put forward, once the needed documents confirm the facts."""
        return self.is_violation and self.entry.cited and self.is_confirmed and any(map(is_punitive, self.penalties))

    def name(self, language: str) -> str:
        """Return what it is called, in "zh-CN" or "en"."""
        return self.entry.name_en if language == "en" else self.entry.name_zh

    def penalty(self, language: str) -> str:
        """Return what it may cost as things stand; "" where nothing is known or its conditions were not found."""
        return _text(self.penalties, language)

    def further_penalty(self, language: str) -> str:
        """Return what it may cost once more is found, such as loss or a refusal to correct."""
        return _text(self.further, language)


def is_punitive(penalty: Penalty) -> bool:
    """Say whether a limb fines, warns or takes something away; an order to stop or correct is no penalty."""
    return bool(penalty.fine_to_yuan or penalty.gains_to_percent or PUNITIVE.intersection(penalty.measures))


def suggest(facts: Facts, place_kind: PlaceKind | None, party_kind: Party, rules: Rules) -> list[Suggestion]:
    """Return what may apply, national entries first, each group by code; [] where the catalogue knows nothing.

    ``place_kind`` None: none of the kinds of place we name. Raises NoRule before the catalogue's first row and
    PartyNotHere for a stallholder outside a market or a station that is none.
    """
    if not rules.all_of(Violation):
        raise NoRule(what="violation", day=rules.day.isoformat())
    if _ONLY_AT.get(party_kind, place_kind) is not place_kind:
        raise PartyNotHere(party=party_kind.value, place=place_kind.value if place_kind else "")
    standing = facts.standing
    entries = [row for row in rules.all_of(Violation) if _applies(row, standing, place_kind, party_kind)]
    ordered = sorted(entries, key=lambda row: (row.region, row.code))
    return [_suggestion(row, standing, place_kind, rules) for row in ordered]


def unanswered(facts: Facts, suggestions: Iterable[Suggestion]) -> list[Fact]:
    """Return the facts no suggestion rests on: the catalogue of this day and region has no entry for them."""
    told = {fact for suggestion in suggestions for fact in suggestion.why}
    return [fact for fact in Fact if fact in facts.standing - told]


def entries_named(code: str, rules: Rules) -> list[Violation]:
    """Return the entries of one code on a day, national first, those chosen by hand included; [] where there are none.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> [row.by_hand for row in entries_named("M10", rules_on(date(2026, 11, 21)))]
    [True]
    """
    return [row for row in rules.all_of(Violation) if row.code == code]


def _applies(row: Violation, standing: frozenset[Fact], place_kind: PlaceKind | None, party_kind: Party) -> bool:
    if row.by_hand or not standing.intersection(row.when) or not standing.issuperset(row.also):
        return False
    return _is_at(row.places, place_kind) and (not row.parties or party_kind in row.parties)


def _is_at(places: tuple[str, ...], place_kind: PlaceKind | None) -> bool:
    return not places or place_kind in places


def _suggestion(row: Violation, standing: frozenset[Fact], place_kind: PlaceKind | None, rules: Rules) -> Suggestion:
    limbs = [limb for limb in rules.all_of(Penalty) if (limb.code, limb.region) == (row.code, row.region)]
    met = tuple(limb for limb in limbs if not limb.when or standing.intersection(limb.when))
    bases = tuple(
        basis
        for basis in rules.all_of(Basis)
        if (basis.code, basis.region) == (row.code, row.region) and _is_at(basis.places, place_kind)
    )
    reasons = {*row.when, *row.also, *(fact for limb in met for fact in limb.when)}
    rests_on = (row, *bases, *met)
    return Suggestion(
        entry=row,
        why=tuple(fact for fact in Fact if fact in standing & reasons),
        bases=bases,
        penalties=met,
        further=tuple(limb for limb in limbs if limb not in met),
        needs=tuple(Need(need) for need in row.needs),
        cautions=tuple(_cautions(row, rests_on, [*limbs], rules)),
        leniency=tuple(_leniency(row, standing, rules)),
    )


def _cautions(row: Violation, rests_on: tuple[Row, ...], limbs: list[Penalty], rules: Rules) -> Iterable[Caution]:
    yield from (Caution(caution) for caution in row.cautions)
    kind = Kind(row.kind)
    if kind in _OF_KIND and _OF_KIND[kind].value not in row.cautions:
        yield _OF_KIND[kind]
    if any(_is_for_the_province(limb, rules) for limb in limbs):
        yield Caution.PROVINCIAL_AUTHORITY
    if not all(one.confidence.is_confirmed for one in rests_on):
        yield Caution.UNCONFIRMED


def _is_for_the_province(limb: Penalty, rules: Rules) -> bool:
    bounds = [row.from_yuan for row in rules.all_of(FineAuthority) if row.document == limb.document]
    may_grow = limb.gains_to_percent > 0 and not limb.fine_to_yuan
    return any(may_grow or limb.fine_to_yuan >= bound for bound in bounds)


def _leniency(row: Violation, standing: frozenset[Fact], rules: Rules) -> Iterable[Leniency]:
    if row.kind != Kind.ADMINISTRATIVE or not row.cited:
        return
    for reason in rules.all_of(Leniency):
        is_of_this_weight = not reason.severities or row.severity in reason.severities
        if is_of_this_weight and not standing.intersection(reason.unless):
            yield reason


def _text(limbs: tuple[Penalty, ...], language: str) -> str:
    if language == "en":
        return " ".join(limb.text_en for limb in limbs)
    return "".join(limb.text_zh for limb in limbs)
