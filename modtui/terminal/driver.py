"""The driver of Unix terminals: Textual's, for input that need not be UTF-8, and quiet while
another program has the terminal."""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

POLL_SECONDS = 0.1
CHUNK = 4096


class UnixDriver(LinuxDriver):
    """A byte that is not UTF-8 is a replacement character, not the end of the program.

    Textual 8.2.8 decodes strictly: one key of a Latin-1 terminal raises in its input thread. And
    what is painted while it is suspended fills the queue of a writer that has ended, which then
    blocks the event loop for good.
    """

    _handed_over = False

    def write(self, data: str) -> None:
        if not self._handed_over:
            super().write(data)

    def suspend_application_mode(self) -> None:
        super().suspend_application_mode()
        self._handed_over = True

    def resume_application_mode(self) -> None:
        self._handed_over = False
        super().resume_application_mode()

    def run_input_thread(self) -> None:
        """Read and dispatch until the driver stops or the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(POLL_SECONDS):
                    data = os.read(self.fileno, CHUNK)
                    if not data:
                        return
                    text = decode(data)
                    for event in parser.feed(text) if text else ():
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
