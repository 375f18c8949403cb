"""One cell of the policy's matrix: who asks for what in which situation, and what must come of it by the row alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from server.accounts.models import Role
from server.policy import DataScope, Row, Via
from tests.server.asking import FOR_EVERYBODY, Asked, Sent
from tests.server.every_route import Call, address
from tests.server.people import OUTSIDE
from tests.server.two_regions import Holder, TwoRegions


class Situation(StrEnum):
    """Whose things somebody asks for, or what has become of the caller."""

    OWN_THING = "own thing"
    OWN_REGION = "own region"
    OTHERS_THING = "other's thing"
    OTHER_REGION = "other region"
    ANONYMOUS = "anonymous"
    SUSPENDED_DEVICE = "suspended device"
    SUSPENDED_PERSON = "suspended person"


WITH_THINGS = (Situation.OWN_THING, Situation.OWN_REGION, Situation.OTHERS_THING, Situation.OTHER_REGION)


class Expected(StrEnum):
    """What a cell must come to."""

    LET_THROUGH = "let through"
    SIGN_IN = "asked to sign in"
    NOT_ALLOWED = "not allowed"
    DEVICE_SUSPENDED = "told that the phone is suspended"
    HIDDEN = "told that there is nothing"


def holders_within(scope: DataScope, caller: Holder | None, all_: TwoRegions) -> list[Holder]:
    """Return whose things a scope shows to a caller; None: to nobody in particular."""
    near = [*all_.callers.values(), all_.colleague, all_.neighbour]
    match scope:
        case DataScope.PUBLIC | DataScope.ALL:
            return list(all_.everybody())
        case DataScope.OWN | DataScope.PARTY | DataScope.DEVICE:
            return [caller] if caller else []
        case DataScope.UNIT:
            return [all_.colleague, *(one for role, one in all_.callers.items() if role not in OUTSIDE)]
        case DataScope.REGION | DataScope.OWN_OR_REGION:
            return near


def whose(situation: Situation, caller: Holder, all_: TwoRegions) -> Holder:
    """Return whose things are asked for in a situation."""
    others = {
        Situation.OWN_REGION: all_.colleague,
        Situation.OTHERS_THING: all_.neighbour,
        Situation.OTHER_REGION: all_.stranger,
    }
    return others.get(situation, caller)


def expected(row: Row, role: Role | None, situation: Situation, *, is_seen: bool) -> Expected:
    """Work out what a cell must come to; ``is_seen``: the row's scope shows whatever the request names."""
    if row.roles is None:
        return Expected.LET_THROUGH
    if role is None or situation in (Situation.ANONYMOUS, Situation.SUSPENDED_PERSON):
        return Expected.SIGN_IN
    if row.via is Via.TOKEN and situation is Situation.SUSPENDED_DEVICE and not row.takes_in:
        return Expected.DEVICE_SUSPENDED
    if role not in row.roles:
        return Expected.NOT_ALLOWED
    return Expected.LET_THROUGH if is_seen else Expected.HIDDEN


@dataclass(frozen=True)
class Cell:
    """One request of the matrix. ``role`` None: nobody; ``asked`` None: whatever it names stands in its address."""

    all_: TwoRegions
    route: Call
    row: Row
    role: Role | None
    situation: Situation
    asked: Asked | None

    def __str__(self) -> str:
        what = f" {self.asked.name}" if self.asked else ""
        return f"{self.route.endpoint} {self.route.method}{what} as {self.role or 'nobody'}, {self.situation}"

    @property
    def caller(self) -> Holder:
        """Who asks; nobody asks for what a supervisor has."""
        return self.all_.callers[self.role or Role.SUPERVISOR]

    def owner(self) -> Holder | None:
        """Whose thing is asked for; None: nobody's in particular."""
        names = [self.asked.thing] if self.asked else self._ids()
        return self._with(names, whose(self.situation, self.caller, self.all_)) if names else None

    def _ids(self) -> list[str]:
        return sorted(set(self.route.rule.arguments) - FOR_EVERYBODY)

    def _with(self, names: list[str], holder: Holder) -> Holder:
        """Return a holder who has such things: whoever has none asks for a colleague's."""
        return holder if all(name in holder.things for name in names) else self.all_.colleague

    def request(self, owner: Holder | None) -> tuple[Call, Sent]:
        """Fill in the owner's ids; those of the address are the caller's own where another one is asked for."""
        ids = self._ids()
        things = self._with(ids, self.caller if self.asked or owner is None else owner).things
        path = address(self.all_.world.app, self.route.rule, self.route.method, {name: things[name] for name in ids})
        call = replace(self.route, path=path)
        if self.asked is None or owner is None:
            return call, {}
        return call, self.asked.sent(owner.things[self.asked.thing], self._with(["place"], self.caller), self.all_)

    def expected(self) -> Expected:
        owner = self.owner()
        is_seen = owner is None or owner in self._within()
        return expected(self.row, self.role, self.situation, is_seen=is_seen)

    def _within(self) -> list[Holder]:
        own_to = self.row.own_to | (self.asked.own_to if self.asked else frozenset())
        scope = DataScope.OWN if self.role in own_to else self.row.scope
        return holders_within(scope, self.caller if self.role else None, self.all_)

    def secrets(self) -> set[str]:
        """What the answer must not say: words and ids of what the scope hides, and of all to whoever is turned away."""
        if self.row.roles is None:
            return set()
        shown = self._within() if self.expected() in (Expected.LET_THROUGH, Expected.HIDDEN) else []
        told = set[str]().union(*(one.secrets() for one in shown))
        return set[str]().union(*(one.secrets() for one in self.all_.everybody() if one not in shown)) - told
