"""The layers hold; and a wrong import of each sort is caught when it is planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import a_tree
from tests.layers import offences

ROOT = Path(__file__).parents[1]

SOUND = {
    "shared/rules.py": "import json\nfrom importlib.resources import files\nfrom shared.seal import open_seal",
    "shared/wire/forms.py": "from marshmallow import Schema\nfrom shared.seal import open_seal",
    "shared/texts/__init__.py": "import tomli",
    "shared/seal.py": "from cryptography.exceptions import InvalidSignature",
    "shared/signing.py": "import cryptography.hazmat",
    "server/__init__.py": "from server.registry.api import blueprint\nfrom flask import Flask",
    "server/cli.py": "from server.registry import models\nfrom server.demo import city",
    "server/demo/city.py": "from server.registry.models import Place\nfrom server.registry import rows",
    "server/registry/__init__.py": "",
    "server/registry/models.py": "from server.database import db",
    "server/registry/rows.py": "from server.registry import models",
    "server/registry/service.py": "import time\nfrom . import models\nfrom .rows import row\nimport shared.rules",
    "server/registry/api.py": "from server.registry import service\nfrom server.registry.models import Place",
    "server/sync/api.py": "from server.registry import service as registry\nfrom server.policy import allow",
    "server/sync/push.py": "import server.registry.service",
    "server/policy.py": "from server.registry.models import Role",
    "server/database.py": "import os",
    "fieldapp/check/viewmodel.py": "from kivy.event import EventDispatcher\nfrom kivy.properties import OptionProperty",
    "fieldapp/check/screen.py": "from kivy.uix.screenmanager import Screen\nfrom shared.verdict import judge",
}

PLANTS = {
    ("shared/rules.py", "import requests"): "shared imports requests",
    ("shared/rules.py", "from flask import g"): "shared imports flask",
    ("shared/rules.py", "import socket"): "shared imports socket",
    ("shared/rules.py", "from urllib.request import urlopen"): "shared imports urllib.request",
    ("shared/rules.py", "from time import time"): "shared imports time",
    ("shared/rules.py", "from pathlib import Path"): "shared imports pathlib",
    ("shared/rules.py", "def f():\n    import random"): "shared imports random",
    ("shared/rules.py", "from importlib import import_module"): "shared imports importlib",
    ("shared/rules.py", "from marshmallow import Schema"): "shared imports marshmallow",
    ("shared/rules.py", "import cryptography"): "shared imports cryptography",
    ("shared/rules.py", "import tomli"): "shared imports tomli",
    ("shared/wire/forms.py", "import cryptography"): "shared imports cryptography",
    ("shared/rules.py", "from server.registry import models"): "shared imports server.registry.models",
    ("shared/rules.py", "from ..fieldapp import check"): "shared imports fieldapp.check",
    ("shared/rules.py", "x = open('figures.csv')"): "shared calls open()",
    ("shared/rules.py", "x = datetime.now(UTC)"): "shared calls .now()",
    ("shared/rules.py", "x = date.today()"): "shared calls .today()",
    ("server/policy.py", "from fieldapp.check import viewmodel"): "server imports fieldapp.check.viewmodel",
    ("fieldapp/check/screen.py", "import server"): "fieldapp imports server",
    ("fieldapp/check/viewmodel.py", "from kivy.uix.label import Label"): "a viewmodel imports kivy.uix",
    ("fieldapp/check/viewmodel.py", "from kivy.core.window import Window"): "a viewmodel imports kivy.core",
    ("fieldapp/check/viewmodel.py", "from kivy import uix"): "a viewmodel imports kivy.uix",
    ("fieldapp/check/viewmodel.py", "import kivymd.uix.button"): "a viewmodel imports kivymd.uix",
    ("server/sync/api.py", "from server.registry.models import Place"): "sync imports server.registry.models",
    ("server/sync/api.py", "from server.registry import models"): "sync imports server.registry.models",
    ("server/sync/api.py", "from ..registry import rows"): "sync imports server.registry.rows",
    ("server/sync/api.py", "import server.registry.api as other"): "sync imports server.registry.api",
    ("server/sync/api.py", "from server.registry import Place"): "sync imports server.registry:",
    ("server/sync/api.py", "if TYPE_CHECKING:\n    from server.registry.models import Place"): "sync imports",
    ("server/registry/models.py", "from server.registry import service"): "models imports server.registry.service",
    ("server/registry/service.py", "from .api import blueprint"): "service imports server.registry.api",
    ("server/policy.py", "from tests.builders import a_scale"): "server imports tests.builders",
}


def test_the_layers_hold() -> None:
    found = offences(ROOT)
    assert not found, "\n".join(found)


def test_a_sound_tree_has_no_offences(tmp_path: Path) -> None:
    assert offences(a_tree(tmp_path, SOUND)) == []


@pytest.mark.parametrize(("place", "told"), PLANTS.items(), ids=[f"{path}: {line}" for path, line in PLANTS])
def test_a_planted_import_is_caught_where_it_stands(place: tuple[str, str], told: str, tmp_path: Path) -> None:
    path, planted = place
    sources = SOUND | {path: f"{SOUND[path]}\n{planted}"}
    last_line = len(sources[path].splitlines())
    found = offences(a_tree(tmp_path, sources))
    assert len(found) == 1
    assert found[0].startswith(f"{path}:{last_line}: {told}"), found
