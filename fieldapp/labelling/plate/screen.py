"""The screen of a nameplate that is filed."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.choices import Choices
from fieldapp.widgets.field import Field
from fieldapp.widgets.panel import Heading, Scrolled
from fieldapp.widgets.ways import Ways

__all__ = ["Choices", "Field", "Heading", "PlateScreen", "Scrolled", "Ways"]

load_kv(__file__)


class PlateScreen(Screen):
    """Shows a ``PlateViewModel``."""
