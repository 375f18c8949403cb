"""Labels as pictures and for NFC tags, the board of a station, and the command that writes them all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from PIL import Image
from qrcode.util import lost_point
from sqlalchemy.orm import Session

from server import cli, commands
from server.database import db
from server.registry.models import Dispenser, Instrument, Meter, Nozzle, Place
from server.seals.printing import code as codes
from server.seals.printing import orders
from server.seals.printing.board import FEW, MANY, Board, BoardNozzle, board
from server.seals.printing.code import QUIET, Code, code_of
from server.seals.printing.face import face_of
from server.seals.printing.layouts import LAYOUTS, BadOrder
from server.seals.printing.lettering import Lettering, lettering
from server.seals.printing.mask import penalty
from server.seals.printing.ndef import bytes_on_tag, ndef_message
from server.seals.printing.picture import png, svg
from shared import texts
from shared.seal import short_code
from shared.words import PhoneZone
from tests.builders import a_label, an_id
from tests.server.printing import GOV_HOST, pages_of, read_by_opencv, read_by_zbar, some_labels, words_of
from tests.server.world import World
from tests.server.world import a_label as a_row

ASSETS = Path(__file__).parents[2] / "node_modules"
CHINESE = texts.load("zh-CN", "server")
NTAG213, NTAG215 = 144, 504


@pytest.fixture(scope="module")
def letters() -> Lettering:
    return lettering(ASSETS)


def rows_of(code: Code) -> list[list[bool]]:
    return [
        [bool(code.bits >> row * code.side + column & 1) for column in range(code.side)] for row in range(code.side)
    ]


@pytest.mark.parametrize("host", ["DINGPAN.TEST", GOV_HOST])
def test_the_mask_is_the_best_of_the_eight_as_the_library_counts(host: str) -> None:
    for serial in range(1_000_000, 1_000_004):
        link = a_label(serial=serial, host=host)
        chosen, points = code_of(link), []
        for mask in range(8):
            tried = codes._encoded(link, mask=mask)
            assert penalty(tried.bits, tried.side) == lost_point(rows_of(tried))
            points.append(lost_point(rows_of(tried)))
        assert lost_point(rows_of(chosen)) == min(points)


@pytest.mark.parametrize("host", ["DINGPAN.TEST", GOV_HOST])
def test_a_png_is_read_and_says_how_large_it_is(host: str, letters: Lettering) -> None:
    label = some_labels(1, host)[0]
    face = face_of(label, LAYOUTS["roll-70x50"], 30, letters, CHINESE)
    picture = Image.open(BytesIO(png(face, letters)))
    assert read_by_zbar(picture) == {label.link}
    assert read_by_opencv(picture) == label.link
    assert picture.width / picture.info["dpi"][0] * 25.4 == pytest.approx(70, abs=0.1)


def test_an_svg_draws_the_same_modules_and_words(letters: Lettering) -> None:
    label = some_labels(1, GOV_HOST)[0]
    face = face_of(label, LAYOUTS["roll-60x40"], 30, letters, CHINESE)
    root = ElementTree.fromstring(svg(face, letters))  # noqa: S314 - our own text
    space = {"svg": "http://www.w3.org/2000/svg"}
    path = root.findall("svg:path", space)[0].attrib["d"]
    bits = 0
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        bits |= ((1 << int(length)) - 1) << (int(y) - QUIET) * face.code.side + int(x) - QUIET
    assert bits == face.code.bits
    assert (root.attrib["width"], root.attrib["height"]) == ("60mm", "40mm")
    said = [text.text for text in root.findall("svg:text", space)]
    assert {"  ".join(label.words), label.short, "本码不是检定合格标志"} <= set(said)


def test_a_tag_holds_the_link_as_it_is_printed() -> None:
    link = a_label()
    message = ndef_message(link)
    header, type_length, length = message[:3]
    flags = {"begin": header >> 7 & 1, "end": header >> 6 & 1, "chunk": header >> 5 & 1, "short": header >> 4 & 1}
    assert flags == {"begin": 1, "end": 1, "chunk": 0, "short": 1}
    assert (header >> 3 & 1, header & 7, type_length, message[3:4]) == (0, 1, 1, b"U")
    assert (length, message[4]) == (len(message) - 4, 0)
    assert message[5:].decode("ascii") == link
    assert NTAG213 < bytes_on_tag(message) < NTAG215
    assert bytes_on_tag(ndef_message(a_label(host="A" * 45))) < NTAG215
    with pytest.raises(ValueError):
        ndef_message("HTTPS://" + "A" * 250)


def a_board(nozzles: int) -> Board:
    cards = [BoardNozzle(str(n + 1), "92号汽油", label) for n, label in enumerate(some_labels(nozzles))]
    return Board("七一路加油站", PhoneZone.FORBIDDEN, (*cards, BoardNozzle(str(nozzles + 1), "0号柴油", None)))


@pytest.mark.parametrize(("nozzles", "pages"), [(FEW.count - 1, 1), (FEW.count, 1), (MANY.count + 2, 2)])
def test_every_nozzle_of_a_board_is_read(nozzles: int, pages: int, letters: Lettering, tmp_path: Path) -> None:
    station = a_board(nozzles)
    content = board(station, letters, CHINESE)
    printed = pages_of(content, tmp_path)
    assert len(printed) == pages
    wanted = {card.label.link for card in station.nozzles if card.label}
    assert set().union(*map(read_by_zbar, printed)) == wanted
    said = words_of(content, tmp_path).replace("  ", " ")
    assert said.count("七一路加油站") == said.count("本码不是检定合格标志") == pages
    assert "请在此处扫码，加油区请勿使用手机" in said
    for card in station.nozzles:
        assert f"{card.number} 号枪" in said
        assert card.label is None or " ".join(card.label.words) in said
    assert said.count("尚未贴标识") == 1


NOZZLES = (("10", "0号柴油"), ("2", "95号汽油"), ("1", "92号汽油"))


def add_station(session: Session, world: World) -> None:
    """Add a station with three nozzles, of which the last has no label: serials 2000010 and 2000002."""
    station = Place(
        id=an_id(0x900),
        kind="filling_station",
        name="北关加油站",
        address="",
        region="411602",
        phone_zone="conditional",
    )
    dispenser = Dispenser(
        id=an_id(0x901),
        place_id=station.id,
        number="1",
        serial="J1",
        maker="M",
        model="M",
        board_no="",
        encoder_no="",
        processor_no="",
    )
    meter = Meter(id=an_id(0x902), dispenser_id=dispenser.id, number="1")
    for row in (station, dispenser, meter):
        session.add(row)
        session.flush()
    for number, product in NOZZLES:
        item = Instrument(
            id=an_id(0x910 + int(number)), kind="fuel_nozzle", serial=f"N{number}", status="in_use", region="411602"
        )
        item.place_id = station.id
        session.add(item)
        session.flush()
        session.add(Nozzle(instrument_id=item.id, meter_id=meter.id, number=number, product=product))
        if number != "1":
            session.add(a_row(world, 2_000_000 + int(number), item))
    session.commit()


@pytest.fixture
def station(world: World) -> World:
    add_station(db.session(), world)
    return world


def test_a_board_lists_the_nozzles_of_the_station_in_order(station: World) -> None:
    found = orders.board_at(db.session(), 2_000_010, "DINGPAN.TEST")
    assert (found.place, found.zone) == ("北关加油站", PhoneZone.CONDITIONAL)
    assert [(card.number, card.product) for card in found.nozzles] == sorted(NOZZLES, key=lambda one: int(one[0]))
    assert [card.label.serial if card.label else None for card in found.nozzles] == [None, 2_000_002, 2_000_010]
    assert {card.label.nozzle for card in found.nozzles if card.label} == {"2", "10"}
    assert {card.label.zone for card in found.nozzles if card.label} == {PhoneZone.CONDITIONAL}


def test_labels_come_in_the_order_asked_for_with_where_they_hang(station: World) -> None:
    session = db.session()
    session.add(a_row(station, 3_000_000, None))
    labels = orders.ordered(session, [2_000_002, 1_000_001, 3_000_000], "DINGPAN.TEST")
    assert [(label.serial, label.nozzle, label.zone) for label in labels] == [
        (2_000_002, "2", PhoneZone.CONDITIONAL),
        (1_000_001, None, PhoneZone.ALLOWED),
        (3_000_000, None, None),
    ]
    assert labels[1].link == station.links[0]


@pytest.mark.parametrize("serial", [1_000_001, 77])
def test_only_a_label_on_a_nozzle_has_a_board(station: World, serial: int) -> None:
    with pytest.raises(BadOrder, match=str(serial)):
        orders.board_at(db.session(), serial, "DINGPAN.TEST")


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def dingpan(sqlite_world: World, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> Run:
    """Run ``dingpan label`` on a station; return the exit code and what it said or complained of."""
    add_station(db.session(), sqlite_world)

    @contextmanager
    def same_app(_: object) -> Iterator[Flask]:
        yield sqlite_world.app

    monkeypatch.setattr(commands, "_app", same_app)
    monkeypatch.setattr(commands, "_settings", lambda _: None)
    monkeypatch.chdir(tmp_path)

    def _run(*arguments: str) -> tuple[int, str]:
        code = cli.main(["label", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return _run


def test_the_command_writes_every_form(dingpan: Run, tmp_path: Path) -> None:
    assert dingpan("2000002", "1000001", "--out", "a.pdf", "--layout", "avery-l7165", "--qr", "40")[0] == 0
    assert len(read_by_zbar(pages_of((tmp_path / "a.pdf").read_bytes(), tmp_path)[0])) == 2
    for name in ("b.png", "b.svg", "b.ndef"):
        assert dingpan("2000002", "1000001", "--out", name)[0] == 0
    made = {path.name for path in tmp_path.glob("b-*")}
    assert made == {
        f"b-{short}.{kind}" for short in (short_code(2_000_002), "AAAA6QSB9") for kind in ("png", "svg", "ndef")
    }
    assert dingpan("AAAA-6QSB-9", "--out", "one.ndef")[0] == 0
    assert (tmp_path / "one.ndef").read_bytes() == (tmp_path / "b-AAAA6QSB9.ndef").read_bytes()
    code, said = dingpan("2000010", "--board", "--out", "board.pdf")
    assert (code, json.dumps(said)) == (0, json.dumps("board.pdf: 3 label(s)\n"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("1000001", "--out", "a.doc"), "end the name with one of .pdf, .png, .svg, .ndef"),
        (("1000001", "--out", "a.pdf", "--qr", "40"), "Choose one of"),
        (("1000001", "--out", "a.pdf", "--layout", "avery-l7161", "--start", "19"), "1 to 18"),
        (("1000001", "--out", "a.pdf", "--board"), "is on no nozzle"),
        (("77", "--out", "a.pdf"), "There is no label 77"),
    ],
)
def test_an_order_that_cannot_be_printed_is_told_in_a_sentence(
    dingpan: Run, arguments: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    code, said = dingpan(*arguments)
    assert (code, told in said) == (2, True), said
    assert list(tmp_path.glob("a*")) == []
