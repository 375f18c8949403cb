"""Sentences about mandatory verification, made when they are shown; public ones say facts of the register alone."""

from __future__ import annotations

from shared.catalogue import Answer, Due, Mandate, PublicWords
from shared.rules.rows import Transition
from shared.texts import Texts


def mandate_sentence(texts: Texts, mandate: Mandate) -> str:
    """Say whether verification is mandatory, how, and at most how long it lasts.

    >>> from datetime import date
    >>> from shared.catalogue import mandate
    >>> from shared.rules import rules_on
    >>> from shared.texts import load
    >>> mandate_sentence(load("zh-CN"), mandate("scale", "trade", rules_on(date(2026, 11, 21))))
    '属于强制检定：周期检定，一般不超过 12 个月。'
    """
    if mandate.answer is not Answer.MANDATORY or mandate.mode is None:
        return texts(f"mandate.{mandate.answer}")
    mode = texts(f"verification_mode.{mandate.mode}")
    if mandate.months is None:
        return texts("mandate.mandatory", mode=mode)
    return texts("mandate.mandatory_months", mode=mode, months=mandate.months)


def due_sentence(texts: Texts, due: Due) -> str:
    """Say how an instrument stands; why, where it is not due or nobody can say."""
    if due.why:
        return texts(f"not_due.{due.why}")
    return texts(f"due.{due.code}", date=due.until.isoformat() if due.until else "", days=due.days)


def public_sentence(texts: Texts, words: PublicWords) -> str:
    """Say what a public page may say."""
    return texts(f"public_word.{words.code}", date=words.until.isoformat() if words.until else "", days=words.days)


def transition_sentence(texts: Texts, row: Transition) -> str:
    """Say what changes, with its first and last day."""
    last = row.valid_to.isoformat() if row.valid_to else ""
    return texts(f"transition.{row.code}", first=row.valid_from.isoformat(), last=last)
