"""Every promise of contrast, computed as WCAG 2.2 defines it (relative luminance, success criterion 1.4.3)."""

from dataclasses import fields

import pytest

from shared.look import Palette, Tone, load_tokens

LIGHT, DARK = load_tokens().light, load_tokens().dark


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_twenty_one_to_one():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize(
    ("name", "light_on_ground", "dark_on_card"),
    [
        ("ink", 15.6, 13.8),
        ("second_ink", 7.1, 9.3),
        ("brand", 7.4, 9.6),
        ("brass", 6.4, 10.3),
        ("within", 7.2, 10.0),
        ("beyond", 7.6, 9.7),
        ("indeterminate", 7.8, 10.3),
        ("unknown", 9.0, 9.3),
    ],
)
def test_a_colour_has_the_contrast_it_was_chosen_for(name, light_on_ground, dark_on_card):
    assert round(contrast(LIGHT.named()[name], LIGHT.ground), 1) == light_on_ground
    assert round(contrast(DARK.named()[name], DARK.card), 1) == dark_on_card


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
class TestEachPalette:
    @pytest.mark.parametrize("text", ["ink", "second_ink", "brand", "brand_pressed", *Tone])
    def test_text_is_read_on_ground_and_card_at_seven_to_one(self, palette: Palette, text):
        assert min(contrast(palette.named()[text], paper) for paper in (palette.ground, palette.card)) >= 7

    @pytest.mark.parametrize("tone", list(Tone))
    def test_a_state_and_both_inks_are_read_on_its_soft_ground(self, palette: Palette, tone):
        soft = palette.named()[f"{tone}_soft"]
        assert min(contrast(text, soft) for text in (palette.tone(tone), palette.ink, palette.second_ink)) >= 4.5

    def test_text_on_the_brand_is_read_pressed_or_not(self, palette: Palette):
        assert contrast(palette.text_on_brand, palette.brand) >= 7
        assert contrast(palette.text_on_brand, palette.brand_pressed) >= 7
        assert contrast(palette.brand, palette.brand_soft) >= 4.5

    def test_what_can_be_touched_has_an_edge_seen_at_three_to_one(self, palette: Palette):
        assert min(contrast(palette.edge, paper) for paper in (palette.ground, palette.card)) >= 3

    def test_brass_marks_are_seen_on_every_soft_ground(self, palette: Palette):
        assert min(contrast(palette.brass, palette.named()[f"{tone}_soft"]) for tone in Tone) >= 4.5

    def test_a_disabled_button_can_still_be_read(self, palette: Palette):
        assert contrast(palette.second_ink, palette.line) >= 4.5

    def test_every_colour_is_written_out(self, palette: Palette):
        for field in fields(Palette):
            digits = 8 if field.name == "shadow" else 6
            assert len(palette.named()[field.name]) == 1 + digits, field.name
            int(palette.named()[field.name][1:], 16)


def test_the_sizes_are_the_five_of_the_design():
    sizes = load_tokens().sizes
    assert (sizes.small, sizes.body, sizes.title, sizes.headline, sizes.reading) == (14, 16, 20, 28, 44)


def test_touch_targets_and_motion_keep_their_limits():
    tokens = load_tokens()
    assert (tokens.touch_dp, tokens.key_dp, tokens.space_dp, tokens.corner_dp) == (48, 56, 4, 12)
    assert tokens.motion_ms < 150
    assert tokens.text_scales_percent == (100, 130, 160)
    assert tokens.line_characters <= 34
