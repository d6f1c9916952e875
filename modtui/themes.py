"""Themes are data: TOML files in `themes/`, in the wheel or beside an editable checkout, and the
user's own in the folder `themes` of the configuration."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from modtui.domain.frozen import dataclass

COLOURS = frozenset(
    {
        "primary", "secondary", "accent", "foreground", "background", "surface", "panel",
        "success", "warning", "error",
    }
)  # fmt: skip
REQUIRED_VARIABLES = frozenset({"sla-ok", "sla-soon", "sla-breached"})
KEYS = COLOURS | {"name", "dark", "ansi", "variables"}
DEFAULT = "night"
# What the terminal itself paints surfaces with cannot be told, so such a theme leaves them out.
_NATIVE = frozenset({"background", "surface", "panel"})

_SIXTEEN = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI = frozenset(
    {"ansi_default", *(f"ansi_{b}{name}" for b in ("", "bright_") for name in _SIXTEEN)}
)
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_STYLE_WORDS = frozenset({"none", "bold", "italic", "underline", "reverse", "dim", "not"})
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_LINE = r'\s*"?([A-Za-z0-9_-]+)"?\s*=|\s*\[\s*([A-Za-z0-9_-]+)\s*\]'
_AT = r" \(at line (\d+), column \d+\)$| \(at end of document\)$"


class ThemeError(ValueError):
    """A theme file that cannot be used: one line naming file, line, key and what is allowed."""


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme as its file says it; colours are what Textual's `Theme` takes."""

    name: str
    dark: bool
    colours: dict[str, str]
    variables: dict[str, str] = field(default_factory=dict)
    ansi: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """The themes that can be used, by name; `problems` has what is wrong with the other files,
    by file name without its ending."""

    themes: Mapping[str, ThemeFile]
    problems: Mapping[str, ThemeError] = field(default_factory=dict)


def themes_dir() -> Path:
    """Where the themes are: inside the package when installed, else the checkout's folder."""
    inside = Path(__file__).parent / "themes"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "themes"


def read_theme(path: Path) -> ThemeFile:
    """Return the theme in `path`. Raises ThemeError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        table = tomllib.loads(text)
    except OSError as error:
        raise ThemeError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ThemeError(f"{path}: is not UTF-8 text: save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        found = re.search(_AT, str(error))
        line = found[1] if found and found[1] else text.count("\n") + 1
        raise ThemeError(f"{path}:{line}: not valid TOML: {re.sub(_AT, '', str(error))}") from error
    return _Page(path, text).theme(table)


@dataclass(frozen=True, slots=True)
class _Page:
    """A theme file while it is checked."""

    path: Path
    text: str

    def wrong(self, key: str, what: str, table: str = "") -> ThemeError:
        at = self._line(key, table) or (self._line("variables", "") if table else 0)
        where = f"{self.path}:{at}" if at else f"{self.path}"
        return ThemeError(f"{where}: {table + '.' if table else ''}{key}: {what}")

    def _line(self, key: str, table: str) -> int:
        inside = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            found = re.match(_LINE, line)
            if found is None:
                continue
            if found[2]:
                inside = found[2]
            if (inside, found[1]) == (table, key) or (not table and found[2] == key):
                return number
        return 0

    def theme(self, table: dict[str, Any]) -> ThemeFile:
        """Return the theme that `table` describes. Raises ThemeError."""
        self._only(table, KEYS, "")
        variables = table.get("variables", {})
        if not isinstance(variables, dict):
            raise self.wrong("variables", "is not a table: write [variables]")
        for key in ("dark", "ansi"):
            if not isinstance(table.get(key, True), bool):
                raise self.wrong(key, "is neither true nor false")
        ansi = bool(table.get("ansi", False))
        name = table.get("name", self.path.stem)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self.wrong("name", "takes a to z, 0 to 9 and -")
        self._all_there(COLOURS - _NATIVE if ansi else COLOURS, table, "")
        self._all_there(REQUIRED_VARIABLES, variables, "variables")
        colours = {key: self._colour(key, table[key], ansi) for key in COLOURS & set(table)}
        shades = {key: self._variable(key, value, ansi) for key, value in variables.items()}
        return ThemeFile(name, bool(table.get("dark", True)), colours, shades, ansi)

    def _only(self, found: Iterable[str], allowed: frozenset[str], table: str) -> None:
        for key in sorted(set(found) - allowed):
            from difflib import get_close_matches

            near = get_close_matches(key, allowed, 1)
            hint = f' (did you mean "{near[0]}"?)' if near else ""
            raise self.wrong(key, f"unknown{hint}; allowed: {', '.join(sorted(allowed))}", table)

    def _all_there(self, needed: frozenset[str], found: Mapping[str, Any], table: str) -> None:
        for key in sorted(needed - set(found)):
            raise self.wrong(key, 'is missing: give a colour, such as "#d0d0d0"', table)

    def _colour(self, key: str, value: object, ansi: bool, table: str = "") -> str:
        if isinstance(value, str) and (_HEX.fullmatch(value) or (ansi and value in ANSI)):
            return value
        allowed = 'write "#d0d0d0"' + (' or "ansi_red"' if ansi else "")
        if isinstance(value, str) and value in ANSI:
            allowed = "colours of the terminal need ansi = true"
        raise self.wrong(key, f"{value!r} is not a colour: {allowed}", table)

    def _variable(self, key: str, value: object, ansi: bool) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", key):
            raise self.wrong(
                key, "is not the name of a variable: a to z, 0 to 9 and -", "variables"
            )
        if not key.endswith("style"):
            return self._colour(key, value, ansi, "variables")
        if isinstance(value, str) and value.split() and set(value.split()) <= _STYLE_WORDS:
            return value
        words = ", ".join(sorted(_STYLE_WORDS - {"not"}))
        raise self.wrong(key, f"{value!r} is not a style: {words}", "variables")


def all_themes(folder: Path | None = None) -> tuple[ThemeFile, ...]:
    """Return every theme of `folder` (default: ours), by file name. Raises ThemeError."""
    return tuple(read_theme(path) for path in sorted((folder or themes_dir()).glob("*.toml")))


def one_of_ours(name: str, own: Path) -> ThemeFile | None:
    """Return our theme `name`; None where there is none, or where the folder `own` has themes, of
    which one may win. No other file is read. Raises ThemeError."""
    if own.is_dir() and any(own.glob("*.toml")):
        return None
    path = next((path for path in themes_dir().glob("*.toml") if path.stem == name), None)
    theme = read_theme(path) if path is not None else None
    return theme if theme is not None and theme.name == name else None


def find_themes(own: Path) -> Shelf:
    """Return our themes and those of the folder `own`, which win; a bad one hides no other."""
    themes = {theme.name: theme for theme in all_themes()}
    problems: dict[str, ThemeError] = {}
    for path in sorted(own.glob("*.toml")) if own.is_dir() else ():
        try:
            theme = read_theme(path)
        except ThemeError as error:
            problems[path.stem] = error
        else:
            themes[theme.name] = theme
    return Shelf(themes, problems)
