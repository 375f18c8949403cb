"""The published labels, and labels spoilt in every way, before two judges: ours and ``docs/verify_seal.py``."""

from __future__ import annotations

import ast
import base64
import importlib.util
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature

from docs import verify_seal
from shared import seal
from shared.errors import NotASeal
from shared.keys import KeySet, Revocations, open_key_set, open_revocations
from tests.vectors import make_seal_vectors as made

VECTORS: dict[str, Any] = json.loads(made.FILE.read_text("utf-8"))
CASES: list[dict[str, Any]] = VECTORS["cases"]
ROOT = base64.b64decode(VECTORS["root"])
KEYS = {name: open_key_set(document, ROOT) for name, document in VECTORS["key_sets"].items()}
LISTS = {name: open_revocations(document, KEYS["bureau"]) for name, document in VECTORS["revoked"].items()}
THEIR_KEYS = {name: verify_seal.open_keys(document, ROOT) for name, document in VECTORS["key_sets"].items()}
THEIR_LISTS = {
    name: verify_seal.open_revoked(document, THEIR_KEYS["bureau"]) for name, document in VECTORS["revoked"].items()
}
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
GENUINE = CASES[1]["link"]
VERIFIER = Path(verify_seal.__file__)
PARTS = 40


def ours(case: dict[str, Any]) -> str:
    keys: KeySet = KEYS[case["keys"]]
    revoked: Revocations | None = LISTS.get(case["revoked"])
    try:
        return seal.open_seal(case["link"], keys, revoked, date.fromisoformat(case["day"])).verdict.value
    except NotASeal:
        return "not_a_seal"


def theirs(case: dict[str, Any], verifier: ModuleType = verify_seal) -> str:
    day = date.fromisoformat(case["day"])
    told: str = verifier.verdict(case["link"], THEIR_KEYS[case["keys"]], THEIR_LISTS.get(case["revoked"]), day)
    return told


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_both_judges_tell_the_published_verdict(case: dict[str, Any]) -> None:
    assert (ours(case), theirs(case)) == (case["verdict"], case["verdict"])


def test_there_are_cases_enough_of_every_verdict() -> None:
    counted = Counter(case["verdict"] for case in CASES)
    assert sum(counted.values()) == len({case["name"] for case in CASES}) >= 100
    assert set(counted) == {verdict.value for verdict in seal.LabelVerdict}


def test_the_script_makes_the_published_file() -> None:
    assert made.text() == made.FILE.read_text("utf-8")


# A line of the judge, and what a careless one would have there: the vectors must notice every such.
CARELESS = {
    "[:133] != found[2]": "[:132] != found[2][:132]",
    "fullmatch": "match",
    "region > 999_999 or ": "",
    " or 0 < last < issued": "",
    'found[1] not in keys["hosts"]': "False",
    "content[0] != 0x11": "content[0] & 15 != 1",
    'one["prefix"], ': "name[1], ",
    'one["purpose"], ': "name[0], ",
    'one["alg"]) == name': "name[3]) == name",
    "ValueError):\n        return": "ValueError):\n        None and",
    "first <= serial <= end for": "first < serial <= end for",
    "[(0, 1 << 40)]": "[(1, 1 << 40)]",
    'if key.get("compromised"):': "if False:",
    'key["from"] <= str(': "str(",
    " or made > day + timedelta(days=1)": "",
    "days=1)": "days=0)",
    "revoked and serial in": "revoked and serial + 1 in",
    "last and day >": "last and day >=",
    "timedelta(days=7)": "timedelta(days=6)",
    'str(day) > keys["next"]': 'str(day) >= keys["next"]',
}


@pytest.mark.parametrize("line", CARELESS)
def test_the_published_labels_notice_a_careless_judge(line: str, tmp_path: Path) -> None:
    before, found, after = VERIFIER.read_text("utf-8").partition("def verdict")
    assert line in after
    (tmp_path / "careless.py").write_text(before + found + after.replace(line, CARELESS[line]), "utf-8")
    spec = importlib.util.spec_from_file_location("careless", tmp_path / "careless.py")
    assert spec is not None
    assert spec.loader is not None
    careless = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(careless)
    assert any(theirs(case, careless) != case["verdict"] for case in CASES)


