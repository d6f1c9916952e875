"""Lines that break: signals, a line that is gone or stuck, and platforms that do not answer."""

from __future__ import annotations

import os
import pty
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modtui.terminal.app import LEAVE_ON
from tests.pty.community import Community, environment, leave, modtui, settle_in, told
from tests.pty.modes import CLEAN, attributes, modes
from tests.pty.terminal import Terminal
from tests.pty.test_leaving import begun, sent
from tests.pty.test_line import lose, still

SIGNALS = {
    "hup": (signal.SIGHUP, 129),
    "term": (signal.SIGTERM, 143),
    "int": (signal.SIGINT, 130),
    "quit": (signal.SIGQUIT, 131),
}
BOUND = 2.0
"""Seconds in which modtui is gone."""

# A fake platform of ours: it takes a delivery and never answers, in each way there is.
HANGS = {
    "waits": "await asyncio.Event().wait()",
    "blocks a thread": "await asyncio.to_thread(time.sleep, 60)",
    "ignores being cancelled": """
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass
""",
}
LAUNCH = """
import asyncio, sys, time
from modtui.connectors.demo.connector import Demo
async def hang(self, *rest):
    {how}
{what}
from modtui.cli import main
sys.argv = {argv}
main()
"""
AGAIN = "os.execv(sys.executable, [sys.executable, '-m', 'modtui'])"
TAKES = "Demo.perform = hang"


def launched(how: str, what: str = TAKES, words: tuple[str, ...] = ()) -> list[str | Path]:
    program = LAUNCH.format(how=HANGS[how].strip(), what=what, argv=["modtui", *words])
    return [sys.executable, "-c", program]


def drafts(home: Path) -> list[str]:
    """The texts of the drafts in the store."""
    with sqlite3.connect(home / "modtui" / "state" / "modtui.db") as db:
        return [text for (text,) in db.execute("SELECT text FROM draft")]


def writing(terminal: Terminal) -> None:
    """Open the reply box."""
    terminal.settle(0.6)
    terminal.send("r")
    terminal.wait("reply to the thread")
    terminal.settle()


def until(what: Callable[[], bool], why: str, seconds: float = 30) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.05)


