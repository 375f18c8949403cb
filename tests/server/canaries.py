"""Canaries: one value for each place where personal or secret data comes in, and where none of them may be found."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from sqlalchemy import select

from server.database import Base, db

SHORT = 8


@dataclass(frozen=True)
class Canary:
    """A value that came in. ``in_database`` True: it is part of a record and stands there as it came.

    Nowhere else may it be found; what answers to its owner may show is said where the request is made.
    """

    name: str
    value: str
    in_database: bool = False


def forms(value: str) -> Iterator[bytes]:
    """Yield a text as it may lie in a file or a log: UTF-8, UTF-16, in an address, as JSON, hexadecimal, base64."""
    plain = value.encode()
    yield from (plain, value.encode("utf-16-le"), value.encode("utf-16-be"), quote(value, safe="").encode())
    yield value.encode("unicode_escape")
    yield from (plain.hex().encode(), plain.hex().upper().encode())
    for text in (plain, value.encode("utf-16-le")):
        for shift in range(3):
            inner = base64.b64encode(bytes(shift) + text)[2 if shift else 0 : -4]
            yield from (inner[shift and 2 :], inner[shift and 2 :].replace(b"+", b"-").replace(b"/", b"_"))


def found_in(content: bytes, canaries: Iterable[Canary]) -> list[str]:
    """Return the names of the canaries that a content holds in any form."""
    watched = frozenset(canaries)
    if _any_of(watched).search(content) is None:
        return []
    return sorted({one.name for one in watched if any(_holds(content, form) for form in set(forms(one.value)))})


@cache
def _any_of(canaries: frozenset[Canary]) -> re.Pattern[bytes]:
    """Return what finds the first of them: most contents hold none."""
    return re.compile(_either({form for one in canaries for form in forms(one.value) if form}) or rb"(?!)")


def _either(texts: set[bytes]) -> bytes:
    """Return a pattern of any of some texts. Those that begin alike share it: few are tried at each place of a file."""
    if len(texts) < 2 or b"" in texts:
        return re.escape(min(texts, default=b""))
    begun: dict[bytes, set[bytes]] = {}
    for text in texts:
        begun.setdefault(text[:1], set()).add(text[1:])
    return b"(?:" + b"|".join(re.escape(first) + _either(rest) for first, rest in begun.items()) + b")"


def _holds(content: bytes, form: bytes) -> bool:
    """A code of six digits is looked for between what is no digit: hashes hold any six by chance."""
    if len(form) >= SHORT:
        return form in content
    return (
        len(form) > 4 and re.search(rb"(?<![0-9a-zA-Z])" + re.escape(form) + rb"(?![0-9a-zA-Z])", content) is not None
    )


def in_cells(canaries: Iterable[Canary]) -> list[str]:
    """Return what stands in a cell of any table and must not, with the column."""
    hidden = [one for one in canaries if not one.in_database]
    told = []
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            for column, cell in zip(table.columns, row, strict=True):
                content = cell if isinstance(cell, bytes) else str(cell).encode("utf-8", "surrogatepass")
                told += [f"{table.name}.{column.name}: {name}" for name in found_in(content, hidden)]
    return sorted(set(told))


def in_files(folder: Path, canaries: Iterable[Canary], *, but: Iterable[str] = ()) -> list[str]:
    """Return what lies in a folder's files and must not; ``but`` are the names that may."""
    watched = [one for one in canaries if one.name not in set(but)]
    return sorted(
        {name for path in folder.rglob("*") if path.is_file() for name in found_in(path.read_bytes(), watched)}
    )


def database_file(app: Flask) -> Path | None:
    """Return the file of a database on SQLite."""
    url = str(app.extensions["dingpan"].settings.database_url)
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
