"""One record: its receipt as it was checked, or why the server did not accept it and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.outbox.wording import CODES, LOST, REVISED, title
from fieldapp.parts import Parts
from fieldapp.record.revising import can_revise, revise, root_of
from fieldapp.record.sides import is_of_other_body, sides, theirs_of, wrong_fields
from fieldapp.store.outbox import NEEDS_A_LOOK, Entry, OpState
from fieldapp.store.records import Record
from fieldapp.store.uploads import LOST as PHOTO_LOST
from fieldapp.store.uploads import Upload, UploadState
from fieldapp.sync import wording
from fieldapp.viewmodel import ViewModel
from shared.dates import parse_instant

if TYPE_CHECKING:
    from fieldapp.sync.inclusion import Proof


class RecordViewModel(ViewModel):
    """``lines`` are pairs of a name and a value; ``photos`` says why photos were refused, "" where none was.

    ``sides`` are the fields in which this record and the server's differ, ``photo_lines`` how far each photo has come.
    """

    title = StringProperty("")
    second = StringProperty("")
    code = StringProperty("unknown")
    word = StringProperty("")
    sentence = StringProperty("")
    photos = StringProperty("")
    lines = ListProperty()
    sides = ListProperty()
    photo_lines = ListProperty()
    proof = StringProperty("")
    can_prove = BooleanProperty(False)
    can_send_again = BooleanProperty(False)
    can_revise = BooleanProperty(False)

    def __init__(self, parts: Parts, op_id: str) -> None:
        super().__init__(parts)
        self._op_id = op_id

    def opened(self) -> None:
        """Read the record, and follow its photos."""
        self.parts.status.bind(photo=self._follow, ticks=self._follow)
        self._look()

    def closed(self) -> None:
        """Listen no longer."""
        self.parts.status.unbind(photo=self._follow, ticks=self._follow)

    def _follow(self, *_: object) -> None:
        if self.parts.opened is not None:
            self._look()

    def _look(self) -> None:
        with self.told():
            entry = self.parts.store.outbox.entry(self._op_id)
            if entry is not None:
                self._show(entry)

    def _show(self, entry: Entry) -> None:
        is_mine = entry.person_id == self.parts.me.id
        record = self.parts.store.records.of_op(entry.op_id) if is_mine else None
        self.title = title(self.parts.texts, entry, record) if is_mine else self.t("outbox.of_another")
        self.second = self.t("outbox.line", at=wording.moment(self.parts.texts, entry.made_at), number=entry.device_seq)
        by_op = self.parts.store.outbox.revisions().get(entry.op_id)
        is_lost = by_op is None and entry.op_id in self.parts.status.balance.lost
        state = REVISED if by_op else LOST if is_lost else entry.state.value
        self.code, self.word = CODES[state], self.t(f"outbox.{state}")
        self.can_revise = can_revise(self.parts, entry)
        self.sentence = self.t("record.lost") if is_lost else self._sentence(entry, by_op)
        self.sides = self._sides(entry, record)
        uploads = self.parts.store.uploads.of_op(entry.op_id)
        self.photos, self.photo_lines = self._photos(entry), self._photo_lines(entry, uploads)
        self.lines = self._lines(entry)
        self.can_prove = entry.has_receipt
        is_open = entry.state in (OpState.BLOCKED, OpState.QUARANTINED) and by_op is None
        self.can_send_again = is_open or is_lost or bool(self._sendable(uploads))

    def _sentence(self, entry: Entry, by_op: str | None) -> str:
        """An operation that waits is safe here; one that was refused has the server's reason, and what can be done."""
        if by_op:
            return self.t("record.revised", number=self._number(by_op))
        if entry.state is OpState.RECEIVED:
            return self._says_anew(entry)
        reason = wording.sentence(self.parts.texts, wording.reason(entry.answer.get("problem")))
        if entry.state is OpState.WAITING:
            return self.t("record.waiting_because", reason=reason) if reason else self.t("record.waiting")
        reason = reason or self.t("record.no_reason")
        root = root_of(self.parts.store, entry)
        if root is not entry:
            return self.t("record.blocked", number=root.device_seq)
        if entry.state is OpState.CONFLICT and theirs_of(entry):
            return self.t("record.conflict")
        if entry.state is OpState.CONFLICT and self.can_revise and is_of_other_body(entry):
            return self.t("record.conflict_hidden", reason=reason)
        if entry.state is OpState.QUARANTINED and self.can_revise:
            return self.t("record.quarantined", reason=reason)
        return self.t("record.refused" if self.can_revise else "record.refused_small", reason=reason)

    def _number(self, op_id: str) -> int:
        entry = self.parts.store.outbox.entry(op_id)
        return entry.device_seq if entry else 0

    def _says_anew(self, entry: Entry) -> str:
        """Say which refused ones this one says anew; "" for none."""
        numbers = sorted(self._number(old) for old, new in self._revisions() if new == entry.op_id)
        listed = self.t("balance.comma").join(map(str, numbers))
        return self.t("record.revises", numbers=listed) if numbers else ""

    def _revisions(self) -> list[tuple[str, str]]:
        return list(self.parts.store.outbox.revisions().items())

    def _sides(self, entry: Entry, record: Record | None) -> list[list[str]]:
        """Return what must be put right: where the server's record differs, or the fields that it names."""
        if record is None or entry.state not in NEEDS_A_LOOK:
            return []
        theirs = theirs_of(entry)
        if theirs is not None:
            return sides(self.parts.texts, self.parts.store.register, record.body, theirs)
        return wrong_fields(self.parts.texts, entry.answer.get("problem"))

    def _photos(self, entry: Entry) -> str:
        """Say why the server did not take photos of this record, each reason once; they stay on the phone."""
        problems = self.parts.store.uploads.problems_of(entry.op_id)
        return "\n".join(dict.fromkeys(map(self._photo, problems)))

    def _photo(self, problem: dict[str, Any]) -> str:
        if problem == PHOTO_LOST:
            return self.t("record.photo_lost")
        reason = wording.sentence(self.parts.texts, wording.reason(problem))
        return self.t("record.photo_refused", reason=reason or self.t("record.no_reason"))

    def _photo_lines(self, entry: Entry, uploads: list[Upload]) -> list[list[str]]:
        held = {(one.sha256, one.record) for one in self.parts.status.photos_held}
        return [
            [
                self.t("photos.name", number=number),
                self._photo_line(entry, one, is_held=(one.sha256, one.record) in held),
            ]
            for number, one in enumerate(uploads, start=1)
        ]

    def _photo_line(self, entry: Entry, upload: Upload, *, is_held: bool) -> str:
        texts = self.parts.texts
        size = wording.size(texts, upload.bytes)
        if upload.state is UploadState.DONE:
            return self.t("photos.line_done", bytes=size)
        if upload.state is UploadState.REFUSED:
            return self.t("photos.line_refused", bytes=size)
        if entry.state is not OpState.RECEIVED:
            key = "photos.line_after" if entry.state is OpState.WAITING else "photos.line_vain"
            return self.t(key, bytes=size)
        if upload.sent:
            percent = upload.sent * 100 // upload.bytes
            key = "photos.line_held_begun" if is_held else "photos.line_begun"
            return self.t(key, bytes=size, sent=wording.size(texts, upload.sent), percent=percent)
        return self.t("photos.line_held" if is_held else "photos.line_waiting", bytes=size)

    def _sendable(self, uploads: list[Upload]) -> list[Upload]:
        """Return the refused photos that this phone still has."""
        refused = (one for one in uploads if one.state is UploadState.REFUSED)
        return [one for one in refused if self.parts.store.uploads.problem(one.sha256, one.record) != PHOTO_LOST]

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
            store = self.parts.store
            if self._op_id in self.parts.status.balance.lost:
                with store.database.write() as connection:
                    store.outbox.put_back(connection, [self._op_id])
            else:
                store.outbox.send_again(self._op_id)
            for one in self._sendable(store.uploads.of_op(self._op_id)):
                store.uploads.send_again(one.sha256, one.record)
            self.parts.sync_soon(is_asked=True)
            self.parts.status.look(store)
            self._look()

    def revise(self) -> None:
        """Open what was refused as a draft that will be another operation; this one stays as it is."""
        with self.told():
            entry = self.parts.store.outbox.entry(self._op_id)
            if entry is not None and can_revise(self.parts, entry) and (first := revise(self.parts, entry)):
                self.sentence = self.t(first)
