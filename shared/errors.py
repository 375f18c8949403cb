"""What can be wrong with a value of the trade, in words a catalogue can render.

An error carries a stable ``code`` and the values that a sentence about it needs; the sentence itself is
``error.<code>`` of the catalogue, rendered where it is shown.
"""

from __future__ import annotations

from typing import ClassVar

# What a person typed may be of any length; a sentence says this much of it.
MOST_SHOWN = 40


class RuleError(ValueError):
    """A value breaks a rule; ``values`` fill the sentence that says so."""

    code: ClassVar[str] = "rule"

    def __init__(self, **values: str | int) -> None:
        self.values = {name: value[:MOST_SHOWN] if isinstance(value, str) else value for name, value in values.items()}
        super().__init__(self.code, self.values)


class NotANumber(RuleError):
    """The text is not a plain decimal number."""

    code = "not_a_number"


class TooFine(RuleError):
    """More digits than the smallest unit kept (milligram, fen)."""

    code = "too_fine"


class NegativeReading(RuleError):
    """A weighing point cannot show less than nothing."""

    code = "negative_reading"


class NoLoad(RuleError):
    """A test load must be something."""

    code = "no_load"


class FinerThanDisplay(RuleError):
    """The reading has a digit that this instrument cannot show."""

    code = "finer_than_display"


class AboveMax(RuleError):
    """A load or reading above the maximum capacity."""

    code = "above_max"


class LoadOutOfRange(RuleError):
    """No row of the table covers this load: never a guess."""

    code = "load_out_of_range"


class TooManyWeights(RuleError):
    """More weights than one person carries."""

    code = "too_many_weights"


class NoRule(RuleError):
    """No dated rule covers this instrument on this day."""

    code = "no_rule"


class NothingSettled(RuleError):
    """Goods that were settled weigh something."""

    code = "nothing_settled"


class NoPrice(RuleError):
    """A price of a kilogram is more than nothing."""

    code = "no_price"


class PriceNeeded(RuleError):
    """These goods belong to a tier by their price alone."""

    code = "price_needed"


class TierNotChosen(RuleError):
    """A sale fits more than one tier, and nobody said which."""

    code = "tier_not_chosen"


class TierDoesNotFit(RuleError):
    """The tier named fits neither the kind nor the price of the goods."""

    code = "tier_does_not_fit"


class OutsideRetailTable(RuleError):
    """The table of what may be missing ends below this weight: the rule has no limit for it."""

    code = "outside_retail_table"


class NothingReweighed(RuleError):
    """What is weighed again weighs something."""

    code = "nothing_reweighed"


class BadPackaging(RuleError):
    """Packaging weighs no less than nothing and less than the goods in it."""

    code = "bad_packaging"


class NoPhoneMass(RuleError):
    """A phone that weighs nothing, or one with a tolerance below nothing."""

    code = "no_phone_mass"


class UnknownUse(RuleError):
    """A use that is no word of the register."""

    code = "unknown_use"


class UnknownStatus(RuleError):
    """A status that is no word of the register, or none."""

    code = "unknown_status"


class EndsBeforeItBegins(RuleError):
    """The last day of a verification lies before the day it was done."""

    code = "ends_before_it_begins"


class BadCheatRow(RuleError):
    """A row of the cheat library that came by sync breaks the form of such rows; ``field`` says where."""

    code = "bad_cheat_row"


class UnknownUnit(RuleError):
    """A unit this quantity does not have."""

    code = "unknown_unit"


class NothingDelivered(RuleError):
    """A volume, mass or energy of a run that is not more than nothing."""

    code = "nothing_delivered"


class FinerThanDispenser(RuleError):
    """The figure has a digit that this dispenser or charger cannot show."""

    code = "finer_than_dispenser"


class NeckOutOfRange(RuleError):
    """A height off the neck scale of a measure."""

    code = "neck_out_of_range"


class TemperatureOutOfRange(RuleError):
    """A temperature that no thermometer at a filling station shows."""

    code = "temperature_out_of_range"


class TooManyRuns(RuleError):
    """More runs at one flow than the rule knows how to judge."""

    code = "too_many_runs"


class PlateNotPositive(RuleError):
    """A smallest step of the plate that is not more than nothing."""

    code = "plate_not_positive"


class PriceNotPositive(RuleError):
    """A unit price that is not more than nothing."""

    code = "price_not_positive"


class NegativeDoubt(RuleError):
    """An uncertainty below nothing."""

    code = "negative_doubt"


class UnknownClass(RuleError):
    """An accuracy class that this kind does not have."""

    code = "unknown_class"


class BadInstant(RuleError):
    """Not a time of the form ``YYYY-MM-DDTHH:MM:SSZ``."""

    code = "bad_instant"


class BadShortCode(RuleError):
    """The short code of a label was mistyped."""

    code = "bad_short_code"


class NotASeal(RuleError):
    """The text is not one of our labels: any deviation from the form."""

    code = "not_a_seal"


class RefusedKeySet(RuleError):
    """A key set whose signature, form or sequence cannot be trusted; the one held stays."""

    code = "refused_key_set"


class RefusedRevocations(RuleError):
    """A revocation list whose signature, form or sequence cannot be trusted; the one held stays."""

    code = "refused_revocations"


class RefusedRescue(RuleError):
    """A rescue package that is not opened; ``why``: form, version, key (not here), damaged, or size."""

    code = "refused_rescue"


class UnknownPackageUnit(RuleError):
    """A unit in which no prepackage is marked or measured here."""

    code = "unknown_package_unit"


class NoMarkedQuantity(RuleError):
    """A prepackage is marked with more than nothing."""

    code = "no_marked_quantity"


class MarkedAboveTable(RuleError):
    """The table of allowed shortage ends below this marked quantity: never a guess."""

    code = "marked_above_table"


class DrainedWeight(RuleError):
    """Drained weight has rules of its own, which are not here."""

    code = "drained_weight"


class NegativeContent(RuleError):
    """A content, a gross, a tare or a doubt cannot be less than nothing."""

    code = "negative_content"


class NegativeHeight(RuleError):
    """The characters of a mark cannot be lower than nothing."""

    code = "negative_height"


class BadLotSize(RuleError):
    """A lot has at least one package, and not more than can be numbered."""

    code = "bad_lot_size"


class SampleTooLarge(RuleError):
    """More contents than the sampling plan takes: its counts hold for its own sample only."""

    code = "sample_too_large"


class BadSampleSize(RuleError):
    """A sample has at least one package, and not more than the lot or than a person can weigh."""

    code = "bad_sample_size"


class BadSeed(RuleError):
    """A seed must be one plain line that people can write down and type again."""

    code = "bad_seed"


class TareWithoutMass(RuleError):
    """Only goods sold by mass have a tare to take off."""

    code = "tare_without_mass"


class TaresDiffer(RuleError):
    """Each package wants its own tare."""

    code = "tares_differ"


class TooFewTares(RuleError):
    """A mean tare needs more packages."""

    code = "too_few_tares"


class TareVaries(RuleError):
    """The tares differ too much for their mean to stand for all."""

    code = "tare_varies"


class TareAboveGross(RuleError):
    """The wrapping is heavier than the whole package."""

    code = "tare_above_gross"


class ContradictoryFacts(RuleError):
    """Two facts about one instrument that cannot both be true."""

    code = "contradictory_facts"


class PartyNotHere(RuleError):
    """A party of this kind cannot be inspected at a place of that kind."""

    code = "party_not_here"
