"""Hypothesis strategies for the values of the trade, and how many examples a run tries.

``make test`` uses QUICK; ``make test-full`` uses FULL. A failure prints a ``@reproduce_failure`` line.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from shared.credit import Entry, State
from shared.seal import EPOCH, Payload
from tests.builders import PREFIX, TODAY, a_scale, an_id

QUICK, FULL = "quick", "full"

settings.register_profile(
    QUICK, max_examples=60, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(FULL, settings.get_profile(QUICK), max_examples=1_000)

# Scales: class III has 500 to 10 000 intervals, class IIII 100 to 1 000 (OIML R 76-1:2006, table 3).
intervals_g = st.sampled_from([1, 2, 5, 10, 20, 50, 100, 200])


@st.composite
def scales(draw: st.DrawFn) -> Any:
    """A scale of class III or IIII with a likely nameplate."""
    accuracy_class = draw(st.sampled_from(["III", "IIII"]))
    e_g = draw(intervals_g)
    kilograms = (10_000 if accuracy_class == "III" else 1_000) * e_g // 1000
    return a_scale(e_g=e_g, max_kg=draw(st.integers(1, kilograms)), accuracy_class=accuracy_class)


masses_mg = st.integers(-(10**15), 10**15)
serials = st.integers(0, (1 << 40) - 1)
serial_lists = st.sets(serials, max_size=40)
days = st.dates(date(2020, 1, 1), date(2199, 1, 1))
instants = st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)
uuids7 = st.integers(0, (1 << 48) - 1).map(an_id)
wire_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@st.composite
def payloads(draw: st.DrawFn) -> Payload:
    """A payload that fits its 19 bytes, in the region of the seal keys."""
    issued = draw(st.integers(0, 65_535))
    last = draw(st.none() | st.integers(max(issued, 1), 65_535))
    return Payload(
        key_id=draw(st.integers(0, 255)),
        serial=draw(serials),
        region=PREFIX + f"{draw(st.integers(0, 99)):02d}",
        kind=draw(st.integers(0, 255)),
        issued=EPOCH + timedelta(days=issued),
        last_day=None if last is None else EPOCH + timedelta(days=last),
        binding=draw(st.binary(min_size=4, max_size=4)),
    )


@st.composite
def ledgers(draw: st.DrawFn) -> list[Entry]:
    """Credit events of one party, some of them settled, perhaps more than once."""
    codes = st.sampled_from(["clean_check", "pledge_signed", "beyond_limits"])
    opened = draw(st.lists(st.tuples(codes, st.sampled_from(list(State)), st.integers(0, 900)), max_size=12))
    entries = [
        Entry(an_id(place), code, state, TODAY - timedelta(days=age)) for place, (code, state, age) in enumerate(opened)
    ]
    if entries:
        states = st.sampled_from([State.CONFIRMED, State.VOID])
        settled = st.lists(st.tuples(st.sampled_from(entries), states, st.integers(0, 90)), max_size=6)
        for place, (entry, state, age) in enumerate(draw(settled), start=1000):
            entries.append(Entry(an_id(place), entry.code, state, TODAY - timedelta(days=age), settles=entry.id))
    return entries


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=20,
)
