"""Pushing signed visits, beside the rows they become written by COPY alone: the most that the database can do.

PostgreSQL, granian and the phones share the machine. The ops are signed beforehand, each a visit with one check of five
readings, fifty to a push; every phone sends its pushes one after the other over a connection of its own.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask_migrate import upgrade

from benchmarks.label_page import WORKERS, serving
from benchmarks.label_town import settings_of
from benchmarks.table import Line
from server import create_app, feed, keyring, transaction
from server.database import begin_write, db
from server.public import service as public
from server.settings import Settings
from shared.dates import civil_day
from shared.ops import Op
from shared.wire import visit
from tests.server.databases import as_served, postgres, url_of
from tests.server.world import Phone, World, make_world, now, stall_with_scale

RUNS, PUSHES, OPS = 3, 60, 50
PHONES, WRITERS, STALLS = 12, 2, 600
BEFORE = 12  # pushes that came before those that are measured: one visit to each stall
READINGS = [(load, load) for load in (500_000, 1_000_000, 3_000_000, 7_500_000, 15_000_000)]
AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
TOWN, COPIED = "town", "copied"
OF_VISITS = "IN (SELECT id FROM visit WHERE op_id = ANY(%(ops)s::uuid[]))"
OF_INSPECTIONS = f"IN (SELECT id FROM inspection WHERE visit_id {OF_VISITS})"  # noqa: S608 - our own words
# The rows that a push adds, in an order in which they can be added.
WRITTEN = {
    "op": "op_id = ANY(%(ops)s::uuid[])",
    "visit": "op_id = ANY(%(ops)s::uuid[])",
    "participant": f"visit_id {OF_VISITS}",
    "visit_standard": f"visit_id {OF_VISITS}",
    "inspection": f"visit_id {OF_VISITS}",
    '"check"': f"inspection_id {OF_INSPECTIONS}",
    "reading": f'check_id IN (SELECT id FROM "check" WHERE inspection_id {OF_INSPECTIONS})',  # noqa: S608
    "credit_event": f"source_id {OF_INSPECTIONS}",
    "leaf": "ref_id = ANY(%(ops)s::uuid[])",
    "tree_node": "((index + 1) << level) - 1 IN (SELECT index FROM leaf WHERE ref_id = ANY(%(ops)s::uuid[]))",
}


@dataclass(frozen=True)
class Push:
    """One push as it is sent, and the ids of its ops."""

    body: bytes
    ops: list[str]


def lines() -> Iterator[Line]:
    """Measure each line."""
    with tempfile.TemporaryDirectory() as folder, postgres(**as_served()) as socket:
        rates, copied, sizes, bare = measured(socket, Path(folder))
    yield Line.of("signed visits of one check, fifty to a push", rates, "/s", 1_500, is_at_least=True)
    shares = [100 * ours / theirs for ours, theirs in zip(rates, copied, strict=True)]
    yield Line.of(f"  of COPY alone ({sorted(copied)[len(copied) // 2]:,.0f}/s)", shares, "%", 30, is_at_least=True)
    least = [1 / (1 / theirs + bare / WRITERS) for theirs in copied]
    yield Line.of(
        f"  COPY, reading, checking and signing alone ({bare * 1e6:,.0f} us an op)", least, "/s", 0, is_at_least=True
    )
    plain, labelled = sizes
    yield Line.of("an op with two photos, and its answer, as sent", [plain], "B", 600)
    yield Line.of("  one that read a label as well", [labelled], "B", float("inf"))


def measured(
    socket: str, folder: Path, *, runs: int = RUNS, pushes: int = PUSHES, stalls: int = STALLS, workers: int = WORKERS
) -> tuple[list[float], list[float], list[float], float]:
    """Return the ops a second of each run, pushed and copied, the bytes that an op of a real phone takes, and ``bare``.

    ``bare`` are the seconds of one processor that no server can save: the op read, its signature checked, another made.
    """
    settings, sent, real = town(socket, folder, BEFORE + runs * pushes, stalls)
    ours, theirs = [], []
    with serving("server.wsgi:create", settings, "/readyz", workers) as port:
        send_all(port, [(token, mine[: BEFORE // PHONES]) for token, mine in sent])
    analyze(socket)
    with psycopg.connect(f"host={socket} user=dingpan dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {COPIED} TEMPLATE {TOWN}")  # type: ignore[call-overload]
    with serving("server.wsgi:create", settings, "/readyz", workers) as port:
        for run in range(runs):
            some = [(token, mine[BEFORE // PHONES + run :: runs]) for token, mine in sent]
            count = sum(len(push.ops) for _, mine in some for push in mine)
            ours.append(count / send_all(port, some))
            rows = [_rows(socket, push) for _, mine in some for push in mine]
            theirs.append(count / _copy_all(socket, rows))
        sizes = [_size(port, *one) for one in real]
    return ours, theirs, sizes, _bare_s([push for _, mine in sent for push in mine[:PUSHES]])


def _bare_s(pushes: Sequence[Push]) -> float:
    """Return the processor's seconds that an op takes at least: two texts read, one signature checked, one made."""
    key = Ed25519PrivateKey.generate()
    public, began, count = key.public_key(), time.process_time(), 0
    for push in pushes:
        for op in json.loads(push.body)["ops"]:
            message = hashlib.sha256(op["body"].encode()).digest()
            json.loads(op["body"])
            public.verify(key.sign(message), message)
            count += 1
    return (time.process_time() - began) / count


