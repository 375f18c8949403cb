"""The label for an NFC tag: one NDEF message with one URI record, as a file for any NFC writer.

NFC Forum, NDEF 1.0, 3.2, and URI Record Type Definition 1.0, 3.2: type ``U``, then one byte that abbreviates the
beginning of the URI. ``04`` would stand for a lower-case ``https://``; our link is compared whole and begins in upper
case, so the byte is ``00``, nothing abbreviated, and the link stands there as it is printed.

On a Type 2 Tag the message lies in a TLV: three bytes more. With a host of 12 characters that makes 164 bytes: too
many for an NTAG213 (144 bytes for the user; a lower-case abbreviation would not have saved it), plenty of room on an
NTAG215 (504). Lock the tag after writing. A tag, like a photograph, can be copied: it says no more than the print.
"""

from __future__ import annotations

# Message begin, message end, short record, type name format 1: well-known type.
HEADER = 0xD1
NOTHING_ABBREVIATED = 0
LONGEST_SHORT_RECORD = 255


def ndef_message(link: str) -> bytes:
    """Return the message of a link; raises ValueError for one too long for a short record.

    >>> ndef_message("HTTPS://A/V/X").hex(" ", 1)[:17]
    'd1 01 0e 55 00 48'
    """
    payload = bytes([NOTHING_ABBREVIATED]) + link.encode("ascii")
    if len(payload) > LONGEST_SHORT_RECORD:
        raise ValueError("no label's link is as long as this")
    return bytes([HEADER, 1, len(payload)]) + b"U" + payload


def bytes_on_tag(message: bytes) -> int:
    """Return the room a message takes on a Type 2 Tag: its type, its length and the terminator are a byte each.

    >>> bytes_on_tag(ndef_message("HTTPS://DINGPAN.TEST/V/" + "A" * 133))
    164
    """
    return len(message) + 3
