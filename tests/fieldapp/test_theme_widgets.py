"""The widgets of the theme, built and touched without a display."""

import os
import tempfile
from pathlib import Path

import pytest

os.environ.setdefault("KIVY_NO_ARGS", "1")
os.environ.setdefault("KIVY_NO_FILELOG", "1")
os.environ.setdefault("KIVY_NO_CONSOLELOG", "1")
os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="kivy-home-"))

from kivy.lang import Builder
from kivy.uix.widget import Widget

import fieldapp.theme
from fieldapp.theme.app_bar import AppBar
from fieldapp.theme.big_button import BigButton
from fieldapp.theme.chip import Chip
from fieldapp.theme.column import Column
from fieldapp.theme.due_arc import DueArc
from fieldapp.theme.face import face
from fieldapp.theme.fonts import REGULAR, STRONG, FontsMissing, find_fonts, register_fonts
from fieldapp.theme.margin_bar import MarginBar
from fieldapp.theme.number_pad import NumberPad, PadKey
from fieldapp.theme.plain_row import PlainRow
from fieldapp.theme.signature_pad import SignaturePad
from fieldapp.theme.state_box import StateBox
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.strokes import MOST_BYTES, as_json
from fieldapp.theme.tessellation import fans
from fieldapp.theme.typed_number import KEYS
from fieldapp.theme.verdict_strip import VerdictStrip
from fieldapp.theme.words import Words
from fieldapp.widgets.notices import Notice, Notices
from shared.look import load_shapes, load_tokens
from tests.fieldapp.settling import settle

FOLDER = Path(fieldapp.theme.__file__).parent
WIDGETS = [
    *(AppBar, BigButton, Chip, DueArc, MarginBar, NumberPad, PlainRow),
    *(SignaturePad, StateBox, StateShape, VerdictStrip, Words),
]


@pytest.fixture(scope="module", autouse=True)
def _chinese():
    register_fonts(find_fonts())


@pytest.fixture(autouse=True)
def _plain_face():
    yield
    face.is_dark = False
    face.text_scale = 1.0


def inside(widget, kind):
    return [child for child in widget.walk() if isinstance(child, kind)]


def heard(widget, *events: str) -> list[tuple]:
    calls: list[tuple] = []
    for event in events:
        widget.fbind(event, lambda _source, *values, name=event: calls.append((name, *values)))
    return calls


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.__name__)
def test_every_widget_builds_from_its_kv_file_and_lays_itself_out(widget):
    settle(widget())


def test_every_kv_file_belongs_to_a_module_and_was_loaded_once():
    for path in FOLDER.glob("*.kv"):
        assert path.with_suffix(".py").exists(), path.name
        assert Builder.files.count(str(path)) == 1, path.name


class Finger:
    """A touch as a widget sees it that grabs it."""

    def __init__(self, pos: tuple[int, int]) -> None:
        self.pos, self.ud, self.grab_current = pos, {}, None

    def grab(self, widget) -> None:
        self.grab_current = widget

    def ungrab(self, widget) -> None:
        self.grab_current = None


class TestMarginBar:
    @pytest.mark.parametrize(("value", "side"), [(5, 1), (-5, -1), (10, 1), (19, 1)])
    def test_the_needle_stands_on_the_side_of_its_sign(self, value, side):
        bar = MarginBar(value=value, limit=10, width=300)
        assert (bar.needle_x - bar.center_x) * side > 0
        assert not bar.is_off_scale

    def test_a_needle_at_the_limit_stands_on_the_brass_mark(self):
        bar = MarginBar(value=-10, limit=10, width=300)
        assert bar.needle_x == bar.low_x

    @pytest.mark.parametrize(("value", "side"), [(25, 1), (-25, -1)])
    def test_beyond_the_scale_it_is_an_arrow_pointing_out_at_that_end(self, value, side):
        bar = MarginBar(value=value, limit=10, width=300, x=50)
        tip, base = bar.needle[0], bar.needle[2]
        assert bar.is_off_scale
        assert (tip - base) * side > 0
        assert (tip - (bar.rule[-2] if side > 0 else bar.rule[0])) * side > 0
        assert bar.x <= tip <= bar.right

    def test_the_soft_band_reaches_as_far_to_both_sides_as_the_uncertainty(self):
        bar = MarginBar(value=4, limit=10, uncertainty=2, width=300)
        left, _, width, _ = bar.band
        assert left + width / 2 == pytest.approx(bar.needle_x)
        assert width == pytest.approx((bar.high_x - bar.low_x) / 5)

    def test_without_a_limit_there_is_no_needle(self):
        assert MarginBar(value=5, width=300).needle == [0] * 6

    def test_milligrams_of_a_truck_scale_do_not_overflow(self):
        assert MarginBar(value=60_000_000_001, limit=60_000_000_000, width=300).needle_x > 0


