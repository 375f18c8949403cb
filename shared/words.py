"""The closed lists of words that travel and are stored: one word per thing, the same everywhere.

Their sentences stand in the catalogues under the name of the list: ``status.in_use``, ``cause.routine``.
"""

from __future__ import annotations

from enum import StrEnum


class IdentityKind(StrEnum):
    """What identifies a party. The code is optional everywhere and never stops a check."""

    USCC = "uscc"
    OLD_NUMBER = "old_number"
    IDENTITY_CARD = "identity_card"
    SELF_GROWER = "self_grower"
    STREET_VENDOR = "street_vendor"


class PlaceKind(StrEnum):
    """What a place is."""

    MARKET = "market"
    FILLING_STATION = "filling_station"
    SUPERMARKET = "supermarket"
    RESTAURANT = "restaurant"
    OPTICIAN = "optician"


class PhoneZone(StrEnum):
    """Whether a phone may be used at an instrument of the place (AQ 3010-2022 and local rules)."""

    FORBIDDEN = "forbidden"
    CONDITIONAL = "conditional"
    ALLOWED = "allowed"


class UnitKind(StrEnum):
    """What a unit is."""

    BUREAU = "bureau"
    BRANCH = "branch"
    OFFICE = "office"
    TEAM = "team"
    VERIFICATION_BODY = "verification_body"


class InstrumentKind(StrEnum):
    """What an instrument is."""

    SCALE = "scale"
    FUEL_NOZZLE = "fuel_nozzle"
    OPTOMETER = "optometer"
    FOCIMETER = "focimeter"


class Use(StrEnum):
    """What an instrument is used for; only trade use (fair scales included) is under mandatory verification."""

    TRADE = "trade"
    FAIR_SCALE = "fair_scale"
    INTERNAL = "internal"
    SPARE = "spare"


class InstrumentStatus(StrEnum):
    """Where an instrument stands."""

    IN_USE = "in_use"
    STOPPED = "stopped"
    SERVICING = "servicing"
    AWAITING_VERIFICATION = "awaiting_verification"
    HELD_AS_EVIDENCE = "held_as_evidence"
    SCRAPPED = "scrapped"
    LOST = "lost"


class CustodyKind(StrEnum):
    """On what terms somebody uses an instrument."""

    OWN = "own"
    MARKET_PROVIDED = "market_provided"
    SHARED = "shared"
    BORROWED = "borrowed"
    SPARE = "spare"
    ROTATION_POOL = "rotation_pool"


class SealState(StrEnum):
    """Where a label is in its life."""

    ORDERED = "ordered"
    PRINTED = "printed"
    ISSUED = "issued"
    APPLIED = "applied"
    BROKEN = "broken"
    VOID = "void"
    REPLACED = "replaced"
    LOST = "lost"
    RETURNED = "returned"


class SealPosition(StrEnum):
    """Where a physical seal sits on an instrument; ``shared.physical_seals`` says which kinds have which."""

    ADJUSTER = "adjuster"
    SENSOR_CABLE = "sensor_cable"
    HOUSING = "housing"
    MAIN_BOARD = "main_board"
    ENCODER_TRANSDUCER = "encoder_transducer"
    BOARD_HOUSING = "board_housing"
    OTHER = "other"


class SealOwner(StrEnum):
    """Who put a physical seal there, and so may have it opened."""

    VERIFICATION = "verification"
    SUPERVISION = "supervision"
    MAKER = "maker"


class SealAct(StrEnum):
    """What happened to the physical seal at one position."""

    APPLIED = "applied"
    OPENED = "opened_with_authority"
    FOUND_BROKEN = "found_broken"
    REPLACED = "replaced"


class Cause(StrEnum):
    """Why a visit is made."""

    ROUTINE = "routine"
    CAMPAIGN = "campaign"
    RANDOM = "random"
    COMPLAINT = "complaint"
    TIP = "tip"
    ASSIGNED = "assigned"
    FOLLOW_UP = "follow_up"
    JOINT = "joint"


class Capacity(StrEnum):
    """In what capacity somebody takes part in a visit."""

    OFFICER = "officer"
    VERIFIER = "verifier"
    WITNESS = "witness"


class Disposition(StrEnum):
    """What was done about one party on the spot."""

    NONE = "none"
    CORRECTED = "corrected_on_the_spot"
    ORDER_TO_CORRECT = "order_to_correct"
    NO_PENALTY = "no_penalty"
    ON_THE_SPOT_PENALTY = "on_the_spot_penalty"
    EVIDENCE_HOLD = "evidence_hold"
    SENT_FOR_VERIFICATION = "sent_for_verification"
    SAMPLED = "sampled"
    CASE_FILED = "case_filed"
    TRANSFERRED = "transferred"
    NOT_INSPECTED = "not_inspected"


class NotInspected(StrEnum):
    """Why a party was not inspected."""

    CLOSED = "closed"
    GONE = "gone"
    REFUSED = "refused"


class FindingState(StrEnum):
    """How far a finding has come; only a document confirms it."""

    SUSPECTED = "suspected"
    SENT_FOR_VERIFICATION = "sent_for_verification"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class VerificationKind(StrEnum):
    """Which act of the verification body."""

    INITIAL = "initial"
    PERIODIC = "periodic"
    AFTER_SERVICING = "after_servicing"
    ARBITRATION = "arbitration"


class VerificationResult(StrEnum):
    """The body's conclusion: 合格 or 不合格, words that belong to it alone."""

    PASSED = "passed"
    FAILED = "failed"


class TaskKind(StrEnum):
    """Why a task exists."""

    VISIT = "visit"
    VERIFY = "verify"
    REVIEW_DISPUTE = "review_dispute"
    REVIEW_VISIT = "review_visit"
    UNKNOWN_LABEL = "unknown_label"
    COMPARE_LABEL = "compare_label"
    STOCK_LABEL = "stock_label"
    VOID_LABEL = "void_label"
    LOST_LABEL = "lost_label"
    BROKEN_SEAL = "broken_seal"
    OTHER_SEAL = "other_seal"


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"
