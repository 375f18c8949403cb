"""The tree itself: what must hold in every file we keep, whoever adds it.

"Kept" are the tracked files and those that git would track: a mistake is seen before it is committed.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-server.lock")
LARGEST_FILE = 800_000
FONTS = {".ttf", ".otf", ".ttc", ".woff", ".woff2", ".eot", ".pfb"}

# In pieces, so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.<>})-])/(?:" + r"(?:work|root|tmp|opt)(?![\w-])|home/\w)")
REGISTRY = re.compile("|".join([r"pypi\.", "python" + "hosted", r"npmjs\.", "npm" + "mirror", r"pkg\.dev"]))
PAGE_NOT_HERE = re.compile(r"\b(?:" + "DESIGN|STYLE|LOOK" + r")\.md\b")


def kept_files() -> list[Path]:
    """Every file of the tree, but for those that git ignores."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]


def kept_lines() -> Iterator[tuple[str, str]]:
    """Every line of every text file, with the place it stands; a NUL makes a file binary, as for git."""
    for path in kept_files():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
                yield f"{path.relative_to(ROOT)}:{number}", line


def places_of(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern stands in the tree."""
    return [f"{place}: {line.strip()[:100]}" for place, line in kept_lines() if pattern.search(line)]


def blocks(lock: str) -> list[str]:
    """The text of each package of a lock file: its pin, its hashes, who asked for it."""
    return [block for block in re.split(r"\n(?=\S)", (ROOT / lock).read_text()) if "==" in block]


def pinned(lock: str) -> dict[str, tuple[str, set[str]]]:
    """Each package of a lock file: its version and its hashes."""
    packages: dict[str, tuple[str, set[str]]] = {}
    for block in blocks(lock):
        if found := re.match(r"([a-z0-9._-]+)==([^\s;]+)", block):
            packages[found[1]] = (found[2], set(re.findall(r"--hash=(sha256:[0-9a-f]{64})\b", block)))
    return packages


def declared() -> set[str]:
    """The packages that setup.cfg asks for, with all extras."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    lists = [setup["options"]["install_requires"], *dict(setup["options.extras_require"]).values()]
    return {re.split(r"[\[<>=!~; ]", line)[0].lower() for text in lists for line in text.split("\n") if line}


def read_json(name: str) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((ROOT / name).read_text())
    return loaded


def test_no_file_names_a_path_of_someones_machine():
    assert places_of(MACHINE_PATH) == []


def test_no_file_names_a_package_registry():
    assert places_of(REGISTRY) == []


def test_no_file_sends_the_reader_to_a_page_outside_the_tree():
    assert places_of(PAGE_NOT_HERE) == []


@pytest.mark.parametrize("text", ["/{}/main", 'open("/{}/x")', "at /{}/x.", "file:///{}/x", "A=/{}/x"])
@pytest.mark.parametrize("folder", ["work", "root", "tmp", "opt", "home"])
def test_a_machine_path_is_recognised(text, folder):
    assert MACHINE_PATH.search(text.format(folder))


@pytest.mark.parametrize("text", ["/api/v1/{}/x", "../{}/x", "/{}s/x", "/{}-list", "<svg></{}>", "<size>/{}"])
def test_an_address_is_no_machine_path(text):
    assert not MACHINE_PATH.search(text.format("root"))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock):
    packages = pinned(lock)
    assert packages
    assert [name for name, (_, hashes) in packages.items() if not hashes] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_leaves_it_to_the_machine_where_packages_come_from(lock):
    lines = (ROOT / lock).read_text().splitlines()
    assert [line for line in lines if line.startswith("-") or "://" in line or " @ " in line] == []


def test_the_lock_was_made_from_what_is_declared_now():
    asked_for = [block for block in blocks("requirements.lock") if "dingpan (setup.cfg)" in block]
    assert {block.split("==")[0] for block in asked_for} == declared()


def test_a_deployment_runs_the_versions_that_were_tested():
    tested = pinned("requirements.lock")
    assert {name: pin for name, pin in pinned("requirements-server.lock").items() if tested.get(name) != pin} == {}


def test_the_deployment_needs_no_phone_toolkit():
    assert {"kivy", "kivymd", "pycairo"} & set(pinned("requirements-server.lock")) == set()


def test_browser_packages_are_exact_and_locked_without_addresses():
    manifest, lock = read_json("package.json"), read_json("package-lock.json")
    wanted, packages = manifest["dependencies"], lock["packages"]
    assert isinstance(wanted, dict)
    assert isinstance(packages, dict)
    assert [version for version in wanted.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert wanted == packages[""]["dependencies"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert [name for name, entry in installed.items() if "integrity" not in entry or "resolved" in entry] == []


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][\w-]*):(?!=)", makefile, re.MULTILINE))
    shown = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert targets == set(re.findall(r"^  make ([\w-]+) +\S", shown, re.MULTILINE))
    assert targets == set(" ".join(re.findall(r"^\.PHONY:(.*)", makefile, re.MULTILINE)).split())


def test_the_licence_is_apache_2_everywhere():
    licence = (ROOT / "LICENSE").read_text()
    assert re.match(r"\s*Apache License\s+Version 2\.0, January 2004\s", licence)
    assert "END OF TERMS AND CONDITIONS" in licence
    assert re.search(r"^license = Apache-2\.0$", (ROOT / "setup.cfg").read_text(), re.MULTILINE)
    assert read_json("package.json")["license"] == "Apache-2.0"


def test_no_file_is_large():
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in kept_files()}
    assert {name: size for name, size in sizes.items() if size > LARGEST_FILE} == {}


def test_no_font_is_kept():
    assert [path.name for path in kept_files() if path.suffix.lower() in FONTS] == []


def test_the_example_environment_names_every_setting_and_no_other():
    sources = "".join((ROOT / "server" / name).read_text() for name in ("settings.py", "data_keys.py"))
    read = set(re.findall(r'"(DINGPAN_[A-Z_]+)"', sources))
    shown = set(re.findall(r"^#?(DINGPAN_[A-Z_]+)=", (ROOT / "deploy" / "env.example").read_text(), re.MULTILINE))
    assert shown == read


@pytest.mark.parametrize("script", ["deploy/install.sh", ".ci/run"])
def test_a_script_can_be_run(script):
    assert os.access(ROOT / script, os.X_OK)


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").glob("*.sh")), ids=lambda path: path.name)
def test_a_script_parses(script):
    subprocess.run(["sh", "-n", script], check=True)
