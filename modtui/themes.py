"""Themes are data: TOML files in `themes/`, in the wheel or beside an editable checkout."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

COLOURS = frozenset(
    {
        "primary", "secondary", "accent", "foreground", "background", "surface", "panel",
        "success", "warning", "error",
    }
)  # fmt: skip
REQUIRED_VARIABLES = frozenset({"sla-ok", "sla-soon", "sla-breached"})
DEFAULT = "night"


class ThemeError(ValueError):
    """A theme file that cannot be used: one line naming file, key and what is allowed."""


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme as its file says it; colours are what Textual's `Theme` takes."""

    name: str
    dark: bool
    colours: dict[str, str]
    variables: dict[str, str] = field(default_factory=dict)


def themes_dir() -> Path:
    """Where the themes are: inside the package when installed, else the checkout's folder."""
    inside = Path(__file__).parent / "themes"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "themes"


def read_theme(path: Path) -> ThemeFile:
    """Return the theme in `path`. Raises ThemeError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ThemeError(f"{path}: {error}") from error
    variables = table.pop("variables", {})
    name, dark = table.pop("name", path.stem), table.pop("dark", True)
    if unknown := sorted(set(table) - COLOURS):
        raise ThemeError(f"{path}: unknown {unknown[0]!r}; allowed: {', '.join(sorted(COLOURS))}")
    if missing := sorted((COLOURS - set(table)) | (REQUIRED_VARIABLES - set(variables))):
        raise ThemeError(f"{path}: {missing[0]!r} is missing")
    return ThemeFile(str(name), bool(dark), table, variables)


def all_themes(folder: Path | None = None) -> tuple[ThemeFile, ...]:
    """Return every theme of `folder` (default: ours), by file name. Raises ThemeError."""
    return tuple(read_theme(path) for path in sorted((folder or themes_dir()).glob("*.toml")))
