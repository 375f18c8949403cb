"""The last one to hear of trouble: what storage refuses is told on the screen that is shown, and the app goes on."""

from __future__ import annotations

from typing import Protocol

from kivy.base import ExceptionHandler, ExceptionManager

from fieldapp.store.trouble import StorageTrouble
from fieldapp.viewmodel import ViewModel


class Shown(Protocol):
    """A screen."""

    vm: ViewModel


class Stage(Protocol):
    """Where screens stand."""

    shown: Shown | None


class TellTrouble(ExceptionHandler):
    """Kivy asks it about every exception that an event or a timer let through."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    def handle_exception(self, inst: Exception) -> int:
        """Take a StorageTrouble that no viewmodel told; any other fault ends the app as before."""
        if not isinstance(inst, StorageTrouble) or self._stage.shown is None:
            return int(ExceptionManager.RAISE)
        vm = self._stage.shown.vm
        vm.trouble = vm.t(f"storage.{inst.code}")
        return int(ExceptionManager.PASS)
