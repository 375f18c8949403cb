"""No request's words travel to where they become a program, a path, an address or a page: our own rules for semgrep."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "tests" / "semgrep" / "rules.yaml"
PROGRAM = ROOT / ".venv-semgrep" / "bin" / "semgrep"

# One file for each rule that breaks it in two steps, and one that does the same soundly.
PLANTED = {
    "input-becomes-markup": """
from flask import request
from markupsafe import Markup

def show():
    said = request.args["said"]
    line = "<b>" + said + "</b>"
    return Markup(line)
""",
    "input-becomes-sql": """
from flask import request
from sqlalchemy import text

def find(session):
    name = request.form["name"]
    return session.execute(text("SELECT 1 FROM party WHERE name = '" + name + "'"))
""",
    "input-becomes-a-path": """
from flask import request

def read(folder):
    name = request.args["name"].strip()
    return (folder / name).read_bytes()
""",
    "input-becomes-an-address": """
from flask import redirect, request

def go_on():
    there = request.args["next"]
    return redirect(there, 303)
""",
    "input-becomes-a-command": """
import subprocess
from flask import request

def run():
    host = request.headers["Host"]
    return subprocess.run(["ping", host], check=True)
""",
    "secret-in-the-log": """
def enter(log, password):
    log.info("entered", password=password)
""",
    "secret-compared-in-time": """
def is_right(kept, token):
    return kept.token == token
""",
    "time-without-a-zone": """
from datetime import datetime

def now():
    return datetime.now()
""",
}
SOUND = """
import hmac
from datetime import UTC, datetime

from flask import redirect, request, url_for
from markupsafe import Markup, escape
from sqlalchemy import text

def show(session, kept, log):
    name = request.args["name"]
    session.execute(text("SELECT 1 FROM party WHERE name = :name"), {"name": name})
    log.info("shown", person=kept.id, at=datetime.now(UTC))
    if hmac.compare_digest(kept.token, name):
        return redirect(url_for("public.home", name=name), 303)
    return Markup(escape(name))
"""


def found(folder: Path, *paths: str) -> Iterator[tuple[str, str, int]]:
    """Yield each finding below a folder as the file, the rule and the line; whatever could not be read is an error."""
    command = [
        str(PROGRAM),
        "scan",
        "--metrics",
        "off",
        "--disable-version-check",
        "--no-git-ignore",
        "--json",
        "--quiet",
    ]
    done = subprocess.run(
        [*command, "--config", str(RULES), *paths], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert report["errors"] == []
    assert report["paths"]["scanned"]
    for row in report["results"]:
        yield row["path"], row["check_id"].rpartition(".")[2], row["start"]["line"]


def test_no_request_reaches_what_it_must_not() -> None:
    assert list(found(ROOT, "server", "shared", "fieldapp")) == []


def test_each_planted_way_is_found_and_the_sound_ones_are_not(tmp_path: Path) -> None:
    for rule, source in PLANTED.items():
        (tmp_path / f"{rule}.py").write_text(source)
    (tmp_path / "sound.py").write_text(SOUND)
    assert {(path, rule) for path, rule, _ in found(tmp_path, ".")} == {(f"{rule}.py", rule) for rule in PLANTED}


@pytest.mark.parametrize("rule", PLANTED)
def test_every_rule_has_its_plant(rule: str) -> None:
    assert RULES.read_text().count(f"id: {rule}\n") == 1
    assert RULES.read_text().count("- id: ") == len(PLANTED)
