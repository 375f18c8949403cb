"""What is packed for a phone: complete, with fonts and icon, in the locked versions, and able to start on its own."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from fieldapp.staging import ROOT, draw_icon, stage
from fieldapp.theme.fonts import REGULAR, STRONG
from shared import __version__
from shared.look import load_tokens


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("android")
    stage(folder)
    stage(folder)
    return folder


@pytest.fixture(scope="module")
def spec(staged: Path) -> configparser.SectionProxy:
    read = configparser.ConfigParser()
    read.read(staged / "buildozer.spec", "utf-8")
    return read["app"]


def test_the_staged_app_needs_nothing_of_the_repository(staged: Path):
    program = (
        "import sys, fieldapp.main, fieldapp.store.store, fieldapp.sync.client, shared.wire.visit, shared.rules;"
        "from fieldapp.theme.fonts import find_fonts; from shared.texts import load; load('zh-CN', 'fieldapp');"
        "assert find_fonts().regular.parent.name == 'fonts';"
        "assert all('android' in sys.modules[name].__file__ for name in ('shared', 'fieldapp'))"
    )
    environment = {"PYTHONPATH": str(staged), "KIVY_NO_ARGS": "1", "KIVY_NO_CONSOLELOG": "1", "KIVY_NO_FILELOG": "1"}
    environment["KIVY_HOME"] = str(staged)
    subprocess.run([sys.executable, "-B", "-c", program], check=True, cwd=staged, env=environment)
    compile((staged / "main.py").read_text(), "main.py", "exec")


def test_every_kind_of_file_that_is_staged_is_packed(staged: Path, spec: configparser.SectionProxy):
    packed = set(spec["source.include_exts"].split(","))
    kinds = {
        path.suffix[1:] for name in ("fieldapp", "shared") for path in (staged / name).rglob("*") if path.is_file()
    }
    assert kinds <= packed
    assert {path.name for path in (staged / "fieldapp" / "fonts").iterdir()} == {REGULAR, STRONG}


def test_nothing_of_ours_is_left_out(staged: Path):
    for name in ("fieldapp", "shared"):
        ours = {path.relative_to(ROOT) for path in (ROOT / name).rglob("*.py")} - {Path("fieldapp/staging.py")}
        assert ours == {path.relative_to(staged) for path in (staged / name).rglob("*.py")}


def test_the_versions_are_those_that_were_tested(spec: configparser.SectionProxy):
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    wanted = dict(one.split("==") for one in spec["requirements"].split(",") if "==" in one)
    assert wanted
    assert {name: version for name, version in wanted.items() if locked.get(name) != version} == {}
    assert spec["version"] == __version__
    assert spec["android.presplash_color"] == load_tokens().light.brand


def test_the_phones_backup_never_takes_the_records(spec: configparser.SectionProxy):
    assert spec["android.allow_backup"] == "False"


def test_the_icon_is_the_mark(staged: Path):
    icon = draw_icon(64)
    assert icon.getpixel((0, 0)) == Image.new("RGB", (1, 1), load_tokens().light.brand).getpixel((0, 0))
    assert len(icon.getcolors(4096)) >= 2
    with Image.open(staged / "icon.png") as packed:
        assert packed.size == (512, 512)
