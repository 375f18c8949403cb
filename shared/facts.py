"""What a check or an inspection found, as closed lists: the words in which the violation catalogue is asked.

Facts are about one instrument, or about one party without any; what each means to a person stands in the catalogues
under ``found.<code>``.

>>> sorted(Facts.of(Fact.SEAL_BROKEN, Fact.OVERDUE).standing)
[<Fact.OVERDUE: 'overdue'>, <Fact.SEAL_BROKEN: 'seal_broken'>]
>>> sorted(Facts.of(Fact.SEAL_BROKEN, Fact.SEAL_OPENED_WITH_AUTHORITY).standing)
[<Fact.SEAL_OPENED_WITH_AUTHORITY: 'seal_opened_with_authority'>]
>>> Facts.of(Fact.NEVER_VERIFIED, Fact.OVERDUE)
Traceback (most recent call last):
shared.errors.ContradictoryFacts: ('contradictory_facts', {'first': 'never_verified', 'second': 'overdue'})
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.errors import ContradictoryFacts
from shared.validity import is_due
from shared.words import InstrumentStatus, Use


class Fact(StrEnum):
    """One thing that was found."""

    FIELD_BEYOND = "field_beyond"
    NEVER_VERIFIED = "never_verified"
    OVERDUE = "overdue"
    FAILED_STILL_USED = "failed_still_used"
    INSTALLED_UNVERIFIED = "installed_unverified"
    REPAIRED_UNVERIFIED = "repaired_unverified"
    NO_FACTORY_CERTIFICATE = "no_factory_certificate"
    ACCURACY_DESTROYED = "accuracy_destroyed"
    SEAL_BROKEN = "seal_broken"
    SEAL_OPENED_WITH_AUTHORITY = "seal_opened_with_authority"
    DISPENSER_ALTERED = "dispenser_altered"
    CHEATING_SEEN = "cheating_seen"
    CHEATING_ADDED = "cheating_added"
    DATA_FORGED = "data_forged"
    VERIFICATION_MARK_FORGED = "verification_mark_forged"
    LABEL_MISSING = "label_missing"
    LABEL_FORGED = "label_forged"
    LABEL_OF_ANOTHER = "label_of_another"
    LABEL_TORN_OFF = "label_torn_off"
    NON_LEGAL_UNIT_USED = "non_legal_unit_used"
    NON_LEGAL_UNIT_INSTRUMENT = "non_legal_unit_instrument"
    BANNED_INSTRUMENT = "banned_instrument"
    UNSUITABLE_INSTRUMENT = "unsuitable_instrument"
    NOT_REGISTERED = "not_registered"
    CHANGE_NOT_REPORTED = "change_not_reported"
    TYPE_NOT_APPROVED = "type_not_approved"
    NOT_OF_THE_NEW_OUTLINE = "not_of_the_new_outline"
    DEFECTIVE_PARTS = "defective_parts"
    RETAIL_SHORT = "retail_short"
    RETAIL_SHORT_NO_ROW = "retail_short_no_row"
    NOT_CHARGED_AS_SHOWN = "not_charged_as_shown"
    WEIGHING_NOT_SHOWN = "weighing_not_shown"
    REWEIGH_REFUSED = "reweigh_refused"
    NOT_MEASURED = "not_measured"
    DISPENSED_BEYOND = "dispensed_beyond"
    BOOKS_REFUSED = "books_refused"
    PREPACKAGE_SHORT = "prepackage_short"
    NET_CONTENT_UNMARKED = "net_content_unmarked"
    NO_METROLOGY_SYSTEM = "no_metrology_system"
    NO_METROLOGY_STAFF = "no_metrology_staff"
    NO_STALL_AGREEMENT = "no_stall_agreement"
    NO_FAIR_SCALE = "no_fair_scale"
    VIOLATIONS_SHIELDED = "violations_shielded"
    PLEDGES_NOT_ORGANISED = "pledges_not_organised"
    PLEDGE_NOT_DISPLAYED = "pledge_not_displayed"
    INSPECTION_REFUSED = "inspection_refused"
    EVIDENCE_MOVED = "evidence_moved"
    STATE_CHANGED_IN_DISPUTE = "state_changed_in_dispute"
    VERIFIER_FORGED = "verifier_forged"
    LOSS_PROVED = "loss_proved"
    NOT_CORRECTED = "not_corrected"
    SERIOUS = "serious"
    REPEATED = "repeated"


class Party(StrEnum):
    """In what capacity a party is inspected."""

    TRADER = "trader"
    STALLHOLDER = "stallholder"
    MARKET_OPERATOR = "market_operator"
    STATION = "station"
    MAKER = "maker"
    SELLER = "seller"
    REPAIRER = "repairer"
    VERIFICATION_BODY = "verification_body"


class Need(StrEnum):
    """The document that must confirm a suggestion before anything follows from it."""

    VERIFICATION_RESULT = "verification_result"
    VERIFICATION_RECORD = "verification_record"
    TECHNICAL_EXAMINATION = "technical_examination"
    SEAL_LEDGER = "seal_ledger"
    WHO_DID_IT = "who_did_it"
    PURCHASE_RECORD = "purchase_record"
    LOT_REPORT = "lot_report"
    INSPECTION_RECORD = "inspection_record"
    ORDER_TO_CORRECT = "order_to_correct"
    TYPE_APPROVAL = "type_approval"


class Caution(StrEnum):
    """What must be read with a suggestion."""

    FIELD_TEST_ONLY = "field_test_only"
    NO_SEAL_FINE = "no_seal_fine"
    NATIONAL_FIRST = "national_first"
    POLICE_DECIDE = "police_decide"
    PROVINCIAL_AUTHORITY = "provincial_authority"
    CIVIL = "civil"
    CREDIT_ONLY = "credit_only"
    NOT_A_LAW = "not_a_law"
    UNCONFIRMED = "unconfirmed"


# What can only be wrong with an instrument that is under mandatory verification.
OF_VERIFICATION = frozenset({Fact.NEVER_VERIFIED, Fact.OVERDUE, Fact.FAILED_STILL_USED, Fact.NOT_REGISTERED})
_CONTRADICT = ((Fact.NEVER_VERIFIED, Fact.OVERDUE), (Fact.NEVER_VERIFIED, Fact.FAILED_STILL_USED))


@dataclass(frozen=True)
class Facts:
    """What was found on one instrument, with its use and status; raises ContradictoryFacts."""

    found: frozenset[Fact]
    use: Use = Use.TRADE
    status: InstrumentStatus = InstrumentStatus.IN_USE

    @classmethod
    def of(cls, *found: Fact) -> Facts:
        """Return facts about an instrument in trade use that is in use."""
        return cls(frozenset(found))

    def __post_init__(self) -> None:
        for first, second in _CONTRADICT:
            if {first, second} <= self.found:
                raise ContradictoryFacts(first=first.value, second=second.value)

    @property
    def standing(self) -> frozenset[Fact]:
        """What counts against somebody: an authorised opening breaks no seal, what is out of trade use is not due."""
        dropped = {Fact.SEAL_BROKEN} if Fact.SEAL_OPENED_WITH_AUTHORITY in self.found else set()
        if not is_due(use=self.use, status=self.status):
            dropped |= OF_VERIFICATION
        return self.found - dropped
