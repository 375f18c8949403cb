"""A real server with a small world, and a real browser that may talk to nobody else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from server import create_app, keyring, transaction
from server.clock import now
from server.database import begin_write, db
from server.evidence import service as evidence
from server.evidence.folder import FolderStore
from server.keyring import Keyring
from server.memberships import service as memberships
from server.public import service as public
from server.registry.models import Instrument
from tests.server.conftest import TODAY, TestClock, settings_for
from tests.server.live import serving
from tests.server.pages import Compiled
from tests.server.world import World, make_world
from tests.web.picture import a_picture

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
EXPECTED = "Failed to load resource: the server responded with a status of 4"


@dataclass
class Site:
    """A server that runs, its world, and what the browser did that it must not do."""

    url: str
    world: World
    app: Flask
    clock: TestClock
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def inside(self) -> Iterator[World]:
        """Work in the app's context, with a session of its own."""
        with self.app.app_context():
            yield self.world
            db.session.remove()

    def label(self, number: int = 0) -> str:
        """Return the address of the label on a merchant's scale."""
        return "/V/" + self.world.links[number].rpartition("/")[2]

    def invitation(self, party: int = 0) -> str:
        """Return the path of a fresh invitation."""
        with self.inside() as world:
            begin_write()
            secret = memberships.issue_invitation(db.session(), world.parties[party], now())
            transaction.commit(db.session(), now())
        return f"/m/i/{secret}"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keyring]:
    """A migrated, empty database to copy, and the keys of all web tests."""
    folder = tmp_path_factory.mktemp("web")
    keys = keyring.create(folder / "keys", prefixes=["4116"], host="DINGPAN.TEST", day=TODAY.date())
    app = create_app(settings_for(f"sqlite:///{folder}/empty.db", folder), keyring=keys)
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return folder / "empty.db", keys


@pytest.fixture
def site(empty: tuple[Path, Keyring], tmp_path: Path) -> Iterator[Site]:
    """A server with the small world; both scales have a picture."""
    shutil.copy(empty[0], tmp_path / "server.db")
    clock = TestClock()
    app = create_app(settings_for(f"sqlite:///{tmp_path}/server.db", tmp_path), keyring=empty[1], clock=clock)
    app.jinja_env.bytecode_cache = Compiled()
    with app.app_context():
        world = make_world(app)
        _add_pictures(world, tmp_path / "evidence")
        db.session.remove()
    with serving(app) as server:
        yield Site(f"http://127.0.0.1:{server.port}", world, app, clock)
    with app.app_context():
        db.engine.dispose()


def _add_pictures(world: World, folder: Path) -> None:
    begin_write()
    for item_id in world.instruments:
        item = db.session().get_one(Instrument, item_id)
        item.photo_sha256 = FolderStore(folder).put(a_picture(item.serial))
        evidence.publish_drawn(db.session(), [item.photo_sha256], now())
        public.changed(db.session(), item.id)
    transaction.commit(db.session(), now())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Any]:
    """Open pages that are watched: at the end, whatever the browser complained of or asked elsewhere is a failure."""
    contexts: list[BrowserContext] = []

    def _open(size: dict[str, int] = PHONE, **options: Any) -> Page:
        wanted: dict[str, Any] = {"viewport": size, "locale": "zh-CN", "base_url": site.url} | options
        context = browser.new_context(**wanted)
        contexts.append(context)
        context.route("**/*", lambda route: _only_here(route, site))
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: site.faults.append(f"script: {error}"))
        page.on("console", lambda message: _listen(site, message.type, message.text))
        return page

    yield _open
    for context in contexts:
        for page in context.pages:
            page.wait_for_load_state()  # what is cut off under way by closing is complained of
        context.close()
    assert site.faults == []


def _only_here(route: Route, site: Site) -> None:
    if route.request.url.startswith((site.url, "data:")):
        route.continue_()
    else:
        site.faults.append(f"asked elsewhere: {route.request.url}")
        route.abort()


def _listen(site: Site, kind: str, text: str) -> None:
    if kind in ("error", "warning") and not text.startswith(EXPECTED):
        site.faults.append(f"console: {text}")


@pytest.fixture
def phone(open_page: Any) -> Page:
    """A page of 390 x 844."""
    page: Page = open_page()
    return page


@pytest.fixture
def desk(open_page: Any) -> Page:
    """A page of 1440 x 900."""
    page: Page = open_page(DESK)
    return page
