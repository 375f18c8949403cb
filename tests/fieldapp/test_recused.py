"""Whom an officer must not inspect is said on the phone, without a network, before anything is recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import requests

from fieldapp.routes import Route
from fieldapp.store.wipe import wipe
from fieldapp.sync.failures import Unreachable
from fieldapp.sync.round import Result
from server.accounts.models import Recusal
from server.database import db
from server.inspections.models import Visit as ServerVisit
from tests.builders import an_id
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import (
    COLLEAGUE,
    NOON,
    OTHER_PLACE,
    PARTY,
    PLACE,
    SCALE,
    a_scale_row,
    a_visit,
    fill,
    market_rows,
)
from tests.fieldapp.pretend_server import PretendServer, session_with
from tests.fieldapp.server_phone import Phone
from tests.fieldapp.test_handover import take_over
from tests.server.world import World, new_id, now

OTHER_PARTY, OTHER_SCALE = an_id(0x122), an_id(0x134)
SOME = "本场所有您应当回避的检查对象：李记鲜蔬。请由其他执法人员检查。"
PARTY_NOTE = "您与“李记鲜蔬”有回避关系，不要检查。请由其他执法人员检查；照样记录的，会交监管人员复核。"


@pytest.fixture
def desk(folder: Path) -> Desk:
    """A market with two parties, at a phone whose officer stands back from the first."""
    made = Desk(folder, adapter=PretendServer())
    other = a_scale_row(OTHER_SCALE, serial="X-1", stall=None, label=None)
    custody = {"id": an_id(0x152), "kind": "own", "owner": OTHER_PARTY, "user": OTHER_PARTY}
    row = {"id": OTHER_PARTY, "name": "王记豆腐", "identity_kind": "uscc", "code": None}
    fill(made.store, [("party", row), ("instrument", other | {"custody": custody})])
    made.store.kept.recused_from = [PARTY]
    return made


def operated_by(desk: Desk, party: str) -> None:
    rows = [(kind, row | {"operator": party}) for kind, row in market_rows() if row["id"] == PLACE]
    fill(desk.store, rows)


def test_a_market_with_a_stall_of_the_party_begins_with_a_warning(desk: Desk):
    vm = desk.go(Route.START, place=PLACE)
    assert vm.recusal_note == SOME
    assert desk.store.drafts.running() is None, "it is said before anything is recorded"
    assert desk.go(Route.START, place=OTHER_PLACE).recusal_note == ""


def test_a_place_that_the_party_runs_is_left_to_others(desk: Desk):
    operated_by(desk, PARTY)
    said = "您与本场所的经营者“李记鲜蔬”有回避关系，不要检查这里。请返回，由其他执法人员承办。"
    assert desk.go(Route.START, place=PLACE).recusal_note == said
    assert PARTY_NOTE in desk.go(Route.CARD, instrument=OTHER_SCALE).warnings


def test_the_scale_that_was_scanned_comes_first(desk: Desk):
    assert desk.go(Route.START, place=PLACE, instrument=SCALE).recusal_note == PARTY_NOTE
    assert desk.go(Route.START, place=PLACE, instrument=OTHER_SCALE).recusal_note == SOME


def test_the_card_of_a_scale_says_it_before_its_test_can_begin(desk: Desk):
    assert next(iter(desk.go(Route.CARD, instrument=SCALE).warnings)) == PARTY_NOTE
    assert list(desk.go(Route.CARD, instrument=OTHER_SCALE).warnings) == []


def test_the_list_of_a_visit_and_the_party_say_it_too(desk: Desk):
    desk.store.drafts.keep(replace(a_visit(), inspections=()), NOON)
    rows = {row["title"]: row["second"] for row in desk.go(Route.VISIT).rows}
    assert {title for title, second in rows.items() if "应当回避" in second} == {"A12 号摊位  李记鲜蔬"}
    desk.vm.choose(next(row["key"] for row in desk.vm.rows if "李记鲜蔬" in row["title"]))
    assert (desk.route, desk.vm.recusal_note) == ("party", PARTY_NOTE)
    desk.vm.back()
    desk.vm.choose(next(row["key"] for row in desk.vm.rows if "王记豆腐" in row["title"]))
    assert desk.vm.recusal_note == ""


def test_it_warns_and_stops_nothing(desk: Desk):
    """The relation may have ended since the last sync; whether it counts, the server decides."""
    vm = desk.go(Route.START, place=PLACE)
    vm.choose_colleague(COLLEAGUE.id)
    vm.card_shown = vm.recusal_told = True
    vm.start()
    assert desk.route == "visit"


def test_a_party_without_a_name_on_record_is_warned_of_all_the_same(desk: Desk):
    with desk.store.database.write() as connection:
        connection.execute("DELETE FROM register WHERE kind = 'party'")
    assert "未登记名称的检查对象" in desk.go(Route.START, place=PLACE).recusal_note


def test_nobody_is_warned_who_stands_back_from_nobody(desk: Desk):
    desk.store.kept.recused_from = []
    operated_by(desk, PARTY)
    assert desk.go(Route.START, place=PLACE).recusal_note == ""
    assert list(desk.go(Route.CARD, instrument=SCALE).warnings) == []


# --- how it comes, and how it goes ----------------------------------------------------------------------------------


def test_it_comes_with_each_token_and_stays_without_a_network(desk: Desk):
    server = PretendServer()
    server.recused_from = [OTHER_PARTY]
    session_with(desk.store, server).sign_in()
    assert desk.store.kept.recused_from == [OTHER_PARTY]

    def _cut(*_: object) -> None:
        raise requests.ConnectionError

    server.before = _cut
    with pytest.raises(Unreachable):
        session_with(desk.store, server).sign_in()
    assert "王记豆腐" in desk.go(Route.START, place=PLACE).recusal_note


def test_a_server_that_knows_nothing_of_it_brings_none(desk: Desk):
    server = PretendServer()

    def _older(path: str, answer: tuple[int, dict[str, object]]) -> tuple[int, dict[str, object]]:
        return answer[0], {name: value for name, value in answer[1].items() if name != "recused_from"}

    server.after = _older  # type: ignore[assignment]
    session_with(desk.store, server).sign_in()
    assert desk.store.kept.recused_from == []


def test_it_is_kept_encrypted_and_goes_with_the_register(desk: Desk):
    (row,) = desk.store.database.rows("SELECT body FROM kept WHERE name = 'recused_from'")
    assert PARTY.encode() not in bytes(row[0])
    wipe(desk.store)
    assert desk.store.kept.recused_from == []


# --- with the server ------------------------------------------------------------------------------------------------


def stands_back(world: World, person: str, party: int) -> None:
    about = {"party_id": world.parties[party], "relation": "relative", "told_by": person, "told_at": now()}
    db.session.add(Recusal(id=new_id(now()), person_id=person, **about))
    db.session.commit()


def test_the_desk_tells_it_and_the_record_made_all_the_same_is_taken_in_and_looked_at(phone: Phone):
    world = phone.world
    stands_back(world, world.inspector, 0)
    assert phone.store.kept.recused_from == []
    phone.session.client.token = ""
    assert phone.round().result is Result.DONE
    assert phone.store.kept.recused_from == [world.parties[0]]
    phone.save(phone.a_visit())
    assert phone.round().result is Result.DONE
    assert db.session.query(ServerVisit).one().irregular == "recused"


def test_a_phone_that_is_handed_over_forgets_from_whom_the_first_one_stood_back(phone: Phone):
    world = phone.world
    stands_back(world, world.inspector, 0)
    stands_back(world, world.colleague, 1)
    phone.session.client.token = ""
    phone.round()
    assert phone.store.kept.recused_from == [world.parties[0]]
    take_over(phone, world.colleague)
    assert phone.store.kept.recused_from == []
    phone.round()
    assert phone.store.kept.recused_from == [world.parties[1]]
