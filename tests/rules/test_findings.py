"""What the violation catalogue suggests, and what it must never say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import ContradictoryFacts, NoRule, PartyNotHere
from shared.facts import Caution, Fact, Facts, Need, Party
from shared.finding_sentences import suggestion_lines
from shared.findings import Kind, Suggestion, entries_named, suggest, unanswered
from shared.rules import Rules, rules_on
from shared.rules.rows import Confidence, Penalty, Violation
from shared.texts import LANGUAGES, load
from shared.words import InstrumentStatus, PlaceKind, Use
from tests.builders import TODAY
from tests.rules.tables import rows

CASES = rows("findings_cases")
REGIONS = {
    "": "",
    "henan": "410102",
    "shandong": "370102",
    "zhejiang": "330102",
    "chongqing": "500103",
    "shanghai": "310101",
}
AT = {
    Party.STALLHOLDER: PlaceKind.MARKET,
    Party.MARKET_OPERATOR: PlaceKind.MARKET,
    Party.STATION: PlaceKind.FILLING_STATION,
    Party.TRADER: PlaceKind.SUPERMARKET,
}


def found(*facts: Fact, by: Party = Party.STALLHOLDER, region: str = "", day: date = TODAY) -> list[Suggestion]:
    """Suggest for some facts, each party where it belongs."""
    return suggest(Facts.of(*facts), AT.get(by), by, rules_on(day, REGIONS[region]))


def titled(title: str, suggestions: list[Suggestion]) -> Suggestion:
    return next(one for one in suggestions if one.title == title)


def asked(case: dict[str, str]) -> list[Suggestion]:
    place = None if case["place"] == "elsewhere" else PlaceKind(case["place"])
    facts = Facts.of(*(Fact(fact) for fact in case["facts"].split("+")))
    return suggest(facts, place, Party(case["party"]), rules_on(date.fromisoformat(case["day"]), case["region"]))


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{n} {case['facts']} {case['region']}" for n, case in enumerate(CASES, 1)]
)
def test_what_was_found_suggests_what_the_law_says(case: dict[str, str]) -> None:
    suggestions = asked(case)
    assert [one.title for one in suggestions] == case["suggested"].split()
    assert [one.title for one in suggestions if one.proposes_penalty] == case["proposing"].split()
    if case["document"]:
        cited = [line for one in suggestions for line in one.basis]
        assert any(case["document"] in line and case["clause"] in line for line in cited), cited


def test_the_cases_are_many_and_name_every_entry_that_can_be_suggested() -> None:
    told = {title.partition("@")[0] for case in CASES for title in case["suggested"].split()}
    known = {row.code for row in every_entry() if not row.by_hand}
    assert len(CASES) >= 120
    assert told == known


def every_entry() -> list[Violation]:
    days = [TODAY, date(2020, 1, 1)]
    return [row for day in days for region in REGIONS.values() for row in rules_on(day, region).all_of(Violation)]


def test_the_catalogue_has_the_65_entries_and_two_steps() -> None:
    codes = {row.code for row in every_entry()}
    steps = {row.code for row in every_entry() if row.kind == Kind.STEP}
    assert len(codes - steps) == 65
    assert steps == {"V00", "V01"}


AMOUNTS = rows("findings_amounts")


@pytest.mark.parametrize("case", AMOUNTS, ids=[case["code"] + case["region"] for case in AMOUNTS])
def test_an_entry_has_the_amounts_of_its_texts(case: dict[str, str]) -> None:
    rules = rules_on(TODAY, case["region"])
    limbs = [row for row in rules.all_of(Penalty) if (row.code, row.region) == (case["code"], case["region"])]
    entries = [row for row in entries_named(case["code"], rules) if row.region == case["region"]]
    assert max((limb.fine_to_yuan for limb in limbs), default=0) == int(case["fine_to_yuan"])
    assert max((limb.fine_from_yuan for limb in limbs), default=0) == int(case["fine_from_yuan"])
    confirmed = all(row.confidence.is_confirmed for row in [*entries, *limbs])
    assert confirmed == (case["confirmed"] == "yes")


def test_the_amounts_name_every_entry_of_today() -> None:
    today = {
        (row.code, row.region)
        for region in REGIONS.values()
        for row in rules_on(TODAY, region).all_of(Violation)
        if row.kind != Kind.STEP
    }
    assert {(case["code"], case["region"]) for case in AMOUNTS} == today


# What must never be said, whatever was found together.
fact_sets = st.frozensets(st.sampled_from(sorted(Fact)), max_size=8).filter(
    lambda found: Fact.NEVER_VERIFIED not in found or not found & {Fact.OVERDUE, Fact.FAILED_STILL_USED}
)
days = st.sampled_from(
    [date(2019, 6, 1), date(2022, 5, 1), date(2025, 2, 28), date(2025, 12, 31), TODAY, date(2030, 1, 1)]
)
regions = st.sampled_from(sorted(REGIONS.values()))
parties = st.sampled_from(sorted(AT))


@given(facts=fact_sets, day=days, region=regions, party=parties)
def test_nothing_unsafe_is_ever_suggested(facts: frozenset[Fact], day: date, region: str, party: Party) -> None:
    suggestions = suggest(Facts(facts), AT[party], party, rules_on(day, region))
    for one in suggestions:
        assert one.code != "M10"
        assert one.why
        assert set(one.why) <= facts
        assert not one.code.startswith("F") or party is Party.STATION
        assert not one.code.startswith("K") or party is not Party.TRADER or one.code == "K08"
        if one.proposes_penalty:
            assert all(row.confidence.is_confirmed for row in one.rows)
            assert one.penalty("zh-CN")
            assert one.basis
            assert one.needs
        if not one.is_confirmed:
            assert Caution.UNCONFIRMED in one.cautions
        if Fact.SEAL_OPENED_WITH_AUTHORITY in facts:
            assert Fact.SEAL_BROKEN not in one.why
        if one.kind is not Kind.ADMINISTRATIVE:
            assert not one.proposes_penalty
            assert not one.leniency
    assert len({one.title for one in suggestions}) == len(suggestions)


@given(facts=fact_sets, more=fact_sets, region=regions)
def test_more_facts_never_take_a_suggestion_away_but_an_authorised_opening(
    facts: frozenset[Fact], more: frozenset[Fact], region: str
) -> None:
    both = facts | more | {Fact.OVERDUE} - {Fact.NEVER_VERIFIED}
    both -= {Fact.SEAL_OPENED_WITH_AUTHORITY, Fact.NEVER_VERIFIED}
    few = facts & both
    rules = rules_on(TODAY, region)
    before, after = (
        {one.title for one in suggest(Facts(some), PlaceKind.MARKET, Party.STALLHOLDER, rules)} for some in (few, both)
    )
    assert before <= after


@given(facts=fact_sets, region=regions)
def test_local_rules_stand_beside_national_ones(facts: frozenset[Fact], region: str) -> None:
    national, local = (
        suggest(Facts(facts), PlaceKind.MARKET, Party.STALLHOLDER, rules_on(TODAY, where)) for where in ("", region)
    )
    assert [one for one in local if not one.region] == [
        replace(one, leniency=own.leniency) for one, own in zip(national, local, strict=False)
    ]


def test_a_field_test_alone_only_sends_for_verification_everywhere() -> None:
    for region in REGIONS:
        for party in AT:
            (only,) = found(Fact.FIELD_BEYOND, by=party, region=region)
            assert (only.title, only.kind, only.penalty("zh-CN"), only.leniency) == ("V00", Kind.STEP, "", ())
            assert only.needs == (Need.VERIFICATION_RESULT,)
            assert Caution.FIELD_TEST_ONLY in only.cautions


def test_article_56_can_be_chosen_by_hand_alone() -> None:
    (row,) = entries_named("M10", rules_on(TODAY))
    assert row.by_hand
    everything = [fact for fact in Fact if fact not in {Fact.NEVER_VERIFIED, Fact.SEAL_OPENED_WITH_AUTHORITY}]
    for region in REGIONS:
        for party in AT:
            assert "M10" not in {one.code for one in found(*everything, by=party, region=region)}


def test_civil_compensation_is_information() -> None:
    one = titled("M11", found(Fact.CHEATING_SEEN))
    assert (one.kind, one.is_violation, one.proposes_penalty) == (Kind.CIVIL, False, False)
    assert Caution.CIVIL in one.cautions
    assert "500" in one.penalty("zh-CN")


def test_what_has_no_legal_basis_prints_none() -> None:
    for fact in (Fact.PLEDGE_NOT_DISPLAYED, Fact.LABEL_FORGED, Fact.LABEL_MISSING):
        (one,) = found(fact)
        assert one.basis == []
        assert not one.proposes_penalty


def test_the_fine_for_a_seal_is_local_and_says_so_nationally() -> None:
    national = titled("M06", found(Fact.SEAL_BROKEN, region="shandong"))
    local = titled("L-SD-02@37", found(Fact.SEAL_BROKEN, region="shandong"))
    assert national.penalty("en") == ""
    assert "2,000" in national.further_penalty("en")
    assert Caution.NO_SEAL_FINE in national.cautions
    assert "3,000" in local.penalty("en")
    assert Caution.NO_SEAL_FINE not in local.cautions


def test_in_zhejiang_a_local_rule_says_that_national_law_goes_first() -> None:
    for fact in (Fact.SEAL_BROKEN, Fact.CHEATING_ADDED, Fact.RETAIL_SHORT):
        local = [one for one in found(fact, region="zhejiang") if one.region]
        assert [Caution.NATIONAL_FIRST in one.cautions for one in local] == [True]


def test_a_fine_of_ten_thousand_under_the_implementing_rules_is_for_the_province() -> None:
    def is_for_the_province(fine: int, document: str) -> bool:
        rules = rules_on(TODAY)
        limbs = [
            replace(row, fine_to_yuan=fine, document=document) for row in rules.all_of(Penalty) if row.code == "M04"
        ]
        rest = [row for row in rules.rows if not (isinstance(row, Penalty) and row.code == "M04")]
        changed = Rules(rules.day, "", (*rest, *limbs))
        facts = Facts.of(Fact.FAILED_STILL_USED, Fact.LOSS_PROVED)
        one = titled("M04", suggest(facts, PlaceKind.MARKET, Party.STALLHOLDER, changed))
        return Caution.PROVINCIAL_AUTHORITY in one.cautions

    assert not is_for_the_province(9_999, "计量法实施细则")
    assert is_for_the_province(10_000, "计量法实施细则")
    assert not is_for_the_province(10_000, "商品量计量违法行为处罚规定")


def test_a_share_of_the_gains_has_no_bound_and_may_be_for_the_province() -> None:
    (one,) = found(Fact.NON_LEGAL_UNIT_INSTRUMENT, by=Party.MAKER)
    assert (one.code, Caution.PROVINCIAL_AUTHORITY in one.cautions) == ("M14", True)
    for fact in (Fact.OVERDUE, Fact.RETAIL_SHORT, Fact.CHEATING_SEEN):
        assert not any(Caution.PROVINCIAL_AUTHORITY in one.cautions for one in found(fact))


def test_no_suggestion_under_an_unread_law_proposes_a_penalty() -> None:
    (before,) = found(Fact.INSPECTION_REFUSED, day=date(2025, 12, 31))
    (after,) = found(Fact.INSPECTION_REFUSED, day=date(2026, 1, 1))
    assert (before.confidence, before.proposes_penalty) == (Confidence.SOURCED, True)
    assert (after.confidence, after.proposes_penalty) == (Confidence.UNKNOWN, False)
    assert Caution.POLICE_DECIDE in after.cautions


def test_one_row_from_memory_is_enough_to_propose_nothing() -> None:
    rules = rules_on(TODAY)
    for table in (Violation, Penalty):
        worse = tuple(
            replace(row, confidence=Confidence.MEMORY) if isinstance(row, table) and row.code == "M02" else row
            for row in rules.rows
        )
        doubtful = Rules(rules.day, "", worse)
        (one,) = suggest(Facts.of(Fact.OVERDUE), PlaceKind.MARKET, Party.STALLHOLDER, doubtful)
        assert (one.code, one.is_confirmed, one.proposes_penalty) == ("M02", False, False)
        assert Caution.UNCONFIRMED in one.cautions


@pytest.mark.parametrize(
    ("use", "status"),
    [
        (Use.INTERNAL, InstrumentStatus.IN_USE),
        (Use.SPARE, InstrumentStatus.IN_USE),
        (Use.TRADE, InstrumentStatus.STOPPED),
        (Use.TRADE, InstrumentStatus.AWAITING_VERIFICATION),
        (Use.TRADE, InstrumentStatus.SCRAPPED),
    ],
)  # fmt: skip
def test_only_trade_use_in_use_counts_as_unverified(use: Use, status: InstrumentStatus) -> None:
    for fact in (Fact.OVERDUE, Fact.NEVER_VERIFIED, Fact.FAILED_STILL_USED, Fact.NOT_REGISTERED):
        facts = Facts(frozenset({fact}), use, status)
        assert suggest(facts, PlaceKind.MARKET, Party.STALLHOLDER, rules_on(TODAY, "410102")) == []
    forged = Facts(frozenset({Fact.VERIFICATION_MARK_FORGED}), use, status)
    assert len(suggest(forged, PlaceKind.MARKET, Party.STALLHOLDER, rules_on(TODAY))) == 1


def test_a_fair_scale_counts_as_trade_use() -> None:
    facts = Facts(frozenset({Fact.OVERDUE}), Use.FAIR_SCALE)
    (one,) = suggest(facts, PlaceKind.MARKET, Party.MARKET_OPERATOR, rules_on(TODAY))
    assert one.code == "M02"


# Leniency: may apply, to be checked.
LENIENT = [
    ("", TODAY, {"slight", "first", "no_fault"}),
    ("henan", TODAY, {"slight", "first", "no_fault"}),
    ("zhejiang", TODAY, {"slight", "first", "no_fault", "local_list"}),
    ("zhejiang", date(2022, 8, 30), {"slight", "first", "no_fault"}),
    ("zhejiang", date(2022, 8, 31), {"slight", "first", "no_fault", "local_list"}),
    ("shandong", date(2021, 7, 14), {"local_list"}),
    ("shandong", date(2021, 7, 15), {"slight", "first", "no_fault", "local_list"}),
    ("shandong", date(2020, 5, 31), set()),
    ("shandong", date(2020, 6, 1), {"local_list"}),
    ("chongqing", date(2020, 3, 11), set()),
    ("chongqing", date(2020, 3, 12), {"local_list"}),
    ("shanghai", date(2019, 3, 14), set()),
    ("shanghai", date(2019, 3, 15), {"local_list"}),
]


@pytest.mark.parametrize(("region", "day", "codes"), LENIENT, ids=[f"{region} {day}" for region, day, _ in LENIENT])
def test_leniency_goes_by_region_and_date(region: str, day: date, codes: set[str]) -> None:
    one = titled("M01", found(Fact.NEVER_VERIFIED, region=region, day=day))
    assert {row.code for row in one.leniency} == codes
    assert not any("不予" in one.penalty(language) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("region", "last", "following"),
    [("shandong", date(2021, 7, 19), "鲁司〔2021〕39号"), ("chongqing", date(2022, 1, 5), "〔2021〕136号"),
     ("shanghai", date(2023, 12, 24), "〔2023〕14号")],
)  # fmt: skip
def test_a_list_gives_way_to_the_next_one(region: str, last: date, following: str) -> None:
    for day, is_new in ((last, False), (date.fromordinal(last.toordinal() + 1), True)):
        one = titled("M01", found(Fact.NEVER_VERIFIED, region=region, day=day))
        (listed,) = [row for row in one.leniency if row.code == "local_list"]
        assert (following in listed.document) == is_new
        assert not listed.confidence.is_confirmed


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ([Fact.OVERDUE], {"slight", "first", "no_fault"}),
        ([Fact.OVERDUE, Fact.REPEATED], {"slight", "no_fault"}),
        ([Fact.OVERDUE, Fact.LOSS_PROVED], {"first", "no_fault"}),
        ([Fact.OVERDUE, Fact.NOT_CORRECTED], {"no_fault"}),
        ([Fact.OVERDUE, Fact.SERIOUS], {"no_fault"}),
    ],
)
def test_leniency_is_not_held_out_where_its_terms_are_missing(facts: list[Fact], codes: set[str]) -> None:
    assert {row.code for row in titled("M02", found(*facts)).leniency} == codes


def test_cheating_is_never_slight() -> None:
    assert {row.code for row in titled("M08", found(Fact.CHEATING_SEEN)).leniency} == {"no_fault"}


# Bad input.
def test_a_day_before_the_first_entry_has_no_rule() -> None:
    with pytest.raises(NoRule):
        found(Fact.OVERDUE, day=date(1987, 6, 30))
    assert found(Fact.NOT_REGISTERED, day=date(1987, 7, 1))[0].code == "M16"


@pytest.mark.parametrize(
    ("party", "place"),
    [(Party.STATION, PlaceKind.MARKET), (Party.STALLHOLDER, PlaceKind.FILLING_STATION), (Party.STALLHOLDER, None),
     (Party.MARKET_OPERATOR, PlaceKind.SUPERMARKET), (Party.STATION, None)],
)  # fmt: skip
def test_a_party_stands_where_it_can_stand(party: Party, place: PlaceKind | None) -> None:
    with pytest.raises(PartyNotHere):
        suggest(Facts.of(Fact.OVERDUE), place, party, rules_on(TODAY))


def test_an_instrument_never_verified_is_neither_overdue_nor_failed() -> None:
    for other in (Fact.OVERDUE, Fact.FAILED_STILL_USED):
        with pytest.raises(ContradictoryFacts):
            Facts.of(Fact.NEVER_VERIFIED, other)


def test_nothing_found_suggests_nothing() -> None:
    assert found() == []


def test_what_the_catalogue_does_not_answer_is_told() -> None:
    facts = Facts.of(Fact.OVERDUE, Fact.VIOLATIONS_SHIELDED)
    suggestions = suggest(facts, PlaceKind.MARKET, Party.STALLHOLDER, rules_on(TODAY))
    assert unanswered(facts, suggestions) == [Fact.VIOLATIONS_SHIELDED]
    assert unanswered(facts, []) == [Fact.OVERDUE, Fact.VIOLATIONS_SHIELDED]


# Words.
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_suggestion_can_be_read(language: str) -> None:
    texts = load(language)
    for case in CASES:
        for one in asked(case):
            lines = suggestion_lines(texts, one)
            assert one.name(language) in lines[0]
            assert not any("{" in line or not line.strip() for line in lines)
            for text in (one.penalty(language), one.further_penalty(language)):
                assert not text or any(text in line for line in lines)


def test_a_suggestion_reads_as_a_suspicion() -> None:
    (one,) = found(Fact.SEAL_BROKEN)
    assert suggestion_lines(load("zh-CN"), one) == [
        "可能涉及：破坏铅封、检定封签（印）",
        "因为：铅封或者检定封签被破坏",
        "依据：计量法 2018 第十六条、第二十六条",
        "另有条件的处理（参考）：没有单独的罚款。破坏准确度并给国家和消费者造成损失的，责令赔偿损失，"
        "没收计量器具和全部违法所得，可并处2000元以下罚款。",
        "先要有：封签的开启和更换记录",
        "先要有：查明是谁做的",
        "国家法律、行政法规对破坏封签没有单独的罚款。",
        "可能适用，请核对：当事人有证据足以证明没有主观过错的，不予行政处罚；法律、行政法规另有规定的除外。"
        "（行政处罚法 2021 第三十三条第二款）",
    ]


def test_we_never_say_qualified_or_guilty() -> None:
    said = [line for case in CASES for one in asked(case) for line in suggestion_lines(load("zh-CN"), one)[:2]]
    assert not any(word in line for line in said for word in ("构成违法", "认定为", "已违法"))
