"""Labels as they come out of the printer: every one is read, large enough, and says what it must."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ImageFilter

from server.seals.printing.code import LEAST_MODULE_MM, code_of, width_mm
from server.seals.printing.face import Label, face_of, what, zone_of
from server.seals.printing.layouts import INSET_MM, LAYOUTS, ROOMY, BadOrder, DoesNotFit, Layout, places
from server.seals.printing.lettering import Lettering, lettering
from server.seals.printing.paper import sheets
from shared import texts
from shared.check_words import check_words
from shared.seal import LabelVerdict, open_seal
from shared.words import PhoneZone
from tests.builders import TODAY, a_key_set, a_label, a_payload, a_revocation_list
from tests.server.printing import (
    GOV_HOST,
    PIXELS_PER_MM,
    extent_mm,
    pages_of,
    read_by_opencv,
    read_by_zbar,
    some_labels,
    stickers,
    words_of,
)

ASSETS = Path(__file__).parents[2] / "node_modules"
CHINESE, ENGLISH = (texts.load(language, "server") for language in texts.LANGUAGES)
VERSIONS = {8: "DINGPAN.TEST", 9: GOV_HOST}


@pytest.fixture(scope="module")
def letters() -> Lettering:
    return lettering(ASSETS)


def test_a_spoilt_print_is_not_read(letters: Lettering, tmp_path: Path) -> None:
    """The readers of these tests do miss what cannot be read."""
    page = pages_of(sheets(some_labels(1), LAYOUTS["roll-60x40"], letters, CHINESE), tmp_path)[0]
    assert len(read_by_zbar(page)) == 1
    blurred = page.filter(ImageFilter.GaussianBlur(20))
    assert (read_by_zbar(blurred), read_by_opencv(blurred)) == (set(), "")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "wanted_mm"), [(name, wide) for name in LAYOUTS for wide in (30, 40) if wide == 30 or name in ROOMY]
)
def test_every_label_of_a_full_sheet_is_read(
    name: str, wanted_mm: int, version: int, letters: Lettering, tmp_path: Path
) -> None:
    layout, host = LAYOUTS[name], VERSIONS[version]
    labels = some_labels(max(layout.count, 2), host)
    assert {code_of(label.link).version for label in labels} == {version}
    pages = pages_of(sheets(labels, layout, letters, CHINESE, wanted_mm=wanted_mm), tmp_path)
    links = [label.link for label in labels]
    peeled = [sticker for page in pages for sticker in stickers(page, layout)]
    assert [read_by_zbar(sticker) for sticker in peeled] == [{link} for link in links]
    assert [read_by_opencv(sticker) for sticker in peeled] == links
    assert [sticker for sticker in peeled if not is_within(extent_mm(sticker), layout)] == []
    keys = a_key_set(hosts=[host])
    assert {open_seal(link, keys, a_revocation_list(), TODAY).verdict for link in links} == {LabelVerdict.GENUINE}


@pytest.mark.parametrize(("version", "wanted_mm", "width"), [(8, 30, 30), (9, 30, 31), (8, 40, 40), (9, 40, 40)])
def test_a_qr_is_as_wide_as_it_should_be(
    version: int, wanted_mm: int, width: int, letters: Lettering, tmp_path: Path
) -> None:
    code = code_of(a_label(host=VERSIONS[version]))
    assert (code.version, width_mm(code, wanted_mm)) == (version, width)
    assert width / code.width >= LEAST_MODULE_MM
    layout = LAYOUTS["avery-l7164"]
    labels = some_labels(1, VERSIONS[version])
    page = pages_of(sheets(labels, layout, letters, CHINESE, wanted_mm=wanted_mm), tmp_path)[0]
    sticker = next(stickers(page, layout))
    height = (INSET_MM + width) * PIXELS_PER_MM
    left, top, right, bottom = extent_mm(sticker.crop((0, 0, sticker.width, round(height))))
    dark, quiet = code.side * width / code.width, 4 * width / code.width
    assert right - left == pytest.approx(dark, abs=0.15)
    assert bottom - top == pytest.approx(dark, abs=0.15)
    assert top == pytest.approx(INSET_MM + quiet, abs=0.15)
    assert left == pytest.approx((63.5 - dark) / 2, abs=0.15)


@pytest.mark.parametrize(("host", "version"), [("A" * 13, 8), ("A" * 14, 9), ("A" * 45, 9), ("A" * 46, 10)])
def test_the_smallest_version_that_holds_the_host_is_taken(host: str, version: int) -> None:
    code = code_of(a_label(host=host))
    assert code.version == version
    assert width_mm(code, 30) / code.width >= LEAST_MODULE_MM


def is_within(box: tuple[float, float, float, float], layout: Layout) -> bool:
    """Say whether something keeps off the edge of its sticker: sheets are not cut to the tenth of a millimetre."""
    room, (width, height) = INSET_MM - 0.1, layout.label
    return min(box[:2]) >= room and box[2] <= width - room and box[3] <= height - room


@pytest.mark.parametrize("language", [CHINESE, ENGLISH], ids=texts.LANGUAGES)
@pytest.mark.parametrize("name", LAYOUTS)
def test_no_line_reaches_the_edge_or_the_qr_or_is_too_small_to_read(
    name: str, language: texts.Texts, letters: Lettering
) -> None:
    layout = LAYOUTS[name]
    for label in (*some_labels(40), *some_labels(40, GOV_HOST), *some_labels(8, "A" * 45)):
        face = face_of(label, layout, 30, letters, language)
        for line in face.lines:
            right = line.x + letters.width(line.text, line.weight, line.size)
            assert is_within((line.x, line.baseline - line.size, right, line.baseline + line.size * 0.3), layout), line
            assert line.x > face.code_at[0] + face.code_mm or line.baseline > face.code_at[1] + face.code_mm
            assert line.size >= 1.6 or line.text == label.host


def test_a_label_says_what_it_must(letters: Lettering, tmp_path: Path) -> None:
    payload = a_payload(kind=2)
    label = Label(a_label(kind=2), payload.serial, 2, "7", PhoneZone.FORBIDDEN)
    told = words_of(sheets([label], LAYOUTS["roll-60x40"], letters, CHINESE), tmp_path)
    first, second = check_words(payload.to_bytes())
    lines = [
        "加油枪 7 号",
        f"{first} {second}",
        "AAAA 6QSB 9",
        "DINGPAN.TEST",
        "请到告示牌处扫码",
        "本码不是检定合格标志",
    ]
    assert [line for line in lines if line not in told.replace("  ", " ")] == []
    assert not set("合格") & set(told.replace("本码不是检定合格标志", ""))
    english = words_of(sheets([label], LAYOUTS["roll-70x50"], letters, ENGLISH), tmp_path)
    assert "Fuel nozzle 7" in english


@pytest.mark.parametrize(
    ("kind", "zone", "said"),
    [
        (1, None, "allowed"),
        (0, None, "allowed"),
        (2, None, "forbidden"),
        (3, None, "forbidden"),
        (2, PhoneZone.CONDITIONAL, "conditional"),
        (1, PhoneZone.FORBIDDEN, "forbidden"),
    ],
)
def test_a_label_invites_nobody_to_scan_where_phones_are_forbidden(
    kind: int, zone: PhoneZone | None, said: str
) -> None:
    assert zone_of(Label("", 1, kind, zone=zone)) == said


def test_a_stock_label_does_not_say_that_it_is_in_stock() -> None:
    assert (what(Label("", 1, 0), CHINESE), what(Label("", 1, 9), CHINESE)) == ("计量器具", "计量器具")


def test_a_begun_sheet_is_used_up(letters: Lettering, tmp_path: Path) -> None:
    layout = LAYOUTS["avery-l7161"]
    labels = some_labels(4)
    pages = pages_of(sheets(labels, layout, letters, CHINESE, start=17), tmp_path)
    seen = [read_by_opencv(sticker) for page in pages for sticker in stickers(page, layout)]
    assert seen[:16] == [""] * 16
    assert seen[16:20] == [label.link for label in labels]
    assert set(seen[20:]) == {""}
    assert extent_mm(pages[0])[1] > layout.spot(16)[1]


@pytest.mark.parametrize("start", [0, 19, -1])
def test_a_sheet_begins_on_one_of_its_labels(start: int) -> None:
    with pytest.raises(BadOrder, match="1 to 18"):
        list(places(LAYOUTS["avery-l7161"], 1, start))


def test_a_qr_too_large_for_the_sticker_is_told_with_what_would_do(letters: Lettering) -> None:
    with pytest.raises(DoesNotFit, match="avery-l7164"):
        face_of(some_labels(1)[0], LAYOUTS["avery-l7161"], 40, letters, CHINESE)


def test_the_stickers_of_a_sheet_lie_side_by_side_within_it() -> None:
    for name, layout in LAYOUTS.items():
        last = layout.spot(layout.count - 1)
        for side in (0, 1):
            assert last[side] + layout.label[side] + layout.first[side] == pytest.approx(layout.page[side], abs=0.11), (
                name
            )
            assert layout.count == 1 or layout.pitch[side] >= layout.label[side]


def test_the_same_labels_make_the_same_bytes(letters: Lettering) -> None:
    made = [sheets(some_labels(3), LAYOUTS["roll-60x40"], letters, CHINESE) for _ in range(2)]
    assert made[0] == made[1]
