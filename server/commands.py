"""What the commands of ``dingpan`` do. Each imports what it needs when it runs: most of them need no server."""

from __future__ import annotations

import argparse
import json
import re
import secrets
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from server.clock import system_clock
from server.mending import CannotDo
from server.settings import Settings, of_this_process
from shared import __version__
from shared.dates import civil_day

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from server.demo.home import Home


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _today() -> date:
    return civil_day(system_clock())


@contextmanager
def _sentences() -> Iterator[None]:
    """Turn what a disk may refuse into CannotDo; the other errors a person can mend are of that kind already."""
    try:
        yield
    except PermissionError as error:
        raise CannotDo(f"No permission for {error.filename}. Choose another folder or change its owner.") from error
    except OSError as error:
        raise CannotDo(f"{error.filename or 'The disk'}: {error.strerror}. Mend that and try again.") from error


@contextmanager
def _stored() -> Iterator[None]:
    """Turn what goes wrong with the database and the photos into CannotDo."""
    from sqlalchemy.exc import OperationalError

    from server.evidence.service import Damaged, StoreDown

    try:
        yield
    except Damaged as error:
        raise CannotDo(f"The photo {error} is damaged. Restore it from the backup.") from error
    except StoreDown as error:
        raise CannotDo(f"The evidence cannot be read: {error}. Check DINGPAN_EVIDENCE.") from error
    except OperationalError as error:
        raise CannotDo(f"The database cannot be used: {error.orig}. Check DINGPAN_DATABASE and 'migrate'.") from error


def _settings(options: argparse.Namespace) -> Settings:
    return _home(options.data).settings() if options.data else of_this_process()


def _home(folder: Path) -> Home:
    from server.demo.home import Home

    home = Home(folder)
    if not (folder / "secrets.json").exists():
        raise CannotDo(f"{folder} holds no demo. Make one with 'dingpan demo --data {folder}'.")
    return home


@contextmanager
def _app(settings: Settings) -> Iterator[Flask]:
    """Make the app with its context, and let go of the database afterwards."""
    from server import create_app, logs
    from server.database import db

    logs.configure(as_json=False)
    app = create_app(settings)
    with _stored(), app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def work_of(name: str) -> Callable[..., int]:
    """Return what a feature does for the command line: ``keys.issue`` is ``issue`` of ``server.keys.commands``."""
    feature, _, function = name.partition(".")
    work: Callable[..., int] = resolve_name(f"server.{feature}.commands:{function}")
    return work


def version(_: argparse.Namespace) -> int:
    """Say which version, rules and SQLite this is."""
    from shared.rules import ruleset_name

    _say(f"dingpan {__version__}\nrules {ruleset_name()}")
    _say(f"SQLite {sqlite3.sqlite_version}\nPython {sys.version.split()[0]}")
    return 0


def demo(options: argparse.Namespace) -> int:
    """Make the demo city where it is missing, print how to get in, serve."""
    from server.demo import start

    with _sentences(), _stored():
        start.run(options)
    return 0


def serve(options: argparse.Namespace) -> int:
    """Serve with the settings of the environment."""
    from server import keyring
    from server.serving import free_port
    from server.serving import serve as run

    with _sentences():
        settings = of_this_process()
        if settings.database_url.startswith("sqlite") and options.workers > 1:
            raise CannotDo("SQLite is served by one process. Use --workers 1, or PostgreSQL in DINGPAN_DATABASE.")
        keyring.load(settings.keys_dir)
        _check_data_keys(settings)
        run(options.host, free_port(options.host, options.port), workers=options.workers)
    return 0


def _check_data_keys(settings: Settings) -> None:
    """Stop before anybody is served when data is sealed under a key that the settings do not name."""
    from sqlalchemy.exc import DBAPIError

    from server.contacts.rotation import check_keys
    from server.database import db
    from server.privacy import NoSuchKey

    with _app(settings):
        try:
            check_keys(db.session(), settings.data_key)
        except NoSuchKey as error:
            raise CannotDo(str(error)) from error
        except DBAPIError:
            return  # a database that cannot be read is told at /readyz, and may come back


def migrate(options: argparse.Namespace) -> int:
    """Bring the database up or down to a revision."""
    from flask_migrate import downgrade, upgrade

    with _sentences(), _app(_settings(options)):
        if options.to == "base":
            downgrade(revision="base")
        else:
            upgrade(revision=options.to)
    _say(f"The database is at {options.to}.")
    return 0


