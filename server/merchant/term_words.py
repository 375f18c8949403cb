"""The words of a credit term, as its merchant reads them."""

from __future__ import annotations

from server.language import t
from server.merchant.service import OwnTerm
from shared.credit import State


def points(thousandths: int) -> str:
    """Write points with their sign, whole points cut off towards zero.

    >>> [points(value) for value in (3_999, -18_000, 0)]
    ['+3', '−18', '0']
    """
    whole = abs(thousandths) // 1000
    sign = "" if whole == 0 else "+" if thousandths > 0 else "−"
    return f"{sign}{whole}"


def what(row: OwnTerm) -> str:
    """Say what happened, and which document settled it."""
    text = t(f"credit.{row.term.code}")
    return t("own.by_document", what=text, no=row.document_no) if row.document_no else text


def note(row: OwnTerm) -> str:
    """Say how long a term counts, or why it does not."""
    if row.term.state is State.PROVISIONAL:
        return t("own.provisional", date=row.objection_until)
    if row.term.state is State.VOID:
        return t("own.void")
    if row.is_capped:
        return t("own.capped")
    return t("own.fades", date=row.term.fades_on)
