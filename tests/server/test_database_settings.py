"""What a bureau's PostgreSQL is given is what we measure with, and a receipt is never told before it is kept."""

from __future__ import annotations

import psycopg

from tests.server.databases import as_served, postgres

KEPT = ("fsync", "synchronous_commit", "full_page_writes")


def test_postgresql_starts_with_the_settings_that_we_deploy() -> None:
    wanted = as_served()
    with postgres(**wanted) as socket, psycopg.connect(f"host={socket} user=dingpan dbname=postgres") as connection:
        in_force = {name: connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in wanted}
    assert in_force == {name: (value,) for name, value in wanted.items()}
    assert {name: wanted[name] for name in KEPT} == dict.fromkeys(KEPT, "on")
