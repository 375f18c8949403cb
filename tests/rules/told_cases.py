"""Every case of ``told.csv``: the cases of each subject, by name."""

from __future__ import annotations

from tests.rules import told_energy, told_fuel, told_packages, told_retail, told_scales
from tests.rules.told import Case

CASES: dict[str, Case] = {
    f"{subject.__name__.rpartition('_')[2]}: {name}": told
    for subject in (told_scales, told_retail, told_packages, told_fuel, told_energy)
    for name, told in subject.CASES.items()
}
