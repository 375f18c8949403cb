"""The market operator's pages: the places it operates, and which instruments there are due. It changes nothing."""

from __future__ import annotations

from flask import g, render_template

from server.clock import now
from server.database import db
from server.merchant import due
from server.merchant.routes import blueprint
from server.problems import NotFound
from server.registry import service as registry
from shared.dates import civil_day


@blueprint.get("/market")
def market() -> str:
    """Show the place that the open party operates, or the choice of them."""
    places = registry.places_of_operator(db.session(), g.party_id)
    if not places:
        raise NotFound
    return _show(places[0], places) if len(places) == 1 else render_template("merchant/markets.html", places=places)


@blueprint.get("/market/<place_id>")
def market_place(place_id: str) -> str:
    """Show one of these places; a place of another operator is not there."""
    places = registry.places_of_operator(db.session(), g.party_id)
    found = next((place for place in places if place.id == place_id), None)
    if found is None:
        raise NotFound
    return _show(found, places)


def _show(place: registry.Place, places: list[registry.Place]) -> str:
    found = due.at_place(db.session(), place.id, civil_day(now()))
    return render_template("merchant/market.html", place=place, is_one_of_many=len(places) > 1, found=found)
