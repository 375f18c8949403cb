"""The command line as a stranger meets it: sentences, exit codes, and two cities that know nothing of each other."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from shared import __version__
from shared.rules import ruleset_name
from tests.journeys.conftest import DINGPAN, City, start_city


def dingpan(
    *arguments: str, environ: dict[str, str] | None = None, typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; ``typed`` is what it reads from stdin."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DINGPAN_")}
    command = [str(DINGPAN), *arguments]
    environ = clean | (environ or {})
    return subprocess.run(command, capture_output=True, text=True, timeout=55, check=False, env=environ, input=typed)


def sentence_of(answer: subprocess.CompletedProcess[str]) -> str:
    """Return what the command said before it gave up: one sentence, no traceback."""
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    return answer.stderr


def test_version_names_the_program_and_its_rules() -> None:
    answer = dingpan("version")
    assert answer.returncode == 0
    assert f"dingpan {__version__}" in answer.stdout
    assert ruleset_name() in answer.stdout


def test_a_missing_secret_is_named() -> None:
    answer = dingpan(
        "serve",
        environ={
            "DINGPAN_PUBLIC_URL": "https://dingpan.example",
            "DINGPAN_DATABASE": "sqlite:////nowhere/x.db",
            "DINGPAN_SEAL_HOST": "DINGPAN.EXAMPLE",
        },
    )
    assert "DINGPAN_SECRET is not set" in sentence_of(answer)


def test_a_port_in_use_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = dingpan("demo", "--data", str(tmp_path / "demo"), "--port", port)
    assert f"Port {port} on 127.0.0.1 is in use" in sentence_of(answer)
    assert not (tmp_path / "demo").exists()


def test_a_port_in_use_is_told_by_the_server_too_and_the_one_who_has_it_goes_on(tmp_path: Path) -> None:
    environ = a_server(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = dingpan("serve", "--port", str(port), environ=environ)
        assert sentence_of(answer).endswith(
            f"Port {port} on 127.0.0.1 is in use. Choose another with --port, or --port 0.\n"
        )
        with socket.create_connection(("127.0.0.1", port), timeout=5) as asking, taken.accept()[0] as answering:
            asking.sendall(b"?")
            assert answering.recv(1) == b"?"


def a_server(folder: Path) -> dict[str, str]:
    """Make keys and return the settings of a server of its own."""
    safe, passphrase = ("--safe", str(folder / "safe")), "five words of this test\n"
    issue = [word for purpose in ("receipt", "tree", "revocation", "rescue", "seal") for word in ("--purpose", purpose)]
    issue += ["--prefix", "4116", "--prefix", "4114", "--from", "2020-01-01", "--to", "2040-01-01"]
    for command in (("root", *safe, "--host", "DINGPAN.TEST"), ("issue", *safe, *issue)):
        made = dingpan("keys", *command, typed=passphrase)
        assert made.returncode == 0, made.stderr
    publish = ("publish", "--from", str(folder / "safe" / "carry"), "--keys", str(folder / "keys"))
    assert dingpan("keys", *publish).returncode == 0
    return {
        "DINGPAN_PUBLIC_URL": "https://dingpan.example",
        "DINGPAN_DATABASE": f"sqlite:///{folder}/server.db",
        "DINGPAN_SECRET": "a secret of this test, long enough",
        "DINGPAN_DATA_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "DINGPAN_KEYS": str(folder / "keys"),
        "DINGPAN_EVIDENCE": str(folder / "evidence"),
        "DINGPAN_SEAL_HOST": "DINGPAN.TEST",
    }


def test_keys_are_made_once_shown_and_given_up(tmp_path: Path) -> None:
    environ = a_server(tmp_path)
    safe = ("--safe", str(tmp_path / "safe"))
    modes = {path.stat().st_mode & 0o077 for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {0}
    again = dingpan("keys", "root", *safe, "--host", "DINGPAN.TEST", typed="five words of this test\n")
    assert "already holds a root" in sentence_of(again)
    assert "The passphrase is not that of" in sentence_of(dingpan("keys", "renew", *safe, typed="other\n"))
    shown = [dingpan("keys", "show", *where, environ=environ) for where in ((), safe)]
    assert [one.returncode for one in shown] == [0, 0]
    assert shown[0].stdout.startswith(shown[1].stdout)
    assert dingpan("keys", "revoke", "AAAA6QSB9", environ=environ).stdout.startswith("List 2 holds 1 label(s)")
    assert "mistyped" in sentence_of(dingpan("keys", "revoke", "AAAA6QSB8", environ=environ))


def test_a_folder_without_a_demo_is_told(tmp_path: Path) -> None:
    assert "holds no demo" in sentence_of(dingpan("keys", "show", "--data", str(tmp_path)))


def test_migrate_and_seed_fill_an_empty_database(tmp_path: Path) -> None:
    environ = a_server(tmp_path)
    assert "migrate" in sentence_of(dingpan("seed", "--instruments", "20", environ=environ))
    assert dingpan("migrate", environ=environ).returncode == 0
    seeded = dingpan("seed", "--instruments", "20", environ=environ)
    assert seeded.returncode == 0, seeded.stderr
    assert "The staff's password is" in seeded.stdout
    assert "not empty" in sentence_of(dingpan("seed", "--instruments", "20", environ=environ))
    assert dingpan("migrate", "--to", "base", environ=environ).returncode == 0


@pytest.fixture(scope="module")
def two_cities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, City]]:
    """Two demos at once, on folders and ports of their own."""
    folder = tmp_path_factory.mktemp("two")
    first_process, first = start_city(folder / "first", "--seed", "1")
    second_process, second = start_city(folder / "second", "--seed", "2")
    yield first, second
    for process in (first_process, second_process):
        process.terminate()
        process.wait(timeout=20)


def test_two_demos_know_nothing_of_each_other(two_cities: tuple[City, City]) -> None:
    first, second = two_cities
    assert first.port != second.port
    for mine, other in ((first, second), (second, first)):
        label = mine.label("journey")
        assert requests.get(label["url"], timeout=10).status_code == 200
        text = label["link"].rpartition("/")[2]
        abroad = requests.get(f"{other.url}/V/{text}", timeout=10, headers={"Accept-Language": "zh-CN"})
        assert "这不是本系统签发的标识" in abroad.text


def test_a_label_is_printed_and_its_text_checked(two_cities: tuple[City, City], tmp_path: Path) -> None:
    first, second = two_cities
    label = first.label("journey")
    out = tmp_path / "label.pdf"
    assert dingpan("label", str(label["serial"]), "--data", str(first.folder), "--out", str(out)).returncode == 0
    assert out.read_bytes().startswith(b"%PDF")
    good = dingpan("verify-seal", label["link"], "--data", str(first.folder))
    assert (good.returncode, json.loads(good.stdout)["verdict"]) == (0, "genuine")
    foreign = dingpan("verify-seal", label["link"], "--data", str(second.folder))
    assert (foreign.returncode, json.loads(foreign.stdout)["verdict"]) == (1, "forged")
    assert dingpan("verify-seal", "HTTPS://EXAMPLE.TEST/PAY", "--data", str(first.folder)).returncode == 1
    missing = dingpan("label", "AAAAAAAA3", "--data", str(first.folder), "--out", str(out))
    assert "There is no label" in sentence_of(missing)
    assert "mistyped" in sentence_of(dingpan("label", "AAAA6QSB8", "--data", str(first.folder), "--out", str(out)))


def test_somebody_begins_anew_where_no_administrator_can_sign_in(two_cities: tuple[City, City]) -> None:
    city = two_cities[0]
    name, person = (city.sign_in("security_administrator")[word] for word in ("sign_in_name", "person"))
    told = dingpan("people", "invite", "--name", name, "--data", str(city.folder))
    assert told.returncode == 0, told.stderr
    secret = told.stdout.split()[0].rpartition("/join/")[2]
    page = requests.get(f"{city.url}/join/{secret}", timeout=10, headers={"Accept-Language": "zh-CN"})
    assert (page.status_code, name in page.text) == (200, True)
    acts = city.rows("SELECT kind, by_person FROM act WHERE about_id IN (?, ?)", person, person.replace("-", ""))
    assert acts == [("invited_again", None)]
    assert "Nobody who is let in" in sentence_of(
        dingpan("people", "invite", "--name", "nobody", "--data", str(city.folder))
    )


def test_a_demo_tells_how_to_sign_in_with_a_code_and_how_to_join(two_cities: tuple[City, City]) -> None:
    city = two_cities[1]
    roles = {one["role"] for one in city.way_in["sign_ins"] if "totp_secret" in one}
    administrators = {"system_administrator", "security_administrator", "audit_administrator"}
    assert roles == {"supervisor", "auditor", *administrators}
    for one in city.way_in["sign_ins"]:
        assert one.get("totp_uri", "").startswith("otpauth://totp/") == (one["role"] in roles)
    (newcomer,) = city.way_in["staff_invitations"]
    assert requests.get(newcomer["url"], timeout=10).status_code == 200


def test_a_second_start_keeps_the_city(two_cities: tuple[City, City], tmp_path: Path) -> None:
    process, city = start_city(tmp_path / "again", "--instruments", "12")
    label, password = city.label("journey"), city.sign_in("inspector")["password"]
    process.terminate()
    process.wait(timeout=20)
    process, again = start_city(tmp_path / "again", "--seed", "99")
    try:
        assert again.label("journey")["link"] == label["link"]
        assert again.sign_in("inspector")["password"] == password
        assert again.way_in["invitations"] != city.way_in["invitations"]
        assert again.way_in["staff_invitations"] != city.way_in["staff_invitations"]
    finally:
        process.terminate()
        process.wait(timeout=20)
