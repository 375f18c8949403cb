"""What a pushed visit costs while the office's records grow: with ten thousand stored checks, with a million.

The first checks are pushed as phones push them. The rest are copies of those under other ids, spread over the years
before, in every table that a push writes, the log's tree hashed anew: so the indexes, the history of each instrument
and the events of each party grow as they would.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.label_page import WORKERS, serving
from benchmarks.push import BEFORE, OPS, PHONES, TOWN, Push, analyze, send_all, town
from benchmarks.table import Line
from shared import tree
from tests.server.databases import as_served, postgres

RUNS, PUSHES = 3, 48
STALLS = 10_000
SIZES = (10_000, 100_000, 1_000_000)
DAYS_APART = 36
# The ids of each table that a copy has of its own; what else it names is there already.
OWN = {
    "op": ("op_id", "record_id"),
    "visit": ("id", "op_id"),
    "participant": ("visit_id",),
    "visit_standard": ("visit_id",),
    "inspection": ("id", "visit_id"),
    '"check"': ("id", "inspection_id"),
    "reading": ("check_id",),
    "credit_event": ("id", "source_id"),
    "leaf": ("ref_id",),
}
HASHES = {"op": ("op_sha256",), "leaf": ("leaf_sha256",)}
NUMBERS = {"op": "device_seq", "leaf": "index"}
DAYS = ("civil_day", "happened_on", "measured_at", "started_at", "made_at", "received_at", "at")
Sent = list[tuple[str, list[Push]]]


def lines() -> Iterator[Line]:
    """Measure each line."""
    with tempfile.TemporaryDirectory() as folder, postgres(**as_served()) as socket:
        yield from grown(socket, Path(folder))


def grown(
    socket: str, folder: Path, *, sizes: tuple[int, ...] = SIZES, stalls: int = STALLS, pushes: int = PUSHES
) -> Iterator[Line]:
    """Yield the milliseconds of a visit at each size, and how many of the smallest one's the largest costs."""
    first = sizes[0] // OPS
    settings, sent, _ = town(socket, folder, first + len(sizes) * RUNS * pushes, stalls)
    costs: list[float] = []
    spans = 1
    for number, size in enumerate(sizes):
        if number == 0:
            with serving("server.wsgi:create", settings, "/readyz", WORKERS) as port:
                send_all(port, _share(sent, 0, first))
        with psycopg.connect(f"host={socket} user=dingpan dbname={TOWN}", autocommit=True) as connection:
            spans *= _grow(connection, size, spans)
            found = connection.execute('SELECT count(*) FROM "check"').fetchone()
        assert found
        assert found[0] >= size
        analyze(socket)
        with serving("server.wsgi:create", settings, "/readyz", WORKERS) as port:
            begins = first + number * RUNS * pushes
            send_all(port, _share(sent, begins, BEFORE))
            runs = [_cost(port, _share(sent, begins + run * pushes + BEFORE, pushes - BEFORE)) for run in range(RUNS)]
        line = Line.of(f"a visit where {found[0]:,} checks are stored", runs, "ms", float("inf"))
        costs.append(line.median)
        yield line
    shares = [costs[-1] / costs[0]]
    yield Line.of(f"a visit among {sizes[-1]:,} checks, in visits among {sizes[0]:,}", shares, "x", 1.2)


def _share(sent: Sent, begins: int, count: int) -> Sent:
    """Return some of the pushes, as many of each phone."""
    each = slice(begins // PHONES, (begins + count) // PHONES)
    return [(token, mine[each]) for token, mine in sent]


def _cost(port: int, some: Sent) -> float:
    """Return the milliseconds that a visit takes where all phones send at once."""
    count = sum(len(push.ops) for _, mine in some for push in mine)
    return 1000 * send_all(port, some) / count


def _grow(connection: psycopg.Connection[Any], size: int, spans: int) -> int:
    """Copy what is stored until there are so many checks; return how many times as much there is.

    ``spans`` is how many times the first is there already: the next copies lie before all of those, not among them.
    """
    found = connection.execute('SELECT count(*) FROM "check"').fetchone()
    count = found[0] if found else 0
    times = -(-size // count) - 1
    if times < 1:
        return 1
    top = connection.execute("SELECT size FROM log_state").fetchone()
    leaves = top[0] if top else 0
    connection.execute("SET session_replication_role = replica")  # what a copy names was copied before it
    for table in OWN:
        _copy(connection, table, times, leaves, spans * DAYS_APART)
    connection.execute("UPDATE log_state SET size = size * %s", (times + 1,))
    _hash_again(connection)
    return times + 1


def _copy(connection: psycopg.Connection[Any], table: str, times: int, leaves: int, days: int) -> None:
    columns = connection.execute(f"SELECT * FROM {table} LIMIT 0").description or []  # type: ignore[arg-type]  # noqa: S608
    names = [column.name for column in columns]
    values = ", ".join(_value(table, name, leaves, days) for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    statement: Any = f"INSERT INTO {table} ({quoted}) SELECT {values} FROM {table}, generate_series(1, {times}) AS copy"  # noqa: S608
    connection.execute(statement)


def _value(table: str, name: str, leaves: int, days: int) -> str:
    """Return what stands in a column of a copy; ``copy`` is its number, and ``days`` how far copies lie apart."""
    if name in OWN[table]:
        return f"md5(\"{name}\"::text || '-' || copy || '-{leaves}')::uuid"
    if name in HASHES.get(table, ()):
        return f"encode(sha256((\"{name}\" || copy || '-{leaves}')::bytea), 'hex')"
    if name == NUMBERS.get(table):
        return f'"{name}" + copy::bigint * {leaves if table == "leaf" else 1 << 32}'
    if name in DAYS:
        return f"\"{name}\" - copy * {days} * interval '1 day'"
    return f'"{name}"'


def _hash_again(connection: psycopg.Connection[Any]) -> None:
    """Hash the log's tree over all leaves."""
    connection.execute("TRUNCATE tree_node")
    found = connection.execute('SELECT leaf_sha256 FROM leaf ORDER BY "index"').fetchall()
    hashes, level = [bytes.fromhex(one) for (one,) in found], 0
    with connection.cursor().copy("COPY tree_node (level, index, hash) FROM STDIN") as copy:
        while len(hashes) > 1:
            level += 1
            hashes = [tree.node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes) - 1, 2)]
            for index, one in enumerate(hashes):
                copy.write_row((level, index, one))
