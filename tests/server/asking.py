"""Where ids travel: in an address by the argument's name, and in queries, forms, headers and records by this table.

A route that takes an id in any other way than by its address has a line here for each; ``test_policy_matrix`` fails
for one that nobody has named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.test import TestResponse

from server.accounts.models import Role
from server.audit import service as audit
from server.clock import new_id, now
from server.database import db
from shared.dates import instant_text
from tests.server.every_route import SAMPLES
from tests.server.sending import metadata
from tests.server.two_regions import Holder, TwoRegions, photo_of
from tests.server.world import GOOD

# What a route without a line is sent: a chunk of nothing, which a form reads as nothing filled in.
TUS = {
    "Tus-Resumable": "1.0.0",
    "Upload-Offset": "0",
    "X-HTTP-Method-Override": "PATCH",
    "Content-Type": "application/offset+octet-stream",
}
# Arguments of an address that name nobody's things.
FOR_EVERYBODY = {name for name in SAMPLES if name != "sha256"} | {"secret"}
Sent = dict[str, Any]


def is_status(status: int) -> Callable[[TestResponse], bool]:
    return lambda answer: answer.status_code == status


NOT_FOUND = is_status(404)


def is_rejected(answer: TestResponse) -> bool:
    """Say whether the one record of a push was refused for good."""
    return answer.status_code == 200 and [row["status"] for row in answer.get_json()["results"]] == ["rejected"]


@dataclass(frozen=True)
class Asked:
    """One id of a request. ``sent`` makes the request of the id, the caller and everybody, in words of the test client.

    ``thing`` is which of a holder's things it names; ``is_refused`` how "not found" is said there; ``own_to`` for whom
    it may be their own alone, where the rest of the row reaches further.
    """

    name: str
    sent: Callable[[str, Holder, TwoRegions], Sent]
    thing: str
    is_refused: Callable[[TestResponse], bool] = NOT_FOUND
    own_to: frozenset[Role] = frozenset()


def query(name: str, thing: str = "", **rest: Any) -> Asked:
    """An id in a query, with what else stands there; what can be called is told when it is sent."""
    return Asked(name, lambda id_, *_: {"query_string": {name: id_} | told(rest)}, thing or name)


def form(name: str, *others: str, status: int = 404, thing: str = "", **rest: Any) -> Asked:
    """An id in a form; ``others`` are ids that are the caller's own, ``rest`` what else makes the form sound."""

    def _sent(id_: str, caller: Holder, _: TwoRegions) -> Sent:
        own = {other: caller.things[other] for other in others if other in caller.things}
        return {"data": own | {name: id_} | told(rest)}

    return Asked(name, _sent, thing or name, is_status(status))


def told(rest: Mapping[str, Any]) -> Sent:
    """Fill in what is known only when it is sent."""
    return {name: value() if callable(value) else value for name, value in rest.items()}


def day() -> str:
    return now().date().isoformat()


def in_visit(name: str, *at: str | int) -> Asked:
    """An id in the record of a visit that is otherwise the caller's own."""

    def _sent(id_: str, caller: Holder, all_: TwoRegions) -> Sent:
        body = a_visit(caller, all_)
        inner: Any = body
        for step in at:
            inner = inner[step]
        inner[name] = id_
        return pushed(caller, "visit.record/1", body)

    return Asked(f"visit {name}", _sent, name, is_rejected)


def in_record(op: str, name: str, **rest: Any) -> Asked:
    """An id in another record."""

    def _sent(id_: str, caller: Holder, _: TwoRegions) -> Sent:
        return pushed(caller, op, {name: id_} | told(rest))

    return Asked(f"{op} {name}", _sent, name, is_rejected)


def in_custody(name: str) -> Asked:
    """The id of a party in whose custody an instrument is registered."""

    def _sent(id_: str, caller: Holder, _: TwoRegions) -> Sent:
        return pushed(caller, "instrument.register/1", {"custody": {"kind": "own", name: id_}} | told(SCALE))

    return Asked(f"custody {name}", _sent, "party", is_rejected)


def a_visit(caller: Holder, all_: TwoRegions) -> dict[str, Any]:
    """A visit to the caller's own merchant; the test names no custody, so that any instrument fits."""
    things = caller.things
    check = all_.world.check(GOOD, tested_by=caller.person.id) | {"instrument": things["instrument"], "custody": None}
    body = all_.world.visit(check, place=things["place"])
    body["participants"] = [{"person": caller.person.id, "capacity": "officer", "card_no": ""}]
    body["inspections"][0] |= {"party": things["party"], "stall": things["stall"]}
    return body


