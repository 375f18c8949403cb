"""The fixed corpus of bad inputs against every route that takes input, on both databases.

No input is a fault of the server, none takes longer than two seconds, and none is accepted in silence: what is taken
is kept as it was sent, and a field of one form takes nothing of another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from werkzeug.test import TestResponse

from server.database import db
from server.policy import POLICY
from server.sync.models import StoredOp
from tests.faults.bad_inputs import COUNTS, Bad, corpus, of
from tests.server.every_route import calls
from tests.server.ways_in import Target, targets
from tests.server.world import World

LONGEST_S = 2.0  # of computing: how busy the machine is must not decide
# In every run each input goes to every eighth way in, at its turn, on PostgreSQL to every 24th, for only what a
# statement is given can make a difference there; in the long run to all, in every field.
SHARES = {"sqlite": 8, "postgresql": 24}
LONGEST_ADDRESS = 4_096  # what stands in front of the server takes no longer one


def is_taken(answer: TestResponse, target: Target) -> bool:
    """Say whether the server took something in, or answered as if all were well."""
    if target.how == "record":
        return answer.status_code == 200 and answer.json["results"][0]["status"] == "applied"
    if target.endpoint == "merchant.sign" and answer.status_code == 303:
        return "again" not in str(answer.location)
    return answer.status_code in (200, 201, 204, 303) and not target.shows


def silently(target: Target, bad: Bad, name: str) -> bool:
    """Say whether what was taken is not what was sent: a free text is kept as it is, another field takes nothing."""
    if target.how == "record":
        return not _stands_in_an_op(bad)
    if name in target.kept:
        return not target.kept[name](bad.text)
    if target.endpoint == "console.assign" and name == "note":
        return False
    text = bad.text.strip()
    is_sound = FINE.get((target.endpoint, name), lambda _: False)
    return text not in target.fine.get(name, set()) and not is_sound(text)


def _is_whole(least: int, most: int) -> Callable[[str], bool]:
    return lambda text: text.isascii() and text.isdecimal() and least <= int(text) <= most


# A sound value of one field is a bad input of another.
FINE: dict[tuple[str, str], Callable[[str], bool]] = {
    ("console.order_labels", "count"): _is_whole(1, 10_000),
    ("audit_api.consistency", "first"): lambda text: text == "0",
    ("audit_api.consistency", "second"): _is_whole(0, 1),
    ("console.drop_import", "x"): lambda text: not text,  # a form takes what is empty for what is not there
    # Three parts with dots are a cursor of another epoch: the phone is given everything again.
    ("sync_api.changes", "cursor"): lambda text: not text or text.count(".") == 2,
    ("sync_api.changes", "limit"): _is_whole(1, 500),
    ("console.feedback", "page"): lambda text: text == "1",
    ("sync_api.balance", "first"): _is_whole(0, (1 << 63) - 1),
    ("sync_api.balance", "last"): _is_whole(0, (1 << 63) - 1),
    ("calculators_api.x", "marked"): lambda text: text in ("0.0005kg", "0.0005斤", "0.0005两"),
}


def _stands_in_an_op(bad: Bad) -> bool:
    return any(bad.json.encode() in (op.body or b"") for op in db.session.query(StoredOp))


def fields_of(target: Target, turn: int, is_full: bool) -> list[str]:
    """All fields of a target, or the one whose turn it is."""
    names = list(target.sound)
    return names if is_full else [names[turn % len(names)]]


def trials(world: World, kind: str, is_full: bool) -> Iterator[tuple[Target, Bad, str]]:
    share = SHARES[db.engine.dialect.name]
    for place, target in enumerate(targets(world)):
        for number, bad in enumerate(of(kind)):
            if not is_full and (place + number) % share:
                continue
            if bad.body is None and target.how in ("path", "query") and len(bad.text) > LONGEST_ADDRESS:
                continue
            whole = bad.body is not None or target.how == "path"
            for name in [""] if whole else fields_of(target, number // share, is_full):
                yield target, bad, name


@pytest.mark.parametrize("kind", COUNTS)
def test_no_bad_input_is_a_fault_or_a_wait_or_taken_in_silence(
    world: World, kind: str, is_full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(world.app.config, "PROPAGATE_EXCEPTIONS", False)
    wrong, asked = [], 0
    for target, bad, name in trials(world, kind, is_full):
        for _ in range(bad.copies):
            began = time.process_time()
            answer = target.send(bad, name)
            took_s = time.process_time() - began
            where = f"{target.endpoint} {name} {bad.text[:40]!r}{(bad.body or b'')[:40]!r}{bad.headers}"
            if answer.status_code >= 500:
                wrong.append(f"{answer.status_code} {where}")
            if took_s > LONGEST_S:
                wrong.append(f"{took_s:.1f} s {where}")
            if bad.body is None and is_taken(answer, target) and silently(target, bad, name):
                wrong.append(f"taken: {answer.status_code} {where}")
            asked += 1
            answer.close()
    assert wrong == []
    assert asked > COUNTS[kind] * (5 if db.engine.dialect.name == "sqlite" else 2)


def test_the_corpus_is_what_it_says() -> None:
    assert len(corpus()) == sum(COUNTS.values()) == 788
    assert len(COUNTS) == 24
    assert corpus() == corpus()


TAKES_NOTHING = {
    "accounts.sign_out",
    "accounts.end_others",
    "console.issue_code",
    "merchant.delegate",
    "merchant.forget_number",
}
TAKES_NOTHING |= {"personal.download", "uploads_api.offset"}


def test_every_route_that_takes_input_is_a_target(sqlite_world: World) -> None:
    """Every address with an argument, and every method that carries a body."""
    known = {target.endpoint for target in targets(sqlite_world)} | TAKES_NOTHING
    takes = {call.endpoint for call in calls(sqlite_world.app) if call.rule.arguments or call.method != "GET"}
    forgotten = {endpoint for endpoint in takes - known if not endpoint.startswith("calculators_api.")}
    assert forgotten == set()
    assert {endpoint for endpoint in known if not endpoint.startswith("calculators_api.")} <= {
        name for name, _ in POLICY
    }
