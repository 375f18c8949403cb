"""The errors of the command line that a person can mend."""

from __future__ import annotations


class CannotDo(Exception):
    """Something a person can mend; the message says what and how. ``dingpan`` prints it and ends with exit code 2."""
