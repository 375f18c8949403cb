"""Builders: each makes one sound thing of the trade, and takes by name what a test wants otherwise.

Keys are made from names, so the same name is the same key in every run: they protect nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from shared import signing
from shared.keys import ED25519, X25519, KeySet, Purpose, Revocations, encode_serials, open_key_set, open_revocations
from shared.ops import FIRST_PREV, Op
from shared.rules import Rules, rules_on
from shared.scales import Scale
from shared.seal import Payload, binding_of, make_link
from shared.verdict import Reading, ScaleCheck

TODAY = date(2026, 11, 21)
HOST = "DINGPAN.TEST"
PREFIX = "4116"
REGION = "411602"


def a_signer(name: str) -> signing.Signer:
    """Return the key of a name: "root", "seal", "receipt", "tree", "revocation", "device", or any other."""
    return signing.Signer(hashlib.sha256(name.encode()).digest())


def an_id(number: int) -> str:
    """Return a UUIDv7 that rises with its number."""
    return f"019aa111-0000-7000-8000-{number:012x}"


def a_scale(*, e_g: int = 5, max_kg: int = 15, d_mg: int | None = None, **fields: Any) -> Scale:
    """Return a scale of class III by its nameplate, not price-computing; Min is 20 e, and d = e unless given."""
    sound: dict[str, Any] = {
        "max_mg": max_kg * 1_000_000,
        "min_mg": 20 * e_g * 1000,
        "e_mg": e_g * 1000,
        "d_mg": d_mg or e_g * 1000,
        "accuracy_class": "III",
    }
    return Scale(**sound | fields)


def a_check(*points_g: tuple[int, int], scale: Scale | None = None) -> ScaleCheck:
    """Return a check of (load, shown) in grams; without any, three loads of which the heaviest shows 25 g too much."""
    points = points_g or ((1_000, 1_000), (5_000, 5_010), (10_000, 10_025))
    readings = tuple(Reading(load * 1000, shown * 1000) for load, shown in points)
    return ScaleCheck(scale or a_scale(), readings)


def todays_rules() -> Rules:
    """Return the national rules of ``TODAY``."""
    return rules_on(TODAY)


def a_key(purpose: Purpose, id: int, *, signer: str = "", **fields: Any) -> dict[str, Any]:
    """Return the row of a public key, named after its purpose unless ``signer`` says otherwise."""
    row: dict[str, Any] = {
        "prefix": PREFIX,
        "id": id,
        "alg": X25519 if purpose is Purpose.RESCUE else ED25519,
        "public": signing.encode_base64(_public_half(purpose, a_signer(signer or purpose.value))),
        "purpose": purpose.value,
        "from": "2026-01-01",
        "to": "2027-12-31",
    }
    return row | fields


def _public_half(purpose: Purpose, signer: signing.Signer) -> bytes:
    return signing.x25519_public(signer.secret) if purpose is Purpose.RESCUE else signer.public


def some_keys() -> list[dict[str, Any]]:
    """Return one key of each purpose, and a second seal key with another signer."""
    return [
        a_key(Purpose.SEAL, 1),
        a_key(Purpose.SEAL, 2, signer="second seal"),
        a_key(Purpose.RECEIPT, 3),
        a_key(Purpose.TREE, 4),
        a_key(Purpose.REVOCATION, 8),
        a_key(Purpose.RESCUE, 9),
    ]


def a_key_set_document(*, keys: list[Any] | None = None, root: str = "root", **fields: Any) -> dict[str, Any]:
    """Return ``{"body", "signature"}`` as the server publishes it."""
    body: dict[str, Any] = {"seq": 7, "issued": "2026-11-01", "next": "2026-12-31", "hosts": [HOST]}
    text = json.dumps(body | {"keys": some_keys() if keys is None else keys} | fields)
    signature = a_signer(root).sign(signing.KEYS, text.encode())
    return {"body": text, "signature": signing.encode_base64(signature)}


def a_key_set(**fields: Any) -> KeySet:
    """Return a verified key set; fields as for ``a_key_set_document``."""
    return open_key_set(a_key_set_document(**fields), a_signer("root").public)


def a_revocation_document(
    serials: Iterable[int] = (), *, listed: str = "", signer: str = "revocation", **fields: Any
) -> dict[str, Any]:
    """Return ``{"body", "key_id", "signature"}`` as the server publishes it; ``listed`` is a list in base64."""
    listed = listed or signing.encode_base64(encode_serials(serials))
    body: dict[str, Any] = {"seq": 12, "issued": "2026-11-20", "next": "2026-11-27", "serials": listed}
    text = json.dumps(body | fields)
    signature = a_signer(signer).sign(signing.REVOKED, text.encode())
    return {"body": text, "key_id": 8, "signature": signing.encode_base64(signature)}


def a_revocation_list(serials: Iterable[int] = (), **fields: Any) -> Revocations:
    """Return a verified revocation list; fields as for ``a_revocation_document``."""
    return open_revocations(a_revocation_document(serials, **fields), a_key_set())


def a_payload(**fields: Any) -> Payload:
    """Return the payload of a scale's label for life."""
    sound: dict[str, Any] = {
        "key_id": 1,
        "serial": 1_000_001,
        "region": REGION,
        "kind": 1,
        "issued": date(2026, 11, 1),
        "last_day": None,
        "binding": binding_of("ACS-30 2024 0311"),
    }
    return Payload(**sound | fields)


def a_label(*, signer: str = "seal", host: str = HOST, **fields: Any) -> str:
    """Return the link of a genuine label; fields as for ``a_payload``."""
    return make_link(a_payload(**fields), a_signer(signer), host)


def an_op(number: int = 1, *, signer: str = "device", **fields: Any) -> Op:
    """Return a signed op, the first of its device unless told otherwise."""
    sound: dict[str, Any] = {
        "op_id": an_id(number),
        "device_id": an_id(0xD1),
        "person_id": an_id(0xB1),
        "device_seq": number,
        "prev": FIRST_PREV,
        "kind": "correction/1",
        "depends_on": (),
        "body": json.dumps({"corrects": an_id(0xC1), "note": f"第 {number} 条"}, ensure_ascii=False),
    }
    return Op(**sound | fields).signed(a_signer(signer))


def an_op_chain(length: int, *, first: int = 1) -> list[Op]:
    """Return ops of one device, each naming the one before as ``prev``."""
    chain: list[Op] = []
    for number in range(first, first + length):
        chain.append(an_op(number, prev=chain[-1].next_prev if chain else FIRST_PREV))
    return chain


def a_tree(root: Path, sources: Mapping[str, str]) -> Path:
    """Write files by path and text under a folder, for checkers that read a whole repository."""
    for name, text in sources.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    return root
