"""The way out to the terminal: what it does not take at once, a thread carries; nobody waits."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread

CHUNK = 1024
POLL_MILLISECONDS = 100


class Output(Thread):
    """Carries text to the terminal at `fileno`, in order. `lost` is called, in this thread, when
    the terminal takes no more because it is gone; from then on everything is dropped. What
    `charset` cannot carry, or only with a byte that steers, goes as a likeness or `?`.

    A frame that the terminal has room for is written by whoever brings it: to wake a thread for it
    costs more than the frame. Textual's own thread ends with a traceback where the terminal is
    gone, and then its queue of 30 writes blocks the event loop. SimpleQueue may be put to by a
    signal handler that interrupts a put.
    """

    def __init__(self, fileno: int, lost: Callable[[], None], charset: str = "utf-8") -> None:
        super().__init__(daemon=True, name="modtui-output")
        self._fileno = fileno
        self._lost = lost
        self._charset = charset
        self._sent: Callable[[str], str] = str
        if charset != "utf-8":
            from modtui.domain.charsets import carried

            self._sent = partial(carried, charset=charset)
        self._pieces: SimpleQueue[bytes | None] = SimpleQueue()
        self._given = 0
        self._carried = 0
        self._ending = False
        self._own = _unblocked(fileno)
        self.gone = False

    @property
    def backlog(self) -> int:
        """Bytes that the terminal has not taken yet."""
        return self._given - self._carried

    def write(self, text: str) -> None:
        """Take `text` along; returns at once."""
        if self.gone:
            return
        data = self._sent(text).encode(self._charset, "replace")
        nothing_waits = not self.backlog
        self._given += len(data)
        if nothing_waits:
            data = self._written(data)
        if data:
            self._pieces.put(data)

    def _written(self, data: bytes) -> bytes:
        """Write what the terminal has room for now; return the rest."""
        if self._own is None or self._ending:
            return data
        try:
            done = os.write(self._own, data)
        except OSError:
            # What is wrong with it, if it is not full, the thread will find as well.
            return data
        self._carried += done
        return data[done:]

    def end(self, seconds: float) -> bool:
        """Carry what is left for at most `seconds`; return whether all of it was."""
        self._pieces.put(None)
        if self.is_alive():
            self.join(seconds)
        self._ending = True
        if self.is_alive():
            return False
        own, self._own = self._own, None
        if own is not None:
            os.close(own)
        return True

    def drop(self) -> None:
        """Carry nothing more; a piece that is on its way already still arrives."""
        self._ending = True
        self._pieces.put(None)

    def run(self) -> None:
        """Carry until the end, or until the terminal is gone."""
        handle = self._fileno if self._own is None else self._own
        try:
            while (data := self._pieces.get()) is not None:
                self._carry(handle, data)
                self._carried += len(data)
        except OSError:
            self.gone = True
            self._lost()

    def _carry(self, handle: int, data: bytes) -> None:
        room = select.poll()
        room.register(handle, select.POLLOUT)
        while data and not self._ending:
            if room.poll(POLL_MILLISECONDS):
                with suppress(BlockingIOError):
                    data = data[os.write(handle, data[:CHUNK]) :]


def _unblocked(fileno: int) -> int | None:
    """Open the terminal at `fileno` so that it never waits: who waits in a write holds a lock of
    the kernel's, and nobody could give the terminal back. The shell's own opening stays as it is.
    None where the terminal has no name here, or another owner (su)."""
    try:
        return os.open(os.ttyname(fileno), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return None
