"""One record: its receipt as it was checked, or why the server did not accept it and what can be done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.outbox.wording import CODES, title
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.store.forms import VISIT
from fieldapp.store.outbox import NEEDS_A_LOOK, Entry, OpState
from fieldapp.store.uploads import LOST
from fieldapp.sync import wording
from fieldapp.viewmodel import ViewModel
from fieldapp.visit.model import Visit
from fieldapp.visit.walk import keep
from shared.dates import parse_instant

if TYPE_CHECKING:
    from fieldapp.sync.inclusion import Proof


class RecordViewModel(ViewModel):
    """``lines`` are pairs of a name and a value; ``photos`` says why photos were refused, "" where none was."""

    title = StringProperty("")
    second = StringProperty("")
    code = StringProperty("unknown")
    word = StringProperty("")
    sentence = StringProperty("")
    photos = StringProperty("")
    lines = ListProperty()
    proof = StringProperty("")
    can_prove = BooleanProperty(False)
    can_send_again = BooleanProperty(False)
    can_revise = BooleanProperty(False)

    def __init__(self, parts: Parts, op_id: str) -> None:
        super().__init__(parts)
        self._op_id = op_id

    def opened(self) -> None:
        """Read the record."""
        with self.told():
            entry = self.parts.store.outbox.entry(self._op_id)
            if entry is not None:
                self._show(entry)

    def _show(self, entry: Entry) -> None:
        is_mine = entry.person_id == self.parts.me.id
        record = self.parts.store.records.of_op(entry.op_id) if is_mine else None
        self.title = title(self.parts.texts, entry, record) if is_mine else self.t("outbox.of_another")
        self.second = self.t("outbox.line", at=wording.moment(self.parts.texts, entry.made_at), number=entry.device_seq)
        self.code, self.word = CODES[entry.state], self.t(f"outbox.{entry.state}")
        self.sentence = self._sentence(entry)
        self.photos = self._photos(entry)
        self.lines = self._lines(entry)
        self.can_prove = entry.has_receipt
        self.can_send_again = entry.state in (OpState.BLOCKED, OpState.QUARANTINED)
        self.can_revise = entry.state in NEEDS_A_LOOK and record is not None and entry.kind == VISIT

    def _sentence(self, entry: Entry) -> str:
        """An operation that waits is safe here; one that was refused has the server's reason."""
        if entry.state is OpState.RECEIVED:
            return ""
        problem = entry.answer.get("problem")
        told = problem if isinstance(problem, dict) else {}
        reason = wording.sentence(self.parts.texts, str(told.get("detail") or told.get("title") or ""))
        if entry.state is OpState.WAITING:
            return self.t("record.waiting_because", reason=reason) if reason else self.t("record.waiting")
        key = "record.refused" if entry.kind == VISIT else "record.refused_small"
        return self.t(key, reason=reason or self.t("record.no_reason"))

    def _photos(self, entry: Entry) -> str:
        """Say why the server did not take photos of this record, each reason once; they stay on the phone."""
        problems = self.parts.store.uploads.problems_of(entry.op_id)
        return "\n".join(dict.fromkeys(map(self._photo, problems)))

    def _photo(self, problem: dict[str, Any]) -> str:
        if problem == LOST:
            return self.t("record.photo_lost")
        reason = wording.sentence(self.parts.texts, str(problem.get("detail") or problem.get("title") or ""))
        return self.t("record.photo_refused", reason=reason or self.t("record.no_reason"))

    def _lines(self, entry: Entry) -> list[list[str]]:
        from fieldapp.sync.push import receipt_of

        receipt = receipt_of(entry)
        pairs = [("record.op", entry.op_id), ("record.hash", entry.op_sha256)]
        if receipt is not None:
            received = wording.moment(self.parts.texts, parse_instant(receipt.received_at))
            outcome = self.t(f"record.outcome_{receipt.outcome}")
            pairs = [("record.outcome", outcome), ("record.received_at", received), *pairs]
            pairs += [("record.leaf", receipt.leaf_sha256), ("record.ruleset", receipt.ruleset)]
            pairs += [("record.checked", self.t("record.checked_how"))]
        return [[self.t(key), value] for key, value in pairs]

    def prove(self) -> None:
        """Ask the server to prove that the receipt's leaf stands in its log."""
        from fieldapp.sync.failures import SyncFailure

        self.proof = self.t("record.proving")
        self.parts.off_thread(self._prove, self._proved, SyncFailure)

    def _prove(self) -> Proof:
        from fieldapp.sync.inclusion import prove
        from fieldapp.sync.token import Session

        store = self.parts.store
        bureau = store.kept.bureau
        session = Session(store, self.parts.new_client(bureau.url if bureau else ""))
        return prove(store, session, self._op_id)

    def _proved(self, answer: Proof | Exception) -> None:
        if isinstance(answer, Exception):
            self.proof = self.t("record.proof_later")
        else:
            self.proof = self.t(f"record.proof_{answer.code}", number=answer.index + 1, size=answer.size)

    def send_again(self) -> None:
        """Put it back into the queue."""
        with self.told():
            self.parts.store.outbox.send_again(self._op_id)
            self.parts.sync_soon(is_asked=True)
            self.opened()

    def revise(self) -> None:
        """Begin a new visit from this record, which itself stays as it is."""
        with self.told():
            record = self.parts.store.records.of_op(self._op_id)
            if record is None or not self.can_revise:
                return
            if self.parts.store.drafts.running() is not None:
                self.sentence = self.t("record.finish_first")
                return
            keep(self.parts, self._copy(Visit.from_wire(_without_times(record.body))))
            self.parts.path.begin(Route.TODAY)
            self.go(Route.VISIT)

    def _copy(self, visit: Visit) -> Visit:
        """Return the visit with new ids throughout: it will be another record."""
        new_id = self.parts.clock.new_id
        inspections = tuple(
            replace(one, id=new_id(), checks=tuple(replace(check, id=new_id()) for check in one.checks))
            for one in visit.inspections
        )
        return replace(visit, id=new_id(), inspections=inspections)


def _without_times(body: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if name not in ("made_at", "clock_offset_s", "clock_doubt_s")}
