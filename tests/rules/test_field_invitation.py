"""Invitations that a phone signs offline: one form, one spelling, and nothing in it can be changed."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import signing
from shared.field_invitation import (
    LASTS,
    TEXT_LENGTH,
    FieldInvitation,
    NotAnInvitation,
    encode,
    link,
    open_text,
)
from tests.builders import a_signer, an_id

MADE = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SIGNER = signing.Signer(bytes(range(32)))
INVITATION = FieldInvitation(an_id(0xD1), an_id(0xB1), an_id(0x121), bytes(range(16)), MADE)
TEXT = encode(INVITATION, SIGNER)

# Written down once, so that a change of the format is seen: ids of bytes 11.., 22.., 33.., nonce 00 to 0f, the private
# key 00 to 1f, made at 2026-11-21T04:00:00Z.
VECTOR_IDS = [f"{byte * 4}-{byte * 2}-{byte * 2}-{byte * 2}-{byte * 6}" for byte in ("11", "22", "33")]
VECTOR_TEXT = (
    "AEIRCEIRCEIRCEIRCEIRCEIRCEISEIRCEIRCEIRCEIRCEIRCEIRCEMZTGMZTGMZTGMZTGMZTGMZTGMYAAEBAGBAFAYDQQCIKBMGA2DQPNMA"
    "ROQBST7LOB6S6YOE6QA45JBJHN4GK3FOEFTTGWABUHUIRRDIB6K5VZV6KQY5QPWKNNUL7DDNNL5O2MVD6UFZ2NWCMW2J6B6OFIHKQJDOAG"
)
VECTOR_PUBLIC = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"


def content_of(text: str) -> bytes:
    return base64.b32decode(text + "===")


def text_of(content: bytes) -> str:
    return base64.b32encode(content).decode().rstrip("=")


def is_taken(text: str) -> bool:
    """Say whether a text is an invitation that our phone signed."""
    try:
        return open_text(text).is_signed_by(SIGNER.public)
    except NotAnInvitation:
        return False


def test_the_vector_of_the_format_is_written_and_read() -> None:
    invitation = FieldInvitation(*VECTOR_IDS, bytes(range(16)), MADE)
    assert SIGNER.public.hex() == VECTOR_PUBLIC
    assert encode(invitation, SIGNER) == VECTOR_TEXT
    opened = open_text(VECTOR_TEXT)
    assert opened.invitation == invitation
    assert opened.is_signed_by(SIGNER.public)
    content = content_of(VECTOR_TEXT)
    assert (len(content), content[0], content[1:17].hex(), content[65:69].hex()) == (133, 1, "11" * 16, "6b011740")


def test_the_link_is_short_enough_for_a_code_and_stands_after_the_public_address() -> None:
    address = link("https://dingpan.example.gov.cn", TEXT)
    assert address == f"https://dingpan.example.gov.cn/m/f/{TEXT}"
    assert len(TEXT) == TEXT_LENGTH


@given(
    ids=st.lists(st.uuids().map(str), min_size=3, max_size=3),
    nonce=st.binary(min_size=16, max_size=16),
    seconds=st.integers(0, (1 << 32) - 1),
)
def test_opening_undoes_encoding(ids: list[str], nonce: bytes, seconds: int) -> None:
    made = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    invitation = FieldInvitation(*ids, nonce, made)
    opened = open_text(encode(invitation, SIGNER))
    assert opened.invitation == invitation
    assert opened.is_signed_by(SIGNER.public)


def test_every_changed_byte_breaks_the_form_or_the_signature() -> None:
    content = content_of(TEXT)
    assert is_taken(TEXT)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1
        assert not is_taken(text_of(bytes(changed))), place


@pytest.mark.parametrize(
    "text",
    [
        *("", TEXT[:-1], TEXT + "A", TEXT.lower(), TEXT[:-1] + "=", TEXT[:-1] + "1", f" {TEXT[1:]}", TEXT + "\n"),
        *(text_of(b"\x02" + content_of(TEXT)[1:]), "A" * TEXT_LENGTH, "é" * TEXT_LENGTH, "\0" * TEXT_LENGTH),
    ],
)
def test_any_other_text_is_no_invitation(text: str) -> None:
    with pytest.raises(NotAnInvitation):
        open_text(text)


def test_the_bit_that_is_left_over_has_one_spelling() -> None:
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(TEXT[-1])
    other = TEXT[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[last ^ 1]
    with pytest.raises(NotAnInvitation):
        open_text(other)


@given(st.text(max_size=300))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        open_text(text)
    except NotAnInvitation:
        return


def test_a_signature_of_another_phone_or_for_another_purpose_is_not_good() -> None:
    assert not open_text(encode(INVITATION, a_signer("another"))).is_signed_by(SIGNER.public)
    signed = content_of(TEXT)[:69]
    for context in (signing.OP, signing.TOKEN, signing.ENROL, b""):
        assert not is_taken(text_of(signed + SIGNER.sign(context, signed))), context
    assert is_taken(text_of(signed + SIGNER.sign(signing.INVITATION, signed)))


def test_its_time_is_a_day_and_a_phone_may_be_ten_minutes_early() -> None:
    assert not INVITATION.is_old(MADE + LASTS - timedelta(seconds=1))
    assert INVITATION.is_old(MADE + LASTS)
    assert not INVITATION.is_early(MADE - timedelta(minutes=10))
    assert INVITATION.is_early(MADE - timedelta(minutes=10, seconds=1))


def test_what_does_not_fit_its_place_is_not_encoded() -> None:
    for wrong in (replace(INVITATION, nonce=bytes(15)), replace(INVITATION, party_id="121")):
        with pytest.raises(ValueError, match=r"16 bytes|hexadecimal"):
            encode(wrong, SIGNER)
