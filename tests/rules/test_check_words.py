"""The two words on a label: always the same for the same bytes, and hard to mistake for one another."""

from __future__ import annotations

import hashlib
import json
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.check_words import check_words
from tests.builders import a_payload

CONTENT = files("shared").joinpath("check_words.json").read_bytes()
LISTS: dict[str, list[list[str]]] = json.loads(CONTENT)
ROWS = [(word, pinyin) for rows in LISTS.values() for word, pinyin in rows]
# Goods, fuels and measuring things would seem to say something about the stall or pump that the label is on.
NOT_ON_A_LABEL = "肉蛋米面粮药烟酒油秤砣码尺斤两升克量价钱币税假坏死鬼"


def as_heard(pinyin: str) -> str:
    """Return what is left of a pinyin for ears that hear no tones, and take zh for z, ang for an, n for l."""
    syllables = (re.sub("^(z|c|s)h", r"\1", syllable) for syllable in pinyin.split())
    return " ".join(re.sub("ng$", "n", re.sub("^l", "n", syllable)) for syllable in syllables)


def test_the_list_is_the_one_that_is_printed_on_labels() -> None:
    assert hashlib.sha256(CONTENT).hexdigest() == "af2da2a6a284757dc110b8b5b4f09e89e104ca09d4052f00a4001530893ac3b8"
    assert list(LISTS) == ["natural", "made"]
    assert [len(rows) for rows in LISTS.values()] == [256, 256]


def test_every_word_has_two_chinese_characters_and_two_syllables() -> None:
    assert [word for word, _ in ROWS if not re.fullmatch("[\u4e00-\u9fff]{2}", word)] == []
    assert [pinyin for _, pinyin in ROWS if not re.fullmatch("[a-z]{1,6} [a-z]{1,6}", pinyin)] == []


def test_no_two_words_are_written_or_heard_alike() -> None:
    assert as_heard("shan dong") == as_heard("san don")
    assert as_heard("lan hua") == as_heard("nan hua")
    assert len({word for word, _ in ROWS}) == 512
    heard: dict[str, str] = {}
    for word, pinyin in ROWS:
        assert heard.setdefault(as_heard(pinyin), word) == word, (word, pinyin)


def test_no_word_names_goods_or_measures() -> None:
    assert [word for word, _ in ROWS if set(word) & set(NOT_ON_A_LABEL)] == []


@given(st.binary(min_size=19, max_size=19))
def test_the_words_are_named_by_the_first_two_bytes_of_the_hash(payload: bytes) -> None:
    first, second = hashlib.sha256(payload).hexdigest()[:2], hashlib.sha256(payload).hexdigest()[2:4]
    natural, made = LISTS["natural"][int(first, 16)], LISTS["made"][int(second, 16)]
    assert check_words(payload) == (natural[0], made[0])


def test_labels_one_after_the_other_have_other_words() -> None:
    pairs = [check_words(a_payload(serial=serial).to_bytes()) for serial in range(1_000_000, 1_000_200)]
    assert len(set(pairs)) >= 199
    assert len({first for first, _ in pairs}) > 100


@pytest.mark.parametrize("payload", [b"", bytes(18), bytes(20), bytes(83)])
def test_other_bytes_have_no_words(payload: bytes) -> None:
    with pytest.raises(ValueError):
        check_words(payload)
