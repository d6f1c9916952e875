"""A machine that gives no more memory or threads: one clear line, and the terminal given back."""

from __future__ import annotations

import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from modtui.domain.trouble import NO_MEMORY
from tests.pty.community import ROOT, Community, environment, settle_in
from tests.pty.modes import attributes, modes
from tests.pty.terminal import Terminal
from tests.pty.test_bad_days import begin_a_reply
from tests.pty.test_lost_lines import drafts

MEGABYTE = 2**20
THREADS = """
import _thread, sys
left, start = int(sys.argv.pop(1)), _thread.start_new_thread

def some(*args, **named):
    global left
    if left <= 0:
        raise RuntimeError("can't start new thread")
    left -= 1
    return start(*args, **named)

_thread.start_new_thread = _thread.start_new = some
from modtui.cli import main
main()
"""
BREAKS = """
import os, sys
from modtui.steady import SteadyApp
there = sys.argv.pop(1)

def look(self):
    if os.path.exists(there):
        raise MemoryError

SteadyApp._mind_settings = look
from modtui.cli import main
main()
"""
COMMANDS = ("sync --once", "drain", "--plain", "queue --json", "doctor")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bounded")
    settle_in(folder, Community(rate=0))
    return folder


def by(program: str, home: Path, *args: str) -> Terminal:
    return Terminal((sys.executable, "-c", program, *args), environment(home), (100, 30), ROOT)


def ended(terminal: Terminal, before: list[object]) -> tuple[int, int]:
    """Return the exit code and how often the line was said; nothing else was, and the terminal is
    as it was."""
    code, written = terminal.ended(), bytes(terminal.written)
    assert b"Traceback" not in written
    assert b"Fatal Python error" not in written
    assert modes(written).private == frozenset()
    assert attributes(terminal.fd) == before
    return code, written.count(f"modtui: {NO_MEMORY}".encode())


def opened(program: str, home: Path, *args: str) -> tuple[Terminal, list[object]]:
    argv = (sys.executable, "-c", program, *args)
    terminal = Terminal(argv, environment(home), (100, 30), ROOT)
    return terminal, attributes(terminal.fd)


@pytest.mark.parametrize("threads", range(8))
def test_the_app_without_threads_ends_with_a_line_or_goes_on(home: Path, threads: int) -> None:
    terminal, before = opened(THREADS, home, str(threads))
    with terminal:
        terminal.wait(lambda text: "live 1/1" in text or "this machine gives" in text)
        with suppress(OSError):
            terminal.send("ctrl+q")
        how = ended(terminal, before)
        assert how in ((0, 0), (4, 1)), terminal.text


def test_what_breaks_for_want_of_memory_ends_the_app_in_order(home: Path, tmp_path: Path) -> None:
    terminal, before = opened(BREAKS, home, str(tmp_path / "there"))
    with terminal:
        terminal.wait("post 1")
        begin_a_reply(terminal, "half a sentence")
        terminal.wait("half a sentence")
        (tmp_path / "there").touch()
        assert ended(terminal, before) == (4, 1)
    assert drafts(home) == ["half a sentence"]


@pytest.mark.parametrize("threads", range(6))
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_threads_ends_with_a_line_or_is_done(
    home: Path, command: str, threads: int
) -> None:
    argv = (sys.executable, "-c", THREADS, str(threads), *command.split())
    done = run(argv, home)
    lines = done.stderr.splitlines()
    assert (done.returncode, len(lines)) in ((0, 0), (4, 1)), done.stderr
    assert all(line.startswith("modtui: ") and line.endswith(NO_MEMORY) for line in lines)


@pytest.mark.parametrize("command", [*COMMANDS, "status", "show 1"])
@pytest.mark.parametrize("megabytes", [45, 60, 75])
def test_a_command_in_little_memory_ends_with_a_line_or_is_done(
    home: Path, command: str, megabytes: int
) -> None:
    done = run((sys.executable, "-m", "modtui", *command.split()), home, megabytes)
    assert (done.returncode, len(done.stderr.splitlines())) in ((0, 0), (4, 1)), done.stderr


@pytest.mark.parametrize("megabytes", [150, 200])
def test_the_app_works_in_a_bounded_memory(home: Path, megabytes: int) -> None:
    with bounded(home, megabytes) as terminal:
        terminal.wait("live 1/1")
        for key, shown in (("s", "Status"), ("l", "entries ·"), ("q", "post 1")):
            terminal.send("g", key)
            terminal.wait(lambda text, shown=shown: shown.lower() in text.lower())
        terminal.send("ctrl+q")
        assert terminal.ended() == 0


def test_the_app_does_not_begin_where_it_could_not_go_on(home: Path) -> None:
    with bounded(home, 70) as terminal:
        assert terminal.ended() == 4
        assert b"\x1b" not in terminal.written
        said = "modtui: a session may use too little memory here: it takes 64 MB beside"
        assert terminal.text.startswith(said)


def bounded(home: Path, megabytes: int) -> Terminal:
    line = f"ulimit -v {megabytes * 1024}; exec {sys.executable} -m modtui"
    return Terminal(("/bin/sh", "-c", line), environment(home), (100, 30), ROOT)


def run(
    argv: tuple[str, ...], home: Path, megabytes: int | None = None
) -> subprocess.CompletedProcess[str]:
    def bound() -> None:
        if megabytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE,) * 2)

    return subprocess.run(
        argv, env=environment(home), cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False, timeout=60, preexec_fn=bound,
    )  # fmt: skip
