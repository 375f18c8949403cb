"""The shape of each dated row, by subject; ``TABLES`` says which table of the data holds which."""

from __future__ import annotations

from shared.rules.rows import checklists, credit, dispensers, findings, prepackages, retail, scales, validity
from shared.rules.rows.checklists import Asked, Cheat, ChecklistItem
from shared.rules.rows.credit import CreditGrade, CreditPolicy, CreditTerm
from shared.rules.rows.dispensers import (
    ClockMpe,
    DispenserItem,
    EnergyMpe,
    FuelCondition,
    FuelDivisor,
    FuelExpansion,
    FuelInService,
    FuelLeast,
    FuelMeasureDoubt,
    FuelMpe,
    FuelPayment,
    FuelPlausible,
    FuelRepeatability,
    FuelTest,
    FuelThermometer,
    MeasureExpansion,
    StandardShare,
)
from shared.rules.rows.findings import Basis, FineAuthority, Leniency, Penalty, Violation
from shared.rules.rows.prepackages import (
    PrepackageHeight,
    PrepackageRounding,
    PrepackageSampling,
    PrepackageShortage,
    PrepackageStep,
    PrepackageTare,
    PrepackageUnit,
)
from shared.rules.rows.retail import (
    PhoneTolerance,
    RetailGoods,
    RetailLimit,
    RetailMethod,
    RetailReference,
    RetailScale,
    RetailTier,
)
from shared.rules.rows.row import Confidence, Row
from shared.rules.rows.scales import FieldTest, InService, Regulation, ScaleClass, ScaleMpe, ScaleTest, WeightMpe
from shared.rules.rows.validity import Catalogued, Period, Transition

__all__ = [
    "TABLES",
    "Asked",
    "Basis",
    "Catalogued",
    "Cheat",
    "ChecklistItem",
    "ClockMpe",
    "Confidence",
    "CreditGrade",
    "CreditPolicy",
    "CreditTerm",
    "DispenserItem",
    "EnergyMpe",
    "FieldTest",
    "FineAuthority",
    "FuelCondition",
    "FuelDivisor",
    "FuelExpansion",
    "FuelInService",
    "FuelLeast",
    "FuelMeasureDoubt",
    "FuelMpe",
    "FuelPayment",
    "FuelPlausible",
    "FuelRepeatability",
    "FuelTest",
    "FuelThermometer",
    "InService",
    "Leniency",
    "MeasureExpansion",
    "Penalty",
    "Period",
    "PhoneTolerance",
    "PrepackageHeight",
    "PrepackageRounding",
    "PrepackageSampling",
    "PrepackageShortage",
    "PrepackageStep",
    "PrepackageTare",
    "PrepackageUnit",
    "Regulation",
    "RetailGoods",
    "RetailLimit",
    "RetailMethod",
    "RetailReference",
    "RetailScale",
    "RetailTier",
    "Row",
    "ScaleClass",
    "ScaleMpe",
    "ScaleTest",
    "StandardShare",
    "Transition",
    "Violation",
    "WeightMpe",
]

TABLES: dict[str, type[Row]] = {
    **scales.TABLES,
    **validity.TABLES,
    **checklists.TABLES,
    **credit.TABLES,
    **findings.TABLES,
    **dispensers.TABLES,
    **prepackages.TABLES,
    **retail.TABLES,
}
