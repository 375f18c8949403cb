"""Two regions with a full set of things each: who holds which things, and the words that nobody else may read.

Near (411602) are somebody of each role, a colleague of theirs in the same unit, and a neighbour in another unit of the
same region; the stranger is far (411681). Whoever has things has a word of its own in every name and number of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from server import feed, transaction
from server.accounts import service as accounts
from server.accounts.models import Person, Recusal, Role, SignIn
from server.accounts.scope import Scope
from server.campaigns import service as campaigns
from server.certificates import service as certificates
from server.clock import new_id, now
from server.database import begin_write, db
from server.evidence.folder import FolderStore
from server.evidence.models import NamedFile, Upload
from server.feedback import service as feedback
from server.memberships import service as memberships
from server.memberships.models import Capacity
from server.pledges import service as pledges
from server.register_import.models import RegisterImport
from server.register_import.reading import read
from server.registry.models import Custody, Instrument, Party, Place, Stall
from server.sync import snapshots
from shared.dates import civil_day
from shared.words import TaskKind, VerificationKind, VerificationResult
from tests.server.people import OUTSIDE, cookie_of, keep_token, somebody, token_of
from tests.server.protocol import send
from tests.server.world import BEYOND, PLATE, Phone, World, a_label

FIELD = (Role.INSPECTOR, Role.VERIFIER, Role.SUPERVISOR)
NO_ID_64 = "0" * 64
SCALES = "scales-1"


@dataclass
class Holder:
    """Somebody with things: their ids by the name of the argument that takes them, and ways to ask.

    ``cookie`` is of a whole sign-in, ``half`` of one whose second factor is still to come.
    """

    word: str
    person: Person
    phone: Phone | None = None
    things: dict[str, str] = field(default_factory=dict)
    cookie: str = ""
    half: str = ""
    token: str = ""

    def secrets(self) -> set[str]:
        """What only those may read who may see these things: the word, and the ids of what it stands in."""
        return {self.word, *(id_ for id_ in self.things.values() if not id_.isdigit())}


class _Nowhere(dict[str, str]):
    """An id of the right form for every name, of which there is no thing."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return NO_ID_64 if name.endswith("sha256") else "019aa111-0000-7000-8000-00000000dead"


NOBODY = Holder("nobody", Person(), things=_Nowhere())


@dataclass
class TwoRegions:
    """Everybody: one caller of each role near, and those whose things they may or may not see."""

    world: World
    callers: dict[Role, Holder]
    colleague: Holder
    neighbour: Holder
    stranger: Holder

    def everybody(self) -> Iterator[Holder]:
        yield from (*self.callers.values(), self.colleague, self.neighbour, self.stranger)


def add_far_side(world: World) -> World:
    """Add a merchant, a stall and a scale in the strangers' region: the last of each list of the world."""
    session = db.session()
    stall = Stall(id=new_id(now()), place_id=world.far_place, number="B01")
    party = Party(id=new_id(now()), name="far", identity_kind="uscc", public_code="far", region="411681")
    about = {"kind": "scale", "serial": "FAR-1", "status": "in_use", "region": "411681", "place_id": world.far_place}
    item = Instrument(id=new_id(now()), **about, **PLATE)
    session.add_all((stall, party, item))
    session.flush()
    custody = Custody(id=new_id(now()), instrument_id=item.id, kind="own", user_id=party.id, first_day=world.day)
    session.add_all((custody, a_label(world, 2_000_001, item)))
    session.commit()
    for known, row in ((world.stalls, stall), (world.parties, party), (world.instruments, item)):
        known.append(row.id)
    world.custodies.append(custody.id)
    return world


def two_regions(world: World) -> TwoRegions:
    """Fill a world with everybody and everything."""
    branch, office = (db.session.get_one(Person, id_).unit_id for id_ in (world.inspector, world.stranger))
    other_unit = db.session.get_one(Person, world.verifier).unit_id
    callers = {}
    for number, role in enumerate(Role, start=1):
        holder = Holder(f"zq{number}q", somebody(role, unit_id=None if role in OUTSIDE else branch))
        _name(holder)
        callers[role] = _with_records(world, holder) if role in FIELD else _without_records(world, holder)
    others = []
    for number, (unit, region) in enumerate([(branch, "411602"), (other_unit, "411602"), (office, "411681")], start=21):
        holder = Holder(f"zq{number}q", somebody(Role.INSPECTOR, unit_id=unit))
        _name(holder)
        others.append(_with_records(world, holder, region))
    found = TwoRegions(world, callers, *others)
    _keep_snapshots(found)
    for holder in found.everybody():
        _let_in(holder)
    return found


