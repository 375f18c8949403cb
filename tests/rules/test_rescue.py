"""Rescue packages come to what the vectors say, and no change of one passes."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import rescue, rescue_codes
from shared.errors import RefusedRescue
from shared.rescue import CHUNK_BYTES, HEAD_BYTES, SEALED_BYTES
from shared.signing import x25519_public
from tests.vectors import make_rescue_vectors as maker

VECTORS: dict[str, Any] = json.loads(
    Path(__file__).parent.joinpath("../vectors/rescue_vectors.json").read_text("utf-8")
)
SECRET, PUBLIC, KEY_ID = (*(base64.b64decode(VECTORS[name]) for name in ("secret", "public")), VECTORS["key_id"])
MOST = 32 << 20


def secret_of(key_id: int) -> bytes | None:
    return SECRET if key_id == KEY_ID else None


def opened(package: bytes) -> list[rescue.Section]:
    return list(rescue.sections(rescue.unseal(io.BytesIO(package), secret_of), most_photo_bytes=MOST))


def photo_of(about: dict[str, Any]) -> bytes:
    """Photos of the vectors are their beginning or one byte again and again."""
    known = b"\xff\xd8 a photo"
    return known if about["bytes"] == len(known) else b"\x5a" * about["bytes"]


def plain_of(row: dict[str, Any]) -> bytes:
    whole = b"".join(rescue.ops_section(push.encode()) for push in row["pushes"])
    for about in row["photos"]:
        whole += rescue.photo_section(about["record"], about["sha256"], about["bytes"]) + photo_of(about)
    return whole


def refusal(package: bytes) -> str:
    with pytest.raises(RefusedRescue) as refused:
        opened(package)
    return str(refused.value.values["why"])


def bad_package(row: dict[str, Any]) -> bytes:
    """Build a bad package as its row says."""
    if "package" in row:
        return base64.b64decode(row["package"])
    base = VECTORS["bad_base"]
    photo = bytes([base["photo_byte"]]) * base["photo_bytes"]
    plain, once = maker.ops(base["push"]) + maker.photo(photo), base64.b64decode(base["once"])
    lasts = tuple(row["lasts"]) if "lasts" in row else None
    head, *chunks = maker.sealed(plain, once, server=SECRET, lasts=lasts)
    return head + b"".join(chunks[number] for number in row.get("chunks", range(len(chunks))))


def test_the_vectors_are_what_their_script_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maker, "FILE", tmp_path / "again.json")
    maker.main()
    assert json.loads((tmp_path / "again.json").read_text("utf-8")) == VECTORS


@pytest.mark.parametrize("row", VECTORS["good"], ids=lambda row: row["name"])
def test_a_good_package_opens_to_what_was_sealed_and_is_sealed_to_the_same_bytes(row: dict[str, Any]) -> None:
    plain = plain_of(row)
    assert hashlib.sha256(plain).hexdigest() == row["sealed_sha256"]
    package = b"".join(rescue.seal(KEY_ID, PUBLIC, base64.b64decode(row["once"]), [plain]))
    assert (len(package), hashlib.sha256(package).hexdigest()) == (row["package_bytes"], row["package_sha256"])
    assert row["package"] is None or base64.b64decode(row["package"]) == package
    found = opened(package)
    assert [one.content.decode() for one in found if isinstance(one, rescue.Ops)] == row["pushes"]
    photos = [one for one in found if isinstance(one, rescue.Photo)]
    assert [(one.record, one.sha256) for one in photos] == [(one["record"], one["sha256"]) for one in row["photos"]]
    assert all(hashlib.sha256(one.content).hexdigest() == one.sha256 for one in photos)


@pytest.mark.parametrize("row", VECTORS["bad"], ids=lambda row: row["name"])
def test_a_bad_package_is_refused_for_its_reason(row: dict[str, Any]) -> None:
    assert refusal(bad_package(row)) == row["why"]


def test_every_flipped_byte_of_a_small_package_is_refused() -> None:
    package = base64.b64decode(VECTORS["good"][0]["package"])
    for place in range(len(package)):
        for bit in (1, 0x80):
            # The highest bit of a public half counts for nothing in X25519 (RFC 7748, 5), but is authenticated here.
            spoiled = package[:place] + bytes([package[place] ^ bit]) + package[place + 1 :]
            assert refusal(spoiled) in ("form", "version", "key", "damaged"), place


def test_a_package_cut_off_anywhere_is_refused() -> None:
    package = b"".join(rescue.seal(KEY_ID, PUBLIC, os.urandom(32), [bytes(CHUNK_BYTES + 100)]))
    assert len(package) == HEAD_BYTES + SEALED_BYTES + 116
    for size in {*range(0, len(package), 997), HEAD_BYTES, HEAD_BYTES + SEALED_BYTES, len(package) - 1}:
        with pytest.raises(RefusedRescue):
            list(rescue.unseal(io.BytesIO(package[:size]), secret_of))


def test_whoever_has_every_key_but_one_opens_nothing() -> None:
    package = base64.b64decode(VECTORS["good"][0]["package"])
    with pytest.raises(RefusedRescue):
        list(rescue.unseal(io.BytesIO(package), lambda _: os.urandom(32)))


def test_a_photo_larger_than_allowed_is_refused_before_it_is_read() -> None:
    row = VECTORS["good"][2]
    package = b"".join(rescue.seal(KEY_ID, PUBLIC, os.urandom(32), [plain_of(row)]))
    with pytest.raises(RefusedRescue):
        list(rescue.sections(rescue.unseal(io.BytesIO(package), secret_of), most_photo_bytes=149_999))


def test_the_same_content_has_the_same_key_and_any_other_has_another() -> None:
    def _once(*names: bytes, device: bytes = b"d" * 32, public: bytes = PUBLIC) -> bytes:
        return rescue.once_secret(device, public, names)

    drawn = [_once(b"a"), _once(b"b"), _once(b"a", device=b"e" * 32), _once(b"a", public=x25519_public(b"p" * 32))]
    assert _once(b"a") == drawn[0]
    assert len(set(drawn)) == 4


def test_a_large_photo_is_sealed_and_opened_piece_by_piece() -> None:
    """Nothing holds the whole: what is taken from the phone's disk goes on to the file at once."""
    asked: list[int] = []

    def _pieces() -> Any:
        for number in range(40):
            asked.append(number)
            yield bytes(CHUNK_BYTES)

    sealing = rescue.seal(KEY_ID, PUBLIC, os.urandom(32), _pieces())
    for _ in range(3):
        next(sealing)
    assert len(asked) <= 4


