"""The shapes themselves: well formed, and told apart without any colour."""

from itertools import combinations

import pytest
from PIL import Image, ImageChops, ImageDraw

from shared.look import Outline, Paint, Shape, Tone, load_shapes
from shared.look.shapes import BOX

SHAPES = load_shapes()
DRAWN = [*SHAPES.states.values(), *SHAPES.glyphs.values(), SHAPES.mark]
SIDE = 192


def bitmap(shape: Shape) -> Image.Image:
    """Fill by the even-odd rule: each outline turns over what lies inside it."""
    picture = Image.new("1", (SIDE, SIDE))
    for outline in shape.outlines:
        layer = Image.new("1", (SIDE, SIDE))
        ImageDraw.Draw(layer).polygon([(x * SIDE / BOX, y * SIDE / BOX) for x, y in outline.points], fill=1)
        picture = ImageChops.logical_xor(picture, layer)
    return picture


def dots(picture: Image.Image) -> int:
    return picture.histogram()[255]


def outer(shape: Shape) -> Shape:
    """Return the shape without its holes: what is left when small print blots."""
    return Shape(shape.name, tuple(line for line in shape.outlines if line.paint is Paint.FILL), shape.tone)


def difference(one: Image.Image, other: Image.Image) -> float:
    return dots(ImageChops.logical_xor(one, other)) / dots(ImageChops.logical_or(one, other))


def area(outline: Outline) -> float:
    points = outline.points
    ring = zip(points, points[1:] + points[:1], strict=True)
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in ring)) / 2


def test_the_six_states_are_there_with_their_tones():
    assert {name: shape.tone for name, shape in SHAPES.states.items()} == {
        "within": Tone.WITHIN,
        "beyond": Tone.BEYOND,
        "indeterminate": Tone.INDETERMINATE,
        "unknown": Tone.UNKNOWN,
        "void": Tone.UNKNOWN,
        "compare": Tone.INDETERMINATE,
    }


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        ("within", "within"),
        ("beyond", "beyond"),
        ("indeterminate", "indeterminate"),
        ("genuine", "within"),
        ("genuine_stale", "indeterminate"),
        ("expired", "void"),
        ("revoked", "void"),
        ("key_not_valid", "beyond"),
        ("key_compromised", "indeterminate"),
        ("forged", "beyond"),
        ("unknown_key", "unknown"),
        ("unknown_algorithm", "unknown"),
        ("wrong_host", "unknown"),
        ("not_a_seal", "unknown"),
    ],
)
def test_each_verdict_and_label_verdict_has_its_shape(code, shape):
    assert SHAPES.of_state(code).name == shape


def test_a_code_nobody_defined_is_an_error_and_not_a_default():
    with pytest.raises(KeyError):
        SHAPES.of_state("splendid")


@pytest.mark.parametrize("shape", DRAWN, ids=lambda shape: shape.name)
class TestEachShape:
    def test_every_outline_is_a_polygon_inside_the_box(self, shape):
        for outline in shape.outlines:
            assert len(set(outline.points)) == len(outline.points) >= 3
            assert area(outline) > 0
            assert all(0 <= number <= BOX for point in outline.points for number in point)

    def test_outlines_do_not_overlap_so_the_even_odd_rule_draws_them_right(self, shape):
        paints = {Paint.FILL: 0.0, Paint.KNOCK: 0.0}
        for outline in shape.outlines:
            paints[outline.paint] += area(outline)
        expected = (paints[Paint.FILL] - paints[Paint.KNOCK]) * SIDE * SIDE / BOX / BOX
        assert dots(bitmap(shape)) == pytest.approx(expected, rel=0.08)

    def test_it_fills_its_box_in_at_least_one_direction(self, shape):
        left, top, right, bottom = bitmap(shape).getbbox()
        assert max(right - left, bottom - top) >= 0.6 * SIDE


@pytest.mark.parametrize(("one", "other"), list(combinations(SHAPES.states.values(), 2)), ids=lambda shape: shape.name)
def test_two_states_are_told_apart_without_colour(one, other):
    assert difference(bitmap(one), bitmap(other)) > 0.2


@pytest.mark.parametrize(
    ("one", "other"),
    list(combinations([SHAPES.states[name] for name in ("within", "beyond", "indeterminate", "unknown")], 2)),
    ids=lambda shape: shape.name,
)
def test_the_solid_states_are_told_apart_even_when_their_holes_are_blotted(one, other):
    assert difference(bitmap(outer(one)), bitmap(outer(other))) > 0.15


def test_the_mark_is_none_of_the_states():
    assert min(difference(bitmap(SHAPES.mark), bitmap(state)) for state in SHAPES.states.values()) > 0.5