class TestColumn:
    def test_what_has_no_height_takes_no_gap_either(self):
        column = Column(spacing=8, padding=4)
        for height in (0, 10, 0, 0, 20, 0):
            column.add_widget(Widget(size_hint_y=None, height=height))
        settle(column)
        assert column.minimum_height == 10 + 8 + 20 + 2 * 4

    def test_notices_that_say_nothing_leave_no_hole(self):
        notices = Notices(most=300)
        notices.add_widget(Notice())
        settle(notices)
        assert notices.height == 0


class TestVerdictStrip:
    @pytest.mark.parametrize("code", list(load_shapes().codes))
    def test_it_takes_shape_and_tone_of_every_code(self, code):
        strip = VerdictStrip(code=code, word="一句", width=390)
        assert strip.tone == load_shapes().of_state(code).tone
        assert inside(strip, StateShape)[0].name == code

    def test_a_code_nobody_defined_fails_loudly(self):
        with pytest.raises(KeyError):
            VerdictStrip(code="splendid")

    def test_the_bar_shows_only_with_a_limit(self):
        strip = VerdictStrip(code="within", width=390)
        bar = inside(strip, MarginBar)[0]
        assert bar.height == 0
        strip.limit = 10
        assert bar.height == bar.natural_height > 0

    @pytest.mark.parametrize(
        ("word", "lines"),
        [
            ("标识为真，请核对实物", ["标识为真，请核对实物"]),
            ("现场测试超差（疑似），需检定确认", ["现场测试超差", "（疑似），需检定确认"]),
            ("标识已过使用期限，请换新的标识", ["标识已过使用期限，", "请换新的标识"]),
        ],
    )
    def test_a_word_on_two_lines_ends_the_first_where_a_phrase_ends(self, word, lines):
        strip = VerdictStrip(code="within", word=word, width=358)
        settle(strip)
        assert strip.word_lines.split("\n") == lines
        assert strip.word_size == face.headline

    @pytest.mark.parametrize(
        ("word", "size"),
        [("未见异常", "reading"), ("现场测试超差（疑似）", "headline"), ("一" * 30, "title")],
    )
    def test_a_word_is_as_large_as_its_length_allows(self, word, size):
        strip = VerdictStrip(code="within", word=word, width=390)
        settle(strip)
        assert strip.word_size == getattr(face, size)


