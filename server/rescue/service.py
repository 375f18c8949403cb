"""Taking in a rescue package: every byte is checked first, then its operations are pushed, then its photos are kept.

Operations are genuine by the signatures of the phone that made them, whoever brings them; each is answered as in a
push, so a package that comes twice, or after its phone has sent the same, changes nothing. The one who brings it is
told numbers and no contents. Several pushes are several transactions: what was taken in when the power fails stays, and
is a duplicate when the package comes again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from server import transaction
from server.accounts.service import Person, scope_of
from server.administration import service as administration
from server.administration.service import ActKind
from server.database import begin_write
from server.devices.service import Device
from server.evidence import service as evidence
from server.evidence.service import Came
from server.keyring import Keyring
from server.rescue.problems import REFUSALS, RescueForm, RescueTooLarge, of_refusal
from server.sync import service as sync
from shared import ops, rescue
from shared.errors import RefusedRescue
from shared.keys import Purpose
from shared.ops import Status
from shared.wire.json_text import BadJson, read_json
from shared.wire.push import OpSchema

__all__ = ["REFUSALS", "RescueTooLarge"]

PIECE = 1 << 20
OP = OpSchema()
UNREADABLE = "bad-envelope"
STORED = (Status.APPLIED, Status.CONFLICT, Status.REJECTED)


@dataclass(frozen=True)
class Bringer:
    """Who brings a package: a person, by a phone (``device``) or at the desk (None)."""

    person: Person
    device: Device | None = None


@dataclass(frozen=True)
class Reason:
    """Why operations of one kind were not taken in."""

    status: Status
    kind: str
    slug: str


@dataclass
class Taken:
    """What came of a package, whose id is the SHA-256 of its bytes."""

    package: str
    counts: Counter[Status] = field(default_factory=Counter)
    reasons: Counter[Reason] = field(default_factory=Counter)
    photos: Counter[Came] = field(default_factory=Counter)

    @property
    def is_settled(self) -> bool:
        """Whether it need not come again: every operation has an answer that no later push would change."""
        return not self.counts[Status.RETRY]

    @property
    def refused(self) -> int:
        """How many operations were not taken in, and will not be."""
        return sum(self.counts[status] for status in (Status.CONFLICT, Status.REJECTED, Status.BLOCKED))

    @property
    def brought(self) -> int:
        """How many operations and photos the server did not have."""
        return sum(self.counts[status] for status in STORED) + self.photos[Came.KEPT]


def take_in(
    session: Session,
    keyring: Keyring,
    file: IO[bytes],
    bringer: Bringer,
    *,
    most_photo_bytes: int,
    now: Callable[[], datetime],
) -> Taken:
    """Take in a package that lies in a file; raises a problem of ``problems``, and then nothing is taken in."""
    taken = Taken(_sha256(file))

    def _sections() -> Iterator[rescue.Section]:
        file.seek(0)
        chunks = rescue.unseal(file, lambda key_id: _secret(keyring, key_id))
        return rescue.sections(chunks, most_photo_bytes=most_photo_bytes)

    _require_sound(_sections())
    for section in _sections():
        if isinstance(section, rescue.Ops):
            _push(session, keyring, section.content, bringer, taken, now())
        else:
            taken.photos[evidence.take_rescued(session, section.record, section.sha256, section.content, now())] += 1
    if taken.brought or bringer.device is None:
        _record(session, taken, bringer, now())
    return taken


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _secret(keyring: Keyring, key_id: int) -> bytes | None:
    """Return the private half of a rescue key, whether it is still valid or not: past packages are read too."""
    key, signer = keyring.key_set.key(Purpose.RESCUE, key_id), keyring.signers.get(key_id)
    return signer.secret if key is not None and signer is not None else None


def _require_sound(sections: Iterator[rescue.Section]) -> None:
    try:
        for section in sections:
            if isinstance(section, rescue.Ops):
                _listed(section.content)
    except RefusedRescue as refusal:
        raise of_refusal(refusal) from refusal


def _listed(content: bytes) -> list[Any]:
    """Return the operations of a push as values; raises RescueForm where it is none."""
    try:
        body = read_json(content)
    except BadJson as error:
        raise RescueForm from error
    listed = body.get("ops") if isinstance(body, dict) and len(body) == 1 else None
    if not isinstance(listed, list) or not 0 < len(listed) <= ops.MAX_OPS:
        raise RescueForm
    return listed


def _push(session: Session, keyring: Keyring, content: bytes, bringer: Bringer, taken: Taken, now: datetime) -> None:
    """Take in one push. An operation that cannot be read is left out: there is nobody here to halve the push."""
    readable, pushed = [], []
    for value, wire in zip(_listed(content), sync.op_slices(content), strict=True):
        try:
            pushed.append(OP.load(value))
            readable.append(wire)
        except ValidationError:
            taken.counts[Status.REJECTED] += 1
            taken.reasons[Reason(Status.REJECTED, "", UNREADABLE)] += 1
    if not pushed:
        return
    body = b'{"ops":[' + b",".join(readable) + b"]}"
    sender = sync.Sender(bringer.device, scope_of(bringer.person), body)
    for entry in sync.take_push(session, keyring, pushed, sender=sender, now=now):
        status = Status(entry["status"])
        taken.counts[status] += 1
        if "problem" in entry:
            slug = entry["problem"]["type"].rpartition("/")[2]
            taken.reasons[Reason(status, pushed[entry["index"]].kind, slug)] += 1


def _record(session: Session, taken: Taken, bringer: Bringer, now: datetime) -> None:
    """Note as an act who brought what; numbers alone, for the rest is in the log already."""
    details: dict[str, str | int] = {
        "applied": taken.counts[Status.APPLIED],
        "known": taken.counts[Status.DUPLICATE],
        "refused": taken.refused,
        "waits": taken.counts[Status.RETRY],
        "photos": taken.photos[Came.KEPT],
    }
    if bringer.device is not None:
        details["device"] = bringer.device.id
    begin_write()
    administration.record(
        session,
        ActKind.RESCUE_TAKEN_IN,
        by=bringer.person.id,
        about=("package", taken.package),
        now=now,
        **details,
    )
    transaction.commit(session, now)
