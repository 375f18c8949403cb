"""The screen of one party."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.choices import Choices
from fieldapp.widgets.few_rows import FewRows
from fieldapp.widgets.field import Field
from fieldapp.widgets.panel import Heading, Scrolled

__all__ = ["Choices", "FewRows", "Field", "Heading", "PartyScreen", "Scrolled"]

load_kv(__file__)


class PartyScreen(Screen):
    """Shows a ``PartyViewModel``."""
