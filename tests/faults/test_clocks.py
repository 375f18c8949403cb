"""Whatever a phone's clock says: each record comes once, in its order and under its day, and what is due is right."""

from __future__ import annotations

import pytest

from tests.faults.planted_clocks import PLANTS, reset_is_not_noticed
from tests.faults.wrong_clocks import Week
from tests.server.conftest import TestClock
from tests.server.world import World
from tests.telling import tell

PARTS = 4
MOST_NEEDED = 40
WEEKS, FULL = 40, 1_000

pytestmark = pytest.mark.usefixtures("nobody_counts")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_week_with_a_wrong_clock_ends_with_each_record_in_its_place(
    sqlite_world: World, clock: TestClock, seed: int, is_full: bool, part: int
) -> None:
    for number in range((FULL if is_full else WEEKS) // PARTS):
        name = f"{seed}/{part}/{number}"
        found = Week(sqlite_world, clock, name).run()
        assert not found, f"week {name} (--seed {seed}): {found}"


@pytest.mark.parametrize("tells_starts", [True, False], ids=["the system names starts", "it does not"])
@pytest.mark.parametrize("is_planted", [False, True], ids=["", "planted"])
def test_a_clock_that_an_empty_battery_sets_to_the_same_moment_each_time_is_not_believed(
    sqlite_world: World, clock: TestClock, monkeypatch: pytest.MonkeyPatch, tells_starts: bool, is_planted: bool
) -> None:
    """Such a clock and the counter agree in every start, as if nothing had touched the clock since the last contact."""
    if is_planted:
        reset_is_not_noticed(monkeypatch)
    found = Week(sqlite_world, clock, "two").run_with_two_empty_batteries(tells_starts=tells_starts)
    assert bool(found) == is_planted, found


@pytest.mark.parametrize("plant", PLANTS)
def test_every_planted_bug_of_the_clock_is_seen(
    sqlite_world: World, clock: TestClock, seed: int, monkeypatch: pytest.MonkeyPatch, plant: str
) -> None:
    with monkeypatch.context() as patch:
        PLANTS[plant](patch)
        for number in range(MOST_NEEDED):
            if found := Week(sqlite_world, clock, f"{seed}/{plant}/{number}").run():
                tell(f"{plant}: week {number + 1}: {found[0]}")
                return
    pytest.fail(f"{plant} was not seen in {MOST_NEEDED} weeks (--seed {seed})")
