"""The words by which columns, units and entries are known: ``words.toml``, looked up without case or space."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

from server.language import t
from server.register_import.columns import Column
from shared.texts import LANGUAGES, load
from shared.words import InstrumentKind, PlaceKind, Use

WORDS_OF = {"kind": InstrumentKind, "use": Use, "place_kind": PlaceKind}
_ASIDE = re.compile(r"[(\[{].*?[)\]}]|/.*$|[*:_\-.\u3001]")
_UNIT_ASIDE = re.compile(r"[(\[{/]([^)\]}]*)")


def folded(text: str) -> str:
    """Return a text as words are compared: NFKC, lower case, no white space.

    >>> folded(" Ｍａｘ　(KG)")
    'max(kg)'
    """
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def _read() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("server.register_import").joinpath("words.toml").read_text("utf-8"))


@cache
def _table(name: str) -> dict[str, str]:
    """Return word by spelling; what our own screens and exports call it counts in every language."""
    found = {folded(spelling): word for word, spellings in _read()[name].items() for spelling in spellings}
    for language in LANGUAGES:
        texts = load(language, "server")
        if name == "columns":
            found |= {_bare(texts(f"import_column.{column}")): column.value for column in Column}
        elif name in WORDS_OF:
            found |= {folded(texts(f"{name}.{word.value}")): word.value for word in WORDS_OF[name]}
    return found


def word_of(name: str, text: str) -> str | None:
    """Return the word of a list (kind, use, accuracy_class, place_kind, units) that an entry means; None: unknown."""
    return _table(name).get(folded(text))


def column_of(header: str) -> Column | None:
    """Return what the header of a column says it is; None when it says nothing known."""
    found = _table("columns").get(_bare(header))
    return Column(found) if found else None


def unit_of(header: str) -> str:
    """Return the unit in brackets or behind a slash of a header; "" when there is none that is known."""
    found = _UNIT_ASIDE.findall(unicodedata.normalize("NFKC", header))
    return next((unit for text in found if (unit := word_of("units", text))), "")


def day_marks() -> tuple[str, ...]:
    """Return the signs that may stand behind year, month and day."""
    return tuple(_read()["dates"]["parts"])


def known(name: str) -> str:
    """Return some entries of a list that are understood, to be told in a sentence."""
    if name == "accuracy_class":
        return t("site.between").join(_read()[name])
    return t("site.between").join(t(f"{name}.{word.value}") for word in WORDS_OF[name])


def _bare(header: str) -> str:
    return folded(_ASIDE.sub("", unicodedata.normalize("NFKC", header)))
