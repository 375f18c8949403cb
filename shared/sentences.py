"""Sentences about verdicts, made when they are shown, for the inspector and for the stallholder.

Figures always carry their unit, with a thin space between. Errors of the trade say who is harmed: a scale that shows
too much harms the buyer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shared.amounts import Amount
from shared.conclusion import Ground, Step
from shared.errors import RuleError
from shared.keys import Revocations
from shared.quantities import mass_text
from shared.seal import STALE_AFTER_DAYS, LabelVerdict
from shared.texts import Texts
from shared.verdict import Harmed, Reason, Verdict


def kilograms(texts: Texts, mg: int, d_mg: int = 1) -> str:
    """Write a mass in kilograms with the digits of a scale of interval ``d_mg``.

    >>> from shared.texts import load
    >>> kilograms(load("zh-CN"), 10_025_000, 5_000)
    '10.025 公斤'
    """
    return texts("unit.kg", value=mass_text(mg, unit="kg", d_mg=d_mg))


def grams(texts: Texts, mg: int) -> str:
    """Write a small mass in grams."""
    return texts("unit.g", value=mass_text(mg, unit="g"))


def _signed_grams(texts: Texts, mg: int) -> str:
    return ("+" if mg > 0 else "") + grams(texts, mg)


def reason_sentence(texts: Texts, reason: Reason, d_mg: int = 1) -> str:
    """Return one ground of a verdict for the inspector: error of indication, limit, margin."""
    return texts(
        f"reason.{reason.code}",
        load=kilograms(texts, reason.load_mg),
        shown=kilograms(texts, reason.shown_mg, d_mg),
        error=_signed_grams(texts, reason.error_mg),
        limit=grams(texts, reason.limit_mg) if reason.load_mg or reason.is_point else reason.limit,
        margin=grams(texts, reason.margin_mg),
        excess=grams(texts, -reason.margin_mg),
        doubt=grams(texts, reason.doubt_mg),
        weights=grams(texts, reason.weights_mg),
        value=reason.value,
    )


def point_sentence(texts: Texts, reason: Reason, d_mg: int) -> str:
    """Return one measured point as one says it to a stallholder.

    >>> from shared.texts import load
    >>> from shared.verdict import ReasonCode
    >>> code, load_mg, error_mg = ReasonCode.POINT_BEYOND, 10_000_000, 25_000
    >>> point = Reason(code=code, load_mg=load_mg, shown_mg=10_025_000, error_mg=error_mg, limit_mg=10_000)
    >>> point_sentence(load("zh-CN"), point, 5_000)
    '放 10 公斤，显示 10.025 公斤，多显示 25 克；最多允许差 10 克。'
    """
    values = {
        "load": kilograms(texts, reason.load_mg),
        "shown": kilograms(texts, reason.shown_mg, d_mg),
        "limit": grams(texts, reason.limit_mg),
    }
    if reason.error_mg == 0:
        return texts("verdict.point_exact", **values)
    direction = texts(
        "verdict.too_much" if reason.error_mg > 0 else "verdict.too_little", error=grams(texts, abs(reason.error_mg))
    )
    return texts("verdict.point", direction=direction, **values)


def harmed_sentence(texts: Texts, reason: Reason) -> str:
    """Say who an error harms; "" where there is none."""
    return "" if reason.harmed is Harmed.NOBODY else texts(f"verdict.harmed_{reason.harmed}")


def verdict_sentence(texts: Texts, verdict: Verdict, d_mg: int) -> str:
    """Return the one sentence under a verdict: the worst point, or what is missing."""
    missing = [reason for reason in verdict.reasons if not reason.is_point]
    if missing:
        return reason_sentence(texts, missing[-1], d_mg)
    worst = verdict.worst
    return point_sentence(texts, worst, d_mg) if worst else ""


def label_sentence(texts: Texts, verdict: LabelVerdict, revoked: Revocations | None, day: date) -> str:
    """Return the words of an offline label verdict; a stale label says what is stale, and a list for how long."""
    if verdict is not LabelVerdict.GENUINE_STALE:
        return texts(f"label.{verdict}")
    if revoked is None:
        return texts("label.genuine_never_updated")
    age_days = (day - revoked.issued).days
    if age_days <= STALE_AFTER_DAYS:
        return texts("label.genuine_keys_stale")
    return texts("label.genuine_stale", days=age_days)


def amount_text(texts: Texts, amount: Amount) -> str:
    """Write an amount with its unit.

    >>> from shared.amounts import Unit
    >>> from shared.texts import load
    >>> amount_text(load("zh-CN"), Amount(19_938_000, Unit.VOLUME))
    '19.938 升'
    """
    return texts(f"unit.{amount.written_in}", value=amount.decimal)


def _facts(texts: Texts, facts: Mapping[str, Amount | int | str]) -> dict[str, object]:
    return {name: amount_text(texts, fact) if isinstance(fact, Amount) else fact for name, fact in facts.items()}


def ground_sentence(texts: Texts, ground: Ground) -> str:
    """Return one ground of a conclusion: what was compared with what, and by how much."""
    margin = ground.margin
    figures = {"value": ground.value, "limit": ground.limit, "margin": margin, "excess": -margin if margin else None}
    amounts = {name: amount for name, amount in figures.items() if amount is not None}
    return texts(f"ground.{ground.code}", **_facts(texts, {**amounts, **ground.facts}))


def step_sentence(texts: Texts, step: Step) -> str:
    """Return one line of the arithmetic."""
    return texts(f"step.{step.code}", **_facts(texts, step.facts))


def error_sentence(texts: Texts, error: RuleError) -> str:
    """Return what is wrong and what to do."""
    return texts(f"error.{error.code}", **error.values)
