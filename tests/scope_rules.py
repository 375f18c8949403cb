"""Ways of reading somebody's things past their scope, found in the sources of whatever answers requests.

What a request names is looked up by a service with the scope of whoever asks, in one query: ``place_in(session, scope,
id)``. A row that is loaded by its id and compared afterwards is there for a moment, and whoever forgets the comparison
has given it away. A finding is ``path:line: what is wrong``; what is sound all the same is named in ``ALLOWED``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

LOADS_BY_ID = "loads a row by its id without a scope"
COMPARES_AFTERWARDS = "compares with a scope what is loaded already"
ASKS_ITSELF = "asks the database itself"
COUNTS_ITSELF = "limits a route beside the policy"
GETTERS = {"get", "get_one"}
QUERIES = {"select", "scalars", "scalar", "execute", "query"}
ANSWERING = ("api.py", "pages.py")

# Where a rule does not fit: the file, what is found there, and why it is sound.
ALLOWED = {
    ("server/accounts/codes.py", LOADS_BY_ID): "the person of the own sign-in",
    ("server/health.py", ASKS_ITSELF): "asks whether the database answers, about nobody's things",
    ("server/merchant/joining.py", LOADS_BY_ID): "the party of the invitation that was opened",
    ("server/merchant/routes.py", LOADS_BY_ID): "the party of the own sign-in",
    ("server/merchant/stalls.py", LOADS_BY_ID): "the parties of the own memberships",
    ("server/personal/pages.py", LOADS_BY_ID): "the parties of the own memberships",
    ("server/sync/push.py", COMPARES_AFTERWARDS): "an op has no region of its own; its record's is asked for first",
}


def answering(root: Path) -> Iterator[Path]:
    """Yield the sources that answer requests: the pages, the routes of the API, the desk, and what records lead to."""
    for path in sorted((root / "server").rglob("*.py")):
        inside = path.relative_to(root / "server").as_posix()
        is_routes = "@blueprint." in path.read_text("utf-8")
        if (
            is_routes
            or path.name in ANSWERING
            or inside.startswith("console/")
            or inside in ("sync/push.py", "sync/kinds.py")
        ):
            yield path


def offences(root: Path) -> list[str]:
    """Return every finding under a repository root that no reason allows."""
    found = []
    for path in answering(root):
        where = path.relative_to(root).as_posix()
        told = sorted(faults(ast.parse(path.read_text("utf-8"))))
        found += [f"{where}:{line}: {what}" for line, what in told if (where, what) not in ALLOWED]
    return found


def faults(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield what is wrong in a source, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from ((one.lineno, COUNTS_ITSELF) for one in node.decorator_list if "limit" in ast.unparse(one))
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        on = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if name in GETTERS and _is_session(on):
            yield node.lineno, LOADS_BY_ID
        elif name == "covers":
            yield node.lineno, COMPARES_AFTERWARDS
        elif name in QUERIES and (_is_session(on) or not on):
            yield node.lineno, ASKS_ITSELF


def _is_session(text: str) -> bool:
    """Say whether an expression is a session: ``session``, ``db.session``, ``db.session()``, ``self.session``."""
    return text.removesuffix("()").rpartition(".")[2] == "session"
