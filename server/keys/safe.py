"""The safe: a folder on a machine without a network, with the root and the book of the key sets it signed.

``root.json`` is written once. ``key-set.json`` is the newest set, and ``carry/`` what goes to the server: that set,
and the private halves made since the folder was emptied, which are the only thing here that is not encrypted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from server.keys import files, papers, root
from server.keys.changes import Change
from server.keys.errors import KeysRefused
from server.keys.papers import RESTORED, Body
from shared import signing
from shared.errors import RefusedKeySet
from shared.keys import KeySet, open_key_set
from shared.restores import Notice, open_notice
from shared.signing import Signer
from shared.wire.json_text import read_json

KEY_SET, PRIVATE, CARRY = "key-set.json", "private.json", "carry"


@dataclass(frozen=True)
class Safe:
    """An open safe: it can sign."""

    folder: Path
    root: Signer

    @classmethod
    def open(cls, folder: Path, ask: Callable[[], str]) -> Safe:
        """Open the root; raises KeysRefused for a wrong passphrase."""
        return cls(folder, root.open_root(folder, ask))

    def body(self) -> Body:
        """Return the newest set that was signed here; raises KeysRefused when it is not this root's."""
        document = files.read(self.folder / KEY_SET)
        opened_of(self.folder, document, self.root.public)
        return dict(read_json(document["body"]))

    def sign(self, body: Body, change: Change, day: date) -> KeySet:
        """Sign what follows a body and lay it out to be carried; nothing is signed that a phone would refuse."""
        document = papers.sign_key_set(self.root, papers.next_body(body, change.keys, day))
        try:
            opened = open_key_set(document, self.root.public)
        except RefusedKeySet as error:
            raise KeysRefused(f"The new set would be refused ({error.values['why']}). Nothing was signed.") from error
        carry = self.folder / CARRY
        files.make_folder(carry)
        files.install(carry, {PRIVATE: self._private(change), KEY_SET: document})
        files.install(self.folder, {KEY_SET: document})
        return opened

    def sign_notice(self, told: Mapping[str, Any]) -> Notice:
        """Sign a notice of restore and lay it out to be carried with those before it and the newest set.

        Raises KeysRefused for what a phone would not understand.
        """
        document = files.read(self.folder / KEY_SET)
        opened_of(self.folder, document, self.root.public)
        try:
            notice = papers.sign_notice(self.root, told)
        except KeyError as error:
            raise KeysRefused(f"The request names no {error}. Give the file that 'dingpan restore' wrote.") from error
        opened = open_notice(notice, self.root.public)
        if opened is None:
            raise KeysRefused("The request is damaged. Give the file that 'dingpan restore' wrote. Nothing was signed.")
        book = self.folder / RESTORED
        before = files.read(book)["notices"] if book.exists() else []
        notices = {"notices": [*(one for one in before if one != notice), notice]}
        carry = self.folder / CARRY
        files.make_folder(carry)
        files.install(carry, {PRIVATE: self._private(Change([], {})), KEY_SET: document, RESTORED: notices})
        files.install(self.folder, {RESTORED: notices})
        return opened

    def _private(self, change: Change) -> dict[str, Any]:
        """Return the private halves that were not carried yet, those of this change among them."""
        path = self.folder / CARRY / PRIVATE
        waiting = files.read(path).get("secrets", {}) if path.exists() else {}
        made = {str(key_id): signing.encode_base64(secret) for key_id, secret in change.secrets.items()}
        return {"root_public": signing.encode_base64(self.root.public), "secrets": waiting | made}


def opened_of(folder: Path, document: dict[str, Any], root_public: bytes) -> KeySet:
    """Return the safe's key set; raises KeysRefused when it is not what the root signed."""
    try:
        return open_key_set(document, root_public)
    except RefusedKeySet as error:
        raise KeysRefused(f"{folder / KEY_SET} is not what this root signed. Take the server's.") from error


def shown(folder: Path) -> tuple[bytes, KeySet]:
    """Return the public half of a safe's root and its newest set, without the passphrase; raises KeysRefused."""
    root_public = root.public_half(folder)
    return root_public, opened_of(folder, files.read(folder / KEY_SET), root_public)


def body_to_keep(path: Path) -> Body:
    """Return the body of a set that another root signed, for a new root that takes its keys over.

    Nobody checks a signature here: compare the keys with those that the server shows. Raises KeysRefused.
    """
    try:
        body = dict(read_json(files.read(path)["body"]))
        if not all(name in body for name in ("seq", "issued", "next", "hosts", "keys")):
            raise ValueError("no key set")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KeysRefused(f"{path} is no key set. Give the server's key-set.json.") from error
    return body