@contextmanager
def quickly(seconds: float = BOUND) -> Iterator[None]:
    """What is inside takes no longer than modtui may take to be gone."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds + 0.3


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("how", ["diff", "plain"])
def test_a_signal_saves_the_draft_and_gives_the_terminal_back(
    tmp_path: Path, name: str, how: str
) -> None:
    settle_in(tmp_path)
    number, code = SIGNALS[name]
    more = {"MODTUI_NO_DIFF": "1"} if how == "plain" else {}
    argv = [sys.executable, "-m", "modtui"]
    with Terminal(argv, environment(tmp_path, **more), (80, 24)) as terminal:
        before = attributes(terminal.fd)
        terminal.wait("post 1", 30)
        assert attributes(terminal.fd) != before
        writing(terminal)
        terminal.send("half a sent")
        terminal.wait("half a sent")
        with quickly():
            terminal.kill(number)
            assert terminal.ended() == code
        # A caller waits for who dies by the signal it sent to abort.
        assert terminal.status is not None
        assert os.WIFSIGNALED(terminal.status) == (number == signal.SIGQUIT)
        terminal.pump(0)
        assert modes(terminal.written) == CLEAN
        assert attributes(terminal.fd) == before
    assert drafts(tmp_path) == ["half a sent"]


def test_killed_while_typing_at_most_a_second_of_it_is_lost(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        writing(terminal)
        typed: list[tuple[float, str]] = []
        began = time.monotonic()
        while time.monotonic() - began < 3:
            letter = "abcdefghij"[len(typed) % 10]
            terminal.send(letter)
            typed.append((time.monotonic(), letter))
            terminal.pump(0.03)
        ended = time.monotonic()
        terminal.kill()
        assert terminal.ended() == 137
    whole = "".join(letter for _, letter in typed)
    (kept,) = drafts(tmp_path)
    assert whole.startswith(kept)
    assert [at for at, _ in typed[len(kept) :]][:1] >= [ended - 1.0]


DIALOGS = {
    "m": ("Note for the team on", "Enter keeps the note", ""),
    "e": ("Escalate", "Enter escalates", ""),
    "s": ("slow mode in", "Enter sets", "tab tab"),
}
"""What is typed in, by its key: how it is called, what it shows, and how one comes to its box."""


def written(shelf: Path) -> str:
    """What lies on the shelf of what was not done."""
    return "".join(path.read_text() for path in shelf.glob("*/written.txt"))


@pytest.mark.parametrize("key", DIALOGS)
@pytest.mark.parametrize("how", ["killed", "hangs up"])
def test_what_was_typed_into_a_dialog_is_there_again(tmp_path: Path, key: str, how: str) -> None:
    settle_in(tmp_path, Community(undo="0s"))
    called, shows, ways = DIALOGS[key]
    shelf = tmp_path / "modtui" / "state" / "editing"

    def opened(terminal: Terminal) -> None:
        terminal.settle(0.6)
        terminal.send(key)
        terminal.wait(shows)
        terminal.settle()

    with modtui(tmp_path, (80, 24)) as terminal:
        opened(terminal)
        for way in ways.split():
            terminal.send(way)
            terminal.settle()
        terminal.send(" asked him twice")
        terminal.wait("asked him twice")
        if how == "killed":
            until(lambda: written(shelf).endswith("asked him twice\n"), "it is not written down")
            terminal.kill()
            assert terminal.ended() == 137
        else:
            assert terminal.hang_up() == 129
    with modtui(tmp_path, (80, 24)) as terminal:
        terminal.wait(f"perhaps not done, its key shows it again: {called}")
        opened(terminal)
        terminal.wait("asked him twice")
        terminal.send("enter")
        until(lambda: list(shelf.iterdir()) == [], "it was not taken")
        assert leave(terminal) == 0
    with sqlite3.connect(tmp_path / "modtui" / "state" / "modtui.db") as db:
        assert any("asked him twice" in line for line in db.iterdump())


@pytest.mark.parametrize("how", HANGS)
@pytest.mark.parametrize("name", ["hup", "term"])
def test_a_delivery_in_flight_is_left_unknown_and_found_out_about(
    tmp_path: Path, how: str, name: str
) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6, undo="0s"))
    number, code = SIGNALS[name]
    with Terminal(launched(how), environment(tmp_path), (80, 24)) as terminal:
        terminal.wait("post 1", 30)
        terminal.settle(0.6)
        terminal.send("1")
        terminal.wait("Enter sends")
        terminal.settle(0.6)
        terminal.send("enter")
        terminal.wait(lambda _: [r["state"] for r in rows(tmp_path)] == ["sending"])
        with quickly():
            terminal.kill(number)
            assert terminal.ended() == code
        terminal.pump(0)
        assert modes(terminal.written) == CLEAN
    assert sent(tmp_path)
    states = history(tmp_path)
    assert "unknown" in states
    assert states[-1] == "sent"


def rows(home: Path) -> list[dict[str, object]]:
    return list(told(home, "deliveries")["deliveries"])


def history(home: Path) -> list[str]:
    """The states that the deliveries went through."""
    with sqlite3.connect(home / "modtui" / "state" / "modtui.db") as db:
        return [state for (state,) in db.execute("SELECT after FROM delivery_event ORDER BY id")]


@pytest.mark.parametrize("how", HANGS)
def test_a_connector_that_hangs_when_it_is_closed_keeps_nobody(tmp_path: Path, how: str) -> None:
    settle_in(tmp_path)
    argv = launched(how, "Demo.aclose = hang")
    with Terminal(argv, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait("post 1", 30)
        terminal.settle()
        with quickly():
            terminal.kill(signal.SIGTERM)
            assert terminal.ended() == 143
        terminal.pump(0)
        assert modes(terminal.written) == CLEAN


def test_a_drain_that_cannot_start_is_said_and_keeps_nobody(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6, undo="5m"))
    argv = launched("waits", "sys.executable = '/nowhere/python'")
    with Terminal(argv, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait("post 1", 30)
        begun(terminal)
        terminal.settle()
        with quickly():
            terminal.kill(signal.SIGTERM)
            assert terminal.ended() == 143
        terminal.pump(0)
        assert b"deliveries wait for the next start" in terminal.written
    assert [row["state"] for row in rows(tmp_path)] == ["queued"]


def test_while_it_starts_a_signal_leaves_no_mode_on(tmp_path: Path) -> None:
    settle_in(tmp_path)
    argv = [sys.executable, "-m", "modtui"]
    with Terminal(argv, environment(tmp_path), (80, 24)) as terminal:
        before = attributes(terminal.fd)
        until = time.monotonic() + 30
        while b"\x1b[?1049h" not in terminal.written and time.monotonic() < until:
            terminal.pump(0.01)
        with quickly():
            terminal.kill(signal.SIGTERM)
            assert terminal.ended() == 143
        terminal.pump(0)
        assert modes(terminal.written) == CLEAN
        assert attributes(terminal.fd) == before


def test_who_ignores_a_quit_goes_on_ignoring_it(tmp_path: Path) -> None:
    settle_in(tmp_path)
    ignoring = f"import os, signal, sys; signal.signal(signal.SIGQUIT, signal.SIG_IGN); {AGAIN}"
    with Terminal([sys.executable, "-c", ignoring], environment(tmp_path), (80, 24)) as terminal:
        terminal.wait("post 1", 30)
        terminal.settle()
        terminal.kill(signal.SIGQUIT)
        terminal.send("g", "l")
        terminal.wait("N new", 30)
        assert leave(terminal) == 0


def test_of_many_signals_the_first_counts(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        with quickly():
            for number in (*reversed(LEAVE_ON), signal.SIGTERM):
                terminal.kill(number)
                terminal.pump(0.01)
            code = terminal.ended()
        assert code in (143, 129, 130, 131)
        terminal.pump(0)
        assert modes(terminal.written) == CLEAN


@contextmanager
def without_hang_up(
    home: Path, argv: list[str | Path]
) -> Iterator[tuple[subprocess.Popen[bytes], Terminal]]:
    """modtui on a terminal that is not its controlling one, SIGHUP ignored: nothing tells it that
    the line is gone but the line itself."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        env=environment(home, COLUMNS="80", LINES="24"),
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    os.close(slave)
    terminal = Terminal.__new__(Terminal)
    terminal.adopt(process.pid, master, (80, 24))
    try:
        yield process, terminal
    finally:
        process.kill()
        process.wait()
        if terminal.fd >= 0:
            os.close(terminal.fd)


