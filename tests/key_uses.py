"""Where the code names a message: in Python by its syntax tree, in Jinja by its own parser, in kv by its quotes.

A key is named by ``t("a.b")`` or ``texts("a.b")``, also as a method (``self.texts``, ``root.t``), or built from a word:
``t(f"kind.{kind}")``, in Jinja ``t("kind." ~ kind)``, or ``word(texts, "kind", kind)``, which shows a word of a newer
server as it is. A key that is passed on as a value stands somewhere in quotes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, nodes

NAMES = {"t", "texts"}
LOADERS = {"load", "current"}
WORD = "word"
TEMPLATES = {".html", ".txt", ".svg", ".xml"}

_PREFIX = re.compile(r"[a-z_]+\.([a-z_]+[._])*")
_KV_CALL = re.compile(r"""\b(?:t|texts)\(\s*f?(["'])(?P<text>.*?)\1\s*(?P<more>\+)?""")
_QUOTED = re.compile(r"""(["'])(?P<text>[^"'\n]*?)\1""")


@dataclass(frozen=True)
class KeyUse:
    """One place that names a message: ``text`` is its key, or what a built key begins with; "" if nobody can read it.

    ``given`` are the placeholders filled there, None where that cannot be read. ``is_asked`` is false where a text only
    looks like a built key.
    """

    path: str
    line: int
    text: str
    is_built: bool
    given: frozenset[str] | None = None
    is_asked: bool = True


@dataclass(frozen=True)
class Source:
    """One file of code: the keys it names, and every other text in quotes with its line."""

    path: str
    uses: tuple[KeyUse, ...]
    quoted: tuple[tuple[int, str], ...]


def read(root: Path, package: str) -> Iterator[Source]:
    """Yield the sources of one package that can name messages."""
    for path in sorted((root / package).rglob("*")):
        where = path.relative_to(root).as_posix()
        if path.suffix == ".py":
            yield of_python(where, path.read_text(encoding="utf-8"))
        elif path.suffix == ".kv":
            yield of_kv(where, path.read_text(encoding="utf-8"))
        elif path.suffix in TEMPLATES and "templates" in path.parts:
            yield of_jinja(where, path.read_text(encoding="utf-8"))


def of_python(path: str, text: str) -> Source:
    tree = ast.parse(text)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    quoted = [(node.lineno, str(node.value)) for node in strings if id(node) not in prose]
    uses = [
        KeyUse(path, node.lineno, text, is_built, _given(node))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args and _names_messages(node.func)
        for text, is_built in _python_keys(node.args[0])
    ]
    uses += [
        KeyUse(path, node.lineno, str(node.args[1].value) + ".", is_built=True)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _names_a_word(node) and isinstance(node.args[1], ast.Constant)
    ]
    built = [
        KeyUse(path, node.lineno, prefix, is_built=True, is_asked=False)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and _PREFIX.fullmatch(prefix := _first_words(node))
    ]
    return Source(path, (*uses, *built), tuple(quoted))


def _names_messages(func: ast.expr) -> bool:
    if isinstance(func, ast.Call):
        return isinstance(func.func, ast.Name | ast.Attribute) and _last_name(func.func) in LOADERS
    return isinstance(func, ast.Name | ast.Attribute) and _last_name(func) in NAMES


def _names_a_word(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name | ast.Attribute) and _last_name(call.func) == WORD and len(call.args) == 3


def _last_name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def _given(call: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(name for name in names if name)


def _python_keys(node: ast.expr) -> Iterator[tuple[str, bool]]:
    match node:
        case ast.Constant(value=str(text)):
            yield text, False
        case ast.JoinedStr():
            yield _first_words(node), True
        case ast.BinOp(left=ast.Constant(value=str(text))):
            yield text, True
        case ast.IfExp(body=body, orelse=orelse):
            yield from _python_keys(body)
            yield from _python_keys(orelse)


def _first_words(node: ast.JoinedStr) -> str:
    first = node.values[0] if node.values else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def of_jinja(path: str, text: str) -> Source:
    tree = Environment(autoescape=True).parse(text)
    uses = [
        KeyUse(path, call.lineno, text, is_built, frozenset(kwarg.key for kwarg in call.kwargs))
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in NAMES and call.args
        for text, is_built in _jinja_keys(call.args[0])
    ]
    quoted = [(node.lineno, node.value) for node in tree.find_all(nodes.Const) if isinstance(node.value, str)]
    return Source(path, tuple(uses), tuple(quoted))


def _jinja_keys(node: nodes.Node) -> Iterator[tuple[str, bool]]:
    if isinstance(node, nodes.Const):
        yield str(node.value), False
    elif isinstance(node, nodes.Concat | nodes.Add | nodes.Mod):
        first = node.nodes[0] if isinstance(node, nodes.Concat) else node.left
        yield (str(first.value) if isinstance(first, nodes.Const) else ""), True
    elif isinstance(node, nodes.CondExpr):
        for branch in filter(None, (node.expr1, node.expr2)):
            yield from _jinja_keys(branch)


def of_kv(path: str, text: str) -> Source:
    uses, quoted = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        for call in _KV_CALL.finditer(line):
            words, _, rest = call["text"].partition("{")
            uses.append(KeyUse(path, number, words, is_built=bool(rest or call["more"])))
        quoted += [(number, found["text"]) for found in _QUOTED.finditer(line)]
    return Source(path, tuple(uses), tuple(quoted))
