"""Writes ``rescue_vectors.json``: good and bad rescue packages, for whoever builds another phone or another server.

    python -m tests.vectors.make_rescue_vectors

Nothing of ours is imported: bytes, keys and ciphertexts are made here from docs/sync.md, and what each must come to is
written down beside it. Keys come from names; they protect nothing. The same script makes the same file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zlib
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FILE = Path(__file__).with_name("rescue_vectors.json")
ABOUT = (
    "Rescue packages of docs/sync.md. secret: the private half of key_id. good: what is sealed, and the package it "
    "makes with once, the private half made for it alone; photos are repeated bytes. bad: changes to a good package, "
    "and why it is refused. codes: a package as QR codes. Keys are for tests only."
)
KEY_ID = 259
CHUNK, TAG, HEAD = 65536, 16, 45
RECORD = "019aa111-0000-7000-8000-000000000401"


def secret(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def head(once: bytes, *, version: int = 1, key_id: int = KEY_ID) -> bytes:
    return b"DPRESCUE" + bytes([version]) + struct.pack(">I", key_id) + public(once)


def ops(push: str) -> bytes:
    packed = zlib.compress(push.encode(), 9)
    return b"\x01" + struct.pack(">I", len(packed)) + packed


def photo(content: bytes) -> bytes:
    inside = bytes.fromhex(RECORD.replace("-", "")) + hashlib.sha256(content).digest() + content
    return b"\x02" + struct.pack(">I", len(inside)) + inside


def sealed(plain: bytes, once: bytes, *, server: bytes, lasts: tuple[bool, ...] | None = None) -> list[bytes]:
    """Return the head of a package and its chunks; ``lasts`` marks chunks otherwise than they should be."""
    start = head(once)
    theirs = public(server)
    shared = X25519PrivateKey.from_private_bytes(once).exchange(X25519PublicKey.from_public_bytes(theirs))
    key = HKDF(SHA256(), 32, salt=public(once) + theirs, info=b"DINGPAN-RESCUE-v1\0").derive(shared)
    chunks = [plain[place : place + CHUNK] for place in range(0, len(plain), CHUNK)]
    marks = lasts or tuple(number == len(chunks) - 1 for number in range(len(chunks)))
    return [start] + [
        ChaCha20Poly1305(key).encrypt(
            bytes(8) + struct.pack(">I", number), chunk, start + struct.pack(">IB", number, marks[number])
        )
        for number, chunk in enumerate(chunks)
    ]


def base45(content: bytes) -> str:
    """RFC 9285, section 4."""
    letters, written = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", ""
    for place in range(0, len(content) - 1, 2):
        value = content[place] * 256 + content[place + 1]
        written += letters[value % 45] + letters[value // 45 % 45] + letters[value // 2025]
    if len(content) % 2:
        written += letters[content[-1] % 45] + letters[content[-1] // 45]
    return written


def main() -> None:
    """Write the file."""
    server, push = secret("rescue server"), '{"ops":[{"op_id":"first"}]}'
    later = '{"ops":[{"op_id":"second"}]}'
    one, large = b"\xff\xd8 a photo", b"\x5a" * 150_000
    contents: dict[str, tuple[list[str], list[bytes]]] = {
        "one push": ([push], []),
        "two pushes and a photo": ([push, later], [one]),
        "three chunks": ([push], [large]),
        "the last chunk is full": ([push], [b"\x5a" * (2 * CHUNK - len(ops(push)) - 53)]),
        "photos alone": ([], [one]),
    }
    good: list[dict[str, Any]] = []
    for name, (pushes, pictures) in contents.items():
        once = secret(f"once {name}")
        plain = b"".join([*map(ops, pushes), *map(photo, pictures)])
        package = b"".join(sealed(plain, once, server=server))
        good.append(
            {
                "name": name,
                "once": text(once),
                "pushes": pushes,
                "photos": [
                    {"record": RECORD, "bytes": len(one), "sha256": hashlib.sha256(one).hexdigest()} for one in pictures
                ],
                "sealed_sha256": hashlib.sha256(plain).hexdigest(),
                "package_bytes": len(package),
                "package_sha256": hashlib.sha256(package).hexdigest(),
                "package": text(package) if len(package) < 2000 else None,
            }
        )
    once = secret("once bad")
    first_small = b"".join(sealed(ops(push), once, server=server))

    def flipped(place: int) -> dict[str, Any]:
        changed = bytearray(first_small)
        changed[place] ^= 1
        return {"package": text(bytes(changed))}

    def small(inside: bytes, *, once_name: str) -> dict[str, Any]:
        return {"package": text(b"".join(sealed(inside, secret(once_name), server=server)))}

    marks = (False, True, True)
    bad: list[tuple[str, dict[str, Any], str]] = [
        ("nothing", {"package": ""}, "form"),
        ("a head cut short", {"package": text(first_small[: HEAD - 1])}, "form"),
        ("a head alone", {"package": text(first_small[:HEAD])}, "damaged"),
        ("another magic", flipped(0), "form"),
        ("version 0", flipped(8), "version"),
        ("another key id", flipped(12), "key"),
        ("the public half changed", flipped(HEAD - 1), "damaged"),
        ("the ciphertext changed", flipped(HEAD), "damaged"),
        ("the tag changed", flipped(len(first_small) - 1), "damaged"),
        ("one byte cut off", {"package": text(first_small[:-1])}, "damaged"),
        ("one byte more", {"package": text(first_small + b"\0")}, "damaged"),
        ("a public half of nothing", {"package": text(first_small[:13] + bytes(32) + first_small[HEAD:])}, "damaged"),
        (
            "sealed to another server",
            {"package": text(b"".join(sealed(ops(push), once, server=secret("x"))))},
            "damaged",
        ),
        ("cut off between chunks", {"chunks": [0, 1]}, "damaged"),
        ("two chunks exchanged", {"chunks": [1, 0, 2]}, "damaged"),
        ("a chunk left out", {"chunks": [0, 2]}, "damaged"),
        ("a chunk twice", {"chunks": [0, 0, 1, 2]}, "damaged"),
        ("a chunk after the last", {"lasts": list(marks)}, "damaged"),
        ("no last chunk", {"lasts": [False, False, False]}, "damaged"),
        ("an unknown section", small(b"\x03" + struct.pack(">I", 1) + b"x", once_name="section"), "form"),
        ("a section cut off", small(ops(push)[:-1], once_name="cut"), "form"),
        ("operations after a photo", small(photo(one) + ops(push), once_name="order"), "form"),
        ("operations that do not unpack", small(b"\x01" + struct.pack(">I", 3) + b"abc", once_name="zip"), "form"),
        ("operations that unpack to 2 MiB", small(ops("0" * (2 << 20)), once_name="bomb"), "form"),
        ("a photo without a byte", small(b"\x02" + struct.pack(">I", 48) + bytes(48), once_name="no photo"), "form"),
    ]
    coded = b"".join(sealed(ops(push * 40), secret("once codes"), server=server)) + b"".join(
        hashlib.sha256(bytes([number])).digest() for number in range(30)
    )
    name = hashlib.sha256(coded).hexdigest()[:16].upper()
    parts = [coded[place : place + 360] for place in range(0, len(coded), 360)]
    found = {
        "about": ABOUT,
        "key_id": KEY_ID,
        "secret": text(server),
        "public": text(public(server)),
        "good": good,
        "bad_base": {"push": push, "photo_byte": 0x5A, "photo_bytes": len(large), "record": RECORD, "once": text(once)},
        "bad": [{"name": what, "why": why, **change} for what, change, why in bad],
        "codes": {
            "package": text(coded),
            "texts": [
                f"DPR1:{name}:{number}:{len(parts)}:{base45(part)}" for number, part in enumerate(parts, start=1)
            ],
            "none": [
                *("", "DPR1", "DPR1:00:1:1:00", f"DPR1:{name}:0:3:00", f"DPR1:{name}:4:3:00", f"DPR1:{name}:1:3:GGW"),
                *(f"dpr1:{name}:1:3:00", f"DPR2:{name}:1:3:00", f"DPR1:{name}:1:999:00", f"DPR1:{name}:1:3:"),
            ],
        },
    }
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
