"""A label with what the office knows of it, ready to be shown: the same for every way in which its page is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.keyring import Keyring
from server.public import history, label
from server.public.state import SIGNATURE_SAYS_ENOUGH, Answer, answer
from shared.errors import NotASeal
from shared.seal import Seal, open_seal


@dataclass(frozen=True)
class Shown:
    """``record`` None: the signature says enough, or the office knows nothing of the label."""

    seal: Seal
    record: dict[str, Any] | None
    answer: Answer
    page: label.LabelPage
    today: date


def opened(
    text: str, host: str, keyring: Keyring, today: date, issued: Callable[[int], str | None] | None = None
) -> Seal | None:
    """Return the label of a text with what its signature says; None for a text that is none."""
    try:
        return open_seal(f"HTTPS://{host}/V/{text}", keyring.key_set, keyring.revoked, today, issued)
    except NotASeal:
        return None


def needs_record(seal: Seal) -> bool:
    """Say whether the register must be asked: of a label that is not genuine it says nothing."""
    return seal.verdict not in SIGNATURE_SAYS_ENOUGH


def shown(seal: Seal, record: dict[str, Any] | None, today: date) -> Shown:
    """Return the label as its page shows it on a day."""
    told = answer(seal.verdict, record, today)
    return Shown(seal, record, told, label.label_page(seal, record, told, today), today)


def events(one: Shown) -> list[history.Event]:
    """Return the folded history of a label's page."""
    return history.events(one.page.record, one.today) if one.page.record else []


def found(
    text: str, host: str, keyring: Keyring, today: date, read: Callable[[int], dict[str, Any] | None]
) -> Shown | None:
    """Return the label of a text, its record read where one is needed; None for a text that is none."""
    seal = opened(text, host, keyring, today)
    if seal is None:
        return None
    return shown(seal, read(seal.payload.serial) if needs_record(seal) else None, today)
