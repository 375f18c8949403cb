"""Recusal (回避): officers tell whom they must not inspect; a supervisor tells and ends it for officers too."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.accounts import service as accounts
from server.accounts.service import Relation
from server.administration import service as administration
from server.administration.service import ActKind
from server.clock import now
from server.console.routes import asked, blueprint, may, scope
from server.database import begin_write, db
from server.forms import Form, read_form
from server.problems import NotFound
from server.registry import service as registry
from shared.ids import is_uuid
from shared.wire.strict import StrictSchema, Text, Uuid, one_of


class RecusalSchema(StrictSchema):
    """From whom who stands back, and why. Without a person it is one's own."""

    party = Uuid(required=True)
    person = Uuid(load_default=None)
    relation = Text(required=True, longest=20, validate=one_of(*(relation.value for relation in Relation)))


SCHEMA: Schema = RecusalSchema()


@dataclass(frozen=True)
class RecusalLine:
    """One relation in words."""

    recusal: accounts.Recusal
    person: str
    party: str
    told_by: str


@blueprint.get("/recusals")
def recusals() -> Response:
    """List one's own relations, or those of a scope, and find a party to tell of."""
    named = request.args.get("party", "")
    if named and (not is_uuid(named) or registry.party_in(db.session(), scope(), named) is None):
        raise NotFound
    return _show(Form({"party": named}), 200)


@blueprint.post("/recusals")
def tell_recusal() -> BaseResponse:
    """Keep a relation."""
    form = read_form(SCHEMA)
    form = _checked(form) if form.is_good else form
    if not form.is_good:
        return _show(form, 422)
    begin_write()
    session, person_id = db.session(), form.values["person"] or g.person.id
    person = accounts.person_within(session, scope(), person_id)
    if person is None:
        raise NotFound
    about = {"told_by": g.person.id, "now": now()}
    told = accounts.tell_recusal(session, person, form.values["party"], form.values["relation"], **about)
    if told is not None:
        _record(session, ActKind.RECUSAL_TOLD, told)
    transaction.commit(session, now())
    return redirect(url_for("console.recusals"), 303)


@blueprint.post("/recusals/<recusal_id>/end")
def end_recusal(recusal_id: str) -> BaseResponse:
    """Say that a relation holds no more."""
    found = accounts.recusal_within(db.session(), scope(), recusal_id) if is_uuid(recusal_id) else None
    if found is None:
        raise NotFound
    begin_write()
    if found.ended_at is None:
        found.ended_at = now()
        _record(db.session(), ActKind.RECUSAL_ENDED, found)
    transaction.commit(db.session(), now())
    return redirect(url_for("console.recusals"), 303)


def _record(session: Session, kind: ActKind, recusal: accounts.Recusal) -> None:
    about = ("person", recusal.person_id)
    administration.record(session, kind, by=g.person.id, about=about, now=now(), recusal=recusal.id)


def _checked(form: Form) -> Form:
    """Add what only the register can tell: the party is ours, and so is the officer."""
    if registry.party_in(db.session(), scope(), form.values["party"]) is None:
        form = form.wrong("party", "form.not_in_scope")
    if form.values["person"] not in (None, *(person.id for person in _officers())):
        form = form.wrong("person", "form.not_responsible")
    return form


def _officers() -> list[accounts.Person]:
    """Return for whom whoever asks may tell: a supervisor for all officers, others for themselves."""
    return accounts.may_be_sent(db.session(), scope()) if may("console.end_recusal", "POST") else [g.person]


def _show(form: Form, status: int) -> Response:
    session, text = db.session(), asked()
    officers = _officers()
    named = form.typed.get("party", "")
    parties = registry.parties_named(session, scope(), text) if text else []
    chosen = registry.party_in(session, scope(), named) if is_uuid(named) else None
    about = {"lines": _lines(officers), "officers": officers, "parties": parties, "chosen": chosen, "asked": text}
    return make_response(render_template("console/recusals.html", form=form, relations=Relation, **about), status)


def _lines(officers: list[accounts.Person]) -> list[RecusalLine]:
    found = accounts.recusals_of(db.session(), [person.id for person in officers])
    parties = registry.party_names(db.session(), [row.party_id for row in found])
    names = accounts.names_of(db.session(), [id_ for row in found for id_ in (row.person_id, row.told_by)])
    return [RecusalLine(row, names[row.person_id], parties.get(row.party_id, ""), names[row.told_by]) for row in found]
