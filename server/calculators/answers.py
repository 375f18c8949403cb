"""What a calculator found, in words and figures: the one answer that programs read and that the page shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from marshmallow import Schema, fields

from server.calculators.fields import Quantity
from server.calculators.service import Answer
from server.language import current, t
from shared import sentences
from shared.amounts import Amount, Unit, decimal_text
from shared.conclusion import Conclusion, Ground
from shared.phone_weight import PhoneGround

PLACES = 9
# The unit programs get, whatever the size: (smallest units in one, its name).
WHOLE = {
    Unit.MASS: (1_000_000, "kg"),
    Unit.VOLUME: (1_000_000, "L"),
    Unit.LENGTH: (1_000, "mm"),
    Unit.AREA: (100, "cm2"),
    Unit.COUNT: (1, "count"),
    Unit.MONEY: (100, "yuan"),
    Unit.PRICE: (100, "yuan/kg"),
    Unit.PRICE_PER_LITRE: (100, "yuan/L"),
    Unit.TEMPERATURE: (1_000, "°C"),
    Unit.RATIO: (1, "1"),
}


def tell(answer: Answer) -> dict[str, Any]:
    """Return an answer with its sentences in the language of the request, but for what was asked."""
    found, rules = answer.conclusion, answer.rules
    told = [ground_text(answer, place) for place in range(len(found.grounds))]
    first = leading(found)
    return {
        "code": found.code.value,
        "word": t(f"tool_word.{_word(answer)}"),
        "sentence": _sentence(answer, told, first),
        "harmed": found.harmed.value,
        "is_confirmed": found.is_confirmed,
        "caution": t("tool.caution") if found.is_confirmed else t("tool.caution_unconfirmed"),
        "ruleset": found.ruleset,
        "day": rules.day.isoformat(),
        "region": rules.region,
        "grounds": [_ground(ground, text) for ground, text in zip(found.grounds, told, strict=True)],
        "steps": list(_steps(answer)),
    }


def _word(answer: Answer) -> str:
    """A phone never decides anything, so it has words of its own."""
    phones = [ground.code for ground in answer.conclusion.grounds if ground.code in set(PhoneGround)]
    return str(phones[0]) if phones else answer.conclusion.code.value


def leading(found: Conclusion) -> int:
    """Return the place of the ground that says why it was so concluded, with the least share of its limit left."""
    grounds = found.grounds
    return min(range(len(grounds)), key=lambda place: (grounds[place].outcome is not found.code, _left(grounds[place])))


def _left(ground: Ground) -> Fraction:
    margin, limit = ground.margin, ground.limit
    return Fraction(margin.exact, limit.exact) if margin and limit and limit.exact > 0 else Fraction(1)


def _sentence(answer: Answer, told: Sequence[str], first: int) -> str:
    points = [reason for reason in answer.reasons if reason.is_point]
    is_point = first < len(answer.reasons) and answer.reasons[first].is_point
    if points and is_point:
        return sentences.point_sentence(current(), answer.reasons[first], answer.d_mg)
    return told[first]


def ground_text(answer: Answer, place: int) -> str:
    """Return the sentence of one ground."""
    if place < len(answer.reasons):
        return sentences.reason_sentence(current(), answer.reasons[place], answer.d_mg)
    return sentences.ground_sentence(current(), answer.conclusion.grounds[place])


def _steps(answer: Answer) -> Iterator[str]:
    texts = current()
    for reason in answer.reasons:
        if reason.is_point:
            yield t(
                "tool.step_point",
                shown=sentences.kilograms(texts, reason.shown_mg, answer.d_mg),
                load=sentences.kilograms(texts, reason.load_mg),
                error=sentences.grams(texts, reason.error_mg),
                limit=sentences.grams(texts, reason.limit_mg),
                doubt=sentences.grams(texts, reason.doubt_mg),
            )
    yield from (sentences.step_sentence(texts, step) for step in answer.conclusion.steps)


def _ground(ground: Ground, sentence: str) -> dict[str, Any]:
    return {
        "code": str(ground.code),
        "outcome": ground.outcome.value,
        "sentence": sentence,
        "value": amount(ground.value),
        "limit": amount(ground.limit),
        "margin": amount(ground.margin),
        "harmed": ground.harmed.value,
        "is_confirmed": ground.is_confirmed,
        "documents": ground.documents,
    }


def amount(given: Amount | None) -> dict[str, str] | None:
    """Return an amount for programs and people; None where there is none."""
    if given is None:
        return None
    by, unit = WHOLE[given.unit]
    text = decimal_text(Fraction(given.exact, by), PLACES)
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return {"value": plain, "unit": unit, "text": sentences.amount_text(current(), given)}


def inputs(schema: Schema, asked: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return every quantity of what was asked as it was understood: masses in kilograms whatever was typed."""
    return list(_inputs(schema, asked, ""))


def _inputs(schema: Schema, asked: Mapping[str, Any], at: str) -> Iterator[dict[str, str]]:
    for name, field in schema.load_fields.items():
        if name in asked:
            yield from _input(field, asked[name], f"{at}/{name}")


def _input(field: Any, value: Any, at: str) -> Iterator[dict[str, str]]:
    if isinstance(field, fields.Nested):
        yield from _inputs(field.schema, value, at)
    elif isinstance(field, fields.List):
        for number, one in enumerate(value):
            yield from _input(field.inner, one, f"{at}/{number}")
    elif isinstance(field, Quantity):
        given = field.amount(value)
        text = sentences.kilograms(current(), value) if given.unit is Unit.MASS and isinstance(value, int) else None
        yield {"pointer": at, **(amount(given) or {}), **({"text": text} if text else {})}
