"""modtui in a window of a real tmux server of the test's own."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.pty.terminal import Timeout

KEYS = {"enter": "Enter", "esc": "Escape", "space": "Space", "ctrl+q": "C-q", "ctrl+s": "C-s"}
TMUX = shutil.which("tmux")
needs_tmux = pytest.mark.skipif(TMUX is None, reason="tmux is not installed here")


class Tmux:
    """A tmux server of its own, with one window that runs `argv`. It ends with the `with`."""

    def __init__(
        self, socket: Path, argv: Sequence[str], env: Mapping[str, str], size: tuple[int, int]
    ) -> None:
        self.socket = socket
        self._env = dict(env)
        columns, rows = (str(cells) for cells in size)
        self._run(
            "-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, *argv,
            ";", "set", "-g", "status", "off", ";", "set", "-g", "remain-on-exit", "on",
        )  # fmt: skip

    def __enter__(self) -> Tmux:
        return self

    def __exit__(self, *_: object) -> None:
        self._run("kill-server", check=False)

    def _run(self, *words: str, check: bool = True) -> str:
        assert TMUX is not None
        done = subprocess.run(
            [TMUX, "-S", str(self.socket), *words],
            env=self._env, capture_output=True, text=True, check=check, timeout=20,
        )  # fmt: skip
        return done.stdout

    @property
    def text(self) -> str:
        """What the window shows, rows stripped on the right."""
        lines = self._run("capture-pane", "-p").splitlines()
        return "\n".join(line.rstrip() for line in lines)

    def send(self, key: str) -> None:
        """Press one key: a name from KEYS, or a character."""
        self._run("send-keys", *(() if key in KEYS else ("-l",)), KEYS.get(key, key))

    def wait(self, what: Callable[[str], bool] | str, seconds: float = 30) -> str:
        """Wait until the window shows `what`; return what it shows. Raises Timeout with it."""
        holds = what if callable(what) else (lambda text: what in text)
        until = time.monotonic() + seconds
        while not holds(text := self.text):
            if time.monotonic() > until:
                raise Timeout(f"not on screen within {seconds} s: {what}\n{text}")
            time.sleep(0.03)
        return text

    def settle(self, quiet: float = 0.6, seconds: float = 5) -> str:
        """Wait until the window showed the same for `quiet` seconds; return that."""
        until = time.monotonic() + seconds
        text, since = self.text, time.monotonic()
        while (now := time.monotonic()) < until and now - since < quiet:
            time.sleep(0.05)
            if (seen := self.text) != text:
                text, since = seen, now
        return text
