"""Bad days of a file: a small disk of our own to be filled to its last byte, a lock that stays."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

LOCK = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
"""


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount a file system of this size on `folder`; skip the test where this may not be done."""
    folder.mkdir(mode=0o700)
    size = f"size={megabytes}m,mode=0700"
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "modtui-test", str(folder)],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode:
        pytest.skip("a disk of our own needs the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def fill(folder: Path, *, but: int = 0) -> None:
    """Fill the disk with one file, `filling`, but for `but` bytes."""
    with (folder / "filling").open("ab") as file:
        block = 65536
        while block:
            try:
                os.write(file.fileno(), b"x" * block)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                block //= 2
        if but:
            file.truncate(max(0, file.tell() - but))


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Another program that keeps the queue locked; its process number."""
    argv = [sys.executable, "-c", LOCK, str(path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        try:
            yield other.pid
        finally:
            with suppress(BrokenPipeError):
                other.stdin.close()
