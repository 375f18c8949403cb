"""Which hash functions the product names: SHA-256 everywhere, another one only where it is said why.

Source: OWASP ASVS 5.0, 11.4.1 and appendix C: SHA-256 is approved; SHA-1 and HMAC-SHA-1 are legacy, for compatibility
alone; MD4, MD5 and CRC are disallowed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("shared", "server", "fieldapp")

OTHER = re.compile(r"(?i)(md[245]|sha-?1|sha-?224|sha-?384|sha-?512|sha3_?\w*|blake2\w*|ripemd\w*|crc_?\w*)")
HASHERS = {"pyotp": "HMAC-SHA-1, unless told otherwise"}  # packages that hash without saying by what

LEGACY = {
    ("server/evidence/schemas.py", "sha1"): "demanded by tus for chunks; the whole file is SHA-256",
    ("server/accounts/breached.py", "sha1"): "names a line of a list that others made; nothing is protected by it",
    ("server/accounts/second_factor.py", "pyotp"): "RFC 6238 as authenticators know it; half a minute",
    ("server/public/pieces.py", "crc32"): "the end of a gzip stream (RFC 1952)",
    ("server/demo/pictures.py", "crc32"): "a number to draw the demo's pictures by; nothing depends on it",
}


def named(tree: ast.AST) -> Iterator[str]:
    """Yield every other hash function, and every package that uses one, that a source names outside its prose."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=text) | ast.Attribute(attr=text):
                pass
            case ast.Constant(value=str(text)) if id(node) not in prose:
                pass
            case ast.alias(name=text):
                pass
            case _:
                continue
        if text in HASHERS or OTHER.fullmatch(text):
            yield text.lower()


def offences(root: Path) -> set[tuple[str, str]]:
    """Return the files of the product and what they name."""
    paths = [path for package in PRODUCT for path in sorted((root / package).rglob("*.py"))]
    found = {(path, name) for path in paths for name in named(ast.parse(path.read_text("utf-8")))}
    return {(path.relative_to(root).as_posix(), name) for path, name in found}


def test_every_hash_but_sha_256_is_one_that_others_demand() -> None:
    assert offences(ROOT) == set(LEGACY)


PLANTS = [
    "import hashlib\nhashlib.md5(b'')",
    "from hashlib import sha1 as name",
    "import hashlib\nhashlib.new('SHA-1', b'')",
    "import hmac\nhmac.new(b'', b'', 'md5')",
    "from cryptography.hazmat.primitives import hashes\nhashes.SHA1()",
    "import pyotp",
    "import zlib\nzlib.crc32(b'')",
    "from hashlib import blake2b",
]


@pytest.mark.parametrize("source", PLANTS)
def test_a_planted_one_is_found(tmp_path: Path, source: str) -> None:
    path = tmp_path / "server" / "planted.py"
    path.parent.mkdir()
    path.write_text(f'"""Prose may speak of md5 and sha1."""\n{source}\n')
    assert {where for where, _ in offences(tmp_path)} == {"server/planted.py"}
    path.write_text('"""Prose may speak of md5 and sha1."""\nimport hashlib\nhashlib.sha256(b"")\n')
    assert offences(tmp_path) == set()
