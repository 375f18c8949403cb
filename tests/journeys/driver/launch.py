"""``python -m tests.journeys.driver.launch SOCKET [arguments of dingpan-field]``: the app with a probe beside it."""

from __future__ import annotations

import sys

from fieldapp.main import main
from tests.journeys.driver.probe import start_probe

if __name__ == "__main__":
    start_probe(sys.argv[1])
    raise SystemExit(main(sys.argv[2:]))
