"""Pages of the calculators: a plain form that asks by address, so that an answer can be linked; no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from markupsafe import Markup
from marshmallow import ValidationError

from server.calculators import answers, inputs
from server.calculators.service import CALCULATORS, Answer
from server.calculators.tools import TOOLS
from server.clock import now
from server.language import t
from server.limits import CALCULATIONS, limiter
from server.look import margin_bar_svg
from server.problems import NotFound, pointers
from shared.conclusion import Ground
from shared.dates import civil_day
from shared.fuel_volume import PRICE_UNIT
from shared.prepackages import COUNT

blueprint = Blueprint("calculators", __name__)

ABOUT_THE_PAGE = ("lang",)
# What errs to both sides of nothing; a shortage or a count has one limit.
ONE_SIDED = ("retail_", "lot_", "tare_", "fuel_spread")
MOST_FIELD = 4_000
UNIT_WORDS = {"yuan": "tool.yuan", PRICE_UNIT: "tool.yuan_per_litre", COUNT: "tool.pieces"}


@dataclass(frozen=True)
class Shown:
    """What a page shows of an answer: its sentences, the picture of its leading margin, what was typed in kilograms."""

    told: dict[str, Any]
    bar: Markup | None
    given: list[tuple[str, str]]


@blueprint.get("/tools")
def tools() -> str:
    """List the calculators."""
    return render_template("calculators/tools.html", names=list(TOOLS))


@blueprint.get("/tools/<name>")
@limiter.limit(CALCULATIONS)
def tool(name: str) -> str:
    """Show one calculator: the answer first where something was asked, then its form."""
    if name not in TOOLS:
        raise NotFound
    groups = TOOLS[name]()
    typed = {key: value[:MOST_FIELD] for key, value in request.args.items() if key not in ABOUT_THE_PAGE}
    filled, names = inputs.read(groups, typed)
    shown = _answer(name, groups, filled, names) if typed else None
    return render_template(
        "calculators/tool.html", name=name, groups=groups, filled=filled, shown=shown, unit_words=unit_words
    )


def unit_words(unit: str) -> str:
    """Return what a unit is called where its sign is no word of the page."""
    key = UNIT_WORDS.get(unit)
    return t(key) if key else unit


def _answer(name: str, groups: list[inputs.Group], filled: inputs.Filled, names: dict[str, str]) -> Shown | None:
    one = CALCULATORS[name]
    schema = one.schema()
    try:
        asked = schema.load(filled.body)
        answer = one.answer(asked, civil_day(now()))
    except ValidationError as error:
        messages = error.normalized_messages()  # type: ignore[no-untyped-call]
        inputs.place_errors(filled, names, groups, pointers(messages))
        return None
    told = answers.tell(answer)
    labels = {field.name: field.words for field in inputs.every(groups)}
    given = [
        (labels[names[place]], row["text"])
        for row in answers.inputs(schema, asked)
        if (place := next((place for place in names if row["pointer"] == place), None))
    ]
    return Shown(told, _bar(answer, told), given)


def _bar(answer: Answer, told: dict[str, Any]) -> Markup | None:
    """Draw the margin of the ground that says most; None where nothing was compared with a limit above nothing."""
    ground = answer.conclusion.grounds[answers.leading(answer.conclusion.grounds)]
    if ground.value is None or ground.limit is None or ground.limit.exact <= 0:
        return None
    doubt = ground.facts.get("doubt")
    exact = [ground.value.exact, ground.limit.exact, getattr(doubt, "exact", ground.limit.exact * 0)]
    by = exact[0].denominator * exact[1].denominator * exact[2].denominator
    value, limit, spread = (int(one * by) for one in exact)
    high = _limit_text(ground)
    return margin_bar_svg(
        value,
        limit,
        spread,
        tone=told["code"],
        label=told["sentence"],
        low_text="" if str(ground.code).startswith(ONE_SIDED) else f"−{high}",
        high_text=high if str(ground.code).startswith(ONE_SIDED) else f"+{high}",
    )


def _limit_text(ground: Ground) -> str:
    told = answers.amount(ground.limit) or {"text": ""}
    return told["text"]
