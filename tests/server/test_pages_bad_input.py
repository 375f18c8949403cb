"""Pages before damaged labels and a database in trouble: a sentence that says what to do, and nothing is lost."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from server.certificates.models import Verification
from server.database import db
from server.pledges.models import Pledge
from server.public.state import PageState
from shared.texts import load
from tests.label_states import make_states
from tests.server.pages import Visitor, get, visitor, words
from tests.server.test_database_trouble import held
from tests.server.test_pages_console import entry
from tests.server.test_pages_merchant import merchant, signing
from tests.server.world import World

T = load("zh-CN", "server")
ADVICE = ("请扫描器具上的标识", "可向现场管理人员反映")


def page_of(world: World) -> str:
    return "/V/" + world.links[0].rpartition("/")[2]


# --- labels ---------------------------------------------------------------------------------------------------------


def test_no_label_with_one_bit_flipped_shows_anything_of_the_register(sqlite_world: World) -> None:
    whole, told = sqlite_world.links[0].rpartition("/")[2], set()
    for bit in range(83 * 8):
        content = bytearray(base64.b32decode(whole + "==="))
        content[bit // 8] ^= 0x80 >> bit % 8
        answer = get(sqlite_world, "/V/" + base64.b32encode(content).decode().rstrip("="))
        said = words(answer)
        told |= {state for state in PageState if said.startswith(T(f"page_word.{state}") + " ")}
        assert answer.status_code == (404 if said.startswith(T("page_word.not_a_seal")) else 200), bit
        assert any(advice in said for advice in ADVICE), bit
        assert [fact for fact in ("ACS-0001", "merchant 1", "market 411602") if fact in said] == [], bit
    assert told == {PageState.FORGED, PageState.UNKNOWN_KEY, PageState.UNKNOWN_ALGORITHM, PageState.NOT_A_SEAL}
    assert "ACS-0001" in words(get(sqlite_world, f"/V/{whole}"))


@pytest.mark.parametrize(
    "state",
    [
        *(PageState.NOT_A_SEAL, PageState.UNKNOWN, PageState.UNKNOWN_KEY, PageState.UNKNOWN_ALGORITHM),
        *(PageState.FORGED, PageState.KEY_NOT_VALID, PageState.EXPIRED),
    ],
)
def test_a_label_that_leads_nowhere_says_what_to_do_in_both_languages(sqlite_world: World, state: PageState) -> None:
    path = make_states(sqlite_world)[state]
    chinese, english = words(get(sqlite_world, path)), words(get(sqlite_world, f"{path}?lang=en"))
    assert any(advice in chinese for advice in ADVICE)
    assert "Scan the label on the instrument" in english or "ell the market's manager" in english
    assert "12315" in chinese
    assert "12315" in english


# --- the database ---------------------------------------------------------------------------------------------------


@contextmanager
def pragma(name: str, value: Callable[[], int], usual: int) -> Iterator[None]:
    """Set a pragma on every connection that is used, and set it back."""
    wanted = [value()]

    def _set(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA {name}={wanted[0]}")

    db.session.remove()
    event.listen(db.engine, "checkout", _set)
    yield
    wanted[0] = usual
    db.session.remove()


def pages() -> int:
    return int(db.session.scalar(text("PRAGMA page_count")) or 0)


TROUBLES: dict[str, Callable[[str], Any]] = {
    "database-busy": lambda url: held(url, "IMMEDIATE"),
    "database-read-only": lambda url: pragma("query_only", lambda: 1, 0),
    "database-full": lambda url: pragma("max_page_count", pages, 1 << 30),
}


def assert_told(answer: Any, slug: str) -> None:
    """A page that says what it is, that nothing was stored, and what to do; nothing of the machinery."""
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert T(f"problem.{slug}.detail") in words(answer)
    assert int(answer.headers["Retry-After"]) > 0
    assert [word for word in ("Traceback", "sqlite", "SELECT", "INSERT") if word in answer.text] == []


def enter_verification(world: World, person: Visitor) -> Any:
    person.get(f"/console/verification?instrument={world.instruments[0]}")
    return lambda: person.post("/console/verification", **entry(world))


def sign_pledge(world: World, person: Visitor) -> Any:
    person.get("/m/pledge")
    strokes = "[" + ",".join(["[" + ",".join(["10,20"] * 66) + "]"] * 10) + "]"
    return lambda: person.post("/m/pledge", **signing(strokes=strokes))


FORMS = [("verification", "database-busy"), ("verification", "database-read-only")]
FORMS += [("pledge", slug) for slug in TROUBLES]  # a drawn signature needs a page of its own, a number finds room


@pytest.mark.parametrize(("what", "slug"), FORMS)
def test_a_form_that_cannot_be_kept_is_told_and_the_same_form_is_taken_afterwards(
    sqlite_world: World, sqlite_url: str, slug: str, what: str
) -> None:
    if what == "verification":
        send, table = enter_verification(sqlite_world, visitor(sqlite_world, "verifier")), Verification
    else:
        send, table = sign_pledge(sqlite_world, merchant(sqlite_world)), Pledge
    db.session.remove()
    with TROUBLES[slug](sqlite_url):
        assert_told(send(), slug)
    db.session.remove()
    assert db.session.query(table).count() == 0
    db.session.rollback()
    assert send().status_code in (200, 303)
    assert db.session.query(table).count() == 1


@pytest.mark.parametrize("slug", TROUBLES)
def test_a_label_is_read_while_the_database_takes_nothing(sqlite_world: World, sqlite_url: str, slug: str) -> None:
    path = page_of(sqlite_world)
    db.session.remove()
    with TROUBLES[slug](sqlite_url):
        assert "ACS-0001" in words(get(sqlite_world, path))


def test_a_label_without_a_database_is_told_by_its_signature_or_asked_to_come_back(
    sqlite_world: World, sqlite_url: str
) -> None:
    paths, genuine = make_states(sqlite_world), page_of(sqlite_world)
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    content = file.read_bytes()
    db.session.remove()
    db.engine.dispose()
    file.write_bytes(b"no database at all" * 100)
    for state in (PageState.NOT_A_SEAL, PageState.FORGED, PageState.REVOKED, PageState.UNKNOWN_KEY):
        assert words(get(sqlite_world, paths[state])).startswith(T(f"page_word.{state}")), state
    assert_told(get(sqlite_world, genuine), "database-down")
    db.session.remove()
    db.engine.dispose()
    file.write_bytes(content)
    assert "ACS-0001" in words(get(sqlite_world, genuine))


def test_a_label_while_the_file_is_held_altogether_is_asked_to_come_back(sqlite_world: World, sqlite_url: str) -> None:
    path = page_of(sqlite_world)
    db.session.remove()
    with held(sqlite_url, "EXCLUSIVE"):
        assert_told(get(sqlite_world, path), "database-busy")
    db.session.remove()
    assert "ACS-0001" in words(get(sqlite_world, path))
