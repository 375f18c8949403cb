"""Ways of writing that let input become a program, found in the sources: SQL from text, markup from data, a shell.

A finding is ``path:line: what is wrong``. What must be done otherwise somewhere is named in ``ALLOWED`` with a reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PRODUCT = ("shared", "server", "fieldapp", "migrations")

SQL_CALLS = {"execute", "executemany", "executescript", "exec_driver_sql", "text", "scalar", "scalars"}
UNPACKERS = {"pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle"}
RUNNERS = {"eval", "exec", "compile", "__import__"}
SHELLS = {("os", "system"), ("os", "popen"), ("subprocess", "getoutput"), ("subprocess", "getstatusoutput")}
XML = {"xml.etree.ElementTree", "xml.dom.minidom", "xml.sax", "lxml"}
WEAK = {"md5", "sha1"}
TEMPLATE = {
    "marks data as safe": re.compile(r"\|\s*safe\b"),
    "turns escaping off": re.compile(r"{%-?\s*autoescape\s+(false|off)"),
    "attribute without quotes": re.compile(r"\s[a-z-]+={{"),
    "writes data into a script": re.compile(r"<script\b[^>]*>[^<]*{{"),
}

# Where a rule does not fit: the file, what is found there, and why it is sound.
ALLOWED = {
    (
        "fieldapp/store/uploads.py",
        "builds SQL from text",
    ): "a constant of the same file says what changes; values are bound",
    ("server/database.py", "builds SQL from text"): "pragmas of our own; SQLite binds no values in them",
    ("fieldapp/store/database.py", "builds SQL from text"): "pragmas of our own; SQLite binds no values in them",
    ("server/accounts/breached.py", "uses a weak hash"): "names a line of a list that others made; protects nothing",
    ("server/templates/openapi.html", "writes data into a script"): "the nonce and the address of a file of ours",
}


def offences(root: Path) -> list[str]:
    """Return every finding under a repository root that no reason allows."""
    found = []
    for package in PRODUCT:
        for path in sorted((root / package).rglob("*.py")):
            where = path.relative_to(root).as_posix()
            for line, what in sorted(faults(ast.parse(path.read_text("utf-8")))):
                if (where, what) not in ALLOWED:
                    found.append(f"{where}:{line}: {what}")
    for path in sorted((root / "server").rglob("*.html")):
        where = path.relative_to(root).as_posix()
        told = template_faults(path.read_text("utf-8"))
        found += [f"{where}:{line}: {what}" for line, what in told if (where, what) not in ALLOWED]
    return found


def template_faults(text: str) -> Iterator[tuple[int, str]]:
    """Yield what is wrong in a template, with its line."""
    for what, pattern in TEMPLATE.items():
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, what


def faults(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield what is wrong in a source, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _import_faults(node)
        elif isinstance(node, ast.Call):
            yield from ((node.lineno, what) for what in _call_faults(node))


def _import_faults(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[int, str]]:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    for name in names:
        if name.split(".")[0] in UNPACKERS:
            yield node.lineno, "unpacks objects"
        if name in XML or name.split(".")[0] in XML:
            yield node.lineno, "reads XML that may name files"


def _call_faults(node: ast.Call) -> Iterator[str]:
    owner, name = _called(node.func)
    keywords = {word.arg: word.value for word in node.keywords}
    if name in SQL_CALLS and node.args and _is_built(node.args[0]):
        yield "builds SQL from text"
    if owner == "" and name in RUNNERS:
        yield "runs text as a program"
    if (owner, name) in SHELLS or _is_true(keywords.get("shell")):
        yield "starts a shell"
    if owner == "yaml" and name in ("load", "load_all", "unsafe_load", "full_load"):
        yield "reads YAML that makes objects"
    if name == "render_template_string" or (name == "Template" and node.args and _is_built(node.args[0])):
        yield "makes a template from text"
    if name == "Markup" and node.args and _is_built(node.args[0]):
        yield "marks data as safe"
    if name in WEAK and owner in ("hashlib", ""):
        yield "uses a weak hash"
    if _is_false(keywords.get("verify")) or name == "_create_unverified_context":
        yield "trusts any certificate"
    if owner in ("requests", "httpx") and name in ("get", "post", "put", "request") and "timeout" not in keywords:
        yield "waits without end"
    if name == "mktemp":
        yield "names a file before it is made"
    if name == "extractall":
        yield "unpacks files where an archive says"


def _called(func: ast.expr) -> tuple[str, str]:
    """Return who is asked and for what: ``os.system`` gives ("os", "system"), ``eval`` gives ("", "eval")."""
    if isinstance(func, ast.Name):
        return "", func.id
    if isinstance(func, ast.Attribute):
        return (func.value.id if isinstance(func.value, ast.Name) else "?"), func.attr
    return "?", ""


def _is_built(node: ast.expr) -> bool:
    """Say whether a text is put together from others that are not all written there."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return _is_text(node.left) or _is_text(node.right)
    is_format = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return is_format and _is_text(node.func.value)  # type: ignore[attr-defined]  # a call of an attribute


def _is_text(node: ast.expr) -> bool:
    return (isinstance(node, ast.Constant) and isinstance(node.value, str)) or _is_built(node)


def _is_true(node: ast.expr | None) -> bool:
    return node is not None and not (isinstance(node, ast.Constant) and not node.value)


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
