"""The smallest app with figures: it answers with the id of the process that serves it."""

from __future__ import annotations

import os

from flask import Flask

from server import health


def create() -> Flask:
    """Make the app of one worker."""
    app = Flask(__name__)
    health.register(app)
    app.add_url_rule("/", "process", lambda: str(os.getpid()))
    return app
