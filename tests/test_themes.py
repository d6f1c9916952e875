"""Themes are found, complete, readable; a bad one is named, and the user's own are used."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from modtui.terminal.looks import PALETTE
from modtui.themes import (
    DEFAULT,
    ThemeError,
    ThemeFile,
    all_themes,
    find_themes,
    one_of_ours,
    themes_dir,
)

NIGHT = (themes_dir() / "night.toml").read_text(encoding="utf-8")
THEMES = {theme.name: theme for theme in all_themes()}
INK = (
    "foreground", "text", "text-muted", "text-disabled", "text-primary", "text-secondary",
    "text-warning", "text-error", "text-success", "text-accent", "primary", "sla-ok", "sla-soon",
    "sla-breached",
)  # fmt: skip
PAPER = ("background", "surface", "panel")
# What xterm paints the colours of the terminal with.
XTERM = {
    "red": "#cd0000", "green": "#00cd00", "yellow": "#cdcd00", "blue": "#0000ee",
    "magenta": "#cd00cd", "cyan": "#00cdcd", "bright_red": "#ff0000", "bright_green": "#00ff00",
    "bright_yellow": "#ffff00", "bright_blue": "#5c5cff", "bright_magenta": "#ff00ff",
    "bright_cyan": "#00ffff",
}  # fmt: skip
# Machado, Oliveira, Fernandes 2009: protanopia, deuteranopia, tritanopia.
BLINDNESS = {
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritan": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def shades(theme: ThemeFile) -> dict[str, str]:
    """Every variable of the theme as Textual makes it."""
    made = Theme(
        theme.name, dark=theme.dark, ansi=theme.ansi, variables=theme.variables, **theme.colours
    )
    return made.to_color_system().generate() | theme.variables


def seen(ink: str, paper: str) -> tuple[str, str]:
    """The two colours as they are painted: "auto 60%" is what stands out on the paper."""
    ground = Color.parse(paper)
    if ink.startswith("auto "):
        colour = ground.get_contrast_text(float(ink[5:].rstrip("%")) / 100)
    else:
        colour = Color.parse(ink)
    return (ground + colour).hex, ground.hex


def native(colour: str, dark: bool) -> str:
    """A colour of the terminal as xterm paints it."""
    default = "#e5e5e5" if dark else "#000000"
    return default if colour == "ansi_default" else XTERM[colour.removeprefix("ansi_")]


def test_there_is_a_theme_for_everyone() -> None:
    assert {"night", "paper", "high-contrast", "colour-blind", "mono", "terminal"} <= set(THEMES)
    assert DEFAULT == "night"
    assert {theme.dark for theme in THEMES.values()} == {True, False}


@pytest.mark.parametrize("name", [name for name, theme in THEMES.items() if not theme.ansi])
def test_text_can_be_read(name: str) -> None:
    made = shades(THEMES[name])
    for paper in PAPER:
        for ink in INK:
            assert contrast(*seen(made[ink], made[paper])) >= 4.5, (ink, paper)
    cursor = seen(made["block-cursor-foreground"], made["block-cursor-background"])
    assert contrast(*cursor) >= 4.5, cursor


@pytest.mark.parametrize("name", [name for name, theme in THEMES.items() if theme.ansi])
def test_text_in_the_colours_of_the_terminal_can_be_read(name: str) -> None:
    theme = THEMES[name]
    made = shades(theme)
    for ink in INK:
        colour = native(made[ink], theme.dark)
        assert contrast(colour, "#000000" if theme.dark else "#ffffff") >= 4.5, ink
    assert made["background"] == "ansi_default"
    assert made["surface"] == made["panel"] == "transparent"
    assert "reverse" in made["block-cursor-text-style"]


def test_high_contrast_is_high() -> None:
    made = shades(THEMES["high-contrast"])
    for ink in INK:
        assert contrast(*seen(made[ink], made["background"])) >= 7, ink


def test_mono_has_no_colour() -> None:
    theme = THEMES["mono"]
    for colour in (*theme.colours.values(), *theme.variables.values()):
        assert colour[1:3] == colour[3:5] == colour[5:7], colour


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_the_colours_of_time_are_apart_for_the_colour_blind(blindness: str) -> None:
    def through(colour: str) -> tuple[float, ...]:
        rgb = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return tuple(
            sum(m * c for m, c in zip(row, rgb, strict=True)) for row in BLINDNESS[blindness]
        )

    variables = THEMES["colour-blind"].variables
    bands = {band: through(variables[f"sla-{band}"]) for band in ("ok", "soon", "breached")}
    for one, other in combinations(bands, 2):
        apart = sum((a - b) ** 2 for a, b in zip(bands[one], bands[other], strict=True)) ** 0.5
        assert apart >= 0.25, (one, other, apart)


BAD = [
    (NIGHT.replace("primary", "primry"), 'bad.toml:4: primry: unknown (did you mean "primary"?)'),
    (NIGHT.replace('accent = "#d7af5f"\n', ""), "bad.toml: accent: is missing: give a colour"),
    (NIGHT.replace('"#d0d0d0"', '"grey"'), "bad.toml:7: foreground: 'grey' is not a colour"),
    (NIGHT.replace('"#d0d0d0"', '"ansi_red"'), "colours of the terminal need ansi = true"),
    (NIGHT.replace("dark = true", "dark = 1"), "bad.toml:3: dark: is neither true nor false"),
    (NIGHT.replace("sla-soon", "sla-late"), "variables.sla-soon: is missing"),
    (
        NIGHT + 'text-primary = "#12"\n',
        "bad.toml:23: variables.text-primary: '#12' is not a colour",
    ),
    (NIGHT + 'off-style = "loud"\n', "bad.toml:23: variables.off-style: 'loud' is not a style"),
    (NIGHT.replace('"night"', '"My theme"'), "bad.toml:2: name: takes a to z"),
    ("name = ", "bad.toml:1: not valid TOML: Invalid value"),
    (f"name = {'9' * 5000}", "bad.toml:1: not valid TOML: Exceeds the limit"),
]


@pytest.mark.parametrize(("text", "expected"), BAD)
def test_a_bad_theme_is_named_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ThemeError) as caught:
        all_themes(tmp_path)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bad_theme_of_the_user_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[", encoding="utf-8")
    (tmp_path / "mine.toml").write_text(NIGHT.replace('name = "night"\n', ""), encoding="utf-8")
    (tmp_path / "night.toml").write_text(NIGHT.replace("#121212", "#000000"), encoding="utf-8")
    shelf = find_themes(tmp_path)
    assert set(shelf.problems) == {"bad"}
    assert set(shelf.themes) == {*THEMES, "mine"}
    assert shelf.themes["night"].colours["background"] == "#000000"
    assert set(find_themes(tmp_path / "nowhere").themes) == set(THEMES)


@pytest.mark.parametrize("name", [name for name, theme in THEMES.items() if not theme.ansi])
def test_what_is_written_most_is_a_colour_of_the_256(name: str) -> None:
    theme = THEMES[name]
    made = shades(theme)
    often = ["text-muted", "text-disabled", "sla-ok", "sla-breached", "foreground"]
    often += ["background", "surface", "panel"] if theme.dark else []
    for each in often:
        rgb = tuple(str(part) for part in Color.parse(made[each]).rgb)
        assert rgb in PALETTE or rgb == ("0", "0", "0"), (each, made[each])


def test_one_of_ours_is_read_alone_where_nobody_has_their_own(tmp_path: Path) -> None:
    assert one_of_ours("night", tmp_path / "nowhere") == THEMES["night"]
    assert one_of_ours("mine", tmp_path) is None
    # Any file of theirs may bear the name.
    (tmp_path / "mine.toml").write_text("broken", encoding="utf-8")
    assert one_of_ours("night", tmp_path) is None
