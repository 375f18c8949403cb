"""Rows about goods sold by weight, how they are weighed again, and phones as check weights."""

from __future__ import annotations

from dataclasses import dataclass

from shared.rules.rows.row import Row


@dataclass(frozen=True, kw_only=True)
class RetailGoods(Row):
    """The tier a kind of goods belongs to ("": none by its kind), and whether its price can put it in one too."""

    goods: str
    tier: str
    by_price: bool

    @property
    def is_excluded(self) -> bool:
        """Say whether the rule leaves these goods out altogether."""
        return not self.tier and not self.by_price


@dataclass(frozen=True, kw_only=True)
class RetailTier(Row):
    """A tier of a table: above_fen < price of a kilogram <= up_to_fen (0: no bound), or kinds alone."""

    tier: str
    table: int
    number: int
    by_price: bool
    above_fen: int
    up_to_fen: int


@dataclass(frozen=True, kw_only=True)
class RetailLimit(Row):
    """What may be missing at most: above_mg < weight settled <= up_to_mg of one tier."""

    tier: str
    above_mg: int
    up_to_mg: int
    limit_mg: int


@dataclass(frozen=True, kw_only=True)
class RetailMethod(Row):
    """One way to weigh goods again: how many times the limit the difference may be."""

    method: str
    multiplier: int


@dataclass(frozen=True, kw_only=True)
class RetailReference(Row):
    """How good the standard of a method must be: its error at most the limit divided by ``part``."""

    method: str
    part: int


@dataclass(frozen=True, kw_only=True)
class RetailScale(Row):
    """How good the scale that sells must be: its error at most the limit divided by ``part``."""

    part: int


@dataclass(frozen=True, kw_only=True)
class PhoneTolerance(Row):
    """How far a phone may be from the mass stated: ``permille`` thousandths of it, and no less than ``at_least_mg``."""

    basis: str
    permille: int
    at_least_mg: int


TABLES: dict[str, type[Row]] = {
    "retail_goods": RetailGoods,
    "retail_tier": RetailTier,
    "retail_limit": RetailLimit,
    "retail_method": RetailMethod,
    "retail_reference": RetailReference,
    "retail_scale": RetailScale,
    "phone_tolerance": PhoneTolerance,
}
