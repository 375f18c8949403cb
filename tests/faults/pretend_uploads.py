"""The pretend server that also takes photos, by the part of tus 1.0.0 that the phone speaks, and rescue packages."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.builders import an_id
from tests.fieldapp.pretend_server import PretendServer, _response, problem

UPLOADS, RESCUE = "/api/v1/uploads", "/api/v1/sync/rescue"


class PhotoServer(PretendServer):
    """``photos`` are those that came whole, by the sha256 that was promised; ``taken`` counts how often each did.

    ``packages`` are the rescue packages that came, by their sha256.
    """

    def __init__(self, *now: Any) -> None:
        super().__init__(*now)
        self.photos: dict[str, bytes] = {}
        self.taken: dict[str, int] = {}
        self.packages: dict[str, bytes] = {}
        self._coming: dict[str, tuple[str, int, bytearray]] = {}

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        path = urlsplit(request.url or "").path
        if path == RESCUE:
            return _response(request, *self._package(request))
        if not path.startswith(UPLOADS):
            return super().send(request, **options)
        method, name = request.method or "", path.removeprefix(UPLOADS).strip("/")
        self.calls.append(f"{method} /uploads")
        answer = self.before(method, "/uploads", None)
        if answer is None:
            answer = self.after("/uploads", self._photo(method, name, request))
        return _response(request, *answer)

    def _package(self, request: requests.PreparedRequest) -> tuple[int, Any]:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return problem(401, "token-expired")
        content = bytes(request.body or b"")
        sha256 = hashlib.sha256(content).hexdigest()
        self.packages[sha256] = content
        return 200, {"package": sha256, "settled": True}

    def _photo(self, method: str, name: str, request: requests.PreparedRequest) -> tuple[int, Any]:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return problem(401, "token-expired")
        if method == "POST":
            name = an_id(0xE000 + len(self._coming))
            told = dict(pair.split(" ") for pair in request.headers["Upload-Metadata"].split(","))
            sha256 = base64.b64decode(told["sha256"]).decode()
            self._coming[name] = (sha256, int(request.headers["Upload-Length"]), bytearray())
            return 201, {"headers": {"Location": f"{UPLOADS}/{name}"}}
        if name not in self._coming:
            return problem(404, "not-found")
        sha256, length, content = self._coming[name]
        if method == "PATCH":
            if int(request.headers["Upload-Offset"]) != len(content):
                return problem(409, "wrong-offset")
            content += request.body or b""
            if len(content) == length and hashlib.sha256(content).hexdigest() == sha256:
                self.photos[sha256] = bytes(content)
                self.taken[sha256] = self.taken.get(sha256, 0) + 1
        return 200, {"headers": {"Upload-Offset": str(len(content))}}
