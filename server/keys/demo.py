"""The keys of a demo: made in one step and asking nothing, because whoever has the demo's folder may have them all."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from server.keys import changes, files, papers, publishing, root
from server.keys.papers import Wanted
from server.keys.safe import CARRY, Safe
from shared.keys import Purpose

SAFE = "demo-safe"
DAYS_BACK = DAYS_AHEAD = 1200
ORDER = (Purpose.RECEIPT, Purpose.TREE, Purpose.REVOCATION, Purpose.RESCUE)


def make(folder: Path, *, prefixes: list[str], host: str, day: date) -> None:
    """Make a safe in the folder, one key for each purpose and prefix, and publish them."""
    kept = folder / SAFE
    files.make_folder(kept)
    safe = Safe(kept, root.make_for_demo(kept))
    first, last = day - timedelta(days=DAYS_BACK), day + timedelta(days=DAYS_AHEAD)
    wanted = [Wanted(purpose, first, last) for purpose in ORDER]
    wanted += [Wanted(Purpose.SEAL, first, last, prefix) for prefix in prefixes]
    body = papers.first_body([host], day)
    safe.sign(body, changes.issue(body, wanted), day)
    publishing.publish(folder, kept / CARRY, day=day, host=host)
