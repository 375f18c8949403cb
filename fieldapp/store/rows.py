"""What the register says of a thing, as this version of the app understands it.

A newer server may send more fields, or leave some out: what is unknown here is ignored, what is missing is None or
empty, and the body stays as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.national_codes import CODES
from shared.scales import Scale

Body = Mapping[str, Any]


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _maybe(body: Body, name: str) -> str | None:
    return _text(body, name) or None


def _day(body: Body, name: str) -> date | None:
    try:
        return date.fromisoformat(_text(body, name))
    except ValueError:
        return None


def _whole(body: Body, name: str) -> int | None:
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _part(body: Body, name: str) -> Body | None:
    value = body.get(name)
    return value if isinstance(value, Mapping) else None


@dataclass(frozen=True)
class Place:
    """Where instruments are used; ``operator`` is the party that runs it, None where that is nobody known."""

    id: str
    kind: str
    name: str
    address: str
    region: str
    phone_zone: str
    operator: str | None

    @classmethod
    def from_body(cls, body: Body) -> Place:
        words = {name: _text(body, name) for name in ("id", "kind", "name", "address", "region", "phone_zone")}
        return cls(**words, operator=_maybe(body, "operator"))


@dataclass(frozen=True)
class Stall:
    """A numbered spot in a place; ``tenant`` None: nobody is known to have it, or an older server does not say."""

    id: str
    place: str
    number: str
    tenant: str | None

    @classmethod
    def from_body(cls, body: Body) -> Stall:
        words = {name: _text(body, name) for name in ("id", "place", "number")}
        return cls(**words, tenant=_maybe(body, "tenant"))


@dataclass(frozen=True)
class Party:
    """Whoever is inspected; ``code`` None: has none, or it is not for this phone."""

    id: str
    name: str
    identity_kind: str
    code: str | None

    @classmethod
    def from_body(cls, body: Body) -> Party:
        return cls(_text(body, "id"), _text(body, "name"), _text(body, "identity_kind"), _maybe(body, "code"))


@dataclass(frozen=True)
class Task:
    """Something to be done, for one person or for whoever comes."""

    id: str
    kind: str
    state: str
    place: str | None
    instrument: str | None
    assigned_to: str | None
    due_on: date | None
    note: str

    @classmethod
    def from_body(cls, body: Body) -> Task:
        return cls(
            id=_text(body, "id"),
            kind=_text(body, "kind"),
            state=_text(body, "state"),
            place=_maybe(body, "place"),
            instrument=_maybe(body, "instrument"),
            assigned_to=_maybe(body, "assigned_to"),
            due_on=_day(body, "due_on"),
            note=_text(body, "note"),
        )


@dataclass(frozen=True)
class Custody:
    """Who answers for an instrument: a check freezes the custody's id."""

    id: str
    kind: str
    owner: str | None
    user: str | None


@dataclass(frozen=True)
class Label:
    """The label the register ties to an instrument; ``text`` are its 133 characters."""

    serial: int
    short: str
    text: str


@dataclass(frozen=True)
class Verification:
    """The last verification on record."""

    result: str
    document_no: str
    done_on: date | None
    valid_until: date | None
    body: str


@dataclass(frozen=True)
class Nozzle:
    """What makes an instrument a nozzle."""

    number: str
    product: str


@dataclass(frozen=True)
class Instrument:
    """A measuring instrument with what hangs on it. Masses in milligrams; None: nobody could read it yet.

    The three codes are the national ones of newer scales, "" where it bears none or an older server does not say.
    """

    id: str
    kind: str
    serial: str
    own_no: str
    maker: str
    model: str
    use: str
    status: str
    region: str
    place: str | None
    stall: str | None
    custody: Custody | None
    nozzle: Nozzle | None
    price_computing: bool | None
    max_mg: int | None
    min_mg: int | None
    e_mg: int | None
    d_mg: int | None
    accuracy_class: str | None
    photo: str | None
    label: Label | None
    verification: Verification | None
    finding: str | None
    note: str
    production_code: str = ""
    repair_code: str = ""
    verification_code: str = ""

    @property
    def scale(self) -> Scale | None:
        """The nameplate, when the register has all that a verdict needs; ``d`` is ``e`` where it is not told apart."""
        if not (self.max_mg and self.e_mg and self.accuracy_class in ("III", "IIII")):
            return None
        return Scale(
            max_mg=self.max_mg,
            min_mg=self.min_mg or 0,
            e_mg=self.e_mg,
            d_mg=self.d_mg or self.e_mg,
            accuracy_class=self.accuracy_class,
            price_computing=bool(self.price_computing),
        )

    @classmethod
    def from_body(cls, body: Body) -> Instrument:
        words = ("id", "kind", "serial", "own_no", "maker", "model", "use", "status", "region", "note", *CODES)
        price_computing, finding = body.get("price_computing"), _part(body, "finding")
        values: dict[str, Any] = {name: _text(body, name) for name in words}
        values |= {name: _maybe(body, name) for name in ("place", "stall", "accuracy_class", "photo")}
        values |= {name: _whole(body, name) for name in ("max_mg", "min_mg", "e_mg", "d_mg")}
        return cls(
            **values,
            price_computing=price_computing if isinstance(price_computing, bool) else None,
            finding=_maybe(finding, "state") if finding else None,
            custody=_custody(_part(body, "custody")),
            nozzle=_nozzle(_part(body, "nozzle")),
            label=_label(_part(body, "label")),
            verification=_verification(_part(body, "verification")),
        )


def _custody(body: Body | None) -> Custody | None:
    if body is None or not _text(body, "id"):
        return None
    return Custody(_text(body, "id"), _text(body, "kind"), _maybe(body, "owner"), _maybe(body, "user"))


def _nozzle(body: Body | None) -> Nozzle | None:
    return Nozzle(_text(body, "number"), _text(body, "product")) if body else None


def _label(body: Body | None) -> Label | None:
    serial = _whole(body, "serial") if body else None
    return Label(serial, _text(body, "short"), _text(body, "text")) if body and serial is not None else None


def _verification(body: Body | None) -> Verification | None:
    if body is None:
        return None
    return Verification(
        _text(body, "result"),
        _text(body, "document_no"),
        _day(body, "done_on"),
        _day(body, "valid_until"),
        _text(body, "body"),
    )
