"""Catalogues against each other and against the code: nothing missing, nothing unused, no sentence outside them."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.key_uses import KeyUse, Source, read

LANGUAGES = ("zh-CN", "en")
COMMON = "shared"
# Keys that travel in the error of a schema, ``ValidationError("invalid.range|0|5")``, and are rendered by the server.
SCHEMA_TABLE, SCHEMA_OWNER = "invalid.", "server"

_SPEC = re.compile("(0[0-9]d)?")
_KEY = re.compile(r"[a-z_]+(\.[a-z0-9_-]+)+")


@dataclass(frozen=True)
class Catalogue:
    """The messages of one package in every language."""

    package: str
    messages: Mapping[str, Mapping[str, str]]

    @property
    def keys(self) -> set[str]:
        return set().union(*self.messages.values())


@dataclass(frozen=True)
class Built:
    """How keys are built: the ``tails`` of each prefix (``kind.``, ``visit.short_``), and the prefixes that some files
    are handed, whose keys nobody can read there.
    """

    tails: Mapping[str, Collection[str]]
    indirect: Mapping[str, Collection[str]]

    def keys(self, prefix: str) -> set[str]:
        return {prefix + tail for tail in self.tails.get(prefix, ())}


def catalogues(root: Path) -> list[Catalogue]:
    """Return the catalogue of every package that has a ``texts`` folder."""
    folders = sorted(path.parent for path in root.glob(f"*/texts/{LANGUAGES[0]}.toml"))
    return [
        Catalogue(folder.parent.name, {lang: read_messages(folder / f"{lang}.toml") for lang in LANGUAGES})
        for folder in folders
    ]


def read_messages(path: Path) -> dict[str, str]:
    return dict(flat(tomllib.loads(path.read_text(encoding="utf-8"))) if path.is_file() else ())


def flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


def placeholders(message: str) -> frozenset[str]:
    """Return the names in braces; raises ValueError for anything but ``{name}`` and ``{name:02d}``."""
    found = set()
    for _, name, spec, conversion in string.Formatter().parse(message):
        if name is not None:
            if not name.isidentifier() or conversion or not _SPEC.fullmatch(spec or ""):
                raise ValueError(f"{{{name}}} is no plain placeholder")
            found.add(name)
    return frozenset(found)


def asked(message: str) -> frozenset[str]:
    """Return the placeholders of a message; those of a broken one are told elsewhere."""
    try:
        return placeholders(message)
    except ValueError:
        return frozenset()


def faults(root: Path, built: Built) -> list[str]:
    """Return a sentence for everything that is wrong with the messages under a repository root."""
    known = catalogues(root)
    sources = {package: list(read(root, package)) for package in {COMMON, *(one.package for one in known)}}
    found = [*message_faults(known), *missing_faults(known, sources, built), *unused_faults(known, sources, built)]
    return list(dict.fromkeys(found))


def message_faults(known: list[Catalogue]) -> Iterator[str]:
    for one in known:
        for key in sorted(one.keys):
            yield from (f"{one.package}: {key} {fault}" for fault in one_message_faults(one, key))
        for other in known:
            if COMMON == other.package != one.package:
                yield from (f"{one.package}: {key} stands in {COMMON} too" for key in sorted(one.keys & other.keys))


def one_message_faults(one: Catalogue, key: str) -> Iterator[str]:
    names = set()
    for language, messages in one.messages.items():
        if not messages.get(key, "").strip():
            yield f"is missing in {language}"
            continue
        try:
            names.add(placeholders(messages[key]))
        except ValueError as error:
            yield f"in {language}: {error}"
    if len(names) > 1:
        yield f"asks for other placeholders in another language: {sorted(frozenset().union(*names))}"


def seen_by(package: str, known: list[Catalogue]) -> dict[str, str]:
    """Return the messages a package can name: its own and the common ones."""
    return {
        key: message
        for one in known
        if one.package in (package, COMMON)
        for messages in one.messages.values()
        for key, message in messages.items()
    }


def missing_faults(known: list[Catalogue], sources: Mapping[str, list[Source]], built: Built) -> Iterator[str]:
    for package, files in sources.items():
        seen = seen_by(package, known)
        schema_keys = seen_by(SCHEMA_OWNER, known)
        for source in files:
            yield from (fault for use in source.uses for fault in use_faults(use, seen, built))
            for line, text in source.quoted:
                key = text.partition("|")[0]
                if key.startswith(SCHEMA_TABLE) and _KEY.fullmatch(key) and key not in schema_keys:
                    yield f"{source.path}:{line}: {key} is in no catalogue of {SCHEMA_OWNER}"


def use_faults(use: KeyUse, seen: Mapping[str, str], built: Built) -> Iterator[str]:
    where = f"{use.path}:{use.line}"
    if not use.is_built:
        if use.text not in seen:
            yield f"{where}: {use.text} is in no catalogue"
        elif use.given is not None and (missing := asked(seen[use.text]) - use.given):
            yield f"{where}: {use.text} is not given {', '.join(sorted(missing))}"
        return
    if not use.text:
        prefixes: Iterable[str] = built.indirect.get(use.path, ())
        if not prefixes:
            yield f"{where}: nobody can read this key: build it as prefix and word"
    else:
        prefixes = [use.text]
        is_a_table = any(key.startswith(use.text) for key in seen)
        if prefixes[0] not in built.tails:
            if use.is_asked and is_a_table:
                yield f"{where}: keys of {use.text} are built from no known words"
            return
    for prefix in prefixes:
        yield from (f"{where}: {key} is in no catalogue" for key in sorted(built.keys(prefix) - set(seen)))


def unused_faults(known: list[Catalogue], sources: Mapping[str, list[Source]], built: Built) -> Iterator[str]:
    named = {package: named_in(files, built) for package, files in sources.items()}
    for one in known:
        users = sources if one.package == COMMON else (COMMON, one.package)
        used = set().union(*(named[package] for package in users))
        yield from (f"{one.package}: {key} is used nowhere" for key in sorted(one.keys - used))


def named_in(files: list[Source], built: Built) -> set[str]:
    """Return every key that some code names, quotes or builds."""
    quoted = {text.partition("|")[0] for source in files for _, text in source.quoted}
    uses = [use for source in files for use in source.uses]
    prefixes = {use.text for use in uses if use.is_built and use.text}
    prefixes |= {prefix for use in uses if use.is_built and not use.text for prefix in built.indirect.get(use.path, ())}
    return quoted.union({use.text for use in uses if not use.is_built}, *(built.keys(prefix) for prefix in prefixes))
