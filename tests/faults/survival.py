"""What a phone must hold after it was ended anywhere, and after it has recovered."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

from fieldapp.store.carried import CarriedPackages
from fieldapp.store.database import Database
from fieldapp.store.outbox import OpState
from fieldapp.store.photos import Photos
from fieldapp.store.store import Store
from fieldapp.store.trouble import StorageTrouble
from fieldapp.store.uploads import UploadState
from fieldapp.store.vault import Vault
from tests.faults.headless import LEDGER, NAME
from tests.faults.power import apart, is_chain
from tests.faults.pretend_uploads import PhotoServer
from tests.fieldapp.field_builders import NOON, PIN, SettableClock


def faults(folder: Path, server: PhotoServer) -> list[str]:
    """Return what is wrong with a phone as it lies there."""
    try:
        database = Database(folder / NAME)
    except StorageTrouble as trouble:
        return [f"does not open: {trouble}"]
    try:
        return _faults_in(database, folder, server)
    finally:
        database.close()


def _faults_in(database: Database, folder: Path, server: PhotoServer) -> list[str]:
    found = []
    if database.pragma("integrity_check") != "ok":
        found.append("corrupt")
    if apart(database) or not is_chain(database):
        found.append("a record without its operation")
    held = dict(database.rows("SELECT op_id, op_sha256 FROM op"))
    told = ledger_of(folder)
    found += [f"lost {op_id}" for op_id, sha256 in told["op"].items() if held.get(op_id) != sha256]
    received = {op_id for (op_id,) in database.rows("SELECT op_id FROM op WHERE has_receipt")}
    found += [f"no receipt for {op_id}" for op_id in received - {op.op_id for op in server.ops}]
    if not Vault(database).exists:
        return [*found, *(["the key is gone"] if told["op"] else [])]
    store = Store(database, Vault(database).unlock(PIN, NOON), folder, SettableClock())
    found += [f"cannot read {entry.op_id}" for entry in store.outbox.all() if not _opens(store, entry.op_id)]
    rows = {sha256 for (sha256,) in database.rows("SELECT sha256 FROM photo")}
    found += [f"lost photo {sha256}" for sha256 in told["photo"].keys() - rows]
    found += [f"torn photo {sha256}" for sha256 in rows if not _is_whole(store.photos, sha256)]
    carried = {package.sha256 for package in store.carried.all()}
    found += [f"lost package {sha256}" for sha256 in told["package"].keys() - carried - server.packages.keys()]
    return found + [f"torn package {sha256}" for sha256 in carried if not _is_there(store.carried, sha256)]


def ledger_of(folder: Path) -> dict[str, dict[str, str]]:
    """Return what the store told to be saved: operations with their hash, photos, and packages of others."""
    told: dict[str, dict[str, str]] = {"op": {}, "photo": {}, "package": {}}
    path = folder / LEDGER
    for line in path.read_text().splitlines() if path.exists() else ():
        kind, name, sha256 = line.split(" ")
        told[kind][name] = sha256
    return told


def _opens(store: Store, op_id: str) -> bool:
    try:
        return store.records.of_op(op_id) is not None
    except StorageTrouble:
        return False


def _is_whole(photos: Photos, sha256: str) -> bool:
    try:
        return photos.get(sha256) is not None
    except StorageTrouble:
        return False


def _is_there(carried: CarriedPackages, sha256: str) -> bool:
    path = carried.path(sha256)
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def faults_in_the_end(folder: Path, server: PhotoServer) -> list[str]:
    """Return what is wrong after the phone went on and sent everything; strays are swept after a day."""
    found = faults(folder, server)
    database = Database(folder / NAME)
    store = Store(database, Vault(database).unlock(PIN, NOON), folder, SettableClock())
    ours, theirs = [entry.op_id for entry in store.outbox.all()], [op.op_id for op in server.ops]
    if sorted(ours) != sorted(theirs):
        found.append("the server does not hold each operation once")
    waiting = set(store.outbox.counts()) - {OpState.RECEIVED} | set(store.uploads.counts()) - {UploadState.DONE}
    found += [f"still {state}" for state in sorted(waiting)]
    found += [f"not sent {sha256}" for sha256 in store.uploads.photos() - server.photos.keys()]
    found += [f"still carried {package.sha256}" for package in store.carried.all()]
    found += [str(alarm) for alarm in store.alarms.all()]
    store.carried.sweep(NOON + timedelta(days=3650))
    found += [f"left of a package: {path.name}" for path in store.carried.path("x").parent.glob("*")]
    store.photos.sweep(NOON + timedelta(days=3650))
    if {path.name for path in store.photos._folder.iterdir()} - {
        name for (name,) in database.rows("SELECT sha256 FROM photo")
    }:
        found.append("files and rows of photos differ")
    database.close()
    return found
