"""Sentences that stand outside the catalogues: Chinese in code, kv and templates, English text in templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.key_uses import TEMPLATES, of_python

PACKAGES = ("shared", "server", "fieldapp")
# The units people say are read as they are typed; marks between which a line may break; the demo city is invented.
EXEMPT = {
    "shared/quantities.py": re.compile("[公千]?[斤克两]|元/"),
    "fieldapp/theme/line_breaks.py": re.compile(r"\W+"),
}
NOTHING = re.compile("")
INVENTED = "server/demo/"

_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_ENGLISH = re.compile(r"[A-Za-z]{2,}\s+[A-Za-z]{2,}")
_COMMENTS = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
_NO_TEXT = re.compile(r"<(script|style)\b.*?</\1>|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.DOTALL)
_KV_COMMENT = re.compile(r"(^|\s)#.*$")


def loose_words(root: Path) -> list[str]:
    """Return ``path:line: words`` for every sentence that stands in code."""
    return [
        f"{where}:{line}: {words.strip()[:40]}"
        for package in PACKAGES
        for path in sorted((root / package).rglob("*"))
        if not (where := path.relative_to(root).as_posix()).startswith(INVENTED)
        for line, words in words_in(path, where)
    ]


def words_in(path: Path, where: str) -> Iterator[tuple[int, str]]:
    if path.suffix == ".py":
        exempt = EXEMPT.get(where, NOTHING)
        quoted = of_python(where, path.read_text(encoding="utf-8")).quoted
        yield from ((line, text) for line, text in quoted if _CHINESE.search(text) and not exempt.fullmatch(text))
    elif path.suffix == ".kv":
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if _CHINESE.search(_KV_COMMENT.sub("", text)):
                yield number, text
    elif path.suffix in TEMPLATES and "templates" in path.parts:
        yield from words_in_template(blank(_COMMENTS, path.read_text(encoding="utf-8")))


def words_in_template(text: str) -> Iterator[tuple[int, str]]:
    shown = blank(_NO_TEXT, text).splitlines()
    for number, line in enumerate(text.splitlines(), start=1):
        if _CHINESE.search(line) or _ENGLISH.search(shown[number - 1]):
            yield number, line


def blank(pattern: re.Pattern[str], text: str) -> str:
    """Take out what matches and leave its line breaks, so that lines keep their numbers."""
    return pattern.sub(lambda found: "\n" * found[0].count("\n") or " ", text)
