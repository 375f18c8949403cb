"""The screen of an instrument's seals."""

from fieldapp.physical_seals.spots import Spots
from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.panel import Scrolled

__all__ = ["PhysicalSealsScreen", "Scrolled", "Spots"]

load_kv(__file__)


class PhysicalSealsScreen(Screen):
    """Shows a ``PhysicalSealsViewModel``."""
