"""RFC 3161 timestamps: the adapter against an HTTP server that answers openssl's tokens, and a stamped head a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.audit import commands
from server.audit.models import StampedHead
from server.audit.stamping import check_stamps
from server.audit.timestamps import HttpAuthority, NoTimestamp, read_roots
from server.database import begin_write, db
from server.settings import MissingSetting, Settings
from tests.server.test_settings import WHOLE
from tests.server.timestamp_authority import TimestampAuthority, served
from tests.server.world import World, new_id, now

MESSAGE = b"what is stamped"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimestampAuthority]:
    with served(TimestampAuthority(tmp_path_factory.mktemp("tsa") / "ours")) as authority:
        yield authority


@pytest.fixture
def authority(made: TimestampAuthority) -> Iterator[TimestampAuthority]:
    made.asked = 0
    yield made
    made.points_to = ""
    made.canned, made.content_type = None, "application/timestamp-reply"


def adapter(authority: TimestampAuthority) -> HttpAuthority:
    return HttpAuthority(authority.url, read_roots(authority.roots))


def test_a_stamp_is_a_real_one_over_the_very_bytes_and_can_be_checked_again(authority: TimestampAuthority) -> None:
    ours = adapter(authority)
    stamp = ours.stamp(MESSAGE)
    assert abs(stamp.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert ours.check(MESSAGE, stamp.response) == stamp
    with pytest.raises(NoTimestamp, match="proves nothing"):
        ours.check(MESSAGE + b".", stamp.response)


def test_an_authority_with_another_root_proves_nothing(authority: TimestampAuthority, tmp_path: Path) -> None:
    stamp = adapter(authority).stamp(MESSAGE)
    another = TimestampAuthority(tmp_path / "another")
    with pytest.raises(NoTimestamp, match="proves nothing"):
        HttpAuthority(authority.url, read_roots(another.roots)).check(MESSAGE, stamp.response)


def test_an_old_answer_is_not_taken_for_a_new_one(authority: TimestampAuthority) -> None:
    ours = adapter(authority)
    authority.canned = ours.stamp(MESSAGE).response
    with pytest.raises(NoTimestamp, match="Nonce"):
        ours.stamp(MESSAGE)


def moment_of(ours: HttpAuthority, response: bytes) -> datetime | None:
    try:
        return ours.check(MESSAGE, response).at
    except NoTimestamp:
        return None


def test_no_flipped_bit_of_a_stamp_goes_unnoticed_in_what_it_says(authority: TimestampAuthority) -> None:
    """Either the check fails, or the flip was in what nobody signs and the stamp says the same."""
    ours = adapter(authority)
    stamp = ours.stamp(MESSAGE)
    for place in range(0, len(stamp.response), 29):
        spoiled = bytearray(stamp.response)
        spoiled[place] ^= 4
        assert moment_of(ours, bytes(spoiled)) in (stamp.at, None), place


@pytest.mark.parametrize("answer", [b"", b"nonsense", b"\x30\x05\x30\x03\x02\x01\x02", b"x" * (1 << 20 | 1)])
def test_an_answer_that_is_none_is_told(authority: TimestampAuthority, answer: bytes) -> None:
    authority.canned = answer
    with pytest.raises(NoTimestamp, match=r"\.$"):
        adapter(authority).stamp(MESSAGE)


def test_a_page_or_nobody_at_the_address_is_told(authority: TimestampAuthority) -> None:
    authority.content_type = "text/html"
    with pytest.raises(NoTimestamp, match="something else"):
        adapter(authority).stamp(MESSAGE)
    with pytest.raises(NoTimestamp, match="cannot be reached"):
        HttpAuthority("http://127.0.0.1:9/tsa", read_roots(authority.roots)).stamp(MESSAGE)


def test_an_authority_that_points_elsewhere_is_not_followed(authority: TimestampAuthority) -> None:
    authority.points_to = authority.url
    with pytest.raises(NoTimestamp, match="307"):
        adapter(authority).stamp(MESSAGE)
    assert authority.asked == 1


def test_a_file_without_certificates_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for name in ("empty.pem", "nowhere.pem"):
        with pytest.raises(NoTimestamp, match=name):
            read_roots(tmp_path / name)


def test_the_head_is_stamped_once_a_day_and_checked_with_the_log(
    world: World, authority: TimestampAuthority, clock: Any
) -> None:
    ours = world.app.extensions["dingpan"]
    settings = replace(ours.settings, tsa_url=authority.url, tsa_certificates=authority.roots)
    phone = world.phone()
    for day in range(3):
        phone.get_token()
        phone.answers(phone.op("correction/1", {"corrects": new_id(now()), "note": "x"}))
        told = commands.stamp(db.session(), settings, ours.keyring, now())
        assert f"The head of {day + 1} leaves is stamped at" in told
        assert "already" in commands.stamp(db.session(), settings, ours.keyring, now())
        clock.move(days=1)
    assert authority.asked == 3
    assert [row.size for row in db.session.query(StampedHead).order_by(StampedHead.day)] == [1, 2, 3]
    assert [head.size for head in check_stamps(db.session(), adapter(authority))] == [1, 2, 3]
    begin_write()
    db.session.query(StampedHead).where(StampedHead.size == 2).update({"root": bytes(32)})
    db.session().commit()
    with pytest.raises(NoTimestamp, match="is not good"):
        check_stamps(db.session(), adapter(authority))


def test_without_an_authority_in_the_settings_nothing_is_stamped(sqlite_world: World) -> None:
    ours = sqlite_world.app.extensions["dingpan"]
    with pytest.raises(NoTimestamp, match="DINGPAN_TSA_URL"):
        commands.stamp(db.session(), ours.settings, ours.keyring, now())


def test_the_settings_of_an_authority_come_together() -> None:
    both = {"DINGPAN_TSA_URL": "https://tsa.example", "DINGPAN_TSA_CERTIFICATES": "/srv/tsa.pem"}
    assert Settings.from_env(WHOLE | both).tsa_certificates == Path("/srv/tsa.pem")
    for name in both:
        with pytest.raises(MissingSetting, match="together"):
            Settings.from_env(WHOLE | {name: both[name]})
    with pytest.raises(MissingSetting, match="http or https"):
        Settings.from_env(WHOLE | both | {"DINGPAN_TSA_URL": "file:///etc/passwd"})
