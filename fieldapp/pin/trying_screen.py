"""What the screens share on which the PIN is tried."""

from kivy.clock import Clock

from fieldapp.screen import Screen


class TryingScreen(Screen):
    """Shows a ``TryingViewModel``, and lets its wait pass second by second."""

    def opened(self) -> None:
        """Begin to count."""
        super().opened()
        Clock.schedule_interval(self._tick, 1)

    def closed(self) -> None:
        """Count no longer."""
        Clock.unschedule(self._tick)

    def _tick(self, _: float) -> None:
        self.vm.tick()
