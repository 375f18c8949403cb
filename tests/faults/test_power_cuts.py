"""The battery may be taken out at any moment: nothing that was told as saved is lost, and nothing is half there."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.plants import (
    Plant,
    commit_split_in_two,
    draft_given_up_first,
    folder_not_synced,
    journal_in_memory,
    never_synced,
    photo_name_not_synced,
    photo_row_before_file,
    wal_and_normal,
)
from tests.faults.power import CORRUPT, LOST, NO_PHOTO, TORN, RecordedDay

SEED = random.SystemRandom().randrange(1 << 32)
PARTS = 4
CUTS, CUTS_IN_FULL = 300, 25_000
CUTS_A_DAY, ACTS = 100, 30
MOST_DAYS = 40


def cut(folder: Path, seed: int, count: int) -> Counter[str]:
    """Make so many cuts, some of each day; return what went wrong."""
    rng, found = random.Random(seed), Counter[str]()
    for number, _ in enumerate(range(0, count, CUTS_A_DAY)):
        found += RecordedDay(folder / str(number), rng, ACTS).cuts(CUTS_A_DAY)
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_a_cut_of_the_power_loses_nothing_and_leaves_nothing_half_done(tmp_path: Path, part: int, is_full: bool):
    found = cut(tmp_path, SEED + part, CUTS_IN_FULL if is_full else CUTS)
    assert found == {}, f"seed {SEED + part}"


@pytest.mark.parametrize(
    ("plant", "wrong"),
    [
        (never_synced, CORRUPT),
        (journal_in_memory, CORRUPT),
        (folder_not_synced, LOST),
        (wal_and_normal, LOST),
        (commit_split_in_two, TORN),
        (draft_given_up_first, LOST),
        (photo_row_before_file, NO_PHOTO),
        (photo_name_not_synced, NO_PHOTO),
    ],
)
def test_a_planted_bug_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Plant, wrong: str):
    plant(monkeypatch)
    rng = random.Random(SEED)
    for number in range(MOST_DAYS):
        if RecordedDay(tmp_path / str(number), rng, ACTS).cuts(CUTS_A_DAY)[wrong]:
            return
    pytest.fail(f"not found, seed {SEED}")
