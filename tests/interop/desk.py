"""A moderator's machine for interop tests: a configuration, and modtui as a command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.interop.synapse import ROOT

_CONFIG = """\
[moderator]
name = "mod-a"
timezone = "Asia/Almaty"
languages = ["en"]

[[account]]
name = "chat"
connector = "matrix"
url = "{url}"
rooms = ["{room}"]

[[team]]
name = "payments"
responsible = ["mod-d"]
accountable = "lead"
reach = {{ account = "chat", channel = "{room}" }}
"""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Desk:
    """A home folder and the token that its account uses."""

    home: Path
    token: str

    def configure(self, url: str, room: str) -> None:
        """Write a configuration with the account `chat` at `url`."""
        self.home.mkdir(parents=True, exist_ok=True)
        text = _CONFIG.format(url=url, room=room)
        (self.home / "config.toml").write_text(text, encoding="utf-8")

    def environ(self) -> dict[str, str]:
        """Return the environment of a command."""
        own = {k: v for k, v in os.environ.items() if not k.startswith("MODTUI_")}
        return {**own, "MODTUI_HOME": str(self.home), "MODTUI_CHAT_TOKEN": self.token}

    def __call__(self, *args: object) -> Done:
        """Run one command to its end."""
        done = subprocess.run(
            command(*args),
            cwd=ROOT,
            env=self.environ(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def threads(self) -> dict[str, int]:
        """Return the store's numbers by subject."""
        return {t["remote_id"]: t["id"] for t in self("queue", "--json").json["threads"]}


def command(*args: object) -> list[str]:
    """Return the argument list of one modtui command."""
    return [sys.executable, "-m", "modtui", *(str(arg) for arg in args)]
