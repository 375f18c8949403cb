"""Where screens stand: one is shown, each is built when it is first opened and reused after that."""

from __future__ import annotations

from kivy.clock import Clock
from kivy.uix.floatlayout import FloatLayout

from fieldapp.parts import Parts
from fieldapp.routes import Route, Stop
from fieldapp.screen import Screen
from fieldapp.screens import new_screen, new_viewmodel

CARD = Stop(Route.CARD, {"instrument": ""})
LABELLED = (Route.LABELLING_AIM, Route.LABELLING_NUMBER, Route.LABELLING_RESULT, Route.LABELLING_REVIEW)
LIKELY_NEXT = {
    Route.SIGN_IN: [Stop(Route.TODAY)],
    Route.TODAY: [Stop(Route.SCAN), CARD],
    Route.SCAN: [CARD],
    Route.LABELLING: [Stop(route) for route in LABELLED],
}
SETTLED_S = 0.3


class Stage(FloatLayout):
    """Shows one screen at a time; every stop has a viewmodel of its own.

    While a person looks at one screen, those that most likely follow are built: an answer must not wait for them.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self._parts = parts
        self._built: dict[Route, Screen] = {}
        self.shown: Screen | None = None
        self.route: Route | None = None

    def show(self, stop: Stop) -> None:
        """Show the screen of a stop with a fresh viewmodel."""
        vm = new_viewmodel(self._parts, stop)
        self._close()
        screen = self._built.get(stop.route)
        if screen is None:
            screen = self._built[stop.route] = new_screen(stop.route, vm)
        else:
            screen.vm = vm
        self.shown, self.route = screen, stop.route
        self.add_widget(screen)
        screen.opened()
        vm.opened()
        self._settle()

    def _settle(self) -> None:
        Clock.unschedule(self._build_next)
        Clock.schedule_once(self._build_next, SETTLED_S)

    def _build_next(self, _: float) -> None:
        """Build the first of those to come; between two of them a finger must be heard."""
        for stop in self.to_come[:1]:
            self._built[stop.route] = new_screen(stop.route, new_viewmodel(self._parts, stop))
            self._settle()

    @property
    def to_come(self) -> list[Stop]:
        """The likely next screens that are not built yet."""
        likely = LIKELY_NEXT.get(self.route, []) if self.route else []
        return [stop for stop in likely if stop.route not in self._built]

    def _close(self) -> None:
        if self.shown is not None:
            self.shown.vm.closed()
            self.shown.closed()
            self.remove_widget(self.shown)
            self.shown = None

    def forget(self) -> None:
        """Drop every screen that was built: the next ones speak another language."""
        self._close()
        self._built = {}
