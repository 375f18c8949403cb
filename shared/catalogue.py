"""What is under mandatory verification, whether one is due, and what a public page may say of it.

Source: 计量法 (2018) article 9 asks for the verification of what the list names; the list is
市场监管总局公告2020年第42号《实施强制管理的计量器具目录》. It could not be read: ``rules/cn/catalogue.toml`` is
partial, so a kind that stands nowhere in it is unknown, never free. How long a verification lasts stands in
``rules/cn/validity.toml``. Only instruments in trade use (fair scales included) that are in use are due at all.

>>> from shared.rules import rules_on
>>> rules = rules_on(date(2026, 11, 21))
>>> mandate("scale", "trade", rules).answer.value, mandate("scale", "internal", rules).answer.value
('mandatory', 'not_for_this_use')
>>> mandate("teapot", "trade", rules).answer.value
'unknown'
>>> due_on("scale", rules, use="trade", status="in_use", done_on=date(2025, 11, 21)).code.value
'overdue'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.errors import EndsBeforeItBegins, NoRule, UnknownStatus, UnknownUse
from shared.rules import Rules, rules_on
from shared.rules.rows import Catalogued, Regulation, Row, Transition
from shared.validity import state_on, valid_until
from shared.words import InstrumentStatus, Use


class Answer(StrEnum):
    """Whether the law asks for the verification of a kind in a use."""

    MANDATORY = "mandatory"
    NOT_FOR_THIS_USE = "not_for_this_use"
    UNKNOWN = "unknown"


class Mode(StrEnum):
    """How a kind is verified: again and again; once, then used for a limited time; once, then until inaccurate."""

    PERIODIC = "periodic"
    FIRST_THEN_ROTATION = "first_then_rotation"
    FIRST_THEN_SCRAP = "first_then_scrap"


class DueCode(StrEnum):
    """How an instrument stands with its mandatory verification on a day."""

    IN_DATE = "in_date"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    NEVER_VERIFIED = "never_verified"
    NOT_DUE = "not_due"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why an instrument is not due, or why nobody can say."""

    STATUS = "status"
    USE = "use"
    FIRST_ONLY = "first_only"
    USE_MISSING = "use_missing"
    NOT_IN_TABLE = "not_in_table"
    PERIOD_UNKNOWN = "period_unknown"
    VERIFIED_LATER = "verified_later"


class PublicWord(StrEnum):
    """All that a public page may say of verification: facts of the register, never 合格 and never a breach.

    The first four are spelled like ``Validity`` and like the states of the label's page.
    """

    IN_DATE = "in_date"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    NEVER_VERIFIED = "never_verified"
    NOT_IN_USE = "not_in_use"
    NOT_IN_TRADE = "not_in_trade"
    VERIFIED_ONCE = "verified_once"
    ON_RECORD = "on_record"
    NOTHING_SAID = "nothing_said"


