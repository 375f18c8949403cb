"""What the calculators are asked, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from server.calculators import known
from server.calculators.faults import Faults
from server.calculators.fields import (
    AskedDay,
    Bounded,
    Celsius,
    Length,
    LitrePrice,
    Mass,
    Money,
    PackageQuantity,
    Price,
    Region,
    Volume,
)
from server.calculators.known_lot import refuse_lot
from server.calculators.nozzle import refuse_nozzle
from shared.conclusion import Code, Harmed
from shared.fuel_check import Flow
from shared.fuel_volume import Fuel, Material
from shared.recheck import EqualScale, FinerScale, SameScale
from shared.retail import Goods
from shared.rules import rules_on
from shared.rules.rows import WeightMpe
from shared.wire.strict import Day, Flag, StrictSchema, Text, Whole, at_least, one_of

CLASSES = ("I", "II", "III", "IIII")
METHODS = (SameScale.method, EqualScale.method, FinerScale.method)
TARE_METHODS = ("each", "mean")
WEIGHT_CLASSES = tuple(dict.fromkeys(row.weight_class for row in rules_on(date.max).all_of(WeightMpe)))
MOST_READINGS, MOST_PARTS, MOST_STANDARDS, MOST_CONTENTS, LARGEST_LOT = 50, 2, 20, 1_000, 1_000_000_000
MISSING, TOO_MUCH = "Missing data for required field.", "Unknown field."


class OnADay(StrictSchema):
    """Every calculator goes by the rules of one day (today unless told) in one region (the national rules alone)."""

    day = AskedDay()
    region = Region(load_default="")

    def refuse(self, asked: Mapping[str, Any], faults: Faults) -> None:
        """Note what is known to be wrong with what could be read.

        Each calculator says its own; marshmallow's classes cannot be abstract, so one that says nothing fails loudly.
        """
        raise NotImplementedError

    @validates_schema(skip_on_field_errors=False)
    def _refuse_what_cannot_be(self, asked: Mapping[str, Any], **_: Any) -> None:
        faults = Faults()
        self.refuse(asked, faults)
        faults.stop()


class PartSchema(StrictSchema):
    """A lower range of a multi-interval scale; ``d`` is ``e`` unless told."""

    max = Mass(required=True, least=1)
    e = Mass(required=True, least=1)
    d = Mass(least=1)


class ScaleSchema(StrictSchema):
    """A scale by its nameplate. ``d`` is ``e`` unless told; without ``min`` that of the class is taken."""

    max = Mass(required=True, least=1)
    min = Mass(least=0)
    e = Mass(required=True, least=1)
    d = Mass(least=1)
    accuracy_class = Text(required=True, longest=4, validate=one_of(*CLASSES))
    price_computing = Flag(load_default=False)
    lower = Bounded(fields.Nested(PartSchema), load_default=list, validate=at_least(0, MOST_PARTS))


class WeighingSchema(StrictSchema):
    """What the scale showed under a load; ``added`` is what made the display flash over."""

    load = Mass(required=True)  # type: ignore[assignment]  # marshmallow takes fields off the class
    shown = Mass(required=True)
    added = Mass(least=0)


class WeightsSchema(StrictSchema):
    """The weights used."""

    weight_class = Text(required=True, longest=4, validate=one_of(*WEIGHT_CLASSES))
    valid_until = Day(required=True)


class RepeatedSchema(StrictSchema):
    """One load weighed more than once: on each corner of the pan, or again and again in its middle."""

    load = Mass(required=True, least=1)  # type: ignore[assignment]  # marshmallow takes fields off the class
    shown = Bounded(Mass(), required=True, validate=at_least(1, MOST_STANDARDS))


class ScaleCheckSchema(OnADay):
    """A scale tried with weights; with ``corners`` and ``repeats`` where they were tried too."""

    scale = fields.Nested(ScaleSchema, required=True)
    readings = Bounded(fields.Nested(WeighingSchema), required=True, validate=at_least(1, MOST_READINGS))
    corners = fields.Nested(RepeatedSchema)
    repeats = fields.Nested(RepeatedSchema)
    standards = Bounded(fields.Nested(WeightsSchema), load_default=list, validate=at_least(0, MOST_STANDARDS))

    def refuse(self, asked: Mapping[str, Any], faults: Faults) -> None:
        known.refuse_scale(asked, faults)


class PhoneSchema(StrictSchema):
    """A phone without its case."""

    mass = Mass(required=True)
    tolerance = Mass(least=0)


class PhoneWeightSchema(OnADay):
    """A phone laid on a scale."""

    phone = fields.Nested(PhoneSchema, required=True)
    scale = fields.Nested(ScaleSchema, required=True)
    shown = Mass(required=True)

    def refuse(self, asked: Mapping[str, Any], faults: Faults) -> None:
        known.refuse_phone(asked, faults)


class ReweighSchema(OnADay):
    """Goods weighed again; ``shown`` with packaging. The weights belong to the method ``same_scale`` alone."""

    method = Text(required=True, longest=20, validate=one_of(*METHODS))
    scale = fields.Nested(ScaleSchema, required=True)
    goods = Text(required=True, longest=20, validate=one_of(*Goods))
    settled = Mass(required=True)
    price = Price()
    tier = Text(longest=20, load_default="")
    shown = Mass(required=True)
    packaging = Mass(load_default=0, least=0)
    weights = Mass(least=1)
    weights_shown = Mass()
    weight_class = Text(longest=4, validate=one_of(*WEIGHT_CLASSES))

    @validates_schema(skip_on_field_errors=False)
    def _weights_belong_to_one_method(self, asked: Mapping[str, Any], **_: Any) -> None:
        told = {}
        if asked.get("method") == SameScale.method:
            told = {name: [MISSING] for name in ("weights", "weights_shown") if name not in asked}
        elif "method" in asked:
            told = {name: ["invalid.same_scale_only"] for name in ("weights", "weights_shown") if name in asked}
        if told:
            raise ValidationError(told)

    def refuse(self, asked: Mapping[str, Any], faults: Faults) -> None:
        known.refuse_sale(asked, faults)


class TareSchema(StrictSchema):
    """How packages were weighed with their wrapping: each with its own tare, or with the mean of some."""

    method = Text(required=True, longest=4, validate=one_of(*TARE_METHODS))
    tares = Bounded(Mass(least=0), required=True, validate=at_least(1, MOST_CONTENTS))


class PrepackageLotSchema(OnADay):
    """A lot of prepackages; with a ``tare`` the contents are gross. ``doubt`` is how far a content may be off."""

    marked = PackageQuantity(required=True)
    is_drained = Flag(load_default=False)
    size = Whole(required=True, least=-LARGEST_LOT, most=LARGEST_LOT)
    contents = Bounded(PackageQuantity(), required=True, validate=at_least(1, MOST_CONTENTS))
    doubt = PackageQuantity(required=True)
    tare = fields.Nested(TareSchema)

    def refuse(self, asked: Mapping[str, Any], faults: Faults) -> None:
        refuse_lot(asked, faults)


class NeckSchema(StrictSchema):
    """The neck scale of a measure, by its certificate."""

    reference = Volume(required=True, least=1)
    mark = Length(required=True, least=0)
    factor = Volume(required=True, least=1)
    lowest = Length(load_default=0, least=0)
    highest = Length(load_default=0, least=0)


class MeasureSchema(StrictSchema):
    """The standards used; what a certificate does not say is taken from the rules."""

    material = Text(required=True, longest=20, validate=one_of(*Material))
    doubt = Volume(least=0)
    thermometer = Celsius(least=0)
    valid_until = Day()
    neck = fields.Nested(NeckSchema)


class RunSchema(StrictSchema):
    """One run: what the measure held, or how high the oil stood in its neck."""

    flow = Text(required=True, longest=2, validate=one_of(*Flow))
    shown = Volume(required=True)
    held = Volume()
    height = Length()
    dispenser = Celsius(required=True)
    measure = Celsius(required=True)

    @validates_schema(skip_on_field_errors=False)
    def _held_or_height(self, asked: Mapping[str, Any], **_: Any) -> None:
        if "held" in asked and "height" in asked:
            raise ValidationError({"height": ["invalid.held_or_height"]})


class PaymentSchema(StrictSchema):
    """What was shown at the end of a filling."""

    shown = Money(required=True, least=0)
    volume = Volume(required=True)
    price = LitrePrice(required=True)


class DispenserCheckSchema(OnADay):
    """One fuel nozzle tried with a metal measure. ``least`` is the smallest quantity of its plate."""

    fuel = Text(required=True, longest=20, validate=one_of(*Fuel))
    measure = fields.Nested(MeasureSchema, required=True)
    runs = Bounded(fields.Nested(RunSchema), required=True, validate=at_least(1, MOST_READINGS))
    step = Volume(required=True, least=1)
    ambient = Bounded(Celsius(), load_default=list, validate=at_least(0, 10))
    least = Volume(least=1)
    payments = Bounded(fields.Nested(PaymentSchema), load_default=list, validate=at_least(0, 10))
    pay_step = Money(least=1)

    @validates_schema(skip_on_field_errors=False)
    def _held_somehow(self, asked: Mapping[str, Any], **_: Any) -> None:
        has_neck = bool((asked.get("measure") or {}).get("neck"))
        told: dict[Any, Any] = {}
        for number, run in enumerate(asked.get("runs") or []):
            if isinstance(run, dict) and "held" not in run and not ("height" in run and has_neck):
                told[number] = {"height" if has_neck else "held": [MISSING]}
        if told:
            raise ValidationError({"runs": told})

    def refuse(self, asked: Mapping[str, Any], faults: Faults) -> None:
        refuse_nozzle(asked, faults)


class AmountSchema(Schema):
    """An amount: masses in kilograms, exact to nine places; ``text`` as people read it."""

    value = fields.String(required=True)
    unit = fields.String(required=True)
    text = fields.String(required=True)


class GroundSchema(Schema):
    """One ground: its figures, who loses by it, and the documents it rests on."""

    code = fields.String(required=True)
    outcome = fields.String(required=True, validate=one_of(*Code))
    sentence = fields.String(required=True)
    value = fields.Nested(AmountSchema, required=True, allow_none=True)
    limit = fields.Nested(AmountSchema, required=True, allow_none=True)
    margin = fields.Nested(AmountSchema, required=True, allow_none=True)
    harmed = fields.String(required=True, validate=one_of(*Harmed))
    is_confirmed = fields.Boolean(required=True)
    documents = fields.List(fields.String(), required=True)


class InputSchema(Schema):
    """A quantity as it was understood."""

    pointer = fields.String(required=True)
    value = fields.String(required=True)
    unit = fields.String(required=True)
    text = fields.String(required=True)


class AnswerSchema(Schema):
    """What the rules of a day say of the figures asked; never a verification, never a finding of an authority."""

    code = fields.String(required=True, validate=one_of(*Code))
    word = fields.String(required=True)
    sentence = fields.String(required=True)
    harmed = fields.String(required=True, validate=one_of(*Harmed))
    is_confirmed = fields.Boolean(required=True)
    caution = fields.String(required=True)
    ruleset = fields.String(required=True)
    day = fields.String(required=True)
    region = fields.String(required=True)
    grounds = fields.List(fields.Nested(GroundSchema), required=True)
    steps = fields.List(fields.String(), required=True)
    inputs = fields.List(fields.Nested(InputSchema), required=True)
