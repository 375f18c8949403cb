"""Run the benchmarks: all, or those named on the command line, as they stand in ``SUITES``."""

from __future__ import annotations

import sys

from benchmarks import app, decoder, growth, label_page, labels, pull, push, rules, server, slow_line

SUITES = {
    "rules": rules.lines,
    "app": app.lines,
    "server": server.lines,
    "decoder": decoder.lines,
    "labels": labels.lines,
    "label_page": label_page.lines,
    "push": push.lines,
    "growth": growth.lines,
    "slow_line": slow_line.lines,
    "pull": pull.lines,
}


def main() -> int:
    """Print every line as soon as it is measured; fail when a limit is missed."""
    missed = 0
    for name in sys.argv[1:] or list(SUITES):
        for line in SUITES[name]():
            print(line, flush=True)
            missed += not line.holds
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
