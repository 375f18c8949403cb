"""The scales that the tables of retail weighing and phones speak of, by their letter."""

from __future__ import annotations

from shared.scales import Part, Scale
from tests.builders import a_scale

SCALES: dict[str, Scale] = {
    "A": a_scale(),
    "B": a_scale(max_kg=3, min_mg=10_000, e_mg=500, d_mg=500),
    "C": a_scale(e_g=10, max_kg=30),
    "S": a_scale(e_g=1, max_kg=6),
    "D": Scale(max_mg=200_000, min_mg=200, e_mg=10, d_mg=1, accuracy_class="II"),
    "F": Scale(max_mg=200_000, min_mg=40, e_mg=2, d_mg=1, accuracy_class="II"),
    "M": a_scale(min_mg=40_000, lower=(Part(6_000_000, 2_000, 2_000),)),
    "E": a_scale(e_g=20, max_kg=15, min_mg=200_000, accuracy_class="IIII"),
    "N": a_scale(min_mg=0),
    "P": a_scale(e_g=2, max_kg=6),
    "Q": a_scale(min_mg=200_000),
    "R": a_scale(min_mg=0, lower=(Part(6_000_000, 2_000, 2_000),)),
    "U": Scale(max_mg=3_000_000, min_mg=0, e_mg=100, d_mg=100, accuracy_class="II"),
    "V": Scale(max_mg=200_000, min_mg=0, e_mg=50, d_mg=50, accuracy_class="II"),
}
