from tests.server.cells import Situation
from tests.server.matrix import Matrix
from tests.server.test_foreign_ids import unnamed_in_schemas, unnamed_in_sources, pages_and_apis
import pytest


@pytest.mark.parametrize("s", ["own region", "other's thing", "other region", "own thing"])
def test_x(matrix: Matrix, sqlite_app, s):
    r = matrix.run(Situation(s))
    with open("/tmp/wrong.txt", "a") as f:
        f.write(
            "\n".join(r.wrong)
            + "\n"
            + "\n".join(unnamed_in_sources(sqlite_app, pages_and_apis()))
            + "\n"
            + "\n".join(unnamed_in_schemas(sqlite_app))
        )
