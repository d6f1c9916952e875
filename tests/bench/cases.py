"""The programs that are measured side by side, and where they run."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench.link import Line, Remote
from tests.pty.terminal import Terminal

ROOT = Path(__file__).parents[2]
NAMES = ("modtui", "whole", "F", "curses")
CONFIG = """
[moderator]
name = "mod-a"
timezone = "Europe/Warsaw"

[[account]]
name = "forum"
connector = "demo"
profile = "forum"
seed = 7
threads = {threads}
rate = 0
scene = "{scene}"
"""
SECONDS = re.compile(r"^.  +\d:\d\d ", re.M)


@dataclass(frozen=True, slots=True)
class Case:
    """A program: how it is started, what shows that it is ready, and that it is at rest."""

    name: str
    argv: tuple[str | Path, ...]
    env: dict[str, str]
    ready: str
    rest: str = ""

    def open(self) -> Terminal:
        """Start it on a terminal beside it; return the terminal when it is at rest."""
        terminal = Terminal(self.argv, self.env)
        self._await(terminal)
        return terminal

    def far(self) -> Remote:
        """Start it at the far end of a slow line; return the terminal when it is at rest."""
        terminal = Remote(self.argv, self.env, Line())
        self._await(terminal)
        return terminal

    def _await(self, terminal: Terminal) -> None:
        terminal.wait(self.ready, 90)
        terminal.wait(self.rest, 90)
        terminal.settle(0.4, 5)


def environment(home: Path) -> dict[str, str]:
    """A terminal of all colours, on no multiplexer, and a modtui that keeps all under `home`.

    Byte code is written: a start that compiles is not the start of anybody's second day.
    """
    odd = ("PYTHONDONTWRITEBYTECODE", "TMUX", "STY", "NO_COLOR", "MODTUI_NO_DIFF", "MODTUI_NO_BCE")
    return {
        **{name: value for name, value in os.environ.items() if name not in odd},
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "MODTUI_HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }


def configure(home: Path, threads: int, scene: str = "mixed") -> None:
    """Write the configuration of a community of `threads` threads."""
    home.mkdir()
    (home / "config.toml").write_text(CONFIG.format(threads=threads, scene=scene), encoding="utf-8")


def modtui(*words: str) -> list[str | Path]:
    """Return the command line of modtui."""
    return [sys.executable, "-m", "modtui", *words]


def all_of(home: Path) -> tuple[Case, Case, Case, Case]:
    """Return the programs in the order of NAMES."""
    env, here = environment(home), ROOT / "tests" / "bench"
    app, whole = (*modtui(),), (*modtui("--no-diff"),)
    return (
        Case("modtui", app, env, "▌", "live 1/1"),
        Case("whole", whole, env, "▌", "live 1/1"),
        Case("F", (sys.executable, here / "hello.py"), env, "READY"),
        Case("curses", (sys.executable, here / "curses_list.py", "100000"), env, "READY"),
    )


def go_where_seconds_count(terminal: Terminal) -> None:
    """Page down until all rows of the queue are due within ten minutes."""
    for _ in range(400):
        if len(SECONDS.findall(terminal.text)) >= 30:
            return
        terminal.send("ctrl+d")
        terminal.settle(0.1, 2)
    raise AssertionError(f"no row counts seconds\n{terminal.text}")


def load() -> float:
    """Return how many processes wanted to run in the last minute, on average."""
    return os.getloadavg()[0]
