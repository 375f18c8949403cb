"""The rule modules that are mutated, as ``[mutmut]`` in setup.cfg lists them."""

from __future__ import annotations

import configparser
from pathlib import Path

ROOT = next(parent for parent in Path(__file__).parents if (parent / "setup.cfg").is_file())


def rule_modules() -> dict[str, str]:
    """Return each module's dotted name with its file.

    >>> rule_modules()["shared.rules"]
    'shared/rules/__init__.py'
    """
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    files = setup["mutmut"]["only_mutate"].split()
    return {file.removesuffix(".py").removesuffix("/__init__").replace("/", "."): file for file in files}
