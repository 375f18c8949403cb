"""The records that this phone could not send, shown as a loop of QR codes: one after another, until all were filmed.

A code is made beside the UI thread while the one before it is shown, and kept, so the second loop costs nothing.
"""

from __future__ import annotations

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty

from fieldapp.invitation.viewmodel import modules_of
from fieldapp.parts import Parts
from fieldapp.rescue.package import NoRescueKey, holdings, seal_series
from fieldapp.store.trouble import StorageTrouble
from fieldapp.viewmodel import ViewModel
from shared.rescue_codes import TooLong, codes_of

Modules = list[list[bool]]


class CodesViewModel(ViewModel):
    """``modules`` are the code that is shown, none while the first is made; ``where`` says which of how many it is."""

    modules = ListProperty()
    number = NumericProperty(0)
    count = NumericProperty(0)
    series = NumericProperty(0)
    all_series = NumericProperty(0)
    where = StringProperty("")
    which = StringProperty("")
    left_out = StringProperty("")
    hint = StringProperty("")
    is_running = BooleanProperty(True)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._series: list[list[str]] = []
        self._made: dict[str, Modules] = {}
        self._is_making = False

    def opened(self) -> None:
        """Seal what is held; photos do not fit into codes, and that is said."""
        with self.told():
            held, store = holdings(self.parts.store), self.parts.store
            count = len(held.photos)
            self.left_out = self.t("rescue.without_photos", count=count) if count else ""
            self.hint = self.t("rescue.preparing")
            self.parts.off_thread(
                lambda: [codes_of(package) for package in seal_series(store, held.entries)],
                self._sealed,
                *(NoRescueKey, StorageTrouble, TooLong),
            )

    def _sealed(self, result: list[list[str]] | NoRescueKey | StorageTrouble | TooLong) -> None:
        if not isinstance(result, list):
            self.hint = self._failure(result)
            return
        self._series, self.all_series = result, len(result)
        self.hint = "" if result else self.t("rescue.nothing")
        if result:
            self.show_series(0)

    def _failure(self, failure: NoRescueKey | StorageTrouble | TooLong) -> str:
        if isinstance(failure, StorageTrouble):
            return self.t(f"storage.{failure.code}")
        return self.t("rescue.no_key" if isinstance(failure, NoRescueKey) else "rescue.too_long")

    def show_series(self, series: int) -> None:
        """Begin with the first code of a series."""
        self.series, self.count = series + 1, len(self._series[series])
        self.which = self.t("rescue.series", number=self.series, count=self.all_series) if self.all_series > 1 else ""
        self._show(1)

    def next_series(self) -> None:
        """Go on to the next series, after the last to the first."""
        if self._series:
            self.show_series(int(self.series) % int(self.all_series))

    def tick(self) -> None:
        """Show the next code; called as often as a camera can follow."""
        if self.is_running and self.modules:
            self.step(1)

    def step(self, by: int) -> None:
        """Show a code further on or back, around the loop."""
        if self.count:
            self._show((int(self.number) - 1 + by) % int(self.count) + 1)

    def pause(self) -> None:
        """Stop the loop at this code, or go on."""
        self.is_running = not self.is_running

    def _show(self, number: int) -> None:
        """Show a code as soon as it is made; until then the one before it stays."""
        text = self._series[int(self.series) - 1][number - 1]
        made = self._made.get(text)
        if made is None:
            self._make(text, number)
            return
        self.modules, self.number = made, number
        self.where = self.t("rescue.where", number=number, count=self.count)
        following = self._series[int(self.series) - 1][number % int(self.count)]
        if following not in self._made:
            self._make(following, None)

    def _make(self, text: str, number: int | None) -> None:
        """Make one code at a time; ``number`` of the one to be shown then, None for one that is made in time."""
        if self._is_making:
            return
        self._is_making = True

        def _done(modules: Modules) -> None:
            self._is_making = False
            self._made[text] = modules
            if number is not None and text in self._series[int(self.series) - 1]:
                self._show(number)

        self.parts.off_thread(lambda: modules_of(text), _done)