def evidence(options: argparse.Namespace) -> int:
    """Remove what is left of uploads that took too long, and make the public copies that pictures lack."""
    from server import transaction
    from server.clock import now
    from server.database import db
    from server.evidence import service
    from server.evidence.problems import EvidenceDamaged, EvidenceDown
    from server.public import service as public

    with _sentences(), _app(_settings(options)) as app, app.test_request_context():
        session = db.session()
        try:
            with service.told():
                removed = service.remove_stale(session, service.store(), now())
            instruments = service.publish_missing(session, now())
        except (EvidenceDamaged, EvidenceDown) as error:
            raise CannotDo(f"{error.to_json()['detail']} ({error.__cause__})") from error
        public.changed(session, *instruments)
        transaction.commit(session, now())
    _say(f"Removed {removed} part(s) of uploads. Made the public copies of {len(instruments)} instrument(s).")
    return 0


def seed(options: argparse.Namespace) -> int:
    """Load the demo city into an empty, migrated database."""
    from server.demo import load

    password = f"dingpan-{secrets.token_hex(8)}"
    with _sentences(), _app(_settings(options)) as app:
        loaded = load.load_city(
            app, seed=options.seed, as_of=_today(), instruments=options.instruments, password=password
        )
    _say(f"Loaded {loaded.instruments} instruments of {loaded.parties} parties. The staff's password is {password}.")
    return 0


def invite_person(options: argparse.Namespace) -> int:
    """Let one of the staff begin anew by a link, without an administrator; the act is logged as the program's own."""
    from server import transaction
    from server.accounts import service as accounts
    from server.clock import now
    from server.database import begin_write, db

    with _sentences(), _app(_settings(options)) as app:
        session = db.session()
        begin_write()
        person = accounts.by_sign_in_name(session, options.name)
        if person is None or person.is_suspended:
            raise CannotDo(
                f"Nobody who is let in signs in as {options.name}. Check the spelling, or restore the person."
            )
        secret = accounts.staff.begin_anew(session, person, by=None, now=now())
        transaction.commit(session, now())
        link = f"{app.extensions['dingpan'].settings.public_url}/join/{secret}"
        _say(f"{link}\nFor {person.name}, once, until {now() + accounts.staff.INVITATION_LASTS:%Y-%m-%d %H:%M} UTC.")
    return 0


def label(options: argparse.Namespace) -> int:
    """Write labels for paper, screen or NFC tag, or the board of a station."""
    from server.database import db
    from server.seals.printing import orders
    from server.seals.printing.board import board
    from server.seals.printing.files import printed
    from server.seals.printing.lettering import lettering
    from shared import texts

    words = texts.load(options.lang, "server")
    with _sentences(), _app(_settings(options)) as app:
        settings = app.extensions["dingpan"].settings
        letters, session = lettering(settings.assets_dir), db.session()
        serials = [_serial(which) for which in options.which]
        if options.board:
            station = orders.board_at(session, serials[0], settings.seal_host)
            files, count = {options.out: board(station, letters, words)}, len(station.nozzles)
        else:
            labels = orders.ordered(session, serials, settings.seal_host)
            job = {"layout": options.layout, "wanted_mm": options.qr, "start": options.start}
            files, count = printed(labels, options.out, letters, words, **job), len(labels)
        for path, content in files.items():
            path.write_bytes(content)
    _say(f"{', '.join(map(str, files))}: {count} label(s)")
    return 0


def _serial(which: str) -> int:
    from shared import seal, sentences, texts
    from shared.errors import BadShortCode

    if re.fullmatch(r"[0-9]{1,13}", which):
        return int(which)
    try:
        return seal.parse_short_code(which)
    except BadShortCode as error:
        raise CannotDo(sentences.error_sentence(texts.load("en"), error)) from error


def verify_seal(options: argparse.Namespace) -> int:
    """Print what a label's text is worth; exit code 0 only for a genuine one."""
    from server import keyring
    from shared import seal, sentences, texts
    from shared.errors import NotASeal

    words = texts.load(options.lang)
    with _sentences():
        ring = keyring.load(_settings(options).keys_dir)
    try:
        opened = seal.open_seal(options.text, ring.key_set, ring.revoked, _today())
    except NotASeal:
        _say(words("label.not_a_seal"))
        return 1
    payload = opened.payload
    shown = {
        "verdict": opened.verdict.value,
        "sentence": sentences.label_sentence(words, opened.verdict, ring.revoked, _today()),
        "short_code": opened.short,
        "serial": payload.serial,
        "region": payload.region,
        "kind": payload.kind,
        "issued": payload.issued.isoformat(),
        "last_day": payload.last_day.isoformat() if payload.last_day else None,
        "binding": payload.binding.hex(),
    }
    _say(json.dumps(shown, ensure_ascii=False, indent=1))
    return 0 if opened.verdict in (seal.LabelVerdict.GENUINE, seal.LabelVerdict.GENUINE_STALE) else 1


