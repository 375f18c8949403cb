"""The shape of each dated row, by subject; ``TABLES`` says which table of the data holds which."""

from __future__ import annotations

from shared.rules.rows import credit, scales, validity
from shared.rules.rows.credit import CreditGrade, CreditPolicy, CreditTerm
from shared.rules.rows.row import Confidence, Row
from shared.rules.rows.scales import FieldTest, InService, Regulation, ScaleMpe, WeightMpe
from shared.rules.rows.validity import Period

__all__ = [
    "TABLES",
    "Confidence",
    "CreditGrade",
    "CreditPolicy",
    "CreditTerm",
    "FieldTest",
    "InService",
    "Period",
    "Regulation",
    "Row",
    "ScaleMpe",
    "WeightMpe",
]

TABLES: dict[str, type[Row]] = {**scales.TABLES, **validity.TABLES, **credit.TABLES}
