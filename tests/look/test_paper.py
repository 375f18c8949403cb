"""The same drawings in a PDF."""

from io import BytesIO

import pytest
from reportlab.pdfgen.canvas import Canvas

from server.look_pdf import colour, draw_margin_bar, draw_mark, draw_shape
from shared.look import Tone, load_shapes, load_tokens


@pytest.fixture
def canvas():
    return Canvas(BytesIO(), pageCompression=0, pagesize=(200, 100))


def operators(canvas: Canvas) -> list[str]:
    return " ".join(canvas._code).split()


def boxes(canvas: Canvas) -> list[tuple[float, float]]:
    """Return left edge and width of every filled rectangle, in the order of drawing."""
    rows = [row.split() for row in canvas._code]
    return [(float(row[-6]), float(row[-4])) for row in rows if "re" in row]


@pytest.mark.parametrize("name", [*load_shapes().codes, *load_shapes().glyphs])
def test_a_shape_is_filled_by_the_even_odd_rule_and_leaves_the_canvas_as_it_was(canvas, name):
    draw_shape(canvas, name, 10, 10, 24)
    code = operators(canvas)
    assert code.count("f*") == 1
    assert code.count("q") == code.count("Q")


def test_a_shape_has_the_colour_of_its_state_on_paper(canvas):
    draw_shape(canvas, "forged", 0, 0, 24)
    red, green, blue = colour("beyond").rgb()
    assert f"{red:.6f}".rstrip("0").lstrip("0") in " ".join(operators(canvas))
    assert colour("beyond").hexval().upper().endswith(load_tokens().light.beyond[1:])
    assert max(green, blue) < red


def test_the_mark_takes_the_brand(canvas):
    draw_mark(canvas, 0, 0, 96)
    assert operators(canvas).count("f*") == 1


def test_an_unknown_name_draws_nothing_but_an_error(canvas):
    with pytest.raises(KeyError):
        draw_shape(canvas, "splendid", 0, 0, 24)


@pytest.mark.parametrize(("value", "side"), [(5_000, 1), (-5_000, -1)])
def test_the_soft_band_lies_on_the_side_of_the_sign(canvas, value, side):
    draw_margin_bar(canvas, 0, 0, 100, 30, value=value, limit=10_000, uncertainty=1_000, tone=Tone.WITHIN)
    left, width = boxes(canvas)[-1]
    assert (left + width / 2) * side == pytest.approx(250)


def test_off_the_scale_there_is_an_arrow_and_no_band(canvas):
    draw_margin_bar(canvas, 0, 0, 100, 30, value=90_000, limit=10_000, uncertainty=1_000)
    inside = Canvas(BytesIO(), pageCompression=0)
    draw_margin_bar(inside, 0, 0, 100, 30, value=9_000, limit=10_000, uncertainty=1_000)
    assert len(boxes(inside)) == len(boxes(canvas)) + 1