def town(
    socket: str, folder: Path, pushes: int, stalls: int
) -> tuple[dict[str, str], list[tuple[str, list[Push]]], list[tuple[str, bytes]]]:
    """Fill a database with stalls and scales, and sign what each phone will send; returns that by its token.

    The last are pushes of visits as they come from markets, with two photos each: without a label, and with one.
    """
    today = civil_day(datetime.now(UTC))
    with psycopg.connect(f"host={socket} user=dingpan dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TOWN}")
    keys = keyring.create(folder / "keys", prefixes=["4116"], host="DINGPAN.TEST", day=today)
    settings = settings_of(url_of(socket, TOWN), folder)
    app = create_app(Settings.from_env(settings), keyring=keys)
    with app.app_context():
        upgrade()
        world = make_world(app)
        begin_write()
        for number in range(3, stalls):
            stall_with_scale(world, number)
        feed.changed(db.session(), "instrument", *world.instruments)
        public.changed(db.session(), *world.instruments)
        transaction.commit(db.session(), now())
        phones = [world.phone() for _ in range(PHONES)]
        sent = [(phone.get_token(), _pushes(world, phone, place, pushes)) for place, phone in enumerate(phones)]
        real = [_from_a_market(world, has_label=has_label) for has_label in (False, True)]
        db.session.remove()
        db.engine.dispose()
    return settings, sent, real


def analyze(socket: str) -> None:
    """Let PostgreSQL look at its tables, as it does by itself on any day; what it saw empty it would read whole.

    What was written at once until here is tidied and brought to the disk: that would else be done while we measure.
    """
    with psycopg.connect(f"host={socket} user=dingpan dbname={TOWN}", autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        while connection.execute(AT_WORK).fetchone() != (0,):
            time.sleep(0.5)
        connection.execute("CHECKPOINT")
    os.sync()


def _pushes(world: World, phone: Phone, place: int, pushes: int) -> list[Push]:
    """Sign the pushes of one phone: its visits go from stall to stall."""
    made = []
    for number in range(place, pushes, PHONES):
        ops = [_signed(world, phone, number * OPS + step) for step in range(OPS)]
        made.append(Push(_body(ops), [op.op_id for op in ops]))
    return made


def _from_a_market(world: World, *, has_label: bool) -> tuple[str, bytes]:
    phone = world.phone()
    ops = [_signed(world, phone, number, has_photos=True, has_label=has_label) for number in range(OPS)]
    return phone.get_token(), _body(ops)


def _signed(world: World, phone: Phone, number: int, *, has_photos: bool = False, has_label: bool = False) -> Op:
    stall = number % len(world.stalls)
    check = world.check(READINGS, instrument=stall)
    body = world.visit(check, party=stall)
    if has_label:
        check |= {"label": world.links[stall].rpartition("/")[2], "label_verdict": "genuine", "photo_matches": True}
    if has_photos:
        photos = [hashlib.sha256(f"{number} {place}".encode()) for place in range(2)]
        body["inspections"][0]["evidence"] = [
            {"sha256": photo.hexdigest(), "bytes": 1_800_000 + 777 * number, "kind": "photo", "check": check["id"]}
            for photo in photos
        ]
    return phone.op(visit.KIND, json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def _body(ops: Sequence[Op]) -> bytes:
    return json.dumps({"ops": [op.to_wire() for op in ops]}, ensure_ascii=False, separators=(",", ":")).encode()


def _size(port: int, token: str, body: bytes) -> float:
    """Return how many bytes an op takes both ways, bodies alone, squeezed as the app and the server do it."""
    squeezed = gzip.compress(body, mtime=0)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    headers |= {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/api/v1/sync/push", squeezed, headers)
    answer = connection.getresponse()
    content = answer.read()
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip"), content[:500]
    results = json.loads(gzip.decompress(content))["results"]
    assert [entry["status"] for entry in results] == ["applied"] * OPS, results[0]
    return (len(squeezed) + len(content)) / OPS


def send_all(port: int, sent: Sequence[tuple[str, list[Push]]]) -> float:
    """Let all phones send at once; returns the seconds until the last answer."""
    began = time.perf_counter()
    with ThreadPoolExecutor(len(sent)) as phones:
        list(phones.map(lambda one: _send(port, *one), sent))
    return time.perf_counter() - began


def _send(port: int, token: str, pushes: Sequence[Push]) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for push in pushes:
        connection.request("POST", "/api/v1/sync/push", push.body, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text[:500]
        statuses = {entry["status"] for entry in json.loads(text)["results"]}
        assert statuses == {"applied"}, statuses
    connection.close()


def _rows(socket: str, push: Push) -> dict[str, bytes]:
    """Return the rows that a push became, by table, as COPY writes them."""
    found = {}
    with psycopg.connect(f"host={socket} user=dingpan dbname={TOWN}") as connection:
        for table, condition in WRITTEN.items():
            query: Any = f"COPY (SELECT * FROM {table} WHERE {condition}) TO STDOUT"  # noqa: S608
            with psycopg.ClientCursor(connection).copy(query, {"ops": push.ops}) as copy:
                found[table] = b"".join(bytes(part) for part in copy)
    return found


def _copy_all(socket: str, rows: Sequence[dict[str, bytes]]) -> float:
    """Write the rows again, a transaction for each push, over as many connections as there are workers."""
    began = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(lambda number: _copy(socket, rows[number::WRITERS]), range(WRITERS)))
    return time.perf_counter() - began


def _copy(socket: str, pushes: Sequence[dict[str, bytes]]) -> None:
    with psycopg.connect(f"host={socket} user=dingpan dbname={COPIED}") as connection:
        for tables in pushes:
            for table, rows in tables.items():
                statement: Any = f"COPY {table} FROM STDIN"
                with connection.cursor() as cursor, cursor.copy(statement) as copy:
                    copy.write(rows)
            connection.commit()
