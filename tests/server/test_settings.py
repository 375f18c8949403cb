"""Settings: read once, and a missing or weak one stops the start with a sentence that names it."""

from __future__ import annotations

import base64
import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

from server import create_app, keyring
from server.keyring import MissingKeys
from server.settings import MissingSetting, Settings
from tests.server.conftest import TODAY, settings_for

WHOLE = {
    "DINGPAN_DATABASE": "sqlite:////srv/dingpan.db",
    "DINGPAN_SECRET": "s" * 32,
    "DINGPAN_DATA_KEY": base64.b64encode(bytes(32)).decode(),
    "DINGPAN_KEYS": "/srv/keys",
    "DINGPAN_EVIDENCE": "/srv/evidence",
    "DINGPAN_PUBLIC_URL": "https://example.gov.cn/",
    "DINGPAN_SEAL_HOST": "EXAMPLE.GOV.CN",
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_setting_is_named(name: str, value: str | None) -> None:
    environ = {key: text for key, text in WHOLE.items() if key != name} | ({} if value is None else {name: value})
    with pytest.raises(MissingSetting, match=name) as told:
        Settings.from_env(environ)
    assert str(told.value).endswith(".")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DINGPAN_SECRET", "s" * 31),
        ("DINGPAN_DATA_KEY", base64.b64encode(bytes(31)).decode()),
        ("DINGPAN_DATA_KEY", base64.b64encode(bytes(33)).decode()),
        ("DINGPAN_DATA_KEY", "not base64!"),
        ("DINGPAN_DATA_KEY", "A"),
        ("DINGPAN_DATA_KEY", "密钥"),
        ("DINGPAN_PUBLIC_URL", "http://example.gov.cn"),
        ("DINGPAN_PUBLIC_URL", "example.gov.cn"),
        ("DINGPAN_PROXY_HOPS", "-1"),
        ("DINGPAN_PROXY_HOPS", "two"),
        ("DINGPAN_PROXY_HOPS", "²"),
        ("DINGPAN_SQLITE_BUSY_MS", "1.5"),
        ("DINGPAN_SQLITE_BUSY_MS", ""),
        ("DINGPAN_DATABASE", "postgresql+psycopg://db.example/dingpan"),
        ("DINGPAN_DATABASE", "postgresql+psycopg://db.example/dingpan?sslmode=require"),
        ("DINGPAN_DATABASE", "postgresql+psycopg:///dingpan?host=db.example"),
        ("DINGPAN_LIMITER_STORAGE", "redis://cache.example:6379"),
        ("DINGPAN_SEAL_HOST", "example.gov.cn"),
        ("DINGPAN_SEAL_HOST", "EXAMPLE.GOV.CN:8443"),
        ("DINGPAN_SEAL_HOST", "HTTPS://EXAMPLE.GOV.CN"),
    ],
)
def test_a_weak_or_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(MissingSetting, match=name):
        Settings.from_env(WHOLE | {name: value})


def test_evidence_is_not_sent_in_the_clear() -> None:
    there = {"DINGPAN_EVIDENCE": "s3://box", "DINGPAN_EVIDENCE_KEY": "k", "DINGPAN_EVIDENCE_SECRET": "s"}
    with pytest.raises(MissingSetting, match="DINGPAN_EVIDENCE_ENDPOINT"):
        Settings.from_env(WHOLE | there | {"DINGPAN_EVIDENCE_ENDPOINT": "http://s3.example"})
    for endpoint in ("", "https://s3.example", "http://127.0.0.1:5000"):
        found = Settings.from_env(WHOLE | there | {"DINGPAN_EVIDENCE_ENDPOINT": endpoint}).evidence_s3
        assert found is not None
        assert found.endpoint == endpoint


def test_no_sentence_repeats_a_secret() -> None:
    for name, value in (("DINGPAN_SECRET", "swordfish"), ("DINGPAN_DATA_KEY", "swordfish!")):
        with pytest.raises(MissingSetting) as told:
            Settings.from_env(WHOLE | {name: value})
        assert "swordfish" not in str(told.value)


def test_what_is_not_said_has_sound_defaults() -> None:
    settings = Settings.from_env(WHOLE)
    assert settings.public_url == "https://example.gov.cn"
    assert settings.cookies_are_secure
    assert (settings.proxy_hops, settings.sqlite_busy_ms) == (0, 5_000)
    assert (settings.is_demo, settings.logs_as_json, settings.rate_store) == (False, True, "memory://")
    assert settings.data_key == bytes(32)


def test_what_is_said_is_taken() -> None:
    said = {"DINGPAN_TRUSTED_HOSTS": "a.cn,b.cn,", "DINGPAN_PROXY_HOPS": "2", "DINGPAN_ASSETS": "/srv/assets"}
    settings = Settings.from_env(WHOLE | said)
    assert settings.trusted_hosts == ("a.cn", "b.cn")
    assert (settings.proxy_hops, settings.assets_dir) == (2, Path("/srv/assets"))


