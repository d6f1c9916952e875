"""Configuration folders for tests."""

from __future__ import annotations

from pathlib import Path

from modtui.config import Config, ConfigError, find_paths, load
from modtui.domain.settings import Moderator

DEFAULT = Moderator("someone", "UTC")


def read(folder: Path, text: str, **more: str) -> Config:
    """Return the configuration of `text` and of the files `config.d/NAME.toml` in `more`."""
    (folder / "config.toml").write_text(text, encoding="utf-8")
    for name, content in more.items():
        (folder / "config.d").mkdir(exist_ok=True)
        (folder / "config.d" / f"{name}.toml").write_text(content, encoding="utf-8")
    return load(find_paths({"MODTUI_HOME": str(folder)}), DEFAULT)


def problems(folder: Path, text: str, **more: str) -> list[str]:
    """Return every problem as a line, with the folder taken off; none is an empty list."""
    try:
        read(folder, text, **more)
    except ConfigError as error:
        return [str(problem).replace(f"{folder}/", "") for problem in error.problems]
    return []
