"""The nameplate, picked from lists: what stands on the thing goes before what the register says."""

from __future__ import annotations

from dataclasses import replace

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.check.wording import nameplate
from fieldapp.nameplate.lists import CLASSES, E_G, MAX_KG, choices, masses, problem_of, scale_of
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.store.rows import Instrument
from fieldapp.viewmodel import ViewModel
from fieldapp.visit.walk import LabelSeen, concluded, judged, keep, open_check
from shared.errors import RuleError
from shared.scales import Scale
from shared.sentences import error_sentence, grams, kilograms

CHOICES = ("accuracy_class", "max_mg", "e_mg", "price_computing")


class NameplateViewModel(ViewModel):
    """Choices are ``key``, ``text`` and whether ``chosen``; ``summary`` is the nameplate as understood."""

    title = StringProperty("")
    classes = ListProperty()
    maxima = ListProperty()
    intervals = ListProperty()
    price_choices = ListProperty()
    accuracy_class = StringProperty("")
    max_mg = StringProperty("")
    e_mg = StringProperty("")
    price_computing = StringProperty("yes")
    summary = StringProperty("")
    problem = StringProperty("")
    can_go_on = BooleanProperty(False)

    def __init__(self, parts: Parts, instrument: str, seen: LabelSeen | None = None, check: str = "") -> None:
        super().__init__(parts)
        self._seen, self._check = seen or LabelSeen(), check
        found = parts.store.register.instrument(instrument)
        if found is None:
            raise KeyError(instrument)
        self._instrument: Instrument = found
        self.title = found.serial
        self._recall(found)
        for name in CHOICES:
            self.fbind(name, self._look)
        self._look()

    def _recall(self, instrument: Instrument) -> None:
        visit = self.parts.store.drafts.running()
        scale = visit.check(self._check).scale if visit and self._check else None
        source: Scale | Instrument = scale or instrument
        self.accuracy_class = source.accuracy_class if source.accuracy_class in CLASSES else ""
        self.max_mg, self.e_mg = str(source.max_mg or ""), str(source.e_mg or "")
        self.price_computing = "no" if source.price_computing is False else "yes"

    def choose(self, name: str, key: str) -> None:
        """Take one of the choices."""
        setattr(self, name, key)

    def _look(self, *_: object) -> None:
        texts = self.parts.texts
        self.classes = choices([(name, self.t("nameplate.class", name=name)) for name in CLASSES], self.accuracy_class)
        self.maxima = choices(masses(texts, kilograms, MAX_KG, 1_000_000, self.max_mg), self.max_mg)
        self.intervals = choices(masses(texts, grams, E_G, 1_000, self.e_mg), self.e_mg)
        yes_no = [(key, self.t(f"nameplate.price_{key}")) for key in ("yes", "no")]
        self.price_choices = choices(yes_no, self.price_computing)
        scale = self._scale()
        self.summary = nameplate(texts, scale) if scale else ""
        self.problem = self._problem(scale) if scale else ""
        self.can_go_on = scale is not None and not self.problem

    def _scale(self) -> Scale | None:
        if not (self.max_mg and self.e_mg and self.accuracy_class):
            return None
        return scale_of(self.accuracy_class, int(self.max_mg), int(self.e_mg), is_price=self.price_computing == "yes")

    def _problem(self, scale: Scale) -> str:
        return problem_of(self.parts, scale, self._instrument.region)

    def go_on(self) -> None:
        """Test by this nameplate; readings that were taken already are judged anew."""
        scale, visit = self._scale(), self.parts.store.drafts.running()
        if scale is None or visit is None or not self.can_go_on:
            return
        with self.told():
            if self._check:
                check = replace(visit.check(self._check), scale=scale)
                try:
                    visit = visit.with_check(concluded(check, judged(self.parts, visit, check)))
                except RuleError as error:
                    self.problem = error_sentence(self.parts.texts, error)
                    return
            else:
                visit = open_check(self.parts, visit, self._instrument, scale, self._seen)
            keep(self.parts, visit)
            self.parts.path.stops.pop()
            if self._check:
                self.parts.path.again()
            else:
                self.go(Route.CHECK, check=visit.open_check)
