"""``dingpan backup`` and ``dingpan restore`` as they are typed: what they say, and how they end."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from server import logs
from server.administration.models import Act
from server.cli import main
from server.console.acts import ActLine
from server.database import db
from tests.server import backups
from tests.server.world import GOOD, World


@pytest.fixture
def typed(sqlite_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """A server whose settings the environment names, as on a real machine; the tests keep their own logs."""
    monkeypatch.setattr(logs, "configure", lambda **_: None)
    ours = sqlite_world.app.extensions["dingpan"]
    backups.lay_out(ours.keyring, ours.settings.keys_dir)
    named = {
        "DINGPAN_PUBLIC_URL": "https://dingpan.test",
        "DINGPAN_SEAL_HOST": "DINGPAN.TEST",
        "DINGPAN_DATABASE": ours.settings.database_url,
        "DINGPAN_KEYS": str(ours.settings.keys_dir),
        "DINGPAN_EVIDENCE": str(ours.settings.evidence_dir),
        "DINGPAN_SECRET": "a secret that no backup holds, 32+",
        "DINGPAN_DATA_KEY": base64.b64encode(bytes(range(32))).decode(),
        "DINGPAN_SMS": "http",
        "DINGPAN_SMS_URL": "https://sms.test/send",
        "DINGPAN_SMS_SECRET": "another secret that no backup holds",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    phone = sqlite_world.phone()
    phone.answers(phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD))))
    db.session.commit()
    return sqlite_world


def test_a_backup_and_a_restore_say_what_they_did_and_what_is_to_be_kept_elsewhere(
    typed: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", "--to", str(tmp_path / "b" / "monday.tar")]) == 0
    told = capsys.readouterr().out
    for words in ("rows in", "SHA-256 of the manifest", "DINGPAN_SECRET", "DINGPAN_DATA_KEY", "DINGPAN_SMS_SECRET"):
        assert words in told
    content = (tmp_path / "b" / "monday.tar").read_bytes()
    assert b"that no backup holds" not in content
    assert b"DINGPAN_SMS_URL=https://sms.test/send" in content
    assert main(["restore", str(tmp_path / "b" / "monday.tar"), "--into", str(tmp_path / "new")]) == 0
    told = capsys.readouterr().out
    assert "every hash is as it was backed up" in told
    request = json.loads((tmp_path / "new" / "keys" / "restore-request.json").read_text())
    assert request["size"] == 1
    assert len(base64.b64decode(request["root"])) == 32
    assert str(tmp_path / "new" / "keys" / "restore-request.json") in told


def test_what_cannot_be_done_is_one_sentence(
    typed: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = tmp_path / "backup"
    assert main(["backup", "--to", str(backup)]) == 0
    assert main(["backup", "--to", str(backup)]) == 2
    assert "there already" in capsys.readouterr().err
    assert main(["restore", str(backup)]) == 2
    assert "Not empty" in capsys.readouterr().err
    assert main(["restore", str(tmp_path / "nothing")]) == 2
    assert "is not there" in capsys.readouterr().err
    (backup / "database.sqlite").unlink()
    assert main(["restore", str(backup), "--into", str(tmp_path / "new")]) == 2
    told = capsys.readouterr().err
    assert "database.sqlite is missing" in told
    assert len(told.splitlines()) == 1
    assert list((tmp_path / "new").iterdir()) == []


def test_a_missing_photo_ends_the_backup_with_1_and_its_name(
    typed: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from server.clock import now
    from server.evidence.models import PublicCopy

    lost = {"copy_sha256": "ab" * 32, "blurred": "[]", "made_by": None, "made_at": now()}
    db.session.add(PublicCopy(sha256="cd" * 32, number=1, **lost))
    db.session.commit()
    assert main(["backup", "--to", str(tmp_path / "backup")]) == 1
    assert f"Missing evidence: {'ab' * 32}" in capsys.readouterr().out
    assert main(["restore", str(tmp_path / "backup"), "--into", str(tmp_path / "new")]) == 0


def test_a_server_restored_where_the_settings_say_serves_and_shows_the_act(
    typed: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The disk is lost: database, keys and evidence are gone, the settings are typed again."""
    assert main(["backup", "--to", str(tmp_path / "backup")]) == 0
    settings = typed.app.extensions["dingpan"].settings
    db.session.remove()
    db.engine.dispose()
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    file.unlink()
    for path in settings.keys_dir.glob("*.json"):
        path.unlink()
    assert main(["restore", str(tmp_path / "backup")]) == 0
    act = db.session.query(Act).filter_by(kind="server_restored").one()
    with typed.app.test_request_context(headers={"Accept-Language": "en"}):
        assert "Leaves kept 1" in ActLine(act, "", "").details
    assert typed.app.test_client().get("/readyz").json["log_size"] == 2
    db.session.rollback()
    assert main(["audit", "verify"]) == 0
    assert "Nothing is wrong" in capsys.readouterr().out