class TestNumberPad:
    def test_keys_make_the_text_and_tell_each_step(self):
        pad = NumberPad()
        calls = heard(pad, "on_value")
        for key in "1.05":
            pad.press(key)
        assert pad.text == "1.05"
        assert calls == [("on_value", "1"), ("on_value", "1."), ("on_value", "1.0"), ("on_value", "1.05")]

    def test_each_of_the_twelve_keys_is_there_and_types_itself(self):
        pad = NumberPad()
        for key in inside(pad, PadKey):
            key.dispatch("on_press")
        assert [key.key for key in inside(pad, PadKey)] == list(KEYS)
        assert pad.text == "123456789"  # the point made it ten long, the zero found no room, the last key erased

    def test_done_hands_over_the_text_and_waits_for_a_digit(self):
        pad = NumberPad(done_text="记下")
        calls = heard(pad, "on_done")
        button = inside(pad, BigButton)[0]
        assert button.disabled
        pad.press("7")
        assert not button.disabled
        button.dispatch("on_release")
        assert calls == [("on_done", "7")]

    def test_the_first_unit_is_chosen_until_another_chip_is_pressed(self):
        pad = NumberPad(units=["kg", "g", "斤"])
        assert pad.unit == "kg"
        chips = {chip.text: chip for chip in inside(pad.ids.units, Chip)}
        chips["斤"].dispatch("on_release")
        assert pad.unit == "斤"
        assert [text for text, chip in chips.items() if chip.chosen] == ["斤"]

    def test_a_unit_that_is_still_offered_stays_chosen(self):
        pad = NumberPad(units=["kg", "g"], unit="g")
        pad.units = ["t", "g"]
        assert pad.unit == "g"
        pad.units = ["mL", "L"]
        assert pad.unit == "mL"

    def test_a_negative_reading_shows_a_real_minus_and_keeps_a_plain_one(self):
        pad = NumberPad(with_minus=True)
        for key in "5-":
            pad.press(key)
        assert (pad.text, pad.figure_text) == ("-5", "\N{MINUS SIGN}5")

    def test_clearing_tells_the_listener(self):
        pad = NumberPad()
        pad.press("1")
        calls = heard(pad, "on_value")
        pad.clear()
        assert (pad.text, calls) == ("", [("on_value", "")])


class TestSignaturePad:
    @pytest.fixture
    def pad(self):
        return SignaturePad(size_hint=(None, None), width=400, pos=(10, 20))

    def draw(self, pad: SignaturePad, *points: tuple[int, int]) -> None:
        finger = Finger(points[0])
        assert pad.on_touch_down(finger)
        for finger.pos in points[1:]:
            pad.on_touch_move(finger)
        pad.on_touch_up(finger)

    def test_a_stroke_is_whole_numbers_from_the_top_left_corner(self, pad):
        self.draw(pad, (10, 200), (210, 110), (410, 200))
        assert pad.strokes == [[0, 0, 500, 225, 1000, 0]]
        assert not pad.is_empty

    def test_a_touch_outside_the_pad_draws_nothing(self, pad):
        assert not pad.on_touch_down(Finger((5, 5)))
        assert pad.is_empty

    def test_a_dot_is_a_stroke_too(self, pad):
        self.draw(pad, (110, 110))
        assert pad.strokes == [[250, 225]]

    def test_clear_wipes_it(self, pad):
        self.draw(pad, (20, 30), (90, 90))
        pad.clear()
        assert pad.is_empty
        assert pad.strokes == []

    def test_a_full_pad_says_so_and_keeps_what_it_has(self, pad):
        calls = heard(pad, "on_full")
        pad.strokes = [[i % 1000, i % 450] for i in range(420)]
        before = list(pad.strokes)
        for i in range(60):
            self.draw(pad, (100 + i, 100 + i), (300 - i, 180 - i), (120 + i, 60 + i))
        assert ("on_full",) in calls
        assert pad.strokes[: len(before)] == before
        assert len(as_json([list(stroke) for stroke in pad.strokes])) <= MOST_BYTES


class TestStateBox:
    @pytest.mark.parametrize(
        ("kind", "tone"),
        [
            ("empty", "ink"),
            ("loading", "ink"),
            ("error", "beyond"),
            ("offline", "indeterminate"),
            ("stale", "indeterminate"),
        ],
    )
    def test_each_kind_has_its_drawing_and_tone(self, kind, tone):
        box = StateBox(kind=kind)
        shape = inside(box, StateShape)[0]
        assert (shape.name, list(shape.tint)) == (kind, face.tones[tone])

    def test_the_action_is_there_only_with_a_text_and_tells_its_press(self):
        box = StateBox(sentence="没有网络。")
        calls = heard(box, "on_action")
        button = inside(box, BigButton)[0]
        assert (button.height, button.disabled) == (0, True)
        box.action_text = "再试"
        assert button.height >= face.key
        button.dispatch("on_release")
        assert calls == [("on_action",)]


