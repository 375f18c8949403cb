"""The enrolment screen."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.viewfinder import Viewfinder

__all__ = ["EnrolScreen", "Viewfinder"]

load_kv(__file__)


class EnrolScreen(Screen):
    """Shows an ``EnrolViewModel``."""
