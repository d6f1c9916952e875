"""modtui in lines as it is used: on a slow line by digits alone, from a file, and after a kill."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from modtui.cli.linemode import as_meant
from tests.pty.community import ROOT, Community, environment, settle_in, told
from tests.pty.terminal import Terminal, Timeout

BAUD = 9_600
BYTES_A_SECOND = BAUD // 10
QUESTIONS = Community(scene="questions", undo="3s", threads=12)
SHELL = ["/bin/bash", "--norc", "--noprofile", "--noediting", "-i"]
PAGE = ROOT / "docs" / "plain.md"
BEGIN, END = "<!-- session: made by `make walks` -->\n", "<!-- /session -->"
WALK = """# A shift in lines, by digits alone

What is heard in a terminal of 80 cells at 9,600 baud: five threads answered, a channel slowed, a
thread escalated, a reply taken back. What was typed stands after each question.
"""
STEERING = re.compile(rb"[\x00-\x06\x08\x09\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]")


class Serial(Terminal):
    """A terminal on a serial line: it takes 9,600 bits a second, and what it is sent comes as
    slowly."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.mark = 0
        self.typed: list[str] = []
        self.free_at = time.monotonic()

    def pump(self, seconds: float) -> bool:
        before = len(self.written)
        came = super().pump(seconds)
        taken = len(self.written) - before
        self.free_at = max(self.free_at, time.monotonic()) + taken / BYTES_A_SECOND
        # The pace of the line itself, not a wait for something to happen.
        time.sleep(max(self.free_at - time.monotonic(), 0))
        return came

    def line(self, typed: str) -> None:
        """Type a line."""
        self.mark = len(self.written)
        self.typed.append(typed)
        self.put(typed.encode() + b"\n")

    def hear(self, what: str, seconds: float = 30) -> str:
        """Read on until `what` was said since the last line that was typed; return all since."""
        until = time.monotonic() + seconds
        while what not in (said := self.said()):
            if time.monotonic() > until:
                raise Timeout(f"not said within {seconds} s: {what}\n{said}")
            self.pump(0.05)
        return said

    def said(self) -> str:
        """What came since the last line that was typed."""
        return self.written[self.mark :].decode("utf-8", "ignore").replace("\r\n", "\n")

    def tell(self, typed: str, what: str) -> str:
        """Type a line and read on until `what` is said."""
        self.line(typed)
        return self.hear(what)


@contextmanager
def serial(home: Path, *words: str) -> Iterator[Serial]:
    """modtui in lines in a terminal, up to its first question."""
    argv = [sys.executable, "-m", "modtui", "--plain", *words]
    with Serial(argv, environment(home), (80, 24)) as line:
        line.hear("0 other:")
        yield line


def waiting(said: str) -> str:
    """The digit of the first thread on the page that is to be done and that nobody holds."""
    # A thread is one line, which the terminal's width broke.
    page = re.sub(r"\n(?!\d+\. |Queue)", " ", said)
    for row in re.findall(r"^(\d)\. (.*)$", page, re.M):
        if "nobody holds it" in row[1] and not re.search("sending|waiting|done|NOW", row[1]):
            return str(row[0])
    raise AssertionError(f"nothing to do here:\n{said}")


def answered(line: Serial, page: str) -> str:
    """Answer the first thread that waits with its first quick reply; return the next page."""
    line.tell(waiting(page), "Thread, 1 to 9, 0 back:")
    line.tell("1", "0 back:")
    line.tell("1", "What now?\n1. send it")
    line.hear("0 back:")
    line.tell("1", "goes on:")
    return line.tell("0", "0 other:")


def sent(home: Path, kind: str, seconds: float = 90) -> list[dict[str, Any]]:
    """The deliveries of a kind, once none of them is on its way."""
    until = time.monotonic() + seconds
    while True:
        rows = [r for r in told(home, "deliveries")["deliveries"] if r["kind"] == kind]
        if all(row["state"] not in ("held", "queued", "sending") for row in rows):
            return rows
        assert time.monotonic() < until, rows


def worked(home: Path) -> Serial:
    """A whole shift by digits: five answers, slow mode, an escalation, and one taken back."""
    with serial(home) as line:
        page = line.said()
        for _ in range(5):
            page = answered(line, page)
        line.tell(waiting(page), "Thread, 1 to 9, 0 back:")
        line.tell("7", "0 back:")
        line.tell("2", "For how long?")
        line.hear("0 back:")
        line.tell("2", "The reason")
        line.hear("0 back:")
        line.tell("1", "1 does it")
        line.tell("1", "goes on:")
        line.tell("0", "Thread, 1 to 9, 0 back:")
        line.tell("6", "Escalate to which team?")
        line.hear("0 back:")
        line.tell("1", "The note to the team:")
        line.hear("0 back:")
        line.tell("1", "1 escalates it")
        line.tell("1", "goes on:")
        page = line.tell("0", "0 other:")
        line.tell(waiting(page), "Thread, 1 to 9, 0 back:")
        line.tell("1", "0 back:")
        line.tell("1", "What now?\n1. send it")
        line.hear("0 back:")
        line.tell("1", "goes on:")
        assert "Taken back: reply, on " in line.tell("1", "0 back:").replace("\n", " ")
        line.tell("0", "0 other:")
        line.line("q")
        assert left(line) == 0
        return line


