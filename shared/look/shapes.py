"""The six state shapes, the glyphs of screens without content, and the mark of the product.

A shape is a list of closed outlines in a box of 24 x 24 counted in hundredths (``BOX``), y downwards, curves
already flattened. Outlines never cross: a ``knock`` lies inside one ``fill`` and cuts it, so filling all
outlines of a shape by the even-odd rule draws it right in SVG, on a Kivy canvas and in a PDF.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from shared.look.tokens import Tone

BOX = 2400

Point = tuple[int, int]


class Paint(StrEnum):
    """Whether an outline adds to a shape or cuts a hole into it."""

    FILL = "fill"
    KNOCK = "knock"


@dataclass(frozen=True)
class Outline:
    """One closed polygon; the last point joins the first."""

    paint: Paint
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Shape:
    """Something drawn in one colour; ``tone`` is None for glyphs and the mark, which take the ink."""

    name: str
    outlines: tuple[Outline, ...]
    tone: Tone | None


@dataclass(frozen=True)
class Shapes:
    """Everything in ``shapes.json``.

    ``states`` are the six shapes by name, ``glyphs`` the small drawings of empty, loading, error, offline
    and stale screens and of keys, ``codes`` names the shape of each verdict and each offline label verdict.
    """

    states: Mapping[str, Shape]
    glyphs: Mapping[str, Shape]
    mark: Shape
    codes: Mapping[str, str]

    def of_state(self, code: str) -> Shape:
        """Return the shape of a verdict or label verdict; KeyError for a code nobody defined.

        >>> load_shapes().of_state("forged").name
        'beyond'
        """
        return self.states[self.codes[code]]

    def named(self, name: str) -> Shape:
        """Return a state shape, a glyph or the mark by name, or the shape of a verdict code."""
        if name == self.mark.name:
            return self.mark
        return self.glyphs[name] if name in self.glyphs else self.of_state(name)


@cache
def load_shapes() -> Shapes:
    """Read ``shapes.json``."""
    raw = json.loads(files(__package__).joinpath("shapes.json").read_text("utf-8"))
    if raw["box"] != BOX:
        raise ValueError(f"shapes.json is drawn in a box of {raw['box']}, this program expects {BOX}")
    return Shapes(
        states=_by_name(raw["shapes"]),
        glyphs=_by_name(raw["glyphs"]),
        mark=_shape("mark", raw["mark"]),
        codes=MappingProxyType(raw["states"]),
    )


def _by_name(raw: dict[str, Any]) -> Mapping[str, Shape]:
    return MappingProxyType({name: _shape(name, row) for name, row in raw.items()})


def _shape(name: str, raw: dict[str, Any]) -> Shape:
    tone = Tone(raw["tone"]) if "tone" in raw else None
    return Shape(name, tuple(_outline(row) for row in raw["outlines"]), tone)


def _outline(raw: dict[str, Any]) -> Outline:
    return Outline(Paint(raw["paint"]), tuple((x, y) for x, y in raw["points"]))
