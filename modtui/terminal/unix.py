"""The driver of Unix terminals: Textual's, that outlives bad bytes and bad lines."""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import signal
import termios
from codecs import getincrementaldecoder
from time import monotonic
from types import FrameType
from typing import Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from modtui.terminal import painted_on
from modtui.terminal.ability import UTF8, is_bare
from modtui.terminal.noise import KeyParser, PasteEnd, is_noise
from modtui.terminal.notices import POP_TITLE, PUSH_TITLE
from modtui.terminal.output import Output
from modtui.terminal.restore import FRAME_OFF, force_back, make_room
from modtui.terminal.strings import harmless, unknown_to_bare

POLL_SECONDS = 0.1
"""Between two looks whether a key that has begun is whole."""

CHUNK = 4096
END_SECONDS = 0.5
ROOM_SECONDS = 0.2
STUCK_SECONDS = 0.5
MOST_BACKLOG = 256 * 1024
LARGEST = (1000, 500)
"""Columns and rows. Where a window says that it has more, as one does that was never given a size,
memory would end before the first frame."""
CLEAR = "\x1b[2J"
MOUSE_PIXELS_OFF = "\x1b[?1016l"


@runtime_checkable
class HangsUp(Protocol):
    """An app that leaves when its line is lost."""

    def hang_up(self, number: int) -> None:
        """Leave as after the signal `number`; called in the thread of the event loop."""
        ...


@runtime_checkable
class HasCharset(Protocol):
    """An app that knows which characters its terminal speaks."""

    charset: str
    """A codec of Python."""
    plain: bool
    """Our marks are in ASCII."""


@runtime_checkable
class Rests(Protocol):
    """An app that must not be stopped just anywhere."""

    def at_rest(self) -> contextlib.AbstractContextManager[None]:
        """Return the time in which the process may be stopped."""
        ...


