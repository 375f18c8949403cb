"""What to look at in a demo city: labels in every state, one that nobody signed, a neighbour, a busy day."""

from __future__ import annotations

import json
from datetime import date

from server.public.state import PageState, answer
from shared.seal import LabelVerdict
from tests.journeys.conftest import City


def label_url(city: City, wanted: PageState, *, has_pledge: bool) -> str | None:
    """Return the address of the first label whose page says this, at a stall if there is one; None: there is none."""
    today = date.fromisoformat(city.way_in["as_of"])
    found = []
    rows = city.rows("SELECT s.text, r.body FROM seal s JOIN public_record r ON r.serial = s.serial ORDER BY s.serial")
    for text, body in rows:
        record = json.loads(body)
        state = answer(LabelVerdict.GENUINE, record, today).state
        if state is wanted and bool(record.get("pledge")) is has_pledge:
            found.append((not record.get("place", {}).get("stall"), f"{city.url}/V/{text}"))
    return min(found, key=lambda one: one[0])[1] if found else None


def forged_link(link: str) -> str:
    """Return a link whose signature has one letter changed that carries five whole bits."""
    other = "A" if link[-5] != "A" else "B"
    return link[:-5] + other + link[-4:]


def neighbour(city: City) -> int:
    """Return the label of another scale at the place where the journey begins."""
    about = city.way_in["journey"]
    question = (
        "SELECT s.serial FROM seal s JOIN instrument i ON i.id = s.instrument_id "
        "WHERE i.place_id = ? AND i.id <> ? AND s.state = 'applied' AND i.kind = 'scale' AND i.status = 'in_use' "
        "AND i.max_mg >= 10000000 AND i.photo_sha256 IS NOT NULL AND i.e_mg = 5000 ORDER BY s.serial"
    )
    rows = city.rows(question, about["place_id"].replace("-", ""), about["instrument_id"].replace("-", ""))
    return int(rows[0][0])


def stock_label(city: City) -> int:
    """Return a label of the region where the journey begins that is with an officer and on nothing yet."""
    question = (
        "SELECT s.serial FROM seal s JOIN place p ON p.region = s.region "
        "WHERE p.id = ? AND s.state = 'issued' ORDER BY s.serial"
    )
    return int(city.rows(question, city.way_in["journey"]["place_id"].replace("-", ""))[0][0])


def busiest_day(city: City) -> str:
    """Return the day on which the supervisor's people went to most places and tested most."""
    supervisor = city.sign_in("supervisor")["person"].replace("-", "")
    question = (
        "SELECT v.civil_day FROM visit v JOIN place p ON p.id = v.place_id "
        "JOIN unit_region r ON p.region LIKE r.region || '%' JOIN person s ON s.unit_id = r.unit_id "
        'JOIN inspection i ON i.visit_id = v.id JOIN "check" c ON c.inspection_id = i.id '
        "WHERE s.id = ? GROUP BY v.civil_day ORDER BY count(DISTINCT v.place_id) DESC, count(*) DESC, v.civil_day DESC"
    )
    return str(city.rows(question, supervisor)[0][0])


def photos_for_the_inspector(city: City) -> int:
    """Return how many instruments of the inspector's regions have a photo."""
    question = (
        "SELECT count(DISTINCT i.photo_sha256) FROM instrument i JOIN unit_region r ON i.region LIKE r.region || '%' "
        "JOIN person p ON p.unit_id = r.unit_id WHERE p.id = ? AND i.photo_sha256 IS NOT NULL"
    )
    return int(city.rows(question, city.sign_in("inspector")["person"].replace("-", ""))[0][0])
