"""Scope on PostgreSQL: how a query keeps to a region is the database's matter too; the gate before it is not."""

from __future__ import annotations

import sys

import pytest

from server.policy import DataScope, row_of
from tests.server.cells import Situation
from tests.server.every_route import Call
from tests.server.matrix import Matrix


def is_about_somebody(route: Call) -> bool:
    """Choose the rows that show or change somebody's things."""
    row = row_of(route.endpoint, route.method)
    return row is not None and row.roles is not None and row.scope is not DataScope.ALL


@pytest.mark.parametrize("situation", [Situation.OWN_REGION, Situation.OTHER_REGION])
def test_every_scope_shows_and_hides_the_same(
    postgres_matrix: Matrix, situation: Situation, capsys: pytest.CaptureFixture[str]
) -> None:
    report = postgres_matrix.run(situation, is_about_somebody, past_the_gate=True)
    with capsys.disabled():
        sys.stdout.write(f"\n{situation}, on PostgreSQL: {report.cells} cells, {len(report.wrong)} wrong\n")
    assert report.wrong == []
    assert report.cells > 100
