"""A demo from nothing to serving, and what pages weigh on the wire."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from benchmarks.table import Line, measure

DINGPAN = Path(sys.executable).with_name("dingpan")
STYLES = re.compile(r'<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"|<link[^>]+href="([^"]+)"[^>]+rel="stylesheet"')
ICONS = re.compile(r'<link[^>]+rel="icon"[^>]+href="(/[^"]+)"')
SCRIPTS = re.compile(r'<script[^>]+src="([^"]+)"')


@contextmanager
def demo(folder: Path, *more: str) -> Iterator[dict[str, Any]]:
    """Run a demo; yields what it prints, once it answers that it is ready."""
    command = [str(DINGPAN), "demo", "--data", str(folder), "--port", "0", "--json", *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        way_in: dict[str, Any] = json.loads(process.stdout.readline())
        process.stdout.close()
        _wait_until_ready(way_in["url"])
        yield way_in
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if get(f"{url}/readyz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise TimeoutError(f"{url} never became ready")


def get(url: str) -> tuple[int, bytes, str]:
    """Return status, body as sent and encoding of one GET; no redirect is followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", target, headers={"Accept-Encoding": "gzip", "Accept-Language": "zh-CN"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, answer.headers.get("Content-Encoding", "identity")


def start_s() -> float:
    """Time one demo from an empty folder to ready."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with demo(Path(folder) / "demo"):
            return time.perf_counter() - began


def page_kb(url: str) -> float:
    """Weigh a page with every style, icon and script it names, as sent."""
    status, body, encoding = get(url)
    assert status == 200, f"the page answered {status}"
    html = (gzip.decompress(body) if encoding == "gzip" else body).decode()
    named = [a or b for a, b in STYLES.findall(html)] + ICONS.findall(html) + SCRIPTS.findall(html)
    assert named or "<style" in html, "the page names no style: the measure is wrong"
    parts = [get(urljoin(url, path)) for path in named]
    assert all(part[0] == 200 for part in parts), "something the page names is missing or redirected"
    return (len(body) + sum(len(part[1]) for part in parts)) / 1000


def lines() -> Iterator[Line]:
    """Measure."""
    yield measure("demo from nothing to serving", start_s, unit="s", limit=15)
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder) / "demo") as way_in:
        label = way_in["labels"][0]["url"]
        yield measure("label page as sent, with CSS, without the photo", lambda: page_kb(label), unit="kB", limit=50)
        tool = f"{way_in['url']}/tools/scale-check"
        yield measure("calculator page as sent, with CSS", lambda: page_kb(tool), unit="kB", limit=60)
