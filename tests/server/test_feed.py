"""The feed of changes: a first download, what came since, what moved away, and cursors that make no sense."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from server import feed, transaction
from server.accounts.models import Person, UnitRegion
from server.audit.models import LogState
from server.database import begin_write, db
from server.registry import service as registry
from server.registry.models import Instrument, Place
from server.sync.models import Change
from tests.server.protocol import check_head
from tests.server.world import BEYOND, Phone, World, new_id, now


@dataclass
class Replica:
    """What a phone holds: it applies rows in the order of the feed and keeps the cursor."""

    phone: Phone
    rows: dict[tuple[str, str], Any] = field(default_factory=dict)
    cursor: str = ""
    seqs: list[int] = field(default_factory=list)

    def get(self, **query: Any) -> Any:
        return self.phone.client.get("/api/v1/sync/changes", query_string=query, headers=self.phone.headers)

    def pull(self, limit: int = 500) -> list[dict[str, Any]]:
        """Read to the end and return the rows that came."""
        came: list[dict[str, Any]] = []
        more = True
        while more:
            answer = self.get(cursor=self.cursor, limit=limit)
            assert answer.status_code == 200, answer.text
            page = answer.json
            assert len(page["changes"]) <= limit
            more, self.cursor = page["more"], page["cursor"]
            for row in page["changes"]:
                self.apply(row)
            came += page["changes"]
        return came

    def apply(self, row: dict[str, Any]) -> None:
        assert set(row) == {"seq", "kind", "id", "rev", "deleted", "body"}
        assert row["deleted"] == (row["body"] is None)
        self.seqs.append(row["seq"])
        if row["deleted"]:
            self.rows.pop((row["kind"], row["id"]), None)
        else:
            self.rows[row["kind"], row["id"]] = row["body"]

    @property
    def ids(self) -> set[str]:
        return {id_ for _, id_ in self.rows}


def everything(*regions: str) -> dict[tuple[str, str], Any]:
    """Return the live rows of some regions straight from the table."""
    live = db.session.query(Change).where(Change.deleted.is_(False))
    seen = [row for row in live if not row.scope or row.scope.startswith(regions)]
    return {(row.kind, row.id): json.loads(row.body or "") for row in seen}


def move(instrument_id: str, region: str) -> None:
    """Move an instrument to another region."""
    session = db.session()
    begin_write()
    instrument = session.get_one(Instrument, instrument_id)
    instrument.region, instrument.place_id = region, None
    registry.touch(session, instrument)
    transaction.commit(session, now())


def add_region(person_id: str, region: str) -> None:
    unit_id = db.session.get_one(Person, person_id).unit_id
    db.session.add(UnitRegion(unit_id=unit_id, region=region))
    db.session.commit()
    db.session.expire_all()


def test_a_first_download_brings_the_live_rows_of_the_scope_page_by_page(world: World) -> None:
    phone = world.phone()
    for limit in (1, 3, 500):
        replica = Replica(phone)
        came = replica.pull(limit)
        assert replica.rows == everything("411602")
        assert replica.seqs == sorted(set(replica.seqs))
        assert len(came) == phone.client.get("/api/v1/sync/scope", headers=phone.headers).json["rows"]
        assert replica.pull() == []


def test_the_answer_names_the_heads_and_lists_a_phone_must_hold(sqlite_world: World) -> None:
    page = Replica(sqlite_world.phone()).get().json
    names = {"changes", "cursor", "more", "drop", "refill", "tree_head", "keys_seq", "revoked_seq"}
    assert set(page) == names
    assert (page["keys_seq"], page["revoked_seq"], page["drop"], page["refill"]) == (1, 1, [], [])
    check_head(sqlite_world.app, page["tree_head"])


def test_only_what_changed_comes_afterwards(world: World) -> None:
    replica = Replica(world.phone())
    replica.pull()
    replica.phone.answers(replica.phone.op("visit.record/1", world.visit(world.check(BEYOND))))
    came = replica.pull()
    assert {row["kind"] for row in came} == {"instrument", "task"}
    assert len(came) == 2
    assert replica.rows["instrument", world.instruments[0]]["finding"]["state"] == "suspected"
    assert replica.rows == everything("411602")


def test_a_stranger_sees_nothing_of_our_region_but_the_divisions(world: World) -> None:
    ours, stranger = Replica(world.phone()), Replica(world.phone(world.stranger))
    ours.phone.answers(ours.phone.op("visit.record/1", world.visit(world.check(BEYOND))))
    ours.pull()
    came = stranger.pull()
    assert {row["kind"] for row in came} == {"region", "place"}
    assert stranger.rows == everything("411681")
    text = json.dumps(came)
    secrets = [*world.instruments, *world.parties, *world.stalls, world.place, "ACS-0001", "merchant 1"]
    assert [word for word in secrets if word in text] == []


def test_somebody_without_a_jurisdiction_sees_only_what_everyone_sees(sqlite_world: World) -> None:
    db.session.query(UnitRegion).delete()
    db.session.commit()
    replica = Replica(sqlite_world.phone())
    assert {row["kind"] for row in replica.pull()} == {"region"}


def test_an_instrument_that_moves_away_is_deleted_here_and_appears_there(world: World) -> None:
    ours, theirs = Replica(world.phone()), Replica(world.phone(world.stranger))
    ours.pull(), theirs.pull()
    moved = world.instruments[0]
    move(moved, "411681")
    assert [(row["id"], row["deleted"]) for row in ours.pull()] == [(moved, True)]
    assert [(row["id"], row["deleted"]) for row in theirs.pull()] == [(moved, False)]
    move(moved, "411602")
    assert moved in {row["id"] for row in ours.pull()}
    theirs.pull()
    assert (moved in ours.ids, moved in theirs.ids) == (True, False)


def test_who_sees_both_regions_keeps_what_moves_between_them(world: World) -> None:
    add_region(world.inspector, "411681")
    replica = Replica(world.phone())
    replica.pull()
    for region in ("411681", "411602", "411681"):
        move(world.instruments[0], region)
        replica.pull()
        assert world.instruments[0] in replica.ids, region
    assert replica.rows == everything("411602", "411681")
    fresh = Replica(replica.phone)
    fresh.pull(limit=2)
    assert fresh.rows == replica.rows


def test_several_moves_in_one_transaction_leave_one_live_row(world: World) -> None:
    session = db.session()
    begin_write()
    for id_ in world.instruments:
        instrument = session.get_one(Instrument, id_)
        instrument.region, instrument.place_id = "411681", None
        registry.touch(session, instrument)
    feed.changed(session, "place", world.place)
    session.get_one(Place, world.place).region = "411681"
    transaction.commit(session, now())
    ours, theirs = Replica(world.phone()), Replica(world.phone(world.stranger))
    ours.pull(), theirs.pull()
    gone = {*world.instruments, world.place}
    assert gone & ours.ids == set()
    assert gone <= theirs.ids


def test_a_scope_that_grows_starts_again_from_the_beginning(sqlite_world: World) -> None:
    replica = Replica(sqlite_world.phone())
    replica.pull()
    add_region(sqlite_world.inspector, "411681")
    came = replica.pull()
    assert len(came) == len(everything("411602", "411681"))


def test_a_feed_that_begins_anew_is_read_from_the_beginning(sqlite_world: World) -> None:
    replica = Replica(sqlite_world.phone())
    count = len(replica.pull())
    db.session.get_one(LogState, 1).feed_epoch = "another"
    db.session.commit()
    assert len(replica.pull()) == count


def test_a_cursor_of_the_future_is_read_from_the_beginning(world: World) -> None:
    """As after a restore of an older state: what the feed then brings would else never be seen."""
    replica = Replica(world.phone())
    count = len(replica.pull())
    mark, _, seq = replica.cursor.rpartition(".")
    replica.cursor = f"{mark}.{int(seq) + 1000}"
    assert len(replica.pull()) == count


CURSORS = ["x", "..", "a.b.c", "a.b.-1", "a.b.", "1", "a.b.1.2", "a.b.9" + "9" * 30, "a.b.½", "a.b. 1", "a.b.1e3"]
CURSORS += ["ä.ö.x", "x" * 81, "a.b.1\0", "'; DROP TABLE change; --.x.1.2"]
LIMITS = ["0", "-1", "5001", "1e2", "1.5", "x", "", "9" * 40, "٥", "1_0", " 1", "+1", "01", "true"]


def test_a_cursor_that_is_none_of_ours_is_a_problem(world: World) -> None:
    replica = Replica(world.phone())
    for cursor in CURSORS:
        answer = replica.get(cursor=cursor)
        assert (answer.status_code, answer.content_type) in [
            (status, "application/problem+json") for status in (400, 422)
        ], cursor


def test_a_limit_out_of_bounds_is_a_problem(sqlite_world: World) -> None:
    replica = Replica(sqlite_world.phone())
    for limit in LIMITS:
        answer = replica.get(limit=limit)
        assert answer.status_code == 422, limit
        assert [row["pointer"] for row in answer.json["errors"]] == ["/limit"]


def test_an_unknown_parameter_is_named(sqlite_world: World) -> None:
    answer = Replica(sqlite_world.phone()).get(cursr="1")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/cursr")


def test_a_body_is_sent_as_the_json_it_is(world: World) -> None:
    db.session.get_one(Instrument, world.instruments[0]).note = '"},{"seq":1}\\ 斤两\u2028'
    begin_write_note(world)
    replica = Replica(world.phone())
    replica.pull()
    assert replica.rows["instrument", world.instruments[0]]["note"] == '"},{"seq":1}\\ 斤两\u2028'


def begin_write_note(world: World) -> None:
    db.session.commit()
    session = db.session()
    begin_write()
    registry.touch(session, session.get_one(Instrument, world.instruments[0]))
    transaction.commit(session, now())


def test_rows_of_the_feed_say_what_a_phone_needs_offline(sqlite_world: World) -> None:
    replica = Replica(sqlite_world.phone())
    replica.pull()
    body = replica.rows["instrument", sqlite_world.instruments[0]]
    assert body["label"]["serial"] == 1_000_001
    assert body["custody"]["user"] == sqlite_world.parties[0]
    assert (body["max_mg"], body["e_mg"], body["region"]) == (15_000_000, 5_000, "411602")
    assert replica.rows["place", sqlite_world.place]["region"] == "411602"
    assert replica.rows["region", "411602"]["parent"] == "411600"


def test_a_row_that_does_not_exist_any_more_stops_nothing(world: World) -> None:
    session = db.session()
    begin_write()
    feed.changed(session, "instrument", new_id(now()), world.instruments[1])
    feed.changed(session, "place", new_id(now()))
    transaction.commit(session, now())
    replica = Replica(world.phone())
    replica.pull()
    assert world.instruments[1] in replica.ids
