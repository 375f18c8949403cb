"""What a campaign tells about itself: seeds and counts, shown with ``pytest -rP`` and where a test fails."""

from __future__ import annotations

import sys


def tell(text: object) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
