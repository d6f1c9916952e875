"""What stands between a write and a bad day: a reserve on the disk, and what is wrong now.

The reserve is a file beside the queue. When the disk is full it is given up, so that what may not
be lost (a draft, the receipt of a delivery) still finds room; everything else is refused until
there is space again, and then the reserve is made anew.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from modtui.domain.text import clean_line
from modtui.domain.trouble import Trouble, TroubleKind
from modtui.store import Corrupt, Full, Gone, Locked, StoreError, Unwritable

RESERVE = "reserve"
RESERVE_BYTES = 1024 * 1024
ROOM_BYTES = 256 * 1024
"""Bytes beside the reserve with which a disk that was full is full no more."""
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class Care:
    """Knows what is wrong with one queue's file. Used on the writing thread, but for `trouble`."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._reserve = path.with_name(RESERVE)
        self.trouble: Trouble | None = None
        self._error: StoreError | None = None

    def admit(self, *, vital: bool) -> None:
        """Raise what is wrong, but for what is `vital` while the disk is full."""
        if self._error is None or self.trouble is None:
            return
        if self.trouble.kind is not TroubleKind.FULL or not vital:
            raise self._error

    def failed(self, error: StoreError) -> None:
        """A write or a look at the file ended so."""
        kind = _kind(error)
        if kind is None:
            return
        before, where, by = self.trouble, str(self._path), ""
        if kind is TroubleKind.FULL:
            where = mount_point(self._path)
        elif kind is TroubleKind.LOCKED:
            by = holder(self._path)
        if before is not None and before.kind is kind:
            by = by or before.by
        since = before.since if before is not None and before.kind is kind else self._now()
        self._error, self.trouble = error, Trouble(kind, where, since, by, str(error))

    def over(self) -> None:
        """The file takes writes again."""
        self._error, self.trouble = None, None

    def give_up(self) -> bool:
        """Give the reserve back to the disk; return whether there was one."""
        try:
            self._reserve.unlink()
        except OSError:
            return False
        return True

    def keep(self) -> None:
        """Make the reserve where it is missing, with its space really taken. Raises Unwritable.

        On a disk that was full there must be room for more as well: what the log can take in its
        own room is no sign that there is any.
        """
        was_full = self.trouble is not None and self.trouble.kind is TroubleKind.FULL
        made = self._take(self._reserve, RESERVE_BYTES)
        if not was_full:
            return
        room = self._path.with_name(f"{RESERVE}.room")
        try:
            self._take(room, ROOM_BYTES)
        except Unwritable:
            if made:
                self.give_up()
            raise
        finally:
            with suppress(OSError):
                room.unlink()

    def _take(self, file: Path, size: int) -> bool:
        """Make a file of `size`; return whether it was not there already. Raises Unwritable."""
        try:
            if file.stat().st_size >= size:
                return False
        except OSError:
            pass
        try:
            handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.fchmod(handle, 0o600)
                _allocate(handle, size)
            finally:
                os.close(handle)
        except OSError as error:
            with suppress(OSError):
                file.unlink()
            raise refusal(error, self._path) from error
        return True


def refusal(error: OSError, path: Path) -> Unwritable:
    """Return one line for what the system says when a file beside the queue cannot be written."""
    if error.errno in _NO_SPACE:
        return Full(f"{path} cannot grow: the disk is full: make room on {mount_point(path)}")
    return Unwritable(
        f"{path.parent} cannot be written ({error.strerror}): make it writable,"
        " or set MODTUI_HOME elsewhere"
    )


def _allocate(handle: int, size: int) -> None:
    allocate = getattr(os, "posix_fallocate", None)
    if allocate is not None:
        allocate(handle, 0, size)
        return
    for at in range(0, size, 65536):
        os.pwrite(handle, b"\xff" * 65536, at)
    os.fsync(handle)


def _kind(error: StoreError) -> TroubleKind | None:
    match error:
        case Full():
            return TroubleKind.FULL
        case Locked():
            return TroubleKind.LOCKED
        case Unwritable():
            return TroubleKind.CLOSED
        case Corrupt():
            return TroubleKind.DAMAGED
        case Gone():
            return TroubleKind.GONE
    return None


def mount_point(path: Path) -> str:
    """Return the folder where the file system of `path` begins; `path`'s own if that is unknown."""
    at = path.parent.absolute()
    try:
        at = at.resolve()
        device = at.stat().st_dev
        while at != at.parent and at.parent.stat().st_dev == device:
            at = at.parent
    except OSError:
        return str(path.parent)
    return str(at)


def holder(path: Path) -> str:
    """Return who holds a lock on the queue, "sqlite3 (PID 812)", or "" where nobody can tell.

    In WAL mode the lock of a writer is byte 120 of the -shm file (SQLite's WAL file format, 2.3);
    one that locks all holds bytes of the file itself.
    """
    inodes: dict[int, range] = {}
    for name, locks in ((f"{path.name}-shm", range(120, 121)), (path.name, range(2**30, 2**31))):
        with suppress(OSError):
            inodes[path.with_name(name).stat().st_ino] = locks
    try:
        lines = Path("/proc/locks").read_text("ascii", "replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        if pid := _holds(line.split(), inodes):
            name = "another program"
            with suppress(OSError):
                name = clean_line(Path(f"/proc/{pid}/comm").read_text("utf-8", "replace")) or name
            return f"{name} (PID {pid})"
    return ""


def _holds(words: list[str], inodes: dict[int, range]) -> int:
    """Return the process of a line of /proc/locks that locks one of `inodes` for writing, or 0."""
    if len(words) < 8 or words[1] not in ("POSIX", "OFDLCK") or words[3] != "WRITE":
        return 0
    inode, first, last = words[5].rpartition(":")[2], words[6], words[7]
    locks = inodes.get(int(inode)) if inode.isdigit() else None
    if locks is None or not first.isdigit() or not words[4].isdigit():
        return 0
    end = int(last) if last.isdigit() else 2**63
    meets = int(first) < locks.stop and end >= locks.start
    pid = int(words[4])
    return pid if meets and pid != os.getpid() else 0
