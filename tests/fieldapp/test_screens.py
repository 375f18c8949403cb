"""Every screen in every state, built without a display: nothing is cut off, nothing is too small to touch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kivy.graphics import Rectangle
from kivy.lang import Builder
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView
from PIL import Image

import fieldapp
from fieldapp.routes import Route
from fieldapp.screen import Screen
from fieldapp.screens import NAMES, new_screen
from fieldapp.theme.face import face
from fieldapp.theme.fonts import find_fonts, register_fonts
from fieldapp.theme.plain_row import PlainRow
from fieldapp.visit.model import Visit
from fieldapp.widgets.viewfinder import Viewfinder
from shared.look import load_tokens
from tests.fieldapp.desk import Desk
from tests.fieldapp.photographs import a_frame
from tests.fieldapp.scenes import SCENES
from tests.fieldapp.settling import settle

FOLDER = Path(fieldapp.__file__).parent
WIDTH, HEIGHT = 390, 844


@pytest.fixture(scope="module", autouse=True)
def _chinese():
    register_fonts(find_fonts())


@pytest.fixture(autouse=True)
def _plain_face() -> Iterator[None]:
    yield
    face.text_scale, face.is_dark = 1.0, False


_built: dict[Route, Any] = {}


def show(desk: Desk, scene: str) -> Any:
    """Return the screen of a scene, laid out at the size of a phone; like the app, each is built once and reused."""
    SCENES[scene](desk)
    route = desk.parts.path.stops[-1].route
    if route in _built:
        _built[route].vm = desk.vm
    else:
        _built[route] = new_screen(route, desk.vm)
    screen = _built[route]
    screen.size = (WIDTH, HEIGHT)
    settle(screen)
    return screen


def seen(widget: Any) -> Iterator[Any]:
    """Every widget that is shown."""
    if not widget.opacity:
        return
    yield widget
    for child in widget.children:
        yield from seen(child)


def is_there(widget: Any) -> bool:
    return bool(widget.width > 1 and widget.height > 1)


def is_cut(label: Any) -> bool:
    """Say whether a text is larger than its place, or that wider than the screen."""
    wide, high = label.texture_size
    x, _ = label.to_window(label.x, label.y)
    is_outside = x < -1 or x + min(wide, label.width) > WIDTH + 1
    return bool(wide > label.width + 1 or high > label.height + 1 or is_outside)


@pytest.mark.parametrize(("language", "scale"), [("zh-CN", 1.0), ("zh-CN", 1.6), ("en", 1.0), ("en", 1.6)])
@pytest.mark.parametrize("scene", SCENES)
def test_nothing_is_cut_off_too_small_to_touch_or_pushed_away(folder: Path, scene: str, language: str, scale: float):
    face.text_scale = scale
    screen = show(Desk(folder, language=language), scene)
    labels = [one for one in seen(screen) if isinstance(one, Label) and one.text and is_there(one)]
    assert labels
    assert [label.text for label in labels if is_cut(label)] == []
    buttons = [one for one in seen(screen) if isinstance(one, ButtonBehavior) and is_there(one) and not one.disabled]
    least = load_tokens().touch_dp - 0.5
    assert buttons or scene == "downloading"
    assert [(type(one).__name__, one.size) for one in buttons if min(one.size) < least] == []
    fixed = sum(child.height for child in screen.children if child.size_hint_y is None)
    assert fixed <= HEIGHT - 80


def test_every_route_has_a_scene(folder: Path):
    shown = set()
    for number, scene in enumerate(SCENES.values()):
        desk = Desk(folder / str(number))
        scene(desk)
        shown.add(desk.parts.path.stops[-1].route)
    assert shown == set(Route) == set(NAMES)


def test_every_kv_file_of_a_screen_was_loaded_once():
    for path in FOLDER.rglob("*.kv"):
        assert path.with_suffix(".py").exists(), path
        assert Builder.files.count(str(path)) <= 1, path


def test_no_kv_file_holds_a_colour_or_a_sentence_of_its_own():
    for path in FOLDER.rglob("*.kv"):
        text = path.read_text("utf-8")
        assert not re.search(r"#[0-9a-fA-F]{6}", text), path
        assert not re.search(r"rgba?:\s*[\d.]+\s*,", text), path
        assert not re.search(r"[\u4e00-\u9fff]", text), path
        words = re.findall(r"(?:text|hint|title|label|sentence|second): \"([^\"]+)\"", text)
        assert [word for word in words if re.search(r"[A-Za-z]{2,}", word)] == [], path


def test_a_screen_without_a_viewmodel_fails_at_once():
    class BareScreen(Screen):
        """Nothing but a rule."""

    Builder.load_string("<BareScreen>:\n    Label:\n        text: root.vm.title")
    with pytest.raises(Exception, match="NoneType"):
        BareScreen()


def test_a_screen_shows_its_next_viewmodel(folder: Path):
    desk = Desk(folder)
    screen = show(desk, "quiet_today")
    rows = [one for one in seen(screen) if isinstance(one, PlainRow)]
    assert {row.title for row in rows} == {"东关农贸市场", "城南加油站"}
    with desk.store.database.write() as connection:
        connection.execute("DELETE FROM register")
    desk.go(Route.TODAY)
    screen.vm = desk.vm
    settle(screen)
    assert [one for one in seen(screen) if isinstance(one, PlainRow)] == []


@pytest.mark.parametrize("size", [(300, 400), (400, 200)])
def test_every_picture_of_a_camera_stands_upright_and_undistorted(size: tuple[int, int]):
    finder = Viewfinder(size=size)
    for number, (wide, high) in enumerate([(60, 80), (60, 80), (160, 90)]):
        finder.frame = a_frame(Image.new("RGB", (wide, high), "teal"), number)
        Builder.sync()
        shown = next(one for one in finder.canvas.children if isinstance(one, Rectangle) and one.texture)
        left, below, right, _, _, above = shown.tex_coords[:6]
        assert below > above, "rows of a frame begin at the top"
        ratio = (right - left) * wide / ((below - above) * high)
        assert ratio == pytest.approx(size[0] / size[1], rel=0.03)
        finder.frame = None
        Builder.sync()


def test_a_screen_that_is_opened_again_begins_at_its_top(folder: Path):
    screen = show(Desk(folder), "preferences")
    page = next(one for one in seen(screen) if isinstance(one, ScrollView))
    page.scroll_y = 0.2
    screen.opened()
    assert page.scroll_y == 1


def test_the_drafts_of_scenes_are_sound(folder: Path):
    desk = Desk(folder)
    SCENES["visit"](desk)
    assert isinstance(desk.store.drafts.running(), Visit)
