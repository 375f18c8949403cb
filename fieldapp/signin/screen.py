"""The sign-in screen."""

from kivy.clock import Clock

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.panel import Scrolled
from fieldapp.widgets.pin_pad import PinPad

__all__ = ["PinPad", "Scrolled", "SignInScreen"]

load_kv(__file__)


class SignInScreen(Screen):
    """Shows a ``SignInViewModel``, and lets its wait pass second by second."""

    def opened(self) -> None:
        """Begin to count."""
        super().opened()
        Clock.schedule_interval(self._tick, 1)

    def closed(self) -> None:
        """Count no longer."""
        Clock.unschedule(self._tick)

    def _tick(self, _: float) -> None:
        self.vm.tick()