def audit_verify(options: argparse.Namespace) -> int:
    """Check the whole log; exit code 1 when something is wrong."""
    from server.audit import commands
    from server.database import db

    with _sentences(), _app(_settings(options)) as app:
        ours = app.extensions["dingpan"]
        return commands.verify(db.session(), ours.settings, ours.keyring, options)


def feed_tidy(options: argparse.Namespace) -> int:
    """Remove the oldest tombstones of the feed, and snapshots that were followed by another."""
    from server import feed
    from server.database import begin_write, db, lock_log
    from server.sync import snapshots

    if options.keep < 0:
        raise CannotDo("--keep is a number of tombstones, 0 or more.")
    with _sentences(), _app(_settings(options)) as app:
        ours = app.extensions["dingpan"]
        begin_write()
        lock_log()
        pruned = feed.prune(db.session(), options.keep)
        db.session.commit()
        removed = snapshots.tidy(ours.settings.snapshots, ours.keyring.key_set, system_clock())
    _say(f"Removed {pruned} tombstone(s) and {removed} snapshot(s).")
    return 0


def audit_stamp(options: argparse.Namespace) -> int:
    """Have the head of today stamped by the timestamp authority."""
    from server.audit import commands
    from server.database import db

    with _sentences(), _app(_settings(options)) as app:
        ours = app.extensions["dingpan"]
        _say(commands.stamp(db.session(), ours.settings, ours.keyring, system_clock()))
    return 0


def audit_prove(options: argparse.Namespace) -> int:
    """Print the proof that a record stands in the log."""
    from server.audit import commands
    from server.database import db

    with _sentences(), _app(_settings(options)) as app:
        keyring = app.extensions["dingpan"].keyring
        _say(json.dumps(commands.prove(db.session(), keyring, system_clock(), options.id), indent=1))
    return 0


def audit_export(options: argparse.Namespace) -> int:
    """Print the log, one leaf a line, after its signed head."""
    from server.audit import commands
    from server.database import db

    with _sentences(), _app(_settings(options)) as app:
        keyring = app.extensions["dingpan"].keyring
        for line in commands.export(db.session(), keyring, system_clock()):
            sys.stdout.write(f"{line}\n")
    return 0


def evidence_package(options: argparse.Namespace) -> int:
    """Write the evidence package of a record."""
    from server.database import db
    from server.evidence.service import open_store
    from server.packages import service as packages

    with _sentences(), _app(_settings(options)) as app:
        ours = app.extensions["dingpan"]
        store = open_store(ours.settings)
        content = packages.package(db.session(), ours.keyring, store, options.id, system_clock())
        options.file.write_bytes(content)
    _say(f"{options.file}: {len(content)} bytes. docs/verify_evidence.py checks it without us.")
    return 0


def database_role(options: argparse.Namespace) -> int:
    """Give the role that the server runs as its rights on PostgreSQL."""
    from server.audit import role
    from server.database import begin_write, db

    with _sentences(), _app(_settings(options)):
        begin_write()
        role.grant(db.session(), options.role)
    _say(f"{options.role} may add to the log and the operations, and change or delete nothing of them.")
    return 0


def backup(options: argparse.Namespace) -> int:
    """Back up a server that may go on serving."""
    from server.backup import commands

    with _sentences(), _app(_settings(options)) as app:
        ours = app.extensions["dingpan"]
        return commands.backup(ours.settings, ours.keyring, options, system_clock())


def restore(options: argparse.Namespace) -> int:
    """Make a server of a backup."""
    from server import logs
    from server.backup import commands

    logs.configure(as_json=False)
    with _sentences(), _stored():
        settings = None if options.into else _settings(options)
        return commands.restore(settings, options, system_clock())


def personal_data(options: argparse.Namespace) -> int:
    """Run a command on keys, contacts or people; ``options.work`` is handed session, settings, options."""
    from server.database import db
    from server.privacy import NoSuchKey
    from server.problems import Problem

    with _sentences(), _app(_settings(options)) as app, app.test_request_context(headers={"Accept-Language": "en"}):
        work: Callable[[Session, Settings, argparse.Namespace], int] = work_of(options.work)
        try:
            return work(db.session(), app.extensions["dingpan"].settings, options)
        except Problem as error:
            raise CannotDo(error.to_json()["detail"]) from error
        except NoSuchKey as error:
            raise CannotDo(str(error)) from error


def keys(options: argparse.Namespace) -> int:
    """Run a command on the bureau's keys; ``options.work`` is handed options, settings to ask for, and today."""
    with _sentences():
        work: Callable[[argparse.Namespace, Callable[[], Settings], date], int] = work_of(options.work)
        return work(options, lambda: _settings(options), _today())
