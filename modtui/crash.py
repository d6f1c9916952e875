"""A crash that shows no values: where it happened is written down, what was there is not."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from modtui.domain.text import clean, clean_line
from modtui.domain.trouble import NO_MEMORY, is_starved
from modtui.private import private_folder

REPORT_CHARACTERS = 200_000


def headline(error: BaseException | None, redact: Callable[[str], str] = str) -> str:
    """Return what broke in one line without control characters and what `redact` takes out."""
    if is_starved(error):
        return f"modtui stopped: {NO_MEMORY}"
    line = traceback.format_exception_only(error)[-1].strip() if error else "unknown error"
    # The message of an error may quote what a stranger wrote; so may the report.
    return clean_line(redact(f"modtui stopped: {line}"))


def write_report(
    error: BaseException | None, folder: Path | None, redact: Callable[[str], str] = str
) -> str:
    """Write a report of `error`, without locals and without what `redact` takes out, into
    `folder`; return where it is, or ""."""
    if error is None or folder is None:
        return ""
    path = folder / f"crash-{os.getpid()}-{time.time_ns()}.txt"
    try:
        private_folder(folder)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            told = redact("".join(traceback.format_exception(error)))
            file.write(clean(told, limit=REPORT_CHARACTERS).text)
    except OSError as refused:
        return f"no report could be written: {refused}"
    except MemoryError:
        return "no report could be written: there is no memory for it"
    return f"report: {path}"
