"""What can be wrong when labels are ordered or moved; then nothing of it is done."""

from __future__ import annotations

from server.language import t
from server.problems import Problem
from shared.seal import short_code
from shared.words import SealState


class LabelRefused(Problem):
    """A label of the range cannot make this move from where it is; the first such label is named."""

    slug, status = "label-refused", 409

    def __init__(self, serial: int, state: str, wanted: SealState) -> None:
        now, then = t(f"seal_state.{state}"), t(f"seal_state.{wanted}")
        super().__init__(code=short_code(serial), serial=serial, state=now, wanted=then)


class LabelsMissing(Problem):
    """Some labels of the range are not in the ledger of whoever asks."""

    slug, status = "labels-missing", 409


class LabelsTaken(Problem):
    """Somebody else ordered labels at the same moment; the serials are taken."""

    slug, status = "labels-taken", 409


class SerialsUsedUp(Problem):
    """The key that signs labels of the region has no room for so many serials."""

    slug, status = "serials-used-up", 409
