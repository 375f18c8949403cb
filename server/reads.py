"""Reading somebody's personal data is an act: recorded here, in one place, for each route that the policy marks.

The act is committed before the answer leaves. When it cannot be recorded, the answer is an error without the data. A
service that opens a contact records it by itself, with whose it was; such a request is recorded once. What a phone
fetches by itself is an act once a day.
"""

from __future__ import annotations

from datetime import datetime, time

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import DBAPIError

from server import transaction
from server.administration import service as administration
from server.clock import now
from server.database import begin_write, db
from server.evidence.service import is_sha256
from server.policy import row_asked
from shared.dates import SHANGHAI, civil_day
from shared.ids import is_uuid


def register(app: Flask) -> None:
    """Record after the view has answered."""
    app.after_request(_record)


def _record(response: Response) -> Response:
    row = row_asked()
    if row is None or not 200 <= response.status_code < 300 or g.get("person") is None:
        return response
    try:
        if row.is_read_logged:
            _record_reading()
        elif row.is_fetch_logged:
            _record_fetch()
    except DBAPIError as error:  # told as anywhere else: errors after a view reach no handler by themselves
        db.session.rollback()
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def _record_reading() -> None:
    session, recorded = db.session(), g.get(administration.READ_RECORDED)
    session.rollback()  # what a view did not commit is no act
    if recorded and administration.is_kept(session, recorded):
        return
    begin_write()
    route, at = request.endpoint or "", now()
    about, kind = ("route", route), administration.ActKind.DATA_READ
    administration.record(session, kind, by=g.person.id, about=about, now=at, method=request.method, ids=_ids())
    transaction.commit(session, at)


def _record_fetch() -> None:
    """A phone asks for every picture of its region by itself, and again when an answer was lost: one act a day tells.

    Two requests at the same moment may leave two acts, which tell the same.
    """
    session, at, about = db.session(), now(), ("picture", _ids())
    session.rollback()
    kind, midnight = administration.ActKind.PICTURE_SENT, datetime.combine(civil_day(at), time(), SHANGHAI)
    if administration.is_recorded(session, kind, by=g.person.id, about=about, since=midnight):
        return
    begin_write()
    administration.record(session, kind, by=g.person.id, about=about, now=at, device=g.device.id)
    transaction.commit(session, at)


def _ids() -> str:
    """Return the ids and names of files that the address holds."""
    return ",".join(filter(_names_a_thing, map(str, (request.view_args or {}).values())))


def _names_a_thing(text: str) -> bool:
    """Whatever else a path holds may be somebody's words."""
    return is_uuid(text) or is_sha256(text)
