"""The token of the phone is what the server gets, whatever the machine's .netrc says of the host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from fieldapp.sync.client import Client
from fieldapp.sync.failures import Unreachable


class Heard(HTTPAdapter):
    """A line that keeps what was said and breaks."""

    said = ""

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        self.said = str(request.headers["Authorization"])
        raise requests.ConnectionError


def test_a_netrc_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    carrier, line = requests.Session(), Heard()
    carrier.mount("http://", line)
    client = Client("http://127.0.0.1:9", carrier)
    client.token = "mine"
    with pytest.raises(Unreachable):
        client.get("/log/head")
    assert line.said == "Bearer mine"
