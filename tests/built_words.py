"""The words from which keys are built: a new ``t(f"prefix.{word}")`` wants a line here, or its test fails."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from enum import Enum

from shared.amounts import WRITTEN
from shared.errors import RuleError
from shared.rules.rows import CreditTerm
from shared.seal import Kind
from shared.words import PhoneZone
from tests.builders import todays_rules
from tests.catalogues import Built

# What a key begins with, and where the words stand that follow: an enum, a list, an error, a function; or the words.
PREFIXES: dict[str, list[str]] = {
    "alarm.": ["fieldapp.store.alarms:AlarmCode"],
    "bulletin.": ["server.console.bulletin:COLUMNS"],
    "camera.": ["no_folder", "no_provider", "not_allowed"],
    "capacity.": ["shared.words:Capacity"],
    "cause.": ["shared.words:Cause"],
    "check.unit_": ["fieldapp.check.viewmodel:UNITS"],
    "credit.": ["shared.credit:State", "tests.built_words:credit_codes"],
    "custody.": ["shared.words:CustodyKind"],
    "date.weekday_": ["1", "2", "3", "4", "5", "6", "7"],
    "desk_menu.": ["server.console.routes:MENU"],
    "disposition.": ["shared.words:Disposition"],
    "error.": ["shared.errors:RuleError"],
    "finding.": ["shared.words:FindingState"],
    "grade.": ["shared.credit:Grade"],
    "identity.": ["shared.words:IdentityKind"],
    "irregular.": ["one_officer", "no_card", "no_recusal", "clock"],
    "kind.": ["shared.words:InstrumentKind"],
    "label.": ["shared.seal:LabelVerdict"],
    "missing.": ["fieldapp.visit.missing:Missing"],
    "nameplate.price_": ["yes", "no"],
    "not_inspected.": ["shared.words:NotInspected"],
    "op.": ["server.sync.problems:SLUGS"],
    "op_kind.": ["visit_record", "instrument_register", "seal_bind", "correction", "other"],
    "outbox.": ["fieldapp.store.outbox:OpState"],
    "page_says.": ["server.public.state:PageState"],
    "page_word.": ["server.public.state:PageState"],
    "phone_zone.": ["shared.words:PhoneZone"],
    "place_kind.": ["shared.words:PlaceKind"],
    "preferences.language_": ["shared.texts:LANGUAGES"],
    "preferences.style_": ["fieldapp.preferences.viewmodel:STYLES"],
    "problem.": ["server.problems:known"],
    "reason.": ["shared.verdict:ReasonCode"],
    "record.outcome_": ["applied", "conflict", "rejected"],
    "record.proof_": ["fieldapp.sync.inclusion:ProofCode"],
    "remark.": ["fieldapp.party.viewmodel:TEMPLATES"],
    "scan.advice_": ["fieldapp.scan.label:NOTHING_TO_TRUST"],
    "seal_kind.": ["tests.built_words:seal_kinds"],
    "seal_state.": ["shared.words:SealState"],
    "start.zone_": ["tests.built_words:zones_with_a_note"],
    "status.": ["shared.words:InstrumentStatus"],
    "storage.": ["fieldapp.store.trouble:Trouble"],
    "sync.": ["tests.built_words:failed_rounds"],
    "task_kind.": ["shared.words:TaskKind"],
    "this.": ["shared.words:InstrumentKind"],
    "use.": ["shared.words:Use"],
    "unit.": ["tests.built_words:units"],
    "validity.": ["shared.validity:Validity"],
    "verdict.": ["shared.verdict:Code"],
    "verdict_count.": ["shared.verdict:Code"],
    "verification.": ["shared.words:VerificationKind", "shared.words:VerificationResult"],
    "visit.short_": ["shared.verdict:Code"],
}
# What follows each word: these have two sentences.
ENDINGS = {"problem.": (".title", ".detail"), "op.": (".title", ".detail")}
# Files that build a key from a prefix they are handed.
INDIRECT = {"server/problems.py": ["problem."], "server/public/problem_words.py": ["problem.", "op."]}


def credit_codes() -> set[str]:
    """Return the kinds of credit events."""
    return {row.code for row in todays_rules().all_of(CreditTerm)}


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
