"""How many examples the property tests try: few for ``make test``, many with ``--full``."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests import strategies


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--hypothesis-profile", default=None):
        settings.load_profile(strategies.FULL if config.getoption("--full", default=False) else strategies.QUICK)
