"""State shapes, glyphs and the mark as triangles that a Kivy canvas can fill, holes included."""

from array import array
from dataclasses import dataclass
from functools import cache
from typing import Any

from kivy.graphics.tesselator import TYPE_POLYGONS, WINDING_ODD, Tesselator

from shared.look.shapes import BOX, load_shapes

Vertices = Any
"""Four numbers a point: x and y in a box of 1 x 1 with y upwards, and an unused place in a texture."""


@dataclass(frozen=True)
class Fan:
    """One convex piece, drawn as a triangle fan."""

    vertices: Vertices
    indices: list[int]


@cache
def fans(name: str) -> tuple[Fan, ...]:
    """Return the pieces of a shape, cut once per program; KeyError for a name that is not in ``shapes.json``."""
    tesselator = Tesselator()
    for outline in load_shapes().named(name).outlines:
        tesselator.add_contour(array("f", _flat(outline.points)))
    if not tesselator.tesselate(WINDING_ODD, TYPE_POLYGONS):
        raise ValueError(f"the outlines of {name} cannot be cut into triangles")
    return tuple(Fan(vertices, list(indices)) for vertices, indices in tesselator.meshes)


def _flat(points: tuple[tuple[int, int], ...]) -> list[float]:
    return [number for x, y in points for number in (x / BOX, 1 - y / BOX)]
