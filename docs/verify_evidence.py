"""Checks an evidence package of Dingpan with nothing of Dingpan: Python 3.11 or newer and ``cryptography``.

    python verify_evidence.py PACKAGE.zip --root FINGERPRINT

FINGERPRINT is the SHA-256 of the bureau's root key, as the bureau publishes it; without it, compare the one printed.
Exit code 0: every check passed.
"""

import argparse
import base64
import hashlib
import io
import json
import struct
import sys
import zipfile
import zlib
from datetime import datetime, timedelta, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

EXPECTED = {
    *("README.txt", "op.bin", "body.json", "signature.bin", "device.json", "receipt.json", "inclusion.json"),
    *("tree_head.json", "keys.json", "root.bin", "rules.json", "manifest.json", "manifest.sig"),
}
# What reading something damaged may raise.
DAMAGE = (ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError, ValueError)
DAMAGE += (struct.error, zipfile.BadZipFile, zlib.error)


class Wrong(Exception):
    """A check failed; the message says which."""


def need(is_so, what):
    if not is_so:
        raise Wrong(what)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def from_base64(text):
    content = base64.b64decode(text, validate=True)
    need(base64.b64encode(content).decode() == text, "base64 in its one spelling")
    return content


def signed(public, context, message, signature, what):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, context + message)
    except (InvalidSignature, ValueError) as error:
        raise Wrong(what) from error


