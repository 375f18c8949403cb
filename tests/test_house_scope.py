"""No page and no route of the API loads by id what its scope may hide, asks the database itself, or counts itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.scope_rules import (
    ALLOWED,
    ASKS_ITSELF,
    COMPARES_AFTERWARDS,
    COUNTS_ITSELF,
    LOADS_BY_ID,
    answering,
    faults,
    offences,
)

ROOT = Path(__file__).resolve().parent.parent


def test_whatever_a_request_names_is_looked_up_within_its_scope() -> None:
    assert offences(ROOT) == []


def test_every_reason_is_still_needed() -> None:
    found = set()
    for where, what in ALLOWED:
        told = faults(ast.parse((ROOT / where).read_text("utf-8")))
        found |= {(where, fault) for _, fault in told if fault == what}
    assert found == set(ALLOWED)


def test_every_source_that_answers_requests_is_read() -> None:
    read = {path.relative_to(ROOT).as_posix() for path in answering(ROOT)}
    assert {"server/console/verification.py", "server/merchant/pages.py", "server/sync/api.py"} <= read
    assert len(read) > 20


BAD = {
    "db.session.get(Task, request.args['task'])": LOADS_BY_ID,
    "db.session().get_one(registry.Instrument, form.values['instrument'])": LOADS_BY_ID,
    "session.get(registry.Place, body['place'], with_for_update=True)": LOADS_BY_ID,
    "self.session.get(Party, party_id)": LOADS_BY_ID,
    "place is None or not context.scope.covers(place.region)": COMPARES_AFTERWARDS,
    "[row for row in rows if scope().covers(row.region)]": COMPARES_AFTERWARDS,
    "session.scalars(query)": ASKS_ITSELF,
    "db.session.query(Task).filter_by(id=task_id)": ASKS_ITSELF,
    "select(Task).where(Task.id == task_id)": ASKS_ITSELF,
    "@limiter.limit('10 per minute')\ndef page(): ...": COUNTS_ITSELF,
}
GOOD = [
    "registry.place_in(db.session(), scope(), form.values['place'])",
    "request.args.get('q')",
    "settings.get('x')",
    "session_of.get(name)",
    "transaction.commit(db.session(), now())",
    "@blueprint.get('/tasks')\ndef tasks(): ...",
]


@pytest.mark.parametrize("source", BAD)
def test_a_planted_way_past_the_scope_is_found(source: str) -> None:
    assert BAD[source] in {what for _, what in faults(ast.parse(source))}


@pytest.mark.parametrize("source", GOOD)
def test_a_sound_way_is_none(source: str) -> None:
    assert list(faults(ast.parse(source))) == []
