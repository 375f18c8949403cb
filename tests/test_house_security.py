"""No source lets input become a program: our own rules, and those of bandit, on every file of the product."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.house import ALLOWED, PRODUCT, faults, offences, template_faults

ROOT = Path(__file__).resolve().parent.parent

# What bandit finds and why it is sound: the file and the rule. A new one in another file is a failure.
SOUND = {
    ("fieldapp/store/heads.py", "B608"): "the names of our own columns and tables; values are bound",
    ("fieldapp/store/outbox.py", "B608"): "the names of our own columns and tables; values are bound",
    ("fieldapp/store/register.py", "B608"): "the names of our own columns and tables; values are bound",
    ("fieldapp/store/steps.py", "B608"): "a table copied into its new form; no value but its own columns",
    ("fieldapp/store/uploads.py", "B608"): "a constant of the same file says what changes; values are bound",
    ("fieldapp/sync/client.py", "B105"): "no password: an empty token before the first is fetched",
    ("fieldapp/sync/token.py", "B105"): "no password: an empty token before the first is fetched",
    ("fieldapp/sync/enrol.py", "B101"): "tells the type checker what the caller has made sure of",
    ("server/bulk.py", "B608"): "the names of our own columns and tables; values are bound",
    ("server/demo/dice.py", "B311"): "the demo city is drawn by a seeded generator on purpose",
    ("server/demo/drawing/scenes.py", "B311"): "the demo city is drawn by a seeded generator on purpose",
    (
        "server/backup/postgresql.py",
        "B404",
    ): "PostgreSQL's own programs, by a list of words of ours and the address of the settings, without a shell",
    (
        "server/backup/postgresql.py",
        "B603",
    ): "PostgreSQL's own programs, by a list of words of ours and the address of the settings, without a shell",
    (
        "server/demo/start.py",
        "B404",
    ): "the demo starts the field app beside itself, by a list of words, without a shell",
    (
        "server/demo/start.py",
        "B603",
    ): "the demo starts the field app beside itself, by a list of words, without a shell",
    ("server/layout.py", "B704"): "our own style sheets",
    ("server/public/drawing.py", "B704"): "a mark that stands for a drawing, of letters and digits alone",
    ("server/public/seal_page.py", "B704"): "a template of ours, which has escaped what it was given",
    ("server/public/stencils.py", "B704"): "what keep_dates has escaped",
    ("server/look.py", "B704"): "the text is escaped before its dates are marked",
    ("server/administration/service.py", "B105"): "no password: the name of an act",
    ("server/policy.py", "B105"): "no password: how a caller shows who it is",
    ("shared/cheats.py", "B105"): "no password: the name of a way to cheat",
}


def test_no_source_lets_input_become_a_program() -> None:
    assert offences(ROOT) == []


def test_every_reason_is_still_needed() -> None:
    """A reason that stays behind would hide the next finding of its file."""
    found = set()
    for where, what in ALLOWED:
        text = (ROOT / where).read_text("utf-8")
        told = template_faults(text) if where.endswith(".html") else faults(ast.parse(text))
        found |= {(where, fault) for _, fault in told if fault == what}
    assert found == set(ALLOWED)


BAD = {
    'session.execute(f"SELECT {name}")': "builds SQL from text",
    'session.execute("SELECT " + name)': "builds SQL from text",
    'session.execute("SELECT %s" % name)': "builds SQL from text",
    'session.execute(text("SELECT {}".format(name)))': "builds SQL from text",
    'connection.exec_driver_sql("DELETE FROM " + table + " WHERE 1")': "builds SQL from text",
    "import pickle": "unpacks objects",
    "from shelve import open": "unpacks objects",
    "import marshal": "unpacks objects",
    "import xml.etree.ElementTree": "reads XML that may name files",
    "from lxml import etree": "reads XML that may name files",
    "eval(text)": "runs text as a program",
    "exec(text)": "runs text as a program",
    "os.system(command)": "starts a shell",
    "subprocess.run(command, shell=True)": "starts a shell",
    "subprocess.run(command, shell=is_windows)": "starts a shell",
    "yaml.load(text)": "reads YAML that makes objects",
    "render_template_string(text)": "makes a template from text",
    'Markup(f"<b>{name}</b>")': "marks data as safe",
    'Markup("<b>%s</b>" % name)': "marks data as safe",
    "hashlib.md5(content)": "uses a weak hash",
    "requests.get(url, timeout=5, verify=False)": "trusts any certificate",
    "requests.post(url)": "waits without end",
    "tempfile.mktemp()": "names a file before it is made",
    "archive.extractall(folder)": "unpacks files where an archive says",
}
GOOD = [
    'session.execute(text("SELECT 1"))',
    'session.execute(text("SELECT :key"), {"key": key})',
    "session.execute(select(Row).where(Row.id == row_id))",
    'Markup("<b>{}</b>").format(name)',
    "subprocess.run(command, shell=False)",
    "hashlib.sha256(content)",
    "ast.literal_eval(text)",
    "requests.get(url, timeout=5)",
]
BAD_TEMPLATES = {
    "{{ name|safe }}": "marks data as safe",
    "{{ name | safe }}": "marks data as safe",
    "{% autoescape false %}": "turns escaping off",
    "<a title={{ name }}>": "attribute without quotes",
    '<script nonce="{{ csp_nonce() }}">let a = {{ name }};</script>': "writes data into a script",
}


@pytest.mark.parametrize("source", BAD)
def test_a_planted_way_is_found(source: str) -> None:
    assert BAD[source] in {what for _, what in faults(ast.parse(source))}


@pytest.mark.parametrize("source", GOOD)
def test_a_sound_way_is_none(source: str) -> None:
    assert list(faults(ast.parse(source))) == []


@pytest.mark.parametrize("source", BAD_TEMPLATES)
def test_a_planted_template_is_found(source: str) -> None:
    assert [what for _, what in template_faults(f'<p class="a">{{{{ x }}}}</p>\n{source}')] == [BAD_TEMPLATES[source]]


def bandit(*paths: str) -> dict[str, object]:
    """Run bandit on some paths; return its report."""
    command = [sys.executable, "-m", "bandit", "--quiet", "--format", "json", "--recursive", *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    report: dict[str, object] = json.loads(done.stdout)
    return report


def rules(report: dict[str, object]) -> Counter[tuple[str, str]]:
    results = report["results"]
    assert isinstance(results, list)
    return Counter((row["filename"].removeprefix("./"), row["test_id"]) for row in results)


def test_bandit_finds_only_what_is_known_to_be_sound() -> None:
    report = bandit(*PRODUCT)
    metrics = report["metrics"]
    assert isinstance(metrics, dict)
    assert len(metrics) > 300, "bandit read hardly anything"
    assert report["errors"] == []
    assert set(rules(report)) == set(SOUND)


def test_bandit_sees(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("import subprocess\nsubprocess.run(input(), shell=True)\n")
    assert "B602" in {rule for _, rule in rules(bandit(str(tmp_path)))}
