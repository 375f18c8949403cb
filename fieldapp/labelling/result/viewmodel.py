"""The verification of what is filed: passed at one touch, with numbers that run on from the last.

Only a verifier enters one; the words 合格 and 不合格 belong to the verification body alone. The notices of failed ones
are a series of their own, so the number is asked for before one is taken.
"""

from __future__ import annotations

from dataclasses import replace

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.labelling import walk
from fieldapp.labelling.model import Day, Filing, Verified
from fieldapp.labelling.numbers import following
from fieldapp.nameplate.lists import choices
from fieldapp.parts import Parts
from fieldapp.viewmodel import ViewModel
from shared.words import InstrumentKind, VerificationKind, VerificationResult

PASSED, FAILED = VerificationResult.PASSED, VerificationResult.FAILED


class ResultViewModel(ViewModel):
    """``is_failing``: the number of the notice is asked for. ``until`` says how long one that passed holds."""

    second = StringProperty("")
    kinds = ListProperty()
    kind = StringProperty(VerificationKind.PERIODIC.value)
    passed_no = StringProperty("")
    failed_no = StringProperty("")
    mark_no = StringProperty("")
    until = StringProperty("")
    problem = StringProperty("")
    is_failing = BooleanProperty(False)
    can_pass = BooleanProperty(True)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._day: Day | None = None
        self._filing: Filing | None = None

    def opened(self) -> None:
        """Offer the numbers that follow the last ones."""
        with self.told():
            self._day = walk.day_of(self.parts)
            self._filing = walk.in_hand(self._day)
            self.second = self._filing.serial
            self._recall(self._day, self._filing.verified)
            last_day = walk.last_day_of(self.parts, self._kind_of(self._filing), self._region(self._day))
            self.can_pass = last_day is not None
            self.until = (
                self.t("labelling.until", date=last_day.isoformat()) if last_day else self.t("labelling.no_period")
            )
        for name in ("kind", "passed_no", "failed_no", "mark_no"):
            self.fbind(name, self._look)
        self._look()

    def _recall(self, day: Day, verified: Verified | None) -> None:
        self.kind, self.mark_no = day.verification_kind, following(day.mark_no)
        self.passed_no, self.failed_no = following(day.passed_no), following(day.failed_no)
        if verified is not None:
            self.kind, self.mark_no = verified.kind, verified.mark_no or self.mark_no
            name = "passed_no" if verified.result == PASSED else "failed_no"
            setattr(self, name, verified.document_no)

    def _kind_of(self, filing: Filing) -> str:
        known = self.parts.store.register.instrument(filing.existing)
        if known is not None:
            return known.kind
        return filing.plate.kind if filing.plate else InstrumentKind.SCALE.value

    def _region(self, day: Day) -> str:
        place = self.parts.store.register.place(day.place)
        return place.region if place else ""

    def _look(self, *_: object) -> None:
        named = [(kind.value, self.t(f"verification.{kind}")) for kind in VerificationKind]
        self.kinds, self.problem = choices(named, self.kind), ""

    def choose_kind(self, key: str) -> None:
        """Take which act of the verification body it is."""
        self.kind = key

    def passes(self) -> None:
        """It passed: keep that, and go on."""
        if self.can_pass:
            self._take(PASSED, self.passed_no.strip(), self.mark_no.strip())

    def fails(self) -> None:
        """It failed: ask for the number of the notice first, then keep it and go on."""
        if self.is_failing:
            self._take(FAILED, self.failed_no.strip(), "")
        else:
            self.is_failing, self.problem = True, ""

    def later(self) -> None:
        """It is not verified now."""
        if self._day is not None and self._filing is not None:
            with self.told():
                walk.go_on(self.parts, self._day, replace(self._filing, verified=None))

    def _take(self, result: VerificationResult, document_no: str, mark_no: str) -> None:
        if self._day is None or self._filing is None:
            return
        with self.told():
            if not document_no:
                self.problem = self.t("labelling.needs_document")
            elif self.parts.store.filings.is_number_used(document_no):
                self.problem = self.t("labelling.number_used", number=document_no)
            else:
                verified = Verified(kind=self.kind, result=result.value, document_no=document_no, mark_no=mark_no)
                walk.go_on(self.parts, self._day, replace(self._filing, verified=verified))

    def back(self) -> None:
        """From the notice back to the result; else one step back."""
        if self.is_failing or self._day is None or self._filing is None:
            self.is_failing = False
            return
        with self.told():
            walk.go_back(self.parts, self._day, self._filing)
