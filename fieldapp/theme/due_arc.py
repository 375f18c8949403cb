"""The time that is left, as an arc that empties clockwise."""

from kivy.properties import BoundedNumericProperty, StringProperty
from kivy.uix.widget import Widget

from fieldapp.theme.kv import load_kv

load_kv(__file__)


class DueArc(Widget):
    """``fraction`` of the term is left, from 0 to 1 (beyond is drawn as the end); ``tone`` gives the colour."""

    fraction = BoundedNumericProperty(1.0, min=0, max=1, errorhandler=lambda value: 1.0 if value > 1 else 0.0)
    tone = StringProperty("within")
