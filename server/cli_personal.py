"""The part of the command line that looks after personal data: keys, case groups, retention, one person's data."""

from __future__ import annotations

import argparse
from pathlib import Path

from server import commands


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to those of ``dingpan``."""
    _contacts(parsers.add_parser("contacts", help="look after the keys of identity numbers and contacts"))
    _case_groups(parsers.add_parser("case-group", help="who may read who reported something"))
    _people(parsers.add_parser("person", help="take out or delete the data of somebody who acts for a party"))
    retention = parsers.add_parser("retention", help="delete what is kept no longer; run it daily")
    actions = retention.add_subparsers(required=True, metavar="ACTION")
    run = _action(actions, "run", "personal.retain", "delete what is over its time, in batches")
    run.add_argument("--dry-run", action="store_true", help="only count what would go")


def _people(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    export = _action(actions, "export", "personal.export_person", "write everything kept about somebody, as a zip")
    export.add_argument("--out", type=Path, required=True, help="the zip to write; it must not be there yet")
    close = _action(actions, "delete", "personal.delete_person", "close somebody's account, at their request")
    close.add_argument("--confirm", default="", help="the same id once more")
    for parser_ in (export, close):
        parser_.add_argument("--id", required=True, help="the id of a merchant's person")
        parser_.add_argument("--by", required=True, metavar="NAME", help="the sign-in name of a system administrator")


def _contacts(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    rotate = _action(actions, "rotate", "contacts.rotate", "seal everything under the first key of DINGPAN_DATA_KEYS")
    rotate.add_argument("--index", action="store_true", help="make the keyed hashes of all numbers anew as well")


def _case_groups(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = _action(actions, "create", "contacts.create_group", "make a group; its passphrase is asked for twice")
    create.add_argument("--name", required=True)
    create.add_argument("--unit", required=True, help="the id of the unit whose people may read")
    _action(actions, "list", "contacts.list_groups", "show every group")
    end = _action(actions, "end", "contacts.end_group", "seal nothing more to a group")
    end.add_argument("id")
    seal = _action(actions, "seal", "contacts.seal_contact", "seal a JSON object of texts, read from stdin")
    seal.add_argument("--group", required=True, help="the id of a group")
    seal.add_argument("--about", required=True, metavar="KIND:ID", help="what was reported, such as party:...")
    reading = _action(actions, "open", "contacts.open_contact", "read what was sealed; the passphrase is asked for")
    reading.add_argument("id")
    reading.add_argument("--by", required=True, metavar="NAME", help="the sign-in name of who reads")
    reading.add_argument("--why", required=True, help="the number of a case; it is logged, so name nobody")


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, work: str, what: str
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=what)
    parser.add_argument("--data", type=Path, help="folder of a demo; without it the settings of DINGPAN_* hold")
    parser.set_defaults(run=commands.personal_data, work=work)
    return parser
