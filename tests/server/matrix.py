"""The policy asked cell by cell: each row, by each role, in each situation.

A cell is right when whoever the row lets through is answered, whoever it does not is told no more than that, nothing of
what the row's scope hides stands in any answer, and whatever was refused has written nothing.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from flask import Flask, g
from werkzeug.test import TestResponse

from server import policy
from server.accounts.models import Person, Role
from server.database import db
from server.devices.models import Device
from server.policy import Row, Via, row_of
from tests.server.asking import ASKED, TUS, Sent
from tests.server.cells import WITH_THINGS, Cell, Expected, Situation
from tests.server.every_route import Call
from tests.server.ground import Ground, everything
from tests.server.pages import words
from tests.server.two_regions import NOBODY, TwoRegions

READING = ("GET", "HEAD", "OPTIONS")
LONG = re.compile(r"[0-9a-f-]{16,}")
FILLED, NOW = "filled", "now"
Chosen = Callable[[Call], bool]


def fault(answer: TestResponse, wanted: Expected, cell: Cell) -> str | None:
    """Say what is wrong with an answer; None: nothing."""
    status, asked, is_read = answer.status_code, cell.asked, cell.route.method in ("GET", "HEAD")
    match wanted:
        case Expected.SIGN_IN if is_read and cell.row.via is not Via.TOKEN:
            is_right = status == 302 and answer.headers["Location"].startswith("/sign-in?")
        case Expected.SIGN_IN:
            is_right = status == 401
        case Expected.NOT_ALLOWED:
            is_right = status == 403
        case Expected.DEVICE_SUSPENDED:
            is_right = status == 403 and (cell.route.method == "HEAD" or "device-suspended" in answer.text)
        case Expected.HIDDEN:
            is_right = asked.is_refused(answer) if asked else status == 404
        case Expected.LET_THROUGH if cell.row.roles is None:
            is_right = status not in (401, 403) and status < 500  # what there is not, anybody may hear of
        case Expected.LET_THROUGH:
            is_right = status not in (401, 403, 404) and status < 500 and not (asked and asked.is_refused(answer))
    return None if is_right else f"answered {status}, but is to be {wanted}"


def gist(answer: TestResponse) -> object:
    """Return what an answer tells, without the ids, nonces and receipts in which two answers always differ."""
    if (answer.mimetype or "").startswith(("image/", "application/gzip")) or not answer.data:
        return answer.status_code, answer.data
    if not answer.is_json:
        return answer.status_code, LONG.sub("", words(answer))
    body = answer.get_json()
    results = [row.get("problem") for row in body.get("results", [])]
    return answer.status_code, *(body.get(name) for name in ("type", "detail", "errors")), results


@dataclass
class Report:
    """How many cells were asked, what was wrong in them, and which routes showed whose words."""

    cells: int = 0
    wrong: list[str] = field(default_factory=list)
    shown: dict[str, set[str]] = field(default_factory=dict)


def every(app: Flask) -> Iterator[Call]:
    """Yield each route with each of its methods, the address to be filled; Flask's own only where a row names them."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule)):
        for method in sorted(rule.methods or ()):
            if method not in ("HEAD", "OPTIONS") or (rule.endpoint, method) in policy.POLICY:
                yield Call(rule.endpoint, method, "", rule)


def writes(call: Call, row: Row) -> bool:
    """Say whether a route may leave anything: reading what is logged leaves an act."""
    return call.method not in READING or row.is_read_logged or row.is_fetch_logged


def text_of(answer: TestResponse) -> str:
    """Return what an answer says; a workbook is a zip of texts, a snapshot one that is squeezed."""
    body = answer.get_data()
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


@dataclass
class Matrix:
    """Asks for every cell of a situation in a filled world, which was kept as ``filled``."""

    all_: TwoRegions
    ground: Ground

    def run(self, situation: Situation, chosen: Chosen = lambda _: True, *, past_the_gate: bool = False) -> Report:
        """Ask for the cells of the chosen routes, and put back whatever the allowed ones wrote.

        ``past_the_gate``: only as the roles that the row lets in, where nothing but its queries keeps to the scope.
        """
        report = Report()
        self.ground.restore(FILLED)
        self._suspend(situation)
        self.ground.keep(NOW)
        before = everything()
        for route in filter(chosen, every(self.all_.world.app)):
            row = row_of(route.endpoint, route.method)
            cells = self._cells(route, row, situation) if row else []
            if row is None:
                report.wrong.append(f"{route.endpoint} {route.method}: no row")
            for cell in cells:
                if not past_the_gate or cell.role in (cell.row.roles or ()):
                    self._ask(cell, report)
            if row is not None and writes(route, row) and everything() != before:
                report.wrong.append(f"{route.endpoint} {route.method}, {situation}: wrote what was refused")
                self.ground.restore(NOW)
        return report

    def _suspend(self, situation: Situation) -> None:
        if situation is Situation.SUSPENDED_PERSON:
            db.session.query(Person).update({Person.is_suspended: True})
        if situation is Situation.SUSPENDED_DEVICE:
            db.session.query(Device).update({Device.is_suspended: True})
        db.session.commit()

    def _cells(self, route: Call, row: Row, situation: Situation) -> Iterator[Cell]:
        """Yield one route's cells: each role in turn, and once nobody; each id that it is asked with."""
        for role in (None, *Role) if situation in WITH_THINGS else Role:
            for asked in ASKED.get((route.endpoint, route.method), [None]):
                yield Cell(self.all_, route, row, role, situation, asked)

    def _ask(self, cell: Cell, report: Report) -> None:
        report.cells += 1
        call, sent = cell.request(cell.owner())
        answer, wanted = self._send(cell, call, sent), cell.expected()
        if wrong := fault(answer, wanted, cell):
            report.wrong.append(f"{cell}: {wrong}")
        told = text_of(answer) + answer.headers.get("Location", "")
        if found := sorted(word for word in cell.secrets() if word in told and word not in f"{call.path} {sent}"):
            report.wrong.append(f"{cell}: says {found}")
        if wanted is Expected.HIDDEN and gist(answer) != gist(self._send(cell, *cell.request(NOBODY))):
            report.wrong.append(f"{cell}: answered otherwise than about what is nowhere")
        if wanted is Expected.LET_THROUGH:
            report.shown.setdefault(call.endpoint, set()).update(
                one.word for one in self.all_.everybody() if one.word in told
            )
            if writes(call, cell.row):
                self.ground.restore(NOW)

    def _send(self, cell: Cell, call: Call, sent: Sent) -> TestResponse:
        """Send a request in a new browser, so that none changes another."""
        for name in list(g):
            g.pop(name)
        client, headers = self.all_.world.app.test_client(), dict(TUS)
        if "data" in sent or "json" in sent:
            headers.pop("Content-Type")
        if cell.role is not None and cell.situation is not Situation.ANONYMOUS:
            caller = cell.caller
            if cell.row.via is Via.TOKEN:
                headers["Authorization"] = f"Bearer {caller.token}"
            else:
                cookie = caller.half if cell.row.via.value == "half" else caller.cookie
                client.set_cookie(policy.cookie_name(secure=False), cookie)
        rest = {name: value for name, value in sent.items() if name != "headers"}
        headers |= sent.get("headers", {})
        return client.open(call.path, method=call.method, headers=headers, buffered=True, **rest)
