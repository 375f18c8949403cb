"""Access tokens: the phone signs the server's fresh challenge with its key. No password travels, nothing is stored.

The answer also tells the server's time, so every new token measures the phone's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fieldapp.clock import measure
from fieldapp.store.kept import Person
from fieldapp.store.store import NotEnrolled, Store
from fieldapp.sync.client import Client
from fieldapp.sync.failures import SignInAgain, Unreachable
from shared.dates import parse_instant
from shared.errors import BadInstant
from shared.signing import TOKEN, encode_base64

Answer = TypeVar("Answer")


def measure_clock(store: Store, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask the server something whose answer tells its time, and keep the offset it shows."""
    asked_at = store.clock.now()
    answer = ask()
    try:
        server_time = parse_instant(answer["server_time"])
    except (KeyError, TypeError, BadInstant) as error:
        raise Unreachable("no server time") from error
    store.facts.set_offset(measure(asked_at=asked_at, answered_at=store.clock.now(), server_time=server_time))
    return answer


class Session:
    """The client with a token that is renewed when the server says it is over, once for each request."""

    def __init__(self, store: Store, client: Client) -> None:
        self._store, self.client = store, client

    def call(self, request: Callable[[Client], Answer]) -> Answer:
        """Run a request with a token; raises SignInAgain when even a new one is refused."""
        if not self.client.token:
            self.sign_in()
        try:
            return request(self.client)
        except SignInAgain:
            self.sign_in()
            return request(self.client)

    def sign_in(self) -> None:
        """Get a token, and with it who this is and who the colleagues are."""
        device, person = self._store.kept.device, self._store.kept.person
        if device is None or person is None:
            raise NotEnrolled
        self.client.token = ""
        challenge = measure_clock(self._store, lambda: self.client.get("/devices/challenge")).get("challenge", "")
        message = f"{device.id}\n{person.id}\n{challenge}\n".encode()
        answer = self.client.post(
            "/devices/token",
            {
                "device_id": device.id,
                "person_id": person.id,
                "challenge": challenge,
                "signature": encode_base64(device.signer.sign(TOKEN, message)),
            },
        )
        self._take(answer)

    def _take(self, answer: dict[str, Any]) -> None:
        try:
            token = str(answer["token"])
            person = Person.from_wire(answer["person"])
            colleagues = [Person.from_wire(row) for row in answer["colleagues"]]
        except (KeyError, TypeError) as error:
            raise Unreachable("no token") from error
        kept = self._store.kept
        if person != kept.person:
            kept.person = person
        if colleagues != kept.colleagues:
            kept.colleagues = colleagues
        self.client.token = token
