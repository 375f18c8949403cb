"""The staff: who there is and how far each has come, and the form by which a system administrator enters somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Response, g, make_response, redirect, render_template, url_for
from marshmallow import Schema, validate
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.accounts import service as accounts
from server.accounts.service import Role, staff
from server.clock import now
from server.console.routes import asked, blueprint, scope, today
from server.database import begin_write, db
from server.forms import Form, read_form
from server.problems import AlreadyThere
from shared.wire.strict import Day, StrictSchema, Text, Uuid, one_of

SIGN_IN_NAME = validate.Regexp(r"[a-z][a-z0-9._-]{2,59}\Z", error="people.bad_sign_in_name")


class PersonSchema(StrictSchema):
    """What is entered of somebody. A card without a last day is one whose day is not known."""

    name = Text(required=True, shortest=1, longest=60)
    unit = Uuid(required=True)
    role = Text(required=True, longest=30, validate=one_of(*(role.value for role in staff.ENTERED)))
    sign_in_name = Text(required=True, longest=60, validate=SIGN_IN_NAME)
    card_no = Text(longest=40, load_default="")
    card_until = Day(load_default=None)


SCHEMA: Schema = PersonSchema()


@dataclass(frozen=True)
class PersonLine:
    """Somebody in the list."""

    person: accounts.Person
    state: staff.PersonState
    is_locked: bool

    @property
    def is_other_hand(self) -> bool:
        """Whether no security administrator may be given a link into this account."""
        return staff.is_other_hand(self.person)

    def has_expired_card(self, day: date) -> bool:
        return self.person.card_until is not None and self.person.card_until < day


@blueprint.get("/people")
def people() -> Response:
    """List the staff of the scope, with the form for those who may enter somebody."""
    return _show(Form(), 200)


@blueprint.post("/people")
def enter_person() -> BaseResponse:
    """Enter somebody, whom a security administrator may then let in."""
    form = read_form(SCHEMA)
    units = {unit.id for unit in accounts.units_within(db.session(), scope())}
    if form.is_good and form.values["unit"] not in units:
        form = form.wrong("unit", "form.not_in_scope")
    if not form.is_good:
        return _show(form, 422)
    begin_write()
    try:
        entered = staff.enter(db.session(), _new(form), by=g.person, now=now())
    except AlreadyThere as problem:
        transaction.rollback(db.session())
        return _show(form.wrong("sign_in_name", f"problem.{problem.slug}.detail", **problem.values), problem.status)
    transaction.commit(db.session(), now())
    return redirect(url_for("console.person", person_id=entered.id), 303)


def _new(form: Form) -> staff.NewPerson:
    return staff.NewPerson(
        name=form.values["name"],
        unit_id=form.values["unit"],
        role=Role(form.values["role"]),
        sign_in_name=form.values["sign_in_name"],
        card_no=form.values["card_no"],
        card_until=last_day(form.values["card_until"]),
    )


def last_day(text: str | None) -> date | None:
    """Return the day of a field that may be empty."""
    return date.fromisoformat(text) if text else None


def lines(found: list[accounts.Person]) -> list[PersonLine]:
    """Return some people as lines of the list."""
    names = [person.sign_in_name for person in found if person.sign_in_name]
    locked = accounts.lockout.locked_names(db.session(), names, now())
    return [PersonLine(person, staff.state_of(person), person.sign_in_name in locked) for person in found]


def _show(form: Form, status: int) -> Response:
    session, text = db.session(), asked()
    found = accounts.staff_of(session, scope())
    if text:
        found = [one for one in found if text.casefold() in f"{one.name} {one.sign_in_name} {one.card_no}".casefold()]
    about = {"lines": lines(found), "asked": text, "units": accounts.units_within(session, scope())}
    page = render_template("console/people.html", form=form, roles=staff.ENTERED, day=today(), **about)
    return make_response(page, status)
