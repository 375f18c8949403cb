"""Finishing the words of labels' pages: a little after a record changed, a day turned or a new version came.

Nothing waits for it and nothing depends on it: a page without finished words is worked out when it is asked for. So a
push or a decision does not pay for it, and it takes but a tenth of one core.
"""

from __future__ import annotations

import json
import threading
import time
from datetime import date
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import ColumnElement, Connection, and_, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from server.database import WRITES, db
from server.public import shown
from server.public.drawing import DRAWING
from server.public.finished import FAR, FINISHED, lasting, made_by, to_text
from server.public.models import PublicRecord
from server.public.stencils import Unfit
from shared import texts
from shared.dates import civil_day

BATCH = 50
EVERY_S = 2.0
IDLE_FOR_WORK = 9  # so many times as long as it worked, it rests
# A record that is not of the form has no words; its page is the routes' affair.
NO_WORDS = (Unfit, LookupError, TypeError, ValueError)
log = structlog.get_logger(__name__)


def finish_some(app: Flask, *, most: int = BATCH) -> int:
    """Finish the words of some records that have none of today; returns of how many, 0 when all are finished."""
    dingpan = app.extensions["dingpan"]
    today = civil_day(dingpan.clock())
    with app.app_context():
        with db.engine.connect() as connection:
            if connection.scalar(select(PublicRecord.serial).where(_is_unfinished(today)).limit(1)) is None:
                return 0
        with db.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            return _finish(connection, app, today, most)


def start(app: Flask) -> threading.Thread:
    """Keep the words finished from now on, in a thread that ends with the main one."""
    other = threading.main_thread()

    def _run() -> None:
        rest_s = EVERY_S
        while other.is_alive():
            other.join(rest_s)
            rest_s = EVERY_S
            began = time.perf_counter()
            try:
                if finish_some(app):
                    rest_s = min(EVERY_S, IDLE_FOR_WORK * (time.perf_counter() - began))
            except SQLAlchemyError as error:
                log.warning("words_not_finished", error=type(error).__name__)

    thread = threading.Thread(target=_run, name="words", daemon=True)
    thread.start()
    return thread


def _is_unfinished(today: date) -> ColumnElement[bool]:
    """The first two instead of one "is not", for which no database uses an index."""
    mine = made_by().decode()
    by = PublicRecord.words_by
    return or_(by < mine, by > mine, and_(by == mine, PublicRecord.words_until < today))


def _finish(connection: Connection, app: Flask, today: date, most: int) -> int:
    """Finish some records that nobody else holds: whoever changes one waits for us for some thousandths of a second."""
    query = select(PublicRecord.serial, PublicRecord.body).where(_is_unfinished(today)).limit(most)
    rows = connection.execute(query.with_for_update(skip_locked=True)).all()
    for row in rows:
        words, until = words_of(app, row.body, today)
        values = {"words": words, "words_by": made_by().decode(), "words_until": until}
        connection.execute(update(PublicRecord).where(PublicRecord.serial == row.serial).values(values))
    return len(rows)


def words_of(app: Flask, body: str, today: date) -> tuple[str | None, date]:
    """Return the words of a record and the last day they hold; None for a page that has to be worked out."""
    try:
        record: dict[str, Any] = json.loads(body)
        return _of_record(app, record, body, today)
    except NO_WORDS:
        return None, FAR


def _of_record(app: Flask, record: dict[str, Any], body: str, today: date) -> tuple[str | None, date]:
    dingpan, drawing = app.extensions["dingpan"], app.extensions[DRAWING]
    text = record["label"]["text"]
    seal = shown.opened(text, dingpan.settings.seal_host, dingpan.keyring, today, lambda _: str(text))
    if seal is None or seal.verdict not in FINISHED:
        return None, FAR
    last = lasting(record, today)
    pages = {
        language: drawing.finished(seal, record, today, texts.load(language, "server")) for language in texts.LANGUAGES
    }
    return to_text(body.encode(), today, last, text, pages), last
