"""``make mutants``: spoil the rules one figure at a time, and count what no test noticed.

Works on a copy in ``build/mutants``. ``ARGS="outcomes amounts"`` takes some modules of ``shared/`` only; what an
earlier run killed is not tried again while its function is the same (``kept.py``), unless ``ARGS=anew``. Fails below
85 % in a module or 90 % in all; the survivors are printed, and ``mutmut show`` in the copy says what each changes.
``equivalent.txt`` names those that change nothing anybody could see; they do not count.
"""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
import sys
from collections import Counter

from tests.mutants.kept import kept, restore
from tests.mutants.modules import ROOT, rule_modules
from tests.mutants.uncover import uncovered

COPY = ROOT / "build" / "mutants"
KEPT = ROOT / "build" / "mutants.json"
COPIED = ("shared", "server", "tests/rules", "tests/mutants")
# Half of the time, and about nothing but the loading of rows.
ROW_TESTS = "tests/rules/test_rule_rows.py"
LEAST_OF_A_MODULE, LEAST_OF_ALL = 85, 90
# How pytest or its process ended: a failed test, no import, an internal error, no start at all, out of time.
KILLED = {1, 2, 3, 255, 24, -24, 152, -9}


def main(names: list[str]) -> int:
    """Make the copy, run mutmut, print the table; 1 when a limit is missed or a mutant was not tried."""
    known = {} if "anew" in names else kept(COPY, KEPT)
    names = [name for name in names if name != "anew"]
    modules = [module for module in rule_modules() if not names or module.removeprefix("shared.") in names]
    if len(modules) < len(names):
        print("No such rule module; setup.cfg lists them under [mutmut].")
        return 2
    _copy({module: rule_modules()[module] for module in modules})
    restore(known, COPY, (rule_modules()[module] for module in modules))
    # Each mutant starts pytest anew: without its plugins, and with what was compiled kept, that takes half as long.
    bare = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": ""}
    ended = subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", "2"], cwd=COPY, env=bare)
    return ended.returncode or _told(modules)


def _copy(mutated: dict[str, str]) -> None:
    """Copy what the tests of the rules need, with a setup.cfg that names the modules asked for."""
    shutil.rmtree(COPY, ignore_errors=True)
    for folder in COPIED:
        shutil.copytree(ROOT / folder, COPY / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (ROOT / "tests").glob("*.py"):
        if not path.name.startswith("test_"):
            shutil.copy(path, COPY / "tests")
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    selection = setup["mutmut"]["pytest_add_cli_args_test_selection"]
    if "shared.rules" not in mutated:
        setup["mutmut"]["pytest_add_cli_args_test_selection"] = selection.replace(ROW_TESTS, "")
    setup["tool:pytest"]["addopts"] = setup["tool:pytest"]["addopts"].replace("--doctest-modules", "")
    setup["mutmut"]["only_mutate"] = "\n" + "\n".join(mutated.values())
    with (COPY / "setup.cfg").open("w") as file_to:
        setup.write(file_to)
    for file in mutated.values():
        (COPY / file).write_text(uncovered((ROOT / file).read_text("utf-8")), "utf-8")


def _told(modules: list[str]) -> int:
    """Print what was killed in each module, then the survivors."""
    equivalent, survivors, all_killed, all_tried, misses = _equivalent(), [], 0, 0, 0
    for module in modules:
        ended = _ended(module)
        tried = {name: code for name, code in ended.items() if name not in equivalent}
        alive = [name for name, code in tried.items() if code not in KILLED]
        killed = len(tried) - len(alive)
        survivors += alive
        all_killed, all_tried = all_killed + killed, all_tried + len(tried)
        misses += _line(module, killed, len(tried), LEAST_OF_A_MODULE)
    misses += _line("all", all_killed, all_tried, LEAST_OF_ALL)
    print(*(f"  survived: {name}" for name in survivors), sep="\n")
    return 1 if misses else 0


def _line(name: str, killed: int, tried: int, least: int) -> bool:
    holds = killed * 100 >= least * tried
    share = f"{killed * 1000 // tried / 10:.1f} %" if tried else "nothing to mutate"
    print(f"{name:28} {killed:5} of {tried:5} killed {share:>8}{'' if holds else f'   under {least} %'}")
    return not holds


def _ended(module: str) -> dict[str, int | None]:
    """Return how each mutant of a module ended; None: it was not tried."""
    meta = COPY / "mutants" / f"{rule_modules()[module]}.meta"
    ended: dict[str, int | None] = json.loads(meta.read_text("utf-8"))["exit_code_by_key"]
    return ended


def _equivalent() -> set[str]:
    lines = (ROOT / "tests" / "mutants" / "equivalent.txt").read_text("utf-8").splitlines()
    named = [line.split()[0] for line in lines if line and not line.startswith("#")]
    twice = [name for name, times in Counter(named).items() if times > 1]
    assert not twice, twice
    return set(named)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
