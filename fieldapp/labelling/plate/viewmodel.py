"""The nameplate of what is filed: one of those used last at a touch, or picked from lists.

What nobody can read is left out: it stays unknown and is asked for later, never invented.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.labelling import walk
from fieldapp.labelling.model import Day, Filing, Plate, Step
from fieldapp.labelling.wording import plate_line
from fieldapp.nameplate.lists import E_G, MAX_KG, MIN_IN_E, choices, masses, problem_of, scale_of
from fieldapp.parts import Parts
from fieldapp.store.rows import Instrument
from fieldapp.viewmodel import ViewModel
from shared.sentences import grams, kilograms
from shared.words import InstrumentKind

# A nozzle is filed with its dispenser, at the desk.
KINDS = tuple(kind for kind in InstrumentKind if kind is not InstrumentKind.FUEL_NOZZLE)
CLASSES = ("II", "III", "IIII")
MOST_OFFERED = 6
LONGEST_MAKER, LONGEST_MODEL = 120, 60
CHOICES = ("kind", "maker", "model", "accuracy_class", "max_mg", "e_mg", "price_computing")


class PlateViewModel(ViewModel):
    """Choices are ``key``, ``text`` and whether ``chosen``; ``recent`` are whole nameplates, the last used first."""

    second = StringProperty("")
    recent = ListProperty()
    kinds = ListProperty()
    makers = ListProperty()
    models = ListProperty()
    classes = ListProperty()
    maxima = ListProperty()
    intervals = ListProperty()
    price_choices = ListProperty()
    kind = StringProperty(InstrumentKind.SCALE.value)
    maker = StringProperty("")
    model = StringProperty("")
    typed_maker = StringProperty("")
    typed_model = StringProperty("")
    accuracy_class = StringProperty("")
    max_mg = StringProperty("")
    e_mg = StringProperty("")
    price_computing = StringProperty("yes")
    is_scale = BooleanProperty(True)
    summary = StringProperty("")
    problem = StringProperty("")

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._day: Day | None = None
        self._filing: Filing | None = None
        self._here: list[Instrument] = []

    def opened(self) -> None:
        """Offer what was used last, and what the register has at this place."""
        with self.told():
            self._day = walk.day_of(self.parts)
            self._filing = walk.in_hand(self._day)
            self._here = self.parts.store.register.instruments_at(self._day.place)
            place = self.parts.store.register.place(self._day.place)
            self.second = place.name if place else ""
            self.recent = [
                {"key": str(number), "text": plate_line(self.parts.texts, plate), "chosen": False}
                for number, plate in enumerate(self._day.plates[:MOST_OFFERED])
            ]
            if self._filing.plate is not None:
                self._recall(self._filing.plate)
        for name in CHOICES:
            self.fbind(name, self._look)
        self._look()

    def _recall(self, plate: Plate) -> None:
        self.kind, self.maker, self.model = plate.kind, plate.maker, plate.model
        self.accuracy_class = plate.accuracy_class or ""
        self.max_mg, self.e_mg = str(plate.max_mg or ""), str(plate.e_mg or "")
        self.price_computing = "yes" if plate.price_computing else "no"

    def choose_recent(self, key: str) -> None:
        """Take a whole nameplate that was used before."""
        if self._day is not None:
            self._recall(self._day.plates[int(key)])
            self.go_on()

    def choose(self, name: str, key: str) -> None:
        """Take one of the choices; the chosen one again: nobody can read it."""
        may_be_empty = name not in ("kind", "price_computing")
        setattr(self, name, "" if may_be_empty and getattr(self, name) == key else key)

    def write(self, name: str, text: str) -> None:
        """Take a maker or model that no list has; an empty field says nothing against what was picked."""
        if text.strip() or getattr(self, f"typed_{name}"):
            setattr(self, name, text.strip())

    def _look(self, *_: object) -> None:
        texts = self.parts.texts
        self.is_scale = self.kind == InstrumentKind.SCALE
        self.kinds = choices([(kind.value, self.t(f"kind.{kind}")) for kind in KINDS], self.kind)
        makers, models = self._makers(), self._models()
        self.makers, self.models = choices(_same(makers), self.maker), choices(_same(models), self.model)
        self.typed_maker = "" if self.maker in makers else self.maker
        self.typed_model = "" if self.model in models else self.model
        self.classes = choices([(name, self.t("nameplate.class", name=name)) for name in CLASSES], self.accuracy_class)
        self.maxima = choices(masses(texts, kilograms, MAX_KG, 1_000_000, self.max_mg), self.max_mg)
        self.intervals = choices(masses(texts, grams, E_G, 1_000, self.e_mg), self.e_mg)
        yes_no = [(key, self.t(f"nameplate.price_{key}")) for key in ("yes", "no")]
        self.price_choices = choices(yes_no, self.price_computing)
        self.summary = plate_line(texts, self._plate())
        self.problem = self._problem()

    def _makers(self) -> list[str]:
        """Return the makers used last, then the usual ones of the place."""
        used = [plate.maker for plate in self._day.plates] if self._day else []
        return _most_first(used, [one.maker for one in self._here])

    def _models(self) -> list[str]:
        """Return the models of the chosen maker in the same order."""
        used = [plate.model for plate in self._day.plates if plate.maker == self.maker] if self._day else []
        return _most_first(used, [one.model for one in self._here if one.maker == self.maker])

    def _plate(self) -> Plate:
        if not self.is_scale:
            return Plate(kind=self.kind, maker=self.maker, model=self.model, price_computing=False)
        return Plate(
            kind=self.kind,
            maker=self.maker,
            model=self.model,
            accuracy_class=self.accuracy_class or None,
            max_mg=int(self.max_mg) if self.max_mg else None,
            e_mg=int(self.e_mg) if self.e_mg else None,
            price_computing=self.price_computing == "yes",
        )

    def _problem(self) -> str:
        """Say why there can be no such nameplate, where enough of it is known to say."""
        if not (self.is_scale and self.accuracy_class in MIN_IN_E and self.max_mg and self.e_mg):
            return ""
        is_price = self.price_computing == "yes"
        scale = scale_of(self.accuracy_class, int(self.max_mg), int(self.e_mg), is_price=is_price)
        return problem_of(self.parts, scale, "")

    def go_on(self) -> None:
        """Take the nameplate as it is picked."""
        if self._day is None or self._filing is None or self.problem:
            return
        with self.told():
            plate = self._plate()
            filing = replace(self._filing, plate=plate, step=Step.NUMBER)
            walk.go_to(self.parts, self._day.with_plate(plate), filing)

    def back(self) -> None:
        """Go back without a change: to the serial, or to the photo where no nameplate was ever picked."""
        if self._day is None or self._filing is None:
            self.parts.path.back()
            return
        with self.told():
            step = Step.NAMEPLATE if self._filing.plate is None else Step.NUMBER
            walk.go_to(self.parts, self._day, replace(self._filing, step=step))


def _most_first(used: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return a few names, each once: those used, in order, then the others by how often they occur."""
    frequent = [name for name, _ in Counter(others).most_common()]
    return [name for name in dict.fromkeys([*used, *frequent]) if name][:MOST_OFFERED]


def _same(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]
