"""An app that is too old goes on sending and reads nothing, until it is brought up to date."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.app_versions import refuse_too_old
from server.problems import AppTooOld
from server.settings import MissingSetting, Settings
from tests.server.protocol import statuses
from tests.server.test_settings import WHOLE
from tests.server.world import GOOD, Phone, World

READS = ("/api/v1/sync/changes", "/api/v1/sync/scope")


def demand(world: World, least: str) -> None:
    dingpan = world.app.extensions["dingpan"]
    world.app.extensions["dingpan"] = replace(dingpan, settings=replace(dingpan.settings, least_app=least))


def ask(phone: Phone, path: str, agent: str) -> tuple[int, str]:
    answer = phone.client.get(path, headers=phone.headers | {"User-Agent": agent})
    return answer.status_code, answer.json.get("detail", "")


@pytest.mark.parametrize("path", READS)
def test_an_old_app_is_told_what_it_needs_and_a_new_one_reads(sqlite_world: World, path: str) -> None:
    phone = sqlite_world.phone()
    demand(sqlite_world, "1.10.0")
    for old in ("0.9.9", "1.9.12", "1.9.9"):
        status, detail = ask(phone, path, f"dingpan-field/{old}")
        assert (status, "1.10.0" in detail) == (403, True), old
    for agent in ("dingpan-field/1.10.0", "dingpan-field/2.0.0", "curl/8", "", "dingpan-field/new"):
        assert ask(phone, path, agent)[0] == 200, agent
    demand(sqlite_world, "")
    assert ask(phone, path, "dingpan-field/0.0.1")[0] == 200


def test_what_an_old_app_sends_is_taken_in(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    demand(sqlite_world, "9.0.0")
    phone.client.environ_base["HTTP_USER_AGENT"] = "dingpan-field/0.1.0"
    op = phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD)))
    assert statuses(sqlite_world.app, phone, op) == ["applied"]
    assert phone.client.get(READS[0], headers=phone.headers).json["type"] == "/problems/app-too-old"


@pytest.mark.parametrize("agent", ["dingpan-field/1.2.3", "Kivy dingpan-field/1.2.3 (Android)"])
def test_the_version_is_found_wherever_it_stands(agent: str) -> None:
    with pytest.raises(AppTooOld):
        refuse_too_old(agent, "1.2.4")
    refuse_too_old(agent, "1.2.3")


@pytest.mark.parametrize("text", ["1", "1.2", "v1.2.3", "1.2.3-beta", "１.2.3"])
def test_a_version_that_is_none_is_told_at_the_start(text: str) -> None:
    with pytest.raises(MissingSetting, match="DINGPAN_LEAST_APP"):
        Settings.from_env({**WHOLE, "DINGPAN_LEAST_APP": text})
    assert Settings.from_env({**WHOLE, "DINGPAN_LEAST_APP": "1.2.3"}).least_app == "1.2.3"
