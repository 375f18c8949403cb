"""What the desk wrote off goes to the list of revoked labels: the ledger names it, the keys' command takes it."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import pytest

from server.cli import main
from server.database import db
from server.seals import commands
from server.seals.models import SealStock
from tests.server.world import World


def test_void_and_lost_labels_are_named_one_a_line_and_no_others(world: World, capsys: Any) -> None:
    first, second = db.session.query(SealStock).order_by(SealStock.serial).limit(2)
    first.state, second.state = "lost", "applied"
    db.session.commit()
    settings = world.app.extensions["dingpan"].settings
    assert commands.to_revoke(db.session(), settings, Namespace()) == 0
    assert capsys.readouterr().out == f"{first.serial}\n"


def test_the_command_line_knows_it(capsys: Any) -> None:
    for words in (["stock", "--help"], ["scans", "--help"]):
        with pytest.raises(SystemExit, match="0"):
            main(words)
        said = capsys.readouterr().out
        assert ("to-revoke" in said) != ("detect" in said), words
