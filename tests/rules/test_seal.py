"""Labels under attack: whatever is scanned, a label is genuine only if the bureau made exactly it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared import seal
from shared.errors import BadShortCode, NotASeal
from shared.keys import Purpose
from shared.seal import LabelVerdict, Payload
from tests.builders import HOST, PREFIX, TODAY, a_key, a_key_set, a_label, a_payload, a_revocation_list, a_signer
from tests.strategies import payloads, serials

KEYS = a_key_set()
REVOKED = a_revocation_list()
GENUINE = a_label()
TEXT = GENUINE.rpartition("/")[2]
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def verdict_of(link: str) -> LabelVerdict:
    try:
        return seal.open_seal(link, KEYS, REVOKED, TODAY).verdict
    except NotASeal:
        return LabelVerdict.NOT_A_SEAL


def link_of(content: bytes) -> str:
    return f"HTTPS://{HOST}/V/" + base64.b32encode(content).decode().rstrip("=")


def expected(content: bytes | bytearray) -> LabelVerdict:
    """Judge bytes that our keys never signed, by the table of the format alone."""
    region, issued, last = (int.from_bytes(content[a:b], "big") for a, b in ((7, 10), (11, 13), (13, 15)))
    if region > 999_999 or 0 < last < issued:
        return LabelVerdict.NOT_A_SEAL
    if content[0] != 0x11:
        return LabelVerdict.UNKNOWN_ALGORITHM
    if region // 100 != int(PREFIX) or content[1] not in (1, 2):
        return LabelVerdict.UNKNOWN_KEY
    return LabelVerdict.FORGED


def test_no_single_flipped_bit_leaves_a_label_genuine() -> None:
    genuine = base64.b32decode(TEXT + "=" * 3)
    assert verdict_of(link_of(genuine)) is LabelVerdict.GENUINE
    for bit in range(8 * len(genuine)):
        content = bytearray(genuine)
        content[bit // 8] ^= 1 << bit % 8
        assert verdict_of(link_of(bytes(content))) is expected(content), f"bit {bit}"


def single_substitutions() -> Iterator[tuple[str, LabelVerdict]]:
    for place, held in enumerate(TEXT):
        for other in BASE32.replace(held, ""):
            text = TEXT[:place] + other + TEXT[place + 1 :]
            number = sum(BASE32.index(digit) << 5 * power for power, digit in enumerate(reversed(text)))
            is_padded_with_zero = number % 2 == 0
            content = (number // 2).to_bytes(83, "big")
            yield text, expected(content) if is_padded_with_zero else LabelVerdict.NOT_A_SEAL


def test_no_single_other_character_leaves_a_label_genuine() -> None:
    tried = 0
    for text, verdict in single_substitutions():
        assert verdict_of(f"HTTPS://{HOST}/V/{text}") is verdict, text
        tried += 1
    assert tried == 133 * 31


FAULTS = (
    LabelVerdict.WRONG_HOST,
    LabelVerdict.UNKNOWN_ALGORITHM,
    LabelVerdict.UNKNOWN_KEY,
    LabelVerdict.FORGED,
    LabelVerdict.KEY_COMPROMISED,
    LabelVerdict.KEY_NOT_VALID,
    LabelVerdict.REVOKED,
    LabelVerdict.EXPIRED,
    LabelVerdict.GENUINE_STALE,
)


@pytest.mark.parametrize("is_compromised", [False, True])
def test_of_several_faults_the_first_in_order_is_told(is_compromised: bool) -> None:
    keys = a_key_set(keys=[a_key(Purpose.SEAL, 1, compromised=is_compromised), a_key(Purpose.REVOCATION, 8)])
    always = {LabelVerdict.KEY_COMPROMISED} if is_compromised else set()
    free = [fault for fault in FAULTS if fault is not LabelVerdict.KEY_COMPROMISED]
    for faults in chain.from_iterable(combinations(free, count) for count in range(len(free) + 1)):
        wanted = next((fault for fault in FAULTS if fault in {*faults, *always}), LabelVerdict.GENUINE)
        listed = a_revocation_list(
            [1_000_001] if LabelVerdict.REVOKED in faults else [],
            issued="2026-11-13" if LabelVerdict.GENUINE_STALE in faults else "2026-11-14",
        )
        opened = seal.open_seal(label_with(set(faults)), keys, listed, TODAY)
        assert opened.verdict is wanted, faults


def label_with(faults: set[LabelVerdict]) -> str:
    issued = date(2025, 12, 31) if LabelVerdict.KEY_NOT_VALID in faults else date(2026, 1, 1)
    return a_label(
        host="EVIL.TEST" if LabelVerdict.WRONG_HOST in faults else HOST,
        alg=2 if LabelVerdict.UNKNOWN_ALGORITHM in faults else 1,
        key_id=7 if LabelVerdict.UNKNOWN_KEY in faults else 1,
        signer="somebody" if LabelVerdict.FORGED in faults else "seal",
        issued=issued,
        last_day=TODAY - timedelta(days=1) if LabelVerdict.EXPIRED in faults else TODAY,
    )


def test_a_label_is_stale_by_its_list_or_by_its_key_set() -> None:
    listed = a_revocation_list()
    for next_day, day, verdict in [
        ("2026-11-27", date(2026, 11, 27), LabelVerdict.GENUINE),
        ("2026-11-26", date(2026, 11, 27), LabelVerdict.GENUINE_STALE),
        ("2026-12-31", date(2026, 11, 28), LabelVerdict.GENUINE_STALE),
    ]:
        assert seal.open_seal(GENUINE, a_key_set(next=next_day), listed, day).verdict is verdict
    assert seal.open_seal(GENUINE, KEYS, None, TODAY).verdict is LabelVerdict.GENUINE_STALE


@pytest.mark.parametrize("is_compromised", [False, True])
def test_a_ledger_that_holds_the_very_text_changes_no_verdict(is_compromised: bool) -> None:
    """What the office signed need not be verified again; all else is decided as ever."""
    keys = a_key_set(keys=[a_key(Purpose.SEAL, 1, compromised=is_compromised), a_key(Purpose.REVOCATION, 8)])
    free = [fault for fault in FAULTS if fault not in (LabelVerdict.KEY_COMPROMISED, LabelVerdict.FORGED)]
    for faults in chain.from_iterable(combinations(free, count) for count in range(len(free) + 1)):
        link = label_with(set(faults))
        listed = a_revocation_list([1_000_001] if LabelVerdict.REVOKED in faults else [])
        plain = seal.open_seal(link, keys, listed, TODAY)
        assert seal.open_seal(link, keys, listed, TODAY, lambda _, text=plain.text: text) == plain


def test_a_label_that_the_ledger_holds_is_not_verified_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def issued(serial: int) -> str:
        asked.append(serial)
        return TEXT

    monkeypatch.setattr(seal.signing, "verify", lambda *_: False)
    assert seal.open_seal(GENUINE, KEYS, REVOKED, TODAY, issued).verdict is LabelVerdict.GENUINE
    assert asked == [1_000_001]
    assert seal.open_seal(GENUINE, KEYS, REVOKED, TODAY).verdict is LabelVerdict.FORGED


def test_no_other_text_is_taken_for_the_one_in_the_ledger() -> None:
    for text, verdict in single_substitutions():
        if verdict is not LabelVerdict.NOT_A_SEAL:
            link = f"HTTPS://{HOST}/V/{text}"
            assert seal.open_seal(link, KEYS, REVOKED, TODAY, lambda _: TEXT).verdict is verdict, text
    forged = a_label(signer="somebody")
    for in_ledger in (None, "", TEXT, forged[-132:], forged[-133:].lower(), forged):
        told = seal.open_seal(forged, KEYS, REVOKED, TODAY, lambda _, text=in_ledger: text).verdict
        assert told is LabelVerdict.FORGED


@given(payloads())
def test_opening_a_made_label_gives_its_payload_back(payload: Payload) -> None:
    opened = seal.open_seal(seal.make_link(payload, a_signer("seal"), HOST), KEYS, REVOKED, TODAY)
    assert (opened.payload, opened.host) == (payload, HOST)
    assert seal.parse_short_code(opened.short) == payload.serial
    assert (opened.verdict is LabelVerdict.FORGED) == (payload.key_id == 2)


@pytest.mark.parametrize(
    "fields",
    [
        {"region": "41"},
        {"region": "1000000"},
        {"region": "４１１６０２"},
        {"region": "-41160"},
        {"binding": b""},
        {"binding": bytes(5)},
        {"alg": 17},
        {"version": 16},
        {"kind": 256},
        {"key_id": -1},
        {"serial": 1 << 40},
        {"issued": date(2019, 12, 31)},
        {"issued": date(2199, 6, 7)},
        {"last_day": date(2026, 10, 31)},
        {"issued": date(2020, 1, 1), "last_day": date(2020, 1, 1)},
    ],
    ids=str,
)
def test_a_payload_that_does_not_fit_is_never_printed(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        a_payload(**fields).to_bytes()


@pytest.mark.parametrize("host", ["dingpan.test", "", "DINGPAN.TEST:443", "DINGPAN/TEST", "定盘.TEST", "A B"])
def test_a_host_that_no_label_may_have_is_never_printed(host: str) -> None:
    with pytest.raises(ValueError):
        a_label(host=host)


near_labels = st.tuples(
    st.sampled_from(["HTTPS://", "https://", "HTTP://", " HTTPS://", "HTTPS:/"]),
    st.sampled_from([HOST, "EVIL.TEST", "", "..", "A" * 300, "定盘.TEST", "DINGPAN.TEST:443"]),
    st.sampled_from(["/V/", "/v/", "/V//", "/V/?"]),
    st.binary(min_size=83, max_size=83).map(lambda content: link_of(content).rpartition("/")[2])
    | st.text(alphabet=BASE32 + "018=a ", min_size=131, max_size=135),
    st.sampled_from(["", "\n", "\0", "?A=1", "#", "\ud800", "="]),
).map("".join)


@given(st.text() | near_labels)
def test_no_text_does_anything_but_open_or_be_refused(link: str) -> None:
    assert verdict_of(link) is not LabelVerdict.GENUINE


@given(st.integers(0, len(GENUINE)), st.characters() | st.sampled_from("\n =A"))
@example(place=len(GENUINE), character="\n")
def test_no_character_may_be_added_or_replaced(place: int, character: str) -> None:
    assert verdict_of(GENUINE[:place] + character + GENUINE[place:]) is not LabelVerdict.GENUINE
    replaced = GENUINE[:place] + character + GENUINE[place + 1 :]
    assert replaced == GENUINE or verdict_of(replaced) is not LabelVerdict.GENUINE


@given(serials)
def test_a_short_code_forgives_case_spaces_and_hyphens(serial: int) -> None:
    code = seal.short_code(serial)
    assert seal.parse_short_code(code) == serial
    assert seal.parse_short_code(f" {code[:4].lower()}-{code[4:8]} {code[8:].lower()} ") == serial


@given(serials)
def test_every_single_mistyped_character_of_a_short_code_is_caught(serial: int) -> None:
    code = seal.short_code(serial)
    for place, held in enumerate(code):
        for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*".replace(held, ""):
            with pytest.raises(BadShortCode):
                seal.parse_short_code(code[:place] + other + code[place + 1 :])


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader_of_short_codes(text: str) -> None:
    try:
        serial = seal.parse_short_code(text)
    except BadShortCode:
        return
    assert 0 <= serial < 1 << 40


def test_a_nozzle_number_changes_what_a_label_is_bound_to() -> None:
    bindings = {seal.binding_of("税控2019-77", nozzle) for nozzle in (None, "1", "2", "12")}
    assert len(bindings) == 4


@given(st.text(max_size=30), st.text(alphabet=" \t\u3000\u00a0", max_size=3), st.integers(0, 30))
def test_white_space_and_case_never_change_a_binding(serial: str, space: str, place: int) -> None:
    assert seal.binding_of(serial + space) == seal.binding_of(serial)
    plain = serial.encode("ascii", "ignore").decode()
    assert seal.binding_of(plain[:place] + space + plain[place:]) == seal.binding_of(plain.swapcase())
