"""What a phone tells of itself, as tests send it."""

from __future__ import annotations

from typing import Any

from tests.server.world import Phone

FINE: dict[str, Any] = {
    "waiting": 0,
    "photos": 0,
    "oldest_age_s": None,
    "aside": [],
    "alarms": 0,
    "clock_offset_s": 1,
    "clock_doubt_s": 1,
    "pulled_age_s": 60,
    "free_bytes": 32_400_000_000,
    "again": None,
}
APP = "dingpan-field/0.1.0"


def a_state(**fields: Any) -> dict[str, Any]:
    """Return a phone's state with nothing to worry about but what is given."""
    return FINE | fields


def tell(phone: Phone, app: str = APP, **fields: Any) -> Any:
    """Let a phone tell its state; return the response."""
    headers = phone.headers | {"User-Agent": app}
    return phone.client.post("/api/v1/sync/state", json=a_state(**fields), headers=headers)
