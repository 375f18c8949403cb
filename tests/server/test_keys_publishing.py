"""What a publication refuses, each mistake planted in real files, and what is left when the power fails in it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server import create_app, keyring
from server.keyring import MissingKeys
from server.keys import changes, papers
from server.keys.changes import Change
from server.keys.errors import KeysRefused
from server.keys.publishing import publish
from server.keys.safe import Safe
from shared import signing
from shared.keys import Purpose
from tests.server.conftest import TODAY, settings_for
from tests.server.keys_drill import RECEIPT, REVOCATION, SEAL, TREE, Bureau, published

ROOT = Path(__file__).resolve().parents[2]
STEPS = 3


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    made = Bureau(tmp_path, TODAY.date())
    made.first_keys()
    return made


def rows(bureau: Bureau) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(bureau.ring.key_set_document["body"])["keys"]
    return found


def with_row(bureau: Bureau, key_id: int, **fields: Any) -> list[dict[str, Any]]:
    return [row | fields if row["id"] == key_id else row for row in rows(bureau)]


def without_serials(bureau: Bureau) -> list[dict[str, Any]]:
    return with_row(bureau, SEAL, serials=[[1_000_000, 1_400_000], [1_500_000, 1_999_999]])


YESTERDAY = str(TODAY.date() - timedelta(days=1))
LOSSES: dict[str, tuple[Callable[[Bureau], dict[str, Any]], str]] = {
    "a key is taken out": (lambda bureau: {"keys": rows(bureau)[:-1]}, "Key 1 .seal. is gone"),
    "a key ended yesterday": (lambda bureau: {"keys": with_row(bureau, SEAL, to=YESTERDAY)}, "was valid on days"),
    "a key began later": (lambda bureau: {"keys": with_row(bureau, SEAL, **{"from": "2026-02-01"})}, "valid on days"),
    "serials are cut": (lambda bureau: {"keys": without_serials(bureau)}, "covered serials"),
    "a host is gone": (lambda bureau: {"hosts": ["OTHER.TEST"]}, "Labels name the host DINGPAN.TEST"),
    "no tree key": (lambda bureau: {"keys": with_row(bureau, TREE, compromised=True)}, "No tree key is valid"),
    "of next week": (lambda bureau: {"issued": str(TODAY.date() + timedelta(days=7))}, "which is to come"),
    "of long ago": (lambda bureau: {"next": YESTERDAY}, "dingpan keys renew"),
}


@pytest.mark.parametrize("mistake", LOSSES)
def test_a_set_that_would_lose_something_is_not_published(bureau: Bureau, mistake: str) -> None:
    make, told = LOSSES[mistake]
    before = files_of(bureau.server)
    with pytest.raises(KeysRefused, match=told):
        bureau.on_the_server("publish", "--from", str(bureau.tampered(seq=3, **make(bureau))))
    assert files_of(bureau.server) == before
    sound = {"keys": with_row(bureau, SEAL, serials=[[1_000_000, 1_400_000], [1_400_001, 2_999_999]])}
    bureau.on_the_server("publish", "--from", str(bureau.tampered(seq=3, **sound)))
    assert bureau.ring.key_set.seq == 3


def test_a_key_that_was_given_up_never_counts_as_good_again(bureau: Bureau) -> None:
    bureau.in_the_safe("revoke", "--key", str(SEAL))
    bureau.publish()
    with pytest.raises(KeysRefused, match="Key 1 is compromised and would count as good again"):
        bureau.on_the_server(
            "publish", "--from", str(bureau.tampered(seq=4, keys=with_row(bureau, SEAL, compromised=False)))
        )


def test_a_lower_number_is_refused_and_so_are_other_bytes_with_the_same(bureau: Bureau) -> None:
    bureau.in_the_safe("renew")
    bureau.publish()
    before = files_of(bureau.server)
    for seq in (1, 2, 3):
        with pytest.raises(KeysRefused, match=f"has number {seq} and the server has another with 3"):
            bureau.on_the_server("publish", "--from", str(bureau.tampered(seq=seq, next="2027-01-31")))
    assert files_of(bureau.server) == before
    bureau.on_the_server("publish", "--from", str(bureau.stick))  # the very same once more changes nothing
    assert files_of(bureau.server) == before


def test_an_id_that_was_used_twice_is_found_when_two_safes_went_apart(bureau: Bureau, tmp_path: Path) -> None:
    """Somebody went on from an old copy of the safe, which gave the same id to another key."""
    shutil.copytree(bureau.safe, tmp_path / "old copy")
    issue = ("issue", "--purpose", "seal", "--prefix", "4116")
    bureau.in_the_safe(*issue)
    bureau.publish()
    bureau.safe = tmp_path / "old copy"
    bureau.in_the_safe(*issue)
    bureau.in_the_safe("renew")
    with pytest.raises(KeysRefused, match="another private half of key 2") as told:
        bureau.publish()
    assert "Key 2 has another public half" in str(told.value)


def test_two_keys_of_one_name_are_not_even_signed(bureau: Bureau) -> None:
    safe = Safe(bureau.safe, bureau.opened_root())
    body = safe.body()
    before = files_of(bureau.safe)
    with pytest.raises(KeysRefused, match=r"refused \(names\)"):
        safe.sign(body, Change([*body["keys"], body["keys"][-1]], {}), bureau.day)
    assert files_of(bureau.safe) == before


def test_a_private_half_that_was_left_behind_is_missed(bureau: Bureau) -> None:
    bureau.in_the_safe("issue", "--purpose", "receipt")
    stick = bureau.carry()
    private = json.loads((stick / "private.json").read_text("utf-8"))
    secret = private["secrets"].pop("260")
    for secrets, told in (({}, "half of key 260 .receipt. is missing"), ({"260": "A" * 43 + "="}, "is of another key")):
        (stick / "private.json").write_text(json.dumps(private | {"secrets": secrets}), "utf-8")
        with pytest.raises(KeysRefused, match=told):
            bureau.on_the_server("publish", "--from", str(stick))
    (stick / "private.json").write_text(json.dumps(private | {"secrets": {"260": secret}}), "utf-8")
    bureau.on_the_server("publish", "--from", str(stick))
    assert bureau.ring.signer(Purpose.RECEIPT, bureau.day)[0] == 260


def test_what_another_root_signed_is_refused(bureau: Bureau, tmp_path: Path) -> None:
    other = Bureau(tmp_path, bureau.day, name="other")
    other.first_keys_in_the_safe()
    with pytest.raises(KeysRefused, match="of another root"):
        other.publish()
    shutil.copy(other.stick / "key-set.json", bureau.stick / "key-set.json")
    with pytest.raises(KeysRefused, match="not what the root signed"):
        bureau.on_the_server("publish", "--from", str(bureau.stick))


def test_the_host_on_labels_must_be_in_the_set(bureau: Bureau) -> None:
    new = bureau.tampered(seq=3, hosts=["DINGPAN.TEST", "LABELS.TEST"])
    with pytest.raises(KeysRefused, match=r"does not name OTHER\.TEST"):
        publish(bureau.server, new, day=bureau.day, host="OTHER.TEST")
    assert publish(bureau.server, new, day=bureau.day, host="LABELS.TEST").key_set.seq == 3


@pytest.mark.parametrize("name", ["private.json", "revoked.json"])
def test_what_a_server_lost_is_not_made_up_anew(bureau: Bureau, name: str) -> None:
    bureau.on_the_server("revoke", "1000001")
    bureau.in_the_safe("renew")
    (bureau.server / name).unlink()
    with pytest.raises(KeysRefused, match=name):
        bureau.publish()


def test_ids_of_seal_keys_run_out_before_a_label_cannot_name_them(bureau: Bureau) -> None:
    wanted = [papers.Wanted(Purpose.SEAL, bureau.day, bureau.day, "4116")] * 255
    body = papers.first_body(["H"], bureau.day)
    ids = [key["id"] for key in changes.issue(body, wanted).keys]
    assert ids == list(range(1, 256))
    with pytest.raises(KeysRefused, match="All 255 ids"):
        changes.issue(body, [*wanted, wanted[0]])


KILLED_AT = """
import os, sys
from datetime import date
from pathlib import Path
from server.keys import publishing
left, folder, carried, day = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), date.fromisoformat(sys.argv[4])
def watch(event, values):
    global left
    if event == "os.rename" and Path(os.fsdecode(values[1])).parent == folder:
        if left == 0:
            os._exit(9)
        left -= 1
