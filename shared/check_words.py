"""Two words on every label that its page repeats: a person can tell by ear and eye that the two belong together.

They are made of the label's own bytes, so nobody has to look them up, and a page that was opened through another
label, or by a link that only looks alike, says others. One pair in 65,536 agrees by chance; they protect against
mistakes and lazy copies, the signature protects against forgers.

The list in ``check_words.json`` is fixed for ever, because it is printed on labels that outlive us: 256 things of
nature for the first word, 256 made things for the second, each with its pinyin. Every word has two characters, names
something one can picture, nothing that is sold in a market or pumped at a station, and nothing that weighs or measures.
No two sound alike, not even to ears that hear no tones, take zh for z, ang for an or n for l.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files

from shared.seal import PAYLOAD_BYTES


def check_words(payload: bytes) -> tuple[str, str]:
    """Return the two words of a label's 19 bytes: byte 0 of their SHA-256 names the first, byte 1 the second.

    Raises ValueError for bytes that are no payload.

    >>> check_words(bytes.fromhex("110100000f42410647d20109c00000cf399214"))
    ('腊梅', '饭碗')
    """
    if len(payload) != PAYLOAD_BYTES:
        raise ValueError(f"{len(payload)} bytes are no payload")
    digest = hashlib.sha256(payload).digest()
    natural, made = _words()
    return natural[digest[0]], made[digest[1]]


@cache
def _words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    lists = json.loads(files("shared").joinpath("check_words.json").read_text("utf-8"))
    return tuple(word for word, _ in lists["natural"]), tuple(word for word, _ in lists["made"])
