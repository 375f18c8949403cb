"""How many examples the property tests try, and what every test of the rules looks at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import strategies
from tests.rules import whole


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--hypothesis-profile", default=None):
        settings.load_profile(strategies.FULL if config.getoption("--full", default=False) else strategies.QUICK)


@pytest.fixture(scope="module", autouse=True)
def _answers_are_whole() -> Iterator[None]:
    """Look at every conclusion and error of a test."""
    with whole.looked_at():
        yield