def _name(holder: Holder) -> None:
    holder.person.name = f"{holder.word} person"
    db.session.commit()
    holder.things |= {"person": holder.person.id} | ({"unit": holder.person.unit_id} if holder.person.unit_id else {})


def _without_records(world: World, holder: Holder) -> Holder:
    """Somebody who records nothing in the field; who acts for a party has a stall with a scale."""
    if holder.person.role in OUTSIDE:
        _register(world, holder, "411602")
        _join(holder, holder.person)
    return holder


def _with_records(world: World, holder: Holder, region: str = "411602") -> Holder:
    """Somebody with a merchant, a visit to it that found something, its files, a task, a verification, a phone."""
    _register(world, holder, region)
    _join(holder, somebody(Role.MERCHANT))
    _verify(holder)
    holder.phone = world.phone(holder.person.id)
    _visit(world, holder)
    _file(world, holder)
    _plan(holder, region)
    return holder


def _register(world: World, holder: Holder, region: str) -> None:
    """Add a place with a stall, a merchant and a scale with its label."""
    session, word = db.session(), holder.word
    begin_write()
    place = Place(
        id=new_id(now()), kind="market", name=f"{word} market", address=word, region=region, phone_zone="allowed"
    )
    party = Party(id=new_id(now()), name=f"{word} shop", identity_kind="uscc", public_code=f"{word}code", region=region)
    session.add_all((place, party))
    session.flush()
    place.operator_id = party.id
    stall = Stall(id=new_id(now()), place_id=place.id, number=f"{word}-S")
    plate = {"kind": "scale", "serial": f"{word}-1", "maker": word, "use": "trade", "status": "in_use"}
    item = Instrument(id=new_id(now()), region=region, place_id=place.id, **plate, **PLATE)
    session.add_all((stall, item))
    session.flush()
    about = {"instrument_id": item.id, "owner_id": party.id, "user_id": party.id, "stall_id": stall.id}
    custody = Custody(id=new_id(now()), kind="own", first_day=world.day, **about)
    label = a_label(world, 3_000_000 + int(word.strip("zq")), item)
    session.add_all((custody, label))
    for kind, row in (("place", place), ("stall", stall), ("party", party), ("instrument", item)):
        feed.changed(session, kind, row.id)
        holder.things |= {kind: row.id, f"{kind}_id": row.id}
    holder.things |= {"custody": custody.id, "serial": str(label.serial)}
    transaction.commit(session, now())


def _join(holder: Holder, person: Person) -> None:
    """Let somebody act for the holder's party, and sign the pledge."""
    session = db.session()
    begin_write()
    person = session.merge(person)
    person.name = f"{holder.word} trader"
    party = session.get_one(Party, holder.things["party"])
    membership = memberships.join(session, person, party.id, Capacity.PRINCIPAL, granted_by=None, now=now())
    wording = pledges.wording(SCALES)
    signed = {"chosen": wording, "signer_name": f"{holder.word} signer", "strokes": [[10, 20, 30, 40]]}
    pledge = pledges.sign(session, party=party, person=person, now=now(), **signed)  # type: ignore[arg-type]
    transaction.commit(session, now())
    helper = somebody(Role.MERCHANT)
    begin_write()
    helping = memberships.join(session, helper, party.id, Capacity.DELEGATE, granted_by=person.id, now=now())
    transaction.commit(session, now())
    holder.things |= {"membership_id": membership.id, "membership": helping.id, "number": pledge.number}


def _verify(holder: Holder) -> None:
    session = db.session()
    begin_write()
    verification = certificates.enter(
        session,
        instrument=session.get_one(Instrument, holder.things["instrument"]),
        verifier=session.merge(holder.person),
        kind=VerificationKind.PERIODIC,
        result=VerificationResult.PASSED,
        document_no=f"{holder.word}-D",
        done_on=now().date(),
        now=now(),
    )
    transaction.commit(session, now())
    holder.things |= {"verification": verification.id}


