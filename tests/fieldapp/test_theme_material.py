"""KivyMD wears our colours, our font and our sizes, and keeps its icons."""

import os
import tempfile
from types import SimpleNamespace

import pytest

os.environ.setdefault("KIVY_NO_ARGS", "1")
os.environ.setdefault("KIVY_NO_FILELOG", "1")
os.environ.setdefault("KIVY_NO_CONSOLELOG", "1")
os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="kivy-home-"))

from kivy.core.text import DEFAULT_FONT, Label
from kivymd.font_definitions import theme_font_styles
from materialyoucolor.dynamiccolor.color_spec import COLOR_NAMES

from fieldapp.theme.face import face
from fieldapp.theme.fonts import FONT
from fieldapp.theme.material import ROLES, apply_theme, wear
from shared.look import load_tokens


@pytest.fixture
def app():
    app = SimpleNamespace(theme_cls=None)
    apply_theme(app)
    yield app
    wear(app, style="Light", text_scale=1.0)


def as_hex(colour) -> str:
    return "#" + "".join(f"{round(part * 255):02X}" for part in colour[:3])


def test_every_colour_role_of_kivymd_has_exactly_one_token():
    named = [role for roles in ROLES.values() for role in roles.split()]
    assert sorted(named) == sorted(COLOR_NAMES)
    assert set(ROLES) <= set(load_tokens().light.named())


def test_the_theme_takes_its_colours_from_the_tokens(app):
    assert as_hex(app.theme_cls.primaryColor) == load_tokens().light.brand
    assert as_hex(app.theme_cls.backgroundColor) == load_tokens().light.ground


def test_dark_is_worn_by_kivymd_and_by_our_widgets_alike(app):
    wear(app, style="Dark", text_scale=1.0)
    assert as_hex(app.theme_cls.backgroundColor) == as_hex(face.ground) == load_tokens().dark.ground


def test_changing_the_style_at_kivymd_alone_does_not_bring_back_computed_colours(app):
    app.theme_cls.theme_style = "Dark"
    app.theme_cls.set_colors()
    assert as_hex(app.theme_cls.primaryColor) == load_tokens().dark.brand


def test_every_style_has_our_font_and_sizes_except_the_icons(app):
    sizes = {face.small, face.body, face.title, face.headline, face.reading}
    for style, roles in theme_font_styles.items():
        for role in roles.values():
            assert (role["font-name"] == FONT) == (style != "Icon"), style
            assert style == "Icon" or role["font-size"] in sizes
    assert theme_font_styles["Icon"]["large"]["font-name"] == "Icons"


def test_the_text_scale_reaches_kivymd(app):
    wear(app, style="Light", text_scale=1.6)
    assert app.theme_cls.font_styles["Body"]["large"]["font-size"] == pytest.approx(16 * 1.6)


@pytest.mark.parametrize("name", [FONT, DEFAULT_FONT])
def test_chinese_has_glyphs_in_both_weights_and_in_kivys_default_font(app, name):
    for bold in (False, True):
        label = Label(font_name=name, font_size=40, bold=bold)
        label.resolve_font_name()
        wide, missing = _ink(label, "秤"), _ink(label, "\ue000")
        assert wide != missing


def _ink(label: Label, character: str) -> bytes:
    """Return the drawn pixels of one character."""
    label.text = character
    label.refresh()
    return bytes(label.texture.pixels)
