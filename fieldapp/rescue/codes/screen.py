"""The screen that shows a loop of codes."""

from kivy.clock import Clock

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.code_picture import CodePicture
from fieldapp.widgets.panel import Scrolled

__all__ = ["CodePicture", "CodesScreen", "Scrolled"]

load_kv(__file__)

EACH_S = 0.8  # a phone's camera gives ten or more frames in it, of which one must be sharp


class CodesScreen(Screen):
    """Shows a ``CodesViewModel``, and turns to its next code."""

    def opened(self) -> None:
        """Begin the loop."""
        super().opened()
        Clock.schedule_interval(self._tick, EACH_S)

    def closed(self) -> None:
        """End the loop."""
        Clock.unschedule(self._tick)

    def _tick(self, _: float) -> None:
        self.vm.tick()
