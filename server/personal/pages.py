"""A merchant's own data: what is kept, all of it as a file, and the end of the account."""

from __future__ import annotations

from flask import Blueprint, Response, g, json, make_response, redirect, render_template, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from server import cookies, transaction
from server.clock import now
from server.contacts import service as contacts
from server.database import begin_write, db
from server.forms import Form, read_form
from server.language import t
from server.memberships import service as memberships
from server.personal import service
from server.registry import service as registry
from shared.dates import civil_day
from shared.wire.strict import StrictSchema, Text

blueprint = Blueprint("personal", __name__, url_prefix="/m")


class ClosingSchema(StrictSchema):
    """An account about to be closed: the word that the page asks for, typed."""

    word = Text(required=True, shortest=1, longest=20)


SCHEMA: Schema = ClosingSchema()


@blueprint.get("/data")
def data() -> Response:
    """Say in short what is kept about whoever asks, and what they may do with it."""
    session = db.session()
    number = contacts.own_number(session, ("person", g.person.id))
    parties = [session.get_one(registry.Party, id_) for id_ in memberships.parties_of(session, g.person)]
    page = render_template("personal/data.html", number=number and f"{number[:3]}****{number[-4:]}", parties=parties)
    return _never_kept(make_response(page))


@blueprint.post("/data")
def download() -> Response:
    """Hand over everything kept about whoever asks; an act in the log."""
    begin_write()
    found = service.export(db.session(), g.person.id, by=g.person.id, now=now())
    transaction.commit(db.session(), now())
    text = json.dumps({"about": t("own_data.file_says")} | found, ensure_ascii=False, indent=1)
    answer = Response(text, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="dingpan-{civil_day(now())}.json"'
    return _never_kept(answer)


@blueprint.get("/close")
def closing() -> Response:
    """Say what goes and what stays when an account is closed."""
    return _ask(Form(), 200)


@blueprint.post("/close")
def close() -> BaseResponse:
    """Close the account, once the word is typed."""
    form = read_form(SCHEMA)
    if form.is_good and form.values["word"] != t("closing.word"):
        form = form.wrong("word", "closing.other_word", word=t("closing.word"))
    if not form.is_good:
        return _ask(form, 422)
    begin_write()
    service.close(db.session(), g.person.id, by=g.person.id, now=now())
    transaction.commit(db.session(), now())
    g.person = None
    answer = redirect(url_for("public.home"), 303)
    cookies.forget(answer)
    return answer


def _ask(form: Form, status: int) -> Response:
    return _never_kept(make_response(render_template("personal/closing.html", form=form), status))


def _never_kept(answer: Response) -> Response:
    answer.cache_control.no_store = True
    return answer
