"""The part of the command line that looks after personal data: keys, case groups, retention, one person's data."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from server import commands
from server.contacts import commands as contacts


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to those of ``dingpan``."""
    _contacts(parsers.add_parser("contacts", help="look after the keys of identity numbers and contacts"))
    _case_groups(parsers.add_parser("case-group", help="who may read who reported something"))


def _contacts(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    rotate = _action(actions, "rotate", contacts.rotate, "seal everything under the first key of DINGPAN_DATA_KEYS")
    rotate.add_argument("--index", action="store_true", help="make the keyed hashes of all numbers anew as well")


def _case_groups(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = _action(actions, "create", contacts.create_group, "make a group; its passphrase is asked for twice")
    create.add_argument("--name", required=True)
    create.add_argument("--unit", required=True, help="the id of the unit whose people may read")
    _action(actions, "list", contacts.list_groups, "show every group")
    end = _action(actions, "end", contacts.end_group, "seal nothing more to a group")
    end.add_argument("id")
    seal = _action(actions, "seal", contacts.seal_contact, "seal a JSON object of texts, read from stdin")
    seal.add_argument("--group", required=True, help="the id of a group")
    seal.add_argument("--about", required=True, metavar="KIND:ID", help="what was reported, such as party:...")
    reading = _action(actions, "open", contacts.open_contact, "read what was sealed; the passphrase is asked for")
    reading.add_argument("id")
    reading.add_argument("--by", required=True, metavar="NAME", help="the sign-in name of who reads")
    reading.add_argument("--why", required=True, help="the number of a case; it is logged, so name nobody")


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, work: Callable[..., int], what: str
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=what)
    parser.add_argument("--data", type=Path, help="folder of a demo; without it the settings of DINGPAN_* hold")
    parser.set_defaults(run=commands.personal_data, work=work)
    return parser
