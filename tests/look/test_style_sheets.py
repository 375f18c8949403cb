"""Style sheets, templates and .kv files take every colour from the tokens; the public page stays small."""

import re
from pathlib import Path

import pytest

from server.look import tokens_css

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "server" / "static" / "css"
NAMED = "white|black|red|green|blue|gray|grey|orange|yellow|silver|brown|gold|pink|purple|navy|teal|maroon|olive"

COLOUR_IN_CSS = re.compile(
    rf"#[0-9a-f]{{3,8}}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(|[:\s,(](?:{NAMED})(?=[\s;,)!}}])", re.I
)
COLOUR_IN_HTML = re.compile(
    rf"(?:fill|stroke|color|background|border|content)\s*[:=][^;>]*?(?:#[0-9a-f]{{3,8}}\b|\b(?:rgb|hsl)a?\("
    rf"|[\"'\s:](?:{NAMED})[\"';\s])|\bbgcolor\b",
    re.I,
)
COLOUR_IN_KV = re.compile(
    r"(?:rgba?|color|tint|fill|_color)\s*:\s*(?:\[|\()?\s*(?:\d|\.\d)|[\"']#[0-9a-fA-F]{3,8}[\"']|get_color_from_hex"
)
COLOUR_IN_PYTHON = re.compile(r"[\"']#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})[\"']")


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.S)


def found(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    hits = []
    for path in paths:
        text = path.read_text("utf-8")
        lines = (without_comments(text) if path.suffix == ".css" else text).splitlines()
        hits += [f"{path.relative_to(ROOT)}: {line.strip()[:100]}" for line in lines if pattern.search(line)]
    return hits


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (COLOUR_IN_CSS, "a{color:#0A5C4A}"),
        (COLOUR_IN_CSS, "a{border:1px solid white}"),
        (COLOUR_IN_CSS, "a{background:rgba(0,0,0,.1)}"),
        (COLOUR_IN_CSS, "a{background:color-mix(in oklab,red,blue)}"),
        (COLOUR_IN_HTML, '<path fill="#fff"/>'),
        (COLOUR_IN_HTML, '<p style="color: red">'),
        (COLOUR_IN_HTML, '<meta name="theme-color" content="#0A5C4A">'),
        (COLOUR_IN_KV, "    rgba: 1, 1, 1, 1"),
        (COLOUR_IN_KV, "    color: (0.5, 0, 0, 1)"),
        (COLOUR_IN_KV, "    md_bg_color: '#ffffff'"),
        (COLOUR_IN_PYTHON, 'GROUND = "#F6F7F4"'),
    ],
)
def test_a_hard_coded_colour_would_be_seen(pattern, line):
    assert pattern.search(line)


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (COLOUR_IN_CSS, "a{color:var(--ink);white-space:nowrap;border-color:currentColor}"),
        (COLOUR_IN_HTML, '<a href="#face" class="text-red">&#8217;</a><path fill="currentColor"/>'),
        (COLOUR_IN_KV, "    rgba: face.line if self.disabled else self.fill"),
    ],
)
def test_a_colour_from_the_tokens_is_no_finding(pattern, line):
    assert not pattern.search(line)


def test_style_sheets_hold_no_colour_of_their_own():
    sheets = [path for path in CSS.glob("*.css") if path.name != "tokens.css"]
    assert sheets
    assert found(COLOUR_IN_CSS, sheets) == []


def test_templates_hold_no_colour_of_their_own():
    assert found(COLOUR_IN_HTML, sorted((ROOT / "server").rglob("templates/**/*.html"))) == []


def test_kv_files_and_code_hold_no_colour_of_their_own():
    assert found(COLOUR_IN_KV, sorted((ROOT / "fieldapp").rglob("*.kv"))) == []
    assert (
        found(COLOUR_IN_PYTHON, sorted(path for top in ("fieldapp", "server") for path in (ROOT / top).rglob("*.py")))
        == []
    )


def test_the_token_sheet_is_the_one_made_from_the_tokens():
    assert (CSS / "tokens.css").read_text("utf-8") == tokens_css()


def test_every_custom_property_that_is_used_exists():
    ours = without_comments("".join(path.read_text("utf-8") for path in CSS.glob("*.css")))
    defined = set(re.findall(r"(--[\w-]+)\s*:", ours))
    assert set(re.findall(r"var\((--[\w-]+)", ours)) - defined == set()


def test_a_page_for_everyone_loads_little_and_fetches_nothing():
    sheets = [CSS / "parts.css", CSS / "public.css"]
    assert sum(path.stat().st_size for path in sheets) < 10_000
    assert (CSS / "public.css").stat().st_size < 9_000
    for path in CSS.glob("*.css"):
        assert "url(" not in path.read_text("utf-8")
        assert "@import" not in path.read_text("utf-8")
        assert "@font-face" not in path.read_text("utf-8")


@pytest.mark.parametrize("scale", ["130", "160"])
@pytest.mark.parametrize("sheet", ["public.css", "merchant.css", "console.css"])
def test_every_sheet_has_large_print(sheet, scale):
    assert f'html[data-scale="{scale}"]' in (CSS / sheet).read_text("utf-8")


@pytest.mark.parametrize("sheet", ["parts.css", "public.css", "merchant.css", "console.css"])
def test_every_sheet_has_a_form_for_paper_and_closes_its_braces(sheet):
    css = without_comments((CSS / sheet).read_text("utf-8"))
    assert "@media print" in css
    assert css.count("{") == css.count("}")


def test_motion_stops_for_those_who_ask():
    assert "prefers-reduced-motion" in (CSS / "parts.css").read_text("utf-8")
