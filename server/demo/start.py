"""``dingpan demo``: from nothing to a served city. What is there already is kept; a half-loaded city is made anew."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from server import create_app, logs, serving, transaction
from server.accounts import models as accounts
from server.accounts.service import second_factor, staff
from server.clock import now, system_clock
from server.database import begin_write, db
from server.demo import load, merchant
from server.demo.home import HOST, Home
from server.devices import service as devices
from server.memberships import service as memberships
from server.registry import models as registry
from server.seals import service as seals
from shared.dates import civil_day
from shared.words import SealState

PREFIXES = ["4116", "4114"]
# Of the cast, whoever is given a code to enrol a phone with; the inspector's comes first.
PHONE_ROLES = ("inspector", "colleague", "verifier")


def run(options: argparse.Namespace) -> None:
    """Prepare the folder and serve it; raises PortInUse before anything is made."""
    port = serving.free_port(options.host, options.port)
    url = f"http://{options.host}:{port}"
    home = Home(options.data)
    home.prepare(civil_day(system_clock()), PREFIXES)
    os.environ.update(home.environ(url))
    logs.configure(as_json=False)
    app = create_app(home.settings(url))
    with app.app_context():
        if home.is_new:
            _make_city(app, home, options.seed, options.instruments)
        else:
            upgrade()
        way_in = describe(app, home, url)
        db.session.remove()
        db.engine.dispose()
    _show(way_in, as_json=options.json)
    if options.app:
        _start_app(home, way_in)
    serving.serve(options.host, port)


def _make_city(app: Flask, home: Home, seed: int, instruments: int) -> None:
    home.forget()
    upgrade()
    today = civil_day(now())
    password = f"dingpan-{secrets.token_hex(8)}"
    about: dict[str, Any] = {"instruments": instruments, "password": password, "has_second_factors": True}
    loaded = load.load_city(app, seed=seed, as_of=today, **about)
    by_phone = merchant.settle(loaded.city.journey, now())
    home.remember_city(_story(loaded, seed, today) | {"by_phone": by_phone})


def _story(loaded: load.Loaded, seed: int, today: date) -> dict[str, object]:
    """Return what is remembered of the city between two starts."""
    journey, city = loaded.city.journey, loaded.city
    people = {person.id: person for person in city.people}
    cast = {
        "inspector": journey.inspector_id,
        "colleague": journey.colleague_id,
        "supervisor": journey.supervisor_id,
        "verifier": journey.verifier_id,
    }
    at_the_bureau = ("auditor", "system_administrator", "security_administrator", "audit_administrator")
    cast |= {role: next(person.id for person in city.people if person.role == role) for role in at_the_bureau}
    sign_ins = [
        {"role": role, "name": people[id_].name, "sign_in_name": people[id_].sign_in_name, "person": id_}
        | ({"totp_secret": loaded.secrets[id_]} if id_ in loaded.secrets else {})
        for role, id_ in cast.items()
    ]
    states = (SealState.APPLIED, SealState.ISSUED, SealState.VOID)
    labels = {state.value: next((row.serial for row in city.seals if row.state is state), None) for state in states}
    return {
        "seed": seed,
        "as_of": today.isoformat(),
        "instruments": loaded.instruments,
        "password": loaded.password,
        "sign_ins": sign_ins,
        "newcomer": city.newcomer.id,
        "journey": vars(journey),
        "labels": {"journey": journey.seal_serial} | labels,
    }


def describe(app: Flask, home: Home, url: str) -> dict[str, Any]:
    """Return links, local URLs and sign-ins, with fresh enrolment codes and invitations."""
    story: dict[str, Any] = home.city()
    session = db.session()
    begin_write()
    enrolments = [_enrolment(app, url, one) for one in story["sign_ins"] if one["role"] in PHONE_ROLES]
    joining = _staff_invitations(url, story.get("newcomer"))
    invitation = memberships.issue_invitation(session, story["journey"]["party_id"], now())
    party = session.get_one(registry.Party, story["journey"]["party_id"])
    transaction.commit(session, now())
    return {
        "url": url,
        "data": str(home.folder),
        "seed": story["seed"],
        "as_of": story["as_of"],
        "instruments": story["instruments"],
        "pages": {"console": f"{url}/console/", "api": f"{url}/api/v1/docs", "bulletin": f"{url}/console/bulletin"},
        "sign_ins": [_sign_in(url, one, story["password"]) for one in story["sign_ins"]],
        "labels": [_label(url, what, serial) for what, serial in story["labels"].items() if serial is not None],
        "invitations": [{"party": party.name, "url": f"{url}/m/i/{invitation}"}],
        "staff_invitations": joining,
        "phone_sign_ins": [one | {"url": f"{url}/m/enter"} for one in story.get("by_phone", [])],
        "enrolments": enrolments,
        "journey": story["journey"],
    }


def _sign_in(url: str, one: dict[str, str], password: str) -> dict[str, str]:
    """Return how one of the cast signs in; who needs a code has its secret, and what an authenticator reads."""
    about = {"password": password, "url": f"{url}/sign-in"}
    if "totp_secret" in one:
        person = db.session.get_one(accounts.Person, one["person"])
        about["totp_uri"] = second_factor.uri(person, one["totp_secret"])
    return one | about


def _staff_invitations(url: str, newcomer: str | None) -> list[dict[str, str]]:
    """Return a fresh link for the newcomer; nothing once the link was used."""
    person = db.session.get(accounts.Person, newcomer) if newcomer else None
    if person is None or person.password_hash is not None:
        return []
    secret = staff.issue_link(db.session(), person, by=None, now=now())
    return [{"name": person.name, "sign_in_name": person.sign_in_name or "", "url": f"{url}/join/{secret}"}]


def _enrolment(app: Flask, url: str, one: dict[str, str]) -> dict[str, str]:
    person = db.session.get_one(accounts.Person, one["person"])
    code = devices.issue_enrolment_code(db.session(), person, now())
    root = app.extensions["dingpan"].keyring.root_public
    return {"name": person.name, "person": person.id, "text": devices.enrolment_text(url, root, code)}


def _label(url: str, what: str, serial: int) -> dict[str, Any]:
    label = seals.find(db.session(), serial)
    if label is None:
        raise AssertionError(f"the demo city lost its label {serial}")
    link = f"HTTPS://{HOST}/V/{label.text}"
    return {"what": what, "serial": serial, "link": link, "url": f"{url}/V/{label.text}"}


def _show(way_in: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(way_in, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_page(way_in))
    sys.stdout.flush()


def _page(way_in: dict[str, Any]) -> str:
    """Return the same for a person at a terminal."""
    codes = [one for one in way_in["sign_ins"] if "totp_secret" in one]
    lines = [f"Dingpan serves {way_in['instruments']} instruments at {way_in['url']}", ""]
    lines += [f"  {one['role']:<22} {one['sign_in_name']:<16} {one['password']}" for one in way_in["sign_ins"]]
    lines += ["", "  a code is asked of some; their secrets for an authenticator:"]
    lines += [f"  {one['role']:<22} {one['totp_secret']}" for one in codes]
    lines += ["", f"  console        {way_in['pages']['console']}"]
    lines += [f"  label          {one['url']}  ({one['what']})" for one in way_in["labels"]]
    lines += [f"  merchant       {one['url']}" for one in way_in["invitations"]]
    lines += [f"  newcomer       {one['url']}  ({one['name']})" for one in way_in["staff_invitations"]]
    by_phone = [f"{one['url']}  {one['number']}, the code appears here" for one in way_in["phone_sign_ins"]]
    lines += [f"  by phone       {line}" for line in by_phone]
    lines += ["", "The same as one JSON object: dingpan demo --json. Stop with Ctrl-C.", ""]
    return "\n".join(lines)


def _start_app(home: Home, way_in: dict[str, Any]) -> None:
    """Start the field app beside the server, ready to be enrolled for the inspector."""
    folder: Path = home.folder / "phone"
    command = [sys.executable, "-m", "fieldapp.main", "--data", str(folder)]
    command += ["--enrol", way_in["enrolments"][0]["text"]]
    subprocess.Popen(command)  # noqa: S603 - our own program with arguments of our own
