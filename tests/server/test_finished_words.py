"""Words finished before anybody looks are those that would be worked out; whatever is not of them is never shown."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from server import transaction
from server.database import begin_write, db
from server.public import finished, finishing, shown
from server.public.drawing import DRAWING, Drawing
from server.public.finished import FAR, Asks, KeptWords, from_text, lasting, page_in, to_text
from server.public.models import PublicRecord
from server.public.pieces import Pieces
from server.public.state import PageState
from server.public.stencils import Unfit
from shared import texts
from shared.seal import Seal
from tests.label_states import make_states, verified
from tests.server.conftest import TestClock
from tests.server.made_records import DAYS, records
from tests.server.pages import words
from tests.server.plain_pages import by_layer, by_routes, layer, said
from tests.server.world import World

NONCE = b"n" * 22
ATTEMPTS = 60


def drawing_of(app: Flask) -> Drawing:
    drawing: Drawing = app.extensions[DRAWING]
    return drawing


def kept_words() -> dict[int, tuple[str | None, str, date]]:
    db.session.rollback()
    about = select(PublicRecord.serial, PublicRecord.words, PublicRecord.words_by, PublicRecord.words_until)
    return {row.serial: (row.words, row.words_by, row.words_until) for row in db.session.execute(about)}


def finish_all(world: World) -> int:
    db.session.remove()
    count = 0
    while some := finishing.finish_some(world.app, most=7):
        count += some
    return count


def seal_of(world: World, number: int = 0) -> Seal:
    dingpan = world.app.extensions["dingpan"]
    text = world.links[number].rpartition("/")[2]
    seal = shown.opened(text, "DINGPAN.TEST", dingpan.keyring, world.day)
    assert seal is not None
    return seal


def worked_out(world: World, record: dict[str, Any], day: date, language: str) -> Pieces:
    return drawing_of(world.app).page(seal_of(world), record, day, texts.load(language, "server"))


def from_words(world: World, kept: str, day: date, language: str) -> Pieces:
    words = from_text(kept.encode())
    assert words is not None
    page = drawing_of(world.app).page_of(page_in(words, language), day, texts.load(language, "server"))
    assert page is not None
    return page


def stale_days(world: World, record: dict[str, Any], day: date) -> list[date]:
    """Finish a record on a day; return the days up to its last, of thirteen, on which the words are wrong."""
    drawing, seal = drawing_of(world.app), seal_of(world)
    pages = {one: drawing.finished(seal, record, day, texts.load(one, "server")) for one in texts.LANGUAGES}
    last = finished.lasting(record, day)
    kept = to_text(json.dumps(record).encode(), day, last, seal_of(world).text, pages)
    span = min((last - day).days, 1_500)
    days = {day + timedelta(days=round(span * part / 12)) for part in range(13)}
    found = []
    for one in sorted(days):
        for language in texts.LANGUAGES:
            right = worked_out(world, record, one, language)
            ours = from_words(world, kept, one, language)
            if (ours.plain(NONCE), ours.version) != (right.plain(NONCE), right.version):
                found.append(one)
    return found


# --- they are the words that would be worked out ----------------------------------------------------------------------


@settings(max_examples=150, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=records(), day=DAYS)
def test_words_are_right_on_every_day_they_hold(sqlite_world: World, record: dict[str, Any], day: date) -> None:
    try:
        wrong = stale_days(sqlite_world, record, day)
    except (Unfit, KeyError, ValueError):
        assume(False)
    assert wrong == []


@pytest.mark.parametrize(
    "planted",
    [lambda record, day: FAR, lambda record, day: lasting({**record, "checks": []}, day)],
    ids=["for ever", "blind to checks"],
)
def test_words_that_are_kept_too_long_are_found(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, planted: Callable[..., date]
) -> None:
    begin = date(2026, 3, 1)
    record = json.loads(db.session.scalars(select(PublicRecord.body)).first() or "")
    record["checks"] = [(begin + timedelta(days=200)).isoformat()]
    assert stale_days(sqlite_world, record, begin) == []
    monkeypatch.setattr(finished, "lasting", planted)
    assert stale_days(sqlite_world, record, begin) != []


def test_every_state_is_the_same_from_finished_words(world: World) -> None:
    paths = {state: path for state, path in make_states(world).items() if state is not PageState.NOT_A_SEAL}
    assert finish_all(world) > 10
    from_them = 0
    for state, path in paths.items():
        for spoken in ("zh-CN", "en"):
            theirs = said(by_routes(world.app, path, **{"Accept-Language": spoken}))
            for _ in range(2):  # the first of a kind is worked out once, and makes the stencil
                layer(world.app)._pages.clear()
                ours = said(by_layer(world.app, path, **{"Accept-Language": spoken}))
                assert replace(ours, nonce="") == replace(theirs, nonce=""), (state, spoken)
    for kept, made_by, _ in kept_words().values():
        assert made_by == finished.made_by().decode()
        from_them += kept is not None
    assert from_them > 10


def test_pages_are_drawn_from_finished_words(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/V/" + sqlite_world.links[0].rpartition("/")[2]
    finish_all(sqlite_world)
    by_layer(sqlite_world.app, path)
    layer(sqlite_world.app)._pages.clear()

    def _never(*_: Any) -> Any:
        raise AssertionError("the page was worked out")

    monkeypatch.setattr(Drawing, "page", _never)
    assert "ACS-0001" in words(by_layer(sqlite_world.app, path))


# --- words of something else are never shown --------------------------------------------------------------------------


def test_words_of_another_record_are_not_shown(world: World) -> None:
    """Whoever wrote the record, and however: words that do not name it are none."""
    path = "/V/" + world.links[0].rpartition("/")[2]
    finish_all(world)
    by_layer(world.app, path)
    begin_write()
    row = db.session.scalars(select(PublicRecord).where(PublicRecord.instrument_id == world.instruments[0])).one()
    db.session.execute(
        update(PublicRecord).where(PublicRecord.serial == row.serial).values(body=row.body.replace("ACS-0001", "NEW-1"))
    )
    db.session.commit()
    for _ in range(2):
        layer(world.app)._pages.clear()
        told = words(by_layer(world.app, path))
        assert "NEW-1" in told
        assert "ACS-0001" not in told


@pytest.mark.parametrize("field", ["made_by", "of_record", "first", "last"])
def test_words_of_another_program_record_or_day_are_none(field: str) -> None:
    body, day = b"{}", b"2026-11-22"
    good = KeptWords(finished.made_by(), finished.digest_of(body), b"2026-11-22", b"2026-11-22", b"", ())
    assert good.are_of(body, day)
    other = {"made_by": b"0", "of_record": finished.digest_of(b"{ }"), "first": b"2026-11-23", "last": b"2026-11-21"}
    assert not good._replace(**{field: other[field]}).are_of(body, day)


def test_words_of_an_earlier_form_are_none() -> None:
    assert from_text(b"") is None
    assert from_text(b'{"words": []}') is None
    assert from_text(b"a\x1fb\x1e\x1e") is None


@given(st.text(alphabet="ab\0\x1e\x1f", min_size=1, max_size=6))
def test_a_separator_in_a_word_makes_it_unfit(word: str) -> None:
    one = finished.Finished("k", b"d", [word.encode()], {}, Asks(PageState.IN_DATE.value).kept())
    pages = dict.fromkeys(texts.LANGUAGES, one)
    if set(word) & set("\0\x1e\x1f"):
        with pytest.raises(Unfit):
            to_text(b"{}", date(2026, 1, 1), FAR, "T", pages)
    else:
        kept = from_text(to_text(b"{}", date(2026, 1, 1), FAR, "T", pages).encode())
        assert kept is not None
        assert page_in(kept, "en") == one


# --- they are finished a little later ---------------------------------------------------------------------------------


def test_a_change_and_the_end_of_their_days_make_words_to_be_finished_anew(world: World, clock: TestClock) -> None:
    count = len(kept_words())
    assert finish_all(world) == count
    assert finish_all(world) == 0
    verified(world, 0, 300)
    assert finish_all(world) == 1
    serial = min(kept_words())
    first, _, until = kept_words()[serial]
    assert first
    assert until > world.day
    clock.move(days=(until - world.day).days)
    assert finish_all(world) == 0
    clock.move(days=1)
    assert finish_all(world) >= 1
    assert kept_words()[serial][0] != first


def test_another_version_finishes_them_anew(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    count = finish_all(sqlite_world)
    for other in (b"0000", b"zzzz"):
        monkeypatch.setattr(finishing, "made_by", lambda other=other: other)
        assert finish_all(sqlite_world) == count


def test_a_record_that_is_not_of_the_form_is_passed_over(world: World) -> None:
    begin_write()
    first = db.session.scalars(select(PublicRecord).order_by(PublicRecord.serial)).first()
    assert first is not None
    first.body = "{}"
    db.session.commit()
    serial, count = first.serial, len(kept_words())
    assert finish_all(world) == count
    assert kept_words()[serial][0] is None
    assert finish_all(world) == 0


def test_several_finish_at_once_and_nobody_waits(world: World) -> None:
    count = len(kept_words())
    db.session.remove()
    with ThreadPoolExecutor(4) as many:
        rounds = list(many.map(lambda _: finishing.finish_some(world.app, most=1), range(4 * count)))
    assert sum(rounds) >= count
    assert finish_all(world) == 0
    assert all(by == finished.made_by().decode() for _, by, _ in kept_words().values())


def test_a_server_keeps_them_finished(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finishing, "EVERY_S", 0.01)
    ended = threading.Event()
    monkeypatch.setattr(finishing.threading, "main_thread", lambda: _Until(ended))
    begin_write()
    db.session.execute(update(PublicRecord).values(words_by=""))
    transaction.commit(db.session(), sqlite_world.app.extensions["dingpan"].clock())
    db.session.remove()
    thread = finishing.start(sqlite_world.app)
    try:
        for _ in range(ATTEMPTS * 100):
            if all(by for _, by, _ in kept_words().values()):
                break
            db.session.remove()
            ended.wait(0.01)
    finally:
        ended.set()
        thread.join(10)
    assert not thread.is_alive()
    assert all(by == finished.made_by().decode() for _, by, _ in kept_words().values())


class _Until:
    """A main thread that lives until an event."""

    def __init__(self, ended: threading.Event) -> None:
        self._ended = ended

    def is_alive(self) -> bool:
        return not self._ended.is_set()

    def join(self, seconds: float) -> None:
        self._ended.wait(seconds)
