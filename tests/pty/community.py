"""A pretend community of ours in a folder of its own, and modtui in a terminal on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.pty.terminal import Terminal, Timeout

ROOT = Path(__file__).parents[2]
CONFIG = """
undo_window = "{undo}"
notify = {notify}

[moderator]
name = "mod-a"
timezone = "UTC"
languages = ["en"]

[[account]]
name = "harbour"
connector = "demo"
profile = "{profile}"
scene = "{scene}"
seed = {seed}
threads = {threads}
rate = {rate}

[now]
reasons = {now}

[[rule]]
id = "threats"
en = "Rule 1: no threats"

[[rule]]
id = "spam"
en = "Rule 2: no spam"

[[team]]
name = "payments"
responsible = ["mod-d"]
accountable = "lead"
"""


@dataclass(frozen=True, slots=True)
class Community:
    """What to pretend. `rate` is new things a minute; `undo` the undo window; `now` the reasons
    of the NOW lane, which is not in the way of what other tests are about; `notify` how one is
    woken."""

    profile: str = "forum"
    scene: str = "mixed"
    seed: int = 7
    threads: int = 30
    rate: int = 0
    undo: str = "10s"
    now: tuple[str, ...] = ()
    notify: tuple[str, ...] = ("bell", "title")


def environment(home: Path, **more: str) -> dict[str, str]:
    """A 256-colour terminal; everything of modtui under `home`."""
    plain = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return {
        **plain,
        "HOME": str(home),
        "MODTUI_HOME": str(home / "modtui"),
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "TERM": "xterm-256color",
        "TEXTUAL_ANIMATIONS": "none",
        **more,
    }


def settle_in(home: Path, chosen: Community | None = None) -> None:
    """Write the configuration of a community under `home`."""
    community = chosen or Community()
    folder = home / "modtui"
    folder.mkdir(mode=0o700, exist_ok=True)
    values = {
        "profile": community.profile,
        "scene": community.scene,
        "seed": community.seed,
        "threads": community.threads,
        "rate": community.rate,
        "undo": community.undo,
        "now": json.dumps(community.now),
        "notify": json.dumps(community.notify),
    }
    (folder / "config.toml").write_text(CONFIG.format(**values), encoding="utf-8")


def command(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one modtui command on `home`."""
    return subprocess.run(
        [sys.executable, "-m", "modtui", *words],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def told(home: Path, *words: str) -> Any:
    """What a command prints as JSON."""
    done = command(home, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def modtui(home: Path, size: tuple[int, int] = (120, 40), **more: str) -> Iterator[Terminal]:
    """modtui in a terminal, up to its first queue with a thread shown, or to what was left."""
    argv = [sys.executable, "-m", "modtui"]
    with Terminal(argv, environment(home, **more), size) as terminal:
        terminal.wait(lambda text: "post 1" in text or "Welcome back" in text, 30)
        terminal.settle()
        yield terminal


def cursor_row(terminal: Terminal) -> str:
    """The row of the list under the cursor, without its mark."""
    rows = [line for line in terminal.lines[2:] if line.startswith("▌")]
    assert rows, terminal.text
    return rows[0][1:]


def leave(terminal: Terminal) -> int:
    """Leave modtui, all the same if it asks; return its exit code. An Esc before it must not
    become Alt."""
    terminal.settle()
    terminal.send("ctrl+q")
    for _ in range(20):
        try:
            return terminal.ended(1)
        except Timeout:
            if "Leaving now would stop" in terminal.text:
                terminal.send("enter")
    return terminal.ended()