def spent() -> float:
    """CPU seconds of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("more", [{}, {"MODTUI_NO_DIFF": "1"}], ids=["diff", "plain"])
def test_a_line_that_is_gone_without_a_signal_is_left(
    tmp_path: Path, more: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settle_in(tmp_path)
    argv: list[str | Path] = [sys.executable, "-m", "modtui"]
    with without_hang_up(tmp_path, argv) as (process, terminal):
        terminal.wait("post 1", 30)
        writing(terminal)
        terminal.send("half a sent")
        terminal.wait("half a sent")
        before, used = spent(), used_by(process.pid)
        with quickly():
            os.close(terminal.fd)
            terminal.fd = -1
            assert process.wait(10) == 129
        assert spent() - before - used < 1.0
    assert drafts(tmp_path) == ["half a sent"]


def used_by(pid: int) -> float:
    """CPU seconds of a running process (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stuck(terminal: Terminal, home: Path, flags: int) -> None:
    """The terminal reads nothing while `flags` come in and keys are typed."""
    began, first = used_by(terminal.pid), count(home)

    def enough() -> bool:
        terminal.send("j")
        return count(home) >= first + flags

    until(enough, "intake stands still")
    assert used_by(terminal.pid) - began < 20


@pytest.mark.parametrize("more", [{}, {"MODTUI_NO_DIFF": "1"}], ids=["diff", "plain"])
def test_a_terminal_that_takes_nothing_stops_nothing(tmp_path: Path, more: dict[str, str]) -> None:
    settle_in(tmp_path, Community(rate=600))
    with modtui(tmp_path, **more) as terminal:
        stuck(terminal, tmp_path, 60)
        with quickly():
            terminal.kill(signal.SIGTERM)
            code = os.waitstatus_to_exitcode(terminal._reap(10, time.sleep))
        assert code == 143
        while terminal.pump(0.1):
            pass
        assert b"\x1b[?1049l" in terminal.written[-400:]
        assert modes(terminal.written) == CLEAN


@pytest.mark.parametrize("more", [{}, {"MODTUI_NO_DIFF": "1"}], ids=["diff", "plain"])
def test_a_terminal_that_takes_something_again_is_painted(
    tmp_path: Path, more: dict[str, str]
) -> None:
    settle_in(tmp_path, Community(rate=300))
    with modtui(tmp_path, **more) as terminal:
        stuck(terminal, tmp_path, 60)
        terminal.send("g", "l")
        terminal.wait("N new", 30)
        terminal.settle(1.0)
        # Its first line counts what comes in.
        before = still(terminal)[1:]
        lose(terminal)
        terminal.send("ctrl+l")
        terminal.wait(lambda _: still(terminal)[1:] == before)


def count(home: Path) -> int:
    """How many flags came in."""
    with sqlite3.connect(home / "modtui" / "state" / "modtui.db") as db:
        return int(db.execute("SELECT count(*) FROM flag").fetchone()[0])
