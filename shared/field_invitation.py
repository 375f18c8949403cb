"""An invitation that an inspector's phone signs without a network, and that the server accepts once.

The link is ``<public url>/m/f/<text>``. The text is the base32 (RFC 4648, upper case, no padding, 213 characters) of
133 bytes:

====== ===== ==============================================================
offset bytes what
====== ===== ==============================================================
0      1     version: 1
1      16    device id, the bytes of its UUID
17     16    person id: who invites
33     16    party id: who is invited
49     16    nonce, random: it opens once
65     4     made at, seconds since 1970 by the server's clock, big-endian
69     64    Ed25519 by the device key over ``DINGPAN-INVITATION-v1\\0`` and bytes 0 to 68
====== ===== ==============================================================

One spelling alone is read: the one bit that is left over in base32 is zero. The phone corrects its clock by the offset
it measured last, and the server takes what is at most ``LASTS`` old and at most ``AHEAD`` early.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.signing import INVITATION, Signer, verify

VERSION = 1
NONCE_BYTES = 16
TEXT_LENGTH = 213
LASTS = timedelta(hours=24)
AHEAD = timedelta(minutes=10)
PATH = "/m/f/"

_ID_BYTES, _TIME_BYTES = 16, 4
_SIGNED_BYTES = 1 + 3 * _ID_BYTES + NONCE_BYTES + _TIME_BYTES
_TEXT = re.compile(rf"[A-Z2-7]{{{TEXT_LENGTH}}}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotAnInvitation(ValueError):
    """The text is not of this form; whether its signature is good is another question."""


@dataclass(frozen=True)
class FieldInvitation:
    """Who invites whom, with which phone, and when; ``made_at`` is aware, in whole seconds."""

    device_id: str
    person_id: str
    party_id: str
    nonce: bytes
    made_at: datetime

    @property
    def until(self) -> datetime:
        """The moment from which it opens nothing any more."""
        return self.made_at + LASTS

    def is_early(self, now: datetime) -> bool:
        """Say whether it was made further ahead of a clock than doubt about a phone's clock explains."""
        return self.made_at - now > AHEAD

    def is_old(self, now: datetime) -> bool:
        """Say whether its time is over."""
        return now >= self.until


@dataclass(frozen=True)
class Opened:
    """An invitation as it was read, with its signature, which nobody has looked at yet."""

    invitation: FieldInvitation
    signature: bytes

    def is_signed_by(self, public: bytes) -> bool:
        """Say whether the device with this public key signed it."""
        return verify(public, INVITATION, _signed(self.invitation), self.signature)


def encode(invitation: FieldInvitation, signer: Signer) -> str:
    """Return the text of an invitation, signed."""
    signed = _signed(invitation)
    return base64.b32encode(signed + signer.sign(INVITATION, signed)).decode("ascii").rstrip("=")


def link(public_url: str, text: str) -> str:
    """Return the address that a merchant's phone opens.

    >>> link("https://dingpan.example/", "AE")
    'https://dingpan.example/m/f/AE'
    """
    return public_url.rstrip("/") + PATH + text


def open_text(text: str) -> Opened:
    """Read an invitation; raises NotAnInvitation for any other text, length, version or spelling."""
    if not _TEXT.fullmatch(text):
        raise NotAnInvitation
    try:
        content = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as error:
        raise NotAnInvitation from error
    spelled = base64.b32encode(content).decode("ascii").rstrip("=")
    if content[0] != VERSION or spelled != text:
        raise NotAnInvitation
    return _read(content)


def _read(content: bytes) -> Opened:
    device, person, party = (_id(content[start : start + _ID_BYTES]) for start in (1, 17, 33))
    seconds = int.from_bytes(content[65:_SIGNED_BYTES], "big")
    made_at = _EPOCH + timedelta(seconds=seconds)
    return Opened(FieldInvitation(device, person, party, content[49:65], made_at), content[_SIGNED_BYTES:])


def _signed(invitation: FieldInvitation) -> bytes:
    """Return the 69 bytes under the signature; raises ValueError for an id or a nonce that is not 16 bytes."""
    ids = (invitation.device_id, invitation.person_id, invitation.party_id)
    parts = [*(bytes.fromhex(id_.replace("-", "")) for id_ in ids), invitation.nonce]
    if any(len(part) != _ID_BYTES for part in parts):
        raise ValueError("an id or the nonce is not 16 bytes")
    seconds = (invitation.made_at - _EPOCH) // timedelta(seconds=1)
    return b"".join([bytes([VERSION]), *parts, seconds.to_bytes(_TIME_BYTES, "big")])


def _id(content: bytes) -> str:
    text = content.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
