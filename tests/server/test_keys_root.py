"""The root under its passphrase: who has the file alone has nothing, and a passphrase is never an argument."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from server.keys import passphrase, root
from server.keys.errors import KeysRefused
from server.keys.safe import Safe
from shared import signing
from tests.server.conftest import TODAY
from tests.server.keys_drill import CHEAP, PASSPHRASE, Bureau

REPOSITORY = Path(__file__).resolve().parents[2]


def never_asked() -> str:
    raise AssertionError("nobody is asked")


@pytest.mark.parametrize("spelling", [PASSPHRASE, f"  {PASSPHRASE} ", PASSPHRASE.replace("c", "\uff43")])
def test_the_same_words_open_it_however_they_are_typed(tmp_path: Path, spelling: str) -> None:
    made = root.make(tmp_path, PASSPHRASE, CHEAP)
    assert root.open_root(tmp_path, lambda: spelling).secret == made.secret
    assert root.public_half(tmp_path) == made.public


def test_the_file_holds_the_secret_in_no_spelling_and_is_for_its_owner(tmp_path: Path) -> None:
    made = root.make(tmp_path, PASSPHRASE, CHEAP)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    shown = (made.secret, made.secret.hex().encode(), signing.encode_base64(made.secret).encode(), b"horse")
    assert [one in content for one in (*shown, signing.encode_base64(made.public).encode())] == [False] * 4 + [True]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_wrong_passphrase_signs_nothing(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path, TODAY.date())
    before = (bureau.safe / "key-set.json").read_bytes()
    with pytest.raises(KeysRefused, match="The passphrase is not that of"):
        bureau.in_the_safe("renew", passphrase=f"{PASSPHRASE}r")
    assert (bureau.safe / "key-set.json").read_bytes() == before
    bureau.in_the_safe("renew")


@pytest.mark.parametrize("name", ["public", "nonce", "secret"])
def test_a_changed_file_does_not_open(tmp_path: Path, name: str) -> None:
    root.make(tmp_path, PASSPHRASE, CHEAP)
    path = tmp_path / "root.json"
    fields = json.loads(path.read_text("utf-8"))
    content = signing.decode_base64(fields[name])
    path.write_text(json.dumps(fields | {name: signing.encode_base64(bytes([content[0] ^ 1]) + content[1:])}))
    with pytest.raises(KeysRefused, match="or the file was changed"):
        root.open_root(tmp_path, lambda: PASSPHRASE)


@pytest.mark.parametrize(
    "spoiled", ["", "[]", "{}", '{"what": 1}', '{"what": "dingpan root 1", "public": "", "argon2id": {"passes": 1}}']
)
def test_a_broken_file_is_told(tmp_path: Path, spoiled: str) -> None:
    (tmp_path / "root.json").write_text(spoiled)
    with pytest.raises(KeysRefused, match=r"root\.json is damaged"):
        root.open_root(tmp_path, lambda: PASSPHRASE)
    with pytest.raises(KeysRefused, match=r"root\.json is missing"):
        root.open_root(tmp_path / "elsewhere", lambda: PASSPHRASE)


def test_weaker_costs_written_into_the_file_open_nothing(tmp_path: Path) -> None:
    root.make(tmp_path, PASSPHRASE, root.Costs(2, 64, 1))
    path = tmp_path / "root.json"
    path.write_text(path.read_text("utf-8").replace('"passes":2', '"passes":1'))
    with pytest.raises(KeysRefused):
        root.open_root(tmp_path, lambda: PASSPHRASE)


def test_a_short_passphrase_and_a_second_root_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeysRefused, match="too short"):
        root.make(tmp_path, " " + "x" * 15 + " ", CHEAP)
    assert list(tmp_path.iterdir()) == []
    made = root.make(tmp_path, "x" * 16, CHEAP)
    for again in (lambda: root.make(tmp_path, PASSPHRASE, CHEAP), lambda: root.make_for_demo(tmp_path)):
        with pytest.raises(KeysRefused, match="already holds a root"):
            again()
    assert root.open_root(tmp_path, lambda: "x" * 16).secret == made.secret


def test_a_root_costs_at_least_what_rfc_9106_recommends() -> None:
    costs = root.Costs()
    assert (costs.passes, costs.lanes, costs.memory_kib >= 64 << 10) == (3, 4, True)


def test_a_demo_says_that_its_root_has_no_passphrase(tmp_path: Path) -> None:
    made = root.make_for_demo(tmp_path)
    (path,) = tmp_path.iterdir()
    assert (path.name, json.loads(path.read_text("utf-8"))["warning"]) == ("demo-root.json", root.DEMO_WARNING)
    assert Safe.open(tmp_path, never_asked).root.secret == made.secret
    assert root.public_half(tmp_path) == made.public


def test_a_descriptor_gives_one_line_and_keeps_the_next(tmp_path: Path) -> None:
    (tmp_path / "lines").write_bytes(f"{PASSPHRASE}\r\nthe next\n".encode())
    descriptor = os.open(tmp_path / "lines", os.O_RDONLY)
    try:
        assert [passphrase.ask(descriptor) for _ in range(3)] == [PASSPHRASE, "the next", ""]
        assert passphrase.ask_twice(descriptor) == ""
    finally:
        os.close(descriptor)
    with pytest.raises(KeysRefused, match="No passphrase can be read"):
        passphrase.ask(descriptor)


AT_A_TERMINAL = "from server.keys import passphrase; print('<' + passphrase.ask_twice(None) + '>')"


@pytest.mark.parametrize(
    ("second", "told"), [("麦 secret words", "<麦 secret words>"), ("other", "The two passphrases")]
)
def test_a_terminal_asks_twice_and_shows_nothing(second: str, told: str) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", AT_A_TERMINAL]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = ""
        for prompt, words in (("new root: ", "麦 secret words"), ("again: ", second)):
            shown += _until(process, prompt)
            os.write(ours, f"{words}\n".encode())
        shown += _until(process, None)
    os.close(ours)
    assert told in shown
    assert shown.count("secret words") == (1 if told.startswith("<") else 0)


def _until(process: subprocess.Popen[bytes], prompt: str | None) -> str:
    """Return what a process writes up to a prompt, which means that it listens; None: to its end."""
    assert process.stdout is not None
    shown = b""
    while prompt is None or not shown.endswith(prompt.encode()):
        piece = os.read(process.stdout.fileno(), 1 if prompt else 4096)
        if not piece:
            break
        shown += piece
    return shown.decode()
