"""What to look at and to try on one instrument, in order: marks, seals, boards, tests, known tricks.

Source: ``rules/cn/checklists.toml`` (marks: JJG 539-2016 6.4.2; the new type: JJF 2184-2025; seal places: JJG 443-2023)
and the cheat library ``rules/cn/cheats.toml``; the order is ours. An item says what to do and to which fact
(``shared.facts``) a failure may point; it decides nothing. A dispenser that passes its test is not cleared: its list
says so and looks at boards, encoder and station computer.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> [item.id for item in checklist("scale", rules_on(date(2026, 11, 21)))][:4]
['label', 'certificate', 'certificate_date', 'plate']
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from shared.errors import NoRule
from shared.rules import Rules
from shared.rules.rows import Asked, Cheat, ChecklistItem


def checklist(
    kind: str,
    rules: Rules,
    *,
    maker: str = "",
    model: str = "",
    extra: Iterable[Cheat] = (),
    price_computing: bool | None = None,
) -> tuple[Asked, ...]:
    """Return the items for a kind on the day of the rules, in order of step and id, each id once.

    A cheat that names a maker or model comes for that one alone, spelled with any spaces, case or width. ``extra`` are
    cheats that sync brought (``shared.cheats``); one whose id stands in the list already changes nothing. Of two with
    one id the later one holds. ``price_computing`` None: not known, items of both. Raises NoRule for a kind without a
    list on this day: never an empty list.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> ids = {item.id for item in checklist("fuel_nozzle", rules_on(date(2026, 11, 21)))}
    >>> {"station_writes", "test_clears_nothing"} <= ids
    True
    >>> checklist("teapot", rules_on(date(2026, 11, 21)))
    Traceback (most recent call last):
    shared.errors.NoRule: ('no_rule', {'what': 'teapot', 'day': '2026-11-21'})
    """
    found: dict[str, Asked] = {
        item.id: item
        for item in rules.all_of(ChecklistItem)
        if kind in item.kinds and (price_computing is None or price_computing in item.price_computing)
    }
    if not found:
        raise NoRule(what=kind, day=rules.day.isoformat())
    found |= {cheat.id: cheat for cheat in rules.all_of(Cheat) if _is_met(cheat, kind, maker, model)}
    for cheat in sorted(extra, key=lambda cheat: (cheat.valid_from, repr(cheat)), reverse=True):
        if cheat.holds(rules.day, rules.region) and _is_met(cheat, kind, maker, model):
            found.setdefault(cheat.id, cheat)
    return tuple(sorted(found.values(), key=lambda item: (item.step, item.id)))


def _is_met(cheat: Cheat, kind: str, maker: str, model: str) -> bool:
    named = (cheat.maker, maker), (cheat.model, model)
    return kind in cheat.kinds and all(not wanted or _plain(wanted) == _plain(given) for wanted, given in named)


def _plain(name: str) -> str:
    """Return a maker's or model's name as it is compared: NFKC, no case, no white space."""
    return "".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


def words_of(item: Asked, language: str) -> str:
    """Return what to do, in the language of the screen; Chinese unless it is English.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> words_of(checklist("scale", rules_on(date(2026, 11, 21)))[4], "zh-CN")
    '铭牌上有型式批准标志（CPA）和编号。'
    """
    return item.en if language == "en" else item.zh