class TestCodes:
    PACKAGE = base64.b64decode(VECTORS["codes"]["package"])
    TEXTS = VECTORS["codes"]["texts"]

    def test_the_codes_are_those_of_the_vectors(self) -> None:
        assert rescue_codes.codes_of(self.PACKAGE) == self.TEXTS
        assert max(map(len, self.TEXTS)) <= rescue_codes.LONGEST_CODE

    def test_they_are_collected_in_any_order_with_doubles_and_what_is_missing_is_told(self) -> None:
        order = self.TEXTS * 2
        random.Random(5).shuffle(order)
        lost, rest = self.TEXTS[1], [text for text in order if text != self.TEXTS[1]]
        collection = rescue_codes.Collection()
        for text in rest:
            series, _ = collection.take(rescue_codes.read_code(text))
        assert series.missing == [2]
        series, is_new = collection.take(rescue_codes.read_code(lost))
        assert (is_new, series.missing, series.package()) == (True, [], self.PACKAGE)
        assert collection.take(rescue_codes.read_code(lost)) == (series, False)

    def test_parts_of_two_packages_under_one_name_are_no_package(self) -> None:
        other = rescue_codes.codes_of(self.PACKAGE[::-1])
        mixed = [*self.TEXTS[:-1], other[-1].replace(other[-1].split(":")[1], self.TEXTS[0].split(":")[1])]
        collection = rescue_codes.Collection()
        for text in mixed:
            series, _ = collection.take(rescue_codes.read_code(text))
        assert series.package() is None

    def test_series_of_several_phones_are_kept_apart_and_not_without_end(self) -> None:
        collection = rescue_codes.Collection()
        for number in range(rescue_codes.MOST_SERIES + 1):
            collection.take(rescue_codes.Code(f"{number:016X}", 1, 2, b"x"))
        series, is_new = collection.take(rescue_codes.Code(f"{0:016X}", 1, 2, b"x"))
        assert (is_new, series.missing) == (True, [2])
        assert not collection.take(rescue_codes.Code(f"{8:016X}", 1, 2, b"x"))[1]

    @pytest.mark.parametrize("text", VECTORS["codes"]["none"])
    def test_what_is_no_code_is_none(self, text: str) -> None:
        assert rescue_codes.read_code(text) is None

    def test_a_package_of_too_many_codes_is_refused(self) -> None:
        with pytest.raises(rescue_codes.TooLong):
            rescue_codes.codes_of(bytes(rescue_codes.PART_BYTES * rescue_codes.MOST_CODES + 1))

    @given(content=st.binary(max_size=40))
    def test_base45_brings_bytes_back(self, content: bytes) -> None:
        assert rescue_codes.decode_base45(rescue_codes.encode_base45(content)) == content

    @given(text=st.text(alphabet=rescue_codes.BASE45, max_size=12))
    def test_base45_has_one_spelling(self, text: str) -> None:
        try:
            content = rescue_codes.decode_base45(text)
        except ValueError:
            return
        assert rescue_codes.encode_base45(content) == text

    @given(text=st.text(max_size=60))
    def test_no_text_breaks_the_reader(self, text: str) -> None:
        rescue_codes.read_code(text)
        rescue_codes.read_code(f"DPR1:{'0' * 16}:1:1:{text}")
