"""Colours and measures, read once from ``tokens.json``.

Colours are ``#RRGGBB`` (``#RRGGBBAA`` for the shadow). Lengths end in their unit: ``dp`` and ``sp`` on the
phone are CSS pixels at the base size on a page and points on paper.
"""

import json
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Tone(StrEnum):
    """What a state's colour says; the shape beside it says the same without colour."""

    WITHIN = "within"
    BEYOND = "beyond"
    INDETERMINATE = "indeterminate"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Palette:
    """One coat of colours. ``x_soft`` is the quiet ground on which ``x`` and the inks are read.

    ``line`` only divides and may be faint; ``edge`` bounds things that can be touched and is seen at 3:1.
    ``brass`` is for marks and rules, never for text under 18 px.
    """

    ground: str
    card: str
    ink: str
    second_ink: str
    brand: str
    brand_pressed: str
    brand_soft: str
    text_on_brand: str
    brass: str
    within: str
    within_soft: str
    beyond: str
    beyond_soft: str
    indeterminate: str
    indeterminate_soft: str
    unknown: str
    unknown_soft: str
    line: str
    edge: str
    shadow: str

    def tone(self, tone: Tone) -> str:
        """Return the colour of one tone.

        >>> load_tokens().light.tone(Tone.BEYOND)
        '#9B1C13'
        """
        return str(getattr(self, tone.value))

    def named(self) -> dict[str, str]:
        """Return every colour by its name, in the order of the file."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True)
class Sizes:
    """Type sizes in sp; ``reading`` is for figures read at arm's length and for short verdicts."""

    small: int
    body: int
    title: int
    headline: int
    reading: int


@dataclass(frozen=True)
class Weights:
    """The two weights of Noto Sans SC that the product uses."""

    regular: int
    strong: int


@dataclass(frozen=True)
class Tokens:
    """The whole look: two palettes, the type and the measures."""

    light: Palette
    dark: Palette
    sizes: Sizes
    weights: Weights
    text_scales_percent: tuple[int, ...]
    space_dp: int
    touch_dp: int
    key_dp: int
    corner_dp: int
    motion_ms: int
    line_characters: int


@cache
def load_tokens() -> Tokens:
    """Read ``tokens.json``; a missing or an unknown colour name raises TypeError at once."""
    raw = json.loads(files(__package__).joinpath("tokens.json").read_text("utf-8"))
    colours = raw.pop("colours")
    return Tokens(
        light=Palette(**colours["light"]),
        dark=Palette(**colours["dark"]),
        sizes=Sizes(**raw.pop("sizes_sp")),
        weights=Weights(**raw.pop("weights")),
        text_scales_percent=tuple(raw.pop("text_scales_percent")),
        **raw,
    )
