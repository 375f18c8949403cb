"""Pulling the register: pages of the feed beside the same rows as PostgreSQL's own JSON, and a phone's first download.

PostgreSQL, granian and the phones share the machine. The rows are as long as a market's; the phone is the app's own
client with its store on this disk, sealing every row as on a phone.
"""

from __future__ import annotations

import http.client
import json
import random
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from flask_migrate import upgrade

from benchmarks.label_page import WORKERS, serving
from benchmarks.label_town import settings_of
from benchmarks.table import Line
from fieldapp.clock import PhoneClock
from fieldapp.store.kept import Bureau, Device
from fieldapp.store.kept import Person as Staff
from fieldapp.store.store import Store
from fieldapp.sync.client import Client
from fieldapp.sync.pull import pull_all
from fieldapp.sync.token import Session
from server import create_app, keyring
from server.database import db
from server.settings import Settings
from shared.dates import civil_day
from tests.fieldapp.field_builders import open_store
from tests.server.databases import as_served, postgres, url_of
from tests.server.world import Phone, World, make_world

RUNS, READERS, LIMIT = 3, 2, 5_000
SMALL, LARGE = 10_000, 100_000
CHANGED, ASKED = 1_000, 200
REGION, FIRST_SERIAL = "411602", 2_000_000
# The same rows as the server sends them; whose scope they are of is asked as the server asks it.
COPIED = """COPY (SELECT row_to_json(one) FROM (
    SELECT seq, kind, id, rev, deleted, body::json AS body FROM change
    WHERE (scope = '' OR scope LIKE '411602%') AND seq > 0 AND NOT deleted ORDER BY seq) one) TO STDOUT"""
MAKERS = ("衡正衡器有限公司", "永康市精工衡器厂", "上海大和衡器有限公司")


@dataclass(frozen=True)
class Town:
    """A server's settings, a phone that may read its register, and where its database is."""

    settings: dict[str, str]
    world: World
    phone: Phone
    token: str
    database: str


def lines() -> Iterator[Line]:
    """Measure each line."""
    with tempfile.TemporaryDirectory() as folder, postgres(**as_served()) as socket:
        for count, most_s in ((SMALL, 5), (LARGE, 40)):
            town = build(socket, Path(folder) / str(count), f"town{count}", count)
            with serving("server.wsgi:create", town.settings, "/readyz", WORKERS) as port:
                if count == SMALL:
                    yield from pages(town, port)
                yield from first_download(town, port, Path(folder) / f"phones{count}", count, most_s)


