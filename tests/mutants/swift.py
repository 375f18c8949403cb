"""A pytest plugin for the mutants alone: what fails soonest comes first, and a failure is enough.

Plain tests before those with drawn examples, and no smaller example is sought: one that notices the mutant will do.
"""

from __future__ import annotations

import pytest
from hypothesis import Phase, is_hypothesis_test, settings

from tests import strategies

settings.register_profile(
    strategies.QUICK, settings.get_profile(strategies.QUICK), phases=[Phase.explicit, Phase.generate]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: is_hypothesis_test(getattr(item, "function", None)))
