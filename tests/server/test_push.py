"""Pushing field records: what is taken in, what follows from it, and how each op is answered."""

from __future__ import annotations

import json

from server.credit.models import CreditEvent
from server.database import db
from server.findings.models import Finding
from server.inspections.models import Check
from shared import ops, signing
from shared.words import VerificationResult
from tests.server.world import BEYOND, GOOD, World


def test_a_beyond_check_is_suspected_and_provisional(world: World) -> None:
    phone = world.phone()
    body = world.visit(world.check(BEYOND))
    (answer,) = phone.answers(phone.op("visit.record/1", body))
    assert answer["status"] == "applied", answer
    check = db.session.query(Check).one()
    assert (check.verdict, check.device_verdict, check.is_disputed) == ("beyond", "beyond", False)
    assert db.session.query(Finding).one().state == "suspected"
    event = db.session.query(CreditEvent).one()
    assert (event.state, event.code) == ("provisional", "beyond_limits")


def test_sending_the_same_op_twice_keeps_one_and_answers_alike(world: World) -> None:
    phone = world.phone()
    op = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    (first,) = phone.answers(op)
    (second,) = phone.answers(op)
    assert (first["status"], second["status"]) == ("applied", "duplicate")
    assert first["receipt"] == second["receipt"]
    assert db.session.query(Check).count() == 1


def test_a_failed_verification_confirms_and_a_receipt_verifies(world: World) -> None:
    phone = world.phone()
    response = phone.push(phone.op("visit.record/1", world.visit(world.check(BEYOND))))
    receipt = response.json["results"][0]["receipt"]
    keyring = world.app.extensions["dingpan"].keyring
    key = next(key for key in keyring.key_set.keys if key.id == receipt["key_id"])
    assert ops.receipt_is_good(receipt, key.public)
    assert json.loads(receipt["body"])["outcome"] == "applied"
    assert signing.decode_base64(response.json["tree_head"]["root"])
    world.verify(VerificationResult.FAILED, "N-1")
    assert db.session.query(Finding).one().state == "confirmed"
    assert {event.state for event in db.session.query(CreditEvent)} == {"provisional", "confirmed"}
