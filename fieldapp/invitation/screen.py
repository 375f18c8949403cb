"""The screen of an invitation."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.code_picture import CodePicture
from fieldapp.widgets.panel import Scrolled

__all__ = ["CodePicture", "InvitationScreen", "Scrolled"]

load_kv(__file__)


class InvitationScreen(Screen):
    """Shows an ``InvitationViewModel``."""
