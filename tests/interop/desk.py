"""A moderator's desk on the test server: a folder of its own, a shell, and modtui in a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.shell import Done
from tests.interop.synapse import ROOT, Scene, Synapse
from tests.pty.terminal import Terminal

CONFIG = """
undo_window = "{undo}"

[moderator]
name = "mod-a"
timezone = "UTC"
languages = ["en"]

[[account]]
name = "chat"
connector = "matrix"
url = "{url}"
poll = "1s"
rooms = ["{room}"]

[[account]]
name = "pager"
connector = "webhook"
url = "{hook}"

[[rule]]
id = "respect"
en = "Rule 1: be kind"

[[rule]]
id = "spam"
en = "Rule 2: no spam"

[[team]]
name = "payments"
responsible = ["mod-d"]
accountable = "lead"
reach = {{ account = "chat", channel = "{ops}" }}

[[team]]
name = "night"
responsible = ["mod-n"]
accountable = "lead"
reach = {{ account = "pager" }}
"""


@dataclass(frozen=True, slots=True)
class Options:
    """How a desk differs from the usual: whose token, which address, where the pager is."""

    who: str = "admin"
    token: str = ""
    url: str = ""
    hook: str = "http://127.0.0.1:9/hook"
    undo: str = "1s"


class Desk:
    """modtui for one room of the server; `ops` is the room of the team `payments`."""

    def __init__(
        self, home: Path, synapse: Synapse, scene: Scene, options: Options | None = None
    ) -> None:
        chosen = options or Options()
        self.home = home
        self.synapse = synapse
        self.scene = scene
        self.token = chosen.token or synapse.users[chosen.who].token
        self.ops = synapse.new_room()
        folder = home / "modtui"
        folder.mkdir(mode=0o700)
        config = CONFIG.format(
            undo=chosen.undo,
            url=chosen.url or synapse.url,
            room=scene.room_id,
            hook=chosen.hook,
            ops=self.ops,
        )
        (folder / "config.toml").write_text(config, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """A clean environment: everything of modtui under `home`, the token handed in."""
        plain = {
            name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ
        }
        return {
            **plain,
            "HOME": str(self.home),
            "MODTUI_HOME": str(self.home / "modtui"),
            "MODTUI_CHAT_TOKEN": self.token,
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "TERM": "xterm-256color",
            "TEXTUAL_ANIMATIONS": "none",
        }

    def __call__(self, *words: object) -> Done:
        """Run one modtui command."""
        ended = subprocess.run(
            [sys.executable, "-m", "modtui", *(str(word) for word in words)],
            cwd=self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=150,
        )
        return Done(ended.returncode, ended.stdout, ended.stderr)

    def told(self, *words: object) -> Any:
        """Return what a command prints as JSON."""
        done = self(*words, "--json")
        assert (done.code, done.err) == (0, ""), done
        return done.json

    def threads(self) -> dict[str, int]:
        """Read everything once; return the thread numbers by the reported event."""
        done = self("sync", "--once")
        assert (done.code, done.err) == (0, ""), done
        return {t["remote_id"]: t["id"] for t in self.told("queue", "--finished")["threads"]}

    @contextmanager
    def app(self, size: tuple[int, int] = (120, 40)) -> Iterator[Terminal]:
        """The app in a terminal, up to its first queue with a thread shown."""
        argv = [sys.executable, "-m", "modtui"]
        with Terminal(argv, self.environment, size, self.home) as terminal:
            terminal.wait("post 1", 30)
            terminal.wait("live 2/2", 30)
            yield terminal
