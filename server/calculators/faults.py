"""Mistakes of the trade, each at its field, all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from marshmallow import ValidationError

from server.problems import rule_message
from shared.errors import NoRule, RuleError

Where = str | int
T = TypeVar("T")


class Faults:
    """Collects what is wrong; ``stop`` raises it as marshmallow does, so that one place answers both."""

    def __init__(self) -> None:
        self._told: dict[Any, Any] = {}

    @contextmanager
    def at(self, *where: Where) -> Iterator[None]:
        """Note an error of the trade at a field; a day without a rule is the mistake of the day."""
        try:
            yield
        except NoRule as error:
            self.tell(rule_message(error), "day")
        except RuleError as error:
            self.tell(rule_message(error), *where)

    def ask(self, call: Callable[[], T], fields: Mapping[str, tuple[Where, ...]], *otherwise: Where) -> T:
        """Return what a rule says; raises ValidationError with what is wrong, at the field that its code is about."""
        try:
            return call()
        except NoRule as error:
            self.tell(rule_message(error), "day")
            raise ValidationError(self._told) from error
        except RuleError as error:
            self.tell(rule_message(error), *fields.get(error.code, otherwise))
            raise ValidationError(self._told) from error

    def tell(self, message: str, *where: Where) -> None:
        """Note a message at a field."""
        place = self._told
        for step in where[:-1]:
            place = place.setdefault(step, {})
        place.setdefault(where[-1], []).append(message)

    def stop(self) -> None:
        """Raise ValidationError with everything noted, if there is anything."""
        if self._told:
            raise ValidationError(self._told)
