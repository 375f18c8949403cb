"""The sync: whatever the network and the server do, each record arrives once and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from fieldapp.store.alarms import AlarmCode
from fieldapp.store.facts import Fact
from fieldapp.store.kept import Enrolment
from fieldapp.store.outbox import OpState
from fieldapp.store.store import Store
from fieldapp.sync.balance import balance_of_today
from fieldapp.sync.client import Client
from fieldapp.sync.enrol import NotAnEnrolment, RootDiffers, device_of, enrol, read_enrolment
from fieldapp.sync.failures import InsecureAddress, Refused, Unreachable
from fieldapp.sync.pull import expected_rows, pull_all
from fieldapp.sync.push import push_all, receipt_of
from fieldapp.sync.retry import Retry, pause_s
from fieldapp.sync.round import Outcome, Result, Round
from fieldapp.sync.status import SyncStatus
from fieldapp.sync.token import Session
from shared.keys import Purpose
from shared.ops import Status
from shared.signing import encode_base64, sha256_hex
from tests.builders import a_key, a_key_set_document, a_revocation_document, a_signer, some_keys
from tests.fieldapp.field_builders import (
    COLLEAGUE,
    DEVICE,
    ME,
    NOON,
    PLACE,
    SCALE,
    SettableClock,
    a_scale_row,
    a_store,
    open_store,
    save,
)
from tests.fieldapp.pretend_server import Cut, PretendServer, fingerprint, problem, session_with


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def store(folder: Path, clock: SettableClock) -> Store:
    return a_store(folder, clock)


@pytest.fixture
def server(clock: SettableClock) -> PretendServer:
    return PretendServer(clock.now)


@pytest.fixture
def session(store: Store, server: PretendServer) -> Session:
    return session_with(store, server)


def a_round(store: Store, session: Session, chance: float = 0.5) -> Round:
    return Round(store, session, Retry(store.facts, lambda: chance))


def states(store: Store) -> list[OpState]:
    return [entry.state for entry in reversed(store.outbox.all())]


class TestPush:
    def test_every_record_arrives_once_and_has_a_receipt(self, store: Store, server: PretendServer, session: Session):
        saved = [save(store, number=number)[0] for number in range(1, 4)]
        assert push_all(store, session) == 3
        assert server.ops == saved
        assert states(store) == [OpState.RECEIVED] * 3
        receipt = receipt_of(store.outbox.all()[0])
        assert (receipt.outcome, receipt.received_at) == (Status.APPLIED, "2026-11-21T04:00:00Z")

    def test_a_lost_answer_is_made_good_by_the_next_round(self, store: Store, server: PretendServer, session: Session):
        save(store)

        def lose(path: str, answer: Any) -> Any:
            if path == "/sync/push":
                raise Cut
            return answer

        server.after = lose
        with pytest.raises(Unreachable):
            push_all(store, session)
        before = fingerprint(server)
        server.after = lambda path, answer: answer
        push_all(store, session)
        assert fingerprint(server) == before
        assert states(store) == [OpState.RECEIVED]

    def test_an_operation_that_is_not_mentioned_stays_and_is_sent_again(
        self, store: Store, clock: SettableClock, server: PretendServer, session: Session
    ):
        save(store)
        save(store, number=2)

        def silent(path: str, answer: Any) -> Any:
            if path == "/sync/push":
                answer[1]["results"] = answer[1]["results"][:1]
            return answer

        server.after = silent
        push_all(store, session)
        assert states(store) == [OpState.RECEIVED, OpState.WAITING]
        server.after = lambda path, answer: answer
        clock.at += timedelta(minutes=1)
        push_all(store, session)
        assert states(store) == [OpState.RECEIVED] * 2

    @pytest.mark.parametrize("status", [400, 413, 422])
    @pytest.mark.parametrize("place", [0, 3, 6])
    def test_the_one_unreadable_operation_is_found_set_aside_and_told(
        self, store: Store, server: PretendServer, session: Session, status: int, place: int
    ):
        saved = [save(store, number=number)[0] for number in range(1, 8)]

        def choke(method: str, path: str, body: Any) -> Any:
            if path == "/sync/push" and saved[place].op_id in [op["op_id"] for op in body["ops"]]:
                return problem(status, "bad-request", detail="读不懂")
            return None

        server.before = choke
        assert push_all(store, session) == 6
        assert states(store) == [OpState.QUARANTINED if n == place else OpState.RECEIVED for n in range(7)]
        entry = store.outbox.entry(saved[place].op_id)
        assert entry.answer["problem"]["detail"] == "读不懂"
        server.calls.clear()
        push_all(store, session)
        assert server.calls == []
        store.outbox.send_again(saved[place].op_id)
        server.before = lambda *_: None
        push_all(store, session)
        assert states(store) == [OpState.RECEIVED] * 7

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            (Status.APPLIED, OpState.RECEIVED),
            (Status.CONFLICT, OpState.CONFLICT),
            (Status.REJECTED, OpState.REJECTED),
            (Status.BLOCKED, OpState.BLOCKED),
            (Status.RETRY, OpState.WAITING),
        ],
    )
    def test_each_answer_has_its_place_and_nobody_is_in_the_way(
        self, store: Store, server: PretendServer, session: Session, status: Status, state: OpState
    ):
        first = save(store)[0]
        save(store, number=2)
        server.statuses[first.op_id] = status
        push_all(store, session)
        assert states(store) == [state, OpState.RECEIVED]
        assert store.outbox.entry(first.op_id).has_receipt == (
            status in (Status.APPLIED, Status.CONFLICT, Status.REJECTED)
        )

    def test_what_waits_for_something_refused_is_set_aside_and_comes_with_it_when_that_is_sent_again(
        self, store: Store, server: PretendServer, session: Session
    ):
        """The server stores nothing of a blocked operation, and so answers ``retry`` for what builds on it."""
        saved = [save(store, number=number)[0].op_id for number in range(1, 5)]
        with store.database.write() as connection:
            built_on = list(pairwise(saved[:3]))
            connection.executemany("UPDATE op SET depends_on = ? WHERE op_id = ?", built_on)
            connection.execute("UPDATE op SET state = 'quarantined' WHERE op_id = ?", (saved[0],))

        def not_yet(_: str, path: str, body: Any) -> Any:
            if path != "/sync/push":
                return None
            return 200, {"results": [{"op_id": op["op_id"], "status": "retry"} for op in body["ops"]], **server_head}

        server_head, server.before = {"tree_head": server.head()}, not_yet
        push_all(store, session)
        waiting = [OpState.QUARANTINED, OpState.BLOCKED, OpState.BLOCKED, OpState.WAITING]
        assert states(store) == waiting
        store.outbox.send_again(saved[0])
        assert states(store) == [OpState.WAITING] * 4

    def test_an_operation_to_be_retried_is_not_sent_again_at_once(
        self, store: Store, clock: SettableClock, server: PretendServer, session: Session
    ):
        first = save(store)[0]
        server.statuses[first.op_id] = Status.RETRY
        push_all(store, session)
        server.calls.clear()
        push_all(store, session)
        assert "/sync/push" not in server.calls
        clock.at += timedelta(seconds=3)
        del server.statuses[first.op_id]
        push_all(store, session)
        assert states(store) == [OpState.RECEIVED]

    def test_a_signature_that_fails_is_told_and_kept(self, store: Store, server: PretendServer, session: Session):
        save(store)
        with store.database.write() as connection:
            connection.execute("UPDATE op SET signature = ?", (bytes(64),))
        push_all(store, session)
        assert states(store) == [OpState.REJECTED]
        assert "bad-signature" in store.outbox.all()[0].answer["problem"]["type"]

    def test_more_than_a_hundred_operations_go_in_several_pushes(
        self, store: Store, server: PretendServer, session: Session
    ):
        for number in range(1, 104):
            save(store, number=number)
        assert push_all(store, session) == 103
        assert server.calls.count("/sync/push") == 2

    def test_no_push_is_larger_than_a_mebibyte(self, store: Store, server: PretendServer, session: Session):
        sizes: list[int] = []

        def weigh(method: str, path: str, body: Any) -> None:
            if path == "/sync/push":
                sizes.append(len(json.dumps(body, ensure_ascii=False).encode()))

        server.before = weigh
        from tests.fieldapp.field_builders import a_visit
        from tests.fieldapp.test_store_records import many

        for number in range(1, 9):
            save(store, replace(a_visit(*many(60, remark="查" * 100))), number=number)
        push_all(store, session)
        assert len(sizes) > 1
        assert max(sizes) <= 1 << 20
        assert set(states(store)) == {OpState.RECEIVED}

    @pytest.mark.parametrize(
        "spoil",
        [
            {"signer": "seal"},
            {"op_sha256": "0" * 64},
            {"received_at": "2029-01-01T00:00:00Z"},
            {"received_at": "gestern"},
        ],
    )
    def test_a_receipt_that_proves_nothing_rings_and_the_operation_stays(
        self, store: Store, server: PretendServer, session: Session, spoil: dict[str, str]
    ):
        op = save(store)[0]
        server.answers[op.op_id] = server.receipt(op, Status.APPLIED, **spoil)
        push_all(store, session)
        assert states(store) == [OpState.WAITING]
        assert [alarm.code for alarm in store.alarms.all()] == [AlarmCode.BAD_RECEIPT]

    def test_a_receipt_of_another_operation_is_worth_nothing(
        self, store: Store, server: PretendServer, session: Session
    ):
        first, second = save(store)[0], save(store, number=2)[0]
        server.answers[second.op_id] = server.receipt(first, Status.APPLIED)
        push_all(store, session)
        assert states(store) == [OpState.RECEIVED, OpState.WAITING]

    def test_an_outcome_that_contradicts_the_status_is_worth_nothing(
        self, store: Store, server: PretendServer, session: Session
    ):
        save(store)

        def lie(path: str, answer: Any) -> Any:
            if path == "/sync/push":
                answer[1]["results"][0]["status"] = "rejected"
            return answer

        server.after = lie
        push_all(store, session)
        assert states(store) == [OpState.WAITING]

    def test_a_receipt_of_a_new_key_is_checked_with_a_fresh_key_set(
        self, store: Store, server: PretendServer, session: Session
    ):
        keys = [*(key for key in some_keys() if key["purpose"] != "receipt"), a_key(Purpose.RECEIPT, 13)]
        server.keys = a_key_set_document(seq=8, keys=keys)
        save(store)

        def new_key(path: str, answer: Any) -> Any:
            if path == "/sync/push":
                answer[1]["results"][0]["receipt"]["key_id"] = 13
            return answer

        server.after = new_key
        push_all(store, session)
        assert states(store) == [OpState.RECEIVED]

    def test_an_answer_without_entries_is_no_answer(self, store: Store, server: PretendServer, session: Session):
        save(store)
        server.after = lambda path, answer: (200, {"ok": True}) if path == "/sync/push" else answer
        with pytest.raises(Unreachable):
            push_all(store, session)
        assert states(store) == [OpState.WAITING]


class TestToken:
    def test_an_expired_token_is_renewed_and_the_push_goes_on(
        self, store: Store, server: PretendServer, session: Session
    ):
        session.call(lambda client: client.get("/keys"))
        server.token = "t2"
        save(store)
        assert push_all(store, session) == 1

    def test_a_device_that_may_not_sign_in_keeps_everything(
        self, store: Store, server: PretendServer, session: Session
    ):
        save(store)
        server.before = lambda method, path, body: problem(401, "wrong-sign-in") if path == "/devices/token" else None
        assert a_round(store, session).run().result is Result.SIGN_IN_AGAIN
        assert states(store) == [OpState.WAITING]

    def test_a_token_brings_the_colleagues_and_measures_the_clock(
        self, store: Store, server: PretendServer, session: Session
    ):
        store.kept.colleagues = []
        server.now = lambda: NOON + timedelta(minutes=7)
        session.sign_in()
        assert store.kept.colleagues == [ME, COLLEAGUE]
        assert (store.facts.offset().seconds, store.facts.offset().is_large) == (420, True)


class TestFailures:
    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
    def test_what_passes_by_itself_is_tried_later(self, session: Session, server: PretendServer, status: int):
        server.before = lambda *_: (status, {"headers": {"Retry-After": "77"}, "type": "x"})
        with pytest.raises(Unreachable) as caught:
            session.call(lambda client: client.get("/keys"))
        assert caught.value.retry_after_s == 77

    @pytest.mark.parametrize(
        "answer", [(200, b"<html>sign in to the hotel</html>"), (302, b""), (404, b"nginx"), (200, b"[1]")]
    )
    def test_a_stranger_who_answers_is_no_server(self, session: Session, server: PretendServer, answer: Any):
        server.before = lambda *_: answer
        with pytest.raises(Unreachable):
            session.call(lambda client: client.get("/keys"))

    @pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 413, 422])
    def test_a_problem_is_a_refusal_with_the_servers_words(self, session: Session, server: PretendServer, status: int):
        server.before = lambda method, path, body: problem(status, "some-reason") if path == "/keys" else None
        with pytest.raises(Refused) as caught:
            session.call(lambda client: client.get("/keys"))
        assert (caught.value.slug, caught.value.sentence) == ("some-reason", "请重试")

    def test_a_broken_line_is_no_network(self, session: Session, server: PretendServer):
        def cut(*_: object) -> None:
            raise requests.ReadTimeout

        server.before = cut
        with pytest.raises(Unreachable):
            session.call(lambda client: client.get("/keys"))

    @pytest.mark.parametrize(
        "url", ["http://example.test", "http://10.0.0.1", "ftp://127.0.0.1", "dingpan.test", "https://"]
    )
    def test_nothing_is_sent_in_the_clear(self, url: str):
        with pytest.raises(InsecureAddress):
            Client(url)

    @pytest.mark.parametrize(
        "url", ["https://dingpan.test", "http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:1"]
    )
    def test_https_and_this_machine_are_spoken_to(self, url: str):
        Client(url)


class TestRetry:
    def test_the_pause_doubles_and_is_bounded(self):
        assert [pause_s(n, 1) for n in (1, 2, 3, 9, 10, 99)] == [2, 4, 8, 512, 900, 900]
        assert pause_s(5, 0) == 0

    def test_the_timer_survives_a_restart(self, folder: Path, store: Store, clock: SettableClock):
        Retry(store.facts, lambda: 0.5).failed(NOON, None)
        again = Retry(open_store(folder, clock).facts, lambda: 0.5)
        assert not again.may_start(NOON, is_asked=False)
        assert again.may_start(NOON, is_asked=True)
        assert again.may_start(NOON + timedelta(seconds=1), is_asked=False)

    def test_the_servers_wish_wins_even_over_the_person(self, store: Store):
        retry = Retry(store.facts, lambda: 0.5)
        retry.failed(NOON, 300)
        assert not retry.may_start(NOON + timedelta(seconds=299), is_asked=True)
        assert retry.may_start(NOON + timedelta(seconds=300), is_asked=True)

    @pytest.mark.parametrize(("chance", "rest_s"), [(0.0, 300), (0.5, 450), (1.0, 600)])
    def test_those_who_were_told_the_same_pause_do_not_come_back_together(
        self, store: Store, chance: float, rest_s: int
    ):
        retry = Retry(store.facts, lambda: chance)
        retry.failed(NOON, 300)
        assert not retry.may_start(NOON + timedelta(seconds=rest_s - 1), is_asked=False)
        assert retry.may_start(NOON + timedelta(seconds=rest_s), is_asked=False)

    def test_a_clock_put_back_by_years_does_not_stop_the_sync(self, store: Store):
        retry = Retry(store.facts, lambda: 1.0)
        for _ in range(20):
            retry.failed(NOON, None)
        assert retry.may_start(NOON - timedelta(days=3650), is_asked=False)

    def test_each_failed_round_waits_longer_and_a_good_one_forgets(
        self, store: Store, server: PretendServer, session: Session
    ):
        def cut(*_: object) -> None:
            raise Cut

        server.before = cut
        failing = a_round(store, session)
        assert [failing.run() for _ in range(3)] == [Outcome(Result.OFFLINE)] * 3
        assert store.facts.get(Fact.RETRY)["failures"] == 3
        server.before = lambda *_: None
        assert failing.run().result is Result.DONE
        assert store.facts.get(Fact.RETRY) is None


class TestPull:
    def test_the_register_arrives_page_by_page_with_its_cursor(
        self, store: Store, server: PretendServer, session: Session, monkeypatch
    ):
        with store.database.write() as connection:
            connection.execute("DELETE FROM register")
        monkeypatch.setattr("fieldapp.sync.pull.LIMIT", 4)
        heard: list[int] = []
        assert expected_rows(session) == 9
        pull_all(store, session, heard.append)
        assert heard == [4, 8, 9]
        assert store.register.count() == 9
        assert store.facts.get(Fact.CURSOR) == "e1.s1.9"

    def test_a_cut_between_pages_goes_on_where_it_stopped(
        self, store: Store, server: PretendServer, session: Session, monkeypatch
    ):
        monkeypatch.setattr("fieldapp.sync.pull.LIMIT", 4)
        pages = iter([None, Cut])

        def cut_second(method: str, path: str, body: Any) -> None:
            if path == "/sync/changes" and next(pages, None):
                raise Cut

        server.before = cut_second
        with pytest.raises(Unreachable):
            pull_all(store, session)
        assert store.facts.get(Fact.CURSOR) == "e1.s1.4"
        pull_all(store, session)
        assert store.facts.get(Fact.CURSOR) == "e1.s1.9"

    def test_rows_and_cursor_are_kept_together_or_not_at_all(
        self, store: Store, server: PretendServer, session: Session, monkeypatch
    ):
        server.bring("instrument", a_scale_row(serial="NEW"))

        def full(*_: object) -> None:
            raise OSError(28, "full")

        monkeypatch.setattr("fieldapp.store.facts.Facts.put", staticmethod(full))
        outcome = a_round(store, session).run()
        assert outcome == Outcome(Result.STORAGE, "full")
        assert store.register.instrument(SCALE).serial == "ACS-30 2024 0311"

    def test_a_cursor_never_runs_ahead_of_its_rows(
        self, store: Store, server: PretendServer, session: Session, monkeypatch
    ):
        def full(*_: object) -> None:
            raise OSError(28, "full")

        monkeypatch.setattr("fieldapp.store.register.Register.apply", staticmethod(full))
        assert a_round(store, session).run() == Outcome(Result.STORAGE, "full")
        assert store.facts.get(Fact.CURSOR) is None
        monkeypatch.undo()
        a_round(store, session).run()
        assert store.facts.get(Fact.CURSOR) == "e1.s1.9"

    def test_a_new_epoch_brings_everything_again_and_removes_the_rest(
        self, store: Store, server: PretendServer, session: Session
    ):
        pull_all(store, session)
        server.mark = "e2.s1"
        server.rows = [row for row in server.rows if row["id"] != SCALE]
        pull_all(store, session)
        assert store.register.instrument(SCALE) is None
        assert store.register.place(PLACE) is not None

    def test_a_tombstone_of_the_old_region_does_not_remove_what_moved_here(
        self, store: Store, server: PretendServer, session: Session
    ):
        server.bring("instrument", a_scale_row(region="411603"), rev=2)
        server.bring("instrument", None, SCALE, rev=1)
        pull_all(store, session)
        assert store.register.instrument(SCALE).region == "411603"
        server.bring("instrument", None, SCALE, rev=2)
        pull_all(store, session)
        assert store.register.instrument(SCALE) is None

    def test_an_old_cursor_begins_anew(self, store: Store, server: PretendServer, session: Session):
        pull_all(store, session)
        gone = iter([problem(410, "cursor-too-old")])
        server.before = lambda method, path, body: next(gone, None) if path == "/sync/changes" else None
        pull_all(store, session)
        assert store.register.count() == 9

    def test_rows_that_are_none_stop_nothing(self, store: Store, server: PretendServer, session: Session):
        server.rows += [{"seq": 10}, "nonsense", {"seq": 12, "kind": 5, "id": "x"}]  # type: ignore[list-item]
        server.bring("instrument", a_scale_row(serial="NEW"))
        pull_all(store, session)
        assert store.register.instrument(SCALE).serial == "NEW"

    def test_newer_keys_and_void_labels_are_fetched(self, store: Store, server: PretendServer, session: Session):
        server.keys, server.revoked = a_key_set_document(seq=8), a_revocation_document([5], seq=13)
        server.documents_seq = {"keys_seq": 8, "revoked_seq": 13}
        pull_all(store, session)
        assert (store.documents.keys.seq, store.documents.revoked.serials) == (8, {5})

    def test_forged_keys_are_refused_and_told(self, store: Store, server: PretendServer, session: Session):
        server.keys = a_key_set_document(seq=8, root="somebody")
        server.documents_seq = {"keys_seq": 8, "revoked_seq": 12}
        pull_all(store, session)
        assert store.documents.keys.seq == 7
        assert [alarm.code for alarm in store.alarms.all()] == [AlarmCode.KEYS_REFUSED]


class TestLog:
    def grown(self, store: Store, server: PretendServer, session: Session) -> None:
        for number in range(1, 6):
            save(store, number=number)
        push_all(store, session)

    def test_a_log_that_only_grows_is_consistent(self, store: Store, clock, server: PretendServer, session: Session):
        self.grown(store, server, session)
        clock.at += timedelta(minutes=5)
        save(store, number=7)
        assert a_round(store, session).run().result is Result.DONE
        assert store.alarms.all() == []
        assert store.heads.last_consistent().size == 6
        assert store.heads.unproven() == []

    @pytest.mark.parametrize("crime", ["change", "cut", "fork", "other log"])
    def test_a_log_that_was_touched_is_told_and_kept(
        self, store: Store, clock, server: PretendServer, session: Session, crime: str
    ):
        self.grown(store, server, session)
        clock.at += timedelta(minutes=5)
        match crime:
            case "change":
                server.leaves[1] = b"rewritten"
                server.leaves.append(b"one more")
            case "cut":
                del server.leaves[2:]
            case "fork":
                server.leaves[-1] = b"another"
            case "other log":
                server.after = lambda path, answer: (
                    (200, answer[1] | {"tree_head": server.head(log_id="e2" * 16)})
                    if path == "/sync/changes"
                    else answer
                )
        outcome = a_round(store, session).run()
        assert outcome.result is Result.DONE
        assert [alarm.code for alarm in store.alarms.all()] == [AlarmCode.LOG_CHANGED]
        assert store.heads.last_consistent().size == 5
        assert store.heads.count() == 2

    def test_a_server_that_gives_no_proof_has_none(self, store: Store, clock, server: PretendServer, session: Session):
        self.grown(store, server, session)
        server.leaves.append(b"more")
        clock.at += timedelta(minutes=5)
        server.before = lambda method, path, body: problem(404, "not-found") if path == "/log/consistency" else None
        a_round(store, session).run()
        assert [alarm.code for alarm in store.alarms.all()] == [AlarmCode.LOG_CHANGED]

    def test_a_proof_that_cannot_be_fetched_now_is_asked_for_again(
        self, store: Store, clock, server: PretendServer, session: Session
    ):
        self.grown(store, server, session)
        server.leaves.append(b"more")
        clock.at += timedelta(minutes=5)

        def cut(method: str, path: str, body: Any) -> None:
            if path == "/log/consistency":
                raise Cut

        server.before = cut
        assert a_round(store, session).run().result is Result.OFFLINE
        assert len(store.heads.unproven()) == 1
        assert store.heads.last_consistent().size == 5
        server.before = lambda *_: None
        assert a_round(store, session).run().result is Result.DONE
        assert (store.heads.unproven(), store.heads.last_consistent().size) == ([], 6)

    @pytest.mark.parametrize(
        "field", [{"signature": encode_base64(bytes(64))}, {"key_id": 3}, {"size": "many"}, {"size": 99}]
    )
    def test_a_head_that_is_not_signed_is_told(
        self, store: Store, server: PretendServer, session: Session, field: dict[str, Any]
    ):
        server.after = lambda path, answer: (
            (200, answer[1] | {"tree_head": answer[1]["tree_head"] | field}) if path == "/sync/changes" else answer
        )
        pull_all(store, session)
        assert [alarm.code for alarm in store.alarms.all()] == [AlarmCode.BAD_HEAD]
        assert store.heads.count() == 0


class TestBalance:
    def test_equal_only_when_the_hashes_are(self, store: Store, server: PretendServer, session: Session):
        save(store)
        assert (balance_of_today(store).unconfirmed, balance_of_today(store).is_equal) == (1, False)
        a_round(store, session).run()
        assert balance_of_today(store).is_equal
        save(store, number=2)
        assert (balance_of_today(store).made, balance_of_today(store).unconfirmed) == (2, 1)
        assert not balance_of_today(store).is_equal

    def test_a_server_that_lost_something_is_not_equal(self, store: Store, server: PretendServer, session: Session):
        save(store)
        save(store, number=2)
        push_all(store, session)
        del server.ops[0]
        a_round(store, session).run()
        assert not balance_of_today(store).is_equal

    def test_yesterdays_balance_is_not_todays(self, store: Store, clock, server: PretendServer, session: Session):
        save(store)
        a_round(store, session).run()
        clock.at += timedelta(days=1)
        assert balance_of_today(store).made == 0
        save(store, number=2)
        assert not balance_of_today(store).is_equal


class TestPictures:
    def test_pictures_come_after_the_register_and_wrong_ones_are_not_kept(
        self, store: Store, server: PretendServer, session: Session
    ):
        good, wrong = sha256_hex(b"jpeg"), sha256_hex(b"other")
        server.bring("instrument", a_scale_row(photo=good))
        server.bring("instrument", a_scale_row("x", photo=wrong))
        server.pictures = {good: b"jpeg", wrong: b"not it"}
        assert a_round(store, session).run() == Outcome(Result.DONE, has_more=True)
        assert store.photos.get(good) == b"jpeg"
        assert store.photos.get(wrong) is None
        assert a_round(store, session).run() == Outcome(Result.DONE, has_more=False)


class TestEnrol:
    ROOT = sha256_hex(a_signer("root").public)

    def enrolment(self, root: str = "") -> Enrolment:
        return Enrolment("http://127.0.0.1:9", root or self.ROOT, "one-time")

    def enrol(self, folder: Path, server: PretendServer, root: str = "") -> Store:
        store = open_store(folder / "new")
        client = session_with(store, server).client
        enrol(store, client, self.enrolment(root), device_of(store, DEVICE.secret), "phone")
        return store

    def test_a_phone_becomes_the_bureaus_and_pins_its_root(self, folder: Path, server: PretendServer):
        store = self.enrol(folder, server)
        assert store.kept.person == ME
        assert store.documents.keys.seq == 7
        assert store.facts.get(Fact.IS_ENROLLED)
        assert store.facts.offset().seconds == 0

    def test_another_root_than_the_codes_is_refused(self, folder: Path, server: PretendServer):
        with pytest.raises(RootDiffers):
            self.enrol(folder, server, root="0" * 64)
        assert open_store(folder / "new").kept.bureau is None

    def test_a_phone_stays_with_its_bureau(self, folder: Path, server: PretendServer):
        store = self.enrol(folder, server)
        asked = list(server.calls)
        other = Enrolment("http://127.0.0.1:9", "0" * 64, "one-time")
        with pytest.raises(RootDiffers):
            enrol(store, session_with(store, server).client, other, store.kept.device, "phone")
        assert store.kept.person == ME
        assert server.calls == asked

    def test_a_device_keeps_its_key_when_the_first_try_fails(self, folder: Path, server: PretendServer):
        server.before = lambda *_: problem(403, "code-used")
        with pytest.raises(Refused):
            self.enrol(folder, server)
        device = open_store(folder / "new").kept.device
        server.before = lambda *_: None
        assert self.enrol(folder, server).kept.device == device

    @pytest.mark.parametrize(
        "text",
        [
            *("", "x", "[]", "{}", '"text"', "12"),
            '{"url": "https://x.test", "root_sha256": "00", "code": "c"}',
            '{"url": "http://x.test", "root_sha256": "%s", "code": "c"}' % ("0" * 64),
            '{"url": "https://x.test", "root_sha256": "%s", "code": ""}' % ("0" * 64),
            '{"url": 5, "root_sha256": "%s", "code": "c"}' % ("0" * 64),
            "HTTPS://DINGPAN.TEST/V/AAAA",
        ],
    )
    def test_other_text_is_no_enrolment(self, text: str):
        with pytest.raises(NotAnEnrolment):
            read_enrolment(text)


def test_the_status_counts_what_the_outbox_holds(store: Store, server: PretendServer, session: Session):
    refused = save(store)[0]
    save(store, number=2)
    server.statuses[refused.op_id] = Status.REJECTED
    status = SyncStatus()
    status.look(store)
    assert (status.waiting, status.needs_a_look) == (2, 0)
    status.take(a_round(store, session).run(), store)
    assert (status.waiting, status.needs_a_look, status.result) == (0, 1, "done")


@pytest.fixture(autouse=True)
def _close(store: Store) -> Iterator[None]:
    yield
    store.database.close()