class TestOthers:
    def test_a_row_tells_which_one_was_chosen(self):
        chosen: list[str] = []
        PlainRow(key="stall-12", title="12 号摊", choose=chosen.append).dispatch("on_release")
        assert chosen == ["stall-12"]

    def test_the_head_of_a_screen_tells_back_and_action(self):
        bar = AppBar(title="检查", has_back=True, action_text="同步")
        calls = heard(bar, "on_back", "on_action")
        for child in bar.walk():
            if child is not bar and child.is_event_type("on_release"):
                child.dispatch("on_release")
        assert sorted(calls) == [("on_action",), ("on_back",)]

    @pytest.mark.parametrize(("given", "drawn"), [(0.5, 0.5), (-1, 0.0), (7, 1.0)])
    def test_the_due_arc_keeps_within_its_circle(self, given, drawn):
        assert DueArc(fraction=given).fraction == drawn

    @pytest.mark.parametrize("name", [*load_shapes().codes, *load_shapes().glyphs, "mark"])
    def test_every_drawing_can_be_cut_into_pieces_that_cover_it(self, name):
        covered = sum(abs(_fan_area(fan.vertices)) for fan in fans(name))
        assert 0.02 < covered < 0.95

    def test_a_long_sentence_wraps_and_its_text_stays_as_it_was_given(self):
        sentence = "没有网络，可以照常检查；有网络时自动上传。"
        words = Words(text=sentence, size_hint=(None, None), width=160)
        settle(words)
        assert words.text == sentence
        assert words.height > 2 * face.body


def _fan_area(vertices) -> float:
    points = [(vertices[i], vertices[i + 1]) for i in range(0, len(vertices), 4)]
    ring = zip(points, points[1:] + points[:1], strict=True)
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in ring) / 2


class TestFace:
    def test_dark_changes_colours_and_everything_that_is_bound_follows(self):
        words, shape = Words(text="未见异常"), StateShape(name="beyond")
        light = list(words.color)
        face.is_dark = True
        assert list(words.color) == list(face.ink) != light
        assert face.tones["beyond"][0] == pytest.approx(1.0)
        assert shape.tint is None

    @pytest.mark.parametrize("scale", [percent / 100 for percent in load_tokens().text_scales_percent])
    def test_touch_targets_are_large_enough_at_every_text_scale(self, scale):
        face.text_scale = scale
        button, chip, bar = BigButton(text="开始检查", width=300), Chip(text="kg"), AppBar(has_back=True)
        keys = inside(NumberPad(), PadKey)
        settle(button, chip, bar)
        assert min(button.height, *(key.height for key in keys)) >= face.key
        assert min(chip.width, chip.height, face.row) >= face.touch
        assert bar.height >= face.touch

    def test_text_grows_with_the_scale_and_what_holds_it_grows_too(self):
        strip = VerdictStrip(code="within", word="未见异常", sentence="最多允许差 10 克。", width=390)
        settle(strip)
        before = strip.height
        face.text_scale = 1.6
        settle(strip)
        assert face.body == pytest.approx(16 * 1.6)
        assert strip.height > before


class TestFonts:
    def test_a_named_folder_comes_first(self, tmp_path):
        for name in (REGULAR, STRONG):
            (tmp_path / name).write_bytes(b"font")
        assert find_fonts(tmp_path).regular == tmp_path / REGULAR

    def test_the_repository_has_both_weights(self):
        files = find_fonts()
        assert files.regular.is_file()
        assert files.strong.is_file()

    def test_missing_fonts_are_told_with_the_way_to_get_them(self, tmp_path, monkeypatch):
        monkeypatch.setattr("fieldapp.theme.fonts._places", lambda _directory: [tmp_path])
        with pytest.raises(FontsMissing, match="npm ci") as missing:
            find_fonts()
        assert str(tmp_path) in str(missing.value)
