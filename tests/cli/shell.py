"""A shell for tests: modtui run in this process, or as a command of its own, in its own home."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from modtui.cli import run

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Runs modtui with `MODTUI_HOME` at `home`."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.home = home
        for name in [name for name in os.environ if name.startswith("MODTUI_")]:
            patch.delenv(name)
        patch.setenv("MODTUI_HOME", str(home))
        patch.setenv("USER", "mod-a")
        patch.setenv("LOGNAME", "mod-a")

    def __call__(self, *args: object) -> Done:
        """Run one command line in this process."""
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([str(arg) for arg in args])
        return Done(code, _text(out), _text(err))

    def config(self, text: str) -> None:
        """Write the user's own configuration."""
        self.home.mkdir(exist_ok=True)
        (self.home / "config.toml").write_text(text, encoding="utf-8")

    def process(self, *args: object, **environ: str) -> Done:
        """Run one command line as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "modtui", *(str(arg) for arg in args)],
            cwd=ROOT,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return Done(done.returncode, done.stdout, done.stderr)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode()
