"""What a suggestion is called and may cost, in the language of the screen."""

from __future__ import annotations

from dataclasses import replace

from shared.facts import Fact, Facts, Party
from shared.findings import Suggestion, suggest
from shared.rules import rules_on
from shared.rules.rows import Basis
from shared.words import PlaceKind
from tests.builders import TODAY


def a_suggestion() -> Suggestion:
    return suggest(Facts.of(Fact.NEVER_VERIFIED), PlaceKind.MARKET, Party.STALLHOLDER, rules_on(TODAY))[0]


def test_an_entry_is_named_in_the_language_of_the_screen() -> None:
    found = a_suggestion()
    assert found.entry.name_zh != found.entry.name_en
    assert found.name("en") == found.entry.name_en
    assert {found.name(language) for language in ("zh-CN", "zh", "EN", "")} == {found.entry.name_zh}


def test_the_limbs_of_a_penalty_follow_one_another_with_nothing_between() -> None:
    """English sentences want a space, Chinese ones none."""
    found = a_suggestion()
    limb = (found.penalties or found.further)[0]
    two = (replace(limb, text_zh="责令改正。", text_en="Ordered."), replace(limb, text_zh="罚款。", text_en="Fined."))
    both = replace(found, penalties=two, further=two[::-1])
    assert (both.penalty("zh-CN"), both.penalty("en")) == ("责令改正。罚款。", "Ordered. Fined.")
    assert (both.further_penalty("zh-CN"), both.further_penalty("en")) == ("罚款。责令改正。", "Fined. Ordered.")
    assert replace(found, penalties=()).penalty("en") == ""


def test_a_basis_that_holds_at_some_places_is_named_there_alone() -> None:
    rules = rules_on(TODAY)
    entry = a_suggestion().entry
    at_markets = tuple(
        replace(row, places=(PlaceKind.MARKET,)) if isinstance(row, Basis) and row.code == entry.code else row
        for row in rules.rows
    )
    for place, is_named in ((PlaceKind.MARKET, True), (PlaceKind.SUPERMARKET, False)):
        told = suggest(Facts.of(Fact.NEVER_VERIFIED), place, Party.TRADER, replace(rules, rows=at_markets))
        assert any(one.bases for one in told if one.entry == entry) is is_named
