"""A line that is typed without being shown, and a terminal that shows again what is typed, however
the question ends or is left for a while."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
from types import FrameType
from typing import Any

import click

from modtui.cli import plain
from modtui.cli.exits import Exit, Failure

_ENDS = (signal.SIGHUP, signal.SIGTERM)
_FLAGS = 3


def ask_hidden(words: str, *, err: bool = False) -> str:
    """Ask for `words` without echo; return what was typed, "" for Enter alone. Raises click.Abort
    at Ctrl+C, SystemExit at a signal that ends the process."""
    with _Hidden(words):
        while True:
            try:
                typed: str = click.prompt(
                    words, hide_input=True, default="", show_default=False, err=err
                )
            except UnicodeDecodeError:
                plain.warn("what was typed is not text in the charset of this terminal")
            else:
                return typed


def next_line() -> str:
    """Return the next line of stdin, "" at its end. Raises Failure where it is not text."""
    try:
        line = sys.stdin.readline().rstrip("\r\n")
        # Where the locale says nothing of a charset, odd bytes come as halves of pairs.
        line.encode()
    except UnicodeError:
        raise Failure(Exit.USAGE, "what came on stdin is not text; nothing was saved") from None
    return line


class _Hidden:
    """The time of a question. Who stops the process gets a terminal that shows what is typed; who
    goes on with it, in a shell that left the echo on, types without it and reads `words` again."""

    def __init__(self, words: str) -> None:
        self._again = f"{words}: ".encode()
        self._handlers: dict[signal.Signals, Any] = {}
        self._tty, self._before = -1, list[Any]()

    def __enter__(self) -> None:
        with contextlib.suppress(OSError, termios.error):
            self._tty = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
            self._before = termios.tcgetattr(self._tty)
        wanted = dict.fromkeys(_ENDS, _leave)
        if self._before:
            wanted |= {signal.SIGTSTP: self._stop, signal.SIGCONT: self._go_on}
            # A Ctrl+\ is typed blindly as well, and would leave the echo off.
            wanted[signal.SIGQUIT] = self._stop
        for number, handler in wanted.items():
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._handlers[number] = signal.signal(number, handler)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self._before:
            with contextlib.suppress(termios.error):
                if termios.tcgetattr(self._tty) != self._before:
                    termios.tcsetattr(self._tty, termios.TCSADRAIN, self._before)
        if self._tty >= 0:
            os.close(self._tty)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Show what is typed, and do what the signal does to a process that does not hear it."""
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._tty, termios.TCSADRAIN, self._before)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, self._stop)

    def _go_on(self, number: int, frame: FrameType | None) -> None:
        # In the background this stops us once more, and is done when we are back.
        with contextlib.suppress(OSError, termios.error):
            hidden = list(self._before)
            hidden[_FLAGS] &= ~termios.ECHO
            termios.tcsetattr(self._tty, termios.TCSAFLUSH, hidden)
            os.write(self._tty, self._again)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
