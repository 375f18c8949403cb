"""What ``dingpan keys`` does. Each is handed its options, the settings to ask for where it needs them, and today."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from server import keyring
from server.keys import changes, files, papers, passphrase, publishing, revoking, root, safe
from server.keys.changes import LASTS_DAYS, Change
from server.keys.errors import KeysRefused
from server.keys.papers import Ranges, Wanted
from server.keys.safe import CARRY, Safe
from server.settings import Settings
from shared import seal
from shared.errors import BadShortCode
from shared.keys import KeySet, Purpose
from shared.signing import sha256_hex

AskSettings = Callable[[], Settings]


def make_root(options: Namespace, _: AskSettings, day: date) -> int:
    """Make the root of a new safe and its first set: without keys, or with those of a root that is lost."""
    body = safe.body_to_keep(options.keep) if options.keep else papers.first_body([], day)
    hosts = list(dict.fromkeys([*body["hosts"], *options.host]))
    if not hosts:
        raise KeysRefused("No label could be read without a host. Give --host.")
    files.make_folder(options.safe)
    made = Safe(options.safe, root.make(options.safe, passphrase.ask_twice(options.passphrase_fd)))
    made.sign({**body, "hosts": hosts}, Change(body["keys"], {}), day)
    _say(f"Made the root {sha256_hex(made.root.public)}. Write these digits down, and make two copies of the folder.")
    return 0


def issue(options: Namespace, _: AskSettings, day: date) -> int:
    """Make one key of each purpose, a seal key of each prefix."""
    if bool(options.prefix) != (Purpose.SEAL in options.purpose):
        raise KeysRefused("Seal keys need --prefix, the first four digits of their region; other keys have none.")
    if options.serials and not options.prefix:
        raise KeysRefused("Only seal keys have ranges of serials.")
    others = [_wanted(options, purpose, day) for purpose in options.purpose if purpose is not Purpose.SEAL]
    wanted = [replace(one, serials=None) for one in others]
    wanted += [replace(_wanted(options, Purpose.SEAL, day), prefix=prefix) for prefix in options.prefix]
    opened = _open(options)
    body = opened.body()
    return _signed(opened, body, changes.issue(body, wanted), day)


def rotate(options: Namespace, _: AskSettings, day: date) -> int:
    """Make the successor of a key, and shorten the key's days."""
    opened = _open(options)
    body = opened.body()
    successor = _wanted(options, Purpose.SEAL, day)
    return _signed(opened, body, changes.rotate(body, options.key, successor, until=options.until, day=day), day)


def renew(options: Namespace, settings: AskSettings, day: date) -> int:
    """Sign the same again, so that it does not go stale: the set in the safe, or the list on the server."""
    if options.safe is None:
        return _revoke(options, [], settings, day)
    opened = _open(options)
    body = opened.body()
    return _signed(opened, body, Change(body["keys"], {}), day)


def revoke(options: Namespace, settings: AskSettings, day: date) -> int:
    """Void labels by the online key, or mark keys as compromised by the root."""
    if bool(options.key) == bool(options.serial) or bool(options.key) != bool(options.safe):
        raise KeysRefused("Give serials on the server, or --key with --safe in the safe.")
    if not options.key:
        return _revoke(options, [_serial(which) for which in options.serial], settings, day)
    opened = _open(options)
    body = opened.body()
    return _signed(opened, body, changes.compromise(body, options.key), day)


def restored(options: Namespace, _: AskSettings, day: date) -> int:
    """Sign that the server was restored from a backup, so that phones tell it from a roll-back."""
    del day
    notice = _open(options).sign_notice(files.read(options.request))
    _say(f"Log {notice.log_id}: what came after leaf {notice.size} is lost; restored at {notice.at:%Y-%m-%d %H:%M:%S}.")
    _say(f"Signed. Carry {options.safe / CARRY} to the server and publish it there.")
    return 0


def publish(options: Namespace, settings: AskSettings, day: date) -> int:
    """Check what was carried and install it."""
    host = None if options.keys else settings().seal_host
    folder = _folder(options, settings)
    ring = publishing.publish(folder, options.carried, day=day, host=host, new_root=options.new_root)
    _say(f"Published key set {ring.key_set.seq} of the root {sha256_hex(ring.root_public)}.")
    _say(f"Labels count as current until {ring.key_set.next}. Now delete {options.carried}: it holds private halves.")
    return 0


def show(options: Namespace, settings: AskSettings, day: date) -> int:
    """Show the fingerprint of the root and every key."""
    del day
    if options.safe:
        return _shown(*safe.shown(options.safe))
    ring = keyring.load(_folder(options, settings))
    _shown(ring.root_public, ring.key_set)
    _say(f"revocations {ring.revoked.seq} of {ring.revoked.issued}: {len(ring.revoked.serials)} label(s)")
    return 0


def _shown(root_public: bytes, keys: KeySet) -> int:
    _say(f"root {sha256_hex(root_public)}  key set {keys.seq} of {keys.issued}, the next by {keys.next}")
    for key in keys.keys:
        state = "compromised" if key.is_compromised else "good"
        ranges = "" if key.serials is None else "  serials " + ", ".join(f"{a}-{b}" for a, b in key.serials)
        _say(f"{key.id:3d}  {key.prefix:4}  {key.purpose:<10}  {key.first_day} to {key.last_day}  {state}{ranges}")
    return 0


def _wanted(options: Namespace, purpose: Purpose, day: date) -> Wanted:
    first = options.first_day or day
    serials: Ranges | None = tuple(sorted(options.serials)) if options.serials else None
    return Wanted(purpose, first, options.last_day or first + timedelta(days=LASTS_DAYS), serials=serials)


def _open(options: Namespace) -> Safe:
    return Safe.open(options.safe, partial(passphrase.ask, options.passphrase_fd))


def _signed(opened: Safe, body: papers.Body, change: Change, day: date) -> int:
    keys = opened.sign(body, change, day)
    _shown(opened.root.public, keys)
    _say(f"Signed. Carry {opened.folder / CARRY} to the server and publish it there.")
    return 0


def _revoke(options: Namespace, serials: list[int], settings: AskSettings, day: date) -> int:
    revoked = revoking.revoke(_folder(options, settings), serials, day=day, seq=options.seq)
    _say(f"List {revoked.seq} holds {len(revoked.serials)} label(s) and counts as current until {revoked.next}.")
    return 0


def _folder(options: Namespace, settings: AskSettings) -> Path:
    return options.keys if options.keys else settings().keys_dir


def _serial(which: str) -> int:
    if re.fullmatch(r"[0-9]{1,13}", which) and not int(which) >> 40:
        return int(which)
    try:
        return seal.parse_short_code(which)
    except BadShortCode as error:
        from shared import sentences, texts  # all the rules, for the one who mistypes alone

        raise KeysRefused(sentences.error_sentence(texts.load("en"), error)) from error


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
