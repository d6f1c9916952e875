"""Keeping a theme for good: one line in a file of modtui's own, beside the user's configuration."""

from __future__ import annotations

import errno
import tomllib

from modtui.cli.compose import Setup
from modtui.config import ConfigError, load
from modtui.config.paths import Paths
from modtui.private import write_private

FILE = "theme.toml"


def keep_theme(setup: Setup, name: str) -> str:
    """Write `theme = "NAME"` into config.d/theme.toml; return one line that says where.

    The line says too if another file is read later and wins. Raises OSError, also where that file
    holds something else.
    """
    import tomli_w

    file = setup.paths.config_more / FILE
    if _holds_more(file.read_bytes() if file.exists() else b""):
        raise FileExistsError(errno.EEXIST, "it holds something else than a theme", str(file))
    write_private(file, tomli_w.dumps({"theme": name}).encode())
    wins = _stronger(setup.paths, setup, name)
    return f"theme {name}, written to {file}{f'; but {wins}' if wins else ''}"


def _holds_more(content: bytes) -> bool:
    try:
        return not set(tomllib.loads(content.decode())) <= {"theme"}
    except (ValueError, RecursionError):
        return True


def _stronger(paths: Paths, setup: Setup, name: str) -> str:
    """Return which file chooses another theme after ours was read, or ""."""
    try:
        config = load(paths, setup.config.desk.moderator)
    except ConfigError as error:
        return str(error.problems[0])
    return "" if config.theme == name else f'{config.theme_at} says "{config.theme}" and wins'
