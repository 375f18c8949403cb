"""The command line ``dingpan``: run, look after and try the server."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    raise SystemExit(2)
