"""A labelling day as a phone records it: labels in stock, the bodies of its records, and photos on their way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from server import transaction
from server.clock import new_id, now
from server.database import begin_write, db
from server.seals.models import SealStock
from shared.ops import Op
from tests.server import photos
from tests.server.sending import CHUNK, TUS, digest, metadata
from tests.server.world import PLATE, Phone, World, a_label, opening

FIRST_OF_STOCK = 1_500_001
REGISTER, BIND, VERIFY, SWAP = "instrument.register/1", "seal.bind/1", "verification.record/1", "custody.swap/1"
Body = dict[str, Any]


def stock(world: World, count: int) -> list[int]:
    """Give the officers some signed labels that are on nothing yet; return their serials."""
    begin_write()
    serials = list(range(FIRST_OF_STOCK, FIRST_OF_STOCK + count))
    for serial in serials:
        label = a_label(world, serial, None)
        db.session.add_all((label, opening(label)))
    transaction.commit(db.session(), now())
    return serials


def page_of(serial: int) -> str:
    """Return the page of a label."""
    return "/V/" + db.session.get_one(SealStock, serial).text


def photo(number: int) -> bytes:
    """Return a small photo that differs from any other number's, with what must never be public in it."""
    return photos.jpeg(photos.painted((40 + number, 30)), exif=photos.exif(gps=True), comment=photos.MARK)


def files(kind: str, contents: Iterable[bytes]) -> list[Body]:
    return [{"sha256": digest(one), "bytes": len(one), "kind": kind, "check": None} for one in contents]


def an_instrument(world: World, number: int = 0, *nameplates: bytes, **fields: Any) -> Body:
    """Return the body of a scale on the first stall, used by its merchant as its own."""
    about = {"id": new_id(now()), "kind": "scale", "serial": f"NEW-{number:04d}", "use": "trade", "place": world.place}
    custody = {"kind": "own", "owner": world.parties[0], "user": world.parties[0]}
    shown = {"evidence": files("nameplate", nameplates)} if nameplates else {}
    return about | PLATE | {"stall": world.stalls[0], "custody": custody} | shown | fields


def a_binding(instrument: str, serial: int, *in_place: bytes) -> Body:
    shown = {"evidence": files("label_in_place", in_place)} if in_place else {}
    return {"instrument": instrument, "serial": serial} | shown


def a_verification(world: World, instrument: str, number: int = 1, **fields: Any) -> Body:
    """Return the body of a verification of today that passed; it holds as long as the rules allow."""
    return {
        "id": new_id(now()),
        "instrument": instrument,
        "kind": "initial",
        "result": "passed",
        "document_no": f"周检2026-{number:04d}",
        "mark_no": f"合格{number:06d}",
        "done_on": world.day.isoformat(),
        "valid_until": world.day.replace(year=world.day.year + 1, day=world.day.day - 1).isoformat(),
    } | fields


def a_swap(world: World, first: str, second: str, **fields: Any) -> Body:
    return {"id": new_id(now()), "first": first, "second": second, "on": world.day.isoformat()} | fields


def filed(phone: Phone, world: World, serial: int, number: int) -> tuple[Op, Op, Op]:
    """Return the ops of one instrument: registered, labelled, verified, each depending on the one before."""
    body = an_instrument(world, number, photo(number))
    register = phone.op(REGISTER, body)
    bind = phone.op(BIND, a_binding(body["id"], serial, photo(100 + number)), depends_on=(register.op_id,))
    verify = phone.op(VERIFY, a_verification(world, body["id"], number), depends_on=(bind.op_id,))
    return register, bind, verify


def upload(phone: Phone, record: str, kind: str, content: bytes) -> None:
    """Send a whole file that a record names."""
    told = metadata(sha256=digest(content), kind=kind, record=record)
    headers = phone.headers | TUS
    sent = {"Upload-Length": str(len(content)), "Upload-Metadata": told}
    answer = phone.client.post("/api/v1/uploads", headers=headers | sent)
    assert answer.status_code == 201, answer.text
    chunk = headers | CHUNK | {"Upload-Offset": "0"}
    answer = phone.client.patch(answer.headers["Location"], data=content, headers=chunk)
    assert answer.status_code == 204, answer.text
