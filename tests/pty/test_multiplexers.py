"""tmux and GNU screen: detached and attached again, and the server gone."""

from __future__ import annotations

import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.pty.community import Community, environment, settle_in
from tests.pty.terminal import Terminal
from tests.pty.test_line import on_row, read, still
from tests.pty.test_lost_lines import until


def needs(program: str) -> pytest.MarkDecorator:
    """Skip where `program` is not installed; .ci/run installs it."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


class Multiplexer:
    """modtui in a session of a server of its own; its pid is in a file."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.env = environment(
            home, SHELL="/bin/sh", TMUX_TMPDIR=str(home), SCREENDIR=str(home / "s")
        )
        self.pid_file = home / "pid"
        words = shlex.join((sys.executable, "-m", "modtui"))
        self.command = f"echo $$ > {self.pid_file}; exec {words}"

    @property
    def pid(self) -> int:
        """The process of modtui."""
        return int(self.pid_file.read_text())

    def gone(self) -> bool:
        """Whether modtui has ended."""
        return not Path(f"/proc/{self.pid}").exists()

    def attach(self, size: tuple[int, int] = (120, 40), *, new: bool = False) -> Terminal:
        """A terminal at the session, which begins if it is `new`."""
        raise NotImplementedError

    def detach(self) -> None:
        """Take the terminal away; the session goes on."""
        raise NotImplementedError

    def record(self, path: Path) -> None:
        """Write what modtui writes from now on to `path` too."""
        raise NotImplementedError

    def kill(self) -> None:
        """End the server."""
        raise NotImplementedError

    def run(self, *words: str) -> None:
        """Run a command of the multiplexer."""
        subprocess.run(words, env=self.env, check=False, capture_output=True, timeout=20)


class Tmux(Multiplexer):
    server = ("tmux", "-L", "modtui-test", "-f", "/dev/null")

    def attach(self, size: tuple[int, int] = (120, 40), *, new: bool = False) -> Terminal:
        words = ("new-session", self.command) if new else ("attach",)
        return Terminal([shutil.which("tmux") or "", *self.server[1:], *words], self.env, size)

    def detach(self) -> None:
        self.run(*self.server, "detach-client")

    def record(self, path: Path) -> None:
        self.run(*self.server, "pipe-pane", f"cat > {path}")

    def kill(self) -> None:
        self.run(*self.server, "kill-server")


class Screen(Multiplexer):
    def attach(self, size: tuple[int, int] = (120, 40), *, new: bool = False) -> Terminal:
        words = ("-S", "modtui", "sh", "-c", self.command) if new else ("-r", "modtui")
        path = shutil.which("screen") or ""
        return Terminal([path, "-U", "-c", "/dev/null", *words], self.env, size)

    def detach(self) -> None:
        self.run("screen", "-d", "modtui")

    def record(self, path: Path) -> None:
        for words in (("logfile", str(path)), ("logfile", "flush", "0"), ("log", "on")):
            self.run("screen", "-S", "modtui", "-X", *words)

    def kill(self) -> None:
        self.run("screen", "-S", "modtui", "-X", "quit")


KINDS = [
    pytest.param(Tmux, marks=needs("tmux"), id="tmux"),
    pytest.param(Screen, marks=needs("screen"), id="screen"),
]


@contextmanager
def session(
    kind: type[Multiplexer], home: Path, rate: int = 0
) -> Iterator[tuple[Multiplexer, Terminal]]:
    """modtui in a multiplexer, at its queue."""
    settle_in(home, Community(rate=rate))
    (home / "s").mkdir(mode=0o700)
    held = kind(home)
    with held.attach(new=True) as terminal:
        try:
            terminal.wait("post 1", 30)
            terminal.settle(0.6)
            yield held, terminal
        finally:
            held.kill()


def rows(terminal: Terminal) -> list[str]:
    """The rows of the list, without numbers; the multiplexer has a line of its own below."""
    return still(terminal)[2:-6]


@pytest.mark.parametrize("kind", KINDS)
def test_after_an_attach_the_screen_is_whole(tmp_path: Path, kind: type[Multiplexer]) -> None:
    with session(kind, tmp_path) as (held, terminal):
        read(terminal)
        terminal.send("jj")
        on_row(terminal, 3)
        terminal.settle(0.6)
        before = rows(terminal)
        held.detach()
        terminal.ended()
        with held.attach() as again:
            again.wait(lambda _: rows(again) == before)
            again.send("j")
            on_row(again, 4)
            again.wait(lambda _: sum(line.startswith("▌") for line in rows(again)) == 1)


@pytest.mark.parametrize("kind", KINDS)
def test_an_attach_from_a_smaller_window_is_painted_for_it(
    tmp_path: Path, kind: type[Multiplexer]
) -> None:
    with session(kind, tmp_path) as (held, terminal):
        held.detach()
        terminal.ended()
        with held.attach((80, 24)) as again:
            again.wait(lambda text: "── row 1 of" in text and "post 1" in text)


@pytest.mark.parametrize("kind", KINDS)
def test_detached_it_goes_on_and_writes_little(tmp_path: Path, kind: type[Multiplexer]) -> None:
    with session(kind, tmp_path, rate=600) as (held, terminal):
        held.detach()
        terminal.ended()
        path, flags = tmp_path / "recorded", flagged(tmp_path)
        held.record(path)
        until(lambda: flagged(tmp_path) >= flags + 40, "intake stands still")
        until(lambda: path.exists() and path.stat().st_size > 0, "nothing is painted")
        assert path.stat().st_size < 20_000


def flagged(home: Path) -> int:
    with sqlite3.connect(home / "modtui" / "state" / "modtui.db") as db:
        return int(db.execute("SELECT count(*) FROM flag").fetchone()[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_killed_is_a_hang_up(tmp_path: Path, kind: type[Multiplexer]) -> None:
    with session(kind, tmp_path) as (held, terminal):
        terminal.send("r")
        terminal.wait("reply to the thread")
        terminal.settle()
        terminal.send("half a sent")
        terminal.wait("half a sent")
        terminal.settle()
        held.kill()
        until(held.gone, "modtui outlives its terminal")
    with sqlite3.connect(tmp_path / "modtui" / "state" / "modtui.db") as db:
        assert db.execute("SELECT text FROM draft").fetchall() == [("half a sent",)]
