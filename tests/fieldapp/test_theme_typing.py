"""What needs no widget: typed numbers, line breaks of Chinese, strokes of a signature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldapp.theme.line_breaks import CLOSING, OPENING, break_lines, pieces
from fieldapp.theme.strokes import MOST_BYTES, WIDTH, as_json, fitted, on_pad, thinned
from fieldapp.theme.typed_number import ERASE, KEYS, LONGEST, MINUS, POINT, press
from shared.quantities import plain_decimal


def typed(keys: list[str]) -> str:
    text = ""
    for key in keys:
        text = press(text, key)
    return text


@given(st.lists(st.sampled_from([*KEYS, MINUS]), max_size=40))
def test_whatever_is_typed_is_the_beginning_of_a_number(keys):
    text = typed(keys)
    assert text.count(POINT) <= 1
    assert len(text.lstrip(MINUS)) <= LONGEST
    if text.strip(MINUS + POINT):
        plain_decimal(text + "0" if text.endswith(POINT) else text)


@given(st.lists(st.sampled_from(KEYS[:9]), min_size=1, max_size=LONGEST - 1), st.sampled_from("0123456789"))
def test_erase_takes_back_the_last_digit(keys, digit):
    before = typed(keys)
    assert press(press(before, digit), ERASE) == before


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("007", "7"),
        (".5", "0.5"),
        ("1.2.3", "1.23"),
        ("0.050", "0.050"),
        ("12345678901", "1234567890"),
        ("5-", "-5"),
        ("5--", "5"),
        ("-5", "-5"),
    ],
)
def test_a_key_that_makes_no_number_changes_nothing(keys, text):
    assert typed(list(keys)) == text


def test_trailing_zeros_stay_because_they_are_part_of_the_reading():
    assert typed(list("10.000")) == "10.000"


def test_erasing_the_last_digit_of_a_negative_number_leaves_the_sign_and_then_nothing():
    assert press("-5", ERASE) == "-"
    assert press("-", ERASE) == ""


def test_a_key_the_pad_does_not_have_is_refused():
    with pytest.raises(ValueError, match="no key"):
        press("1", "e")


def ems(text: str) -> float:
    return sum(0.5 if ord(character) < 0x2E80 else 1.0 for character in text)


SENTENCE = "这里只接收意见反馈，不作为投诉、举报受理；投诉、举报请拨打 12315 或登录全国12315平台（周口）。"


@pytest.mark.parametrize("width", range(6, 30))
def test_no_line_begins_with_closing_or_ends_with_opening_punctuation(width):
    lines = break_lines(SENTENCE, width, ems).split("\n")
    assert not [line for line in lines if line[0] in CLOSING or line[-1] in OPENING]
    assert all(ems(line) <= width for line in lines)


@given(st.text(alphabet="放显示公斤克，。（）10.025 kg\n", max_size=60), st.integers(4, 40))
def test_breaking_lines_loses_nothing_but_spaces_at_line_ends(text, width):
    broken = break_lines(text, width, ems)
    assert "".join(broken.split()) == "".join(text.split())
    assert broken.count("\n") >= text.count("\n")


@pytest.mark.parametrize("whole", ["10.025 kg", "10.025 公斤", "25 克", "2027-03-01", "−10 g", "±0.3%", "ACS-30"])
def test_a_number_stays_together_with_its_sign_and_unit(whole):
    assert whole in [piece.strip("，。 ") for piece in pieces(f"显示 {whole}，多。")]


def test_a_last_line_is_no_mere_remnant_when_the_lines_before_can_be_shorter():
    assert [len(line) for line in break_lines("一" * 21, 20, ems).split("\n")] == [18, 3]


def test_a_text_that_fits_stays_as_it_is():
    assert break_lines("未见异常", 10, ems) == "未见异常"


strokes = st.lists(
    st.lists(st.tuples(st.integers(0, WIDTH), st.integers(0, 450)), min_size=1, max_size=60), max_size=6
).map(lambda drawn: [[number for point in stroke for number in point] for stroke in drawn])


@given(strokes)
def test_a_signature_that_fits_keeps_every_stroke_with_its_ends(drawn):
    kept = fitted(drawn)
    assert kept is not None
    assert len(as_json(kept).encode()) <= MOST_BYTES
    assert [stroke[:2] + stroke[-2:] for stroke in kept] == [stroke[:2] + stroke[-2:] for stroke in drawn]


def test_a_long_scribble_is_thinned_until_it_fits():
    scribble = [[number for i in range(4000) for number in (i % 1000, (i * i) % 450)]]
    kept = fitted(scribble)
    assert kept is None or len(as_json(kept)) <= MOST_BYTES
    wave = [[number for i in range(3000) for number in (i // 3, 200 + (i // 40) % 3)]]
    assert len(as_json(wave)) > MOST_BYTES >= len(as_json(fitted(wave)))


def test_when_nothing_makes_it_fit_the_answer_is_none():
    assert fitted([[i % 1000, i % 450] for i in range(600)]) is None


def test_points_on_a_straight_line_are_dropped_and_corners_stay():
    assert thinned([0, 0, 10, 0, 20, 0, 30, 0, 30, 30], 1) == [0, 0, 30, 0, 30, 30]


def test_a_finger_beyond_the_pad_draws_along_its_edge():
    assert on_pad([(-5, 10), (500, 999)], width=400, height=200) == [0, 25, 1000, 500]
