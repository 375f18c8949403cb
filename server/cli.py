"""The command line ``dingpan``: run the demo, serve, migrate, print labels, check seals, look after keys.

Every failure a person can mend ends with one sentence on stderr and exit code 2; never with a traceback.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from server import cli_backup, cli_keys, cli_labels, cli_personal, commands
from server.mending import CannotDo
from server.seals.printing import layouts

DEFAULT_DATA = Path("data/demo")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except CannotDo as error:
        sys.stderr.write(f"dingpan: {error}\n")
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dingpan", description="Keeps trade measurement honest.")
    parsers = parser.add_subparsers(required=True, metavar="COMMAND")
    _demo(parsers)
    _server(parsers)
    _labels(parsers)
    cli_keys.add(parsers)
    cli_labels.add(parsers)
    _people(parsers)
    _audit(parsers)
    _evidence(parsers)
    _feed(parsers)
    cli_backup.add(parsers)
    cli_personal.add(parsers)
    version = parsers.add_parser("version", help="say what runs here")
    version.set_defaults(run=commands.version)
    return parser


def _demo(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = parsers.add_parser("demo", help="make a demo city on an embedded database and serve it")
    demo.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder of the demo (default: %(default)s)")
    demo.add_argument("--host", default="127.0.0.1", help="address to serve on (default: %(default)s)")
    demo.add_argument("--port", type=int, default=8340, help="0 takes any free one (default: %(default)s)")
    _city_options(demo)
    demo.add_argument("--json", action="store_true", help="print links and sign-ins as one JSON object before serving")
    demo.add_argument("--app", action="store_true", help="start the field app beside the server")
    demo.set_defaults(run=commands.demo)


def _city_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=411600, help="the same seed makes the same city")
    parser.add_argument("--instruments", type=int, default=1000, help="about how many (default: %(default)s)")


def _server(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = parsers.add_parser("serve", help="serve with the settings of DINGPAN_* (see deploy/env.example)")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8340)
    serve.add_argument("--workers", type=int, default=1, help="processes; more than one needs PostgreSQL")
    serve.set_defaults(run=commands.serve)
    migrate = parsers.add_parser("migrate", help="bring the database to this version's tables")
    _data_option(migrate)
    migrate.add_argument("--to", default="head", help="a revision, 'head' or 'base'")
    migrate.set_defaults(run=commands.migrate)
    role = parsers.add_parser("database-role", help="let the server's role on PostgreSQL only add to the log")
    _data_option(role)
    role.add_argument("role", help="a role that owns nothing; run this as the owner of the tables, after 'migrate'")
    role.set_defaults(run=commands.database_role)
    seed = parsers.add_parser("seed", help="load the demo city into an empty database")
    _data_option(seed)
    _city_options(seed)
    seed.set_defaults(run=commands.seed)


def _labels(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    label = parsers.add_parser("label", help="print labels as PDF, PNG, SVG or for NFC tags")
    _data_option(label)
    label.add_argument("which", nargs="+", help="serials or short codes")
    label.add_argument("--out", type=Path, required=True, help="the file to write: .pdf, .png, .svg or .ndef")
    label.add_argument("--layout", default=layouts.DEFAULT, choices=layouts.LAYOUTS, help="the stickers")
    label.add_argument("--start", type=int, default=1, help="the first free label of a begun sheet, row by row")
    label.add_argument("--qr", type=int, default=30, choices=(30, 40), help="how wide, in mm (default: %(default)s)")
    label.add_argument("--board", action="store_true", help="the board of the station where the first label is")
    label.add_argument("--lang", default="zh-CN", choices=("zh-CN", "en"))
    label.set_defaults(run=commands.label)
    verify = parsers.add_parser("verify-seal", help="say what a label's text is worth, from the key set alone")
    _data_option(verify)
    verify.add_argument("text", help="the link of the QR, exactly as it is printed")
    verify.add_argument("--lang", default="zh-CN", choices=("zh-CN", "en"))
    verify.set_defaults(run=commands.verify_seal)


def _people(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    people = parsers.add_parser("people", help="let somebody in when no administrator can")
    actions = people.add_subparsers(required=True, metavar="ACTION")
    invite = actions.add_parser("invite", help="take away password and second factor, print a new link to join; logged")
    _data_option(invite)
    invite.add_argument("--name", required=True, help="the name the person signs in with")
    invite.set_defaults(run=commands.invite_person)


def _audit(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    audit = parsers.add_parser("audit", help="check, prove or hand out the append-only log")
    actions = audit.add_subparsers(required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="read everything again; exit code 1 and the first bad leaf when touched")
    _data_option(verify)
    verify.add_argument(
        "--head",
        type=argparse.FileType("r", encoding="utf-8"),
        action="append",
        default=[],
        metavar="FILE",
        help="tree heads that a phone kept, as JSON, one a line; may be repeated",
    )
    verify.set_defaults(run=commands.audit_verify)
    stamp = actions.add_parser("stamp", help="have today's head stamped by the timestamp authority; run it daily")
    _data_option(stamp)
    stamp.set_defaults(run=commands.audit_stamp)
    prove = actions.add_parser("prove", help="print the proof that a record stands in the log, as JSON")
    _data_option(prove)
    prove.add_argument("id", help="the id of an operation, a verification or a pledge")
    prove.set_defaults(run=commands.audit_prove)
    export = actions.add_parser("export", help="print the signed head, the key set and every leaf, one a line")
    _data_option(export)
    export.set_defaults(run=commands.audit_export)


def _evidence(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    evidence = parsers.add_parser("evidence", help="hand out what proves a record")
    actions = evidence.add_subparsers(required=True, metavar="ACTION")
    package = actions.add_parser("package", help="write a zip that a stranger can check without us")
    _data_option(package)
    package.add_argument("id", help="the id of a visit, an instrument registered by phone, or an operation")
    package.add_argument("file", type=Path, help="the zip to write")
    package.set_defaults(run=commands.evidence_package)
    tidy = actions.add_parser(
        "tidy", help="remove parts of uploads that took too long, and make public copies that are missing; run it daily"
    )
    _data_option(tidy)
    tidy.set_defaults(run=commands.evidence)


def _feed(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    feed = parsers.add_parser("feed", help="look after what phones pull")
    actions = feed.add_subparsers(required=True, metavar="ACTION")
    tidy = actions.add_parser("tidy", help="remove old tombstones and snapshots nobody goes on with; run it daily")
    _data_option(tidy)
    tidy.add_argument(
        "--keep",
        type=int,
        default=100_000,
        help="tombstones that stay; who missed one begins anew (default: %(default)s)",
    )
    tidy.set_defaults(run=commands.feed_tidy)


def _data_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder of a demo; without it the settings of DINGPAN_* hold")
