"""The part of the command line that looks after labels: their scans, and which of the stock are to be revoked."""

from __future__ import annotations

import argparse
from pathlib import Path

from server import commands


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to those of ``dingpan``."""
    detecting = parsers.add_parser("scans", help="what the scans of public labels say")
    what = "make tasks of labels scanned as if there were copies, or in no use, or unknown; run it daily or more often"
    detect = _action(detecting, "detect", "scans.detect", what)
    detect.add_argument("--hours", type=int, help="only labels that were scanned within so many hours")
    counting = parsers.add_parser("stock", help="what the ledger of labels says")
    what = "print the serials of void and lost labels, for dingpan keys revoke"
    _action(counting, "to-revoke", "seals.to_revoke", what)


def _action(parser: argparse.ArgumentParser, name: str, work: str, what: str) -> argparse.ArgumentParser:
    action = parser.add_subparsers(required=True, metavar="ACTION").add_parser(name, help=what)
    action.add_argument("--data", type=Path, help="folder of a demo; without it the settings of DINGPAN_* hold")
    action.set_defaults(run=commands.personal_data, work=work)
    return action