def _visit(world: World, holder: Holder) -> None:
    """Push a visit that found a scale beyond its limits, and names a photo."""
    assert holder.phone is not None
    things, person = holder.things, holder.person.id
    content = photo_of(holder)
    sha256 = hashlib.sha256(content).hexdigest()
    check = world.check(BEYOND, tested_by=person) | {"instrument": things["instrument"], "custody": things["custody"]}
    body = world.visit(check, place=things["place"])
    body["participants"] = [{"person": person, "capacity": "officer", "card_no": holder.word}]
    file = {"sha256": sha256, "bytes": len(content), "kind": "photo", "check": check["id"]}
    about = {"party": things["party"], "stall": things["stall"], "remark": f"{holder.word} remark", "evidence": [file]}
    body["inspections"][0] |= about
    (entry,) = send(world.app, holder.phone, op := holder.phone.op("visit.record/1", body))
    assert entry["status"] == "applied", entry
    FolderStore(world.app.extensions["dingpan"].settings.evidence_dir).put(content)
    begin_write()
    db.session.scalars(select(NamedFile).where(NamedFile.sha256 == sha256)).one().received_at = now()
    db.session.get_one(Instrument, things["instrument"]).photo_sha256 = sha256
    db.session.commit()
    holder.things |= {"visit_id": body["id"], "sha256": sha256, "op_id": op.op_id, "device_id": holder.phone.device_id}


def photo_of(holder: Holder) -> bytes:
    """Return what the file of a holder's visit holds."""
    return b"\xff\xd8 " + holder.word.encode()


def _file(world: World, holder: Holder) -> None:
    """Leave an upload and a ledger under way, words of a consumer, and a relation to the holder's own merchant."""
    times = {"made_at": now(), "expires_at": now().replace(year=now().year + 1)}
    about = {"person_id": holder.person.id, "record_id": holder.things["visit_id"], "sha256": NO_ID_64}
    upload = Upload(id=new_id(now()), told="", length=9, offset=0, state="open", **about, **times)
    told = {"person_id": holder.person.id, "party_id": holder.things["party"], "told_by": holder.person.id}
    recusal = Recusal(id=new_id(now()), relation="relative", told_at=now(), **told)
    begin_write()
    written = feedback.keep(
        db.session(), serial=1, instrument_id=holder.things["instrument"], text=f"{holder.word} feedback", now=now()
    )
    db.session.add_all((upload, recusal))
    db.session.commit()
    grid = read(f"{holder.word},1\n{holder.word},2\n".encode())
    kept = {"unit_id": holder.person.unit_id, "state": "read", "file_name": f"{holder.word}.csv", "sheet": ""}
    kept |= {"sha256": NO_ID_64, "content": grid.packed(), "made_by": holder.person.id, "made_at": now()}
    ledger = RegisterImport(id=new_id(now()), **kept)
    db.session.add(ledger)
    db.session.commit()
    holder.things |= {
        "upload_id": upload.id,
        "recusal_id": recusal.id,
        "import_id": ledger.id,
        "feedback_id": written.id,
    }


def _plan(holder: Holder, region: str) -> None:
    begin_write()
    about = {"place_id": holder.things["place"], "assigned_to": holder.person.id, "note": f"{holder.word} note"}
    about["due_on"] = civil_day(now())  # the most urgent stand on the first page
    task = campaigns.assign(db.session(), kind=TaskKind.VISIT, region=region, now=now(), **about)  # type: ignore[arg-type]
    comparing = campaigns.assign(db.session(), kind=TaskKind.COMPARE_LABEL, region=region, now=now())
    transaction.commit(db.session(), now())
    holder.things |= {"task_id": task.id, "comparison_id": comparing.id}


def _keep_snapshots(all_: TwoRegions) -> None:
    """Make a snapshot of each region, which all have who have records in it."""
    system = all_.world.app.extensions["dingpan"]
    for region, near in (("411602", True), ("411681", False)):
        made = snapshots.ready(db.session(), system.settings.snapshots, system.keyring, region, Scope((region,)), now())
        for holder in all_.everybody():
            if "place" in holder.things and (holder is not all_.stranger) is near:
                holder.things["snapshot_sha256"] = made.manifest.sha256


def _let_in(holder: Holder) -> None:
    """Give somebody a cookie and a token, each good for as long as the test lasts."""
    holder.person = db.session.get_one(Person, holder.person.id)
    holder.cookie = cookie_of(holder.person)
    holder.half = accounts.open_sign_in(
        db.session(), holder.person, now=now(), lasts=accounts.SIGN_IN_LASTS, is_whole=False
    )
    if holder.phone is not None:
        holder.token = keep_token(f"token of {holder.word}", holder.phone.device_id, holder.person.id)
    else:
        holder.token = token_of(holder.person)
    db.session.commit()
    sign_in = db.session.get_one(SignIn, accounts.sha256_of(holder.cookie))
    holder.things |= {"sign_in_id": sign_in.id, "person_id": holder.person.id}
