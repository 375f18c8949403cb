"""Drawings on pages: well-formed, spoken or hidden on purpose, and true to the numbers they show."""

from fractions import Fraction
from xml.etree import ElementTree

import pytest

from server.look import due_arc_svg, fade_line_svg, icon_svg, margin_bar_svg, mark_svg, shape_svg, tone_of
from shared.look import load_shapes

NAMES = [*load_shapes().codes, *load_shapes().glyphs, "mark"]
MIDDLE = 160


def tree(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - our own drawing


def part(svg: str, css_class: str) -> ElementTree.Element | None:
    return next((node for node in tree(svg).iter() if css_class in node.get("class", "").split()), None)


def begins_at(path: ElementTree.Element) -> float:
    return float(path.get("d")[1:].split()[0])


@pytest.mark.parametrize("name", NAMES)
def test_every_state_code_and_glyph_is_drawn_in_the_colour_of_its_text(name):
    drawing = tree(shape_svg(name, 24))
    assert drawing.get("fill") == "currentColor"
    assert drawing.find("path").get("fill-rule") == "evenodd"


def test_a_drawing_without_a_label_is_hidden_from_screen_readers():
    assert tree(shape_svg("within")).get("aria-hidden") == "true"
    assert tree(shape_svg("within")).get("role") is None


def test_a_label_is_spoken_and_cannot_break_out_of_its_attribute():
    drawing = tree(shape_svg("within", 24, '未见异常 "<script>'))
    assert drawing.get("aria-label") == '未见异常 "<script>'
    assert drawing.get("aria-hidden") is None


def test_drawings_carry_no_style_attribute_so_a_strict_content_policy_holds():
    for svg in (shape_svg("void"), mark_svg(96), margin_bar_svg(5, 10, 1), due_arc_svg(0.5), fade_line_svg(0.5)):
        assert all("style" not in node.attrib for node in tree(svg).iter())


def test_drawings_grow_with_large_print():
    assert tree(mark_svg(96)).get("width") == "6rem"


def test_the_icon_stands_alone_with_its_own_colours():
    assert tree(icon_svg()).tag == "{http://www.w3.org/2000/svg}svg"


def test_glyphs_and_the_mark_take_the_ink():
    assert (tone_of("mark"), tone_of("offline"), tone_of("forged")) == ("ink", "ink", "beyond")


@pytest.mark.parametrize(("value", "side"), [(5_000, 1), (-5_000, -1), (10_000, 1), (-19_999, -1)])
def test_the_needle_stands_on_the_side_of_its_sign(value, side):
    needle = part(margin_bar_svg(value, 10_000), "bar-needle")
    assert (begins_at(needle) - MIDDLE) * side > 0


def test_a_needle_at_the_limit_stands_on_the_limit_mark():
    svg = margin_bar_svg(-10_000, 10_000)
    assert begins_at(part(svg, "bar-needle")) == begins_at(part(svg, "bar-limit"))


@pytest.mark.parametrize(("value", "side"), [(25_000, 1), (-25_000, -1)])
def test_beyond_the_scale_the_needle_is_an_arrow_at_that_end(value, side):
    svg = margin_bar_svg(value, 10_000)
    assert part(svg, "off-scale") is not None
    assert (begins_at(part(svg, "bar-needle")) - MIDDLE) * side == pytest.approx(146)
    assert part(margin_bar_svg(20_000, 10_000), "off-scale") is None


def test_the_texts_of_the_limits_stand_under_their_marks_and_are_escaped():
    svg = margin_bar_svg(0, 10, low_text="−10 g", high_text="<10>")
    texts = {node.text: float(node.get("x")) for node in tree(svg).iter("text")}
    assert texts["−10 g"] < texts["0"] < texts["<10>"]


def test_the_bar_is_coloured_by_the_verdict_and_spoken_in_words():
    bar = tree(margin_bar_svg(25, 10, tone="forged", label="多显示 25 克"))
    assert (bar.get("data-tone"), bar.get("aria-label")) == ("beyond", "多显示 25 克")


@pytest.mark.parametrize(
    ("left", "dash"), [(1, "100 100"), (Fraction(1, 2), "50 100"), (0.0001, "1 100"), (3, "100 100")]
)
def test_the_due_arc_shows_the_share_that_is_left(left, dash):
    assert part(due_arc_svg(left), "arc-left").get("stroke-dasharray") == dash


@pytest.mark.parametrize("left", [0, -0.5])
def test_nothing_left_is_an_empty_ring_of_its_own_kind(left):
    svg = due_arc_svg(left, tone="beyond")
    assert part(svg, "arc-left") is None
    assert part(svg, "spent") is not None


def test_the_fade_line_shortens():
    assert part(fade_line_svg(Fraction(1, 4)), "fade-left").get("width") == "25"
