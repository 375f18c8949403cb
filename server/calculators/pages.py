"""Pages of the calculators: a plain form that asks by address, so that an answer can be linked; no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from markupsafe import Markup
from marshmallow import ValidationError

from server.calculators import answers, inputs, margins
from server.calculators.service import CALCULATORS
from server.calculators.tools import TOOLS
from server.clock import now
from server.language import t
from server.problems import NotFound, pointers
from shared.dates import civil_day
from shared.fuel_volume import PRICE_UNIT
from shared.prepackages import COUNT

blueprint = Blueprint("calculators", __name__)

ABOUT_THE_PAGE = ("lang",)
MOST_FIELD = 4_000
UNIT_WORDS = {
    "yuan": "tool.yuan",
    PRICE_UNIT: "tool.yuan_per_litre",
    COUNT: "tool.pieces",
    "L": "tool.litres",
    "mL": "tool.millilitres",
}


@dataclass(frozen=True)
class Shown:
    """What a page shows of an answer: its sentences, the picture of its leading margin, what was typed in kilograms.

    ``margins`` are the lines below the grounds, None where the sentence says it all.
    """

    told: dict[str, Any]
    bar: Markup | None
    margins: list[str | None]
    given: list[tuple[str, str]]


@blueprint.get("/tools")
def tools() -> str:
    """List the calculators."""
    return render_template("calculators/tools.html", names=list(TOOLS))


@blueprint.get("/tools/<name>")
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
    grounds = answer.conclusion.grounds
    sentences = [ground["sentence"] for ground in told["grounds"]]
    leading = grounds[answers.leading(answer.conclusion)]
    bar = margins.margin_bar(leading, tone=told["code"], label=told["sentence"])
    lines = [margins.margin_text(ground, sentence) for ground, sentence in zip(grounds, sentences, strict=True)]
    return Shown(told, bar, [t(line[0], margin=line[1]) if line else None for line in lines], given)
