"""What is asked of the network: whether what goes over it now costs by the byte."""

from __future__ import annotations

from typing import Protocol


class Network(Protocol):
    """The network that is used now. ``is_metered`` is asked on the sync's thread, before each large photo."""

    def is_metered(self) -> bool:
        """Say whether it is paid for by the byte, as mobile data are; True where nobody can tell."""
