"""The app as a web server's worker makes it: settings from the environment, logs for the process."""

from __future__ import annotations

import gc

import structlog
from flask import Flask

from server import create_app, database, logs, settings
from server.public import finishing
from server.scans import service as scans
from shared.rules import ruleset_name

# A page makes hundreds of things that end with it, a push far more, and few of them in circles: Python looks for those
# after every 700.
LOOKS = 50_000, 10, 10


def create() -> Flask:
    """Make the app of this worker and say in the log what it runs on."""
    mine = settings.of_this_process()
    logs.configure(as_json=mine.logs_as_json)
    app = create_app(mine)
    with app.app_context():
        structlog.get_logger(__name__).info("started", database=database.version(), ruleset=ruleset_name())
    scans.start(app)
    finishing.start(app)
    gc.freeze()  # what is there now stays as long as the process: looking through it for garbage is in vain
    gc.set_threshold(*LOOKS)
    return app
