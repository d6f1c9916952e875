"""modtui in lines: opens the conversation over the terminal, a pipe or a file."""

from __future__ import annotations

import asyncio
import codecs
import os
import queue
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from modtui.cli.changed import ChangedRules
from modtui.cli.compose import Setup, plan, run_async, runtime, set_up
from modtui.cli.exits import NO_ROOM, Exit, Failure
from modtui.cli.failure import failing, need_memory
from modtui.cli.leaving import Drain, tell_nobody
from modtui.cli.linemode import as_meant, in_lines
from modtui.cli.plain import warn
from modtui.cli.redacting import REDACT
from modtui.cli.running import demo_setup, opened, unlocked
from modtui.crash import headline, write_report
from modtui.domain.charsets import carried
from modtui.domain.model import Draft
from modtui.domain.trouble import is_gone
from modtui.plain.talk import Inbox, Talk

if TYPE_CHECKING:
    from modtui.cli.guide import Walk

HUNG_UP = 128 + signal.SIGHUP
LAST_WORDS_SECONDS = 2.0


def open_lines(width: int | None, *, practice: bool = False, read_only: bool = False) -> int:
    """Talk over the configured queue; return the exit code. `width` None: the terminal's."""
    with failing():
        setup = set_up()
        if not setup.accounts:
            raise Failure(
                Exit.CONFIGURATION,
                "no account is configured: modtui init connects a community, "
                "modtui demo --plain needs none",
            )
        if not read_only and sys.stdin.isatty():
            setup = unlocked(setup, _by_line)
    if not practice:
        return _run(setup, width, setup.paths.state, read_only=read_only)
    from modtui.cli.practice import practising

    with failing(), practising(setup) as copy:
        return _run(copy, width, setup.paths.state)


def _by_line(walk: Walk, setup: Setup) -> bool:
    """Ask on the line what the app asks on its screen."""
    from modtui.cli.prompts import walk_through

    return walk_through(walk)


def demo_lines(threads: int, rate: float, seed: int, width: int | None) -> int:
    """Talk over a pretend community in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="modtui-demo-") as folder:
        setup = demo_setup(Path(folder), threads, rate, seed)
        return _run(setup, width, Path(tempfile.gettempdir()), keeps=False)


def _run(
    setup: Setup, width: int | None, reports: Path, *, keeps: bool = True, read_only: bool = False
) -> int:
    """Talk over the setup's queue; `reports`: after a crash; `keeps`: the store outlives us."""
    need_memory()
    drain = Drain() if keeps and not (setup.practice or read_only) else None
    with failing():
        store = opened(setup)
    unsaved, gone = tuple[Draft, ...](), False

    async def session() -> int:
        from modtui.engine.live import LiveEngine
        from modtui.plain.session import Beside, converse

        nonlocal unsaved, gone
        engine = LiveEngine(store, plan(setup, read_only=read_only), runtime())
        try:
            with Line(width) as line:
                follow = ChangedRules(setup, lambda: engine.wording).follow if keeps else None
                return await converse(engine, line.talk, asyncio.sleep, Beside(drain, follow))
        finally:
            unsaved, gone = engine.unsaved(), is_gone(engine.trouble())
            await store.close()

    try:
        with failing():
            code = run_async(session())
    except Failure:
        raise
    except Exception as error:
        # The supervisor of last resort, as the app has one: one line, and a report without values.
        told = headline(error, REDACT).removeprefix("modtui ")
        raise Failure(Exit.FAILED, f"{told}\n{write_report(error, reports, REDACT)}") from error
    _keep(setup, unsaved, damaged=code == Exit.CONFIGURATION and not gone)
    if drain is not None and drain.trouble:
        warn(f"modtui drain could not start ({drain.trouble}): deliveries wait for the next start")
    if code == HUNG_UP:
        tell_nobody()
    return code


def _keep(setup: Setup, unsaved: tuple[Draft, ...], *, damaged: bool) -> None:
    """Keep in a file what the store did not take, and what can be read of one that is `damaged`.
    Raises Failure that says where."""
    if not unsaved and not damaged:
        return
    from modtui.cli.rescuing import keep_drafts, keep_readable

    kept = (keep_drafts(setup, unsaved), keep_readable(setup) if damaged else "")
    lines = [line for line in kept if line]
    if lines:
        raise Failure(Exit.CONFIGURATION, "\n".join(lines))


