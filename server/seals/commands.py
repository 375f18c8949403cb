"""What ``dingpan stock`` does."""

from __future__ import annotations

import sys
from argparse import Namespace

from sqlalchemy.orm import Session

from server.seals import service as seals
from server.settings import Settings


def to_revoke(session: Session, _: Settings, options: Namespace) -> int:
    """Print the serials of void and lost labels, one a line: what ``dingpan keys revoke`` is to be given."""
    del options
    for serial in seals.serials_to_revoke(session):
        sys.stdout.write(f"{serial}\n")
    return 0
