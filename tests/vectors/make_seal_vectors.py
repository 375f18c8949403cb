"""Writes ``seal_vectors.json``: good and bad labels with the verdict each deserves, for whoever builds a verifier.

    python -m tests.vectors.make_seal_vectors

Nothing of ours is imported: bytes, base32 and signatures are made here from docs/seal.md, and each verdict is written
down by hand beside what makes it so. Keys come from names; they protect nothing. The same script makes the same file.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

FILE = Path(__file__).with_name("seal_vectors.json")
ABOUT = (
    "Labels of docs/seal.md and their offline verdicts. keys and revoked name a document above; revoked null: no list "
    "was ever received. day is the civil day of the phone, and later than its last tree head. Keys are for tests only."
)
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the Ed25519 group, RFC 8032, 5.1
HOST = "DINGPAN.TEST"
DAY = "2026-11-21"
Change = Callable[[str], str]


def private(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def public(name: str) -> str:
    raw = private(name).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def days(text: str | None) -> int:
    return (date.fromisoformat(text) - date(2020, 1, 1)).days if text else 0


def key(prefix: str, id: int, signer: str, first: str = "2026-01-01", end: str = "2027-12-31", **more: Any) -> Any:
    row = {"prefix": prefix, "id": id, "alg": 1, "public": public(signer), "purpose": "seal"}
    return {**row, "from": first, "to": end, **more}


def key_set(*, root: str = "root", next_day: str = "2026-12-31", own: str = "seal") -> dict[str, str]:
    keys = [
        key("4116", 1, own),
        key("4116", 2, "ranged", serials=[[5, 5], [2_000_000, 2_999_999]]),
        key("4116", 3, "leaked", compromised=True),
        key("4116", 4, "october", "2026-10-01", "2026-10-31"),
        key("4116", 5, "sm2", alg=2),
        key("4101", 1, "capital"),
        key("4116", 8, "revocation", purpose="revocation"),
        key("4116", 9, "parking", purpose="parking"),
    ]
    hosts = [HOST, "JILIANG.ZHOUKOU.GOV.CN"]
    body = json.dumps({"seq": 7, "issued": "2026-11-01", "next": next_day, "hosts": hosts, "keys": keys})
    signature = private(root).sign(b"DINGPAN-KEYS-v1\0" + body.encode())
    return {"body": body, "signature": base64.b64encode(signature).decode()}


def leb128(numbers: list[int]) -> bytes:
    content, before = bytearray(), 0
    for number in sorted(numbers):
        step, before = number - before, number
        while step > 127:
            content.append(step & 127 | 128)
            step >>= 7
        content.append(step)
    return bytes(content)


def revoked(numbers: list[int], issued: str = "2026-11-20") -> dict[str, Any]:
    listed = base64.b64encode(leb128(numbers)).decode()
    body = json.dumps({"seq": 12, "issued": issued, "next": "2026-11-27", "serials": listed})
    signature = private("revocation").sign(b"DINGPAN-REVOKED-v1\0" + body.encode())
    return {"body": body, "key_id": 8, "signature": base64.b64encode(signature).decode()}


def signed_bytes(
    *,
    alg: int = 0x11,
    key_id: int = 1,
    serial: int = 1_000_001,
    region: int = 411602,
    kind: int = 1,
    issued: str = "2026-11-01",
    last: str | None = None,
    binding: str = "cf399214",
    signer: str = "seal",
    context: bytes = b"DINGPAN-SEAL-v1\0",
) -> bytes:
    parts = [(alg, 1), (key_id, 1), (serial, 5), (region, 3), (kind, 1), (days(issued), 2), (days(last), 2)]
    payload = b"".join(number.to_bytes(size, "big") for number, size in parts) + bytes.fromhex(binding)
    return payload + private(signer).sign(context + payload)


def text_of(content: bytes) -> str:
    return base64.b32encode(content).decode().rstrip("=")


def case(
    name: str,
    verdict: str,
    *,
    content: bytes | None = None,
    link: str | None = None,
    change: Change = str,
    host: str = HOST,
    day: str = DAY,
    keys: str = "bureau",
    listed: str | None = "three",
    **fields: Any,
) -> dict[str, Any]:
    made = f"HTTPS://{host}/V/{text_of(content or signed_bytes(**fields))}"
    told = made if link is None else link
    return {"name": name, "link": change(told), "day": day, "keys": keys, "revoked": listed, "verdict": verdict}


def good() -> Iterator[dict[str, Any]]:
    for kind in (0, 1, 2, 3, 4, 5, 6, 7, 255):
        yield case(f"kind {kind}", "genuine", kind=kind)
    for region in (411600, 411602, 411627, 411699):
        yield case(f"region {region}", "genuine", region=region)
    for serial in (0, 1, 2**40 - 1):
        yield case(f"serial {serial}", "genuine", serial=serial)
    for serial in (5, 2_000_000, 2_999_999):
        yield case(f"serial {serial} in the key's ranges", "genuine", serial=serial, key_id=2, signer="ranged")
    for last in (DAY, "2026-11-22", "2199-06-06"):
        yield case(f"last day {last}", "genuine", last=last)
    for issued in ("2026-01-01", DAY, "2026-11-22"):
        yield case(f"issued {issued}", "genuine", issued=issued)
    yield case("issued on the key's last day", "genuine", issued="2026-10-31", key_id=4, signer="october")
    yield case("issued on the key's first day", "genuine", issued="2026-10-01", key_id=4, signer="october")
    yield case("a day's life", "genuine", issued=DAY, last=DAY)
    yield case("stock, bound to nothing", "genuine", kind=0, binding="00000000")
    yield case("the second host", "genuine", host="JILIANG.ZHOUKOU.GOV.CN")
    yield case("another prefix with the same key id", "genuine", region=410100, signer="capital")
    yield case("the last day of a fresh list", "genuine", day="2026-11-27")
    yield case("the day after", "genuine_stale", day="2026-11-28")
    yield case("no list at all", "genuine_stale", listed=None)
    yield case("on the day of the next key set", "genuine", keys="ends today")
    yield case("after the day of the next key set", "genuine_stale", keys="ended yesterday")


def bad() -> Iterator[dict[str, Any]]:
    yield case("a foreign host", "wrong_host", host="EVIL.TEST")
    yield case("a host that begins alike", "wrong_host", host="DINGPAN.TEST.EVIL.TEST")
    yield case("a host with a dot too many", "wrong_host", host="DINGPAN.TEST.")
    for alg in (0x10, 0x12, 0x01, 0x21, 0xFF):
        yield case(f"first byte {alg:#04x}", "unknown_algorithm", alg=alg)
    yield case("a key nobody has", "unknown_key", key_id=7)
    yield case("the id of a revocation key", "unknown_key", key_id=8, signer="revocation")
    yield case("the id of a key for something unknown", "unknown_key", key_id=9, signer="parking")
    yield case("a key of another algorithm", "unknown_key", key_id=5, signer="sm2")
    yield case("a bureau next door, by its own prefix", "unknown_key", region=411702, signer="next door")
    yield case("a bureau next door, by our prefix", "forged", signer="next door")
    yield case("our label, before a bureau next door", "forged", keys="next door")
    yield case("another key of ours", "forged", key_id=2)
    yield case("a bound label moved to another prefix", "forged", region=410100)
    for serial in (4, 6, 1_999_999, 3_000_000):
        yield case(f"serial {serial} outside the key's ranges", "forged", serial=serial, key_id=2, signer="ranged")
    yield case("signed without a context", "forged", context=b"")
    yield case("signed as a key set", "forged", context=b"DINGPAN-KEYS-v1\0")
    yield case("no signature", "forged", content=signed_bytes()[:19] + bytes(64))
    content = signed_bytes()
    scalar = int.from_bytes(content[51:], "little") + ORDER
    yield case("the signature's other spelling", "forged", content=content[:51] + scalar.to_bytes(32, "little"))
    yield case("the binding of another scale", "forged", content=content[:15] + bytes(4) + content[19:])
    yield case("a key that leaked", "key_compromised", key_id=3, signer="leaked")
    yield case("issued before the key", "key_not_valid", issued="2025-12-31")
    yield case("issued after the key", "key_not_valid", issued="2026-11-01", key_id=4, signer="october")
    yield case("issued the day after tomorrow", "key_not_valid", issued="2026-11-23")
    for serial in (1_000_005, 1_000_900, 70_000_000_000):
        yield case(f"serial {serial} on the list", "revoked", serial=serial)
    yield case("on the list before the phone knew", "genuine", serial=1_000_005, listed="none")
    yield case("yesterday was the last day", "expired", last="2026-11-20")
    yield case("a region of seven digits", "not_a_seal", region=1_000_000)
    yield case("ends before it begins", "not_a_seal", issued="2026-11-02", last="2026-11-01")


def malformed() -> Iterator[dict[str, Any]]:
    changes: dict[str, Change] = {
        "nothing": lambda link: "",
        "a word": lambda link: "DINGPAN",
        "the text alone": lambda link: link[-133:],
        "all in lower case": str.lower,
        "scheme in lower case": lambda link: link.replace("HTTPS", "https"),
        "host in lower case": lambda link: link.replace(HOST, HOST.lower()),
        "path in lower case": lambda link: link.replace("/V/", "/v/"),
        "text in lower case": lambda link: link[:-133] + link[-133:].lower(),
        "no encryption": lambda link: link.replace("HTTPS", "HTTP"),
        "a port": lambda link: link.replace("/V/", ":443/V/"),
        "a user": lambda link: link.replace("//", "//A@"),
        "a query": lambda link: link + "?A=1",
        "a fragment": lambda link: link + "#A",
        "a slash at the end": lambda link: link + "/",
        "a line end": lambda link: link + "\n",
        "a space before": lambda link: " " + link,
        "padding": lambda link: link + "===",
        "a full-width letter": lambda link: link.replace("D", "\uff24", 1),
        "a Kelvin sign": lambda link: link[:-5] + "\u212a" + link[-4:],
        "the digit one": lambda link: link[:-5] + "1" + link[-4:],
        "one character short": lambda link: link[:-1],
        "one character long": lambda link: link + "A",
        "half": lambda link: link[:-66],
        "no text": lambda link: link[:-133],
        "no host": lambda link: link.replace(HOST, ""),
        "the unused bit set": lambda link: link[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[_number(link[-1]) | 1],
    }
    for name, change in changes.items():
        yield case(name, "not_a_seal", change=change)


def _number(character: str) -> int:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(character)


# A fault, and what makes a label have it; in the order in which they are told.
FAULTS: dict[str, dict[str, Any]] = {
    "wrong_host": {"host": "EVIL.TEST"},
    "unknown_algorithm": {"alg": 0x12},
    "unknown_key": {"key_id": 7},
    "forged": {"signer": "somebody"},
    "key_compromised": {"key_id": 3, "signer": "leaked"},
    "key_not_valid": {"issued": "2025-12-31"},
    "revoked": {"serial": 1_000_005},
    "expired": {"last": "2026-11-20"},
    "genuine_stale": {"keys": "ended yesterday"},
}


def two_faults() -> Iterator[dict[str, Any]]:
    """Yield labels with two faults, of which the first in order is told."""
    for first, second in combinations(FAULTS, 2):
        if {first, second} not in ({"unknown_key", "key_compromised"}, {"forged", "key_compromised"}):
            yield case(f"{first} and {second}", first, **FAULTS[second] | FAULTS[first])
    yield case("forged and key_compromised", "forged", key_id=3, signer="somebody")


def document() -> dict[str, Any]:
    return {
        "about": ABOUT,
        "root": public("root"),
        "key_sets": {
            "bureau": key_set(),
            "ends today": key_set(next_day=DAY),
            "ended yesterday": key_set(next_day="2026-11-20"),
            "next door": key_set(own="next door"),
        },
        "revoked": {"three": revoked([1_000_005, 1_000_900, 70_000_000_000]), "none": revoked([])},
        "cases": [*good(), *bad(), *malformed(), *two_faults()],
    }


def text() -> str:
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
