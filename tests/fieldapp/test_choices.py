"""Chips lie well: as few lines as can be, and none of them much shorter than need be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldapp.physical_seals.spots import Spot
from fieldapp.screens import new_screen
from fieldapp.theme.fonts import find_fonts, register_fonts
from fieldapp.widgets.choices import Choices, even_width, lines
from tests.fieldapp.desk import Desk
from tests.fieldapp.seal_scenes import seals
from tests.fieldapp.settling import settle

WIDTHS = st.lists(st.integers(48, 260), min_size=1, max_size=24)


def rows_of(choices: Any) -> list[list[Any]]:
    """Return the chips line by line, from the top."""
    heights = sorted({chip.top for chip in choices.children}, reverse=True)
    return [[chip for chip in reversed(choices.children) if chip.top == top] for top in heights]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("wide", [360, 390, 412])
def test_what_can_happen_to_a_seal_lies_two_by_two_or_in_one_line(folder: Path, wide: int, language: str):
    register_fonts(find_fonts())
    desk = Desk(folder, language=language)
    seals(desk)
    screen = new_screen(desk.parts.path.stops[-1].route, desk.vm)
    screen.size = (wide, 844)
    settle(screen)
    found = [one for one in screen.walk(restrict=True) if isinstance(one, Choices) and isinstance(one.parent, Spot)]
    assert found
    for choices in found:
        rows = rows_of(choices)
        assert [len(row) for row in rows] in ([2, 2], [4])
        assert all(chip.right <= choices.right + 1 for row in rows for chip in row)
        assert all(choices.y <= chip.y and chip.top <= choices.top for row in rows for chip in row)


@given(widths=WIDTHS, room=st.integers(260, 500))
def test_evenness_costs_no_line_and_one_pixel_less_would(widths: list[int], room: int):
    wide = even_width(widths, gap=8, room=room)
    assert max(widths) <= wide <= room
    assert lines(widths, gap=8, room=wide) == lines(widths, gap=8, room=room)
    if wide > max(widths):
        assert lines(widths, gap=8, room=wide - 1) > lines(widths, gap=8, room=room)


def test_a_chip_wider_than_the_room_takes_all_of_it():
    assert even_width([400, 50], gap=8, room=300) == 300
    assert even_width([], gap=8, room=300) == 0
