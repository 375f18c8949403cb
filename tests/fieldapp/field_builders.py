"""Builders for the phone: a settable clock, a store with a small market in it, a visit in each state."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fieldapp.clock import PhoneClock
from fieldapp.store.database import Database
from fieldapp.store.facts import Fact
from fieldapp.store.kept import Bureau, Device, Person
from fieldapp.store.register import Change
from fieldapp.store.store import Store
from fieldapp.store.vault import Vault
from fieldapp.visit.model import Check, Inspection, Participant, Signature, Standard, Visit
from shared.dates import instant_text
from shared.seal import short_code
from shared.verdict import Reading, ScaleCheck, judge
from shared.words import Capacity, Cause, Disposition
from tests.builders import (
    REGION,
    a_key_set_document,
    a_label,
    a_revocation_document,
    a_scale,
    a_signer,
    an_id,
    todays_rules,
)

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
KEY = bytes(range(32))
URL = "http://127.0.0.1:9"

PLACE, OTHER_PLACE, STALL, PARTY, SCALE, NOZZLE = (
    an_id(number) for number in (0x101, 0x102, 0x111, 0x121, 0x131, 0x132)
)
WORN, TASK, CUSTODY = (an_id(number) for number in (0x133, 0x141, 0x151))
ME = Person(an_id(0xB1), "林知衡", "inspector", "豫P-0417", "川汇区市场监管所")
COLLEAGUE = Person(an_id(0xB2), "何守正", "inspector", "豫P-0418", "川汇区市场监管所")
DEVICE = Device(an_id(0xD1), a_signer("device").secret)
LABEL_SERIAL = 1_000_001


class SettableClock(PhoneClock):
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = NOON) -> None:
        super().__init__(wall=lambda: self.at)
        self.at = at


def a_scale_row(id_: str = SCALE, **fields: Any) -> dict[str, Any]:
    """Return a class III scale, Max 15 kg, e = d = 5 g, as the feed brings it."""
    sound: dict[str, Any] = {
        "id": id_,
        "kind": "scale",
        "serial": "ACS-30 2024 0311",
        "own_no": "",
        "maker": "衡正衡器",
        "model": "ACS-15",
        "use": "trade",
        "status": "in_use",
        "region": REGION,
        "place": PLACE,
        "stall": STALL,
        "custody": {"id": CUSTODY, "kind": "own", "owner": PARTY, "user": PARTY},
        "nozzle": None,
        "price_computing": True,
        "max_mg": 15_000_000,
        "min_mg": 100_000,
        "e_mg": 5_000,
        "d_mg": 5_000,
        "accuracy_class": "III",
        "photo": None,
        "label": {"serial": LABEL_SERIAL, "short": short_code(LABEL_SERIAL), "text": a_label()[-133:]},
        "verification": {
            "result": "passed",
            "document_no": "周检2026-0117",
            "done_on": "2026-06-15",
            "valid_until": "2027-06-14",
            "body": "周口市计量检定所",
        },
        "finding": None,
        "note": "",
    }
    return sound | fields


def a_nozzle_row() -> dict[str, Any]:
    """Return a fuel nozzle at the other place."""
    nozzle = {"number": "3", "product": "92#", "dispenser": "1"}
    fields = {"kind": "fuel_nozzle", "serial": "TH2019-77", "place": OTHER_PLACE, "stall": None, "nozzle": nozzle}
    return a_scale_row(NOZZLE, **fields, label=None, max_mg=None, e_mg=None, custody=None)


def a_worn_scale_row() -> dict[str, Any]:
    """Return a scale whose nameplate nobody could read, of the same party."""
    unknown = dict.fromkeys(("max_mg", "min_mg", "e_mg", "d_mg", "accuracy_class"))
    label = {"serial": 1_000_005, "short": short_code(1_000_005), "text": a_label(serial=1_000_005)[-133:]}
    return a_scale_row(WORN, serial="W-2", label=label, verification=None, **unknown)


def market_rows() -> list[tuple[str, dict[str, Any]]]:
    """Return a market with one stall, its merchant, two scales, a filling station and a task."""
    operator = {"operator": None}
    market = {"id": PLACE, "kind": "market", "name": "东关农贸市场", "address": "川汇区东关路", "region": REGION}
    station = {"id": OTHER_PLACE, "kind": "filling_station", "name": "城南加油站", "address": "", "region": REGION}
    task = {"id": TASK, "kind": "visit", "state": "open", "place": PLACE, "instrument": None, "assigned_to": ME.id}
    return [
        ("region", {"code": REGION, "id": REGION, "name": "川汇区", "parent": "411600"}),
        ("place", market | operator | {"phone_zone": "allowed"}),
        ("place", station | operator | {"phone_zone": "forbidden"}),
        ("stall", {"id": STALL, "place": PLACE, "number": "A12"}),
        ("party", {"id": PARTY, "name": "李记鲜蔬", "identity_kind": "uscc", "code": None}),
        ("instrument", a_scale_row()),
        ("instrument", a_worn_scale_row()),
        ("instrument", a_nozzle_row()),
        ("task", task | {"due_on": "2026-11-21", "note": ""}),
    ]


def fill(store: Store, rows: list[tuple[str, dict[str, Any]]] | None = None, round_no: int = 1) -> None:
    """Put rows into the register as a pull does."""
    changes = [Change(kind, row["id"], 1, row) for kind, row in (market_rows() if rows is None else rows)]
    sealed = store.register.sealed(changes, round_no)
    with store.database.write() as connection:
        store.register.apply(connection, sealed)


def open_store(folder: Path, clock: PhoneClock | None = None) -> Store:
    """Open the store of a folder as it is."""
    return Store(Database(folder / "dingpan.db"), KEY, folder, clock or SettableClock())


def a_store(folder: Path, clock: PhoneClock | None = None) -> Store:
    """Return the store of an enrolled phone, with keys, void labels and the market."""
    shutil.copytree(_enrolled_folder(), folder)
    return open_store(folder, clock)


@cache
def _enrolled_folder() -> Path:
    """Make such a store once for each run of the tests; the others are copies of it."""
    folder = Path(tempfile.mkdtemp(prefix="dingpan-phone-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = open_store(folder)
    enrol_by_hand(store)
    store.database.close()
    return folder


def a_field_check(*points_g: tuple[int, int], id_: int = 0x201, instrument: str = SCALE) -> Check:
    """Return a check with its verdict; without points the one of the builders, which is beyond."""
    pairs = points_g or ((1_000, 1_000), (5_000, 5_010), (10_000, 10_025))
    readings = tuple(Reading(load * 1000, shown * 1000) for load, shown in pairs)
    verdict = judge(ScaleCheck(a_scale(price_computing=True), readings), todays_rules())
    return Check(
        id=an_id(id_),
        instrument=instrument,
        custody=CUSTODY,
        label=a_label()[-133:],
        label_verdict="genuine",
        photo_matches=True,
        tested_by=ME.id,
        measured_at="2026-11-21T03:50:00Z",
        scale=a_scale(price_computing=True),
        readings=readings,
        verdict=verdict.code,
        ruleset=verdict.ruleset,
    )


def an_inspection(*checks: Check, **fields: Any) -> Inspection:
    """Return the inspection of the stall's merchant, decided and signed."""
    sound: dict[str, Any] = {
        "id": an_id(0x301),
        "party": PARTY,
        "party_name": "李记鲜蔬",
        "stall": STALL,
        "disposition": Disposition.SENT_FOR_VERIFICATION,
        "signature": Signature("李四", False, ((10, 10, 20, 30),)),
        "checks": checks or (a_field_check(),),
    }
    return Inspection(**sound | fields)


