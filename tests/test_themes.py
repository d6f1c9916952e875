"""Themes are found, complete, readable; a bad one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from modtui.themes import DEFAULT, ThemeError, all_themes, read_theme, themes_dir


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_default_theme_is_there() -> None:
    assert DEFAULT in {theme.name for theme in all_themes()}


@pytest.mark.parametrize("theme", all_themes(), ids=lambda theme: theme.name)
def test_text_can_be_read(theme) -> None:
    ink = {"foreground": theme.colours["foreground"], **theme.variables}
    for paper in ("background", "surface"):
        for name, colour in ink.items():
            assert contrast(colour, theme.colours[paper]) >= 4.5, (name, paper)


def test_a_bad_theme_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    text = (themes_dir() / "night.toml").read_text(encoding="utf-8")
    bad.write_text(text.replace("primary", "primry"), encoding="utf-8")
    with pytest.raises(ThemeError, match=r"bad\.toml: unknown 'primry'"):
        read_theme(bad)
    bad.write_text("name = ", encoding="utf-8")
    with pytest.raises(ThemeError, match=r"bad\.toml: "):
        read_theme(bad)
    bad.write_text(text.replace("sla-soon", "sla-late"), encoding="utf-8")
    with pytest.raises(ThemeError, match="'sla-soon' is missing"):
        read_theme(bad)
