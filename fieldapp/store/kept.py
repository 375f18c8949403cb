"""Single things kept sealed: who this phone is, whose it is, and what an enrolment still waits for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from fieldapp.store.database import Database
from fieldapp.store.sealing import Sealer
from shared.signing import Signer, decode_base64, encode_base64


@dataclass(frozen=True)
class Person:
    """An officer as the server names one; the card is the 行政执法证."""

    id: str
    name: str
    role: str = ""
    card_no: str = ""
    unit_name: str = ""

    @classmethod
    def from_wire(cls, fields: dict[str, Any]) -> Person:
        """Read what this version knows of a person; what it lacks is empty."""
        known = ("name", "role", "card_no", "unit_name")
        return cls(str(fields["id"]), **{name: str(fields.get(name) or "") for name in known})


@dataclass(frozen=True)
class Device:
    """This phone: its name on the wire and its secret, made here and never sent."""

    id: str
    secret: bytes

    @property
    def signer(self) -> Signer:
        return Signer(self.secret)


@dataclass(frozen=True)
class Enrolment:
    """What the enrolment QR says: the server, the pinned root, the one-time code."""

    url: str
    root_sha256: str
    code: str


@dataclass(frozen=True)
class Bureau:
    """The server this phone belongs to, and the root that signs its keys."""

    url: str
    root: bytes


@dataclass(frozen=True)
class Refresh:
    """The token that brings the next ones, whose it is, and when it was first sent (epoch seconds); None: never."""

    token: str
    person_id: str
    asked_at: int | None = None


class Kept:
    """Reads and writes the single things; None stands for what is not there yet."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def _get(self, name: str) -> Any:
        found = self._database.row("SELECT body FROM kept WHERE name = ?", name)
        return self._sealer.open_json(f"kept/{name}", found[0]) if found else None

    def _set(self, name: str, value: Any) -> None:
        body = self._sealer.seal_json(f"kept/{name}", value)
        with self._database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO kept (name, body) VALUES (?, ?)", (name, body))

    @property
    def device(self) -> Device | None:
        found = self._get("device")
        return Device(found["id"], decode_base64(found["secret"])) if found else None

    @device.setter
    def device(self, device: Device) -> None:
        self._set("device", {"id": device.id, "secret": encode_base64(device.secret)})

    @property
    def enrolment(self) -> Enrolment | None:
        found = self._get("enrolment")
        return Enrolment(**found) if found else None

    @enrolment.setter
    def enrolment(self, enrolment: Enrolment) -> None:
        self._set("enrolment", asdict(enrolment))

    @property
    def bureau(self) -> Bureau | None:
        found = self._get("bureau")
        return Bureau(found["url"], decode_base64(found["root"])) if found else None

    @bureau.setter
    def bureau(self, bureau: Bureau) -> None:
        self._set("bureau", {"url": bureau.url, "root": encode_base64(bureau.root)})

    @property
    def person(self) -> Person | None:
        found = self._get("person")
        return Person(**found) if found else None

    @person.setter
    def person(self, person: Person) -> None:
        self._set("person", asdict(person))

    @property
    def refresh(self) -> Refresh | None:
        found = self._get("refresh")
        return Refresh(**found) if found else None

    @refresh.setter
    def refresh(self, refresh: Refresh | None) -> None:
        self._set("refresh", asdict(refresh) if refresh else None)

    @property
    def colleagues(self) -> list[Person]:
        return [Person(**fields) for fields in self._get("colleagues") or []]

    @colleagues.setter
    def colleagues(self, people: list[Person]) -> None:
        self._set("colleagues", [asdict(person) for person in people])

    @property
    def recused_from(self) -> list[str]:
        """The parties that whoever has this phone must not inspect (回避), by id."""
        return [str(id_) for id_ in self._get("recused_from") or []]

    @recused_from.setter
    def recused_from(self, parties: list[str]) -> None:
        self._set("recused_from", parties)
