"""Eight phones over lines that break, and a real server on PostgreSQL: nothing is lost, doubled or stuck."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.fleet import Fleet
from tests.faults.planted import PLANTS
from tests.faults.proxy import exchange
from tests.server.conftest import TestClock
from tests.server.live import serving
from tests.server.world import World
from tests.telling import tell

PARTS = 5
RUNS, FULL = 20, 500
MOST_NEEDED = 4
# What eight phones at once see soonest; the other plants need the odd moments of a history.
SEEN_BY_A_FLEET = (
    "replay_works_again",
    "receipt_is_not_stored",
    "effect_is_lost",
    "two_hundred_means_taken",
    "photo_named_before_it_came",
)


def campaign(world: World, clock: TestClock, names: list[str]) -> Iterator[tuple[str, list[str], int]]:
    """Yield the name of each run, what was wrong after it, and how many connections broke."""
    for name in names:
        with serving(world.app) as server, exchange() as lines:
            fleet = Fleet(world, clock, lines, server.port, name)
            yield name, fleet.run(), fleet.broken


@pytest.mark.parametrize("part", range(PARTS))
def test_after_every_run_all_phones_and_the_server_hold_the_same(
    town: World, clock: TestClock, seed: int, is_full: bool, part: int
) -> None:
    names = [f"{seed}/{part}/{number}" for number in range((FULL if is_full else RUNS) // PARTS)]
    total = 0
    for name, found, broken in campaign(town, clock, names):
        assert not found, f"run {name} (--seed {seed}): {found}"
        assert broken > 0
        total += broken
    tell(f"{len(names)} runs, {total} connections broke")


@pytest.mark.parametrize("plant", SEEN_BY_A_FLEET)
def test_a_fleet_sees_a_planted_bug(
    town: World, clock: TestClock, seed: int, monkeypatch: pytest.MonkeyPatch, plant: str
) -> None:
    names = [f"{seed}/{plant}/{number}" for number in range(MOST_NEEDED)]
    with monkeypatch.context() as patch:
        PLANTS[plant](patch)
        assert any(found for _, found, _ in campaign(town, clock, names)), f"{plant} was not seen (--seed {seed})"
