"""Reading somebody's personal data is an act: recorded here, in one place, for each route that the policy marks.

The act is committed before the answer leaves. When it cannot be recorded, the answer is an error without the data. A
service that opens a contact records it by itself, with whose it was; such a request is recorded once.
"""

from __future__ import annotations

from flask import Flask, Response, g, request

from server import transaction
from server.administration import service as administration
from server.clock import now
from server.database import begin_write, db
from server.evidence.service import is_sha256
from server.policy import row_asked
from shared.ids import is_uuid


def register(app: Flask) -> None:
    """Record after the view has answered."""
    app.after_request(_record)


def _record(response: Response) -> Response:
    row = row_asked()
    if row is None or not row.is_read_logged or not 200 <= response.status_code < 300 or g.get("person") is None:
        return response
    session, recorded = db.session(), g.get(administration.READ_RECORDED)
    session.rollback()  # what a view did not commit is no act
    if recorded and administration.is_kept(session, recorded):
        return response
    ids = ",".join(filter(_names_a_thing, map(str, (request.view_args or {}).values())))
    begin_write()
    route, at = request.endpoint or "", now()
    about, kind = ("route", route), administration.ActKind.DATA_READ
    administration.record(session, kind, by=g.person.id, about=about, now=at, method=request.method, ids=ids)
    transaction.commit(session, at)
    return response


def _names_a_thing(text: str) -> bool:
    """Whatever else a path holds may be somebody's words."""
    return is_uuid(text) or is_sha256(text)
