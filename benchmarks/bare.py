"""The least that Flask can do: what a page of ours is measured against, in the same server with the same settings."""

from __future__ import annotations

from flask import Flask


def create() -> Flask:
    """Make an app of one route that says ok."""
    app = Flask(__name__)

    @app.get("/ok")
    def ok() -> str:
        return "ok"

    return app