def left(line: Serial) -> int:
    """Wait for the end after `q`, and leave all the same if that is asked; return the code."""
    for _ in range(30):
        try:
            return line.ended(1)
        except Timeout:
            if "Leave all the same?" in line.said():
                line.line("1")
    return line.ended()


def test_a_shift_on_a_serial_line_by_digits_alone(tmp_path: Path) -> None:
    settle_in(tmp_path, QUESTIONS)
    line = worked(tmp_path)
    assert all(typed.isdecimal() for typed in line.typed[:-2])
    assert STEERING.findall(line.written) == []
    replies = sent(tmp_path, "reply")
    assert [row["state"] for row in replies].count("sent") == 5
    assert [row["state"] for row in replies].count("cancelled") == 1
    assert [row["state"] for row in sent(tmp_path, "slow_mode")].count("sent") >= 1
    states = [thread["state"] for thread in told(tmp_path, "queue")["threads"]]
    assert states.count("escalated") == 1
    if folder := os.environ.get("MODTUI_WALKS"):
        heard = line.written.decode().replace("\r\n", "\n").replace("\a", "").strip()
        (Path(folder) / "k-in-lines.md").write_text(f"{WALK}\n```\n{heard}\n```\n", "utf-8")


def test_the_page_shows_a_session_as_it_is(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="questions", undo="3s", threads=4))
    done = plain(tmp_path, "3\n1\n1\n1\n1\n0\nq\n")
    assert done.returncode == 0, done.stderr
    session = done.stdout.decode().replace("\a", "").strip()
    text = PAGE.read_text("utf-8")
    assert (text.count(BEGIN), text.count(END)) == (1, 1)
    head, _, rest = text.partition(BEGIN)
    shown, _, tail = rest.partition(END)
    if os.environ.get("MODTUI_WALKS") == str(PAGE.parent / "walks"):
        PAGE.write_text(f"{head}{BEGIN}```\n{session}\n```\n{END}{tail}", "utf-8")
    else:
        assert timeless(session) == timeless(shown.replace("```", "")), "make walks records it"


def timeless(session: str) -> list[str]:
    """The lines of a session without the numbers and spans of time in them."""
    words = re.sub(r"\d+:\d\d|\d+( (day|hour|minute|second)s?)?", "N", session.strip())
    return re.sub(r"N( N)+", "N", words).splitlines()


def plain(home: Path, script: str) -> subprocess.CompletedProcess[bytes]:
    """modtui in lines with its answers from a file."""
    path = home / "script"
    path.write_text(script, "utf-8")
    with path.open() as lines:
        return subprocess.run(
            [sys.executable, "-m", "modtui", "--plain"], env=environment(home), stdin=lines,
            capture_output=True, check=False, timeout=60,
        )  # fmt: skip


def test_a_session_from_a_file_is_a_log_of_itself(tmp_path: Path) -> None:
    settle_in(tmp_path, QUESTIONS)
    done = plain(tmp_path, "1\n1\n1\n1\n0\n1\n5\n1\n0\n")
    assert done.returncode == 0, done.stderr
    assert STEERING.findall(done.stdout) == []
    log = done.stdout.decode()
    assert "Queue, 1 to 9, 0 other: 1\n" in log
    assert "Pending, 3 seconds to take it back: reply to " in log
    assert len(sent(tmp_path, "reply")) == 1


