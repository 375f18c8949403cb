"""Rescue: two ways out for what this phone cannot send, and what it carries for others."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, OptionProperty, StringProperty

from fieldapp.files.port import Files, NoFiles, SavedAnswer
from fieldapp.parts import Parts
from fieldapp.rescue.package import Holdings, NoRescueKey, Sealed, holdings, portions, rescue_key, seal_file
from fieldapp.routes import Route
from fieldapp.store.carried import Carried, CarriedState
from fieldapp.store.trouble import StorageTrouble, told
from fieldapp.sync.wording import moment, sentence, size
from fieldapp.viewmodel import ViewModel

FOLDER = "rescue"
WATCHED = ("result", "is_running", "ticks")


class RescueState(StrEnum):
    """READY for a choice; SEALING a file; ASKING where it is to lie, and copying it there."""

    READY = "ready"
    SEALING = "sealing"
    ASKING = "asking"


class RescueViewModel(ViewModel):
    """``held`` says what would be carried out, ``hint`` why nothing can be; ``result`` what came of the last file,
    ``reason`` how a package that was touched stands."""

    state = OptionProperty(RescueState.READY.value, options=[state.value for state in RescueState])
    held = StringProperty("")
    hint = StringProperty("")
    can_save = BooleanProperty(False)
    can_show = BooleanProperty(False)
    result = StringProperty("")
    is_saved = BooleanProperty(False)
    carrying = StringProperty("")
    rows = ListProperty()
    chosen = StringProperty("")
    reason = StringProperty("")
    can_drop = BooleanProperty(False)
    is_syncing = BooleanProperty(False)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._files: Files | None = None
        self._left: list[Holdings] = []
        self._count = 0

    def opened(self) -> None:
        """Show what is held, and follow the sync."""
        self.parts.status.bind(**dict.fromkeys(WATCHED, self._follow))
        with self.told():
            self.look()

    def closed(self) -> None:
        """Listen no longer; a file that was not saved yet is thrown away."""
        self.parts.status.unbind(**dict.fromkeys(WATCHED, self._follow))
        if self._files is not None:
            self._files.close()

    def _follow(self, *_: object) -> None:
        if self.parts.opened is not None:
            with self.told():
                self.look()

    def look(self) -> None:
        """Read everything again."""
        held, store = holdings(self.parts.store), self.parts.store
        self.is_syncing = self.parts.status.is_running
        self.held = self.t("rescue.held", ops=len(held.entries), photos=len(held.photos))
        self.hint = self._hint(held)
        self.can_save = not self.hint
        self.can_show = not self.hint and bool(held.entries)
        packages = store.carried.all()
        self.carrying = self.t("rescue.carrying", count=len(packages)) if packages else ""
        self.rows = [self._row(package) for package in packages]

    def _hint(self, held: Holdings) -> str:
        if not held.entries and not held.photos:
            return self.t("rescue.nothing")
        try:
            rescue_key(self.parts.store)
        except NoRescueKey:
            return self.t("rescue.no_key")
        return ""

    def _row(self, package: Carried) -> dict[str, Any]:
        is_refused = package.state is CarriedState.REFUSED
        at = moment(self.parts.texts, package.taken_at)
        waits = "rescue.put_off" if package.answer else "rescue.on_the_way"
        return {
            "key": package.sha256,
            "title": self.t(
                "rescue.package", id=package.sha256[:8].upper(), size=size(self.parts.texts, package.bytes)
            ),
            "second": self.t("rescue.refused" if is_refused else waits, at=at),
            "trailing": "",
            "code": "beyond" if is_refused else "unknown",
            "choose": self.open_package,
        }

    def open_package(self, key: str) -> None:
        """Say how one that is carried stands; only what the server does not take can be thrown away."""
        with self.told():
            package = next((one for one in self.parts.store.carried.all() if one.sha256 == key), None)
            self.chosen = package.sha256 if package else ""
            self.reason = self._reason(package) if package else ""
            self.can_drop = package is not None and package.state is CarriedState.REFUSED

    def _reason(self, package: Carried) -> str:
        if package.state is CarriedState.REFUSED:
            problem = package.answer.get("problem", {})
            return sentence(self.parts.texts, str(problem.get("detail") or self.t("rescue.file_gone")))
        return self.t("rescue.why_put_off" if package.answer else "rescue.why_on_the_way")

    def drop(self) -> None:
        """Carry a package no longer that the server does not take."""
        with self.told():
            if self.can_drop:
                self.parts.store.carried.let_go(self.chosen)
            self.open_package("")
            self.look()

    def save(self) -> None:
        """Seal what is held into files, and have each saved."""
        with self.told():
            held = holdings(self.parts.store)
            self._left = [Holdings(held.entries, photos) for photos in portions(held.photos)]
            self._count = len(self._left)
            self.result, self.is_saved = "", False
            self._seal()

    def _seal(self) -> None:
        self.state = RescueState.SEALING
        store, held, folder = self.parts.store, self._left[0], self.parts.settings.data_dir / FOLDER
        self.parts.off_thread(lambda: seal_file(store, held, folder), self._sealed, NoRescueKey, StorageTrouble)

    def _sealed(self, result: Sealed | NoRescueKey | StorageTrouble) -> None:
        if isinstance(result, Sealed):
            self.state = RescueState.ASKING
            sealed = result
            self._files = self.parts.new_files()
            self._files.save(sealed.path, lambda answer: self.parts.post(lambda: self._saved(sealed, answer)))
            return
        self.state = RescueState.READY
        self.result = (
            self.t(f"storage.{result.code}") if isinstance(result, StorageTrouble) else self.t("rescue.no_key")
        )

    def _saved(self, sealed: Sealed, answer: SavedAnswer) -> None:
        """Say where a file lies, and go on with the next; our own copy goes whatever came of it."""
        self._drop(sealed.path)
        self.state = RescueState.READY
        if answer is None or isinstance(answer, NoFiles):
            self.result = self.t("rescue.not_saved" if answer is None else "rescue.no_place")
            return
        number = self._count - len(self._left) + 1
        lost = self.t("rescue.lost", count=sealed.lost) if sealed.lost else ""
        where = self.t("rescue.saved_at", where=answer.where) if answer.where else self.t("rescue.saved")
        about = self.t("rescue.number", number=number, count=self._count) if self._count > 1 else ""
        lines = (self.result, about + where, self.t("rescue.id", id=sealed.sha256[:16].upper()), lost)
        self.result, self.is_saved = "\n".join(line for line in lines if line), True
        self._left = self._left[1:]
        if self._left:
            self._seal()

    def _drop(self, path: Path) -> None:
        with self.told(), told():
            path.unlink(missing_ok=True)

    def show_codes(self) -> None:
        """Show the records as codes."""
        self.go(Route.RESCUE_CODES)

    def carry(self) -> None:
        """Take over what another phone could not send."""
        self.go(Route.RESCUE_CARRY)

    def send_now(self) -> None:
        """Bring what is carried to the server now."""
        with self.told():
            self.parts.store.carried.wake()
            self.look()
        self.parts.sync_soon(is_asked=True)