def pages(town: Town, port: int, *, runs: int = RUNS) -> Iterator[Line]:
    """Yield how fast the feed is read, beside COPY."""
    ours, theirs = [], []
    for _ in range(runs):
        theirs.append(_at_once(lambda: _copy(town)))
        ours.append(_at_once(lambda: _read(town, port)))
    shares = [100 * one / other for one, other in zip(ours, theirs, strict=True)]
    yield Line.of(f"rows of the feed, {LIMIT:,} to a page", ours, "/s", 50_000, is_at_least=True)
    middle = sorted(theirs)[len(theirs) // 2]
    yield Line.of(f"  of COPY of their JSON ({middle:,.0f}/s)", shares, "%", 60, is_at_least=True)


def first_download(town: Town, port: int, folder: Path, count: int, most_s: float) -> Iterator[Line]:
    """Yield how long a phone takes for everything, and how fast it then is."""
    what, took, cpu = f"{count:,} instruments", [], []
    for run in range(RUNS):
        store, session = _phone(town, port, folder / str(run))
        began, used = time.perf_counter(), time.process_time()
        pull_all(store, session)
        took.append(time.perf_counter() - began)
        cpu.append(time.process_time() - used)
        assert store.register.count() > count
    yield Line.of(f"first download of {what}", took, "s", most_s)
    yield Line.of("  of it the phone's own work", cpu, "s", most_s)
    yield from look_ups(store, count)
    changed = []
    for _ in range(RUNS):
        _change(town, CHANGED)
        began = time.perf_counter()
        pull_all(store, session)
        changed.append(time.perf_counter() - began)
    yield Line.of(f"{CHANGED:,} changes applied, of {what}", changed, "s", 1.5)


def look_ups(store: Store, count: int) -> Iterator[Line]:
    """Yield how long the slowest of a hundred look-ups takes, and the first page of a search."""
    dice, register, what = random.Random(count), store.register, f"{count:,} instruments"
    some = [dice.randrange(count) for _ in range(ASKED)]
    by_label = [_ms(lambda one=one: register.instrument_of_label(FIRST_SERIAL + one)) for one in some]
    by_serial = [_ms(lambda one=one: register.instruments_of_serial(f"W-{one:07d}")) for one in some]
    yield Line.of(f"looked up by label, {what}", by_label, "ms", 5)
    yield Line.of(f"looked up by serial, {what}", by_serial, "ms", 5)
    searches = [_ms(lambda: register.parties_named("水产", 20)) for _ in range(RUNS)]
    yield Line.of(f"first page of a search for a name, {what}", searches, "ms", 50)
    searches = [_ms(lambda one=one: register.parties_named(f"第{one}号", 20)) for one in (count // 2, count // 3)]
    yield Line.of(f"  for a name that few have, {what}", searches, "ms", 50)


def _ms(once: Any) -> float:
    began = time.perf_counter()
    assert once()
    return (time.perf_counter() - began) * 1000


def _at_once(once: Any) -> float:
    """Let some do it at once; return how many rows a second came."""
    began = time.perf_counter()
    with ThreadPoolExecutor(READERS) as all_:
        rows = sum(all_.map(lambda _: once(), range(READERS)))
    return rows / (time.perf_counter() - began)


def _copy(town: Town) -> int:
    rows = 0
    statement: Any = COPIED
    with psycopg.connect(town.database) as connection, connection.cursor().copy(statement) as copy:
        for part in copy:
            rows += bytes(part).count(b"\n")
    return rows


def _read(town: Town, port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    rows, cursor, more = 0, "", True
    while more:
        connection.request(
            "GET",
            f"/api/v1/sync/changes?limit={LIMIT}&cursor={cursor}",
            headers={"Authorization": f"Bearer {town.token}"},
        )
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content[:500]
        rows += content.count(b'"deleted":false')
        rest = json.loads(b"{" + content[content.rindex(b'"cursor"') :])
        cursor, more = rest["cursor"], rest["more"]
    connection.close()
    return rows


def _phone(town: Town, port: int, folder: Path) -> tuple[Store, Session]:
    """Return a phone that is enrolled and has downloaded nothing."""
    store = open_store(folder, PhoneClock())
    ring = town.world.app.extensions["dingpan"].keyring
    store.kept.device = Device(town.phone.device_id, town.phone.signer.secret)
    store.kept.person = Staff(town.world.inspector, "inspector", "inspector", "inspector")
    store.kept.bureau = Bureau(f"http://127.0.0.1:{port}", ring.root_public)
    store.documents.take_keys(ring.key_set_document)
    session = Session(store, Client(f"http://127.0.0.1:{port}"))
    session.begin()
    return store, session


def build(socket: str, folder: Path, name: str, count: int) -> Town:
    """Fill the feed of a new database with a market town: each instrument has a stall, two of three a merchant."""
    with psycopg.connect(f"host={socket} user=dingpan dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]  # the name is ours
    today = civil_day(datetime.now(UTC))
    keys = keyring.create(folder / "keys", prefixes=["4116"], host="DINGPAN.TEST", day=today)
    settings = settings_of(url_of(socket, name), folder)
    app = create_app(Settings.from_env(settings), keyring=keys)
    with app.app_context():
        upgrade()
        world = make_world(app)
        phone = world.phone()
        token = phone.get_token()
        db.session.remove()
        db.engine.dispose()
    town = Town(settings, world, phone, token, f"host={socket} user=dingpan dbname={name}")
    with psycopg.connect(town.database) as connection:
        _fill(connection, rows_of(count))
    with psycopg.connect(town.database, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return town


def _fill(connection: psycopg.Connection[Any], rows: Iterator[tuple[str, str, dict[str, Any]]]) -> None:
    found = connection.execute("SELECT feed_seq FROM log_state").fetchone()
    seq = found[0] if found else 0
    with connection.cursor().copy("COPY change (kind, id, scope, seq, rev, deleted, body) FROM STDIN") as copy:
        for kind, id_, body in rows:
            seq += 1
            text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            copy.write_row((kind, id_, REGION, seq, 1, False, text))
    connection.execute("UPDATE log_state SET feed_seq = %s", (seq,))
    connection.commit()


def _change(town: Town, count: int) -> None:
    """Let some instruments change, as a day at a market does."""
    with psycopg.connect(town.database) as connection:
        connection.execute(
            """UPDATE change SET rev = rev + 1, seq = newer.seq FROM (
                SELECT id, (SELECT feed_seq FROM log_state) + row_number() OVER () AS seq
                FROM change WHERE kind = 'instrument' ORDER BY seq LIMIT %s) newer
            WHERE change.kind = 'instrument' AND change.id = newer.id""",
            (count,),
        )
        connection.execute("UPDATE log_state SET feed_seq = feed_seq + %s", (count,))
        connection.commit()


def rows_of(count: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the rows of a town."""
    for number in range(count // 150 + 1):
        about = {"kind": "market", "name": f"川汇区第{number}农贸市场", "address": f"七一路{number}号"}
        about |= {"region": REGION, "phone_zone": "allowed", "operator": None}
        yield "place", _id("1", number), {"id": _id("1", number)} | about
    for number in range(count):
        stall = {"id": _id("2", number), "place": _id("1", number // 150), "number": f"A{number % 150}"}
        yield "stall", _id("2", number), stall | {"tenant": _id("3", number * 2 // 3), "region": REGION}
    for number in range(count * 2 // 3 + 1):
        name = f"周口市第{number}号{('水产', '蔬菜', '粮油', '肉类')[number % 4]}经营部"
        party = {"id": _id("3", number), "name": name, "identity_kind": "uscc"}
        yield "party", _id("3", number), party | {"code": f"92411602MA{number:08d}", "region": REGION}
    for number in range(count):
        yield "instrument", _id("4", number), _instrument(number)


def _instrument(number: int) -> dict[str, Any]:
    party = _id("3", number * 2 // 3)
    plain = {"id": _id("4", number), "kind": "scale", "serial": f"W-{number:07d}", "own_no": "", "model": "ACS-30"}
    plain |= {"maker": MAKERS[number % len(MAKERS)], "use": "trade", "status": "in_use", "region": REGION}
    masses = {"price_computing": True, "max_mg": 30_000_000, "min_mg": 200_000, "e_mg": 10_000, "d_mg": 10_000}
    codes = {"accuracy_class": "III", "note": "", "production_code": "", "repair_code": "", "verification_code": ""}
    where = {"place": _id("1", number // 150), "photo": None, "stall": _id("2", number)}
    custody = {"id": _id("5", number), "kind": "own", "owner": party, "user": party}
    label = {"serial": FIRST_SERIAL + number, "short": f"AB{number:07d}", "text": f"{number:0133d}"}
    verified = {"result": "passed", "document_no": f"JD2026-{number:07d}", "mark_no": "", "done_on": "2026-03-04"}
    verified |= {"valid_until": "2027-03-03", "body": "周口市计量测试所"}
    more = {"custody": custody, "nozzle": None, "label": label, "verification": verified, "finding": None}
    return plain | masses | codes | where | more


def _id(kind: str, number: int) -> str:
    return f"019aa11{kind}-{random.Random(number).getrandbits(16):04x}-7000-8000-{number:012x}"
