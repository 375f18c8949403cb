"""Recusal (回避) on the phone: whom the officer must not inspect, said before anything is recorded.

Source: 中华人民共和国行政处罚法 (2021), article 43. The relations are the officer's own; they come with each token, so
they are known without a network, and are as old as the last sync. So the phone warns and stops nothing: a relation may
have ended since, and what is recorded all the same the server keeps and has a supervisor look at.
"""

from __future__ import annotations

from collections.abc import Iterable

from fieldapp.parts import Parts
from fieldapp.visit.walk import party_of


def warning_at(parts: Parts, place: str) -> str:
    """Return what to say before a visit to a place begins; "" where there is nobody to stand back from."""
    if not parts.store.kept.recused_from:
        return ""
    register = parts.store.register
    found = register.place(place)
    operator = _names(parts, [found.operator] if found else [])
    if operator:
        return parts.texts("recusal.operator", name=operator[0])
    others = _names(parts, (party_of(one) for one in register.instruments_at(place)))
    return parts.texts("recusal.some", names=parts.texts("visit.and").join(others)) if others else ""


def warning_about(parts: Parts, party: str | None) -> str:
    """Return what to say of a party; "" for one that may be inspected."""
    names = _names(parts, [party])
    return parts.texts("recusal.party", name=names[0]) if names else ""


def _names(parts: Parts, parties: Iterable[str | None]) -> list[str]:
    """Return the names of those among some parties whom the officer must not inspect, each once."""
    mine, register = set(parts.store.kept.recused_from), parts.store.register
    found = (register.party(id_) for id_ in dict.fromkeys(parties) if id_ in mine)
    return [party.name if party else parts.texts("recusal.unnamed") for party in found]
