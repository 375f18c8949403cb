"""What can be wrong with a rescue package, each told with the next step; nothing of such a one is taken in."""

from __future__ import annotations

from server.problems import Problem
from shared.errors import RefusedRescue


class RescueForm(Problem):
    """It is no package of ours."""

    slug, status = "rescue-form", 422


class RescueVersion(Problem):
    """It is of a version that this server does not know."""

    slug, status = "rescue-version", 422


class RescueKey(Problem):
    """It is sealed to a key whose private half this server does not have."""

    slug, status = "rescue-key", 422


class RescueDamaged(Problem):
    """Bytes of it were changed, cut off or put in another order, or it was sealed to another bureau's key."""

    slug, status = "rescue-damaged", 422


class RescueTooLarge(Problem):
    """It is larger than the settings allow."""

    slug, status = "rescue-too-large", 413


OF_REFUSAL: dict[str, type[Problem]] = {
    "form": RescueForm,
    "version": RescueVersion,
    "key": RescueKey,
    "damaged": RescueDamaged,
}
REFUSALS = tuple(OF_REFUSAL.values())


def of_refusal(refusal: RefusedRescue) -> Problem:
    """Return the problem that tells why a package was not opened."""
    return OF_REFUSAL[str(refusal.values["why"])]()
