"""The demo's folder: an embedded database, keys and secrets of its own, and what it printed at the start."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from server import keyring
from server.keys import revoking
from server.settings import Settings

HOST = "DINGPAN.TEST"


@dataclass(frozen=True)
class Home:
    """Where a demo lives. Two demos on two folders know nothing of each other."""

    folder: Path

    @property
    def keys_dir(self) -> Path:
        return self.folder / "keys"

    @property
    def database(self) -> Path:
        return self.folder / "dingpan.db"

    @property
    def is_new(self) -> bool:
        """No city has been loaded here to the end."""
        return not (self.folder / "city.json").exists()

    def prepare(self, day: date, prefixes: list[str]) -> None:
        """Make the folder, its secrets and its keys where they are missing."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (self.folder / "secrets.json").exists():
            made = {"secret": secrets.token_urlsafe(48), "data_key": base64.b64encode(os.urandom(32)).decode()}
            self._write("secrets.json", made)
        if not (self.keys_dir / "private.json").exists():
            keyring.create(self.keys_dir, prefixes=prefixes, host=HOST, day=day)
        elif keyring.load(self.keys_dir).revoked.issued < day:
            revoking.revoke(self.keys_dir, [], day=day)  # a demo has no timer, and its labels should not go stale

    def environ(self, url: str) -> dict[str, str]:
        """Return the settings of this demo as the server reads them."""
        kept = json.loads((self.folder / "secrets.json").read_text("utf-8"))
        return {
            "DINGPAN_DEMO": "1",
            "DINGPAN_LOGS": "text",
            "DINGPAN_DATABASE": f"sqlite:///{self.database.resolve()}",
            "DINGPAN_SECRET": kept["secret"],
            "DINGPAN_DATA_KEY": kept["data_key"],
            "DINGPAN_KEYS": str(self.keys_dir),
            "DINGPAN_EVIDENCE": str(self.folder / "evidence"),
            "DINGPAN_PUBLIC_URL": url,
            "DINGPAN_SEAL_HOST": HOST,
            "DINGPAN_SMS": "console",
        }

    def settings(self, url: str = "http://127.0.0.1:0") -> Settings:
        return Settings.from_env(self.environ(url))

    def remember_city(self, city: dict[str, object]) -> None:
        """Say that the city is loaded, and what its people sign in with."""
        self._write("city.json", city)

    def city(self) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.folder / "city.json").read_text("utf-8"))
        return found

    def forget(self) -> None:
        """Remove a city that was not loaded to the end."""
        for name in ("dingpan.db", "dingpan.db-journal"):
            (self.folder / name).unlink(missing_ok=True)

    def _write(self, name: str, value: object) -> None:
        path = self.folder / name
        aside = path.with_suffix(".new")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
        aside.replace(path)
