"""Catalogues: every sentence that a person reads, in Simplified Chinese first and English second.

A catalogue is a TOML file of tables; the message ``[verdict] within = "..."`` has the key ``verdict.within``.
Placeholders are ``{name}``. A missing key or placeholder raises: the tests read every key that the code names.

>>> load("zh-CN")("verdict.within")
'未见异常'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import tomli

LANGUAGES = ("zh-CN", "en")
DEFAULT = LANGUAGES[0]


class Texts:
    """The messages of one language; call it with a key and the values of its placeholders."""

    def __init__(self, language: str, messages: Mapping[str, str]) -> None:
        self.language = language
        self.messages = MappingProxyType(dict(messages))

    def __call__(self, key: str, **values: object) -> str:
        """Render one message; KeyError names the key or placeholder that is missing."""
        return self.messages[key].format_map(values)


@cache
def load(language: str, *packages: str) -> Texts:
    """Load the shared messages of a language, then those of each package that has a ``texts`` folder."""
    messages: dict[str, str] = {}
    for package in ("shared", *packages):
        path = files(package).joinpath("texts", f"{language}.toml")
        for key, message in _flat(tomli.loads(path.read_text("utf-8"))):
            if key in messages:
                raise KeyError(f"{key} stands in two catalogues")
            messages[key] = message
    return Texts(language, messages)


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