sys.addaudithook(watch)
publishing.publish(folder, carried, day=day, host=None)
"""


def killed_at(step: int, bureau: Bureau) -> None:
    """Publish in a process that dies before it puts the given file in its place; STEPS: it comes to its end."""
    command = [sys.executable, "-c", KILLED_AT, str(step), str(bureau.server), str(bureau.stick), str(bureau.day)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stderr) == (0 if step == STEPS else 9, "")


@pytest.mark.parametrize("step", range(STEPS + 1))
def test_a_publication_that_was_cut_off_is_finished_by_the_same_command(
    bureau: Bureau, sqlite_url: str, tmp_path: Path, step: int
) -> None:
    """The worst change: the key that signed the list of labels is given up, so all three files change."""
    app = create_app(settings_for(sqlite_url, tmp_path), clock=lambda: TODAY)
    bureau.on_the_server("revoke", "1000001")
    assert published(app, bureau)[1].seq == 2
    bureau.in_the_safe("revoke", "--key", str(REVOCATION))
    bureau.in_the_safe("issue", "--purpose", "revocation")
    bureau.carry()
    killed_at(step, bureau)
    keys, revoked = published(app, bureau)
    assert (keys.seq, revoked.seq) == ((4, 3) if step == STEPS else (2, 2))
    assert revoked.serials == {1_000_001}
    if step == 2:  # the new set stands, and the list is still the old one: told, not guessed
        with pytest.raises(MissingKeys, match="Publish again"):
            keyring.load(bureau.server)
    else:
        assert keyring.load(bureau.server).key_set.seq == keys.seq
    bureau.on_the_server("publish", "--from", str(bureau.stick))
    keys, revoked = published(app, bureau)
    assert (keys.seq, revoked.seq, revoked.serials) == (4, 3, {1_000_001})
    assert not list(bureau.server.glob("*.new"))


@pytest.mark.parametrize("step", range(STEPS))
def test_a_first_publication_that_was_cut_off_is_begun_anew(tmp_path: Path, step: int) -> None:
    bureau = Bureau(tmp_path, TODAY.date())
    bureau.first_keys_in_the_safe()
    bureau.carry()
    killed_at(step, bureau)
    with pytest.raises(MissingKeys, match="is missing"):
        keyring.load(bureau.server)
    bureau.on_the_server("publish", "--from", str(bureau.stick))
    assert (bureau.ring.key_set.seq, bureau.ring.revoked.seq) == (2, 1)
    assert set(bureau.ring.signers) == {SEAL, RECEIPT, TREE, REVOCATION, 259}


def files_of(folder: Path) -> dict[str, str]:
    return {str(path): signing.sha256_hex(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
