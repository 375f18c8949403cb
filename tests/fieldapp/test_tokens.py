"""The phone's tokens against the real server: a restart needs no challenge, a lost answer never looks like a theft."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import requests

from fieldapp.sync.failures import Unreachable
from fieldapp.sync.round import Result
from server.administration.models import Act
from server.database import db
from server.devices.models import RefreshToken, TokenFamily
from tests.fieldapp.pretend_server import session_with
from tests.fieldapp.server_phone import IntoFlask, Phone
from tests.server.conftest import TestClock


class Watched(IntoFlask):
    """Remembers which ways in were asked; loses the answers of some."""

    def __init__(self, phone: Phone) -> None:
        super().__init__(phone.world.app)
        self.asked: list[str] = []
        self.losing = ""

    def send(self, request: requests.PreparedRequest, **options: object) -> requests.Response:  # type: ignore[override]
        name = (request.path_url or "").rpartition("/")[2]
        answer = super().send(request, **options)
        if "/devices" in (request.path_url or ""):
            self.asked.append(name)
        if self.losing and name == self.losing:
            raise requests.ConnectionError
        return answer


@pytest.fixture
def phone(fresh_phone: Phone, clock: TestClock) -> Phone:
    fresh_phone.adapter = Watched(fresh_phone)
    restart(fresh_phone)
    fresh_phone.moments = clock
    return fresh_phone


def restart(phone: Phone) -> None:
    """Begin anew: what was in memory only is gone."""
    phone.session = session_with(phone.store, phone.adapter)


def wait(phone: Phone, **by: float) -> None:
    phone.clock.at += timedelta(**by)
    phone.moments.move(**by)


def asked(phone: Phone) -> list[str]:
    """Return which ways in were asked since the last time."""
    found, phone.adapter.asked = phone.adapter.asked, []
    return found


def test_a_restart_and_a_token_over_need_no_challenge(phone: Phone):
    assert phone.round().result is Result.DONE
    assert asked(phone) == ["challenge", "token"]
    restart(phone)
    phone.round()
    assert asked(phone) == ["refresh"]
    for _ in range(3):
        wait(phone, minutes=16)
        assert phone.round().result is Result.DONE
    assert asked(phone) == ["refresh"] * 3
    assert db.session.query(TokenFamily).count() == 1
    assert db.session.query(RefreshToken).count() == 5


def test_the_refresh_token_lies_sealed_on_the_phone(phone: Phone, folder: Path):
    phone.round()
    token = phone.store.kept.refresh.token
    assert len(token) > 40
    assert token.encode() not in (folder / "dingpan.db").read_bytes()
    assert phone.session.client.token.encode() not in (folder / "dingpan.db").read_bytes()


@pytest.mark.parametrize("days", [31, 400])
def test_a_family_that_is_over_costs_a_challenge(phone: Phone, days: int):
    phone.round()
    asked(phone)
    wait(phone, days=days)
    phone.session.sign_in()
    assert asked(phone) == ["refresh", "challenge", "token"]
    assert phone.store.kept.refresh is not None


def test_an_answer_lost_is_asked_for_again_and_is_the_same(phone: Phone):
    phone.round()
    restart(phone)
    phone.adapter.losing = "refresh"
    for _ in range(3):
        with pytest.raises(Unreachable):
            phone.session.sign_in()
    phone.adapter.losing = ""
    wait(phone, seconds=20)
    asked(phone)
    phone.session.sign_in()
    assert asked(phone) == ["refresh"]
    assert db.session.query(RefreshToken).count() == 2


@pytest.mark.parametrize("seconds", [31, 59, 61, 900, 86_400])
def test_after_a_while_it_signs_a_challenge_and_nobody_is_told_of_a_theft(phone: Phone, seconds: int):
    phone.round()
    phone.adapter.losing = "refresh"
    restart(phone)
    with pytest.raises(Unreachable):
        phone.session.sign_in()
    phone.adapter.losing = ""
    wait(phone, seconds=seconds)
    restart(phone)
    asked(phone)
    assert phone.round().result is Result.DONE
    assert asked(phone) == ["challenge", "token"]
    assert db.session.query(Act).count() == 0


def test_a_clock_put_back_in_between_costs_a_challenge(phone: Phone):
    phone.round()
    phone.adapter.losing = "refresh"
    restart(phone)
    with pytest.raises(Unreachable):
        phone.session.sign_in()
    phone.adapter.losing = ""
    phone.clock.at -= timedelta(days=1)
    asked(phone)
    phone.session.sign_in()
    assert asked(phone) == ["challenge", "token"]


def test_a_copy_used_by_somebody_else_ends_the_family_and_the_phone_goes_on(phone: Phone):
    """Whoever copied token and key: the phone notices by being refused, the bureau by an act."""
    phone.round()
    copied = phone.store.kept.refresh
    restart(phone)
    phone.session.sign_in()
    phone.store.kept.refresh = copied
    restart(phone)
    wait(phone, minutes=2)
    asked(phone)
    assert phone.round().result is Result.DONE
    assert asked(phone) == ["refresh", "challenge", "token"]
    assert [act.kind for act in db.session.query(Act)] == ["token_reused"]
