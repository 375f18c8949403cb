"""Access tokens: the phone signs the server's fresh challenge with its key, or the refresh token it was given last.

No password travels. The access token is held in memory only; the refresh token is kept sealed, so that a restart needs
no challenge. Every answer tells the server's time, so each new token measures the phone's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from fieldapp.clock import measure
from fieldapp.crashpoint import crashpoint
from fieldapp.store.kept import Device, Person, Refresh
from fieldapp.store.store import NotEnrolled, Store
from fieldapp.sync.client import Client
from fieldapp.sync.failures import Refused, SignInAgain, Unreachable, is_suspension
from shared.dates import parse_instant
from shared.errors import BadInstant
from shared.signing import REFRESH, TOKEN, encode_base64

Answer = TypeVar("Answer")

SENT_AGAIN_S = 30  # within the minute for which the server gives the same successor again


def measure_clock(store: Store, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask the server something whose answer tells its time, and keep the offset it shows."""
    asked = store.clock.moment()
    answer = ask()
    answered = store.clock.moment()
    try:
        server_time = parse_instant(answer["server_time"])
    except (KeyError, TypeError, BadInstant) as error:
        raise Unreachable("no server time") from error
    store.facts.set_offset(measure(asked, answered, server_time))
    return answer


class Session:
    """The client with a token that is renewed when the server says it is over, once for each request.

    ``is_suspended`` is what the server said last: such a phone may leave its records and fetch nothing.
    """

    def __init__(self, store: Store, client: Client) -> None:
        self._store, self.client = store, client
        self.is_suspended = False
        self._is_closed = False

    def close(self) -> None:
        """Let no request begin any more, and none that is under way be followed by what it was for."""
        self._is_closed = True

    def begin(self) -> None:
        """Make sure of a token; a phone that is suspended asks anew whether it still is."""
        if self.is_suspended:
            self.client.token = ""
        self.call(lambda client: None)

    def call(self, request: Callable[[Client], Answer]) -> Answer:
        """Run a request with a token; raises SignInAgain when even a new one is refused."""
        if not self.client.token:
            self.sign_in()
        try:
            return self._ask(request)
        except SignInAgain:
            self.sign_in()
            return self._ask(request)

    def _ask(self, request: Callable[[Client], Answer]) -> Answer:
        self._require_open()
        try:
            answer = request(self.client)
        except Refused as refusal:
            self.is_suspended = self.is_suspended or is_suspension(refusal)
            raise
        self._require_open()
        return answer

    def _require_open(self) -> None:
        if self._is_closed:
            raise Unreachable("signed out")

    def sign_in(self) -> None:
        """Get a token, by the refresh token or a challenge; with it come this person, the colleagues, the recusals."""
        device, person = self._store.kept.device, self._store.kept.person
        if device is None or person is None:
            raise NotEnrolled
        self._require_open()
        self.client.token = ""
        answer = self._refreshed(device, person) or self._challenged(device, person)
        self._require_open()
        self._take(answer)

    def _refreshed(self, device: Device, person: Person) -> dict[str, Any] | None:
        """Return the answer to the refresh token; None when there is none to use, or it was refused.

        That it is about to be sent is written down first. A token whose answer was lost may be sent again while the
        server still gives the same successor; later it would look like a copy, and a challenge is signed instead.
        """
        kept, now_s = self._store.kept.refresh, int(self._store.clock.now().timestamp())
        if kept is None or kept.person_id != person.id:
            return None
        asked_at = now_s if kept.asked_at is None else kept.asked_at
        if not 0 <= now_s - asked_at <= SENT_AGAIN_S:
            return None
        self._store.kept.refresh = replace(kept, asked_at=asked_at)
        crashpoint("refresh.asking")
        signature = device.signer.sign(REFRESH, f"{device.id}\n{kept.token}\n".encode())
        body = {"device_id": device.id, "refresh_token": kept.token, "signature": encode_base64(signature)}
        try:
            return measure_clock(self._store, lambda: self.client.post("/devices/refresh", body))
        except (Refused, SignInAgain):
            self._store.kept.refresh = None
            return None

    def _challenged(self, device: Device, person: Person) -> dict[str, Any]:
        challenge = measure_clock(self._store, lambda: self.client.get("/devices/challenge")).get("challenge", "")
        message = f"{device.id}\n{person.id}\n{challenge}\n".encode()
        body = {"device_id": device.id, "person_id": person.id, "challenge": challenge}
        return self.client.post(
            "/devices/token", body | {"signature": encode_base64(device.signer.sign(TOKEN, message))}
        )

    def _take(self, answer: dict[str, Any]) -> None:
        try:
            token = str(answer["token"])
            person = Person.from_wire(answer["person"])
            colleagues = [Person.from_wire(row) for row in answer["colleagues"]]
            recused_from = [str(id_) for id_ in answer.get("recused_from") or []]  # an older server sends none
            refresh = Refresh(str(answer["refresh_token"]), person.id) if answer.get("refresh_token") else None
        except (KeyError, TypeError) as error:
            raise Unreachable("no token") from error
        kept = self._store.kept
        crashpoint("token.answered")
        kept.refresh = refresh
        crashpoint("refresh.kept")
        if person != kept.person:
            kept.person = person
        if colleagues != kept.colleagues:
            kept.colleagues = colleagues
        if recused_from != kept.recused_from:
            kept.recused_from = recused_from
        self.client.token, self.is_suspended = token, answer.get("suspended") is True
