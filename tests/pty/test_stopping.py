"""Ctrl+Z and back, and what others did meanwhile."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from tests.pty.community import (
    Community,
    command,
    cursor_row,
    environment,
    leave,
    modtui,
    settle_in,
    told,
)
from tests.pty.modes import CLEAN, modes
from tests.pty.terminal import Terminal
from tests.pty.test_leaving import begun, sent
from tests.pty.test_line import lose, on_row, read, state, still
from tests.pty.test_lost_lines import history, until

PROMPT = "shell>"
BUSY = Community(rate=30_000, threads=2000)
COOKED = "stty -a | tr '\\n' ' ' | grep -q ' icanon .* echo ' && echo cooked $((6*7))\r"


@contextmanager
def shell(home: Path) -> Iterator[Terminal]:
    """A shell with job control, and modtui started by it."""
    env = environment(home, PS1=PROMPT, HISTFILE="/dev/null", INPUTRC="/dev/null")
    argv = ["/bin/bash", "--norc", "--noprofile", "-i"]
    with Terminal(argv, env) as terminal:
        terminal.wait(PROMPT)
        terminal.send(f"bind 'set enable-bracketed-paste off'; {sys.executable} -m modtui\r")
        terminal.wait("post 1", 30)
        terminal.settle(0.6)
        yield terminal


def test_ctrl_z_gives_the_shell_its_terminal_and_fg_the_screen_back(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with shell(tmp_path) as terminal:
        read(terminal)
        terminal.send("jj")
        on_row(terminal, 3)
        terminal.settle(0.6)
        before = still(terminal)
        for _ in range(2):
            terminal.send("\x1a")
            terminal.wait("Stopped")
            terminal.settle()
            assert modes(terminal.written) == CLEAN
            terminal.send(COOKED)
            terminal.wait("cooked 42")
            lose(terminal)
            terminal.send("fg\r")
            terminal.wait(lambda _: still(terminal) == before)
        terminal.settle(0.6)
        terminal.send("ctrl+q")
        terminal.wait(lambda _: modes(terminal.written) == CLEAN)
        terminal.send("exit\r")
        assert terminal.ended() == 0


def test_without_a_shell_to_go_back_to_it_is_not_stopped(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path) as terminal:
        terminal.send("\x1a")
        terminal.wait("there is none to go back to")
        assert state(terminal.pid) != "T"
        assert leave(terminal) == 0


def stopped(terminal: Terminal) -> None:
    terminal.kill(signal.SIGTSTP)
    terminal.wait(lambda _: state(terminal.pid) == "T")
    terminal.settle()
    assert modes(terminal.written) == CLEAN


@contextmanager
def database(home: Path, seconds: float) -> Iterator[sqlite3.Connection]:
    path = home / "modtui" / "state" / "modtui.db"
    with closing(sqlite3.connect(f"file:{path}?mode=rw", timeout=seconds, uri=True)) as db, db:
        yield db


def change(home: Path, sql: str, seconds: float = 10) -> None:
    """Run `sql` on the queue. Raises OperationalError where it stays locked for `seconds`."""
    with database(home, seconds) as db:
        db.execute(sql)


def test_who_took_an_account_over_meanwhile_is_said(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6))
    with modtui(tmp_path) as terminal:
        begun(terminal)
        stopped(terminal)
        # As after half a minute: the lease has run out, and a service takes the account.
        change(tmp_path, "UPDATE lease SET lease_until = 0 WHERE name LIKE 'account:%'")
        argv = [sys.executable, "-m", "modtui", "sync"]
        with subprocess.Popen(argv, env=environment(tmp_path), stdout=subprocess.PIPE) as sync:
            assert sync.stdout is not None
            assert b"harbour" in sync.stdout.readline()
            until_held(tmp_path, str(sync.pid))
            assert sent(tmp_path)
            terminal.kill(signal.SIGCONT)
            terminal.wait("taken over by", 40)
            terminal.send("g", "a")
            terminal.wait("served by")
            sync.terminate()
            assert sync.wait(20) == 0
        assert leave(terminal) == 0
    assert history(tmp_path).count("sending") == 1


def until_held(home: Path, pid: str) -> None:
    """Wait until this process holds the account."""

    def held() -> bool:
        with suppress(sqlite3.OperationalError), database(home, 5) as db:
            rows = db.execute("SELECT owner FROM lease WHERE name LIKE 'account:%'").fetchall()
            return any(f":{pid}:" in owner for (owner,) in rows)
        return False

    until(held, f"{pid} did not take the account")


def test_who_is_stopped_keeps_the_queue_locked_for_nobody(tmp_path: Path) -> None:
    settle_in(tmp_path, BUSY)
    with modtui(tmp_path) as terminal:
        stop_now_and_then(tmp_path, terminal.pid)
        terminal.kill(signal.SIGTERM)
        terminal.ended()


@pytest.mark.parametrize("word", ["sync", "--plain"])
def test_who_is_stopped_without_a_screen_keeps_it_locked_for_nobody(
    tmp_path: Path, word: str
) -> None:
    settle_in(tmp_path, BUSY)
    argv, env = [sys.executable, "-m", "modtui", word], environment(tmp_path)
    # In a group of its own, as a shell starts it: who has no shell to go back to is not stopped.
    nowhere, pipe = subprocess.DEVNULL, subprocess.PIPE
    with subprocess.Popen(argv, env=env, stdin=pipe, stdout=nowhere, process_group=0) as process:
        try:
            stop_now_and_then(tmp_path, process.pid)
        finally:
            process.kill()


def stop_now_and_then(home: Path, pid: int) -> None:
    """Stop a busy process again and again; each time the queue takes a change at once."""
    before = 0
    for _ in range(12):
        until(partial(more_flags, home, before), "nothing more came in")
        os.kill(pid, signal.SIGTSTP)
        until(lambda: state(pid) == "T", "it was not stopped")
        change(home, "UPDATE lease SET lease_until = lease_until", seconds=0)
        before = flags(home)
        os.kill(pid, signal.SIGCONT)


def flags(home: Path) -> int:
    """How many flags are stored."""
    with suppress(sqlite3.OperationalError), database(home, 5) as db:
        return int(db.execute("SELECT count(*) FROM flag").fetchone()[0])
    return 0


def more_flags(home: Path, before: int) -> bool:
    return flags(home) > before


def test_a_lease_that_ran_out_unclaimed_is_taken_again(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(rate=600))
    with modtui(tmp_path) as terminal:
        stopped(terminal)
        change(tmp_path, "UPDATE lease SET lease_until = 0 WHERE name LIKE 'account:%'")
        terminal.kill(signal.SIGCONT)
        until_held(tmp_path, str(terminal.pid))
        terminal.wait("live 1/1", 30)
        assert leave(terminal) == 0


def test_a_claim_taken_over_meanwhile_is_shown(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path) as terminal:
        terminal.settle(0.6)
        terminal.send("c")
        terminal.wait(lambda _: "you" in cursor_row(terminal))
        (mine,) = [t for t in told(tmp_path, "queue")["threads"] if t["claim"]]
        stopped(terminal)
        config = tmp_path / "modtui" / "config.toml"
        config.write_text(config.read_text().replace('"mod-a"', '"mod-b"'))
        assert command(tmp_path, "claim", str(mine["id"]), "--take-over").returncode == 0
        config.write_text(config.read_text().replace('"mod-b"', '"mod-a"'))
        terminal.kill(signal.SIGCONT)
        terminal.wait(lambda text: re.search("^▌.*mod-b", text, re.M) is not None)
        assert leave(terminal) == 0
