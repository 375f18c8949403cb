"""The forms of the wire that this phone writes, asked of our own records before they are signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Doubts = Callable[[Mapping[str, Any]], Mapping[str, Any]]

VISIT = "visit.record/1"
REGISTER = "instrument.register/1"
BIND = "seal.bind/1"
VERIFICATION = "verification.record/1"
SWAP = "custody.swap/1"
PHYSICAL_SEAL = "physical_seal.record/1"


def require_form(kind: str, body: Mapping[str, Any]) -> None:
    """Hold our own record against the wire's form; a ValidationError here is our fault. KeyError for other kinds."""
    # Imported when first used: marshmallow is slow to import on a phone, and no screen needs it before.
    from marshmallow import Schema, ValidationError

    from shared.wire import custody, physical_seal, register, verification, visit

    forms: dict[str, tuple[type[Schema], Doubts]] = {
        VISIT: (visit.VisitSchema, _no_doubts),
        REGISTER: (register.InstrumentSchema, register.doubts),
        BIND: (register.BindSchema, register.doubts),
        VERIFICATION: (verification.VerificationSchema, verification.doubts),
        SWAP: (custody.SwapSchema, custody.doubts),
        PHYSICAL_SEAL: (physical_seal.PhysicalSealSchema, physical_seal.doubts),
    }
    schema, doubts = forms[kind]
    if wrong := doubts(schema().load(body)):
        raise ValidationError(dict(wrong))


def _no_doubts(_: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}
