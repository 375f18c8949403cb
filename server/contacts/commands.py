"""What ``dingpan contacts`` and ``dingpan case-group`` do."""

from __future__ import annotations

import getpass
import json
import sys
from argparse import Namespace

from sqlalchemy.orm import Session

from server import transaction
from server.accounts import service as accounts
from server.clock import now
from server.contacts import groups, rotation
from server.contacts.models import CaseGroup
from server.database import begin_write
from server.mending import CannotDo
from server.settings import Settings
from shared.ids import is_uuid


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def rotate(session: Session, settings: Settings, options: Namespace) -> int:
    """Seal everything under the current key; exit code 1 when something could not be read."""
    done = {cell.shown: 0 for cell in rotation.CELLS}
    unreadable: list[str] = []
    for batch in rotation.rotate(session, settings.data_key, with_index=options.index):
        done[batch.cell.shown] += batch.done
        unreadable += [f"{batch.cell.shown} of {id_}" for id_ in batch.unreadable]
    if any(done.values()):
        rotation.record(session, settings.data_key, done, now())
    left = rotation.left(session, settings.data_key)
    for name, count in done.items():
        say(f"{name}: {count} sealed anew, {left[name]} left under an older key")
    for name in unreadable:
        say(f"No key opens {name}. Restore it from a backup, or its key in DINGPAN_DATA_KEYS.")
    if not any(left.values()):
        say("No older key is needed any more: take it out of DINGPAN_DATA_KEYS and start the server anew.")
    return 1 if unreadable else 0


def create_group(session: Session, _: Settings, options: Namespace) -> int:
    """Make a case group with a passphrase of its own."""
    if not is_uuid(options.unit) or session.get(accounts.Unit, options.unit) is None:
        raise CannotDo(f"There is no unit {options.unit}. Give the id of a unit.")
    first, second = ask("Passphrase: "), ask("The same again: ")
    if first != second:
        raise CannotDo("The two passphrases differ. Nothing was made; try again.")
    group = groups.create(session, name=options.name[:60], unit_id=options.unit, passphrase=first, now=now())
    say(f"{group.id}  {group.name}\nNobody can bring the passphrase back. Keep it where the group alone finds it.")
    return 0


def list_groups(session: Session, _: Settings, options: Namespace) -> int:
    """Show every group."""
    del options
    for group in groups.all_of(session):
        say(f"{group.id}  {group.name}  {'ended' if group.ended_at else 'open'}")
    return 0


def end_group(session: Session, _: Settings, options: Namespace) -> int:
    """Seal nothing more to a group."""
    groups.end(session, options.id if is_uuid(options.id) else "", now=now())
    say("Nothing more is sealed to this group. What was sealed can be read until its day.")
    return 0


def seal_contact(session: Session, _: Settings, options: Namespace) -> int:
    """Seal who reported something, from stdin."""
    kind, _colon, id_ = options.about.partition(":")
    group = session.get(CaseGroup, options.group) if is_uuid(options.group) else None
    if group is None or not is_uuid(id_) or not kind:
        raise CannotDo("There is no such group, or --about is not KIND:ID. 'dingpan case-group list' shows the groups.")
    try:
        fields = json.load(sys.stdin)
    except ValueError as error:
        raise CannotDo("Stdin is no JSON object of texts, such as a name and a phone.") from error
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise CannotDo("Stdin is no JSON object of texts, such as a name and a phone.")
    begin_write()
    sealed_id = groups.seal(session, group, (kind[:20], id_), fields, now())
    transaction.commit(session, now())
    say(sealed_id)
    return 0


def open_contact(session: Session, _: Settings, options: Namespace) -> int:
    """Print what was sealed, as JSON; the reading is in the log before."""
    person = accounts.staff_named(session, options.by)
    if person is None:
        raise CannotDo(f"Nobody who may sign in is called {options.by}. Give a sign-in name.")
    id_ = options.id if is_uuid(options.id) else ""
    passphrase = ask("Passphrase: ")
    fields = groups.open_contact(session, id_, passphrase, by=person.id, why=options.why[:60], now=now())
    say(json.dumps(fields, ensure_ascii=False))
    return 0


def ask(prompt: str) -> str:
    """Return a secret typed at a terminal without showing it, or the next line of stdin."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