class Line:
    """Standard input and output as a line to talk over, and the signals that end it.

    Each has a thread: a terminal that takes nothing holds up what is said, and nothing else.
    """

    def __init__(self, width: int | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._inbox = Inbox()
        self._out = Writer(width, self._unheard)
        self._typed = sys.stdin.isatty()
        self.talk = Talk(self._out, self._inbox, terminal=self._typed)
        self._ends = {signal.SIGTERM: 128 + signal.SIGTERM}
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            # Under nohup a lost terminal is no reason to leave.
            self._ends[signal.SIGHUP] = HUNG_UP
        self._mode: AbstractContextManager[None] = nullcontext()
        if self._typed:
            self._mode = in_lines(sys.stdin.fileno())

    def __enter__(self) -> Line:
        self._mode.__enter__()
        for number, code in self._ends.items():
            self._loop.add_signal_handler(number, self._inbox.hang_up, code)
        self._loop.add_signal_handler(signal.SIGINT, self._inbox.interrupt)
        if self._typed:
            # After a pause the shell's lines stand where our question was.
            self._loop.add_signal_handler(signal.SIGCONT, self.talk.again)
        threading.Thread(target=self._read, name="lines in", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for number in (*self._ends, signal.SIGINT, signal.SIGCONT):
            self._loop.remove_signal_handler(number)
        self._out.finish(LAST_WORDS_SECONDS)
        self._mode.__exit__(None, None, None)

    def _unheard(self, error: OSError) -> None:
        if error.errno in NO_ROOM:
            # Nobody hung up: who looks for the end of a log is told why it is there.
            warn(f"what was to be told found no room: {error.strerror}")
        self._gone()

    def _gone(self) -> None:
        """Nobody takes what is said any more."""
        self._tell(partial(self._inbox.hang_up, HUNG_UP))

    def _tell(self, what: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what)

    def _read(self) -> None:
        """Hand on each line as it comes, until there is none or the line is cut. What was typed
        without Enter before a terminal went is not meant."""
        decoder = codecs.getincrementaldecoder(sys.stdin.encoding or "utf-8")("replace")
        rest, stdin = "", sys.stdin.fileno()
        while True:
            try:
                data = os.read(stdin, 65_536)
            except OSError:
                self._gone()
                return
            *lines, rest = (rest + decoder.decode(data, not data)).split("\n")
            if not data and rest and not self._typed:
                lines.append(rest)
            for line in lines:
                line = line.rstrip("\r")
                self._tell(partial(self._inbox.put, as_meant(line) if self._typed else line))
            if not data:
                self._tell(self._inbox.close)
                return


class Writer:
    """Writes to standard output in a thread of its own, in order. `gone` is called once nobody
    takes it any more, with why; `width` None: the terminal's, if it is one."""

    def __init__(self, width: int | None, gone: Callable[[OSError], None]) -> None:
        self._width = width
        self._gone = gone
        self._terminal = sys.stdout.isatty()
        self._encoding = sys.stdout.encoding or "utf-8"
        self._queue: queue.SimpleQueue[bytes | threading.Event] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="lines out", daemon=True).start()

    @property
    def width(self) -> int:
        """The cells of a line; 0 for lines that are not broken."""
        if self._width is not None:
            return self._width
        return shutil.get_terminal_size((80, 24)).columns if self._terminal else 0

    def write(self, text: str) -> None:
        """Take text to be written; returns at once."""
        self._queue.put(carried(text, self._encoding).encode(self._encoding, "replace"))

    async def written(self) -> None:
        """Return when everything taken so far was written, or nobody takes it any more."""
        done, loop = asyncio.Event(), asyncio.get_running_loop()
        self._queue.put(_Told(lambda: loop.call_soon_threadsafe(done.set)))
        await done.wait()

    def finish(self, seconds: float) -> None:
        """Wait for what is not written yet, for at most `seconds`."""
        told = threading.Event()
        self._queue.put(told)
        told.wait(seconds)

    def _work(self) -> None:
        stdout, lost = sys.stdout.fileno(), False
        while True:
            item = self._queue.get()
            if isinstance(item, threading.Event):
                item.set()
                continue
            while item and not lost:
                try:
                    item = item[os.write(stdout, item) :]
                except OSError as error:
                    lost = True
                    self._gone(error)


class _Told(threading.Event):
    """An event that tells an event loop as well."""

    def __init__(self, tell: Callable[[], object]) -> None:
        super().__init__()
        self._tell = tell

    def set(self) -> None:
        super().set()
        self._tell()
