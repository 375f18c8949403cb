"""The golden cases through the app's store: kept sealed, read back after a restart, judged as the pure rules judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from fieldapp.clock import Offset
from fieldapp.store.nozzles import judged as judged_nozzle
from fieldapp.store.steps import STEPS
from fieldapp.store.store import Store
from fieldapp.store.trouble import StorageTrouble
from fieldapp.visit.model import Check
from fieldapp.visit.model import Standard as Carried
from fieldapp.visit.walk import concluded, judged
from shared.conclusion import Code
from shared.dispensers import judge_nozzle
from shared.errors import RuleError
from shared.fuel_check import NozzleCheck, Payment
from shared.fuel_volume import price_fen, shown_volume_ul
from shared.quantities import money_fen
from shared.rules import Rules, rules_on
from shared.verdict import Reading, ReasonCode, ScaleCheck, Standard, judge
from tests.builders import REGION, a_scale
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import NOON, NOZZLE, SCALE, a_field_check, a_visit, an_inspection, open_store
from tests.rules.fuel_builders import LITRE, a_measure, a_nozzle_check, a_run, codes_of
from tests.rules.tables import rows
from tests.rules.test_dispensers import changed, the_key

RULES = rules_on(date(2026, 11, 21), REGION)
# The weights of the builders' visit.
M1 = (Standard("M1", date(2027, 3, 1)),)


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder)


@pytest.fixture
def store(folder: Path) -> Store:
    return open_store(folder)


# --- scales -----------------------------------------------------------------------------------------------------------


def a_case(row: dict[str, str]) -> Check:
    """Return the check of a worked field case, as the screen of a check would leave it."""
    points = (tuple(int(gram) * 1000 for gram in point.split("=")) for point in row["points_g"].split())
    scale = a_scale(e_g=int(row["e_g"]), max_kg=int(row["max_kg"]), accuracy_class=row["class"])
    return replace(a_field_check(), scale=scale, readings=tuple(Reading(load, shown) for load, shown in points))


@pytest.mark.parametrize("row", rows("field_cases"), ids=lambda row: row["case"])
def test_a_field_case_read_back_from_the_store_is_judged_as_the_rules_judge_it(row: dict[str, str], desk: Desk):
    check = a_case(row)
    desk.store.drafts.keep(a_visit(an_inspection(check)), NOON)
    running = open_store(desk.parts.settings.data_dir).drafts.running()
    assert running is not None
    kept = running.check(check.id)
    assert (kept.scale, kept.readings) == (check.scale, check.readings)
    verdict = judged(desk.parts, running, kept)
    assert verdict.code.value == row["verdict"]
    assert verdict == judge(ScaleCheck(check.scale, check.readings, M1), RULES)
    assert concluded(kept, verdict).verdict == row["verdict"]


def test_the_weights_of_the_visit_are_judged_with_the_readings(desk: Desk):
    """Class M3 is too coarse for 10 kg on this scale; a certificate that ended yesterday proves nothing."""
    visit = a_visit(an_inspection(check := a_field_check()))
    for weight_class, until, told in [
        ("M1", "2026-11-21", None),
        ("M1", "2026-11-20", ReasonCode.STANDARD_EXPIRED),
        ("M3", "2027-03-01", ReasonCode.WEIGHTS_TOO_COARSE),
    ]:
        desk.store.drafts.keep(replace(visit, standards=(Carried(weight_class, "F1", until),)), NOON)
        kept = open_store(desk.parts.settings.data_dir).drafts.running()
        assert kept is not None
        verdict = judged(desk.parts, kept, kept.check(check.id))
        assert verdict.code is (Code.INDETERMINATE if told else Code.BEYOND)
        assert [reason.code for reason in verdict.reasons if not reason.is_point] == ([told] if told else [])


# --- nozzles: their screen comes later --------------------------------------------------------------------------------


def nozzle_cases() -> Iterator[tuple[str, NozzleCheck, Rules, str]]:
    """Yield the golden cases of whole tests: what each is, the test, its rules, its code ("": the row names none)."""
    yield "the published key", the_key(measure=a_measure(doubt_ul=10_000)), RULES, "beyond"
    for row in rows("fuel_mean_edges"):
        run, measure = a_run(int(row["shown_ul"]), int(row["held_ul"])), a_measure(doubt_ul=int(row["doubt_ul"]))
        check = a_nozzle_check(run, run, run, measure=measure, step_ul=int(row["step_ul"]), least_ul=1)
        yield f"mean {row['shown_ul']} of {row['held_ul']}", check, RULES, row["code"]
    for row in rows("fuel_spreads"):
        runs = [a_run(int(row[name]), int(row["held_ul"])) for name in ("first_ul", "second_ul", "third_ul")]
        yield f"spread {row['case']} {row['held_ul']}", a_nozzle_check(*runs, step_ul=int(row["step_ul"])), RULES, ""
    for row in rows("fuel_payments"):
        volume = shown_volume_ul(row["volume_l"], step_ul=10_000)
        payment = Payment(money_fen(row["shown_yuan"]), volume, price_fen(row["price"]))
        check = a_nozzle_check(payments=(payment,) * 3, pay_step_fen=int(row["pay_step_fen"]))
        code = row["outcome"].replace("in_doubt", "indeterminate")
        yield f"paid {row['case']} {row['shown_yuan']}", check, RULES, code
    for row in rows("fuel_conditions"):
        if not row["hindrance"].startswith("refused "):
            yield f"condition {row['case']}", *changed(row["change"], row["value"]), row["code"]


CASES = list(nozzle_cases())


@pytest.mark.parametrize(("check", "rules", "code"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_nozzle_case_read_back_from_the_store_is_judged_as_the_rules_judge_it(
    check: NozzleCheck, rules: Rules, code: str, folder: Path
):
    open_store(folder).nozzles.keep(NOZZLE, check, NOON)
    kept = open_store(folder).nozzles.of(NOZZLE)
    assert kept == check
    conclusion = judge_nozzle(kept, rules)
    assert conclusion == judge_nozzle(check, rules)
    assert conclusion.code.value == code or not code


@pytest.mark.parametrize(("day", "doubt_s", "is_confirmed"), [(1, 60, True), (1, 86_400, False), (2, 86_400, True)])
def test_a_nozzle_is_judged_by_the_rules_of_every_day_that_the_clock_allows(
    day: int, doubt_s: int, is_confirmed: bool, store: Store
):
    """The edition of 2015 knows its limit in use from memory only: what may be its day is not confirmed."""
    store.nozzles.keep(NOZZLE, a_nozzle_check(*[a_run(20_200_000)] * 3), NOON)
    kept = store.nozzles.of(NOZZLE)
    assert kept is not None
    noon = datetime(2024, 5, day, 4, tzinfo=UTC)
    told = judged_nozzle(kept, noon, Offset(0, doubt_s, noon), REGION)
    assert (told.code, told.is_confirmed) == (Code.BEYOND, is_confirmed)
    assert judged_nozzle(kept, NOON, None, REGION) == judge_nozzle(kept, RULES)


def test_a_fraction_of_a_microlitre_and_a_certificates_day_come_back_as_they_were(store: Store):
    run = a_run(20 * LITRE, Fraction(59_055_334, 3), dispenser_mk=21_500, measure_mk=-500)
    measure = a_measure(doubt_ul=None, valid_until=date(2027, 3, 1))
    check = a_nozzle_check(run, run, measure=measure, ambient_mk=(), least_ul=5 * LITRE)
    store.nozzles.keep(NOZZLE, check, NOON)
    assert store.nozzles.of(NOZZLE) == check


def test_a_test_that_is_half_done_is_kept_and_concludes_nothing(store: Store):
    """What was typed is kept as it is; what cannot be right is refused when it is judged, not when it is saved."""
    half = a_nozzle_check(tests=(), ambient_mk=())
    store.nozzles.keep(NOZZLE, half, NOON)
    assert "fuel_too_few_flows" in codes_of(judge_nozzle(store.nozzles.of(NOZZLE), RULES))
    wrong = a_nozzle_check(a_run(-1))
    store.nozzles.keep(NOZZLE, wrong, NOON)
    with pytest.raises(RuleError):
        judge_nozzle(store.nozzles.of(NOZZLE), RULES)


def test_each_nozzle_has_one_test_and_the_running_visit_is_left_alone(store: Store):
    first, second = a_nozzle_check(a_run()), a_nozzle_check(a_run(19 * LITRE))
    store.drafts.keep(a_visit(), NOON)
    for instrument, check in ((NOZZLE, second), (SCALE, second), (NOZZLE, first)):
        store.nozzles.keep(instrument, check, NOON)
    assert (store.nozzles.of(NOZZLE), store.nozzles.of(SCALE)) == (first, second)
    store.drafts.discard()
    store.nozzles.discard(NOZZLE)
    assert (store.nozzles.of(NOZZLE), store.nozzles.of(SCALE)) == (None, second)
    assert store.drafts.running() is None


def test_the_test_of_a_nozzle_is_sealed_for_that_nozzle(store: Store, folder: Path):
    store.nozzles.keep(NOZZLE, a_nozzle_check(), NOON)
    assert b"stainless_steel" not in (folder / "dingpan.db").read_bytes()
    with store.database.write() as connection:
        connection.execute("UPDATE nozzle_draft SET instrument = ?", (SCALE,))
    with pytest.raises(StorageTrouble):
        store.nozzles.of(SCALE)


def test_a_phone_of_the_first_step_gets_the_table_and_keeps_what_it_had(folder: Path, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as before:
        before.setattr("fieldapp.store.database.STEPS", STEPS[:1])
        old = open_store(folder)
        old.drafts.keep(a_visit(), NOON)
        old.database.close()
    store = open_store(folder)
    store.nozzles.keep(NOZZLE, a_nozzle_check(), NOON)
    assert store.drafts.running() == a_visit()
    assert store.database.pragma("user_version") == len(STEPS)
