"""Routes of the phones: enrol, challenge, token, refresh."""

from __future__ import annotations

from typing import Any

from flask import current_app, request

from server import transaction
from server.accounts import service as accounts
from server.accounts.service import Person
from server.app_versions import app_in
from server.clock import now
from server.database import begin_write, db
from server.devices import service, tokens
from server.devices.schemas import (
    ChallengeSchema,
    EnrolledSchema,
    EnrolSchema,
    RefreshSchema,
    TokenAnswerSchema,
    TokenSchema,
)
from server.openapi import V1Blueprint
from server.problems import CodeUsed, NotJson, TokenExpired, TooLarge, WrongSignIn, WrongType
from shared import signing
from shared.dates import instant_text

blueprint = V1Blueprint("devices_api", __name__, url_prefix="/api/v1/devices", description="Enrolling phones")


@blueprint.post("")
@blueprint.arguments(EnrolSchema)
@blueprint.response(201, EnrolledSchema)
@blueprint.problems(NotJson, WrongSignIn, CodeUsed, TooLarge, WrongType)
def enrol(body: dict[str, Any]) -> dict[str, Any]:
    """Enrol a phone with a one-time code."""
    begin_write()
    caller = service.enrol(db.session(), **body, now=now())
    answer = {"person": person_json(caller.person), "server_time": instant_text(now())}
    transaction.commit(db.session(), now())
    keyring = current_app.extensions["dingpan"].keyring
    return answer | {
        "root": signing.encode_base64(keyring.root_public),
        "keys": keyring.key_set_document,
        "revoked": keyring.revoked_document,
    }


@blueprint.get("/challenge")
@blueprint.response(200, ChallengeSchema)
def challenge() -> dict[str, Any]:
    """Get a text to sign; good for two minutes."""
    return {"challenge": service.challenge(), "server_time": instant_text(now())}


@blueprint.post("/token")
@blueprint.arguments(TokenSchema)
@blueprint.response(200, TokenAnswerSchema)
@blueprint.problems(NotJson, WrongSignIn, TooLarge, WrongType)
def token(body: dict[str, Any]) -> dict[str, Any]:
    """Get an access token for a quarter of an hour, and a refresh token, by signing a challenge."""
    device_id, person_id, challenge = body["device_id"], body["person_id"], body["challenge"]
    service.require_challenge(challenge)
    message = f"{device_id}\n{person_id}\n{challenge}\n"
    tokens.require_signed(db.session(), device_id, signing.TOKEN, message, body["signature"])
    begin_write()
    return _given(tokens.begin_family(db.session(), device_id, person_id, now()))


@blueprint.post("/refresh")
@blueprint.arguments(RefreshSchema)
@blueprint.response(200, TokenAnswerSchema)
@blueprint.problems(NotJson, WrongSignIn, TokenExpired, TooLarge, WrongType)
def refresh(body: dict[str, Any]) -> dict[str, Any]:
    """Get the next tokens for a refresh token, which is good once."""
    device_id, presented = body["device_id"], body["refresh_token"]
    message = f"{device_id}\n{presented}\n"
    tokens.require_signed(db.session(), device_id, signing.REFRESH, message, body["signature"])
    begin_write()
    issued = tokens.refresh(db.session(), device_id, presented, now())
    if issued is None:
        transaction.commit(db.session(), now())
        raise TokenExpired
    return _given(issued)


def _given(issued: tokens.Issued) -> dict[str, Any]:
    """Commit, and return what the phone is given; a suspended one is told of no colleagues and no relations.

    From whom somebody stands back goes to their own phone alone: never into the feed, which a whole region reads.
    """
    device, person = issued.caller.device, issued.caller.person
    tokens.note_seen(device, now(), app_in(request.user_agent.string))
    around = [] if device.is_suspended else accounts.colleagues(db.session(), person)
    recusals = [] if device.is_suspended else accounts.recusals_of(db.session(), [person.id])
    answer = {
        "token": issued.access,
        "expires_in_s": int(service.TOKEN_LASTS.total_seconds()),
        "refresh_token": issued.refresh,
        "suspended": device.is_suspended,
        "server_time": instant_text(now()),
        "person": person_json(person),
        "colleagues": [person_json(one) for one in around],
        "recused_from": sorted({row.party_id for row in recusals}),
    }
    transaction.commit(db.session(), now())
    return answer


def person_json(person: Person) -> dict[str, str]:
    """Return somebody of the staff as phones know them."""
    unit = person.unit.name if person.unit else ""
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "card_no": person.card_no,
        "unit_name": unit,
    }
