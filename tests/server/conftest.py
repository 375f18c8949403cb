"""A migrated server app for each test, on SQLite and on PostgreSQL, with a clock the test sets."""

from __future__ import annotations

import io
import logging
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
import structlog
from flask import Flask
from flask_migrate import upgrade

from server import create_app, keyring, logs
from server.database import db
from server.keyring import Keyring
from server.limits import limiter
from server.settings import Settings
from server.sms.console import ConsoleSms
from server.sms.service import Sender
from tests.server import quick_passwords, quick_routes, quick_statements
from tests.server.databases import copied, postgres, url_of
from tests.server.ground import Ground
from tests.server.matrix import FILLED, Matrix
from tests.server.pages import Compiled
from tests.server.two_regions import add_far_side, two_regions
from tests.server.world import World, make_world

quick_passwords.remember()
quick_routes.remember()
quick_statements.remember()

TODAY = datetime(2026, 11, 21, 2, 0, 0, tzinfo=UTC)


class TestClock:
    """A clock that stands still until a test moves it."""

    __test__ = False

    def __init__(self) -> None:
        self.moment = TODAY

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


def settings_for(database_url: str, folder: Path) -> Settings:
    """Return the settings of a test server."""
    return Settings(
        database_url=database_url,
        secret="a secret of the tests, long enough for anyone",
        data_key=bytes(range(32)),
        keys_dir=folder / "keys",
        evidence_dir=folder / "evidence",
        public_url="http://127.0.0.1:8000",
        seal_host="DINGPAN.TEST",
        sqlite_busy_ms=200,
        logs_as_json=True,
    )


@pytest.fixture(scope="session")
def keys() -> Iterator[Keyring]:
    """One set of keys for all tests of a worker: making them is not what they test."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="dp-keys-"))
    yield keyring.create(folder / "keys", prefixes=["4116"], host="DINGPAN.TEST", day=TODAY.date())
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def migrated_sqlite(keys: Keyring, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    folder = tmp_path_factory.mktemp("sqlite")
    _migrate(settings_for(f"sqlite:///{folder}/empty.db", folder), keys)
    return folder / "empty.db"


@pytest.fixture(scope="session")
def postgres_socket(keys: Keyring, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running PostgreSQL with a migrated, empty database to copy."""
    with postgres() as socket:
        _sql(socket, "CREATE DATABASE migrated")
        _migrate(settings_for(url_of(socket, "migrated"), tmp_path_factory.mktemp("pg")), keys)
        yield socket


def _migrate(settings: Settings, keys: Keyring) -> None:
    app = create_app(settings, keyring=keys)
    with app.app_context():
        upgrade()
        if db.engine.dialect.name == "sqlite":
            _no_free_pages()
        db.engine.dispose()


def _no_free_pages() -> None:
    """Pack the file: pages that revisions left free would let a full disk pass unseen."""
    with db.engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.execute("VACUUM")


