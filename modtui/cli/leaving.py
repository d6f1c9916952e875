"""Leaving the app: a drain that goes on without it, and an end that comes in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from _thread import start_new_thread
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modtui.terminal.app import TerminalApp


class Drain:
    """Starts a `modtui drain` that outlives the terminal and ends by itself; once."""

    def __init__(self) -> None:
        self.trouble = ""
        self._started = threading.Lock()

    def __call__(self) -> None:
        if not self._started.acquire(blocking=False):
            return
        try:
            subprocess.Popen(
                [sys.executable, "-m", "modtui", "drain", "--detached"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            self.trouble = error.strerror or str(error)


def tell_nobody() -> None:
    """Let what is told from here on go nowhere: the terminal may be gone, and what is flushed to it
    at exit would change the exit code."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def end_in(seconds: float, code: int, last: Callable[[], None] | None = None) -> threading.Timer:
    """End the process with `code` in `seconds`, whatever it still waits for, with `last` before
    that, unless what is returned is cancelled. What was on its way is then found by who serves its
    account next, as after a crash."""

    def end() -> None:
        try:
            if last is not None:
                last()
        finally:
            os._exit(code)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    # Where no thread is left for it, leaving takes as long as it takes.
    with suppress(RuntimeError):
        timer.start()
    return timer


class Deadline:
    """Ends the process where leaving takes longer than it may: behind a connector that does not
    return, a thread that hangs, or a terminal that takes nothing.

    What was on its way is then found by who serves its account next, as after a crash.
    """

    def __init__(self, app: TerminalApp[Any], drain: Callable[[], None] | None = None) -> None:
        self._app = app
        self._drain = drain
        self._set = False

    def __call__(self, code: int, seconds: float) -> None:
        """End with `code` in `seconds` from now; the first call counts. A signal may call it."""
        if self._set:
            return
        self._set = True
        # A signal may come while a thread is started: what `threading` locks for it is locked then.
        try:
            start_new_thread(self._cut_short, (code, seconds))
        except RuntimeError:
            # There is no thread left: then where this one waits it is woken.
            signal.signal(signal.SIGALRM, lambda *_: self._cut_short(code, 0))
            signal.setitimer(signal.ITIMER_REAL, seconds)

    def _cut_short(self, code: int, seconds: float) -> None:
        time.sleep(seconds)
        try:
            if self._drain is not None:
                self._drain()
            self._app.let_go()
        finally:
            os._exit(code)
