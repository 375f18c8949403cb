"""Backing a test server up and restoring it, and backups that somebody spoiled."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask

from server.backup import manifest as manifests
from server.backup import parts, restoring, taking
from server.backup.manifest import MANIFEST, Manifest
from server.backup.parts import FolderSource
from server.backup.places import Places, in_folder
from server.backup.restoring import Restored
from server.backup.taking import Taken
from server.clock import now
from server.database import db
from server.keyring import Keyring
from shared.signing import encode_base64
from tests.server.conftest import TestClock, app_on

# What a restore adds to: the act, its leaf with the tree above it, and the state of log and feed.
CHANGED_BY_A_RESTORE = {"act", "leaf", "tree_node", "log_state"}


def lay_out(ring: Keyring, folder: Path) -> None:
    """Write a keyring as it lies on a server."""
    folder.mkdir(exist_ok=True)
    secrets = {str(key_id): encode_base64(signer.secret) for key_id, signer in ring.signers.items()}
    private = {"root_public": encode_base64(ring.root_public), "secrets": secrets}
    documents = {"private": private, "key-set": ring.key_set_document, "revoked": ring.revoked_document}
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document))


def back_up(app: Flask, to: Path) -> Taken:
    """Back up the server of an app, as the command does."""
    ours = app.extensions["dingpan"]
    lay_out(ours.keyring, ours.settings.keys_dir)
    db.session.commit()
    return taking.take(ours.settings, ours.keyring, to, now())


def places_in(folder: Path, app: Flask, new_postgres: Callable[[], str]) -> Places:
    """Return empty places of the same engine as an app's database."""
    folder.mkdir(exist_ok=True)
    return in_folder(folder, new_postgres() if db.engine.dialect.name == "postgresql" else None)


def restore(backup: Path, places: Places) -> Restored:
    with parts.opened(backup) as source:
        return restoring.restore(source, places, now())[1]


def served(places: Places, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    """Yield an app on restored places."""
    yield from app_on(places.database_url, places.keys.parent, keys, clock)


def manifest_of(backup: Path) -> Manifest:
    return manifests.read(FolderSource(backup))[0]


def sign_off(backup: Path, **changes: Any) -> None:
    """Write the manifest anew over the parts as they are: what only deeper checks can find is left to them."""
    old = manifest_of(backup)
    measured = {}
    for name in old.parts:
        if (backup / name).exists():
            with (backup / name).open("rb") as file:
                measured[name] = parts.measured(file)
    (backup / MANIFEST).write_text(replace(old, **({"parts": measured} | changes)).text())


def change_dump(backup: Path, statement: str) -> None:
    """Change the rows of a backed-up SQLite database."""
    with closing(sqlite3.connect(backup / "database.sqlite")) as connection:
        connection.execute(statement)
        connection.commit()
