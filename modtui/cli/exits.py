"""The exit codes of the command line, and what ends a command with one."""

from __future__ import annotations

import errno
import sys
from enum import IntEnum

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""The errors of a disk that takes no more of what is written."""


class Exit(IntEnum):
    """What a command ended with."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CREDENTIALS = 3
    CONFIGURATION = 4
    PLATFORM = 5
    HUMAN = 6


class Failure(Exception):
    """What ends a command: one line saying what and what to do next, and the exit code."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code


def told(message: str, code: int) -> int:
    """Print an error on stderr, a line each of `message`; return `code`."""
    from modtui.cli.redacting import REDACT
    from modtui.domain.text import clean

    # A message may quote a platform, a file or an argument.
    for line in clean(REDACT(message)).text.splitlines():
        sys.stderr.write(f"modtui: {line}\n")
    return code
