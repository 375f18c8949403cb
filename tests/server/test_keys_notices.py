"""The root's notices of restores: signed in the safe, carried, published, and refused when they are not the root's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server import create_app
from server.keys import papers
from server.keys.errors import KeysRefused
from shared.restores import open_notice
from shared.signing import Signer, encode_base64
from tests.server.conftest import TODAY, settings_for
from tests.server.keys_drill import Bureau

REQUEST = {"log_id": "ab" * 16, "size": 7, "root": encode_base64(bytes(32)), "at": "2026-11-21T02:00:00Z"}


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    made = Bureau(tmp_path, TODAY.date())
    made.first_keys()
    return made


def sign(bureau: Bureau, **fields: object) -> None:
    path = bureau.safe / "request.json"
    path.write_text(json.dumps(REQUEST | fields))
    bureau.in_the_safe("restored", str(path))


def test_a_server_hands_out_what_the_root_signed(bureau: Bureau, sqlite_url: str, tmp_path: Path) -> None:
    client = create_app(settings_for(sqlite_url, tmp_path)).test_client()
    assert client.get("/api/v1/restored").json == {"notices": []}
    sign(bureau)
    bureau.publish()
    sign(bureau, at="2026-11-22T02:00:00Z", size=9)
    sign(bureau, at="2026-11-22T02:00:00Z", size=9)
    bureau.publish()
    told = client.get("/api/v1/restored").json["notices"]
    opened = [open_notice(notice, bureau.root_public) for notice in told]
    assert [notice.size for notice in opened if notice] == [7, 9]
    assert open_notice(told[0], bytes(32)) is None


def test_the_newest_key_set_comes_with_the_notice_to_a_server_that_was_set_back(bureau: Bureau) -> None:
    old = {path.name: path.read_bytes() for path in bureau.server.glob("*.json")}
    bureau.in_the_safe("renew")
    bureau.publish()
    newest = bureau.ring.key_set.seq
    for name, content in old.items():
        (bureau.server / name).write_bytes(content)
    assert bureau.ring.key_set.seq == newest - 1
    sign(bureau)
    bureau.publish()
    assert bureau.ring.key_set.seq == newest


DAMAGED: list[dict[str, object]] = [
    {"size": "7"},
    {"root": "AA=="},
    {"at": "yesterday"},
    {"size": -1},
    {"log_id": None},
]


@pytest.mark.parametrize("fields", DAMAGED)
def test_a_request_that_no_phone_would_understand_is_not_signed(bureau: Bureau, fields: dict[str, object]) -> None:
    with pytest.raises(KeysRefused, match="Nothing was signed"):
        sign(bureau, **fields)
    path = bureau.safe / "request.json"
    path.write_text(json.dumps({"size": 7}))
    with pytest.raises(KeysRefused, match="names no"):
        bureau.in_the_safe("restored", str(path))
    assert not (bureau.safe / papers.RESTORED).exists()


def test_a_notice_of_another_is_not_published_and_nothing_else_of_the_stick_is(bureau: Bureau) -> None:
    bureau.in_the_safe("renew")
    sign(bureau)
    stick, before = bureau.carry(), (bureau.server / "key-set.json").read_bytes()
    notice = papers.sign_notice(Signer(bytes(range(32))), REQUEST)
    (stick / papers.RESTORED).write_text(json.dumps({"notices": [notice]}))
    with pytest.raises(KeysRefused, match="not what the root signed"):
        bureau.on_the_server("publish", "--from", str(stick))
    assert (bureau.server / "key-set.json").read_bytes() == before
    assert not (bureau.server / papers.RESTORED).exists()
