"""Both stores keep the same promise: a file is what its name says, and never becomes another."""

from __future__ import annotations

import base64
import hashlib
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from server.backup import taking
from server.backup.places import of_settings
from server.clock import new_id, now
from server.database import db
from server.evidence import service as evidence
from server.evidence.folder import FolderStore
from server.evidence.models import PublicCopy, Upload, UploadPart
from server.evidence.s3 import S3Store
from server.evidence.store import Damaged, Store, StoreDown, open_store
from server.settings import S3, MissingSetting, Settings
from tests.server import backups, photos
from tests.server.conftest import settings_for
from tests.server.sending import begin, digest, named, patch, pieces
from tests.server.world import World

CONTENT = b"what was seen" * 1000
NAME = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """An S3-compatible server on a free port of loopback."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_url: str) -> S3:
    """A bucket of its own."""
    named = S3(
        bucket=f"b{uuid.uuid4().hex}", prefix="bureau/", endpoint=s3_url, region="us-east-1", key="k", secret="s"
    )
    client(named).create_bucket(Bucket=named.bucket)
    return named


def client(named: S3) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=named.endpoint,
        region_name=named.region,
        aws_access_key_id=named.key,
        aws_secret_access_key=named.secret,
    )


Spoil = Callable[[str, bytes], None]


@pytest.fixture(params=["folder", "s3"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, Spoil]:
    """A store, and a way to write past it."""
    if request.param == "folder":
        return FolderStore(tmp_path), lambda name, content: _write(tmp_path / name[:2] / name, content)
    named: S3 = request.getfixturevalue("s3")
    put = client(named).put_object
    return S3Store.of(named), lambda name, content: put(
        Bucket=named.bucket, Key=f"{named.prefix}files/{name}", Body=content
    )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_a_file_comes_back_as_it_was_put(kept: tuple[Store, Spoil]) -> None:
    store, _ = kept
    assert store.get(NAME) is None
    assert store.put(CONTENT) == store.put(CONTENT) == NAME
    assert store.get(NAME) == CONTENT
    assert store.get(store.put(b"")) == b""


@pytest.mark.parametrize("name", ["", "x", NAME[:-1], NAME.upper(), f"../{NAME}", "٠" * 64, "parts/x"])
def test_another_name_is_no_file(kept: tuple[Store, Spoil], name: str) -> None:
    kept[0].put(CONTENT)
    assert kept[0].get(name) is None


def test_a_file_that_was_changed_behind_us_is_noticed(kept: tuple[Store, Spoil]) -> None:
    store, spoil = kept
    store.put(CONTENT)
    spoil(NAME, CONTENT[:-1] + b"x")
    with pytest.raises(Damaged):
        store.get(NAME)


def test_a_file_that_is_there_is_never_written_again(kept: tuple[Store, Spoil]) -> None:
    """Even one that is wrong: the damage is told, and whoever sent it keeps it."""
    store, spoil = kept
    spoil(NAME, b"damaged")
    with pytest.raises(Damaged):
        store.put(CONTENT)
    with pytest.raises(Damaged):
        store.get(NAME)


def test_parts_are_kept_listed_and_dropped(kept: tuple[Store, Spoil]) -> None:
    store, _ = kept
    assert (store.get_part("one"), list(store.parts())) == (None, [])
    store.put_part("one", b"first")
    store.put_part("two", b"")
    store.put(CONTENT)
    assert (store.get_part("one"), store.get_part("two")) == (b"first", b"")
    listed = dict(store.parts())
    assert set(listed) == {"one", "two"}
    assert all(abs(datetime.now(UTC) - at) < timedelta(minutes=5) for at in listed.values())
    store.drop_part("one")
    store.drop_part("one")
    assert [name for name, _ in store.parts()] == ["two"]
    assert store.get(NAME) == CONTENT


def test_many_that_put_the_same_file_at_once_keep_one(kept: tuple[Store, Spoil]) -> None:
    store, _ = kept
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(store.put(CONTENT))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == [NAME] * 8
    assert store.get(NAME) == CONTENT


def test_no_half_file_ever_has_a_final_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full in the middle: told, nothing is left, and it works when there is room again."""

    def _full(_: int) -> None:
        raise OSError(28, "No space left on device")

    store = FolderStore(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", _full)
        with pytest.raises(StoreDown, match="No space left"):
            store.put(CONTENT)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert store.get(store.put(CONTENT)) == CONTENT


def test_a_file_is_synced_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = os.fsync

    def _watch(descriptor: int) -> None:
        seen.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        assert (tmp_path / NAME[:2] / NAME).exists() == (len(seen) > 1)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", _watch)
    FolderStore(tmp_path).put(CONTENT)
    assert [Path(name).name.startswith(f".{NAME}") for name in seen] == [True, False]
    assert seen[1] == str(tmp_path / NAME[:2])


def test_the_sha256_travels_along_and_nothing_is_overwritten(s3: S3) -> None:
    """A store that got other bytes refuses them, and one that has the file keeps what it has."""
    sent: list[dict[str, Any]] = []
    real = client(s3).put_object

    class Watching:
        get_object = staticmethod(client(s3).get_object)

        def put_object(self, **values: Any) -> Any:
            sent.append(values)
            return real(**values)

    S3Store(Watching(), s3.bucket, s3.prefix).put(CONTENT)
    assert sent[0]["ChecksumSHA256"] == base64.b64encode(bytes.fromhex(NAME)).decode()
    assert sent[0]["IfNoneMatch"] == "*"
    assert client(s3).get_object(Bucket=s3.bucket, Key=f"bureau/files/{NAME}")["Body"].read() == CONTENT


@pytest.mark.parametrize("trouble", ["no server", "no bucket"])
def test_a_store_that_is_down_says_so(s3: S3, trouble: str) -> None:
    down = replace(s3, endpoint="http://127.0.0.1:9") if trouble == "no server" else replace(s3, bucket="nothere")
    store = S3Store.of(down)
    for work in (
        lambda: store.put(CONTENT),
        lambda: store.put_part("x", b""),
        lambda: list(store.parts()),
        *((lambda: store.get(NAME),) if trouble == "no server" else ()),
    ):
        with pytest.raises(StoreDown):
            work()


WHOLE = {
    "DINGPAN_DATABASE": "sqlite:////srv/dingpan.db",
    "DINGPAN_SECRET": "s" * 32,
    "DINGPAN_DATA_KEY": base64.b64encode(bytes(32)).decode(),
    "DINGPAN_KEYS": "/srv/keys",
    "DINGPAN_EVIDENCE": "s3://bucket/a/b/",
    "DINGPAN_EVIDENCE_KEY": "key",
    "DINGPAN_EVIDENCE_SECRET": "secret",
    "DINGPAN_EVIDENCE_ENDPOINT": "https://s3.example.gov.cn",
    "DINGPAN_PUBLIC_URL": "https://example.gov.cn/",
    "DINGPAN_SEAL_HOST": "EXAMPLE.GOV.CN",
}


def test_a_store_is_named_by_the_environment() -> None:
    assert Settings.from_env(WHOLE | {"DINGPAN_UPLOAD_BYTES": "1000"}).upload_bytes == 1000
    assert Settings.from_env(WHOLE).evidence_s3 == S3(
        bucket="bucket",
        prefix="a/b/",
        endpoint="https://s3.example.gov.cn",
        region="us-east-1",
        key="key",
        secret="secret",
    )
    plain = Settings.from_env(WHOLE | {"DINGPAN_EVIDENCE": "s3://bucket"}).evidence_s3
    assert plain is not None
    assert (plain.bucket, plain.prefix) == ("bucket", "")
    assert Settings.from_env(WHOLE | {"DINGPAN_EVIDENCE": "/srv/evidence"}).evidence_s3 is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DINGPAN_EVIDENCE", "s3://"),
        ("DINGPAN_EVIDENCE", "s3:///x"),
        ("DINGPAN_EVIDENCE_KEY", ""),
        ("DINGPAN_EVIDENCE_SECRET", ""),
        ("DINGPAN_UPLOAD_BYTES", "32 MiB"),
    ],
)
def test_a_store_that_is_named_wrongly_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(MissingSetting, match=name):
        Settings.from_env(WHOLE | {name: value})


