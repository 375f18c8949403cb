"""Large print on a narrow phone: what fits no more takes another line or a smaller size, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kivy.core.text import Label as TextTexture

from fieldapp.theme.big_button import BigButton
from fieldapp.theme.face import face
from fieldapp.theme.fonts import find_fonts, register_fonts
from fieldapp.theme.plain_row import lines_of
from fieldapp.theme.words import fitting, measuring
from fieldapp.widgets.notices import Notice
from tests.fieldapp.settling import settle


@pytest.fixture(autouse=True)
def _plain_face() -> Iterator[None]:
    register_fonts(find_fonts())
    yield
    face.text_scale = 1.0


def test_facts_of_a_row_stay_whole_and_take_two_lines_in_large_print() -> None:
    told, font = "已收到  照片 0/3  第 1 条  11月21日 12:00", {"font_name": face.font}
    assert lines_of(told, face.small, 200) == [told]
    face.text_scale = 1.6
    first, second = lines_of(told, face.small, 210)
    assert (first, second) == ("已收到  照片 0/3", "第 1 条  11月21日 12:00")
    measured = measuring(TextTexture(font_size=fitting(second, 210, face.small, **font), **font))(second)
    assert measured <= 210 < measuring(TextTexture(font_size=face.small, **font))(second)
    assert face.row >= 1.5 * face.body + 3 * face.small


@pytest.mark.parametrize(
    ("text", "size", "lines"), [("同步", 20, 1), ("再同步一次", 19, 1), ("都同步了再同步一次", 20, 3)]
)
def test_a_button_is_written_smaller_before_it_wraps(text: str, size: int, lines: int) -> None:
    face.text_scale = 20 / 16
    button = BigButton(text=text, width=96 + face.space * 8)
    settle(button)
    assert (round(button.font_size), len(button._label.text.split("\n"))) == (size, lines)


def test_the_word_to_press_stands_under_the_words_of_a_notice() -> None:
    notice = Notice(text="2 张照片在等 Wi-Fi：现在的网络按流量计费。", action="现在就传", width=360)
    settle(notice)
    beside = notice.ids.words.width
    face.text_scale = 1.6
    settle(notice)
    assert notice.ids.word.top <= notice.ids.words.y
    assert notice.ids.words.width > beside
    assert notice.height >= notice.ids.words.height + notice.ids.word.height
