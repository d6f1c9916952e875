"""What is written to this terminal, by its environment and the configuration."""

from __future__ import annotations

import os
import sys

from modtui.cli.exits import Exit, Failure
from modtui.config import GLYPHS, Config, nearest
from modtui.terminal.ability import (
    Ability,
    Colours,
    ability_of,
    colours_of,
    has_light_background,
)
from modtui.themes import DEFAULT

GLYPHS_NAME = "MODTUI_GLYPHS"
_COLOURS = {
    Colours.NONE: "no colours", Colours.SIXTEEN: "16 colours", Colours.MANY: "256 colours",
    Colours.TRUE: "all colours",
}  # fmt: skip


def ability(config: Config) -> Ability:
    """Return what is written to this terminal. Raises Failure (usage)."""
    glyphs = os.environ.get(GLYPHS_NAME) or config.glyphs
    if glyphs not in GLYPHS:
        raise Failure(
            Exit.USAGE,
            f'{GLYPHS_NAME}: "{glyphs}" is not one of {", ".join(GLYPHS)}{nearest(glyphs, GLYPHS)}',
        )
    return ability_of(os.environ, glyphs, coerced=sys.flags.utf8_mode == 1)


def standard_theme() -> str:
    """Return the theme for who chose none: of the terminal's own colours where it has few."""
    if colours_of(os.environ) in (Colours.MANY, Colours.TRUE):
        return DEFAULT
    return "terminal-light" if has_light_background(os.environ) else "terminal"


def ability_words(shown: Ability) -> str:
    """Return in words what is written, for who wonders why."""
    marks = "ASCII" if shown.plain else "Unicode"
    term = os.environ.get("TERM") or "not set"
    return f"TERM is {term}: {_COLOURS[shown.colours]}, marks in {marks}, texts in {shown.charset}"
