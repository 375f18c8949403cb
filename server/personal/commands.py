"""What ``dingpan retention`` and ``dingpan person`` do."""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from argparse import Namespace
from typing import Any

from sqlalchemy.orm import Session

from server import transaction
from server.accounts import service as accounts
from server.clock import now
from server.database import begin_write
from server.language import t
from server.mending import CannotDo
from server.personal import retention, service
from server.settings import Settings
from shared.ids import is_uuid


def retain(session: Session, _: Settings, options: Namespace) -> int:
    """Delete what is over its time, or only count it."""
    counts = retention.over(session, now()) if options.dry_run else retention.run(session, now())
    for table, count in counts.items():
        say(f"{table}: {count} {'would go' if options.dry_run else 'deleted'}")
    return 0


def export_person(session: Session, _: Settings, options: Namespace) -> int:
    """Write everything kept about somebody who acts for a party."""
    administrator = _administrator(session, options.by)
    begin_write()
    try:
        found = service.export(session, _id(options.id), by=administrator.id, now=now())
    except service.NotTheirs as error:
        raise CannotDo(f"{options.id} is of the staff: what they signed is the bureau's record.") from error
    except LookupError as error:
        raise CannotDo(f"There is no person {options.id}. Give the id of a merchant's person.") from error
    _write_whole(options.out, zipped(found), session)
    say(f"{options.out}: hand it to the person alone, then delete it.")
    return 0


def _write_whole(out: str, data: bytes, session: Session) -> None:
    """Leave a file that only its owner may read, and the act of it, or neither."""
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise CannotDo(f"{out} cannot be written: {error.strerror}. Name a file that is not there yet.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        transaction.commit(session, now())
    except BaseException:
        os.unlink(out)
        raise


def zipped(found: dict[str, Any]) -> bytes:
    """Return a zip of the data and a sentence on what it is."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("personal-data.json", json.dumps(found, ensure_ascii=False, indent=1))
        archive.writestr("readme.txt", t("own_data.file_says"))
    return whole.getvalue()


def delete_person(session: Session, _: Settings, options: Namespace) -> int:
    """Close somebody's account for them, when its id is typed twice."""
    administrator = _administrator(session, options.by)
    if options.confirm != options.id:
        raise CannotDo("This cannot be undone. Give the same id with --confirm.")
    begin_write()
    try:
        service.close(session, _id(options.id), by=administrator.id, now=now())
    except service.NotTheirs as error:
        raise CannotDo(f"{options.id} is of the staff: what they signed is the bureau's record.") from error
    except LookupError as error:
        raise CannotDo(f"There is no person {options.id}, or the account is closed already.") from error
    transaction.commit(session, now())
    say("The account is closed. Signed pledges and inspection records stay: they are public facts.")
    return 0


def _administrator(session: Session, name: str) -> accounts.Person:
    person = accounts.staff_named(session, name)
    if person is None or person.role != accounts.Role.SYSTEM_ADMINISTRATOR:
        raise CannotDo(f"{name} is no system administrator. Give the sign-in name of one with --by.")
    return person


def _id(text: str) -> str:
    if not is_uuid(text):
        raise CannotDo(f"{text} is no id of a person.")
    return text


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
