"""Keeping other programs of the same user out of this process's memory."""

from __future__ import annotations

import resource
import sys

_PR_SET_DUMPABLE = 4


def seal_memory() -> None:
    """Let no program of the same user read this process's memory or environment, and no crash
    handler get a core of it (Linux). A program that it starts is not sealed.

    prctl(2): with PR_SET_DUMPABLE 0 the files of /proc/PID belong to root and nobody can attach.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not sys.platform.startswith("linux"):
        return
    # ctypes takes 2 ms, which only a process that holds a secret pays.
    import ctypes

    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, "the memory cannot be sealed")
