"""A phone against the real server, without a socket: what the fixtures of this folder hand out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from fieldapp.store.outbox import OpState
from fieldapp.store.store import Store
from fieldapp.sync.enrol import device_of, enrol, read_enrolment
from fieldapp.sync.retry import Retry
from fieldapp.sync.round import Outcome, Round
from fieldapp.sync.token import Session
from fieldapp.visit.model import Participant, Visit
from server import transaction
from server.accounts.models import Person as Staff
from server.database import begin_write, db
from server.devices import service as devices
from shared.words import Capacity
from tests.fieldapp.field_builders import DEVICE, SettableClock, a_field_check, a_visit, an_inspection, open_store
from tests.fieldapp.pretend_server import session_with
from tests.server.conftest import TestClock
from tests.server.world import World


class IntoFlask(BaseAdapter):
    """Carries requests into the app's test client; ``is_cut`` is a phone without a network."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.client = app.test_client()
        self.is_cut = False

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        if self.is_cut:
            raise requests.ConnectionError
        answer = self.client.open(
            request.path_url, method=request.method, data=request.body, headers=list(request.headers.items())
        )
        response = requests.Response()
        response.status_code, response.request, response.url = answer.status_code, request, request.url or ""
        response.headers.update(dict(answer.headers))
        body = io.BytesIO(answer.get_data())
        answer.close()
        response.raw = HTTPResponse(
            body,
            headers=dict(answer.headers),
            status=answer.status_code,
            preload_content=False,
            request_method=request.method,
        )
        return response

    def close(self) -> None:
        """There is nothing to close."""


class Phone:
    """A phone enrolled for the world's inspector."""

    def __init__(self, world: World, folder: Path, moments: TestClock) -> None:
        self.world, self.adapter = world, IntoFlask(world.app)
        self.clock = SettableClock(moments())
        self.store: Store = open_store(folder, self.clock)
        enrolment = read_enrolment(enrolment_text(world))
        enrol(
            self.store,
            session_with(self.store, self.adapter).client,
            enrolment,
            device_of(self.store, DEVICE.secret),
            "p",
        )
        self.session: Session = session_with(self.store, self.adapter)

    def round(self) -> Outcome:
        return Round(self.store, self.session, Retry(self.store.facts, lambda: 0.0)).run()

    def a_visit(self, number: int = 0, **fields: Any) -> Visit:
        world, base = self.world, a_visit()
        people = ((world.inspector, "inspector"), (world.colleague, "colleague"))
        check = a_field_check(id_=0x9000 + number, instrument=world.instruments[0])
        check = check.__class__(**check.__dict__ | {"custody": world.custodies[0], "tested_by": world.inspector})
        inspection = an_inspection(check, party=world.parties[0], stall=world.stalls[0], id=self.clock.new_id())
        sound = {
            "id": self.clock.new_id(),
            "task": None,
            "place": world.place,
            "participants": tuple(Participant(id_, Capacity.OFFICER, card) for id_, card in people),
            "inspections": (inspection,),
        }
        return Visit(**base.__dict__ | sound | fields)

    def save(self, visit: Visit) -> None:
        kept = self.store.kept
        self.store.records.save(
            visit, name="m", device=kept.device, person=kept.person, offset=self.store.facts.offset()
        )

    @property
    def states(self) -> list[OpState]:
        return [entry.state for entry in reversed(self.store.outbox.all())]


def enrolment_text(world: World, person: str | None = None) -> str:
    begin_write()
    code = devices.issue_enrolment_code(
        db.session(), db.session().get_one(Staff, person or world.inspector), world.app.extensions["dingpan"].clock()
    )
    transaction.commit(db.session(), world.app.extensions["dingpan"].clock())
    return devices.enrolment_text("http://127.0.0.1:9", world.app.extensions["dingpan"].keyring.root_public, code)
