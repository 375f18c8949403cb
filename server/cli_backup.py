"""The part of the command line that backs a server up and restores it."""

from __future__ import annotations

import argparse
from pathlib import Path

from server import commands


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to those of ``dingpan``."""
    backup = parsers.add_parser("backup", help="back up a server that goes on serving; docs/backup.md")
    backup.add_argument("--to", type=Path, required=True, help="a new folder, or a new file that ends in .tar")
    backup.add_argument("--data", type=Path, help="folder of a demo; without it the settings of DINGPAN_* hold")
    backup.set_defaults(run=commands.backup)
    restore = parsers.add_parser("restore", help="make a server of a backup, where nothing is yet; docs/backup.md")
    restore.add_argument("backup", type=Path, metavar="FROM", help="the folder or .tar of a backup")
    into = "folder for database, keys and evidence; without it where the settings of DINGPAN_* say"
    restore.add_argument("--into", type=Path, help=into)
    restore.add_argument("--database", metavar="ADDRESS", help="with --into: an empty database on PostgreSQL")
    restore.add_argument("--data", type=Path, help="folder of a demo whose database and keys are gone")
    restore.set_defaults(run=commands.restore)