def a_visit(*inspections: Inspection, **fields: Any) -> Visit:
    """Return a visit by two officers that may be saved."""
    people = tuple(Participant(person.id, Capacity.OFFICER, person.card_no) for person in (ME, COLLEAGUE))
    sound: dict[str, Any] = {
        "id": an_id(0x401),
        "task": TASK,
        "place": PLACE,
        "cause": Cause.ROUTINE,
        "approval_no": "",
        "started_at": "2026-11-21T03:40:00Z",
        "card_shown": True,
        "recusal_told": True,
        "participants": people,
        "standards": (Standard("M1", "F1-2026-022", "2027-03-01"),),
        "inspections": inspections or (an_inspection(),),
    }
    return Visit(**sound | fields)


def save(store: Store, visit: Visit | None = None, number: int = 1) -> Any:
    """Save a visit; a number gives it and its parts ids of their own."""
    visit = visit or a_visit()
    if number != 1:
        visit = replace(visit, id=an_id(0x4000 + number))
        inspections = (replace(one, id=an_id(0x3000 + number)) for one in visit.inspections)
        visit = replace(visit, inspections=tuple(inspections))
    return store.records.save(visit, name="东关农贸市场", device=DEVICE, person=ME, offset=None)


PIN = "270418"


def a_phone(folder: Path) -> Store:
    """Return the store of a phone as its owner left it yesterday: enrolled, filled, closed by ``PIN``."""
    database = Database(folder / "dingpan.db")
    store = Store(database, Vault(database).create(PIN), folder, SettableClock())
    enrol_by_hand(store)
    store.facts.set(Fact.IS_ENROLLED, True)
    store.facts.set(Fact.IS_FILLED, True)
    store.facts.set(Fact.PULLED_AT, instant_text(datetime.now(UTC)))
    return store


def enrol_by_hand(store: Store) -> None:
    """Give a store what an enrolment and a first download would."""
    store.kept.device, store.kept.person, store.kept.colleagues = DEVICE, ME, [ME, COLLEAGUE]
    store.kept.bureau = Bureau(URL, a_signer("root").public)
    store.documents.take_keys(a_key_set_document())
    store.documents.take_revoked(a_revocation_document([1_000_003]))
    fill(store)
