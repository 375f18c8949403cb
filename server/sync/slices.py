"""The ops of a push as they came: the bytes of each, cut out of the body and not written anew.

What two writers of JSON put down alike, they need not put down in the same bytes; what is kept as evidence of what a
phone sent is what it sent. The body has been read strictly before: an object with the one name ``ops``.
"""

from __future__ import annotations

import json

_SPACE = " \t\n\r"


def op_slices(content: bytes) -> list[bytes]:
    r"""Return the bytes of each op of a push that was found to be of the form.

    >>> op_slices(b'{"ops": [{"op_id" : "\\u0061"},\n {"b":2.50}]}')
    [b'{"op_id" : "\\u0061"}', b'{"b":2.50}']
    """
    text, decoder, found = content.decode(), json.JSONDecoder(), []
    at = _past(text, text.index("[") + 1)
    while text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        found.append(text[at:end].encode())
        at = _past(text, end)
    return found


def _past(text: str, at: int) -> int:
    """Return where the next op begins, or the list ends."""
    while text[at] in _SPACE + ",":
        at += 1
    return at
