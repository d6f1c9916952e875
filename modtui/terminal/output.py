"""The way out to the terminal: a thread that carries what is written and holds up nobody."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Thread

CHUNK = 1024
POLL_MILLISECONDS = 100


class Output(Thread):
    """Carries text to the terminal at `fileno`, in order. `lost` is called, in this thread, when
    the terminal takes no more because it is gone; from then on everything is dropped. What
    `charset` cannot carry goes as `?`.

    Textual's own thread ends with a traceback there, and then its queue of 30 writes blocks the
    event loop. SimpleQueue may be put to by a signal handler that interrupts a put.
    """

    def __init__(self, fileno: int, lost: Callable[[], None], charset: str = "utf-8") -> None:
        super().__init__(daemon=True, name="modtui-output")
        self._fileno = fileno
        self._lost = lost
        self._charset = charset
        self._texts: SimpleQueue[str | None] = SimpleQueue()
        self._given = 0
        self._carried = 0
        self._ending = False
        self.gone = False

    @property
    def backlog(self) -> int:
        """Characters that the terminal has not taken yet."""
        return self._given - self._carried

    def write(self, text: str) -> None:
        """Take `text` along; returns at once."""
        if not self.gone:
            self._given += len(text)
            self._texts.put(text)

    def end(self, seconds: float) -> bool:
        """Carry what is left for at most `seconds`; return whether all of it was."""
        self._texts.put(None)
        if self.is_alive():
            self.join(seconds)
        self._ending = True
        return not self.is_alive()

    def drop(self) -> None:
        """Carry nothing more; a piece that is on its way already still arrives."""
        self._ending = True
        self._texts.put(None)

    def run(self) -> None:
        """Carry until the end, or until the terminal is gone."""
        try:
            with _unblocked(self._fileno) as handle:
                while (text := self._texts.get()) is not None:
                    self._carry(handle, text.encode(self._charset, "replace"))
                    self._carried += len(text)
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


@contextmanager
def _unblocked(fileno: int) -> Iterator[int]:
    """An opening of the terminal at `fileno` that never waits: who waits in a write holds a lock
    of the kernel's, and nobody could give the terminal back. The shell's own opening stays as it
    is. Where the terminal has no name here, or another owner (su), that one is used."""
    try:
        handle = os.open(os.ttyname(fileno), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        yield fileno
        return
    try:
        yield handle
    finally:
        os.close(handle)
