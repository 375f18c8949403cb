"""Bringing the rescue packages of other phones to the server; one goes only when the server says that it is settled."""

from __future__ import annotations

from datetime import timedelta

from fieldapp.crashpoint import crashpoint
from fieldapp.store.carried import Carried
from fieldapp.store.store import Store
from fieldapp.store.uploads import LOST
from fieldapp.sync.failures import Refused, Unreachable
from fieldapp.sync.token import Session

PATH = "/sync/rescue"
FIRST_S, LONGEST_S = 60, 6 * 3600
FINAL = (400, 413, 415, 422)
UNKNOWN_THERE = (404, 405)  # a server older than rescue


def send_carried(store: Store, session: Session) -> int:
    """Send every package that is due; return how many the server settled.

    Raises Unreachable or SignInAgain, and then everything is carried on.
    """
    return sum(_send(store, session, package) for package in store.carried.due(store.clock.now(), longest_s=LONGEST_S))


def _send(store: Store, session: Session, package: Carried) -> bool:
    pause = timedelta(seconds=min(FIRST_S << min(package.tries, 20), LONGEST_S))
    store.carried.later(package.sha256, store.clock.now() + pause)
    path = store.carried.path(package.sha256)
    if not path.is_file():
        store.carried.refused(package.sha256, LOST)
        return False
    try:
        answer = session.call(lambda client: client.send_file(PATH, path))
        crashpoint("carried.answered")
    except Refused as refusal:
        if refusal.status in FINAL:
            store.carried.refused(package.sha256, refusal.problem)
        elif refusal.status not in UNKNOWN_THERE:
            raise
        return False
    if answer.get("package") != package.sha256:
        raise Unreachable("an answer about another package")
    if answer.get("settled") is not True:
        store.carried.answered(package.sha256, answer)
        return False
    store.carried.let_go(package.sha256)
    return True
