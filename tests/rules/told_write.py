"""Write ``told.csv`` and ``mistakes.csv`` anew: ``python -m tests.rules.told_write``, then READ the difference.

The tables say what people are told. A line that changed without being read, as the metrologist and as the stallholder
it is for, is a line nobody checked.
"""

from __future__ import annotations

from tests.rules.mistakes import MISTAKES, caught
from tests.rules.told import FIELDS, MISTAKE_FIELDS, lines_of, mistake_line, write
from tests.rules.told_cases import CASES


def main() -> None:
    """Write both tables."""
    write("told", FIELDS, (line for name, told in CASES.items() for line in lines_of(name, told())))
    write("mistakes", MISTAKE_FIELDS, (mistake_line(caught(mistake)) for mistake in MISTAKES))


if __name__ == "__main__":
    main()
