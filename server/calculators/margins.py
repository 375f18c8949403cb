"""The picture of a margin on a calculator's page: only where something measured was compared with a limit."""

from __future__ import annotations

from markupsafe import Markup

from server.calculators import answers
from server.look import margin_bar_svg
from shared.conclusion import Ground

# What may err to both sides of nothing, and what may only be too much of one thing: a shortage, a spread.
BOTH_SIDES = ("point_", "corner", "phone_looks_", "phone_in_doubt", "fuel_point_", "fuel_paid_")
ONE_SIDE = (
    "retail_short_",
    "retail_weights_within",
    "retail_weights_in_doubt",
    "retail_weights_beyond",
    "lot_mean_",
    "fuel_spread_",
    "spread",
)


def is_measured(ground: Ground) -> bool:
    """Say whether a ground compares something measured with its limit; a count or a hindrance has no margin to show."""
    return str(ground.code).startswith((*BOTH_SIDES, *ONE_SIDE)) and ground.margin is not None


def margin_bar(ground: Ground, *, tone: str, label: str) -> Markup | None:
    """Draw the margin of a ground; None without one, and at a limit of nothing, which gives the picture no scale."""
    if not is_measured(ground) or ground.value is None or ground.limit is None or ground.limit.exact <= 0:
        return None
    doubt = ground.facts.get("doubt")
    exact = [ground.value.exact, ground.limit.exact, getattr(doubt, "exact", ground.limit.exact * 0)]
    by = exact[0].denominator * exact[1].denominator * exact[2].denominator
    value, limit, spread = (int(one * by) for one in exact)
    text = (answers.amount(ground.limit) or {})["text"]
    is_one_sided = str(ground.code).startswith(ONE_SIDE)
    return margin_bar_svg(
        value,
        limit,
        spread,
        tone=tone,
        label=label,
        low_text="" if is_one_sided else f"−{text}",
        high_text=text if is_one_sided else f"+{text}",
        is_one_sided=is_one_sided,
    )


def margin_text(ground: Ground, sentence: str) -> tuple[str, str] | None:
    """Return key and figure of the line below a sentence that does not name the margin itself; None: no such line."""
    if not is_measured(ground) or ground.margin is None:
        return None
    is_beyond = ground.margin.exact < 0
    told = (answers.amount(-ground.margin if is_beyond else ground.margin) or {})["text"]
    return None if told in sentence else ("tool.excess" if is_beyond else "tool.margin", told)
