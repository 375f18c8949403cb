"""What ``dingpan backup`` and ``dingpan restore`` do, and what they say."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from datetime import datetime
from pathlib import Path

from server.backup import parts, restoring, taking
from server.backup.errors import NoBackup
from server.backup.places import Places, in_folder, of_settings
from server.keyring import Keyring
from server.settings import Settings
from shared.signing import encode_base64

REQUEST = "restore-request.json"


def backup(settings: Settings, keyring: Keyring, options: Namespace, now: datetime) -> int:
    """Make a backup and say what it holds; 1 when it is made and something is wrong with what was backed up."""
    to: Path = options.to
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        taken = taking.take(settings, keyring, to, now)
    except OSError as error:
        raise NoBackup(
            f"No backup was made: {error.filename or to}: {error.strerror}. Make room, then again."
        ) from error
    made = taken.manifest
    size = sum(part.bytes for part in made.parts.values())
    files = sum(name.startswith(f"{taking.EVIDENCE}/") for name in made.parts)
    _say(f"{to}: {made.rows} rows in {len(made.tables)} tables, {files} files of evidence, {size} bytes.")
    _say(f"Log of {made.log.size} leaves, root {encode_base64(bytes.fromhex(made.log.root))}.")
    _say(f"SHA-256 of the manifest: {taken.sha256}")
    _say(f"It holds the server's private keys: keep it encrypted. It does not hold: {', '.join(made.secrets)}.")
    if not taken.is_log_sound:
        _say("The log does not agree with itself: 'dingpan audit verify' says where. Keep the older backups.")
    for sha256 in made.missing:
        _say(f"Missing evidence: {sha256}")
    return 1 if made.missing or not taken.is_log_sound else 0


def restore(settings: Settings | None, options: Namespace, now: datetime) -> int:
    """Restore a backup and say what is to be done next."""
    places = _places(settings, options)
    with parts.opened(options.backup) as source:
        manifest, restored = restoring.restore(source, places, now)
    request = places.keys / REQUEST
    _write(request, json.dumps(restored.body()))
    _say(f"Restored {manifest.rows} rows of {manifest.made_at}; every hash is as it was backed up.")
    _say(f"The log goes on after leaf {restored.size} with the leaf of this restore.")
    _say(f"Phones take it for a roll-back until the root says otherwise: carry {request} to the safe, docs/backup.md.")
    for sha256 in manifest.missing:
        _say(f"Missing evidence, as in the backup: {sha256}")
    return 0


def _places(settings: Settings | None, options: Namespace) -> Places:
    if options.into is not None:
        options.into.mkdir(parents=True, exist_ok=True, mode=0o700)
        return in_folder(options.into, options.database)
    if settings is None:
        raise AssertionError("without --into the settings say where")
    places = of_settings(settings)
    for place in (places.keys, *([places.evidence] if places.evidence else [])):
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return places


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
