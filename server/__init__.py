"""The server: one Flask app for phones, consumers, merchants and the bureau's desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.clock import Clock, system_clock

if TYPE_CHECKING:
    from flask import Flask

    from server.keyring import Keyring
    from server.settings import Settings


@dataclass(frozen=True)
class Dingpan:
    """What the app carries: settings, keys and the clock."""

    settings: Settings
    keyring: Keyring
    clock: Clock


def create_app(settings: Settings, *, keyring: Keyring | None = None, clock: Clock = system_clock) -> Flask:
    """Make the app. Nothing is read from the environment.

    ``keyring`` None: read from the folder of the settings, and again whenever other keys are published there.
    """
    # Every command of ``dingpan`` imports this package first, and most of them need no app: an app takes over a second.
    from flask import Flask

    from server import database, health, language, limits, logs, look, policy, problems, reads, web
    from server import keyring as keys
    from server.keys import watch
    from server.public import answering

    app = Flask(__name__)
    web.configure(app, settings)
    seen = watch.look(settings.keys_dir)
    app.extensions["dingpan"] = Dingpan(settings, keyring or keys.load(settings.keys_dir), clock)
    logs.register(app)
    if keyring is None:
        watch.register(app, settings.keys_dir, seen)
    database.register(app)
    language.register(app)
    problems.register(app)
    look.register(app)
    health.register(app)
    web.register_features(app)
    reads.register(app)
    policy.register(app)
    limits.register(app)
    answering.register(app)
    web.register_proxies(app, settings)
    return app