def test_the_judge_apart_is_one_short_file_with_nothing_of_ours() -> None:
    source = VERIFIER.read_text("utf-8")
    assert source.count("\n") < 100
    named = {alias.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in named} - sys.stdlib_module_names == {"cryptography"}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the documents as a stranger would fetch them."""
    folder = tmp_path_factory.mktemp("papers")
    (folder / "keys.json").write_text(json.dumps(VECTORS["key_sets"]["bureau"]), "utf-8")
    (folder / "revoked.json").write_text(json.dumps(VECTORS["revoked"]["three"]), "utf-8")
    (folder / "root.bin").write_bytes(ROOT)
    (folder / "other.bin").write_bytes(base64.b64decode(made.public("somebody")))
    return folder


def run(papers: Path, link: str, *, root: str = "root.bin", keys: str = "keys.json") -> tuple[int, str]:
    command = [sys.executable, "-I", str(VERIFIER), link, "--keys", keys, "--revoked", "revoked.json", "--root", root]
    done = subprocess.run([*command, "--day", made.DAY], cwd=papers, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout.strip()


def test_the_judge_apart_runs_as_a_program(papers: Path) -> None:
    assert run(papers, GENUINE) == (0, "genuine")
    assert run(papers, GENUINE.lower()) == (1, "not_a_seal")
    assert run(papers, made.case("", "", signer="somebody")["link"]) == (1, "forged")
    assert run(papers, GENUINE, root="other.bin") == (2, "")
    assert run(papers, GENUINE, keys="revoked.json") == (2, "")
    assert run(papers, GENUINE, root="keys.json") == (2, "")


def test_documents_of_somebody_else_are_refused() -> None:
    document = dict(VECTORS["key_sets"]["bureau"])
    with pytest.raises(InvalidSignature):
        verify_seal.open_keys(made.key_set(root="somebody"), ROOT)
    with pytest.raises(InvalidSignature):
        verify_seal.open_keys(document | {"body": document["body"].replace("2027", "2037")}, ROOT)
    spoilt = made.revoked([]) | {"signature": VECTORS["revoked"]["three"]["signature"]}
    with pytest.raises(InvalidSignature):
        verify_seal.open_revoked(spoilt, THEIR_KEYS["bureau"])


def by_the_table(content: bytes) -> str:
    """Judge bytes that nobody signed, by the table of docs/seal.md alone."""
    region, issued, last = (int.from_bytes(content[a:b], "big") for a, b in ((7, 10), (11, 13), (13, 15)))
    if region > 999_999 or 0 < last < issued:
        return "not_a_seal"
    if content[0] != 0x11:
        return "unknown_algorithm"
    known = {(4116, 1), (4116, 2), (4116, 3), (4116, 4), (4101, 1)}
    return "forged" if (region // 100, content[1]) in known else "unknown_key"


def substitutions(text: str) -> Iterator[tuple[str, str]]:
    """Yield every text with one other character, and its verdict by the table."""
    for place, held in enumerate(text):
        for other in BASE32.replace(held, ""):
            spoilt = text[:place] + other + text[place + 1 :]
            number = sum(BASE32.index(digit) << 5 * power for power, digit in enumerate(reversed(spoilt)))
            yield spoilt, by_the_table((number // 2).to_bytes(83, "big")) if number % 2 == 0 else "not_a_seal"


def test_every_flipped_bit_is_refused_for_the_right_reason() -> None:
    content, told = base64.b32decode(GENUINE[-133:] + "==="), Counter[str]()
    for bit in range(664):
        spoilt = bytearray(content)
        spoilt[bit // 8] ^= 0x80 >> bit % 8
        case = made.case(str(bit), by_the_table(bytes(spoilt)), content=bytes(spoilt))
        assert (ours(case), theirs(case)) == (case["verdict"], case["verdict"]), bit
        told[case["verdict"]] += 1
    assert told.total() == 664
    assert set(told) == {"not_a_seal", "unknown_algorithm", "unknown_key", "forged"}


def test_every_other_character_is_refused_for_the_right_reason() -> None:
    tried = 0
    for text, verdict in substitutions(GENUINE[-133:]):
        case = CASES[1] | {"link": GENUINE[:-133] + text}
        assert (ours(case), theirs(case)) == (verdict, verdict), text
        tried += 1
    assert tried == 133 * 31


def at_random(dice: random.Random) -> dict[str, Any]:
    """Return a published label, or one signed with any fields, spoilt or not, on another day."""
    case = dict(dice.choice(CASES))
    if dice.random() < 0.6:
        case |= made.case("", "", **signed_at_random(dice)) | {"keys": case["keys"]}
    for _ in range(dice.choice((0, 0, 0, 1, 1, 2))):
        case["link"] = spoilt(dice, case["link"])
    case["day"] = str(date.fromisoformat(case["day"]) + timedelta(days=dice.choice((0, 0, 0, 1, 6, 7, 8, 45, -30))))
    case["revoked"] = dice.choice(("three", "three", "none", None))
    return case


def signed_at_random(dice: random.Random) -> dict[str, Any]:
    key_id, signer = dice.choice(((1, "seal"),) * 4 + ((2, "ranged"), (3, "leaked"), (4, "october"), (7, "somebody")))
    fields: dict[str, Any] = {"key_id": key_id, "signer": signer, "kind": dice.randrange(256)}
    fields["serial"] = dice.choice((dice.randrange(1 << 40), 1_000_005, 70_000_000_000, 2_500_000))
    fields["region"] = dice.choice((411600 + dice.randrange(100),) * 6 + (410100, dice.randrange(1 << 24)))
    fields["issued"] = str(
        date(2025, 12, 20) + timedelta(days=dice.choice((30, 300, 330, 337, 340, dice.randrange(900))))
    )
    fields["last"] = dice.choice((None, None, "2026-11-25", "2026-12-20", "2030-01-01"))
    fields["alg"] = dice.choice((0x11,) * 15 + (0x12,))
    return fields | {"host": dice.choice((made.HOST,) * 9 + ("EVIL.TEST",))}


def spoilt(dice: random.Random, link: str) -> str:
    place = dice.randrange(len(link) + 1)
    character = dice.choice((dice.choice(BASE32), chr(dice.randrange(1, 0xD800)), dice.choice("/:?.\n =a018")))
    return dice.choice(
        (
            link[:place] + character + link[place + 1 :],
            link[:place] + character + link[place:],
            link[:place] + link[place + 1 :],
            link[:place],
            link[:-20] + "".join(dice.choices(BASE32, k=19)) + "A",
            link.swapcase(),
        )
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_both_judges_agree_on_labels_spoilt_at_random(part: int, is_full: bool) -> None:
    seed, told = f"labels {part}", Counter[str]()
    dice = random.Random(seed)
    for number in range(25_000 if is_full else 250):
        case = at_random(dice)
        verdict = ours(case)
        assert theirs(case) == verdict, (seed, number, case)
        told[verdict] += 1
    assert len(told) >= len(seal.LabelVerdict) - 2, (seed, told)
