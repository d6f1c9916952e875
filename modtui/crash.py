"""A crash that shows no values: where it happened is written down, what was there is not."""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path


def headline(error: BaseException | None) -> str:
    """Return what broke in one line without control characters."""
    line = traceback.format_exception_only(error)[-1].strip() if error else "unknown error"
    return f"modtui stopped: {line}".translate(dict.fromkeys(range(32), "?"))[:300]


def write_report(error: BaseException | None, folder: Path | None) -> str:
    """Write a report of `error`, without locals, into `folder`; return where it is, or ""."""
    if error is None or folder is None:
        return ""
    path = folder / f"crash-{os.getpid()}-{time.time_ns()}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(traceback.format_exception(error))
    except OSError as refused:
        return f"no report could be written: {refused}"
    return f"report: {path}"
