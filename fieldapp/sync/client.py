"""The HTTP client: HTTPS only but for loopback, no redirects, every failure sorted.

An answer that is not JSON comes from somebody else, a hotel's sign-in page for example, so it counts as no network.
401, 408, 425, 429 and 5xx never mean that a record is bad.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fieldapp.sync.failures import InsecureAddress, Refused, SignInAgain, Unreachable
from shared import __version__
from shared.texts import DEFAULT

if TYPE_CHECKING:
    import requests  # a tenth of the app's start, and the first screen needs no network

CONNECT_S, ANSWER_S = 10, 60
LONGEST_ANSWER = 64 << 20
WORTH_SQUEEZING = 1_000  # bytes: less fits into the first packet as it is
LATER = (408, 425, 429)
API = "/api/v1"
# An answer to HEAD has no body to tell a problem in; this header says that it is our server's all the same.
UPLOADS = "Tus-Resumable"
_RANGE = re.compile(r"bytes (\d{1,18})-", re.ASCII)


def require_safe(url: str) -> str:
    """Return the address without a slash at its end; raises InsecureAddress for plain HTTP beyond this machine.

    >>> require_safe("https://dingpan.test/")
    'https://dingpan.test'
    >>> require_safe("http://192.0.2.7:8080")
    Traceback (most recent call last):
    fieldapp.sync.failures.InsecureAddress: http://192.0.2.7:8080
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url.rstrip("/")
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return url.rstrip("/")
    raise InsecureAddress(url)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def json_body(body: Mapping[str, Any]) -> bytes:
    """Return a JSON object as it is sent."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


class Client:
    """One server; ``token`` is held in memory only.

    ``language`` is asked at each request: problems come back in the language of the app's screens (RFC 9110, 12.5.4).
    """

    def __init__(
        self, url: str, session: requests.Session | None = None, *, language: Callable[[], str] = lambda: DEFAULT
    ) -> None:
        import requests

        self._base = require_safe(url) + API
        self._session = session or requests.Session()
        self._session.trust_env = False  # a .netrc would put its own words in place of the phone's token
        self._language = language
        self.token = ""

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Return the JSON object of an answer; raises Unreachable, SignInAgain or Refused."""
        return self.ask(path, {}, query)

    def ask(self, path: str, headers: Mapping[str, str], query: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON object of an answer to a request with headers of its own."""
        return _object(self._send("GET", path, headers, params=query)[1])

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a JSON object and return the answer's."""
        content = json_body(body)
        headers = {"Content-Type": "application/json"}
        if len(content) >= WORTH_SQUEEZING:
            content, headers["Content-Encoding"] = gzip.compress(content, mtime=0), "gzip"
        return _object(self._send("POST", path, data=content, headers=headers)[1])

    def send_file(self, path: str, file: Path) -> dict[str, Any]:
        """Send a file piece by piece and return the JSON object of the answer; raises OSError without a file."""
        with file.open("rb") as content:
            headers = {"Content-Type": "application/octet-stream"}
            return _object(self._send("POST", path, data=content, headers=headers)[1])

    def fetch(self, path: str) -> bytes:
        """Return the bytes of a file."""
        return self._send("GET", path)[1]

    def part(self, path: str, *, begins: int, ends: int, etag: str) -> tuple[int, bytes]:
        """Return some bytes of a file and where they begin: 0 where the whole came, because it is another file now."""
        asked = {"Range": f"bytes={begins}-{ends}", "If-Range": etag, "Accept-Encoding": "identity"}
        headers, content = self._send("GET", path, asked)
        told = _RANGE.match(headers.get("Content-Range", ""))
        return int(told[1]) if told else 0, content

    def exchange(self, method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Mapping[str, str]:
        """Send bytes and return the headers of the answer, where an upload says all it has to say."""
        return self._send(method, path, headers, data=content)[0]

    def _send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> tuple[Mapping[str, str], bytes]:
        import requests
        from urllib3.exceptions import HTTPError

        sent = {"Accept": "application/json, application/problem+json, */*", "Accept-Language": self._language()}
        sent |= {"User-Agent": f"dingpan-field/{__version__}", **(headers or {})}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        try:
            with self._session.request(
                method,
                self._base + path,
                headers=sent,
                timeout=(CONNECT_S, ANSWER_S),
                allow_redirects=False,
                stream=True,
                **options,
            ) as answer:
                content = answer.raw.read(LONGEST_ANSWER + 1, decode_content=True)
                return answer.headers, _sorted(answer, content)
        except (requests.RequestException, HTTPError, OSError) as error:  # an answer cut in its body is urllib3's
            raise Unreachable(type(error).__name__) from error


def _sorted(answer: requests.Response, content: bytes) -> bytes:
    status = answer.status_code
    if 200 <= status < 300 and len(content) <= LONGEST_ANSWER:
        return content
    problem = _problem(content)
    if status in LATER or status >= 500:
        raise Unreachable(str(status), _retry_after(answer), str(problem.get("detail", "")))
    if status == 401:
        raise SignInAgain(problem.get("detail", ""))
    if status < 400 or not (problem or UPLOADS in answer.headers):
        raise Unreachable(f"{status} without a problem")
    slug = str(problem.get("type", "")).rsplit("/", 1)[-1]
    raise Refused(status, slug, str(problem.get("title", "")), str(problem.get("detail", "")))


def _retry_after(answer: requests.Response) -> int | None:
    """Read Retry-After in seconds; a date is not worth trusting two clocks for."""
    text = answer.headers.get("Retry-After", "")
    return min(int(text), 86_400) if text.isascii() and text.isdigit() else None


def _problem(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError as error:
        raise Unreachable("an answer that is not JSON") from error
    if not isinstance(value, dict):
        raise Unreachable("an answer that is no object")
    return value
