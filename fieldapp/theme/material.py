"""KivyMD in our colours, our font and our type sizes.

KivyMD computes some sixty colours from a seed colour, at a cost and close to but never exactly ours. Here each
of its colour roles is one of our tokens instead.
"""

from pathlib import Path
from typing import Any, Literal

from kivy.core.window import Window
from kivy.utils import get_color_from_hex
from kivymd.font_definitions import theme_font_styles
from kivymd.theming import ThemeManager

from fieldapp.theme.face import face
from fieldapp.theme.fonts import FONT, find_fonts, register_fonts
from shared.look import load_tokens

ROLES = {
    "ground": "background surface surfaceBright surfaceDim surfaceContainerLow inverseOnSurface",
    "card": "surfaceContainer surfaceContainerLowest surfaceContainerHigh surfaceContainerHighest surfaceTint",
    "ink": "onBackground onSurface onPrimaryContainer onSecondaryContainer onTertiaryContainer onErrorContainer"
    " inverseSurface onPrimaryFixed onSecondaryFixed onTertiaryFixed",
    "second_ink": "onSurfaceVariant onPrimaryFixedVariant onSecondaryFixedVariant onTertiaryFixedVariant",
    "edge": "outline neutralPaletteKeyColor neutralVariantPaletteKeyColor",
    "line": "outlineVariant surfaceVariant",
    "shadow": "shadow scrim",
    "brand": "primary primaryPaletteKeyColor secondary secondaryPaletteKeyColor",
    "brand_pressed": "primaryDim primaryFixedDim secondaryDim secondaryFixedDim inversePrimary",
    "brand_soft": "primaryContainer primaryFixed secondaryContainer secondaryFixed tertiaryContainer tertiaryFixed",
    "text_on_brand": "onPrimary onSecondary onTertiary onError",
    "brass": "tertiary tertiaryDim tertiaryFixedDim tertiaryPaletteKeyColor",
    "beyond": "error errorDim errorPaletteKeyColor",
    "beyond_soft": "errorContainer",
}

SIZES = {
    "Display": {"large": "reading", "medium": "reading", "small": "headline"},
    "Headline": {"large": "headline", "medium": "headline", "small": "title"},
    "Title": {"large": "title", "medium": "body", "small": "small"},
    "Body": {"large": "body", "medium": "small", "small": "small"},
    "Label": {"large": "small", "medium": "small", "small": "small"},
}


class TokenTheme(ThemeManager):
    """KivyMD's theme manager that takes its colours from the tokens instead of computing them."""

    def set_colors(self, *_change: object) -> None:
        """Give every role its token; KivyMD calls this at the start and whenever ``theme_style`` changes."""
        tokens = load_tokens()
        colours = (tokens.dark if self.theme_style == "Dark" else tokens.light).named()
        for token, roles in ROLES.items():
            for role in roles.split():
                setattr(self, f"{role}Color", colours[token])
        self.disabledTextColor = get_color_from_hex(colours["edge"])
        self.rippleColor = colours["brand_soft"]


def apply_theme(
    app: Any,
    *,
    fonts: Path | None = None,
    style: Literal["Light", "Dark"] = "Light",
    text_scale: float = 1.0,
) -> None:
    """Dress a KivyMD app; call it at the end of the app's ``__init__``, before any widget is built.

    ``fonts`` is a folder to search first. Raises FontsMissing. Change of light and dark or of the text scale
    while the app runs: ``wear(app, style=..., text_scale=...)``.
    """
    register_fonts(find_fonts(fonts))
    app.theme_cls = TokenTheme(theme_style_switch_animation=False)
    wear(app, style=style, text_scale=text_scale)


def wear(app: Any, *, style: Literal["Light", "Dark"], text_scale: float) -> None:
    """Change palette and text scale of the running app; everything bound to ``face`` or ``theme_cls`` follows."""
    face.is_dark = style == "Dark"
    face.text_scale = text_scale
    app.theme_cls.theme_style = style
    app.theme_cls.set_colors()
    _set_font_styles()
    app.theme_cls.property("font_styles").dispatch(app.theme_cls)
    Window.clearcolor = face.ground


def _set_font_styles() -> None:
    """Every KivyMD style takes our font and one of our five sizes, except ``Icon``, whose font holds the icons."""
    for style, roles in SIZES.items():
        for role, size in roles.items():
            theme_font_styles[style][role] |= {
                "font-name": FONT,
                "font-size": getattr(face, size),
                "line-height": 1,
            }
