"""The signature: the party reads what was found, and signs or refuses; both are recorded."""

from __future__ import annotations

from dataclasses import replace

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.parts import Parts
from fieldapp.viewmodel import ViewModel
from fieldapp.visit.model import Check, Inspection, Signature, Visit
from fieldapp.visit.walk import judged, keep
from shared.sentences import point_sentence

LONGEST_NAME = 60


class SignatureViewModel(ViewModel):
    """``strokes`` are those of ``SignaturePad``; ``facts`` is what the party signs under."""

    party = StringProperty("")
    facts = StringProperty("")
    signer = StringProperty("")
    strokes = ListProperty()
    can_sign = BooleanProperty(False)
    is_full = BooleanProperty(False)

    def __init__(self, parts: Parts, inspection: str) -> None:
        super().__init__(parts)
        visit = parts.store.drafts.running()
        if visit is None:
            raise KeyError(inspection)
        self._visit: Visit = visit
        self._inspection: Inspection = visit.inspection(inspection)
        self.party = self._inspection.party_name
        self.facts = "\n".join(self._facts(check) for check in self._inspection.measured)
        signed = self._inspection.signature
        if signed and not signed.refused:
            self.signer, self.strokes = signed.name, [list(stroke) for stroke in signed.strokes]
        for name in ("signer", "strokes"):
            self.fbind(name, self._look)
        self._look()

    def _facts(self, check: Check) -> str:
        texts = self.parts.texts
        instrument = self.parts.store.register.instrument(check.instrument)
        verdict = judged(self.parts, self._visit, check)
        points = [point_sentence(texts, reason, check.scale.d_mg) for reason in verdict.reasons if reason.load_mg]
        head = self.t(
            "signature.head", serial=instrument.serial if instrument else "", verdict=texts(f"verdict.{verdict.code}")
        )
        return "\n".join([head, *points])

    def _look(self, *_: object) -> None:
        self.can_sign = bool(self.strokes)

    def sign(self) -> None:
        """Keep the signature and go back."""
        if self.can_sign:
            strokes = tuple(tuple(stroke) for stroke in self.strokes)
            self._keep(Signature(self.signer.strip()[:LONGEST_NAME], False, strokes))

    def refuse(self) -> None:
        """Write down that the party would not sign, and go back."""
        self._keep(Signature(self.signer.strip()[:LONGEST_NAME], True, ()))

    def full(self) -> None:
        """The pad takes no more strokes."""
        self.is_full = True

    def _keep(self, signature: Signature) -> None:
        with self.told():
            keep(self.parts, self._visit.with_inspection(replace(self._inspection, signature=signature)))
            self.back()