def pushed(caller: Holder, op: str, body: dict[str, Any]) -> Sent:
    """A push of one record that the caller's phone signed, as if it had sent nothing before."""
    if caller.phone is None:
        return {"json": {"ops": []}}
    return {"json": {"ops": [caller.phone.op(op, body).to_wire()]}}


def upload(id_: str, caller: Holder, all_: TwoRegions) -> Sent:
    """Begin to send the file that a visit names."""
    holder = next((one for one in all_.everybody() if one.things.get("visit_id") == id_), caller)
    about = metadata(sha256=holder.things["sha256"], kind="photo", record=id_)
    length = len(photo_of(holder))
    return {"headers": {"Upload-Length": str(length), "Upload-Metadata": about}}


def membership(id_: str, _: Holder, all_: TwoRegions) -> Sent:
    """End that somebody acts for a merchant, who is named beside."""
    merchant = next((one.things["party"] for one in all_.everybody() if one.things.get("membership") == id_), id_)
    return {"data": {"membership": id_, "party": merchant}}


def new_person() -> Asked:
    """Enter somebody in a unit."""
    rest = {"name": "x", "role": "inspector", "sign_in_name": "some.one"}
    return Asked("unit", lambda id_, *_: {"data": rest | {"unit": id_}}, "unit", is_status(422))


FIELD = frozenset({Role.INSPECTOR, Role.VERIFIER})
SCALE: Sent = {"id": lambda: new_id(now()), "kind": "scale", "serial": "1"}
ENTRY: Sent = {"kind": "periodic", "result": "passed", "document_no": "T-1", "done_on": day}
SEAL_EVENT: Sent = {"position": "housing", "owner": "verification", "act": "found_broken", "done_on": day}
SEAL_RECORD: Sent = {"id": lambda: new_id(now()), "position": "housing", "owner": "verification", "act": "found_broken"}
CHECK = ("inspections", 0, "checks", 0)
ASKED: dict[tuple[str, str], list[Asked]] = {
    ("console.verification", "GET"): [query("instrument"), query("done", "verification")],
    ("console.enter_verification", "POST"): [form("instrument", **ENTRY)],
    ("console.invitation", "GET"): [query("party")],
    ("console.invite", "POST"): [form("party")],
    ("console.assign", "POST"): [
        form("place", "person", status=422, due_on=day),
        form("person", "place", status=422, due_on=day),
    ],
    ("console.end_member", "POST"): [Asked("membership", membership, "membership")],
    ("console.show_number", "POST"): [Asked("membership", membership, "membership")],
    ("console.recusals", "GET"): [query("party")],
    ("console.move_labels", "POST"): [form("person", status=422, move="issued", first="1000001")],
    ("console.physical_seals", "GET"): [query("instrument")],
    ("console.enter_seal_event", "POST"): [form("instrument", **SEAL_EVENT)],
    ("console.tell_recusal", "POST"): [
        form("party", status=422, relation="other"),
        replace(form("person", "party", status=422, relation="other"), own_to=FIELD),
    ],
    ("console.acts", "GET"): [query("person")],
    ("console.acts_csv", "GET"): [query("person")],
    ("console.enter_person", "POST"): [new_person()],
    ("merchant.open_stall", "POST"): [form("party")],
    ("merchant.end_delegation", "POST"): [form("membership")],
    ("sync_api.balance", "GET"): [query("device_id", first=1, last=9)],
    ("audit_api.inclusion", "GET"): [query("op_id", size=lambda: audit.state(db.session()).size)],
    ("uploads_api.create", "POST"): [Asked("record", upload, "visit_id", is_status(422))],
    ("sync_api.push", "POST"): [
        in_visit("place"),
        in_visit("party", "inspections", 0),
        in_visit("stall", "inspections", 0),
        in_visit("instrument", *CHECK),
        in_record("seal.bind/1", "instrument", serial=9_999),
        in_record("physical_seal.record/1", "instrument", at=lambda: instant_text(now()), **SEAL_RECORD),
        in_record("instrument.register/1", "place", **SCALE),
        in_record("instrument.register/1", "stall", **SCALE),
        in_custody("owner"),
        in_custody("user"),
    ],
}
