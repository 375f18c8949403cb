"""What somebody tries who has taken the server whole: its database, its settings and its keys, but no passphrase."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from flask import Flask
from sqlalchemy import select

from server.contacts import sealing
from server.contacts.groups import _place
from server.contacts.models import CaseGroup, SealedContact
from server.database import Base, db
from server.privacy import data_key

WORDS = re.compile(rb"[\x21-\x7e\x80-\xff]{8,200}")


def loot(app: Flask) -> list[bytes]:
    """Return every value that the server has: cells of all tables, settings, keys and the files of the folder."""
    ours = app.extensions["dingpan"]
    values: list[object] = [ours.settings.secret, *data_key(ours.settings.data_key).by_id.values()]
    values += [signer.secret for signer in ours.keyring.signers.values()] + [ours.keyring.root_public]
    values += [getattr(ours.settings, field.name) for field in dataclasses.fields(ours.settings)]
    for table in Base.metadata.tables.values():
        values += [value for row in db.session.execute(select(table)) for value in row]
    values += [path.read_bytes() for path in Path(ours.settings.keys_dir).rglob("*") if path.is_file()]
    return [value if isinstance(value, bytes) else str(value).encode() for value in values if value not in (None, "")]


def secrets_in(found: list[bytes]) -> Iterator[bytes]:
    """Yield every 32 bytes that could be a private half: parts of what was found, decoded, hashed."""
    for value in dict.fromkeys(found):
        yield hashlib.sha256(value).digest()
        yield from _windows(value[:2000])
        for word in WORDS.findall(value[:2000]):
            yield hashlib.sha256(word).digest()
            try:
                yield from _windows(base64.b64decode(word + b"=" * (-len(word) % 4), validate=True))
            except ValueError:
                continue


def _windows(value: bytes) -> Iterator[bytes]:
    yield from (value[start : start + 32] for start in range(len(value) - 31))


def opened_by_a_thief(app: Flask) -> list[bytes]:
    """Return the sealed contacts that open with anything the server has."""
    found = loot(app)
    kept = list(db.session.scalars(select(SealedContact)))
    groups = {group.id: group for group in db.session.scalars(select(CaseGroup))}
    publics = {group.public for group in groups.values()}
    private = {secret for secret in secrets_in(found) if _public(secret) in publics}
    texts = [text for one in kept for secret in private if (text := _opened(secret, one)) is not None]
    return texts + [value for one in kept for value in found if one.sealed != value and b"13800138000" in value]


def _public(secret: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def _opened(private: bytes, kept: SealedContact) -> bytes | None:
    try:
        return sealing.open_sealed(private, kept.sealed, _place(kept))
    except sealing.NotOpened:
        return None
