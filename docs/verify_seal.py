"""Judges a label of Dingpan with nothing of Dingpan: Python 3.11 or newer and ``cryptography``. See docs/seal.md.

    python verify_seal.py LINK --keys KEYS.json --revoked REVOKED.json --root ROOT.bin [--day YYYY-MM-DD]

KEYS and REVOKED are what /api/v1/keys and /api/v1/revoked answer, ROOT the 32 bytes of the bureau's root key, as in an
evidence package. Prints the verdict; exit code 0: genuine, 1: not, 2: the documents prove nothing.
"""

import argparse
import base64
import json
import re
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

EPOCH = date(2020, 1, 1)
LINK = re.compile(r"HTTPS://([A-Z0-9.-]+)/V/([A-Z2-7]{133})")


def check(public, context, message, signature):
    """Raise InvalidSignature, or ValueError for bytes that are no key or no base64."""
    Ed25519PublicKey.from_public_bytes(public).verify(signature, context + message)


def open_keys(document, root):
    """Return the key set, checked with the root's key."""
    check(root, b"DINGPAN-KEYS-v1\0", document["body"].encode(), base64.b64decode(document["signature"], validate=True))
    return json.loads(document["body"])


def open_revoked(document, keys):
    """Return the day of the list and the serials on it, checked with the key set."""
    name, body = ("revocation", document["key_id"], 1), json.loads(document["body"])
    key = next(one for one in keys["keys"] if (one["purpose"], one["id"], one["alg"]) == name)
    if key.get("compromised") or not key["from"] <= body["issued"] <= key["to"]:
        raise ValueError("the key of the list is not valid")
    public, signature = (base64.b64decode(text, validate=True) for text in (key["public"], document["signature"]))
    check(public, b"DINGPAN-REVOKED-v1\0", document["body"].encode(), signature)
    listed, serial, value, shift = set(), 0, 0, 0  # LEB128: the lowest serial, then the steps between them
    for byte in base64.b64decode(body["serials"]):
        value, shift = value | (byte & 0x7F) << shift, shift + 7
        if byte < 0x80:
            serial, value, shift = serial + value, 0, 0
            listed.add(serial)
    return date.fromisoformat(body["issued"]), listed


def verdict(link, keys, revoked, day):
    """Return the verdict of a text on a day; ``revoked`` None: there is no list."""
    found = LINK.fullmatch(link)
    if not found or base64.b32encode(content := base64.b32decode(found[2] + "===")).decode()[:133] != found[2]:
        return "not_a_seal"
    serial, region, issued, last = (int.from_bytes(content[a:b]) for a, b in ((2, 7), (7, 10), (11, 13), (13, 15)))
    if region > 999_999 or 0 < last < issued:
        return "not_a_seal"
    if found[1] not in keys["hosts"]:
        return "wrong_host"
    if content[0] != 0x11:
        return "unknown_algorithm"
    name = ("seal", f"{region:06d}"[:4], content[1], 1)
    key = next((one for one in keys["keys"] if (one["purpose"], one["prefix"], one["id"], one["alg"]) == name), None)
    if key is None:
        return "unknown_key"
    try:
        check(base64.b64decode(key["public"]), b"DINGPAN-SEAL-v1\0", content[:19], content[19:])
    except (InvalidSignature, ValueError):
        return "forged"
    if not any(first <= serial <= end for first, end in key.get("serials", [(0, 1 << 40)])):
        return "forged"
    if key.get("compromised"):
        return "key_compromised"
    if not key["from"] <= str(made := EPOCH + timedelta(days=issued)) <= key["to"] or made > day + timedelta(days=1):
        return "key_not_valid"
    if revoked and serial in revoked[1]:
        return "revoked"
    if last and day > EPOCH + timedelta(days=last):
        return "expired"
    is_stale = not revoked or day > revoked[0] + timedelta(days=7) or str(day) > keys["next"]
    return "genuine_stale" if is_stale else "genuine"


if __name__ == "__main__":
    parser, today = argparse.ArgumentParser(), datetime.now(timezone(timedelta(hours=8))).date()
    parser.add_argument("link")
    for option in ("--keys", "--revoked", "--root"):
        parser.add_argument(option, type=Path, required=True)
    parser.add_argument("--day", type=date.fromisoformat, default=today)
    given = parser.parse_args()
    try:
        trusted = open_keys(json.loads(given.keys.read_bytes()), given.root.read_bytes())
        void = open_revoked(json.loads(given.revoked.read_bytes()), trusted)
    except (InvalidSignature, ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
        sys.exit(sys.stderr.write(f"The documents prove nothing: {error!r}\n") and 2)
    sys.stdout.write(f"{(told := verdict(given.link, trusted, void, given.day))}\n")
    sys.exit(not told.startswith("genuine"))
