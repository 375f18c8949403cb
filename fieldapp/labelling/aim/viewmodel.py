"""The camera of a labelling day: it waits for a fresh label, then takes the nameplate, and last the label in place.

A label that may not be put on is told in plain words before anything is filed; the camera goes on looking meanwhile, so
the next one needs no touch. Of several labels the one that is touched is taken, and nothing is kept of them before. A
maker's own code beside the nameplate is read into the serial.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.properties import BooleanProperty, OptionProperty, StringProperty

from fieldapp.labelling import walk, wording
from fieldapp.labelling.labels import Fitness, Unfit, fitness
from fieldapp.labelling.lens import Taken
from fieldapp.labelling.model import NAMEPLATE_PHOTO, PLACE_PHOTO, Day, Filing, Step
from fieldapp.labelling.numbers import makers_number
from fieldapp.labelling.scanning import LabelScanning
from fieldapp.parts import Parts
from fieldapp.scan.label import is_label, labels_first
from fieldapp.scan.sight import Sight
from fieldapp.store.rows import Place
from fieldapp.store.trouble import StorageTrouble
from fieldapp.visit.model import Evidence
from shared.seal import LabelVerdict, serial_in
from shared.sentences import label_sentence

AIMED = (Step.LABEL, Step.NAMEPLATE, Step.IN_PLACE)
PHOTOS = {Step.NAMEPLATE: ("plate_photo", NAMEPLATE_PHOTO), Step.IN_PLACE: ("place_photo", PLACE_PHOTO)}
LABEL_CHARACTERS = 133


class AimViewModel(LabelScanning):
    """``word`` and ``sentence`` tell of a label that is not fit; ``found`` is what was read and is fine."""

    step = OptionProperty(Step.LABEL.value, options=[step.value for step in AIMED])
    title = StringProperty("")
    second = StringProperty("")
    hint = StringProperty("")
    shape = StringProperty("unknown")
    word = StringProperty("")
    sentence = StringProperty("")
    found = StringProperty("")
    can_shoot = BooleanProperty(False)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._day: Day | None = None
        self._filing: Filing | None = None
        self._place: Place | None = None

    def opened(self) -> None:
        """Start the camera for the step that is asked for now."""
        with self.told():
            self._day = walk.day_of(self.parts)
            self._place = self.parts.store.register.place(self._day.place)
            self._stand(walk.in_hand(self._day))

    def _stand(self, filing: Filing) -> None:
        """Ask for what this step needs, and look for it."""
        self._filing = filing
        self.step = filing.step.value
        self.title = self.t(f"labelling.aim_{filing.step}")
        self.second = self._place.name if self._place else ""
        self.hint = self.t(f"labelling.hint_{filing.step}")
        self.found = self.t("labelling.makers_number", number=filing.serial) if self._is_numbered(filing) else ""
        self.can_shoot = filing.step in PHOTOS
        self.look()

    def look(self) -> None:
        """Look again; what was told of another label is told no more."""
        self._tell("unknown", "", "")
        super().look()

    @staticmethod
    def _is_numbered(filing: Filing) -> bool:
        return filing.step is Step.NAMEPLATE and bool(filing.serial)

    def on_codes(self, texts: list[str], sight: Sight | None = None) -> None:
        """Take what one frame held; the same again tells nothing new."""
        if self._filing is None or tuple(texts) == self._seen:
            return
        self._seen = tuple(texts)
        with self.told():
            if self._filing.step is Step.LABEL:
                self._on_labels(labels_first(texts), sight)
            elif self._filing.step is Step.NAMEPLATE:
                self._on_makers_codes([text for text in texts if not is_label(text)])
            else:
                self._compare([text for text in texts if is_label(text)], self._filing)

    # The label

    def _on_labels(self, texts: list[str], sight: Sight | None) -> None:
        if len(texts) > 1 and is_label(texts[0]):
            self._tell("unknown", "", "")
            self.ask(texts, sight)
            return
        judged = fitness(self.parts.store, self._place, texts[0])
        if self._day is not None and not (judged.on and self._serial(judged) == self._day.last_label):
            self._take(texts[0], judged)  # unless the camera still looks at the one that was just filed

    def chosen(self, text: str) -> None:
        """Take the label that was touched, or tell why not and let another be touched."""
        self._take(text, fitness(self.parts.store, self._place, text))

    def _take(self, text: str, judged: Fitness) -> None:
        if self._filing is None:
            return
        if judged.unfit is not None:
            self._refuse(judged)
        else:
            self._go_on(replace(self._filing, label=text, label_serial=self._serial(judged)))

    @staticmethod
    def _serial(judged: Fitness) -> int:
        return judged.seal.payload.serial if judged.seal else 0

    def _refuse(self, judged: Fitness) -> None:
        store = self.parts.store
        words = label_sentence(self.parts.texts, judged.verdict, store.documents.revoked, store.label_day())
        why = self.t(f"labelling.unfit_{judged.unfit}")
        if judged.unfit is Unfit.TAKEN:
            self._tell("beyond", self.t("labelling.taken"), f"{wording.instrument(self.parts, judged.on)}\n{why}")
        elif judged.unfit is Unfit.OTHER_KIND:
            self._tell("beyond", self.t("labelling.other_kind"), why)
        elif judged.unfit is Unfit.OTHER_BUREAU and judged.verdict is not LabelVerdict.UNKNOWN_KEY:
            self._tell("beyond", self.t("labelling.other_bureau"), why)
        else:
            self._tell(judged.verdict.value, words, why)

    def _tell(self, shape: str, word: str, sentence: str) -> None:
        self.shape, self.word, self.sentence = shape, word, sentence

    def _go_on(self, filing: Filing) -> None:
        """Go to the next step; where that is the camera's too, it runs on."""
        day, following = self._day, walk.after(filing, verifies=walk.may_verify(self.parts))
        if day is None:
            return
        if following in AIMED:
            filing = replace(filing, step=following)
            self._day = walk.keep(self.parts, replace(day, filing=filing))
            self._stand(filing)
            self.found = self.t("labelling.label_taken") if following is Step.NAMEPLATE else ""
        else:
            walk.go_on(self.parts, day, filing)

    # The maker's code, and the label once it is in place

    def _on_makers_codes(self, texts: list[str]) -> None:
        number = next((number for number in map(makers_number, texts) if number), "")
        if number and self._filing is not None:
            self._filing = replace(self._filing, serial=number)
            self.found = self.t("labelling.makers_number", number=number)

    def _compare(self, texts: list[str], filing: Filing) -> None:
        """Say whether it is the label that was scanned; another one in the photo is a mix-up."""
        serials = [serial_in(text[-LABEL_CHARACTERS:]) for text in texts]
        is_same = filing.label_serial in serials
        is_other = bool(serials) and not is_same
        self.found = self.t("labelling.same_label") if is_same else ""
        self._tell("beyond", self.t("labelling.other_label") if is_other else "", "")
        self.can_shoot = not is_other

    # The photo

    def shoot(self) -> None:
        """Take the photo that this step needs."""
        if self._lens is None or self._filing is None or not self.can_shoot:
            return
        step = self._filing.step
        self.can_shoot = False
        if not self._lens.shoot(PHOTOS[step][1], lambda answer: self._took(step, answer)):
            self.can_shoot = True
            self._tell("unknown", self.t("labelling.no_frame"), "")

    def _took(self, step: Step, answer: Taken) -> None:
        """Take the photo; whoever went elsewhere meanwhile does not want it."""
        self.can_shoot = True
        with self.told():
            if isinstance(answer, StorageTrouble):
                raise answer
            if self._filing is not None and self._filing.step is step and self._lens is not None:
                self._keep_photo(self._filing, answer)
            else:
                walk.drop_photos(self.parts, {answer.sha256} - self._photos)

    @property
    def _photos(self) -> set[str]:
        return self._filing.photos if self._filing else set()

    def _keep_photo(self, filing: Filing, photo: Evidence) -> None:
        name, _ = PHOTOS[filing.step]
        changed: dict[str, Any] = {name: photo}
        before, filing = filing.photos, replace(filing, **changed)
        self._go_on(filing)
        walk.drop_photos(self.parts, before - filing.photos)

    def back(self) -> None:
        """Go one step back."""
        if self._day is None or self._filing is None:
            self.parts.path.back()
            return
        with self.told():
            step = walk.before(self._filing, verifies=walk.may_verify(self.parts))
            if step in AIMED:
                filing = replace(self._filing, step=step)
                self._day = walk.keep(self.parts, replace(self._day, filing=filing))
                self._stand(filing)
            else:
                walk.go_back(self.parts, self._day, self._filing)