def test_the_settings_choose(tmp_path: Path, s3: S3) -> None:
    settings = settings_for("sqlite://", tmp_path)
    assert isinstance(open_store(settings), FolderStore)
    assert isinstance(open_store(replace(settings, evidence_s3=s3)), S3Store)


def test_an_upload_in_chunks_goes_into_the_bucket_and_comes_out_of_it(sqlite_world: World, s3: S3) -> None:
    sqlite_world.app.extensions[evidence.EXTENSION] = S3Store.of(s3)
    phone, photo = sqlite_world.phone(), photos.noise((64, 64), 1)
    where = begin(phone, named(sqlite_world, phone, photo), photo)
    for start, piece in pieces(photo, len(photo) // 3):
        assert patch(phone, where, start, piece).status_code == 204
    answer = sqlite_world.client.get(f"/api/v1/evidence/{digest(photo)}", headers=phone.headers, buffered=True)
    assert answer.data == photo
    rows = client(s3).list_objects_v2(Bucket=s3.bucket)["Contents"]
    assert [row["Key"] for row in rows] == [f"bureau/files/{digest(photo)}"]


def test_a_bucket_that_is_down_is_told_and_the_photo_comes_later(sqlite_world: World, s3: S3) -> None:
    phone, photo = sqlite_world.phone(), photos.noise((64, 64), 1)
    where = begin(phone, named(sqlite_world, phone, photo), photo)
    sqlite_world.app.extensions[evidence.EXTENSION] = S3Store.of(replace(s3, endpoint="http://127.0.0.1:9"))
    answer = patch(phone, where, 0, photo)
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/evidence-down")
    assert answer.headers["Retry-After"] == "30"
    sqlite_world.app.extensions[evidence.EXTENSION] = S3Store.of(s3)
    assert patch(phone, where, 0, photo).status_code == 204


def test_evidence_in_a_bucket_is_backed_up_and_restored_into_another(
    sqlite_world: World, s3: S3, tmp_path: Path
) -> None:
    dingpan, other, at = sqlite_world.app.extensions["dingpan"], f"b{uuid.uuid4().hex}", now()
    settings = replace(dingpan.settings, evidence_s3=s3)
    open_store(settings).put(CONTENT)
    open_store(settings).put_part("part-1", CONTENT[:100])
    about = {"id": new_id(at), "person_id": sqlite_world.inspector, "record_id": new_id(at), "sha256": NAME}
    size = {"length": len(CONTENT), "offset": 100, "state": "open", "told": ""}
    db.session.add(PublicCopy(sha256="cd" * 32, number=1, copy_sha256=NAME, blurred="[]", made_by=None, made_at=at))
    db.session.add(Upload(**about, **size, made_at=at, expires_at=at))
    db.session.flush()
    db.session.add(UploadPart(upload_id=about["id"], first_byte=0, bytes=100, name="part-1"))
    db.session.commit()
    backups.lay_out(dingpan.keyring, settings.keys_dir)
    assert taking.take(settings, dingpan.keyring, tmp_path / "backup.tar", at).manifest.missing == ()
    client(s3).create_bucket(Bucket=other)
    there = replace(
        settings,
        database_url=f"sqlite:///{tmp_path}/new.db",
        keys_dir=tmp_path / "new-keys",
        evidence_s3=replace(s3, bucket=other),
    )
    backups.restore(tmp_path / "backup.tar", of_settings(there))
    assert open_store(there).get(NAME) == CONTENT
    assert open_store(there).get_part("part-1") == CONTENT[:100]
    assert "DINGPAN_EVIDENCE_SECRET" in taking._secrets(settings)
