"""The instrument card: the label's offline verdict, what it belongs to, whether it is in date; the way to a check."""

from __future__ import annotations

from datetime import date

from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)

from fieldapp.card import wording
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.scan.label import binds_to, look_up
from fieldapp.store.rows import Instrument
from fieldapp.viewmodel import ViewModel
from fieldapp.visit.recusal import warning_about
from fieldapp.visit.walk import LabelSeen, keep, open_check, party_of
from shared.check_words import check_words
from shared.seal import Seal
from shared.sentences import label_sentence

NOT_ASKED, YES, NO = "not_asked", "yes", "no"


class CardViewModel(ViewModel):
    """``verdict`` is the label's, "" when none was scanned; ``warnings`` are sentences the inspector must see.

    ``codes`` are pairs of a name and a national code, folded away until ``shows_codes``.
    """

    verdict = StringProperty("")
    label_word = StringProperty("")
    label_sentence = StringProperty("")
    check_words = StringProperty("")
    label_state = StringProperty("")
    title = StringProperty("")
    second = StringProperty("")
    lines = ListProperty()
    codes = ListProperty()
    shows_codes = BooleanProperty(False)
    custody = StringProperty("")
    photo = ObjectProperty(None, allownone=True)
    photo_hint = StringProperty("")
    photo_matches = OptionProperty(NOT_ASKED, options=(NOT_ASKED, YES, NO))
    validity = StringProperty("")
    validity_tone = StringProperty("unknown")
    left = NumericProperty(0)
    warnings = ListProperty()
    can_check = BooleanProperty(False)
    check_hint = StringProperty("")

    def __init__(self, parts: Parts, instrument: str, link: str = "", task: str | None = None) -> None:
        super().__init__(parts)
        self._id, self._link, self._task = instrument, link, task
        self._seal: Seal | None = None
        self._instrument: Instrument | None = None

    def opened(self) -> None:
        """Read everything."""
        with self.told():
            self._instrument = self.parts.store.register.instrument(self._id)
            if self._instrument is None:
                self.title = self.t("card.gone")
                return
            self._show_label()
            self._show(self._instrument, self.parts.store.today())

    def _show_label(self) -> None:
        store = self.parts.store
        if not self._link:
            self.label_state = self.t("card.not_scanned")
            return
        scan = look_up(store, self._link)
        self._seal = scan.seal
        self.verdict = scan.verdict.value
        self.label_word = label_sentence(self.parts.texts, scan.verdict, store.documents.revoked, store.label_day())
        is_stock = scan.seal is not None and scan.seal.payload.binding == bytes(4)
        self.label_sentence = self.t("label.stock") if is_stock else self.t("label.not_a_mark")
        if scan.is_trusted and scan.seal is not None:
            self.check_words = self.t("card.check_words", words="  ".join(check_words(scan.seal.payload.to_bytes())))
        self.label_state = self.t("card.label", short=scan.seal.short if scan.seal else "")

    def _show(self, instrument: Instrument, today: date) -> None:
        texts, register = self.parts.texts, self.parts.store.register
        self.title, self.second = wording.title(texts, instrument), wording.number(texts, instrument)
        place, stall = register.place(instrument.place), register.stall(instrument.stall)
        self.lines, self.codes = wording.lines(texts, instrument, place, stall), wording.codes(texts, instrument)
        user = register.party(instrument.custody.user if instrument.custody else None)
        owner = register.party(instrument.custody.owner if instrument.custody else None)
        self.custody = wording.custody(texts, instrument, user, owner)
        self.photo = self.parts.store.photos.get(instrument.photo)
        self.photo_hint = (
            "" if self.photo else self.t("card.no_photo" if not instrument.photo else "card.photo_to_come")
        )
        validity = wording.validity(texts, instrument, today)
        self.validity, self.validity_tone, self.left = validity.sentence, validity.tone, validity.left
        is_mismatch = self._seal is not None and not binds_to(self._seal, instrument)
        recused = warning_about(self.parts, party_of(instrument)) or warning_about(
            self.parts, place.operator if place else None
        )
        self.warnings = [
            *([recused] if recused else []),
            *wording.warnings(texts, instrument, place, is_mismatch=is_mismatch),
        ]
        self.can_check = instrument.kind == "scale" and instrument.place is not None
        if not self.can_check:
            self.check_hint = self.t("card.only_scales" if instrument.kind != "scale" else "card.no_place")

    def fold_codes(self) -> None:
        """Show the national codes, or fold them away again."""
        self.shows_codes = not self.shows_codes

    def compare(self, answer: str) -> None:
        """Take whether the thing looks like its photo: ``yes`` or ``no``."""
        self.photo_matches = answer

    @property
    def _seen(self) -> LabelSeen:
        matches = {YES: True, NO: False}.get(self.photo_matches)
        return LabelSeen(self._link, self.verdict or None, matches)

    def check(self) -> None:
        """Begin the check, or what has to come before it: a visit, a nameplate."""
        instrument = self._instrument
        if instrument is None or not self.can_check:
            return
        with self.told():
            visit = self.parts.store.drafts.running()
            if visit is None:
                self.go(Route.START, place=instrument.place, task=self._task, instrument=instrument.id, seen=self._seen)
            elif visit.place != instrument.place:
                place = self.parts.store.register.place(visit.place)
                self.check_hint = self.t("card.other_visit", place=place.name if place else "")
            elif instrument.scale is None:
                self.go(Route.NAMEPLATE, instrument=instrument.id, seen=self._seen)
            else:
                opened = open_check(self.parts, visit, instrument, instrument.scale, self._seen)
                keep(self.parts, opened)
                self.go(Route.CHECK, check=opened.open_check)

    def look_at_seals(self) -> None:
        """Look at the physical seals of this instrument."""
        if self._instrument is not None:
            self.go(Route.PHYSICAL_SEALS, instrument=self._instrument.id)

    def scan_next(self) -> None:
        """Scan the next label."""
        self.parts.path.replace(Route.SCAN)
