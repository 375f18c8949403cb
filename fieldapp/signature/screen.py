"""The screen on which a party signs."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.signature_pad import SignaturePad
from fieldapp.widgets.field import Field
from fieldapp.widgets.panel import Scrolled

__all__ = ["Field", "Scrolled", "SignaturePad", "SignatureScreen"]

load_kv(__file__)


class SignatureScreen(Screen):
    """Shows a ``SignatureViewModel``."""
