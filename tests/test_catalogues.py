"""Every sentence comes from a catalogue, in both languages; a fault of each sort is caught when it is planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.texts import LANGUAGES, load
from tests import catalogues
from tests.builders import a_tree
from tests.built_words import built_keys
from tests.catalogues import Built, faults
from tests.loose_words import loose_words

ROOT = Path(__file__).parents[1]


def test_every_message_stands_in_both_languages_and_every_one_is_used() -> None:
    found = faults(ROOT, built_keys())
    assert not found, "\n".join(found)


def test_no_sentence_stands_outside_the_catalogues() -> None:
    found = loose_words(ROOT)
    assert not found, "\n".join(found)


def test_the_programs_reader_finds_the_same_messages() -> None:
    for one in catalogues.catalogues(ROOT):
        packages = [one.package] if one.package != catalogues.COMMON else []
        for language in LANGUAGES:
            assert one.messages[language].items() <= load(language, *packages).messages.items()


SOUND = {
    "shared/texts/zh-CN.toml": '[kind]\nscale = "秤"\nnozzle = "枪"\n[unit]\nkg = "{value} 公斤"\n',
    "shared/texts/en.toml": '[kind]\nscale = "Scale"\nnozzle = "Nozzle"\n[unit]\nkg = "{value} kg"\n',
    "server/texts/zh-CN.toml": '[page]\ntitle = "标识"\nhint = "看"\n[invalid]\nwhole = "{a} 到 {b}"\n',
    "server/texts/en.toml": '[page]\ntitle = "Label"\nhint = "Look"\n[invalid]\nwhole = "{a} to {b}"\n',
    "fieldapp/texts/zh-CN.toml": '[scan]\nstart = "扫"\n',
    "fieldapp/texts/en.toml": '[scan]\nstart = "Scan"\n',
    "shared/words.py": '"""说明。"""\nx = texts("unit.kg", value=1)  # 注释\ny = Wrong("invalid.whole|0|5")\n',
    "shared/quantities.py": 'UNITS = ("斤", "两")\n',
    "server/page.py": 'def f(kind):\n    """一句。"""\n    return t(f"kind.{kind}"), "page.hint"\n',
    "server/demo/names.py": 'NAMES = ["张三"]\n',
    "server/templates/page.html": '{# 一句 #}\n<h1 id="big one">{{ t("page.title") }}</h1>\n{{ t("kind." ~ kind) }}\n',
    "fieldapp/scan/screen.kv": '# 注释\nLabel:\n    text: root.t("scan.start")\n    color: "#112233"\n',
}
BUILT = Built({"kind.": ["scale", "nozzle"]}, {})

Edit = tuple[str, str, str]
PLANTS: dict[str, tuple[Edit, str]] = {
    "one language lacks a key": (("server/texts/en.toml", 'hint = "Look"\n', ""), "page.hint is missing in en"),
    "an empty message": (("server/texts/en.toml", '"Look"', '" "'), "page.hint is missing in en"),
    "another placeholder": (("shared/texts/en.toml", "{value}", "{mass}"), "unit.kg asks for other"),
    "an attribute as placeholder": (("shared/texts/en.toml", "{value}", "{value.x}"), "no plain placeholder"),
    "an open brace": (("shared/texts/en.toml", "{value}", "{value"), "unit.kg in en: expected"),
    "in two catalogues": (("fieldapp/texts/en.toml", "[scan]", '[unit]\nkg = "x"\n[scan]'), "stands in shared too"),
    "Python names no key": (("server/page.py", '"page.hint"', 't("page.hnt")'), "server/page.py:3: page.hnt is in no"),
    "Jinja names no key": (
        ("server/templates/page.html", "page.title", "page.tile"),
        "html:2: page.tile is in no",
    ),
    "kv names no key": (("fieldapp/scan/screen.kv", "scan.start", "scan.stop"), "screen.kv:3: scan.stop is in no"),
    "the app names the server's key": (("fieldapp/scan/screen.kv", "scan.start", "page.title"), "page.title is in no"),
    "a schema names no key": (
        ("shared/words.py", "invalid.whole", "invalid.x"),
        "words.py:3: invalid.x is in no",
    ),
    "a placeholder is not given": (("shared/words.py", "value=1", "mass=1"), "words.py:2: unit.kg is not given value"),
    "a word without message": (("shared/texts/zh-CN.toml", 'nozzle = "枪"\n', ""), "kind.nozzle is missing in zh-CN"),
    "built from unknown words": (("server/page.py", "kind.{", "page.{"), "keys of page. are built from no known words"),
    "built where nobody can read": (("server/page.py", "kind.{kind}", "{kind}.x"), "page.py:3: nobody can read"),
    "a word of no known list": (("server/page.py", "t(f", 'word(t, "page", 1), t(f'), "page. are built from no known"),
    "an unused key": (("fieldapp/texts/en.toml", "[scan]", '[scan]\nstop = "x"'), "scan.stop is used nowhere"),
    "an unused schema key": (("server/texts/en.toml", "[invalid]", '[invalid]\nx = "x"'), "invalid.x is used nowhere"),
    "a key nobody quotes any more": (("server/page.py", "page.hint", "page"), "page.hint is used nowhere"),
}


def planted(root: Path, change: Edit) -> Path:
    path, old, new = change
    assert old in SOUND[path]
    return a_tree(root, SOUND | {path: SOUND[path].replace(old, new)})


def test_a_sound_tree_has_no_fault(tmp_path: Path) -> None:
    assert faults(a_tree(tmp_path, SOUND), BUILT) == []
    assert loose_words(tmp_path) == []


@pytest.mark.parametrize(("change", "told"), PLANTS.values(), ids=PLANTS)
def test_a_planted_fault_is_told(change: Edit, told: str, tmp_path: Path) -> None:
    found = faults(planted(tmp_path, change), BUILT)
    assert any(told in fault for fault in found), found


LOOSE: dict[str, tuple[Edit, str]] = {
    "Chinese in Python": (("server/page.py", '"page.hint"', '"看"'), "server/page.py:3: 看"),
    "Chinese in an f-string": (("server/page.py", '"page.hint"', 'f"第{kind}"'), "server/page.py:3: 第"),
    "full-width marks in Python": (("server/page.py", '"page.hint"', '"："'), "server/page.py:3: ："),
    "another unit": (("shared/quantities.py", '"两"', '"钱"'), "shared/quantities.py:1: 钱"),
    "Chinese in kv": (("fieldapp/scan/screen.kv", 'root.t("scan.start")', '"扫"'), 'screen.kv:3: text: "扫"'),
    "Chinese in a template": (("server/templates/page.html", "</h1>", "秤</h1>"), "page.html:2:"),
    "Chinese in an attribute": (("server/templates/page.html", "big one", "秤"), "page.html:2:"),
    "English in a template": (("server/templates/page.html", "</h1>", " please look</h1>"), "page.html:2:"),
}


@pytest.mark.parametrize(("change", "told"), LOOSE.values(), ids=LOOSE)
def test_a_sentence_outside_the_catalogues_is_told(change: Edit, told: str, tmp_path: Path) -> None:
    found = loose_words(planted(tmp_path, change))
    assert len(found) == 1
    assert told in found[0]
