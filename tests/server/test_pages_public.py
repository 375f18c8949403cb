"""Pages for everyone beside the label's, and what every answer carries."""

from __future__ import annotations

import re

import pytest

from server.problems import known
from server.sync.problems import SLUGS
from tests.server.pages import Visitor, get, visitor, words
from tests.server.test_pages_merchant import merchant, signing
from tests.server.world import GOOD, World

STYLE_OR_HANDLER = re.compile(r"<[^>]*\s(?:style|on[a-z]+)\s*=", re.IGNORECASE)
SCRIPT_OR_STYLE = re.compile(r"<(?:script|style)\b[^>]*>")


def paths(world: World) -> list[str]:
    """Return one address for every route that takes GET, with something in each blank."""
    blanks = {"text": world.links[0].rpartition("/")[2], "name": "tabler.css", "filename": "css/public.css"}
    found = []
    for rule in world.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda blank: blanks.get(blank[1], "x"), rule.rule)
            found.append(path)
    return found


def people(world: World) -> list[Visitor]:
    return [visitor(world), visitor(world, "supervisor"), visitor(world, "verifier"), merchant(world)]


def test_every_answer_of_every_route_carries_its_protection(sqlite_world: World) -> None:
    for person in people(sqlite_world):
        for path in paths(sqlite_world):
            with person.get(path) as answer:
                headers = answer.headers
                assert answer.status_code < 500, path
                policy = headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy, path
                assert "unsafe" not in policy, path
                assert "frame-ancestors 'none'" in policy, path
                assert headers["X-Content-Type-Options"] == "nosniff", path
                assert headers["Referrer-Policy"] == "same-origin", path
                assert "camera=()" in headers["Permissions-Policy"], path
                assert headers["X-Request-Id"], path


def test_pages_obey_the_policy_they_are_sent_with(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    visit = sqlite_world.visit(sqlite_world.check(GOOD))
    phone.answers(phone.op("visit.record/1", visit))
    more = [f"/console/visit/{visit['id']}", f"/console/verification?instrument={sqlite_world.instruments[0]}"]
    more += ["/console/invitation?q=merchant", "/m/poster", "/problems/not-found"]
    everyone = [*people(sqlite_world), merchant(sqlite_world, 1)]
    everyone[-2].get("/m/pledge")
    everyone[-2].post("/m/pledge", **signing())
    for person in everyone:
        for path in paths(sqlite_world) + more:
            with person.get(path) as answer:
                if answer.mimetype != "text/html":
                    continue
                assert not STYLE_OR_HANDLER.search(answer.text), path
                nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
                assert nonce is not None
                for tag in SCRIPT_OR_STYLE.findall(answer.text):
                    assert f'nonce="{nonce[1]}"' in tag, (path, tag)


def test_no_page_loads_anything_from_elsewhere(sqlite_world: World) -> None:
    for person in people(sqlite_world):
        for path in paths(sqlite_world):
            with person.get(path) as answer:
                if answer.mimetype == "text/html":
                    loads = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', answer.text)
                    assert [address for address in loads if not address.startswith("/")] == [], path


def test_what_a_signed_in_person_sees_is_kept_in_no_cache(sqlite_world: World) -> None:
    person = visitor(sqlite_world, "supervisor")
    for path in ("/console/", "/console/bulletin.csv", "/console/enrolment", "/console/nowhere"):
        answer = person.get(path)
        assert path == "/console/nowhere" or answer.headers["Cache-Control"] == "no-store"


def test_the_first_page_says_what_this_is_and_where_the_staff_sign_in(sqlite_world: World) -> None:
    answer = get(sqlite_world, "/")
    assert "定盘星是市场监督管理部门管理市场计量器具的系统" in words(answer)
    assert 'href="/sign-in"' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "Point a phone's camera" in words(get(sqlite_world, "/?lang=en"))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_problem_has_a_page_that_explains_it(sqlite_world: World, language: str) -> None:
    for slug in {kind.slug for kind in known()} | set(SLUGS):
        answer = get(sqlite_world, f"/problems/{slug}?lang={language}")
        assert answer.status_code == 200, slug
        assert slug in words(answer)
        assert "{" not in words(answer), slug


def test_an_unknown_problem_pledge_or_address_is_not_found_as_a_page(sqlite_world: World) -> None:
    for path in ("/problems/unheard-of", "/problems/", "/P/CN0-1", "/nowhere", "/m/nowhere", "//elsewhere/x"):
        answer = get(sqlite_world, path)
        assert answer.status_code == 404, path
        assert answer.mimetype == "text/html", path
        assert "没有找到" in words(answer), path
        assert 'href="?lang=en"' in answer.text, path


def test_the_api_is_described_on_a_page(sqlite_world: World) -> None:
    answer = get(sqlite_world, "/api/v1/docs")
    assert "/assets/swagger-ui.js" in answer.text
    assert "/api/v1/openapi.json" in answer.text
    assert "这个页面需要脚本。" in words(answer)


def test_the_mark_is_sent_for_the_browsers_tab(sqlite_world: World) -> None:
    answer = get(sqlite_world, "/icon.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "max-age=86400, public"


def test_what_no_database_takes_is_refused_and_no_fault(world: World) -> None:
    for path in ("/P/CN1%00", "/P/%ED%A0%80", "/V/%00", "/problems/%00", "/m/i/%00"):
        assert get(world, path).status_code in (400, 404, 410), path
    for path in ("/console/verification?q=A%00", "/console/verification?instrument=%00", "/console/visit/%00"):
        assert visitor(world, "verifier").get(path).status_code in (400, 404), path
    assert visitor(world, "supervisor").get("/console/invitation?q=A%ED%A0%80").status_code == 200
