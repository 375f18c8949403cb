"""The words from which keys are built: a new ``t(f"prefix.{word}")`` wants a line here, or its test fails."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from enum import Enum

import server.contacts.problems
import server.rescue.problems
import server.seals.problems  # noqa: F401 - the problems that all three add to those known
from shared.amounts import WRITTEN
from shared.energy_dispensers import EnergyGround
from shared.errors import RuleError
from shared.fuel_check import FuelGround
from shared.lot import LotGround
from shared.outcomes import Outcome
from shared.package_labels import MarkGround
from shared.phone_weight import PhoneGround
from shared.prepackages import PackageGround
from shared.retail_scale import ScaleFit
from shared.reweigh import ReweighGround
from shared.rules.rows import CreditTerm
from shared.seal import Kind
from shared.tare import TareGround
from shared.words import PhoneZone
from tests.builders import todays_rules
from tests.catalogues import Built
from tests.rules.row_faults import read_tables

# What a key begins with, and where the words stand that follow: an enum, a list, an error, a function; or the words.
PREFIXES: dict[str, list[str]] = {
    "act.": ["server.administration.service:ActKind"],
    "act_detail.": ["server.console.acts:DETAILS"],
    "acts.": ["server.console.acts:COLUMNS"],
    "alarm.": ["fieldapp.store.alarms:AlarmCode"],
    "board.scan_": ["shared.words:PhoneZone"],
    "bulletin.": ["server.console.bulletin:COLUMNS"],
    "camera.": ["no_folder", "no_provider", "not_allowed"],
    "capacity.": ["shared.words:Capacity"],
    "cause.": ["shared.words:Cause"],
    "caution.": ["shared.facts:Caution"],
    "check.unit_": ["fieldapp.check.viewmodel:UNITS"],
    "clock.": ["days", "hours", "minutes"],
    "compare_why.": ["shared.copied_labels:Why"],
    "credit.": ["shared.credit:State", "tests.built_words:credit_codes"],
    "custody.": ["shared.words:CustodyKind"],
    "date.weekday_": ["1", "2", "3", "4", "5", "6", "7"],
    "desk_menu.": ["server.console.routes:MENU"],
    "dispenser_item.": ["tests.built_words:dispenser_items"],
    "disposition.": ["shared.words:Disposition"],
    "due.": ["in_date", "due_soon", "overdue", "never_verified"],
    "error.": ["shared.errors:RuleError"],
    "field.": ["fieldapp.record.sides:FIELDS"],
    "field.no_": ["fieldapp.record.sides:NUMBERED"],
    "finding.": ["shared.words:FindingState"],
    "found.": ["shared.facts:Fact"],
    "grade.": ["shared.credit:Grade"],
    "ground.": [
        "shared.between:DayGround",
        "shared.scale_tests:ScaleGround",
        "tests.built_words:retail_grounds",
        "tests.built_words:dispenser_grounds",
        "tests.built_words:package_grounds",
    ],
    "identity.": ["shared.words:IdentityKind"],
    "import_column.": ["server.register_import.columns:Column"],
    "import_fault.": ["server.register_import.columns:FaultCode"],
    "import_file.": ["server.register_import.columns:FileFault"],
    "import_state.": ["server.register_import.columns:ImportState"],
    "import_stays.": ["server.register_import.staying:Why"],
    "import_table.": ["server.register_import.writes:TABLES"],
    "irregular.": ["server.inspections.recording:IRREGULAR"],
    "kind.": ["shared.words:InstrumentKind"],
    "label.": ["shared.seal:LabelVerdict"],
    "label_face.scan_": ["shared.words:PhoneZone"],
    "mandate.": ["shared.catalogue:Answer"],
    "member.": ["server.memberships.service:Capacity"],
    "missing.": ["fieldapp.visit.missing:Missing"],
    "nameplate.price_": ["yes", "no"],
    "not_due.": ["shared.catalogue:Why"],
    "national_code.": ["shared.national_codes:CODES"],
    "need.": ["shared.facts:Need"],
    "not_inspected.": ["shared.words:NotInspected"],
    "op.": ["server.sync.problems:SLUGS"],
    "op_kind.": [
        *("visit_record", "instrument_register", "seal_bind", "physical_seal_record", "correction", "other"),
        *("verification_record", "custody_swap"),
    ],
    "outbox.": ["fieldapp.store.outbox:OpState", "fieldapp.outbox.wording:ELSE"],
    "page_says.": ["server.public.state:PageState"],
    "page_word.": ["server.public.state:PageState"],
    "labelling.aim_": ["fieldapp.labelling.aim.viewmodel:AIMED"],
    "labelling.hint_": ["fieldapp.labelling.aim.viewmodel:AIMED"],
    "labelling.unfit_": ["fieldapp.labelling.labels:Unfit"],
    "label_place.": ["shared.label_life:Place"],
    "phone_aside.": ["shared.wire.state:STATES"],
    "phone_concern.": ["server.devices.service:Concern"],
    "phones.": ["days", "hours", "minutes"],
    "phones.none_": ["attention", "suspended"],
    "phones.show_": ["server.console.devices:SHOWN"],
    "physical_seals.doubt_": ["fieldapp.physical_seals.faults:Doubt"],
    "physical_seals.fault_": ["fieldapp.physical_seals.faults:Fault"],
    "person_state.": ["server.accounts.staff:PersonState"],
    "phone_zone.": ["shared.words:PhoneZone"],
    "place_kind.": ["shared.words:PlaceKind"],
    "preferences.language_": ["shared.texts:LANGUAGES"],
    "picture.": ["fieldapp.album.port:PictureFault"],
    "picture.advice_": ["fieldapp.album.port:PictureFault"],
    "preferences.photos_": ["fieldapp.preferences.viewmodel:PHOTOS"],
    "preferences.style_": ["fieldapp.preferences.viewmodel:STYLES"],
    "problem.": ["server.problems:known"],
    "public_word.": ["shared.catalogue:PublicWord"],
    "reason.": ["shared.verdict:ReasonCode"],
    "record.outcome_": ["applied", "conflict", "rejected"],
    "record.proof_": ["fieldapp.sync.inclusion:ProofCode"],
    "relation.": ["server.accounts.recusals:Relation"],
    "remark.": ["fieldapp.party.viewmodel:TEMPLATES"],
    "rescue.refused_": ["form", "version", "size"],
    "role.": ["server.accounts.models:Role"],
    "scan.advice_": ["fieldapp.scan.label:NOTHING_TO_TRUST"],
    "seal_act.": ["shared.words:SealAct"],
    "seal_kind.": ["tests.built_words:seal_kinds"],
    "seal_owner.": ["shared.words:SealOwner"],
    "seal_position.": ["shared.words:SealPosition"],
    "seal_state.": ["shared.words:SealState"],
    "start.zone_": ["tests.built_words:zones_with_a_note"],
    "status.": ["shared.words:InstrumentStatus"],
    "step.": [
        "fuel_neck",
        "fuel_run",
        "fuel_mean",
        "fuel_spread",
        "energy_run",
        "energy_mean",
        "shared.reweigh_steps:ReweighStep",
        "shared.prepackages:PackageStep",
        "shared.lot:LotStep",
    ],
    "storage.": ["fieldapp.store.trouble:Trouble"],
    "suspended_why.": ["server.devices.service:SuspendedWhy"],
    "seals.needs_": ["new_number", "authority"],
    "sync.": ["tests.built_words:failed_rounds"],
    "task_kind.": ["shared.words:TaskKind"],
    "tool_about.": ["server.calculators.service:CALCULATORS"],
    "tool_fuel.": ["shared.fuel_volume:Fuel"],
    "tool_goods.": ["shared.retail:Goods"],
    "tool_material.": ["shared.fuel_volume:Material"],
    "tool_method.": ["server.calculators.schemas:METHODS"],
    "tool_tare.": ["server.calculators.schemas:TARE_METHODS"],
    "tool_title.": ["server.calculators.service:CALCULATORS"],
    "tool_word.": ["shared.verdict:Code", "shared.phone_weight:PhoneGround"],
    "transition.": ["tests.built_words:transition_codes"],
    "this.": ["shared.words:InstrumentKind"],
    "use.": ["shared.words:Use"],
    "unit.": ["tests.built_words:units"],
    "validity.": ["shared.validity:Validity"],
    "verdict.": ["shared.verdict:Code"],
    "verdict.harmed_": ["buyer", "seller"],
    "verdict_count.": ["shared.verdict:Code"],
    "verification.": ["shared.words:VerificationKind", "shared.words:VerificationResult"],
    "verification_mode.": ["shared.catalogue:Mode"],
    "visit.short_": ["shared.verdict:Code"],
}
# What follows each word: these have two sentences.
ENDINGS = {"problem.": (".title", ".detail"), "op.": (".title", ".detail")}
# Files that build a key from a prefix they are handed.
INDIRECT = {
    "server/problems.py": ["problem."],
    "server/public/problem_words.py": ["problem.", "op."],
    "server/register_import/exporting.py": ["kind.", "use.", "place_kind."],
    "server/register_import/words.py": ["kind.", "use.", "place_kind."],
}


def credit_codes() -> set[str]:
    """Return the kinds of credit events."""
    return {row.code for row in todays_rules().all_of(CreditTerm)}


def transition_codes() -> set[str]:
    """Return what is said of the passage from one regulation to the next, on any day."""
    return {row["code"] for row in read_tables()["transition"]}


def retail_grounds() -> set[str]:
    """Return what goods, scales and phones on them can be told."""
    return {ground.value for kind in (ReweighGround, ScaleFit, PhoneGround) for ground in kind}


def package_grounds() -> set[str]:
    """Return what can be said of prepackages, their marks, lots and tares."""
    return {ground.value for kind in (PackageGround, MarkGround, LotGround, TareGround) for ground in kind}


def dispenser_grounds() -> set[str]:
    """Return the grounds of fuel nozzles, gas dispensers and chargers; a compared one goes on with its outcome."""
    compared = (FuelGround.POINT, FuelGround.SPREAD, FuelGround.PAID, EnergyGround.POINT, EnergyGround.CLOCK)
    alone = {ground.value for ground in (*FuelGround, *EnergyGround) if ground not in compared}
    return alone | {f"{ground}_{outcome}" for ground in compared for outcome in Outcome}


def dispenser_items() -> set[str]:
    """Return everything there is to look at on a dispenser or charger, on any day."""
    return {row["code"] for row in read_tables()["dispenser_item"]}


def seal_kinds() -> set[str]:
    """Return what a label may be made for."""
    return {kind.name.lower() for kind in Kind}


def zones_with_a_note() -> set[str]:
    """Return the phone zones that the inspector is warned of."""
    return {zone.value for zone in PhoneZone if zone is not PhoneZone.ALLOWED}


def units() -> set[str]:
    """Return every unit an amount is written in."""
    return {name for steps in WRITTEN.values() for _, _, name in steps} | {"percent"}


def failed_rounds() -> set[str]:
    """Return how a sync can fail."""
    from fieldapp.sync.round import Result
    from fieldapp.sync.status import BROKEN

    return {BROKEN, *(result.value for result in Result if result is not Result.DONE)}


def words_of(named: str) -> set[str]:
    """Return the words of ``module:name``, or the word itself."""
    module, _, name = named.partition(":")
    if not name:
        return {named}
    found = getattr(importlib.import_module(module), name)
    if isinstance(found, type) and issubclass(found, RuleError):
        return {kind.code for kind in (found, *found.__subclasses__())}
    words: Iterable[object] = found() if callable(found) and not isinstance(found, type) else found
    return {getattr(word, "slug", str(word.value) if isinstance(word, Enum) else str(word)) for word in words}


def built_keys() -> Built:
    """Return every prefix with all that may follow it."""
    return Built({prefix: tails_of(prefix) for prefix in PREFIXES}, INDIRECT)


def tails_of(prefix: str) -> set[str]:
    words = set().union(*(words_of(named) for named in PREFIXES[prefix]))
    return {word + ending for word in words for ending in ENDINGS.get(prefix, ("",))}
