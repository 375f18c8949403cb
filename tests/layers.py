"""Who may import whom, read from the sources: no module is run.

``shared`` is rules alone: the standard library without clock, network, disk and chance; marshmallow in ``wire/``,
cryptography in ``seal``, ``signing`` and ``rescue``, tomli where rows and texts are read. ``server`` and ``fieldapp``
never import each other. A server feature is used by other features through its ``service``; inside, api and pages use
the service and the service the models, never the other way. A viewmodel is a plain object: no ``kivy.uix``, no
``kivy.core``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PRODUCT = ("shared", "server", "fieldapp")
WORKSHOP = ("tests", "benchmarks")
CRYPTOGRAPHY_IN = ("shared/seal.py", "shared/signing.py", "shared/rescue.py")
TOMLI_IN = ("shared/rules/__init__.py", "shared/texts/__init__.py")
# Modules that read a clock, a network, a disk or chance, or that run something else that might.
IMPURE = {"asyncio", "glob", "logging", "multiprocessing", "os", "pathlib", "shutil", "signal", "sqlite3", "subprocess"}
IMPURE |= {"ftplib", "http", "select", "smtplib", "socket", "socketserver", "ssl", "tempfile", "threading", "urllib"}
IMPURE |= {"random", "secrets", "time", "uuid"}
IMPURE_CALLS = {"open", "input", "exec", "eval", "__import__", "import_module"}
IMPURE_METHODS = {"now", "today", "utcnow", "fromtimestamp", "import_module", "token_bytes", "urandom"}
# The lower a layer the fewer may import it: a module imports from its own feature only what stands right of it.
LAYERS = ("pages", "api", "service", "models")


@dataclass(frozen=True)
class Import:
    """One module named by an import, with the line that names it."""

    line: int
    module: str


def offences(root: Path) -> list[str]:
    """Return ``path:line: what is wrong`` for every wrong import and impure call under a repository root."""
    found = []
    for package in PRODUCT:
        for path in sorted((root / package).rglob("*.py")):
            where = path.relative_to(root).as_posix()
            tree = ast.parse(path.read_text(encoding="utf-8"))
            told = [
                (one.line, why) for one in imports(tree, where, root) for why in import_faults(where, one.module, root)
            ]
            if package == "shared":
                told += impure_calls(tree)
            found += [f"{where}:{line}: {why}" for line, why in sorted(told)]
    return found


def imports(tree: ast.AST, where: str, root: Path) -> Iterator[Import]:
    """Yield every module a source names; ``from a import b`` names ``a.b`` where that is a module, else ``a``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*package_of(where, node.level), *filter(None, [node.module])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield Import(node.lineno, inner if is_module(inner, root) else base)


def package_of(where: str, level: int) -> list[str]:
    """Return the package that a relative import of some dots starts from; nothing for an absolute one."""
    parts = where.removesuffix(".py").split("/")
    return parts[: len(parts) - level] if level else []


def is_module(name: str, root: Path) -> bool:
    path = root.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file() or name.startswith("kivy.")


def import_faults(where: str, module: str, root: Path) -> Iterator[str]:
    own, top = where.split("/")[0], module.split(".")[0]
    if top in WORKSHOP:
        yield f"{own} imports {module}: the workshop is no part of the product"
    if own == "shared":
        yield from shared_faults(where, module)
    elif top in PRODUCT and top not in (own, "shared"):
        yield f"{own} imports {module}: the two talk over the wire"
    if own == "server":
        yield from feature_faults(where, module, root)
    if where.endswith("/viewmodel.py") and module.startswith(("kivy.uix", "kivy.core", "kivymd.uix")):
        yield f"a viewmodel imports {module}"


def shared_faults(where: str, module: str) -> Iterator[str]:
    top = module.split(".")[0]
    allowed = {"shared", "__future__"} | sys.stdlib_module_names - IMPURE
    if where.startswith("shared/wire/"):
        allowed.add("marshmallow")
    if where in CRYPTOGRAPHY_IN:
        allowed.add("cryptography")
    if where in TOMLI_IN:
        allowed.add("tomli")
    if top not in allowed or (top == "importlib" and module != "importlib.resources"):
        yield f"shared imports {module}"


def impure_calls(tree: ast.AST) -> list[tuple[int, str]]:
    """Return the calls in ``shared`` that would read a clock, a disk or chance."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [(node.lineno, node.func.id) for node in calls if isinstance(node.func, ast.Name)]
    methods = [(node.lineno, node.func.attr) for node in calls if isinstance(node.func, ast.Attribute)]
    told = [(line, f"shared calls {name}()") for line, name in named if name in IMPURE_CALLS]
    return told + [(line, f"shared calls .{name}()") for line, name in methods if name in IMPURE_METHODS]


def feature_of(module: str, root: Path) -> tuple[str, str] | None:
    """Return the feature and the module within it; None for what is common to the server, and for the demo."""
    parts = module.split(".")
    if len(parts) < 2 or parts[0] != "server" or parts[1] == "demo" or not root.joinpath("server", parts[1]).is_dir():
        return None
    return parts[1], parts[2] if len(parts) > 2 else ""


def feature_faults(where: str, module: str, root: Path) -> Iterator[str]:
    user, used = feature_of(where.removesuffix(".py").replace("/", "."), root), feature_of(module, root)
    if user is None or used is None:
        return
    if user[0] != used[0] and used[1] != "service":
        yield f"{user[0]} imports {module}: a feature is used through its service"
    if user[0] == used[0] and user[1] in LAYERS and used[1] in LAYERS and LAYERS.index(used[1]) < LAYERS.index(user[1]):
        yield f"{user[1]} imports {module}: api and pages use the service, the service the models"
