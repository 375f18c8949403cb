"""A browser without script for page tests: it keeps cookies, and sends the form token of the page it last saw."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import ClassVar

from flask import g
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from server import transaction
from server.accounts import service as accounts
from server.accounts.models import Person
from server.clock import now
from server.database import begin_write, db
from tests.server.world import PASSWORD, World

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
INLINE = re.compile(r"</?(?:time|strong)\b[^>]*>")
TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)


class Compiled(BytecodeCache):
    """Compiled templates, shared by the apps of all tests: compiling them anew for each test is most of its time."""

    kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


@dataclass
class Visitor:
    """Somebody with a browser of their own."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, **options: object) -> TestResponse:
        forget_last_request()
        answer = self.client.get(path, **options)  # type: ignore[arg-type]
        self._remember(answer)
        return answer

    def post(self, path: str, **fields: str) -> TestResponse:
        forget_last_request()
        answer = self.client.post(path, data={"csrf_token": self.token} | fields)
        self._remember(answer)
        return answer

    def _remember(self, answer: TestResponse) -> None:
        if answer.mimetype == "text/html" and (found := TOKEN.search(answer.text)):
            self.token = found[1]

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        self.get("/sign-in")
        answer = self.post("/sign-in", name=name, password=password, next="")
        self.get("/console/")
        return answer


def forget_last_request() -> None:
    """Drop what a request leaves in the app context, which the fixtures keep open and real requests do not share."""
    for name in list(g):
        g.pop(name)


def get(world: World, path: str) -> TestResponse:
    """Open a page in a new browser."""
    return visitor(world).get(path)


def visitor(world: World, name: str | None = None) -> Visitor:
    """Return a new browser; with a name, one in which that person has signed in already."""
    found = Visitor(world.app.test_client())
    if name is not None:
        begin_write()
        person = db.session.query(Person).filter_by(sign_in_name=name).one()
        cookie = accounts.open_sign_in(db.session(), person, now=now(), lasts=accounts.SIGN_IN_LASTS)
        transaction.commit(db.session(), now())
        found.client.set_cookie("dingpan", cookie)
        found.get("/console/enrolment")
    return found


def words(answer: TestResponse) -> str:
    """Return what a page says, without its tags."""
    return " ".join(html.unescape(TAG.sub(" ", INLINE.sub("", answer.text))).split())
