"""What a rule tells, line by line, as people read it: the form of ``told.csv`` and the table as it stands.

The table is written anew with ``python -m tests.rules.told_write``. It must then be READ, not just written: every line
of the difference as a metrologist (is the figure right by hand, its unit, its direction, its document?) and as a
stallholder (is it clear, and what is to be done?). A table nobody read proves nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from shared.amounts import Amount
from shared.conclusion import Conclusion, Ground, Harmed, Step
from shared.errors import RuleError
from shared.rules.rows import Row
from shared.scales import Scale
from shared.sentences import (
    error_sentence,
    ground_sentence,
    harmed_sentence,
    point_sentence,
    reason_sentence,
    step_sentence,
    verdict_sentence,
)
from shared.texts import LANGUAGES, Texts, load
from shared.verdict import Reason, Verdict

FIELDS = ("case", "part", "code", "outcome", "harmed", "confirmed", "margin", "rows", "zh", "en")
MISTAKE_FIELDS = ("code", "values", "zh", "en")
TEXTS = [load(language) for language in LANGUAGES]

Line = dict[str, str]
Case = Callable[[], Conclusion | tuple[Verdict, Scale]]


def path_of(name: str) -> Path:
    """Return the place of a table."""
    return Path(__file__).with_name(f"{name}.csv")


def read(name: str) -> list[Line]:
    """Return the lines of a table."""
    with path_of(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name: str, fields: Iterable[str], lines: Iterable[Line]) -> None:
    """Write a table anew."""
    with path_of(name).open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, fields, lineterminator="\n")
        table.writeheader()
        table.writerows(lines)


def lines_of(case: str, told: Conclusion | tuple[Verdict, Scale]) -> list[Line]:
    """Return the lines of one case: its conclusion first, then each ground (or reason and point) and each step."""
    if isinstance(told, Conclusion):
        grounds = (_ground(case, ground) for ground in told.grounds)
        return [_conclusion(case, told), *grounds, *(_step(case, step) for step in told.steps)]
    verdict, scale = told
    return [
        _verdict(case, verdict, scale),
        *(line for reason in verdict.reasons for line in _reason(case, reason, scale.part(reason.shown_mg).d_mg)),
    ]


def mistake_line(error: RuleError) -> Line:
    """Return the line of one mistake: its values as they are, and its sentence."""
    values = "; ".join(f"{name}={value!r}" for name, value in sorted(error.values.items()))
    return _line(code=error.code, values=values, **_both(lambda texts: error_sentence(texts, error)))


def _line(**cells: str) -> Line:
    return cells


def _both(told: Callable[[Texts], str]) -> Mapping[str, str]:
    zh, en = (told(texts) for texts in TEXTS)
    return {"zh": zh, "en": en}


def _cells(**cells: str) -> Line:
    return dict.fromkeys(FIELDS, "") | cells


def _documents(rows: Iterable[Row]) -> str:
    return "; ".join(f"{row.document} {row.edition} {row.clause}".strip() for row in rows)


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _conclusion(case: str, told: Conclusion) -> Line:
    return _cells(
        case=case,
        part="conclusion",
        code=told.code,
        harmed=told.harmed,
        confirmed=_yes(told.is_confirmed),
        rows=_documents(told.rests_on),
    )


def _ground(case: str, ground: Ground) -> Line:
    return _cells(
        case=case,
        part="ground",
        code=ground.code,
        outcome=ground.outcome,
        harmed=ground.harmed,
        confirmed=_yes(ground.is_confirmed),
        margin=_figure(ground.margin),
        rows="; ".join(ground.documents),
        **_both(lambda texts: ground_sentence(texts, ground)),
    )


def _figure(amount: Amount | None) -> str:
    return "" if amount is None else f"{amount.decimal} {amount.written_in}"


def _step(case: str, step: Step) -> Line:
    return _cells(case=case, part="step", code=step.code, **_both(lambda texts: step_sentence(texts, step)))


def _verdict(case: str, verdict: Verdict, scale: Scale) -> Line:
    return _cells(
        case=case,
        part="conclusion",
        code=verdict.code,
        harmed=verdict.harmed,
        confirmed=_yes(verdict.is_confirmed),
        **_both(lambda texts: verdict_sentence(texts, verdict, scale.d_mg)),
    )


def _reason(case: str, reason: Reason, d_mg: int) -> list[Line]:
    line = _cells(
        case=case,
        part="reason",
        code=reason.code,
        harmed=reason.harmed,
        confirmed=_yes(reason.is_confirmed),
        margin=f"{reason.margin_mg} mg" if reason.is_point else "",
        rows="; ".join(filter(None, (reason.document, reason.clause))),
        **_both(lambda texts: reason_sentence(texts, reason, d_mg)),
    )
    if not reason.is_point:
        return [line]
    point = _both(lambda texts: f"{point_sentence(texts, reason, d_mg)} {_harmed(texts, reason)}".strip())
    return [line, _cells(case=case, part="point", code=reason.code, **point)]


def _harmed(texts: Texts, reason: Reason) -> str:
    return "" if reason.harmed is Harmed.NOBODY else harmed_sentence(texts, reason)
