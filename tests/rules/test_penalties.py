"""Who may be told of a penalty: every row of the catalogue, in every region, on every day when something changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import pytest

from shared.facts import Caution, Fact, Facts, Party
from shared.finding_sentences import suggestion_lines
from shared.findings import Kind, Suggestion, is_punitive, suggest
from shared.rules import Rules, rules_on
from shared.rules.rows import Basis, Confidence, Leniency, Penalty, Row, Violation
from shared.texts import LANGUAGES, load
from shared.words import PlaceKind
from tests.builders import TODAY
from tests.rules.row_faults import change_days, read_tables
from tests.rules.test_findings import AT, REGIONS

CATALOGUE = {name: rows for name, rows in read_tables().items() if name in ("violation", "violation_basis", "penalty")}
DAYS = sorted(change_days(CATALOGUE) | {TODAY, date(2030, 1, 1)})
UNSURE = (Confidence.MEMORY, Confidence.UNKNOWN)


@dataclass(frozen=True)
class Asked:
    """One question put to the catalogue, and the entry that it was made for."""

    entry: Violation
    facts: Facts
    place: PlaceKind | None
    party: Party

    def of(self, rules: Rules) -> Suggestion:
        (found,) = [
            one
            for one in suggest(self.facts, self.place, self.party, rules)
            if (one.code, one.region) == (self.entry.code, self.entry.region)
        ]
        return found


def questions(entry: Violation, rules: Rules) -> Iterator[Asked]:
    """Yield what leads to an entry: each of its facts, alone and with all that its limbs may want, at each place."""
    limbs = [limb for limb in rules.all_of(Penalty) if (limb.code, limb.region) == (entry.code, entry.region)]
    further = {fact for limb in limbs for fact in limb.when}
    for party in map(Party, entry.parties or list(Party)):
        for place in places_of(entry, party):
            for fact in entry.when:
                for more in (set[str](), further):
                    found = frozenset(Fact(one) for one in {fact, *entry.also, *more})
                    yield Asked(entry, Facts(found), place, party)


def places_of(entry: Violation, party: Party) -> list[PlaceKind | None]:
    """Return where an entry is tried for a party: at its own places, or where the party belongs."""
    at = AT.get(party)
    if party in (Party.STALLHOLDER, Party.MARKET_OPERATOR, Party.STATION):
        return [at] if not entry.places or at in entry.places else []
    return [PlaceKind(place) for place in entry.places] or [at]


@cache
def everything() -> list[tuple[Rules, Asked]]:
    """Return every question for every entry of every region, on every day something changes in the catalogue."""
    found = []
    for region in REGIONS.values():
        for day in DAYS:
            rules = rules_on(day, region)
            entries = [row for row in rules.all_of(Violation) if row.region or not region]
            found += [(rules, one) for row in entries if not row.by_hand for one in questions(row, rules)]
    return found


def test_every_row_of_the_catalogue_is_met_by_these_questions() -> None:
    met = {id(row) for rules, one in everything() for row in (*one.of(rules).rows, *one.of(rules).further)}
    every = {
        id(row): row
        for region in REGIONS.values()
        for day in DAYS
        for row in rules_on(day, region).rows
        if isinstance(row, Violation | Penalty | Basis) and getattr(row, "code", "") != "M10"
    }
    assert [f"{row.region} {row}" for key, row in every.items() if key not in met] == []
    assert sum(not row.confidence.is_confirmed for row in every.values()) >= 30


def test_no_penalty_is_ever_proposed_on_a_row_from_memory_or_an_unknown_one() -> None:
    proposing = 0
    for rules, asked in everything():
        one = asked.of(rules)
        proposing += one.proposes_penalty
        if any(row.confidence in UNSURE for row in one.rows):
            assert not one.proposes_penalty, (rules.day, rules.region, one.title)
            assert not one.is_confirmed
            assert Caution.UNCONFIRMED in one.cautions
        if one.proposes_penalty:
            assert one.kind is Kind.ADMINISTRATIVE
            assert any(is_punitive(limb) and limb.confidence.is_confirmed for limb in one.penalties)
            assert one.needs
            assert one.basis
    assert proposing > 1_000


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_whichever_row_falls_back_to_memory_nothing_that_rests_on_it_proposes_a_penalty(region: str) -> None:
    for rules, asked in [pair for pair in everything() if pair[0].region == REGIONS[region] and pair[0].day == TODAY]:
        before = asked.of(rules)
        for row in before.rows if before.proposes_penalty else ():
            for confidence in UNSURE:
                after = asked.of(doubting(rules, row, confidence))
                assert not after.proposes_penalty
                assert Caution.UNCONFIRMED in after.cautions


def doubting(rules: Rules, doubted: Row, confidence: Confidence) -> Rules:
    rows = (replace(row, confidence=confidence) if row is doubted else row for row in rules.rows)
    return replace(rules, rows=tuple(rows))


def test_an_unconfirmed_suggestion_says_so_in_both_languages() -> None:
    for language in LANGUAGES:
        texts = load(language)
        for rules, asked in everything():
            one = asked.of(rules)
            assert (texts("caution.unconfirmed") in suggestion_lines(texts, one)) == (not one.is_confirmed)


def test_what_is_only_shown_beside_a_suggestion_says_itself_that_it_is_not_sure() -> None:
    for rules, asked in everything():
        one = asked.of(rules)
        for limb in [limb for limb in one.further if not limb.confidence.is_confirmed]:
            assert "未核实" in limb.text_zh
            assert "unconfirmed" in limb.text_en
        for reason in [reason for reason in one.leniency if not reason.confidence.is_confirmed]:
            assert "请查对" in reason.text_zh
            assert "check whether" in reason.text_en


def test_leniency_always_may_apply_and_is_to_be_checked() -> None:
    every = {row for _, asked in everything() for row in asked.of(_).leniency}
    days = {row.valid_from for row in every} | {TODAY, TODAY + timedelta(days=4_000)}
    known = {row for region in REGIONS.values() for day in days for row in rules_on(day, region).all_of(Leniency)}
    assert known == every
    for language, begins in (("zh-CN", "可能适用，请核对："), ("en", "May apply, to be checked: ")):
        texts = load(language)
        for row in every:
            text = row.text_en if language == "en" else row.text_zh
            assert texts("suggestion.leniency", text=text, source="x").startswith(begins)


def test_an_opening_with_authority_breaks_no_seal_anywhere() -> None:
    met = False
    for rules, asked in everything():
        if Fact.SEAL_BROKEN in asked.facts.found:
            met = True
            facts = Facts(asked.facts.found | {Fact.SEAL_OPENED_WITH_AUTHORITY})
            found = suggest(facts, asked.place, asked.party, rules)
            assert not any(Fact.SEAL_BROKEN in one.why for one in found)
    assert met


def test_article_56_is_chosen_by_a_person_alone_on_every_day_and_in_every_region() -> None:
    for region in REGIONS.values():
        for day in DAYS:
            rows = [row for row in rules_on(day, region).all_of(Violation) if row.code == "M10"]
            assert all(row.by_hand for row in rows)
    for rules, asked in everything():
        assert "M10" not in [one.code for one in suggest(asked.facts, asked.place, asked.party, rules)]
