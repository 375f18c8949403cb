"""The notice of a restore: the root says that the server lost the end of its log, and from which state it goes on.

Without one, a log that is shorter than a phone saw it is a roll-back. Signed over ``DINGPAN-RESTORE-v1\\0`` and the
body, a JSON text with ``log_id, size, root, at``: the backup held the first ``size`` leaves, with that root, and was
restored ``at`` that moment. What was signed before it and is longer is lost; a second loss needs a second notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared import signing
from shared.dates import parse_instant
from shared.tree import EMPTY_ROOT, TreeHead
from shared.wire.json_text import read_json


@dataclass(frozen=True)
class Notice:
    """What the root said. ``root`` are the 32 bytes over the first ``size`` leaves."""

    log_id: str
    size: int
    root: bytes
    at: datetime

    def excuses(self, lost: TreeHead, new: TreeHead) -> bool:
        """Say whether the notice is about this loss: one head of before the restore, beyond it, and one of after it.

        That the new head only appended to what was restored is to be proven besides.
        """
        is_of_log = lost.log_id == new.log_id == self.log_id
        is_beyond = lost.size > self.size and new.size > self.size
        return is_of_log and is_beyond and parse_instant(lost.signed_at) < self.at <= parse_instant(new.signed_at)


def open_notice(document: object, root_public: bytes) -> Notice | None:
    """Return what a notice says; None for one that this root did not sign, or of another form."""
    if not isinstance(document, Mapping):
        return None
    try:
        body, signature = str(document["body"]), signing.decode_base64(document["signature"])
        if not signing.verify(root_public, signing.RESTORE, body.encode(), signature):
            return None
        return _notice(read_json(body.encode()))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _notice(told: Mapping[str, Any]) -> Notice:
    root, size, log_id = signing.decode_base64(told["root"]), told["size"], told["log_id"]
    if type(size) is not int or size < 0 or len(root) != len(EMPTY_ROOT) or not isinstance(log_id, str):
        raise ValueError("another form")
    return Notice(log_id, size, root, parse_instant(told["at"]))
