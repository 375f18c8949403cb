"""Whatever order of recording, sending, losing, doubling, ending and waiting: each record is on the server once."""

from __future__ import annotations

import pytest

from tests.faults.histories import History
from tests.faults.planted import PLANTS
from tests.server.conftest import TestClock
from tests.server.world import World
from tests.telling import tell

PARTS = 20
MOST_NEEDED = 240  # most are seen in the first three; the rarest was not in sixty, once
HISTORIES, FULL = 1_000, 20_000

pytestmark = pytest.mark.usefixtures("nobody_counts")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_history_ends_with_each_record_kept_once(
    sqlite_world: World, clock: TestClock, seed: int, is_full: bool, part: int
) -> None:
    for number in range((FULL if is_full else HISTORIES) // PARTS):
        name = f"{seed}/{part}/{number}"
        found = History(sqlite_world, clock, name).run()
        assert not found, f"history {name} (--seed {seed}): {found}"


@pytest.mark.parametrize("plant", PLANTS)
def test_every_planted_bug_is_seen(
    sqlite_world: World, clock: TestClock, seed: int, monkeypatch: pytest.MonkeyPatch, plant: str
) -> None:
    with monkeypatch.context() as patch:
        PLANTS[plant](patch)
        for number in range(MOST_NEEDED):
            if found := History(sqlite_world, clock, f"{seed}/{plant}/{number}").run():
                tell(f"{plant}: history {number + 1}: {found[0]}")
                return
    pytest.fail(f"{plant} was not seen in {MOST_NEEDED} histories (--seed {seed})")


def test_there_are_twelve_bugs_to_see() -> None:
    assert len(PLANTS) >= 12
