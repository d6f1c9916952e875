"""What this process knows to keep out of everything it prints, logs and reports.

Imports nothing heavy: every command loads it, and few ever know a secret.
"""

from __future__ import annotations

import codecs
import io
import sys
import warnings
from collections.abc import Iterable
from types import TracebackType
from typing import Any, TextIO

from modtui.domain.secret import Redactor, Secret, behind_host

REDACT = Redactor()
"""Knows every secret that a connector of this process was built with."""


class Carried(io.TextIOWrapper):
    """A stream of text of which no byte steers a terminal in a charset that is not UTF-8, and of
    which none is missing because that charset does not have it."""

    def __init__(self, before: io.TextIOWrapper) -> None:
        super().__init__(
            before.buffer, before.encoding, before.errors, line_buffering=before.line_buffering
        )
        # Dropped, it would close the buffer that they share.
        self._before = before
        self._asks = _is_of_its_own(before.encoding)

    def write(self, text: str) -> int:
        """Write what can be of `text`; return the length of what was given."""
        if self._asks and not text.isascii():
            from modtui.domain.charsets import carried

            super().write(carried(text, self.encoding))
        else:
            super().write(text)
        return len(text)


def _is_of_its_own(charset: str) -> bool:
    """Whether `charset` has letters where a terminal may have controls: ASCII has none, and one
    whose ASCII is another (UTF-16) is none of a terminal."""
    if codecs.lookup(charset).name in ("utf-8", "ascii"):
        return False
    from modtui.domain.charsets import has_ascii

    return has_ascii(charset)


def keep_charset() -> None:
    """Let stdout carry nothing that could steer a terminal of its charset."""
    stdout = sys.stdout
    if isinstance(stdout, io.TextIOWrapper) and _is_of_its_own(stdout.encoding):
        sys.stdout = Carried(stdout)


class Harmless(Carried):
    """A stream of text on which nothing steers a terminal, whoever wrote it: an error may quote
    what a stranger wrote, and so may a log record of a library."""

    def write(self, text: str) -> int:
        """Write `text` cleaned; return the length of what was given."""
        if not (text.isascii() and text.replace("\n", "").isprintable()):
            from modtui.domain.text import clean

            super().write(clean(text, limit=4 * len(text)).text)
        else:
            super().write(text)
        return len(text)


class Reports:
    """What Python itself tells on stderr: uncaught errors, those of threads and of tasks that
    nobody waited for, warnings, log records. `guarded`: all of it goes through the redactor."""

    guarded = False

    def guard(self) -> None:
        """Guard what can be told before there is a secret; the rest follows with the first."""
        self.guarded = True
        sys.excepthook = _uncaught
        sys.unraisablehook = _thrown
        warnings.showwarning = _warned
        if isinstance(sys.stderr, io.TextIOWrapper):
            sys.stderr = Harmless(sys.stderr)

    def end(self) -> None:
        """Let Python tell nothing any more: what the end was is said, and what breaks from here on
        broke because of that."""
        import logging

        sys.excepthook = lambda *_: None
        sys.unraisablehook = lambda _: None
        logging.disable()

    def guard_more(self) -> None:
        """Guard threads and log records, too."""
        import logging
        import threading

        threading.excepthook = _thrown
        if logging.lastResort is not None:
            logging.lastResort.setFormatter(_formatter())


REPORTS = Reports()


def know(secrets: Iterable[Secret]) -> None:
    """Keep these secrets out of everything from now on."""
    for secret in secrets:
        for each in (secret, *behind_host(secret.reveal())):
            REDACT.learn(each)
    if REPORTS.guarded:
        REPORTS.guard_more()


def _formatter() -> Any:
    import logging

    class Redacting(logging.Formatter):
        """Formats a record whole, its traceback too, and takes the secrets out."""

        def format(self, record: logging.LogRecord) -> str:
            return REDACT(super().format(record))

    return Redacting()


def _thrown(args: Any) -> None:
    _uncaught(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    import traceback

    _tell("".join(traceback.format_exception(kind, error, trace)))


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int,
    file: TextIO | None = None, line: str | None = None,
) -> None:  # fmt: skip
    _tell(warnings.formatwarning(message, category, filename, lineno, line))


def _tell(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(REDACT(text))