def _sql(socket: str, statement: str) -> None:
    with psycopg.connect(f"host={socket} user=dingpan dbname=postgres", autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # the statement is ours


@pytest.fixture(scope="session")
def sqlite_worlds(migrated_sqlite: Path, keys: Keyring, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A SQLite file with a world in it, to copy."""
    folder = tmp_path_factory.mktemp("filled")
    shutil.copy(migrated_sqlite, folder / "filled.db")
    return folder / "filled.db", _fill(f"sqlite:///{folder}/filled.db", folder, keys)


@pytest.fixture(scope="session")
def postgres_worlds(postgres_socket: str, keys: Keyring, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, World]:
    """The same on PostgreSQL: the name of the database to copy."""
    _sql(postgres_socket, copied("filled", "migrated"))
    return "filled", _fill(url_of(postgres_socket, "filled"), tmp_path_factory.mktemp("filled"), keys)


def _fill(url: str, folder: Path, keys: Keyring) -> World:
    (world,) = (make_world(app) for app in app_on(url, folder, keys, TestClock()))
    return world


@pytest.fixture
def is_filled() -> bool:
    """Asked for by a test of a world: its database is a copy of a filled one, which is quicker."""
    return True


def _is_to_be_filled(request: pytest.FixtureRequest) -> bool:
    return "is_filled" in request.fixturenames


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, migrated_sqlite: Path, tmp_path: Path) -> str:
    source = request.getfixturevalue("sqlite_worlds")[0] if _is_to_be_filled(request) else migrated_sqlite
    shutil.copy(source, tmp_path / "server.db")
    return f"sqlite:///{tmp_path}/server.db"


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres_socket: str) -> Iterator[str]:
    name = f"t{uuid.uuid4().hex[:12]}"
    source = request.getfixturevalue("postgres_worlds")[0] if _is_to_be_filled(request) else "migrated"
    _sql(postgres_socket, copied(name, source))
    yield url_of(postgres_socket, name)
    _sql(postgres_socket, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def new_postgres(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """What makes an empty database on PostgreSQL, which is started only where one is asked for."""
    made: list[tuple[str, str]] = []

    def _make() -> str:
        socket, name = str(request.getfixturevalue("postgres_socket")), f"r{uuid.uuid4().hex[:12]}"
        _sql(socket, f"CREATE DATABASE {name} TEMPLATE template0")
        made.append((socket, name))
        return url_of(socket, name)

    yield _make
    for socket, name in made:
        _sql(socket, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database, once of each engine."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


def app_on(url: str, folder: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    """Yield an app on a database, with its context pushed."""
    app = create_app(settings_for(url, folder), keyring=keys, clock=clock)
    app.jinja_env.bytecode_cache = Compiled()
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    """The server on each database."""
    yield from app_on(database_url, tmp_path, keys, clock)


@pytest.fixture
def sqlite_app(sqlite_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    """The server on SQLite, for what does not depend on the database."""
    yield from app_on(sqlite_url, tmp_path, keys, clock)


@pytest.fixture
def world(request: pytest.FixtureRequest, app: Flask, is_filled: bool) -> World:
    """A small bureau with a market, two merchants and their scales."""
    assert is_filled
    worlds = "sqlite_worlds" if db.engine.dialect.name == "sqlite" else "postgres_worlds"
    kept: World = request.getfixturevalue(worlds)[1]
    return kept.within(app)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything written to any log at any level, as on a server; of SQLAlchemy the statements, not the rows."""
    before, written = structlog.get_config(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure(as_json=True)
    everything = structlog.make_filtering_bound_logger(logging.DEBUG)
    structlog.configure(wrapper_class=everything, cache_logger_on_first_use=False)
    root, of_sql, handler = logging.getLogger(), logging.getLogger("sqlalchemy"), logging.StreamHandler(written)
    levels = root.level, of_sql.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    of_sql.setLevel(logging.INFO)
    yield written
    of_sql.setLevel(levels[1])
    root.setLevel(levels[0])
    root.removeHandler(handler)
    structlog.configure(**before)


@pytest.fixture
def sqlite_world(sqlite_app: Flask, is_filled: bool, sqlite_worlds: tuple[Path, World]) -> World:
    """The same on SQLite alone."""
    assert is_filled
    return sqlite_worlds[1].within(sqlite_app)


@pytest.fixture
def far(sqlite_world: World) -> World:
    """A world with a merchant, a stall and a scale in the strangers' region as well: the last of each list."""
    return add_far_side(sqlite_world)


@pytest.fixture(scope="module")
def matrix(keys: Keyring, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """The policy's matrix over two regions, filled once for a file of tests."""
    folder = tmp_path_factory.mktemp("matrix")
    shutil.copy(migrated_sqlite, folder / "server.db")
    yield from matrix_on(f"sqlite:///{folder}/server.db", folder, keys, lambda _: None)


@pytest.fixture(scope="module")
def postgres_matrix(keys: Keyring, postgres_socket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """The same on PostgreSQL."""
    _sql(postgres_socket, copied("matrix", "migrated"))
    url, sql = url_of(postgres_socket, "matrix"), partial(_sql, postgres_socket)
    yield from matrix_on(url, tmp_path_factory.mktemp("matrix"), keys, sql)


def matrix_on(url: str, folder: Path, keys: Keyring, sql: Callable[[str], None]) -> Iterator[Matrix]:
    """Yield a matrix whose world is filled and kept; nobody counts how often it asks, and forms need no token."""
    for app in app_on(url, folder, keys, TestClock()):
        app.config["WTF_CSRF_ENABLED"] = False
        app.extensions["dingpan_sms"] = Sender(ConsoleSms())
        ground = Ground(url, sql)
        filled = Matrix(two_regions(make_world(app)), ground)
        ground.keep(FILLED)
        limiter.enabled = False
        yield filled
        limiter.enabled = True
