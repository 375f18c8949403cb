"""Every row of the policy, by every role, in every situation, answered as the row alone says it must be."""

from __future__ import annotations

import sys

import pytest

from server.accounts.models import Role
from server.policy import POLICY
from tests.server.cells import WITH_THINGS, Situation
from tests.server.matrix import Matrix

WORTH_SHOWING = 12  # lists and pages that show whom they are about; without any, hiding would prove nothing


@pytest.mark.parametrize("situation", Situation)
def test_every_row_is_answered_as_it_says(
    matrix: Matrix, situation: Situation, capsys: pytest.CaptureFixture[str]
) -> None:
    report = matrix.run(situation)
    with capsys.disabled():
        sys.stdout.write(f"\n{situation}: {report.cells} cells of {len(POLICY)} rows, {len(report.wrong)} wrong\n")
    assert report.wrong == []
    assert report.cells >= len(POLICY) * len(Role)
    if situation in WITH_THINGS:
        assert len([words for words in report.shown.values() if words]) > WORTH_SHOWING
