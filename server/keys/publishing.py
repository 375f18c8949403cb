"""Installing what was carried from the safe in the server's folder of keys; checked first, changed whole or not at all.

The private halves come first and the revocation list last, so that a server that reads in between finds a set whose
private halves it has. When the power fails in between, publishing the same again finishes it; a first publication is
begun anew until ``private.json`` stands, which comes last then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from server import keyring
from server.keyring import Keyring
from server.keys import checks, files, papers
from server.keys.errors import KeysRefused
from server.keys.safe import KEY_SET, PRIVATE
from shared import signing
from shared.errors import RefusedKeySet, RefusedRevocations
from shared.keys import KeySet, Purpose, Revocations, open_key_set, open_revocations, takes_over
from shared.restores import open_notice
from shared.signing import Signer

REVOKED = "revoked.json"


@dataclass(frozen=True)
class Papers:
    """A root's public half, private halves by key id, and the signed set opened."""

    root_public: bytes
    secrets: dict[int, bytes]
    document: dict[str, Any]
    key_set: KeySet


def publish(folder: Path, carried: Path, *, day: date, host: str | None, new_root: str | None = None) -> Keyring:
    """Check and install; returns the keyring that holds from now on. Raises KeysRefused with every fault.

    ``host`` is the one printed on labels, None where nobody knows it. ``new_root`` is the SHA-256 of a root that may
    take the place of the one held: the phones must be enrolled again.
    """
    new = read(carried)
    files.make_folder(folder)
    with files.alone(folder):
        held = _held(folder, new)
        _may_follow(held, new, new_root)
        secrets = (held.secrets if held else {}) | new.secrets
        found = _overwritten(held, new) + checks.faults(new.key_set, secrets, held.key_set if held else None, day=day)
        if host and host not in new.key_set.hosts:
            found.append(f"The set does not name {host}, which is printed on labels.")
        if found:
            raise KeysRefused("Not published. " + " ".join(found))
        notices = _notices(folder, carried, new.root_public)
        _install(folder, new, secrets, is_first=held is None, day=day)
        if notices is not None:
            files.install(folder, {papers.RESTORED: notices})
        return keyring.load(folder)


def _notices(folder: Path, carried: Path, root_public: bytes) -> dict[str, Any] | None:
    """Return the notices of restores that were carried, with those published before; None when none were carried."""
    if not (carried / papers.RESTORED).exists():
        return None
    found = [
        notice
        for path in (folder / papers.RESTORED, carried / papers.RESTORED)
        if path.exists()
        for notice in files.read(path).get("notices", [])
    ]
    if any(open_notice(notice, root_public) is None for notice in found):
        raise KeysRefused(f"Not published. {carried / papers.RESTORED} is not what the root signed. Carry it again.")
    return {"notices": [notice for place, notice in enumerate(found) if notice not in found[:place]]}


def read(folder: Path) -> Papers:
    """Read a key set with the private halves beside it; raises KeysRefused."""
    private, document = files.read(folder / PRIVATE), files.read(folder / KEY_SET)
    try:
        root_public = signing.decode_base64(private["root_public"])
        secrets = {int(key_id): signing.decode_base64(text) for key_id, text in private["secrets"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KeysRefused(f"{folder / PRIVATE} is damaged. Restore it or carry it again.") from error
    try:
        return Papers(root_public, secrets, document, open_key_set(document, root_public))
    except RefusedKeySet as error:
        why = error.values["why"]
        raise KeysRefused(f"{folder / KEY_SET} is refused ({why}): it is not what the root signed.") from error


def _held(folder: Path, new: Papers) -> Papers | None:
    """Return what the server has; None before the first publication came to its end."""
    if (folder / PRIVATE).exists():
        return read(folder)
    if (folder / KEY_SET).exists() and files.read(folder / KEY_SET) != new.document:
        raise KeysRefused(f"{folder / PRIVATE} is missing. Restore it from the backup.")
    return None


def _may_follow(held: Papers | None, new: Papers, new_root: str | None) -> None:
    told = signing.sha256_hex(new.root_public)
    if held is None:
        return
    if new.root_public != held.root_public and new_root != told:
        raise KeysRefused(
            f"The set is of another root, {told}. If ours is lost, say --new-root with these digits; see docs/keys.md."
        )
    held_seq, seq = held.key_set.seq, new.key_set.seq
    if not takes_over(held_seq=held_seq, held_body=held.document["body"], seq=seq, body=new.document["body"]):
        raise KeysRefused(
            f"The set has number {seq} and the server has another with {held_seq}. Phones refuse that: take the "
            f"server's {KEY_SET} into the safe and make the change again."
        )


def _overwritten(held: Papers | None, new: Papers) -> list[str]:
    """Tell each private half that would be written over with another."""
    ours = held.secrets if held else {}
    reused = [key_id for key_id, secret in new.secrets.items() if ours.get(key_id, secret) != secret]
    return [f"The server has another private half of key {key_id}: its id was used twice." for key_id in reused]


def _install(folder: Path, new: Papers, secrets: Mapping[int, bytes], *, is_first: bool, day: date) -> None:
    texts = {str(key_id): signing.encode_base64(secret) for key_id, secret in sorted(secrets.items())}
    private = {"root_public": signing.encode_base64(new.root_public), "secrets": texts}
    values: dict[str, Any] = {PRIVATE: private, KEY_SET: new.document}
    revoked = _revocations(folder, new.key_set, secrets, is_first=is_first, day=day)
    values |= {REVOKED: revoked} if revoked else {}
    files.install(folder, dict(reversed(values.items())) if is_first else values)


def _revocations(
    folder: Path, keys: KeySet, secrets: Mapping[int, bytes], *, is_first: bool, day: date
) -> dict[str, Any] | None:
    """Return a new list where the server has none, or one whose key is good no longer; None where its list stays."""
    if is_first and not (folder / KEY_SET).exists():
        return _signed(keys, secrets, frozenset(), seq=1, day=day)
    document = files.read(folder / REVOKED)
    try:
        open_revocations(document, keys)
        return None
    except RefusedRevocations:
        held = _ours_once(document, keys, folder)
    return _signed(keys, secrets, held.serials, seq=held.seq + 1, day=day)


def _ours_once(document: dict[str, Any], keys: KeySet, folder: Path) -> Revocations:
    """Open the list on our own disk although its key has been marked: what it voids stays void."""
    unmarked = tuple(replace(key, is_compromised=False) for key in keys.keys)
    try:
        return open_revocations(document, replace(keys, keys=unmarked))
    except RefusedRevocations as error:
        raise KeysRefused(f"{folder / REVOKED} is not what our keys signed. Restore it from the backup.") from error


def _signed(
    keys: KeySet, secrets: Mapping[int, bytes], serials: frozenset[int], *, seq: int, day: date
) -> dict[str, Any]:
    key = keys.current(Purpose.REVOCATION, day)
    if key is None:
        raise KeysRefused("No revocation key is valid today.")
    return papers.sign_revocations(Signer(secrets[key.id]), key.id, serials, seq=seq, day=day)
