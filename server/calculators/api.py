"""Routes of the calculators for programs: nothing is stored, nobody signs in."""

from __future__ import annotations

from typing import Any

from server.calculators import answers, schemas
from server.calculators.service import CALCULATORS
from server.clock import now
from server.openapi import V1Blueprint
from server.problems import TooLarge, TooMany, WrongType
from shared.dates import civil_day

blueprint = V1Blueprint("calculators_api", __name__, url_prefix="/api/v1/rules", description="Calculators for everyone")


@blueprint.post("/scale-check")
@blueprint.arguments(schemas.ScaleCheckSchema)
@blueprint.response(200, schemas.AnswerSchema)
@blueprint.problems(TooLarge, WrongType, TooMany)
def scale_check(body: dict[str, Any]) -> dict[str, Any]:
    """Ask what the readings of a scale under weights say."""
    return _answer("scale-check", body)


@blueprint.post("/reweigh")
@blueprint.arguments(schemas.ReweighSchema)
@blueprint.response(200, schemas.AnswerSchema)
@blueprint.problems(TooLarge, WrongType, TooMany)
def reweigh(body: dict[str, Any]) -> dict[str, Any]:
    """Ask whether goods weighed again are short by more than the law lets pass."""
    return _answer("reweigh", body)


@blueprint.post("/phone-weight")
@blueprint.arguments(schemas.PhoneWeightSchema)
@blueprint.response(200, schemas.AnswerSchema)
@blueprint.problems(TooLarge, WrongType, TooMany)
def phone_weight(body: dict[str, Any]) -> dict[str, Any]:
    """Ask what a phone of known mass tells about a scale."""
    return _answer("phone-weight", body)


@blueprint.post("/prepackage-lot")
@blueprint.arguments(schemas.PrepackageLotSchema)
@blueprint.response(200, schemas.AnswerSchema)
@blueprint.problems(TooLarge, WrongType, TooMany)
def prepackage_lot(body: dict[str, Any]) -> dict[str, Any]:
    """Ask what the contents of a sample say of a lot of prepackages."""
    return _answer("prepackage-lot", body)


@blueprint.post("/dispenser-check")
@blueprint.arguments(schemas.DispenserCheckSchema)
@blueprint.response(200, schemas.AnswerSchema)
@blueprint.problems(TooLarge, WrongType, TooMany)
def dispenser_check(body: dict[str, Any]) -> dict[str, Any]:
    """Ask what the runs of one fuel nozzle into a measure say."""
    return _answer("dispenser-check", body)


def _answer(name: str, asked: dict[str, Any]) -> dict[str, Any]:
    one = CALCULATORS[name]
    told = answers.tell(one.answer(asked, civil_day(now())))
    return told | {"inputs": answers.inputs(one.schema(), asked)}