class UnixDriver(LinuxDriver):
    """A byte that is not UTF-8 is a replacement character, not the end of the program; a terminal
    that is gone is a hang-up; one that takes nothing holds nobody up.

    Textual 8.2.8 decodes strictly: one key of a Latin-1 terminal raises in its input thread.
    Where SIGHUP is ignored, its input thread spins on the end of the input. What is painted while
    it is suspended fills the queue of a writer that has ended, which then blocks the event loop
    for good, and so does a terminal that is stuck.
    """

    hurry = False
    """Nobody is there to see the rest: wait for no answer."""
    handed_over = False
    """Another program has the terminal."""
    _bare = is_bare(os.environ.get("TERM", "").lower())
    _out: Output | None = None
    _waking: tuple[int, int] | None = None
    _dropping = False
    _stopped = False
    _titled = False
    _title = ""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file = painted_on() or self._file
        # Textual would begin with what COLUMNS and LINES say.
        self._size = size or self._get_terminal_size()

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the columns and rows of the window itself: COLUMNS and LINES, which are believed
        where it does not know, may be those of another."""
        width = height = 0
        if self._file is not None:
            with contextlib.suppress(OSError):
                width, height = os.get_terminal_size(self._file.fileno())
        if not (width and height):
            width, height = super()._get_terminal_size()
        return min(width, LARGEST[0]), min(height, LARGEST[1])

    @property
    def charset(self) -> str:
        """The codec of what is written and typed."""
        return self._app.charset if isinstance(self._app, HasCharset) else UTF8

    def write(self, data: str) -> None:
        out = self._out
        if out is None or self.handed_over or (self._bare and unknown_to_bare(data)):
            return
        if out.backlog > MOST_BACKLOG and not harmless(data):
            self._paint_later()
            return
        out.write(data)

    def aside(self, data: str) -> None:
        """Write what is no picture: a bell, a notification, what is copied."""
        if self._out is not None and not self.handed_over:
            self._out.write(data)

    def set_title(self, title: str) -> None:
        """Show a window title until the terminal is given back, and again after a pause."""
        if not self._titled and not self.handed_over:
            self.aside(PUSH_TITLE)
            self._titled = True
        self._title = title
        if isinstance(self._app, HasCharset) and self._app.plain:
            from modtui.domain.charsets import in_ascii

            title = in_ascii(title)
        self.aside(f"\x1b]2;{title}\x07")

    @property
    def _pop_title(self) -> str:
        return POP_TITLE if self._titled else ""

    def _paint_later(self) -> None:
        """Drop frames until the terminal takes some again; then all is painted anew."""
        if not self._dropping:
            self._dropping = True
            self._loop.call_later(STUCK_SECONDS, self._paint_if_taken)

    def _paint_if_taken(self) -> None:
        if self._out is not None and self._out.backlog > MOST_BACKLOG // 2:
            self._loop.call_later(STUCK_SECONDS, self._paint_if_taken)
            return
        self._dropping = False
        self._app.call_later(self._app.refresh, layout=True)

    def start_application_mode(self) -> None:
        """Start. After a pause there may be no terminal any more, which is a hang-up."""
        before = self._writer_thread
        out = self._file.fileno() if self._file is not None else self.fileno
        self._out = Output(out, self.lost, self.charset)
        self._out.start()
        self._stopped = self._titled = False
        self._waking = self._waking or os.pipe()
        try:
            super().start_application_mode()  # type: ignore[no-untyped-call]
        except RuntimeError:
            # No thread was left, and nobody else gives the terminal back.
            self.let_go()
            if self._writer_thread is not None and self._writer_thread.ident is None:
                self._writer_thread = None
            raise
        if self._writer_thread is not before:
            self._watch_size()
            if self._title:
                self.set_title(self._title)
        elif _is_gone(self.fileno):
            self.lost()

    def _watch_size(self) -> None:
        """Look in the event loop how large the window is. Textual 8.2.8 looks in the handler of the
        signal, into which the next one may break: then the earlier size is told last, and stays.
        Where the terminal reports sizes itself it does not look at all."""

        def resized(number: int, frame: FrameType | None) -> None:
            with contextlib.suppress(RuntimeError):  # the event loop may be closed already
                self._loop.call_soon_threadsafe(self._resized)

        signal.signal(signal.SIGWINCH, resized)

    def _resized(self) -> None:
        """The window may have another size: tell the app."""
        self.send_message(self._size_now())

    def _size_now(self) -> events.Resize:
        size = Size(*self._get_terminal_size())
        return events.Resize(size, size)

    def process_message(self, message: Message) -> None:
        """Hand on what came. The size that a terminal reports overtakes what the window is told, or
        comes after it: the window's own counts, which all is painted for."""
        if isinstance(message, events.Resize):
            message = self._size_now()
        super().process_message(message)

    def lost(self) -> None:
        """The terminal is gone: tell the app. May be called from another thread."""
        if isinstance(self._app, HangsUp):
            with contextlib.suppress(RuntimeError):  # the event loop may be closed already
                self._loop.call_soon_threadsafe(self._app.hang_up, signal.SIGHUP)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        if self._mouse_pixels:
            self.write(MOUSE_PIXELS_OFF)
        # A console has no other screen to go back to.
        self.write(FRAME_OFF + CLEAR if self._bare else FRAME_OFF)
        self.aside(self._pop_title)
        super().stop_application_mode()
        self._stopped = True

    def close(self) -> None:
        """Carry the rest to the terminal, if it takes it."""
        if self._out is not None and not self._out.end(END_SECONDS):
            self.let_go()
        super().close()

    def let_go(self) -> None:
        """Give the terminal back at once, without waiting. May be called from another thread."""
        if self._stopped and self._out is not None and not self._out.backlog:
            return
        if self._out is not None:
            self._out.drop()
            make_room(self.fileno)
            self._out.join(ROOM_SECONDS)
        force_back(self.fileno, self.attrs_before, self._pop_title, bare=self._bare)

    def _sigtstp_application(self, *_: object) -> None:
        """Stop at a moment that suits the app: others work with what it works with."""
        with self._app.at_rest() if isinstance(self._app, Rests) else contextlib.nullcontext():
            super()._sigtstp_application()

    def suspend_application_mode(self) -> None:
        super().suspend_application_mode()
        self.handed_over = True

    def resume_application_mode(self) -> None:
        self.handed_over = False
        super().resume_application_mode()

    def _run_input_thread(self) -> None:
        """An error in this thread is the app's: it ends with a report of it, and with code 1."""
        try:
            self.run_input_thread()
        except Exception as error:  # whatever it is, no key is heard any more
            with contextlib.suppress(RuntimeError):  # the event loop may be closed already
                self._loop.call_soon_threadsafe(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Read and dispatch until the driver stops or the terminal is gone."""
        parser = KeyParser(self._debug)
        waking, _ = self._waking = self._waking or os.pipe()
        paste = PasteEnd(monotonic)
        decode = getincrementaldecoder(self.charset)(errors="replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(waking, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                unfinished = parser._timeout_time is not None or paste.open
                ready = {key.fd for key, _ in selector.select(POLL_SECONDS if unfinished else None)}
                if waking in ready:
                    os.read(waking, CHUNK)
                    self.exit_event.wait(POLL_SECONDS)
                if self.fileno in ready:
                    data = self._read()
                    if not data:
                        self.lost()
                        return
                    text = decode(data)
                    paste.hear(text)
                    for character in text:
                        if passed := paste.pass_on(character):
                            self._hear(list(parser.feed(passed)))
                if end := paste.due():
                    self._hear(list(parser.feed(end)))
                self._hear(list(parser.tick()))

    def _hear(self, messages: list[Message]) -> None:
        if not is_noise(messages):
            for message in messages:
                self.process_message(message)

    def disable_input(self) -> None:
        """Read no more: what waits for the next key is woken."""
        if self._waking is not None:
            os.write(self._waking[1], b".")
        super().disable_input()

    def _read(self) -> bytes:
        """Return what was typed; nothing is the end: EIO is how a closed pty says it."""
        try:
            return os.read(self.fileno, CHUNK)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return b""


def _is_gone(fileno: int) -> bool:
    """Whether the terminal has hung up: a shell that has the foreground is no such thing."""
    try:
        termios.tcgetattr(fileno)
    except termios.error as error:
        return error.args[0] in (errno.EIO, errno.ENOTTY, errno.EBADF)
    return False
