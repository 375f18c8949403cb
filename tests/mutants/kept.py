"""What earlier runs killed: a mutant of a function that has not changed since need not be killed again.

Tests are added, hardly ever taken away; whoever takes one away runs ``make mutants ARGS=anew``. Only what a test
noticed is kept: survivors, and what ran out of time, are tried again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

NOTICED = {1, 2, 3}
Meta = dict[str, Any]


def kept(copy: Path, file: Path) -> dict[str, Meta]:
    """Return what the last run killed, over what was kept before, by file, and keep it."""
    known: dict[str, Meta] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    for path in (copy / "mutants").glob("shared/**/*.meta"):
        name = path.relative_to(copy / "mutants").as_posix().removesuffix(".meta")
        known[name] = _noticed(json.loads(path.read_text("utf-8")))
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(known), "utf-8")
    return known


def _noticed(meta: Meta) -> Meta:
    codes = {name: code for name, code in meta["exit_code_by_key"].items() if code in NOTICED}
    return meta | {"exit_code_by_key": codes}


def restore(known: dict[str, Meta], copy: Path, files: Iterable[str]) -> None:
    """Lay what was killed where mutmut looks for its own earlier results."""
    for file in files:
        if file in known:
            path = copy / "mutants" / f"{file}.meta"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(known[file]), "utf-8")
