"""A whole session in a terminal, from login to a refusal: the token is in no byte of it."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.pty.community import ROOT, environment, leave
from tests.pty.synapse import listening
from tests.pty.terminal import Terminal

TOKEN = "syt_evening_7c1e02b9"
PASSPHRASE = "evening passphrase 7c1e"
PATIENCE = 40.0


class Watched(Terminal):
    """Looks at every screen that it ever shows."""

    def take(self, data: bytes) -> None:
        super().take(data)
        shown = "\n".join(self.screen.display)
        for secret in (TOKEN, PASSPHRASE):
            assert secret not in shown
            assert secret.encode() not in self.written


@contextlib.contextmanager
def watching_processes() -> Iterator[list[str]]:
    """Every process that is seen meanwhile with a secret in its arguments or environment."""
    seen: list[str] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            for pid in filter(str.isdigit, os.listdir("/proc")):
                for name in ("cmdline", "environ"):
                    # It may have ended, or be another user's.
                    with contextlib.suppress(OSError):
                        raw = Path("/proc", pid, name).read_bytes()
                        if TOKEN.encode() in raw or PASSPHRASE.encode() in raw:
                            seen.append(f"{pid} {name}: {raw[:80]!r}")

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def run(home: Path, *words: str) -> Watched:
    return Watched([sys.executable, "-m", "modtui", *words], environment(home), (100, 30), ROOT)


def type_in(terminal: Terminal, words: str, text: str) -> None:
    terminal.wait(words, PATIENCE)
    terminal.settle(0.5)
    terminal.send(text, "enter")


def test_login_doctor_and_an_evening_show_the_token_nowhere(tmp_path: Path) -> None:
    with listening(TOKEN) as synapse, watching_processes() as processes:
        words = ("--connector", "matrix", "--name", "chat", "--url", synapse.url)
        with run(tmp_path, "init", *words) as terminal:
            assert terminal.ended(PATIENCE) == 0
        with run(tmp_path, "login", "chat", "--store", "vault") as terminal:
            type_in(terminal, "token (", TOKEN)
            type_in(terminal, "A passphrase for it", PASSPHRASE)
            type_in(terminal, "Once more", PASSPHRASE)
            terminal.wait("Kept in the vault", PATIENCE)
            assert terminal.ended(PATIENCE) == 0
        for refusing in (0, 401, 500):
            synapse.refusing = refusing
            with run(tmp_path, "doctor") as terminal:
                type_in(terminal, "Passphrase of the vault", PASSPHRASE)
                terminal.wait("account chat", PATIENCE)
                terminal.ended(PATIENCE)
        synapse.refusing = 0
        with run(tmp_path) as terminal:
            type_in(terminal, "The passphrase of the vault", PASSPHRASE)
            terminal.wait(lambda text: "are rude" in text and "look: ****" in text, PATIENCE)
            for key in ("j", "k", "r", "Please stay polite.", "ctrl+s", "g", "s", "esc", "g", "d"):
                terminal.settle(0.6)
                terminal.send(key)
            terminal.settle(1.0)
            synapse.refusing = 403
            synapse.over.set()
            terminal.send("esc", "\x1b[15~")
            terminal.settle(1.0)
            leave(terminal)
    assert processes == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"modtui.db", "vault.json", "chat.toml"} <= {path.name for path in files}
    for path in files:
        raw = path.read_bytes()
        assert TOKEN.encode() not in raw, path
        assert PASSPHRASE.encode() not in raw, path
