"""The moderator's own editor: the terminal is handed to it, and taken back when it ends."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import tempfile
from asyncio.subprocess import Process
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from modtui.domain.secret import for_children

_TAKE_LINE = frozenset(
    ("vi", "vim", "nvim", "view", "nano", "pico", "emacs", "emacsclient", "micro", "kak", "joe",
     "jed", "mcedit", "mg", "ne", "zile")
)  # fmt: skip
"""Editors that open a file at a line with `+LINE`."""

_COME_BACK = frozenset(
    ("code", "code-insiders", "codium", "cursor", "windsurf", "zed", "subl", "mate")
)
"""Editors with a window of their own, which end at once unless they are told to wait."""
_WAITS = frozenset(("-w", "--wait"))

NAME = "reply.txt"
WORDS = "written.txt"
# What can be read as it is: the text, nano's copy at a hang-up, Emacs' own.
_READABLE = (NAME, f"{NAME}.save", f"#{NAME}#")
ENDED = " ended with "
"""Stands in what `edit` returns of an editor that was there, and may have written something."""
EDITOR_SECONDS = 0.5
"""For how long an editor may save when its line is lost."""


@dataclass
class Editing:
    """A text that an editor has, in a private folder of its own: what an editor leaves beside the
    text when its line is lost lies there too."""

    folder: Path
    given: str
    process: Process | None = None

    @property
    def path(self) -> Path:
        """The file that the editor opens."""
        return self.folder / NAME

    @classmethod
    def begin(cls, shelf: Path | None, text: str) -> Editing:
        """Write `text` into a new folder on `shelf`. Raises OSError."""
        folder = folder_on(shelf)
        editing = cls(folder, text)
        try:
            handle = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            # The next start would tell of it as of what an editor left.
            editing.end()
            raise
        return editing

    def end(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    async def broken_off(self) -> str | None:
        """The line is lost: hang up on the editor, and return what it wrote last, None if nothing
        new. What only the editor can read (a swap file) stays in the folder."""
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGHUP)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), EDITOR_SECONDS)
        texts = await asyncio.to_thread(self._texts)
        if not self._unreadable():
            self.end()
        return texts[-1] if texts else None

    def over(self, trouble: str) -> tuple[str | None, str]:
        """The editor ended, with `trouble`: return the text to take, None for the one that was
        given, and what is to be said. What cannot be taken stays in the folder."""
        text = None
        if not trouble:
            text, trouble = self._written()
        if text is not None or not trouble:
            self.end()
            # One with a window of its own may have ended before anything was written.
            return text, "" if text is not None else "The editor changed nothing."
        where = f", the editor's is in {self.folder}" if self.holds() else ""
        if not where:
            self.end()
        return None, f"{trouble}. The text is as it was{where}."

    def _written(self) -> tuple[str | None, str]:
        """The text that the editor left, None where it is as it was; and what is wrong with it."""
        try:
            text = self.path.read_text(encoding="utf-8").rstrip("\n")
        except FileNotFoundError:
            return None, "The editor left no file"
        except UnicodeDecodeError:
            return None, "What the editor left is not UTF-8 text"
        except OSError as error:
            return None, f"What the editor left cannot be read: {error.strerror}"
        given = self.given.rstrip("\n")
        if given.strip() and not text.strip():
            # So ends a full disk, too; who wants an empty box empties it there.
            return None, "The editor left an empty file"
        return (None if text == given else text), ""

    def holds(self) -> bool:
        """Whether an editor that ended badly left anything that was not given to it."""
        return self._unreadable() or bool(self._texts())

    def _unreadable(self) -> bool:
        left = self.folder.iterdir() if self.folder.is_dir() else ()
        return any(path.name not in _READABLE or not _is_text(path) for path in left)

    def _texts(self) -> list[str]:
        """The texts in the folder that are not the one that was given, the latest last."""
        files = [self.folder / name for name in _READABLE]
        found = sorted((path for path in files if path.exists()), key=_written_at)
        texts = []
        for path in found:
            with suppress(OSError, UnicodeDecodeError):
                text = path.read_text(encoding="utf-8").rstrip("\n")
                texts += [text] if text not in ("", self.given.rstrip("\n")) else []
        return texts


def _is_text(path: Path) -> bool:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    except OSError:
        return True
    return True


def folder_on(shelf: Path | None) -> Path:
    """Make a folder of this process on `shelf`, or among temporary files. Raises OSError."""
    if shelf is not None:
        shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"modtui-{os.getpid()}-", dir=shelf))


def _written_at(path: Path) -> int:
    return path.stat().st_mtime_ns


def left_behind(shelf: Path) -> tuple[Path, ...]:
    """Return the folders on `shelf` whose modtui has ended: it or its editor left something."""
    return tuple(folder for folder in sorted(shelf.glob("modtui-*-*")) if not _lives(folder.name))


def left_words(folder: Path) -> str:
    """Return in words what was left in `folder`, and where that is."""
    if (words := folder / WORDS).exists():
        with suppress(OSError, UnicodeDecodeError):
            about, _, _ = words.read_text(encoding="utf-8").partition("\n")
            return f"perhaps not done, its key shows it again: {about}"
    return f"your editor left: {briefly(folder)}"


def briefly(path: Path) -> str:
    """Return `path` as a shell takes it, with ~ for the home."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _lives(name: str) -> bool:
    try:
        os.kill(int(name.split("-")[1]), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


async def edit(app: App[Any], path: Path, line: int = 0, editing: Editing | None = None) -> str:
    """Open `path` in $VISUAL or $EDITOR, at `line` where it takes one, until it ends.

    The queue goes on meanwhile; `editing` is told the process. Returns what went wrong, in one
    line, or "".
    """
    given = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        words = shlex.split(given)
    except ValueError as error:
        return f"$EDITOR is {given}: {error}"
    if not words:
        return "neither $VISUAL nor $EDITOR is set: export EDITOR=nano, say, and start again"
    name = Path(words[0]).name
    if shutil.which(words[0]) is None:
        return f"there is no {words[0]}, which $VISUAL or $EDITOR names"
    if name in _COME_BACK and not _WAITS & set(words):
        return f"{name} would end before you have written: export EDITOR='{given} --wait'"
    at = [f"+{line}"] if line and name in _TAKE_LINE else []
    try:
        with _terminal_of(app):
            process = await asyncio.create_subprocess_exec(
                *words, *at, str(path), env=for_children(os.environ)
            )
            if editing is not None:
                editing.process = process
            code = await process.wait()
    except SuspendNotSupported:
        return "this terminal cannot be handed to an editor"
    except OSError as error:
        return f"{name} could not be started: {error.strerror}"
    return f"{name}{ENDED}{code}" if code else ""


@contextmanager
def _terminal_of(app: App[Any]) -> Iterator[None]:
    """Hand the terminal over; what Ctrl+C means is then the other program's business."""
    before = signal.getsignal(signal.SIGINT)
    try:
        with app.suspend():
            signal.signal(signal.SIGINT, lambda *_: None)
            yield
    finally:
        signal.signal(signal.SIGINT, before)
