"""The part of the command line that looks after the bureau's keys: in the safe, and on the server."""

from __future__ import annotations

import argparse
import re
from datetime import date
from pathlib import Path

from server import commands
from shared.keys import Purpose

DESCRIPTION = "The safe is a folder on a machine without a network. docs/keys.md has every step."


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to those of ``dingpan``."""
    parser = parsers.add_parser("keys", help="make, rotate, revoke, publish or show the keys", description=DESCRIPTION)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    _in_the_safe(actions)
    _on_the_server(actions)


def _in_the_safe(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    root = _action(actions, "root", "keys.make_root", "in a new safe: make the root, under a passphrase")
    root.add_argument("--host", type=_host, action="append", default=[], help="printed on labels, upper case")
    root.add_argument(
        "--keep", type=Path, metavar="FILE", help="the key-set.json of a root that is lost: its keys stay"
    )
    issue = _action(actions, "issue", "keys.issue", "in the safe: make new keys and sign them into the set")
    issue.add_argument("--purpose", type=Purpose, action="append", required=True, choices=list(Purpose))
    issue.add_argument("--prefix", type=_prefix, action="append", default=[], help="of seal keys: four digits")
    rotate = _action(actions, "rotate", "keys.rotate", "in the safe: make a key's successor, and let the key end")
    rotate.add_argument("--key", type=int, required=True, metavar="ID", help="the key that ends")
    rotate.add_argument("--until", type=_day, help="its last day (default: in 14 days); publish before it")
    for parser in (issue, rotate):
        parser.add_argument("--from", type=_day, dest="first_day", metavar="DAY", help="first day (default: today)")
        parser.add_argument("--to", type=_day, dest="last_day", metavar="DAY", help="last day (default: 3 years later)")
        serials = "range of serials, such as 1000000-1999999; may be repeated"
        parser.add_argument("--serials", type=_range, action="append", metavar="A-B", help=serials)
    renew = _action(actions, "renew", "keys.renew", "sign again: in the safe the set, on the server the list of labels")
    revoke = _action(actions, "revoke", "keys.revoke", "on the server: void labels; in the safe: give up a key")
    revoke.add_argument("serial", nargs="*", help="serials or short codes")
    revoke.add_argument("--key", type=int, action="append", default=[], metavar="ID", help="give up this key; --safe")
    for parser in (renew, revoke):
        _server_options(parser)
        parser.add_argument("--seq", type=int, help="number of the list, where phones were given a higher one")
    restored = _action(actions, "restored", "keys.restored", "in the safe: sign that the server is of a backup")
    restored.add_argument("request", type=Path, metavar="FILE", help="what 'dingpan restore' wrote for the safe")
    for parser in (root, issue, rotate, renew, revoke, restored):
        needed = parser in (root, issue, rotate, restored)
        parser.add_argument("--safe", type=Path, required=needed, help="folder of the safe")
        parser.add_argument("--passphrase-fd", type=int, metavar="N", help="read the passphrase from this descriptor")


def _on_the_server(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    publish = _action(actions, "publish", "keys.publish", "on the server: check what was carried, and install it")
    publish.add_argument("--from", type=Path, dest="carried", required=True, help="the folder 'carry' of the safe")
    publish.add_argument("--new-root", metavar="SHA256", help="take the set of this root, which is not ours")
    _server_options(publish)
    show = _action(actions, "show", "keys.show", "show the root's fingerprint and the keys")
    show.add_argument("--safe", type=Path, help="show those of a safe")
    _server_options(show)


def _server_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder of a demo; without it the settings of DINGPAN_* hold")
    parser.add_argument("--keys", type=Path, help="the server's folder of keys, where there are no settings yet")


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, work: str, what: str
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=what)
    parser.set_defaults(run=commands.keys, work=work)
    return parser


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Z0-9.-]+", text):
        raise argparse.ArgumentTypeError(f"{text} cannot be printed on labels: A-Z, 0-9, '.' and '-' only")
    return text


def _prefix(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}", text):
        raise argparse.ArgumentTypeError(f"{text} is no region prefix: its first four digits, such as 4116")
    return text


def _range(text: str) -> tuple[int, int]:
    if not (found := re.fullmatch(r"([0-9]{1,13})-([0-9]{1,13})", text)):
        raise argparse.ArgumentTypeError(f"{text} is no range of serials, such as 1000000-1999999")
    return int(found[1]), int(found[2])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no day, such as 2026-11-22") from error
