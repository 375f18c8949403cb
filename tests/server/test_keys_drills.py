"""The two drills of docs/keys.md from end to end: commands, real files, a server that never stops, labels' verdicts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server import create_app
from server.database import db
from server.keyring import MissingKeys
from server.keys.errors import KeysRefused
from server.keys.safe import Safe
from shared import rescue, seal
from shared.keys import Purpose
from shared.seal import LabelVerdict
from tests.server.conftest import TODAY, TestClock, settings_for
from tests.server.keys_drill import RECEIPT, RESCUE, REVOCATION, SEAL, TREE, Bureau, published, verdict
from tests.server.world import make_world


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    made = Bureau(tmp_path, TODAY.date())
    made.first_keys()
    return made


@pytest.fixture
def running(bureau: Bureau, sqlite_url: str, tmp_path: Path, clock: TestClock) -> Iterator[Flask]:
    """A server that read its keys from the folder, and is not started again."""
    app = create_app(settings_for(sqlite_url, tmp_path), clock=clock)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def page(app: Flask, link: str) -> str:
    return app.test_client().get("/V/" + link.rpartition("/")[2], headers={"Accept-Language": "zh-CN"}).text


def test_the_rotation_drill(bureau: Bureau, running: Flask, clock: TestClock) -> None:
    before = bureau.label(SEAL)
    assert verdict(running, bureau, before) is LabelVerdict.GENUINE
    bureau.in_the_safe("rotate", "--key", str(SEAL))
    bureau.in_the_safe("rotate", "--key", str(RECEIPT))
    bureau.wait(3)  # the stick is carried
    clock.move(days=3)
    late = bureau.label(SEAL)
    bureau.publish()
    after = bureau.label(2)
    keys, _ = published(running, bureau)
    assert (keys.seq, [key.id for key in keys.keys]) == (4, [RECEIPT, TREE, REVOCATION, 259, SEAL, 2, 260])
    assert [verdict(running, bureau, link) for link in (before, late, after)] == [LabelVerdict.GENUINE] * 3
    ring = running.extensions["dingpan"].keyring
    assert ring.signer(Purpose.SEAL, bureau.day, "4116")[0] == 2
    assert ring.signer(Purpose.RECEIPT, bureau.day)[0] == 260
    assert ring.signer(Purpose.TREE, bureau.day)[0] == TREE
    # The old key has ended fourteen days after the rotation: what it signed by then stays, later it signs nothing.
    bureau.wait(12)
    bureau.on_the_server("renew")
    assert verdict(running, bureau, bureau.label(SEAL)) is LabelVerdict.KEY_NOT_VALID
    yesterday = bureau.day - timedelta(days=1)
    assert verdict(running, bureau, bureau.label(SEAL, issued=yesterday)) is LabelVerdict.GENUINE
    assert [verdict(running, bureau, link) for link in (before, late, after)] == [LabelVerdict.GENUINE] * 3
    assert verdict(running, bureau, bureau.label(2)) is LabelVerdict.GENUINE


def test_what_phones_sealed_before_a_rotation_is_opened_after_it_and_after_the_key_was_given_up(
    bureau: Bureau, running: Flask
) -> None:
    def _sealed(key_id: int) -> bytes:
        key = published(running, bureau)[0].key(Purpose.RESCUE, key_id)
        assert key is not None
        return b"".join(rescue.seal(key_id, key.public, bytes(range(32)), [b"records"]))

    def _opened(package: bytes) -> bytes:
        signers = running.extensions["dingpan"].keyring.signers
        return b"".join(rescue.unseal(io.BytesIO(package), lambda key_id: signers[key_id].secret))

    packages = [_sealed(RESCUE)]
    bureau.in_the_safe("rotate", "--key", str(RESCUE))
    bureau.publish()
    bureau.wait(15)
    current = published(running, bureau)[0].current(Purpose.RESCUE, bureau.day)
    assert current is not None
    assert current.id == 260
    packages.append(_sealed(current.id))
    assert [_opened(package) for package in packages] == [b"records"] * 2
    bureau.in_the_safe("revoke", "--key", str(current.id))
    bureau.publish()
    assert published(running, bureau)[0].current(Purpose.RESCUE, bureau.day) is None
    assert [_opened(package) for package in packages] == [b"records"] * 2


def test_the_compromise_drill(bureau: Bureau, running: Flask) -> None:
    make_world(running)
    stolen = bureau.label(SEAL)
    assert verdict(running, bureau, stolen) is LabelVerdict.GENUINE
    bureau.in_the_safe("revoke", "--key", str(SEAL))
    bureau.in_the_safe("issue", "--purpose", "seal", "--prefix", "4116", "--serials", "2000000-2999999")
    bureau.publish()
    assert verdict(running, bureau, stolen) is LabelVerdict.KEY_COMPROMISED
    assert verdict(running, bureau, bureau.label(2, serial=2_000_001)) is LabelVerdict.GENUINE
    assert verdict(running, bureau, bureau.label(2)) is LabelVerdict.FORGED  # its serial is outside the ranges
    assert running.extensions["dingpan"].keyring.signer(Purpose.SEAL, bureau.day, "4116")[0] == 2


def test_a_page_says_so_at_once(bureau: Bureau, running: Flask) -> None:
    """The server was not started again: the next request sees the revocation and the marked key."""
    world = make_world(running)
    link, other = world.links[:2]
    void, doubted = "这枚标识已作废", "签发这枚标识的密钥已停用"
    assert [word in page(running, link) for word in (void, doubted)] == [False, False]
    bureau.on_the_server("revoke", str(seal.open_seal(link, *published(running, bureau), bureau.day).payload.serial))
    assert [word in page(running, link) for word in (void, doubted)] == [True, False]
    assert [word in page(running, other) for word in (void, doubted)] == [False, False]
    bureau.in_the_safe("revoke", "--key", str(SEAL))
    bureau.publish()
    assert [word in page(running, other) for word in (void, doubted)] == [False, True]


def test_labels_are_revoked_by_serial_and_short_code_and_stay_so(bureau: Bureau, running: Flask) -> None:
    link, other = bureau.label(SEAL, serial=1_000_001), bureau.label(SEAL, serial=1_000_002)
    assert {verdict(running, bureau, one) for one in (link, other)} == {LabelVerdict.GENUINE}
    bureau.on_the_server("revoke", "aaaa-6qsb 9")
    assert [verdict(running, bureau, one) for one in (link, other)] == [LabelVerdict.REVOKED, LabelVerdict.GENUINE]
    bureau.on_the_server("revoke", "1000002", "5")
    bureau.wait(8)
    assert verdict(running, bureau, bureau.label(SEAL)) is LabelVerdict.GENUINE_STALE
    bureau.on_the_server("renew")
    _, revoked = published(running, bureau)
    assert (revoked.seq, revoked.issued, revoked.serials) == (4, bureau.day, {5, 1_000_001, 1_000_002})
    assert verdict(running, bureau, bureau.label(SEAL)) is LabelVerdict.GENUINE


def test_a_stolen_revocation_key_is_followed_by_another_and_the_labels_stay_revoked(
    bureau: Bureau, running: Flask
) -> None:
    bureau.on_the_server("revoke", "1000001")
    bureau.in_the_safe("revoke", "--key", str(REVOCATION))
    with pytest.raises(KeysRefused, match="No revocation key is valid today"):
        bureau.publish()
    assert published(running, bureau)[1].seq == 2
    bureau.in_the_safe("issue", "--purpose", "revocation")
    bureau.publish()
    keys, revoked = published(running, bureau)
    assert keys.key(Purpose.REVOCATION, REVOCATION).is_compromised  # type: ignore[union-attr]  # it is there
    assert (revoked.seq, revoked.serials) == (3, {1_000_001})
    with pytest.raises(KeysRefused, match="Give a higher one"):
        bureau.on_the_server("renew", "--seq", "3")
    bureau.on_the_server("renew", "--seq", "1000")  # the thief gave phones a list 999
    assert published(running, bureau)[1].seq == 1000


def test_a_root_that_is_lost_is_followed_by_another_that_keeps_the_keys(
    bureau: Bureau, running: Flask, tmp_path: Path
) -> None:
    link = bureau.label(SEAL)
    other = Bureau(tmp_path, bureau.day, name="new-safe")
    (other.safe / "root.json").unlink()
    kept = ("--keep", str(bureau.server / "key-set.json"))
    other.in_the_safe("root", *kept)
    with pytest.raises(KeysRefused, match="of another root") as told:
        other.publish()
    assert other.ring.key_set.seq == 2
    fingerprint = next(word.strip(",.") for word in str(told.value).split() if len(word.strip(",.")) == 64)
    other.on_the_server("publish", "--from", str(other.stick), "--new-root", fingerprint)
    assert (other.ring.key_set.seq, other.ring.root_public) == (3, other.root_public)
    held = running.extensions["dingpan"].keyring
    published(running, bureau)
    assert running.extensions["dingpan"].keyring is held  # another root is only taken when the server starts
    started = create_app(running.extensions["dingpan"].settings, clock=lambda: TODAY)
    assert verdict(started, other, link) is LabelVerdict.GENUINE


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("issue --purpose seal --prefix 41x6", "is no region prefix"),
        ("issue --purpose seal --prefix 4116 --serials 5", "is no range of serials"),
        ("issue --purpose receipt --from 2026-13-01", "is no day"),
        ("issue --purpose sealing", "invalid"),
        ("root --host dingpan.test", "cannot be printed on labels"),
    ],
)
def test_what_is_mistyped_is_told_before_anybody_is_asked(
    bureau: Bureau, capsys: pytest.CaptureFixture[str], typed: str, told: str
) -> None:
    with pytest.raises(SystemExit):
        bureau.in_the_safe(*typed.split(), passphrase="never read")
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("issue --purpose seal", "Seal keys need --prefix"),
        ("issue --purpose receipt --prefix 4116", "Seal keys need --prefix"),
        ("issue --purpose receipt --serials 1-2", "Only seal keys have ranges"),
        ("issue --purpose seal --prefix 4116 --serials 2-1", "is no range of serials"),
        ("issue --purpose receipt --from 2026-02-01 --to 2026-01-31", "is before the first"),
        ("rotate --key 9", "There is no key 9"),
        ("rotate --key 1 --until 2026-11-20", "can end from 2026-11-21 to 2028-12-31"),
        ("rotate --key 1 --until 2029-01-01", "can end from 2026-11-21 to 2028-12-31"),
        ("rotate --key 1 --from 2026-12-07", "no key would be valid"),
        ("rotate --key 256 --serials 1-2", "Only seal keys have ranges"),
        ("revoke --key 9", "There is no key 9"),
        ("revoke --key 1 1000001", "Give serials on the server"),
        ("revoke", "Give serials on the server"),
        ("root", "Give --host"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_signed(bureau: Bureau, typed: str, told: str) -> None:
    before = (bureau.safe / "key-set.json").read_bytes()
    with pytest.raises(KeysRefused, match=told):
        bureau.in_the_safe(*typed.split())
    assert (bureau.safe / "key-set.json").read_bytes() == before
    assert not (bureau.safe / "carry").exists()


def test_a_key_can_be_rotated_once_and_not_after_it_was_given_up(bureau: Bureau) -> None:
    bureau.in_the_safe("rotate", "--key", str(SEAL), "--until", str(bureau.day), "--serials", "3000000-3000009")
    assert bureau_rows(bureau)[-1]["serials"] == [[3_000_000, 3_000_009]]
    bureau.wait(1)
    for arguments in ((), ("--key", "2")):
        if arguments:
            bureau.in_the_safe("revoke", *arguments)
        with pytest.raises(KeysRefused, match="Issue a new key"):
            bureau.in_the_safe("rotate", *(arguments or ("--key", str(SEAL))))


def bureau_rows(bureau: Bureau) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = Safe(bureau.safe, bureau.opened_root()).body()["keys"]
    return rows


def test_a_label_is_signed_by_the_newest_key_that_covers_its_serial(bureau: Bureau) -> None:
    bureau.in_the_safe("issue", "--purpose", "seal", "--prefix", "4116", "--serials", "2000000-2999999")
    bureau.publish()
    ring, seal_of = bureau.ring, (Purpose.SEAL, bureau.day, "4116")
    assert [ring.signer(*seal_of, serial)[0] for serial in (1_999_999, 2_000_000)] == [SEAL, 2]
    assert ring.signer(*seal_of)[0] == 2
    with pytest.raises(MissingKeys, match="for the label 3000000"):
        ring.signer(*seal_of, 3_000_000)
