"""The road of a filing: which step follows which, and what the next instrument is offered first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from fieldapp.labelling.model import Day, Filing, Step
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.store.rows import Stall
from shared.rules import rules_on
from shared.validity import valid_until

LABELLING_ROLES = ("inspector", "verifier", "supervisor")
VERIFIER = "verifier"
ROUTES = {
    Step.LABEL: Route.LABELLING_AIM,
    Step.NAMEPLATE: Route.LABELLING_AIM,
    Step.PLATE: Route.LABELLING_PLATE,
    Step.NUMBER: Route.LABELLING_NUMBER,
    Step.RESULT: Route.LABELLING_RESULT,
    Step.IN_PLACE: Route.LABELLING_AIM,
    Step.REVIEW: Route.LABELLING_REVIEW,
}


class NothingInHand(LookupError):
    """A step was asked for while no instrument is being filed."""


def may_label(parts: Parts) -> bool:
    """Say whether whoever is signed in labels instruments."""
    return parts.me.role in LABELLING_ROLES


def may_verify(parts: Parts) -> bool:
    """Say whether whoever is signed in enters verifications; the server asks again."""
    return parts.me.role == VERIFIER


def today(parts: Parts) -> date:
    """Return the civil day that it most likely is; a record of a day to come would be refused."""
    return parts.store.today()


def day_of(parts: Parts) -> Day:
    """Return the day of whoever is signed in."""
    return parts.store.labelling.of(parts.me.id)


def in_hand(day: Day) -> Filing:
    """Return the instrument that is being filed; raises NothingInHand."""
    if day.filing is None:
        raise NothingInHand
    return day.filing


def keep(parts: Parts, day: Day) -> Day:
    """Keep the day as it is now, and return it."""
    parts.store.labelling.keep(day, parts.clock.now())
    return day


def steps(filing: Filing, *, verifies: bool) -> list[Step]:
    """Return the steps of a filing in order: the nameplate is only asked for while none is known."""
    left_out = set()
    if filing.plate is not None and filing.step is not Step.PLATE:
        left_out.add(Step.PLATE)
    if not verifies:
        left_out.add(Step.RESULT)
    return [step for step in Step if step not in left_out]


def after(filing: Filing, *, verifies: bool) -> Step:
    """Return the step that follows; the last one is followed by itself."""
    road = steps(filing, verifies=verifies)
    return road[min(road.index(filing.step) + 1, len(road) - 1)]


def before(filing: Filing, *, verifies: bool) -> Step | None:
    """Return the step before; None before the first."""
    road = steps(filing, verifies=verifies)
    place = road.index(filing.step)
    return road[place - 1] if place else None


def next_one(parts: Parts, day: Day) -> Day:
    """Return the day with a new instrument in hand, as like the last one as can be known beforehand."""
    plate = day.plates[0] if day.plates else None
    filing = Filing(id=parts.clock.new_id(), plate=plate, custody=day.custody, use=day.use)
    return replace(day, filing=filing)


def go_on(parts: Parts, day: Day, filing: Filing) -> Day:
    """Keep what a step brought, and go to the next one."""
    filing = replace(filing, step=after(filing, verifies=may_verify(parts)))
    return go_to(parts, day, filing)


def go_to(parts: Parts, day: Day, filing: Filing) -> Day:
    """Keep a filing and show the step it stands at."""
    day = keep(parts, replace(day, filing=filing))
    parts.path.replace(ROUTES[filing.step])
    return day


def go_back(parts: Parts, day: Day, filing: Filing) -> None:
    """Show the step before; from the first one, the day."""
    step = before(filing, verifies=may_verify(parts))
    if step is None:
        parts.path.back()
    else:
        go_to(parts, day, replace(filing, step=step))


def drop_photos(parts: Parts, photos: set[str]) -> None:
    """Remove photos that were taken anew or given up, unless something that stays names them too."""
    store = parts.store
    for sha256 in photos - store.uploads.photos() - store.register.photos_named():
        store.photos.drop(sha256)


def tenants(parts: Parts, stalls: list[Stall]) -> dict[str, str | None]:
    """Return who has each stall, by the register; where it does not say, who uses an instrument there."""
    known = {stall.id: stall.tenant for stall in stalls}
    places = {stall.place for stall in stalls if stall.tenant is None}
    for one in (one for place in places for one in parts.store.register.instruments_at(place)):
        if one.stall in known and known[one.stall] is None and one.custody:
            known[one.stall] = one.custody.user
    return known


def tenant_of(parts: Parts, stall: Stall) -> str | None:
    """Return who has one stall; None when nobody knows."""
    return tenants(parts, [stall])[stall.id]


def stalls_next(stalls: list[Stall], last: str | None) -> list[Stall]:
    """Return the stalls that a person stands at most likely: the one after the last, and the last itself."""
    places = [place for place, stall in enumerate(stalls) if stall.id == last]
    if not places:
        return stalls[:1]
    return [*stalls[places[0] + 1 : places[0] + 2], stalls[places[0]]]


def last_day_of(parts: Parts, kind: str, region: str) -> date | None:
    """Return the last day of a verification passed today; None where no rule says how long one of this kind lasts."""
    day = today(parts)
    period = rules_on(day, region).period(kind)
    return valid_until(day, period.months) if period else None
