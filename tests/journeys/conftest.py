"""What a journey needs: a real server with a demo city, a cable that can be cut, a screen, a phone, a browser."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
import requests
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.driver.display import Display
from tests.journeys.network import Network, network

CHROMIUM = "/usr/bin/chromium"
DINGPAN = Path(sys.executable).with_name("dingpan")
INSTRUMENTS = 80
PATIENCE_S = 45.0


@dataclass(frozen=True)
class City:
    """A demo that serves: what it printed, its folder, and its database to count in."""

    way_in: dict[str, Any]
    folder: Path
    used: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return str(self.way_in["url"])

    @property
    def port(self) -> int:
        return int(urlsplit(self.url).port or 0)

    def sign_in(self, role: str) -> dict[str, str]:
        """Return the sign-in of somebody in the cast."""
        found: dict[str, str] = next(one for one in self.way_in["sign_ins"] if one["role"] == role)
        return found

    def enter(self, page: Page, role: str) -> None:
        """Sign somebody of the cast in: name and password, then a code where the role is asked for one."""
        one = self.sign_in(role)
        page.goto(one["url"])
        page.fill("[name=name]", one["sign_in_name"])
        page.fill("[name=password]", one["password"])
        page.click("main button[type=submit]")
        if "totp_secret" in one:
            page.fill("[name=code]", self.code_of(one["totp_secret"]))
            page.click("main button[type=submit]")

    def code_of(self, secret: str) -> str:
        """Return a code that was not used before: each counts once, and the next one is taken early."""
        step = max(int(time.time()) // 30, self.used.get(secret, 0) + 1)
        self.used[secret] = step
        return pyotp.TOTP(secret).generate_otp(step)

    def label(self, what: str) -> dict[str, Any]:
        """Return link and address of a label."""
        found: dict[str, Any] = next(one for one in self.way_in["labels"] if one["what"] == what)
        return found

    def rows(self, question: str, *values: str) -> list[tuple[Any, ...]]:
        """Ask the server's database, read only."""
        address = f"file:{self.folder / 'dingpan.db'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
            return connection.execute(question, values).fetchall()


def start_city(folder: Path, *more: str) -> tuple[subprocess.Popen[str], City]:
    """Start ``dingpan demo`` on a free port and wait until it answers that it is ready."""
    command = [str(DINGPAN), "demo", "--data", str(folder), "--port", "0", "--json"]
    command += ["--instruments", str(INSTRUMENTS), *more]
    log_path = folder.parent / f"{folder.name}.log"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DINGPAN_")}
    with log_path.open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=clean)
    assert process.stdout is not None
    printed = process.stdout.readline()
    process.stdout.close()
    assert printed, log_path.read_text()
    city = City(json.loads(printed), folder)
    _wait_until_ready(city.url)
    return process, city


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = requests.get(f"{url}/readyz", timeout=5)
        except requests.ConnectionError:
            assert time.monotonic() < deadline, "the server never became ready"
            time.sleep(0.05)
            continue
        assert answer.status_code == 200, answer.text
        return


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A demo city with a real server process."""
    process, city = start_city(tmp_path_factory.mktemp("city") / "demo")
    yield city
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture(scope="module")
def cable(city: City) -> Iterator[Network]:
    """The network between the phone and the server."""
    with network(city.port) as cable:
        yield cable


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    """A screen of our own."""
    display = Display()
    yield display
    display.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()