def test_a_log_that_finds_no_room_says_so_beside_it(tmp_path: Path) -> None:
    settle_in(tmp_path, QUESTIONS)
    with Path("/dev/full").open("wb") as nowhere:
        done = subprocess.run(
            [sys.executable, "-m", "modtui", "--plain"],
            env=environment(tmp_path), input=b"1\n0\n", stdout=nowhere, stderr=subprocess.PIPE,
            check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 129
    said = b"modtui: what was to be told found no room: No space left on device\n"
    assert done.stderr == said


def test_a_kill_in_the_middle_of_a_text_loses_nothing(tmp_path: Path) -> None:
    settle_in(tmp_path, QUESTIONS)
    with serial(tmp_path) as line:
        page = answered(line, line.said())
        line.tell(waiting(page), "Thread, 1 to 9, 0 back:")
        line.tell("2", "ends it.")
        line.line("A line that was finished,")
        line.line("and a second one")
        written_down(tmp_path, "A line that was finished,\nand a second one")
        line.kill(signal.SIGKILL)
        assert line.ended() == 137
    argv = [sys.executable, "-m", "modtui", "--plain"]
    with Serial(argv, environment(tmp_path), (80, 24)) as line:
        said = line.hear("0 back:")
        assert "Welcome back. Your last session was cut short" in said
        assert "go on writing" in said
        said = line.tell("1", "1. go on with it")
        assert "A line that was finished,\nand a second one" in said
        line.tell("q", "0 other:")
        rows = [row for row in told(tmp_path, "deliveries")["deliveries"] if row["kind"] == "reply"]
        assert [row["state"] for row in rows] in (["held"], ["queued"], ["sending"], ["sent"])


def written_down(home: Path, text: str, seconds: float = 30) -> None:
    """Wait until the draft is in the queue's file."""
    until = time.monotonic() + seconds
    (path,) = (home / "modtui").rglob("modtui.db")
    while True:
        with sqlite3.connect(path) as db:
            rows = db.execute("SELECT text FROM draft").fetchall()
        if rows == [(text,)]:
            return
        assert time.monotonic() < until, rows


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143)], ids=["hup", "term"]
)
def test_signals_leave_in_order(tmp_path: Path, number: int, code: int) -> None:
    settle_in(tmp_path, QUESTIONS)
    with serial(tmp_path) as line:
        line.kill(number)
        assert line.ended() == code


def test_a_lost_line_and_the_end_of_input_leave(tmp_path: Path) -> None:
    settle_in(tmp_path, QUESTIONS)
    with serial(tmp_path) as line:
        assert line.hang_up() in (0, 129)
    with serial(tmp_path) as line:
        line.put(b"\x04")
        assert line.ended() == 0


def test_a_question_is_said_again_after_a_pause(tmp_path: Path) -> None:
    settle_in(tmp_path, QUESTIONS)
    env = environment(tmp_path, PS1="shell>", HISTFILE="/dev/null")
    with Serial(SHELL, env, (80, 24)) as line:
        line.hear("shell>")
        line.tell(f"{sys.executable} -m modtui --plain", "0 other:")
        for what in ("0 other:", "Go on with the text. A line with only a full stop ends it.\n"):
            line.mark = len(line.written)
            line.put(b"\x1a")
            line.hear("Stopped")
            line.tell("fg", what)
            if what == "0 other:":
                line.tell("1", "Thread, 1 to 9, 0 back:")
                line.tell("2", "ends it.\n")
        line.tell("half a sentence", "half a sentence")
        written_down(tmp_path, "half a sentence")
        line.mark = len(line.written)
        line.put(b"\x04")
        line.hear("Not sent; the draft is kept.\n")
        line.hear("shell>")
        line.line("exit")
        assert line.ended() == 0


@pytest.mark.parametrize("echoes", [True, False])
def test_a_line_that_was_left_raw_is_read_in_lines_and_left_as_it_was(
    tmp_path: Path, echoes: bool
) -> None:
    settle_in(tmp_path, QUESTIONS)
    env = environment(tmp_path, PS1="shell>", HISTFILE="/dev/null")
    with Serial(SHELL, env, (80, 24)) as line:
        line.hear("shell>")
        raw = f"stty raw {'echo' if echoes else '-echo'}"
        modtui = f"{sys.executable} -m modtui --plain"
        line.line(f"{raw}; stty -g; {modtui}; stty -g; stty sane; exit")
        line.hear("0 other:")
        line.mark = len(line.written)
        # Another digit and Backspace, as either kind of terminal sends it.
        line.put(b"2\x083\x7f1\r")
        line.hear("Thread, 1 to 9, 0 back:")
        assert b"\n" not in line.written[line.mark :].replace(b"\r\n", b"")
        assert b"\n1. quick reply" in line.written[line.mark :]
        line.mark = len(line.written)
        line.put(b"0\r")
        line.hear("0 other:")
        line.put(b"\x04")
        assert line.ended() == 0
        before, after = re.findall(rb"[0-9a-f]+(?::[0-9a-f]+){20,}", line.written)
        assert before == after


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("2\b1", "1"), ("21\x7f\x7f", ""), ("\b\bq", "q"), ("как\bт", "кат"), ("1", "1")],
)
def test_what_was_taken_back_in_a_line_is_not_in_it(typed: str, meant: str) -> None:
    assert as_meant(typed) == meant


def test_ctrl_c_never_quits(tmp_path: Path) -> None:
    settle_in(tmp_path, QUESTIONS)
    with serial(tmp_path) as line:
        line.tell("1", "Thread, 1 to 9, 0 back:")
        line.mark = len(line.written)
        line.put(b"\x03")
        line.hear("0 other:")
        line.line("q")
        assert line.ended() == 0


def test_practice_and_looking_say_so(tmp_path: Path) -> None:
    settle_in(tmp_path, QUESTIONS)
    with serial(tmp_path, "--practice") as line:
        assert "Practice, nothing is sent." in line.said()
    with serial(tmp_path, "--read-only") as line:
        assert "Read-only." in line.said()
