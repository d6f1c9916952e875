"""A real terminal around a program: a pty, an emulated screen, keys, and waiting for what shows."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte

KEYS = {
    "enter": "\r", "esc": "\x1b", "tab": "\t", "space": " ", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "ctrl+s": "\x13", "ctrl+r": "\x12", "ctrl+l": "\x0c",
    "ctrl+q": "\x11", "ctrl+d": "\x04", "ctrl+u": "\x15", "ctrl+c": "\x03", "ctrl+y": "\x19",
}  # fmt: skip


# pyte would print or misread these: kitty keyboard, mode reports, device control strings.
PRIVATE = re.compile(
    rb"\x1b\[\?[0-9;]*m|\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1bP.*?\x1b\\", re.S
)
UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;?<>=$]*|P[^\x1b]*)?$")
ASKED = b"\x1b[6n"


class Timeout(AssertionError):
    """What was waited for never showed; the message holds the screen."""


class Terminal:
    """Runs `argv` in a pty of `size` (columns, rows) and keeps what its screen shows.

    `answers`: it reports where the cursor is when it is asked.
    """

    def __init__(
        self,
        argv: Sequence[str | Path],
        env: Mapping[str, str],
        size: tuple[int, int] = (120, 40),
        cwd: Path | None = None,
        *,
        answers: bool = True,
    ) -> None:
        pid, fd = pty.fork()
        if pid == 0:
            # Before the program can look: a window without a size is taken for one of 80×24.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            # A shell ignores these two for what it starts in the background, as tests may be.
            for number in (signal.SIGINT, signal.SIGQUIT):
                signal.signal(number, signal.SIG_DFL)
            if cwd is not None:
                os.chdir(cwd)
            os.execve(argv[0], [str(part) for part in argv], dict(env))
        self.adopt(pid, fd, size, answers=answers)

    def adopt(self, pid: int, fd: int, size: tuple[int, int], *, answers: bool = True) -> None:
        """Be the terminal of a program that runs already, at `fd`."""
        self.screen = pyte.Screen(*size)
        self.stream = pyte.ByteStream(self.screen)
        self.written = bytearray()
        self.rest = b""
        self.status: int | None = None
        self.answers = answers
        self.pid, self.fd = pid, fd
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        """Give the window another size; the kernel tells the program."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.screen.resize(size[1], size[0])

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def pump(self, seconds: float) -> bool:
        """Read what is there within `seconds`; return whether something came."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.take(data)
        return True

    def take(self, data: bytes) -> None:
        """Show `data`, which came over the line."""
        self.written += data
        data = self.rest + data
        cut = UNFINISHED.search(data)
        self.rest = data[cut.start() :] if cut else b""
        data = data[: len(data) - len(self.rest)]
        self.stream.feed(PRIVATE.sub(b"", data))
        if self.answers:
            self.answer(data.count(ASKED))

    def answer(self, times: int) -> None:
        """Tell `times` times where the cursor is."""
        at = f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R"
        with contextlib.suppress(OSError):
            self.put(at.encode() * times)

    def put(self, data: bytes) -> None:
        """Send `data` to the program."""
        os.write(self.fd, data)

    def send(self, *keys: str) -> None:
        """Type keys: names from KEYS, or plain text."""
        for key in keys:
            self.put(KEYS.get(key, key).encode())

    @property
    def lines(self) -> list[str]:
        """The rows of the screen, padded to its width."""
        # Half of a wide letter that was written over is an empty cell, on which `display` breaks.
        screen, columns = self.screen, range(self.screen.columns)
        rows = (screen.buffer[y] for y in range(screen.lines))
        return ["".join(row[x].data for x in columns) for row in rows]

    @property
    def text(self) -> str:
        """The whole screen, rows stripped on the right."""
        return "\n".join(line.rstrip() for line in self.lines)

    def wait(self, what: Callable[[str], bool] | str, seconds: float = 30) -> str:
        """Wait until the screen holds `what` (text or a test of the text); return the screen."""
        holds = what if callable(what) else (lambda text: what in text)
        until = time.monotonic() + seconds
        while not holds(self.text):
            if time.monotonic() > until:
                raise Timeout(f"not on screen within {seconds} s: {what}\n{self.text}")
            self.pump(0.05)
        return self.text

    def settle(self, quiet: float = 0.3, seconds: float = 5) -> str:
        """Read until nothing came for `quiet` seconds; return the screen."""
        until = time.monotonic() + seconds
        while self.pump(quiet) and time.monotonic() < until:
            pass
        return self.text

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to the program."""
        os.kill(self.pid, number)

    def ended(self, seconds: float = 30) -> int:
        """Wait until the program has ended and all it wrote was read; return its exit code
        (128 + n for signal n)."""
        code = os.waitstatus_to_exitcode(self._reap(seconds, self.pump))
        # What it wrote last may still lie in the line; nothing more comes once nobody has it open.
        while self.pump(0.1):
            pass
        return 128 - code if code < 0 else code

    def hang_up(self, seconds: float = 30) -> int:
        """Close the line, as a lost connection does; return the exit code of the program."""
        os.close(self.fd)
        self.fd = -1
        return os.waitstatus_to_exitcode(self._reap(seconds, time.sleep))

    def _reap(self, seconds: float, between: Callable[[float], object]) -> int:
        """Return the status the program ended with; do `between` from one look to the next."""
        until = time.monotonic() + seconds
        while self.status is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.status = status
            elif time.monotonic() > until:
                raise Timeout(f"still running after {seconds} s\n{self.text}")
            else:
                between(0.02)
        return self.status

    def close(self) -> None:
        """End the program, if it still runs, and give the pty back."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            _, self.status = os.waitpid(self.pid, 0)
        if self.fd >= 0:
            os.close(self.fd)
