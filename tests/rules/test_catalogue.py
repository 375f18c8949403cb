"""Mandatory verification: what is under it, whether one is due, and what a public page may say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.public.state import PageState
from shared import catalogue
from shared.catalogue import (
    Answer,
    DueCode,
    Mode,
    PublicWord,
    Why,
    due_on,
    last_day,
    mandate,
    public_words,
    transitions,
)
from shared.duty_sentences import due_sentence, mandate_sentence, public_sentence, transition_sentence
from shared.errors import EndsBeforeItBegins, NoRule, UnknownStatus, UnknownUse
from shared.rules import Rules, rules_on
from shared.rules.rows import Catalogued, Confidence, Period
from shared.texts import LANGUAGES, load
from shared.validity import DUE_SOON_DAYS, Validity, is_due
from shared.words import InstrumentKind, InstrumentStatus, Use
from tests.builders import TODAY, todays_rules
from tests.rules.tables import rows

MANDATES, DUES = rows("mandates"), rows("due")
KINDS = sorted({row.kind for row in todays_rules().all_of(Catalogued)})
YES = {"yes": True, "no": False}
days = st.dates(date(2023, 1, 1), date(2031, 12, 31))


def day_of(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize("row", MANDATES, ids=[" ".join(list(row.values())[:4]) for row in MANDATES])
def test_a_kind_is_mandatory_as_the_list_says(row: dict[str, str]) -> None:
    rules = rules_on(date.fromisoformat(row["day"]))
    if row["answer"] == "no_rule":
        with pytest.raises(NoRule):
            mandate(row["kind"], row["use"], rules)
        return
    found = mandate(row["kind"], row["use"] or None, rules, price_computing=YES[row["price_computing"]])
    assert (found.answer.value, found.mode.value if found.mode else "") == (row["answer"], row["mode"])
    assert str(found.months or "") == row["months"]
    if row["is_confirmed"]:
        assert found.is_confirmed is YES[row["is_confirmed"]]
        assert any(row["document"] in one.document for one in found.rows)


@pytest.mark.parametrize("row", DUES, ids=[" ".join(list(row.values())[:6]) for row in DUES])
def test_an_instrument_is_due_as_its_last_verification_says(row: dict[str, str]) -> None:
    rules = rules_on(date.fromisoformat(row["day"]))
    given_days = {"done_on": day_of(row["done_on"]), "until": day_of(row["until"])}
    asked = {"use": row["use"] or None, "status": row["status"], "price_computing": YES[row["price_computing"]]}
    if row["code"] == "no_rule":
        with pytest.raises(NoRule):
            due_on(row["kind"], rules, **asked, **given_days)  # type: ignore[arg-type]
        return
    due = due_on(row["kind"], rules, **asked, **given_days)  # type: ignore[arg-type]
    assert (due.code.value, due.why.value if due.why else "") == (row["code"], row["why"])
    assert due.until == day_of(row["last_day"])
    assert public_words(due).code.value == row["public_word"]


def test_no_table_says_that_a_kind_it_lacks_is_free() -> None:
    for kind in ("teapot", "", "衡器", "SCALE", "scale ", "0"):
        for use in (*Use, None):
            found = mandate(kind, use, todays_rules())
            assert (found.answer, found.rows, found.is_confirmed) == (Answer.UNKNOWN, (), False)


def test_every_row_of_the_list_says_that_it_was_read_in_parts_or_whose_rule_it_is() -> None:
    for row in todays_rules().all_of(Catalogued):
        assert "Partial table" in row.note or "公平秤" in row.item, row


def test_every_kind_of_the_register_is_under_mandatory_verification_with_a_period() -> None:
    for kind in InstrumentKind:
        found = mandate(kind, Use.TRADE, todays_rules())
        assert (found.answer, found.mode, bool(found.months)) == (Answer.MANDATORY, Mode.PERIODIC, True)


def test_what_is_due_is_what_the_register_counts() -> None:
    for kind in ("scale", "mechanical_scale"):
        for use in Use:
            for status in InstrumentStatus:
                due = due_on(kind, todays_rules(), use=use, status=status)
                assert (due.code is DueCode.NEVER_VERIFIED) == is_due(use=use, status=status)
                assert (due.code is DueCode.NOT_DUE) != is_due(use=use, status=status)


@given(st.sampled_from(KINDS), st.sampled_from(list(Use)), days, days)
def test_only_a_known_duty_and_a_passed_last_day_are_ever_called_overdue(
    kind: str, use: Use, done_on: date, day: date
) -> None:
    due = due_on(kind, rules_on(day), use=use, status="in_use", done_on=done_on)
    if due.code is DueCode.OVERDUE:
        assert due.mandate is not None
        assert due.mandate.answer is Answer.MANDATORY
        assert due.until is not None
        assert done_on <= due.until < day
    assert (due.why is None) == (due.code not in (DueCode.NOT_DUE, DueCode.UNKNOWN))


@given(st.sampled_from(KINDS), days, st.integers(0, 4000))
def test_a_later_day_never_stands_better(kind: str, done_on: date, later: int) -> None:
    order = [DueCode.IN_DATE, DueCode.DUE_SOON, DueCode.OVERDUE]
    until = done_on + timedelta(days=365)
    codes = [
        due_on(kind, rules_on(day), use="trade", status="in_use", done_on=done_on, until=until).code
        for day in (done_on, done_on + timedelta(days=later))
    ]
    if all(code in order for code in codes):
        assert order.index(codes[0]) <= order.index(codes[1])


@given(days)
def test_the_last_day_is_inclusive_and_thirty_days_before_it_one_is_reminded(done_on: date) -> None:
    until = last_day("scale", done_on)
    assert until is not None
    codes = [
        due_on("scale", rules_on(until + timedelta(days=days)), use="trade", status="in_use", done_on=done_on).code
        for days in (-DUE_SOON_DAYS, 1 - DUE_SOON_DAYS, 0, 1)
    ]
    assert codes == [DueCode.IN_DATE, DueCode.DUE_SOON, DueCode.DUE_SOON, DueCode.OVERDUE]


@pytest.mark.parametrize("word", ["weighing", "Trade", "贸易结算", " "])
def test_a_use_outside_the_list_is_refused(word: str) -> None:
    with pytest.raises(UnknownUse):
        due_on("scale", todays_rules(), use=word, status="in_use")


@pytest.mark.parametrize("word", ["", "broken", "In_use", "在用"])
def test_a_status_outside_the_list_is_refused(word: str) -> None:
    with pytest.raises(UnknownStatus):
        due_on("scale", todays_rules(), use="trade", status=word)


def test_a_last_day_before_the_verification_is_refused() -> None:
    with pytest.raises(EndsBeforeItBegins):
        due_on("scale", todays_rules(), use="trade", status="in_use", done_on=TODAY, until=TODAY - timedelta(days=1))


def test_a_regional_row_goes_before_the_national_one() -> None:
    rules = todays_rules()
    national = next(row for row in rules.all_of(Catalogued) if row.kind == "tonometer")
    own = replace(national, region="4116", regulation="地方规定", confidence=Confidence.SOURCED, source="http://a.b")
    for rows_given in ((own, national), (national, own)):
        assert own in mandate("tonometer", "trade", replace(rules, rows=rows_given)).rows


def test_the_period_of_the_region_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    national = rules_on(TODAY)
    own = replace(national, rows=tuple(replace(row, months=1) for row in national.all_of(Period)))
    monkeypatch.setattr(
        catalogue, "rules_on", lambda day, region="": own if region == "4116" else rules_on(day, region)
    )
    assert last_day("scale", date(2026, 1, 1), "4116") == date(2026, 1, 31)
    assert last_day("scale", date(2026, 1, 1)) == date(2026, 12, 31)
    in_region = replace(national, region="4116")
    due = due_on("scale", in_region, use="trade", status="in_use", done_on=date(2026, 1, 1))
    assert due.until == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("kind", "status", "is_confirmed"),
    [
        ("scale", "in_use", True),
        ("taximeter", "in_use", False),
        ("teapot", "in_use", False),
        ("teapot", "stopped", True),
    ],
)
def test_an_answer_from_memory_or_from_nothing_is_marked_unconfirmed(
    kind: str, status: str, is_confirmed: bool
) -> None:
    due = due_on(kind, todays_rules(), use="trade", status=status, done_on=date(2024, 1, 1))
    assert due.is_confirmed is public_words(due).is_confirmed is is_confirmed
    assert bool(due.rows) is (kind != "teapot")


TRANSITIONS = [
    ("2026-01-07", []),
    ("2026-01-08", ["old_models_in_use", "old_models_not_sold"]),
    ("2027-01-07", ["old_models_in_use", "old_models_not_sold"]),
    ("2027-01-08", ["networked_in_use", "new_models_only", "old_models_not_sold"]),
    ("2030-01-08", ["networked_in_use", "new_models_only", "old_models_not_sold"]),
    ("2030-01-09", ["new_models_only", "old_models_not_sold"]),
]


@pytest.mark.parametrize(("day", "codes"), TRANSITIONS)
def test_old_models_give_way_by_these_days(day: str, codes: list[str]) -> None:
    rules = rules_on(date.fromisoformat(day))
    found = transitions("scale", rules, price_computing=True)
    assert [row.code for row in found] == codes
    assert transitions("scale", rules, price_computing=False) == ()
    assert transitions("fuel_nozzle", rules, price_computing=True) == ()
    assert {row.code for row in found if row.confidence.is_confirmed} <= {"old_models_not_sold"}


def test_the_public_words_are_the_pages_own_where_both_say_the_same() -> None:
    for validity in Validity:
        assert PublicWord(validity.value).value == PageState(validity.value).value == DueCode(validity.value).value


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_has_its_sentence_and_none_says_that_something_passed(language: str) -> None:
    texts = load(language)
    said = []
    for row in DUES:
        if row["code"] != "no_rule":
            due = due_on(
                row["kind"],
                rules_on(date.fromisoformat(row["day"])),
                use=row["use"] or None,
                status=row["status"],
                done_on=day_of(row["done_on"]),
                until=day_of(row["until"]),
            )
            public = public_sentence(texts, public_words(due))
            assert row["last_day"] in public or row["public_word"] not in list(Validity)
            said += [public, due_sentence(texts, due)]
            said += [mandate_sentence(texts, due.mandate)] if due.mandate else []
    for row in transitions("scale", rules_on(date(2027, 1, 8)), price_computing=True):  # type: ignore[assignment]
        said.append(transition_sentence(texts, row))  # type: ignore[arg-type]
    assert all(said)
    assert not [sentence for sentence in said if "合格" in sentence or "违" in sentence or "{" in sentence]


def test_the_sentences_name_the_last_day_and_the_days() -> None:
    texts = load("zh-CN")
    due = due_on("scale", todays_rules(), use="trade", status="in_use", done_on=date(2025, 11, 19))
    assert public_sentence(texts, public_words(due)) == "登记的检定有效期到 2026-11-18 为止，已过 3 天。"
    assert due.days == 3
    lng = mandate("lng_dispenser", "trade", todays_rules())
    assert mandate_sentence(texts, lng) == "属于强制检定：周期检定；检定周期手头没有资料，请问检定机构。"
    unknown = due_on("teapot", todays_rules(), use="trade", status="in_use")
    assert due_sentence(texts, unknown) == "手头的目录不全，查不到这类器具；请问计量科。"
    assert unknown.why is Why.NOT_IN_TABLE


def test_a_scale_counts_as_one_that_computes_no_prices_unless_it_is_said() -> None:
    """On that day the two are judged by different regulations."""
    rules = rules_on(date(2027, 1, 8))
    plain, price = (mandate("scale", "trade", rules, price_computing=computes) for computes in (False, True))
    assert plain != price
    assert mandate("scale", "trade", rules) == plain
    for computes, wanted in ((False, plain), (True, price)):
        assert due_on("scale", rules, use="trade", status="in_use", price_computing=computes).mandate == wanted
    assert due_on("scale", rules, use="trade", status="in_use").mandate == plain


def test_a_use_that_is_free_says_which_rows_say_so() -> None:
    rules = todays_rules()
    free = next(
        answer
        for kind in InstrumentKind
        for use in Use
        if (answer := mandate(kind, use, rules)).answer is Answer.NOT_FOR_THIS_USE
    )
    assert free.rows
    assert all(isinstance(row, Catalogued) and row.is_listed for row in free.rows)


def test_without_a_last_day_no_days_are_counted() -> None:
    never = due_on("scale", todays_rules(), use="trade", status="in_use")
    assert (never.until, never.days) == (None, 0)


def test_without_a_region_the_national_period_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def asking(day: date, region: str = "") -> Rules:
        asked.append(region)
        return rules_on(day, region)

    monkeypatch.setattr(catalogue, "rules_on", asking)
    catalogue.last_day("scale", TODAY)
    assert asked == [""]
