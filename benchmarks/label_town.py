"""A town of ten thousand or a million instruments with labels, put into PostgreSQL by COPY, for the labels' pages.

The records are what the office would have finished: most instruments in date, some overdue, in repair or never
verified, with checks of several years. Only the labels that are asked for are signed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask_migrate import upgrade

from server import create_app, keyring
from server.database import db
from server.keyring import Keyring
from server.public import finishing
from server.public.finished import made_by
from server.settings import Settings
from shared import seal
from shared.keys import Purpose
from shared.words import InstrumentStatus
from tests.server.databases import url_of

HOST = "DINGPAN.TEST"
REGION = "411602"
FIRST_SERIAL = 10_000_000
KINDS = ("scale", "scale", "scale", "fuel_nozzle")
PLACES = 400
LABELS_ASKED = 60_000
NOT_ASKED = "-" * seal.TEXT_LENGTH
INSTRUMENT = ("id", "kind", "serial", "maker", "model", "use", "status", "region", "price_computing", "note", "rev")
RECORD = ("serial", "instrument_id", "body", "words", "words_by", "words_until")


@dataclass(frozen=True)
class Town:
    """A filled database, and the texts of some of its labels, no two alike."""

    settings: Mapping[str, str]
    texts: list[str]
    count: int


def build(socket: str, name: str, folder: Path, count: int, today: date) -> Town:
    """Fill a new database with instruments and the records of their labels."""
    folder.mkdir()
    with psycopg.connect(f"host={socket} user=dingpan dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]  # the name is ours
    keys = keyring.create(folder / "keys", prefixes=[REGION[:4]], host=HOST, day=today)
    settings = settings_of(url_of(socket, name), folder)
    app = create_app(Settings.from_env(settings))
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    asked = range(0, count, max(1, count // LABELS_ASKED))[:LABELS_ASKED]
    labels = {number: _text(keys, FIRST_SERIAL + number, today) for number in asked}
    with psycopg.connect(f"host={socket} user=dingpan dbname={name}") as connection:
        _fill(connection, count, _records(app, count, today, labels))
    texts = list(labels.values())
    random.Random(count).shuffle(texts)  # pages that lie beside each other on the disk are not asked for in a row
    return Town(settings, texts, count)


def settings_of(url: str, folder: Path) -> dict[str, str]:
    """Return the settings of a server on a database, its files in a folder."""
    return {
        "DINGPAN_DATABASE": url,
        "DINGPAN_SECRET": "a secret of the benchmarks, long enough",
        "DINGPAN_DATA_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "DINGPAN_KEYS": str(folder / "keys"),
        "DINGPAN_EVIDENCE": str(folder / "evidence"),
        "DINGPAN_PUBLIC_URL": "http://127.0.0.1:8340",
        "DINGPAN_SEAL_HOST": HOST,
        "DINGPAN_DEMO": "1",
    }


def _fill(connection: psycopg.Connection[Any], count: int, records: Iterator[tuple[object, ...]]) -> None:
    cursor = connection.cursor()
    cursor.execute("INSERT INTO region (code, name, is_local) VALUES (%s, %s, false)", (REGION, "川汇区"))
    instruments = f"COPY instrument ({', '.join(INSTRUMENT)}) FROM STDIN"
    with cursor.copy(instruments) as copy:  # type: ignore[arg-type]  # the columns are ours
        for row in _instruments(count):
            copy.write_row(row)
    with cursor.copy(f"COPY public_record ({', '.join(RECORD)}) FROM STDIN") as copy:  # type: ignore[arg-type]
        for row in records:
            copy.write_row(row)
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE public_record")


def _records(app: Flask, count: int, today: date, labels: Mapping[int, str]) -> Iterator[tuple[object, ...]]:
    """Yield the finished records with their words; the words of labels that nobody asks for are only as long."""
    as_long: list[tuple[str | None, date]] = []
    for number in range(count):
        record = body(number, today, labels.get(number, NOT_ASKED))
        if number in labels:
            words, until = finishing.words_of(app, record, today)
            as_long.append((words, until))
        else:
            words, until = as_long[number % len(as_long)]
        yield (FIRST_SERIAL + number, _id(number), record, words, made_by().decode(), until)


def _id(number: int) -> str:
    return f"019aa111-0000-7000-8000-{number:012x}"


def _instruments(count: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        about = (f"W-{number:07d}", "某某衡器有限公司", "ACS-30", "trade", InstrumentStatus.IN_USE.value)
        yield (_id(number), kind, *about, REGION, False, "", 1)


def body(number: int, today: date, text: str) -> str:
    """Return the finished record of the label of one instrument, as ``server.public.records`` writes it."""
    kind, merchant = KINDS[number % len(KINDS)], f"周口市第{number % 5_000}水产经营部"
    stall = f"{'ABCDEFGH'[number % 8]}{number % 90:02d}"
    years = 1 + number % 3
    verified = [_verification(number, year, today) for year in reversed(range(years))] if number % 50 else []
    is_scale = kind == "scale"
    first = today - timedelta(days=900)
    status = InstrumentStatus.SERVICING if number % 97 == 0 else InstrumentStatus.IN_USE
    record = {
        "label": {"serial": FIRST_SERIAL + number, "text": text, "state": "applied", "kind": seal.Kind.SCALE},
        "instrument": {
            "kind": kind,
            "serial": f"W-{number:07d}",
            "own_no": None,
            "maker": "某某衡器有限公司",
            "model": "ACS-30",
            "use": "trade",
            "max_mg": 30_000_000 if is_scale else None,
            "e_mg": 10_000 if is_scale else None,
            "accuracy_class": "III" if is_scale else None,
            "photo": f"{number:064x}" if number % 3 else None,
            "nozzle": None,
        },
        "place": {"name": f"川汇区第{number % PLACES}农贸市场", "kind": "market", "stall": stall},
        "merchant": merchant,
        "verified": verified,
        "failed": [],
        "suspected": [],
        "statuses": [{"from": first.isoformat(), "status": status.value}],
        "checks": [(today - timedelta(days=40 + 120 * place)).isoformat() for place in range(number % 5)],
        "custody": [{"from": first.isoformat(), "to": None, "stall": stall, "merchant": merchant}],
        "pledge": _pledge(number, today) if number % 2 else None,
        "compare": False,
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _verification(number: int, years_ago: int, today: date) -> dict[str, str]:
    done_on = today - timedelta(days=number % 380 + 365 * years_ago)
    return {
        "from": done_on.isoformat(),
        "to": (done_on + timedelta(days=364)).isoformat(),
        "document_no": f"JD{done_on.year}-{number:07d}",
        "body": "周口市计量测试所",
    }


def _pledge(number: int, today: date) -> dict[str, str]:
    signed_on = (today - timedelta(days=200)).isoformat()
    return {"number": f"CN{REGION}{today.year}-{number:06d}", "signed_on": signed_on, "text_id": "scales-1"}


def _text(keys: Keyring, serial: int, today: date) -> str:
    key_id, signer = keys.signer(Purpose.SEAL, today, REGION[:4])
    payload = seal.Payload(key_id, serial, REGION, seal.Kind.SCALE, today, None, bytes(seal.BINDING_BYTES))
    return seal.make_link(payload, signer, HOST).rpartition("/")[2]
