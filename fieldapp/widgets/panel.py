"""A white card on the ground, and a heading over a part of a page."""

from kivy.uix.scrollview import ScrollView

from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv
from fieldapp.theme.words import Words

__all__ = ["Heading", "Panel", "Scrolled"]

load_kv(__file__)


class Panel(Column):
    """As high as what it holds."""


class Heading(Words):
    """A small heading."""


class Scrolled(ScrollView):
    """A page that scrolls; its one child is as high as what it holds."""
