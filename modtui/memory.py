"""What there is of memory where a process may use so much alone (`ulimit -v`).

Python itself breaks off where memory ends in a bad place, with a dump that nobody can catch: who
goes on for long looks before it is so far.
"""

from __future__ import annotations

import ctypes
import mmap
import threading

ENOUGH = 64 * 1024 * 1024
"""Bytes that a session takes beside what is loaded when it begins."""
LITTLE = 16 * 1024 * 1024
"""Bytes with which a session can still end in order."""
_STACK = 1024 * 1024
_ARENAS = -8


def is_short(size: int = LITTLE) -> bool:
    """Return whether this process could not have `size` bytes more."""
    try:
        mmap.mmap(-1, size).close()
    except (OSError, MemoryError):
        return True
    return False


def be_sparing() -> None:
    """Let each thread that is started from now on set little aside: the C library keeps 64 MB for
    each beside 8 MB of stack, and what is set aside counts."""
    threading.stack_size(_STACK)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENAS, 1)
