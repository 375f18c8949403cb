"""The screen of what is about to be filed."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.field import Field
from fieldapp.widgets.maybe import Maybe
from fieldapp.widgets.named_lines import NamedLines
from fieldapp.widgets.panel import Scrolled
from fieldapp.widgets.picture import Picture

__all__ = ["Field", "Maybe", "NamedLines", "Picture", "ReviewScreen", "Scrolled"]

load_kv(__file__)


class ReviewScreen(Screen):
    """Shows a ``ReviewViewModel``."""
