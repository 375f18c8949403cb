"""Where the needle stands: on the side of its sign, never inside a limit it is beyond, at the end off the scale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.look import margin_scale
from shared.look.margin import END

values = st.integers(-(10**12), 10**12)
limits = st.integers(1, 10**9)


@given(value=values, limit=limits)
def test_the_needle_is_on_the_side_of_the_sign(value, limit):
    needle = margin_scale(value=value, limit=limit).needle
    assert needle * value >= 0


@given(value=values, limit=limits)
def test_too_much_and_too_little_mirror_each_other(value, limit):
    assert margin_scale(value=value, limit=limit).needle == -margin_scale(value=-value, limit=limit).needle


@given(value=values, limit=limits)
def test_a_reading_beyond_its_limit_is_never_drawn_inside_and_one_within_never_outside(value, limit):
    scale = margin_scale(value=value, limit=limit)
    if abs(value) > limit:
        assert abs(scale.needle) >= scale.limit
    else:
        assert abs(scale.needle) <= scale.limit


@given(one=values, other=values, limit=limits)
def test_a_larger_error_never_stands_further_left(one, other, limit):
    small, large = sorted((one, other))
    assert margin_scale(value=small, limit=limit).needle <= margin_scale(value=large, limit=limit).needle


@given(value=values, limit=limits)
def test_off_the_scale_means_beyond_twice_the_limit_and_stands_at_the_end(value, limit):
    scale = margin_scale(value=value, limit=limit)
    assert scale.is_off_scale == (abs(value) > 2 * limit)
    assert not scale.is_off_scale or abs(scale.needle) == END


@given(value=values, limit=limits, uncertainty=st.integers(0, 10**9))
def test_the_soft_band_holds_the_needle(value, limit, uncertainty):
    scale = margin_scale(value=value, limit=limit, uncertainty=uncertainty)
    assert scale.band[0] <= scale.needle <= scale.band[1]


@pytest.mark.parametrize("arguments", [{"limit": 0}, {"limit": -5}, {"limit": 5, "uncertainty": -1}])
def test_a_scale_without_sense_is_refused(arguments):
    with pytest.raises(ValueError, match="must"):
        margin_scale(value=1, **arguments)