def read(package):
    """Return the files of a package that is byte for byte what its files make."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        names = archive.namelist()
        need(len(names) == len(set(names)) and sum(one.file_size for one in archive.infolist()) <= len(package), "zip")
        files = {name: archive.read(name) for name in names}
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    need(again.getvalue() == package, "the zip holds its files and nothing else")
    return files


def key_of(keys, purpose, key_id, day):
    """Return the public key of a purpose and id that is valid on a day and not compromised."""
    for key in keys:
        is_it = (key["purpose"], key["id"], key["alg"]) == (purpose, key_id, 1) and not key.get("compromised")
        if is_it and key["from"] <= day <= key["to"]:
            return from_base64(key["public"])
    raise Wrong(f"the bureau has a {purpose} key {key_id} on {day}")


def civil_day(instant):
    """Return the day of an instant in Asia/Shanghai, eight hours ahead."""
    return str(datetime.fromisoformat(instant).astimezone(timezone(timedelta(hours=8))).date())


def root_from(leaf, index, size, path):
    """RFC 9162, 2.1.3.2: the root that an inclusion proof leads to."""
    need(0 <= index < size, "the leaf stands within the log")
    first, last, node = index, size - 1, leaf
    for sibling in path:
        need(last > 0, "the path is no longer than the tree is high")
        if first & 1 or first == last:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        first, last = first >> 1, last >> 1
    need(last == 0, "the path reaches the root")
    return node


def named_photos(value):
    if isinstance(value, dict):
        yield from [value["sha256"]] if isinstance(value.get("sha256"), str) else []
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from named_photos(inner)


def verify(package, root_sha256=None):
    """Yield a sentence for each check that passed; raises Wrong at the first that did not."""
    try:
        yield from checks(package, root_sha256)
    except DAMAGE as error:
        raise Wrong(f"the package can be read ({type(error).__name__})") from error


def checks(package, root_sha256):
    files = read(package)
    yield "the zip holds its files and nothing else"
    photos = {name.removeprefix("photos/"): files[name] for name in files if name.startswith("photos/")}
    need(set(files) == EXPECTED | {f"photos/{name}" for name in photos}, "every file is there and no other")
    need(root_sha256 in (None, sha256(files["root.bin"])), "the root is the bureau's")
    document = json.loads(files["keys.json"])
    keys_body, keys_signature = document["body"].encode(), from_base64(document["signature"])
    signed(files["root.bin"], b"DINGPAN-KEYS-v1\0", keys_body, keys_signature, "the root signed the key set")
    keys = json.loads(keys_body)["keys"]
    yield f"the root with the SHA-256 {sha256(files['root.bin'])} signed the key set"

    manifest = json.loads(files["manifest.json"])
    key = key_of(keys, "tree", manifest["key_id"], civil_day(manifest["made_at"]))
    signed(key, b"DINGPAN-PACKAGE-v1\0", files["manifest.json"], files["manifest.sig"], "the bureau signed the list")
    listed = {name: sha256(content) for name, content in files.items() if not name.startswith("manifest.")}
    need(manifest["version"] == 1 and manifest["files"] == listed, "every file is the one on the list")
    yield "the bureau signed the list of files"

    device, op, context = json.loads(files["device.json"]), files["op.bin"], b"DINGPAN-OP-v1\0"
    need(op.startswith(context), "the signed bytes are an operation's")
    op_id, device_id, _person, _seq, _prev, _kind, _after, body_sha256, end = op[len(context) :].decode().split("\n")
    need((device_id, body_sha256, end) == (device["id"], sha256(files["body.json"]), ""), "the device signed this body")
    public = from_base64(device["public"])
    signed(public, context, op[len(context) :], files["signature.bin"], "the device signed this body")
    yield f"device {device_id} signed this record"

    receipt = json.loads(files["receipt.json"])
    told = json.loads(receipt["body"])
    key = key_of(keys, "receipt", receipt["key_id"], civil_day(told["received_at"]))
    signature = from_base64(receipt["signature"])
    signed(key, b"DINGPAN-RECEIPT-v1\0", receipt["body"].encode(), signature, "the bureau signed the receipt")
    need(
        (told["op_id"], told["device_id"], told["op_sha256"]) == (op_id, device_id, sha256(op)), "it is of this record"
    )
    yield f"the bureau received it at {told['received_at']}: {told['outcome']}, rules {told['ruleset']}"

    proof, head = json.loads(files["inclusion.json"]), json.loads(files["tree_head.json"])
    leaf, fields = proof["leaf"].encode(), json.loads(proof["leaf"])
    hashed = hashlib.sha256(b"\0" + leaf)
    need(hashed.hexdigest() == told["leaf_sha256"], "the receipt names this leaf")
    need((fields["kind"], fields["id"], fields["at"]) == ("op", op_id, told["received_at"]), "the leaf is the record's")
    need(fields["salted_sha256"] == sha256(from_base64(proof["salt"]) + op), "the leaf stands for the signed bytes")
    path, root = [from_base64(node) for node in proof["path"]], from_base64(head["root"])
    need(root_from(hashed.digest(), proof["index"], proof["size"], path) == root, "the path leads to the head's root")
    need(proof["size"] == head["size"], "the proof is of the head's log")
    message = bytes.fromhex(head["log_id"]) + head["size"].to_bytes(8, "big") + root + head["signed_at"].encode()
    key = key_of(keys, "tree", head["key_id"], civil_day(head["signed_at"]))
    need(len(bytes.fromhex(head["log_id"])) == 16 and len(root) == 32, "the head is of its form")
    signed(key, b"DINGPAN-STH-v1\0", message, from_base64(head["signature"]), "the bureau signed the head")
    yield f"it is leaf {proof['index']} of {head['size']} in the log signed at {head['signed_at']}"

    need(all(sha256(content) == name for name, content in photos.items()), "every photo is what its name says")
    try:
        named = set(named_photos(json.loads(files["body.json"])))
    except ValueError:
        named = set()
    missing = set(manifest["missing_photos"])
    need(set(photos) | missing == named and not set(photos) & missing, "every photo the record names is accounted for")
    yield f"{len(photos)} photos are those the record names; {len(missing)} had not come"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("package", type=argparse.FileType("rb"))
    parser.add_argument("--root", help="SHA-256 of the bureau's root key, as the bureau publishes it")
    options = parser.parse_args()
    try:
        for sentence in verify(options.package.read(), options.root):
            sys.stdout.write(f"ok     {sentence}\n")
    except Wrong as wrong:
        sys.stdout.write(f"WRONG  not so: {wrong}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
