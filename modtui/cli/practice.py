"""A queue to practise on: a copy beside the real one, gone at the end."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from modtui.cli.compose import Setup
from modtui.cli.exits import Exit, Failure
from modtui.private import own_folder
from modtui.store.copying import copy_queue, drop_queue


@contextmanager
def practising(setup: Setup) -> Iterator[Setup]:
    """Give the setup over a copy of its queue, on which nothing is sent. Raises Failure where
    somebody practises there already, StoreError, OSError."""
    paths = replace(setup.paths, queue="practice.db")
    own_folder(paths.state)
    with _alone(paths.state / "practice.lock"):
        drop_queue(paths.store)
        try:
            copy_queue(setup.paths.store, paths.store)
            yield replace(setup, paths=paths, practice=True)
        finally:
            drop_queue(paths.store)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(Exit.FAILED, "somebody practises here already: end that first") from None
        try:
            yield
        finally:
            with suppress(FileNotFoundError):
                lock.unlink()
    finally:
        os.close(handle)
