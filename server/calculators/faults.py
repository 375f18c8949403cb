"""Mistakes of the trade, each at its field, all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from marshmallow import ValidationError

from server.problems import rule_message
from shared.errors import NoRule, RuleError

Where = str | int
T = TypeVar("T")
# Whoever asks here may be anybody: the sentence of the rule itself sends inspectors to sync.
NO_RULE = "invalid.no_rule"


class Faults:
    """Collects what is wrong; ``stop`` raises it as marshmallow does, so that one place answers both."""

    def __init__(self) -> None:
        self._told: dict[Any, Any] = {}

    def attempt(self, call: Callable[[], T], fields: Mapping[str, tuple[Where, ...]], *otherwise: Where) -> T | None:
        """Return what a rule says; None when it is an error, noted at the field that its code is about."""
        try:
            return call()
        except NoRule:
            self.tell(NO_RULE, "day")
        except RuleError as error:
            self.tell(rule_message(error), *fields.get(error.code, otherwise))
        return None

    @contextmanager
    def at(self, *where: Where) -> Iterator[None]:
        """Note an error of the trade at a field; a day without a rule is the mistake of the day."""
        try:
            yield
        except NoRule:
            self.tell(NO_RULE, "day")
        except RuleError as error:
            self.tell(rule_message(error), *where)

    def tell(self, message: str, *where: Where) -> None:
        """Note a message at a field, once; ``_schema`` is marshmallow's name of the place itself."""
        place = self._told
        for step in where:
            place = place.setdefault(step, {})
        told = place.setdefault("_schema", [])
        if message not in told:
            told.append(message)

    def stop(self) -> None:
        """Raise ValidationError with everything noted, if there is anything."""
        if self._told:
            raise ValidationError(self._told)


def ask(call: Callable[[], T], fields: Mapping[str, tuple[Where, ...]], *otherwise: Where) -> T:
    """Return what a rule says; raises ValidationError with what is wrong, at the field that its code is about."""
    faults = Faults()
    found = faults.attempt(call, fields, *otherwise)
    faults.stop()
    return cast(T, found)
