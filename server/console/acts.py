"""What administrators and others did: the acts, newest first, to be read by who audits them, and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request
from marshmallow import Schema

from server.accounts import service as accounts
from server.accounts.service import Scope
from server.administration import service as administration
from server.administration.service import Act, ActKind
from server.console.routes import blueprint, scope, today
from server.csv_text import csv_text
from server.database import db
from server.devices import service as devices
from server.language import t
from server.layout import moment
from server.memberships import service as memberships
from server.problems import NotFound
from server.query import Count
from server.registry import service as registry
from shared.wire.strict import StrictSchema, Text, Uuid, one_of

A_PAGE, A_FILE = 50, 10_000
LAST_PAGE = 10_000
DETAILS = frozenset(
    {
        *("role", "until", "sign_ins", "family", "acts", "numbers", "what", "id"),
        *("why", "recusal", "person", "capacity", "again", "method", "ids", "task"),
        *("device", "added", "changed", "unchanged", "bad", "rows", "stays", "file", "did"),
        *("size", "root", "backup", "made_at", "applied", "known", "refused", "waits", "photos"),
    }
)
COLUMNS = ("at", "kind", "by", "about", "details")


class ActsSchema(StrictSchema):
    """Which acts somebody wants to see."""

    kind = Text(longest=30, validate=one_of(*(kind.value for kind in ActKind)), load_default=None)
    person = Uuid(load_default=None)
    page = Count(least=1, most=LAST_PAGE, load_default=1)
    lang = Text(longest=10, load_default="")


SCHEMA: Schema = ActsSchema()


@dataclass(frozen=True)
class ActLine:
    """One act in words. ``about`` is a name where the scope knows it, else what kind of thing and its id."""

    act: Act
    by: str
    about: str

    @property
    def details(self) -> str:
        """What else is known of it, which never is personal data."""
        return " · ".join(_detail(self.act, *one) for one in json.loads(self.act.details).items())


@blueprint.get("/acts")
def acts() -> str:
    """Show a page of acts."""
    asked = _asked()
    found = _lines(asked, first=(asked["page"] - 1) * A_PAGE, count=A_PAGE + 1)
    return render_template(
        "console/acts.html",
        lines=found[:A_PAGE],
        has_more=len(found) > A_PAGE,
        asked=asked,
        kinds=sorted(ActKind, key=lambda kind: t(f"act.{kind}")),
        people=accounts.everybody_within(db.session(), scope()),
    )


@blueprint.get("/acts.csv")
def acts_csv() -> Response:
    """Send the same as a file."""
    found = _lines(_asked(), first=0, count=A_FILE)
    response = Response(csv_text(_rows(found)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="acts-{today()}.csv"'
    return response


def _asked() -> dict[str, Any]:
    """Read the query; an empty field asks for anything, a person outside the scope is not found."""
    typed = {name: value for name, value in request.args.items() if value}
    asked: dict[str, Any] = SCHEMA.load(typed)
    wanted = asked["person"]
    if wanted is not None and accounts.person_within(db.session(), scope(), str(wanted)) is None:
        raise NotFound
    return asked


def _lines(asked: dict[str, Any], *, first: int, count: int) -> list[ActLine]:
    session = db.session()
    about: dict[str, Any] = {"kind": asked["kind"], "by": asked["person"], "first": first, "count": count}
    found = administration.acts(session, _within(scope()), **about)
    names = {person.id: person.name for person in accounts.everybody_within(session, scope())}
    return [_line(act, names) for act in found]


def _detail(act: Act, name: str, value: Any) -> str:
    """Return one detail in words; the names of tables, which count rows, stand as they are."""
    match name:
        case "role":
            value = t(f"role.{value}")
        case "capacity":
            value = t(f"member.{value}")
        case "why" if act.about_kind == "device":
            value = t(f"suspended_why.{value}")
    return f"{t(f'act_detail.{name}') if name in DETAILS else name} {value}"


def _within(scope: Scope) -> administration.Within:
    people, parties = memberships.everybody_within(scope), registry.parties_within(scope)
    return administration.Within(people, parties, devices.devices_within(scope))


def _line(act: Act, names: dict[str, str]) -> ActLine:
    by = names.get(act.by_person, t("acts.outside")) if act.by_person else t("acts.program")
    about = names.get(act.about_id) if act.about_kind == "person" else None
    return ActLine(act, by, about or f"{act.about_kind} {act.about_id}")


def _rows(found: list[ActLine]) -> Iterator[list[str | int]]:
    yield [t(f"acts.{name}") for name in COLUMNS]
    for line in found:
        yield [moment(line.act.at), t(f"act.{line.act.kind}"), line.by, line.about, line.details]