@dataclass(frozen=True)
class Mandate:
    """Whether verification is mandatory, how, and at most how many months it lasts; None where unknown."""

    answer: Answer
    mode: Mode | None
    months: int | None
    rows: tuple[Row, ...]

    @property
    def is_confirmed(self) -> bool:
        """False when a row is from memory or unknown, and where there is none."""
        return bool(self.rows) and all(row.confidence.is_confirmed for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class Due:
    """How an instrument stands on ``day``: ``until`` is the last day of its verification, ``why`` the ground of a no.

    ``mandate`` is None where the status alone answers.
    """

    code: DueCode
    day: date
    why: Why | None = None
    until: date | None = None
    mandate: Mandate | None = None

    @property
    def days(self) -> int:
        """Days until the last day, or since it; 0 where it is unknown."""
        return abs((self.until - self.day).days) if self.until else 0

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.mandate.rows if self.mandate else ()

    @property
    def is_confirmed(self) -> bool:
        """An unconfirmed answer is for guidance: nobody is blamed by it."""
        return self.mandate is None or self.mandate.is_confirmed


@dataclass(frozen=True)
class PublicWords:
    """What a public page may say, with the date and days its sentence needs."""

    code: PublicWord
    until: date | None
    days: int
    is_confirmed: bool


def mandate(kind: str, use: str | None, rules: Rules, *, price_computing: bool = False) -> Mandate:
    """Say whether verification of ``kind`` in ``use`` is mandatory on the day of the rules.

    Source: 公告2020年第42号, read in parts. Unknown: no use is known, the kind is not in the table, or what was read of
    the list leaves it out. ``price_computing`` adds the regulation that judges such a scale. Raises UnknownUse for a
    use that is no word of the register and NoRule on a day before the list.

    >>> from shared.rules import rules_on
    >>> charger = mandate("dc_charger", "trade", rules_on(date(2023, 1, 1)))
    >>> charger.answer.value, charger.months
    ('mandatory', 36)
    >>> mandate("dc_charger", "trade", rules_on(date(2022, 12, 31))).answer.value
    'unknown'
    >>> mandate("scale", "weighing", rules_on(date(2026, 11, 21)))
    Traceback (most recent call last):
    shared.errors.UnknownUse: ('unknown_use', {'text': 'weighing'})
    """
    table = rules.all_of(Catalogued)
    if not table:
        raise NoRule(what="catalogue", day=rules.day.isoformat())
    if use and use not in list(Use):
        raise UnknownUse(text=use)
    known = tuple(row for row in table if row.kind == kind)
    period = rules.period(kind)
    months = period.months if period else None
    listed = tuple(row for row in known if row.is_listed)
    if not listed or not use:
        return Mandate(Answer.UNKNOWN, None, months, known)
    fitting = [row for row in listed if use in row.uses]
    if not fitting:
        return Mandate(Answer.NOT_FOR_THIS_USE, None, None, listed)
    basis = [fitting[-1], period, _regulation(kind, rules, price_computing=price_computing)]
    return Mandate(Answer.MANDATORY, Mode(fitting[-1].mode), months, tuple(row for row in basis if row))


def _regulation(kind: str, rules: Rules, *, price_computing: bool) -> Regulation | None:
    """Return the regulation that judges the kind; None where none is among the rules."""
    rows = [row for row in rules.all_of(Regulation) if row.kind == kind and price_computing in row.price_computing]
    return rows[-1] if rows else None


def transitions(kind: str, rules: Rules, *, price_computing: bool) -> tuple[Transition, ...]:
    """Return what holds on the day of the rules because one regulation gives way to another, in order of code.

    Source: JJF 2184-2025 and JJG 1204-2025, as reported; most of it is unconfirmed and its rows say so.

    >>> from shared.rules import rules_on
    >>> [row.code for row in transitions("scale", rules_on(date(2027, 1, 8)), price_computing=True)]
    ['networked_in_use', 'new_models_only', 'old_models_not_sold']
    >>> transitions("scale", rules_on(date(2027, 1, 8)), price_computing=False)
    ()
    """
    rows = [row for row in rules.all_of(Transition) if row.kind == kind and price_computing in row.price_computing]
    return tuple(sorted(rows, key=lambda row: row.code))


def last_day(kind: str, done_on: date, region: str = "") -> date | None:
    """Return the last day of a verification by the period of the day it was done; None where no period is known.

    >>> last_day("fuel_nozzle", date(2026, 6, 15)).isoformat()
    '2026-12-14'
    >>> last_day("lng_dispenser", date(2026, 6, 15)) is None
    True
    """
    period = rules_on(done_on, region).period(kind)
    return valid_until(done_on, period.months) if period else None


def due_on(
    kind: str,
    rules: Rules,
    *,
    use: str | None,
    status: str,
    done_on: date | None = None,
    until: date | None = None,
    price_computing: bool = False,
) -> Due:
    """Say how an instrument stands with its mandatory verification on the day of the rules.

    ``done_on`` is the day of the last verification that was passed, ``until`` its last day where the certificate names
    one; without both none is on record. Source of the periods: the rows of ``Period``. In doubt (the kind is not in
    the table, no period is known, the verification is later than the day asked) the answer is unknown, never overdue.
    Raises UnknownUse, UnknownStatus, NoRule, and EndsBeforeItBegins for a last day before the verification.

    >>> from shared.rules import rules_on
    >>> rules = rules_on(date(2026, 11, 21))
    >>> due_on("scale", rules, use="trade", status="in_use", done_on=date(2025, 11, 22)).code.value
    'due_soon'
    >>> due_on("scale", rules, use="trade", status="stopped").why.value
    'status'
    """
    if status not in list(InstrumentStatus):
        raise UnknownStatus(text=status)
    if done_on and until and until < done_on:
        raise EndsBeforeItBegins(first=done_on.isoformat(), last=until.isoformat())
    until = until or (last_day(kind, done_on, rules.region) if done_on else None)
    if status != InstrumentStatus.IN_USE:
        return Due(code=DueCode.NOT_DUE, day=rules.day, why=Why.STATUS, until=until)
    asked = mandate(kind, use, rules, price_computing=price_computing)
    code, why = _standing(asked, use, rules.day, done_on, until)
    return Due(code=code, day=rules.day, why=why, until=until, mandate=asked)


def _standing(
    asked: Mandate, use: str | None, day: date, done_on: date | None, until: date | None
) -> tuple[DueCode, Why | None]:
    if asked.answer is Answer.NOT_FOR_THIS_USE:
        return DueCode.NOT_DUE, Why.USE
    if asked.answer is Answer.UNKNOWN:
        return DueCode.UNKNOWN, Why.NOT_IN_TABLE if use else Why.USE_MISSING
    if done_on and done_on > day:
        return DueCode.UNKNOWN, Why.VERIFIED_LATER
    if done_on is None and until is None:
        return DueCode.NEVER_VERIFIED, None
    if asked.mode is Mode.FIRST_THEN_SCRAP:
        return DueCode.NOT_DUE, Why.FIRST_ONLY
    if until is None:
        return DueCode.UNKNOWN, Why.PERIOD_UNKNOWN
    return DueCode(state_on(day, until).value), None


_PUBLIC_NO = {
    Why.STATUS: PublicWord.NOT_IN_USE,
    Why.USE: PublicWord.NOT_IN_TRADE,
    Why.FIRST_ONLY: PublicWord.VERIFIED_ONCE,
}


def public_words(due: Due) -> PublicWords:
    """Return what a public page may say: a code of a closed list, and no more than the register knows.

    Where nobody can say whether a verification is due, a last day on record is told as such and not judged. Nothing is
    ever called 合格, and an overdue date is a date, not a breach.

    >>> from shared.rules import rules_on
    >>> rules = rules_on(date(2026, 11, 21))
    >>> public_words(due_on("teapot", rules, use="trade", status="in_use", until=date(2026, 1, 1))).code.value
    'on_record'
    >>> public_words(due_on("teapot", rules, use="trade", status="in_use")).code.value
    'nothing_said'
    """
    if due.why is None:
        code = PublicWord(due.code.value)
    elif due.why in _PUBLIC_NO:
        code = _PUBLIC_NO[due.why]
    else:
        code = PublicWord.ON_RECORD if due.until else PublicWord.NOTHING_SAID
    return PublicWords(code, due.until, due.days, due.is_confirmed)
