"""Suggestions in words, each line as it is shown; names and penalties come with the rows, in both languages.

>>> from datetime import date
>>> from shared.findings import suggest
>>> from shared.facts import Fact, Facts, Party
>>> from shared.rules import rules_on
>>> from shared.texts import load
>>> from shared.words import PlaceKind
>>> rules = rules_on(date(2026, 11, 21))
>>> overdue, *_ = suggest(Facts.of(Fact.OVERDUE), PlaceKind.MARKET, Party.STALLHOLDER, rules)
>>> suggestion_lines(load("zh-CN"), overdue)[:2]
['可能涉及：超过检定周期继续使用', '因为：检定有效期已过，仍在使用']
"""

from __future__ import annotations

from shared.findings import Suggestion
from shared.texts import Texts


def suggestion_lines(texts: Texts, suggestion: Suggestion) -> list[str]:
    """Return what may apply, why, under which clauses, at what cost, and what must be checked first."""
    name = suggestion.name(texts.language)
    lines = [texts("suggestion.violation" if suggestion.is_violation else "suggestion.other", name=name)]
    lines += [texts("suggestion.why", fact=texts(f"found.{fact}")) for fact in suggestion.why]
    lines += [texts("suggestion.basis", basis=basis) for basis in suggestion.basis]
    return [*lines, *penalty_lines(texts, suggestion), *check_lines(texts, suggestion)]


def penalty_lines(texts: Texts, suggestion: Suggestion) -> list[str]:
    """Return what it may cost now, and what once more is found; nothing where nothing is known."""
    now, later = suggestion.penalty(texts.language), suggestion.further_penalty(texts.language)
    lines = [texts("suggestion.penalty", penalty=now)] if now else []
    return [*lines, texts("suggestion.further", penalty=later)] if later else lines


def check_lines(texts: Texts, suggestion: Suggestion) -> list[str]:
    """Return what must confirm it first, what to mind, and which leniency may apply, never that it does."""
    lines = [texts("suggestion.need", need=texts(f"need.{need}")) for need in suggestion.needs]
    lines += [texts(f"caution.{caution}") for caution in suggestion.cautions]
    for reason in suggestion.leniency:
        text = reason.text_en if texts.language == "en" else reason.text_zh
        source = f"{reason.document} {reason.edition} {reason.clause}".strip()
        lines.append(texts("suggestion.leniency", text=text, source=source))
    return lines
