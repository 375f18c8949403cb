"""What is about to be filed, with its two photos; one touch files it and takes the next label."""

from __future__ import annotations

from dataclasses import replace

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty

from fieldapp.labelling import records, walk, wording
from fieldapp.labelling.labels import bearer
from fieldapp.labelling.model import Day, Filing, Step
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.viewmodel import ViewModel
from shared.national_codes import clean, is_sound
from shared.seal import short_code


class ReviewViewModel(ViewModel):
    """``lines`` are pairs of a name and a value; the photos are the bytes of JPEG files.

    A new instrument ``asks_code``: the national code of its maker may be written down, and may be left out.
    """

    title = StringProperty("")
    second = StringProperty("")
    lines = ListProperty()
    plate_photo = ObjectProperty(None, allownone=True)
    place_photo = ObjectProperty(None, allownone=True)
    asks_code = BooleanProperty(False)
    code = StringProperty("")
    problem = StringProperty("")
    can_save = BooleanProperty(False)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._day: Day | None = None
        self._filing: Filing | None = None

    def opened(self) -> None:
        """Show what the steps brought."""
        with self.told():
            self._day = walk.day_of(self.parts)
            self._filing = walk.in_hand(self._day)
            self._show(self._filing)

    def _show(self, filing: Filing) -> None:
        photos = self.parts.store.photos
        self.title, self.second = filing.serial, short_code(filing.label_serial)
        self.plate_photo = photos.get(filing.plate_photo.sha256 if filing.plate_photo else None)
        self.place_photo = photos.get(filing.place_photo.sha256 if filing.place_photo else None)
        self.lines = self._lines(filing)
        self.asks_code, self.code = not filing.existing, filing.production_code
        self._judge(filing)

    def _judge(self, filing: Filing) -> None:
        """Tell what speaks against it; a code that is known already does not hold it up."""
        store, code = self.parts.store, filing.production_code
        on = bearer(store, filing.label_serial)
        is_taken = bool(on) and not (filing.revises and on == filing.instrument)
        is_bad = bool(code) and not is_sound(code)
        known = store.register.instruments_of_code(code) if self.asks_code else []
        told = self.t("labelling.bad_code") if is_bad else ""
        if known and not is_bad:
            told = self.t("labelling.known_code", instrument=wording.instrument(self.parts, known[0].id))
        self.problem = self.t("labelling.taken") if is_taken else told
        self.can_save = not (is_taken or is_bad)

    def write_code(self, text: str) -> None:
        """Take the national code that stands on the instrument."""
        if self._day is None or self._filing is None or clean(text) == self._filing.production_code:
            return
        with self.told():
            self._filing = replace(self._filing, production_code=clean(text))
            self._day = walk.keep(self.parts, replace(self._day, filing=self._filing))
            self._judge(self._filing)

    def _lines(self, filing: Filing) -> list[list[str]]:
        if filing.existing:
            pairs = [("labelling.filed_as", wording.instrument(self.parts, filing.existing))]
        else:
            pairs = [
                ("labelling.instrument", wording.plate_line(self.parts.texts, filing.plate)),
                ("labelling.spot", wording.spot(self.parts, filing.stall, filing.user)),
                ("labelling.terms", self._terms(filing)),
            ]
        verified = wording.verified_line(self.parts, filing)
        if walk.may_verify(self.parts):
            pairs.append(("labelling.result", verified or self.t("labelling.not_verified")))
        return [[self.t(key), value] for key, value in pairs]

    def _terms(self, filing: Filing) -> str:
        return "  ".join((self.t(f"custody.{filing.custody}"), self.t(f"use.{filing.use}")))

    def correct(self) -> None:
        """Something is wrong: begin again at the serial; the photos stay."""
        if self._day is not None and self._filing is not None:
            with self.told():
                walk.go_to(self.parts, self._day, replace(self._filing, step=Step.NUMBER))

    def save(self) -> None:
        """File it, and take the next label; storage that refuses leaves everything as it is."""
        day, filing = self._day, self._filing
        if day is None or filing is None or not self.can_save:
            return
        with self.told():
            made = records.entries(self.parts, day, filing)
            following = day.put_down() if filing.revises else walk.next_one(self.parts, day.after(filing))
            found_by = records.about(self.parts, day, filing)
            author = records.author(self.parts)
            self.parts.store.filings.save(made, found_by, following, author, revises=filing.revises)
            self.parts.sync_soon()
            if filing.revises:
                self.parts.path.begin(Route.TODAY)
                self.go(Route.OUTBOX)
            else:
                self.parts.path.replace(walk.ROUTES[Step.LABEL])

    def back(self) -> None:
        """Take the photo anew."""
        if self._day is None or self._filing is None:
            self.parts.path.back()
            return
        with self.told():
            walk.go_back(self.parts, self._day, self._filing)
