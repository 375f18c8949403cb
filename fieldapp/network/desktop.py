"""A desktop's network: not paid for by the byte, unless the command line says so to try what a phone does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DesktopNetwork:
    """``metered`` is ``--metered`` of the command line."""

    metered: bool = False

    def is_metered(self) -> bool:
        """Say what the command line said."""
        return self.metered
