"""What is in hand: a move that somebody filled in, and that can still be recorded."""

from __future__ import annotations

from fieldapp.parts import Parts
from fieldapp.physical_seals.model import Move


def in_hand(parts: Parts) -> Move | None:
    """Return what the person filled in last; None when there is nothing, or its instrument left the register."""
    move = parts.store.seal_moves.last_draft(parts.me.id)
    return move if move is not None and parts.store.register.instrument(move.instrument) is not None else None