def test_settings_cannot_be_changed_later() -> None:
    settings = Settings.from_env(WHOLE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.secret = "x"  # type: ignore[misc]


def test_nothing_is_read_when_the_server_is_imported() -> None:
    """Importing needs no setting and opens no file of keys and no database."""
    code = "import server, server.web, server.settings, server.sync.api; print('ok')"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": "."}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "ok\n"


# --- the app from its settings --------------------------------------------------------------------------------------


def test_the_demo_alone_sends_cookies_without_https(tmp_path: Path) -> None:
    plain = settings_for("sqlite://", tmp_path)
    keys = keyring.create(tmp_path / "keys", prefixes=["4116"], host="DINGPAN.TEST", day=TODAY.date())
    app = create_app(dataclasses.replace(plain, public_url="https://example.gov.cn"), keyring=keys)
    config = app.config
    assert (config["SESSION_COOKIE_SECURE"], config["SESSION_COOKIE_HTTPONLY"]) == (True, True)
    assert config["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert not create_app(plain, keyring=keys).config["SESSION_COOKIE_SECURE"]


def test_another_host_is_refused_when_hosts_are_named(tmp_path: Path) -> None:
    keys = keyring.create(tmp_path / "keys", prefixes=["4116"], host="DINGPAN.TEST", day=TODAY.date())
    settings = dataclasses.replace(settings_for("sqlite://", tmp_path), trusted_hosts=("example.gov.cn",))
    client = create_app(settings, keyring=keys).test_client()
    assert client.get("/healthz", base_url="https://example.gov.cn").status_code == 200
    answer = client.get("/api/v1/keys", base_url="https://evil.example")
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/wrong-host")


def test_a_proxy_is_believed_only_as_far_as_it_was_named(tmp_path: Path) -> None:
    keys = keyring.create(tmp_path / "keys", prefixes=["4116"], host="DINGPAN.TEST", day=TODAY.date())
    headers = {"X-Forwarded-For": "6.6.6.6, 7.7.7.7", "X-Forwarded-Proto": "https"}
    for hops, address in ((0, "127.0.0.1"), (1, "7.7.7.7"), (2, "6.6.6.6")):
        app = create_app(dataclasses.replace(settings_for("sqlite://", tmp_path), proxy_hops=hops), keyring=keys)
        with app.test_client() as client:
            from flask import request

            client.get("/healthz", headers=headers)
            assert (request.remote_addr, request.is_secure) == (address, hops == 1 or False)


# --- keys -----------------------------------------------------------------------------------------------------------


def test_keys_are_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made = keyring.create(folder, prefixes=["4116", "4117"], host="DINGPAN.TEST", day=TODAY.date())
    names = ("private.json", "key-set.json", "revoked.json", ".lock", "demo-root.json")
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    assert modes == dict.fromkeys(names, 0o600)
    assert keyring.load(folder).key_set == made.key_set
    with pytest.raises(MissingKeys, match="already holds keys"):
        keyring.create(folder, prefixes=["4116"], host="DINGPAN.TEST", day=TODAY.date())
    assert keyring.load(folder).key_set == made.key_set


@pytest.mark.parametrize("name", ["private.json", "key-set.json", "revoked.json"])
@pytest.mark.parametrize("content", [None, "", "{", "{}", "[]"])
def test_a_missing_or_broken_file_of_keys_stops_the_start_with_a_sentence(
    tmp_path: Path, name: str, content: str | None
) -> None:
    folder = tmp_path / "keys"
    keyring.create(folder, prefixes=["4116"], host="DINGPAN.TEST", day=TODAY.date())
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content, "utf-8")
    with pytest.raises(MissingKeys, match=name):
        create_app(settings_for("sqlite://", tmp_path))


def test_keys_of_another_root_stop_the_start(tmp_path: Path) -> None:
    for name in ("keys", "others"):
        keyring.create(tmp_path / name, prefixes=["4116"], host="DINGPAN.TEST", day=TODAY.date())
    (tmp_path / "keys" / "key-set.json").write_text((tmp_path / "others" / "key-set.json").read_text("utf-8"), "utf-8")
    with pytest.raises(MissingKeys, match=r"key-set\.json"):
        create_app(settings_for("sqlite://", tmp_path))


def test_a_private_key_that_is_not_the_published_one_stops_the_start(tmp_path: Path) -> None:
    """Else every receipt would be signed with a key that no phone accepts."""
    folder = tmp_path / "keys"
    keyring.create(folder, prefixes=["4116"], host="DINGPAN.TEST", day=TODAY.date())
    private = json.loads((folder / "private.json").read_text("utf-8"))
    private["secrets"]["256"] = base64.b64encode(bytes(32)).decode()
    (folder / "private.json").write_text(json.dumps(private), "utf-8")
    with pytest.raises(MissingKeys, match=r"private\.json"):
        create_app(settings_for("sqlite://", tmp_path))
