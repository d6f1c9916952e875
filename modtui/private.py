"""Files and folders for their owner alone: made so whatever the umask, and closed where they were
left open."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

_OTHERS = 0o077
_OTHERS_WRITE = 0o022


def private_folder(path: Path) -> None:
    """Make the folder if it is not there, and those above it, for its owner alone. Raises
    OSError."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    if not path.is_dir():
        raise NotADirectoryError(20, "there is a file in place of the folder", str(path))


def own_folder(path: Path) -> None:
    """`private_folder` for one that holds what nobody else may read or change: it is closed where
    it was open. Raises OSError where it is a link or another user's, who could swap what is in
    it."""
    if path.is_symlink():
        why = "is a link, which anybody may have put there: set MODTUI_HOME to the real folder"
        raise OSError(errno.ELOOP, why, str(path))
    private_folder(path)
    found = path.lstat()
    if found.st_uid != os.geteuid():
        why = "belongs to another user and is not used: set MODTUI_HOME to a folder of your own"
        raise OSError(errno.EINVAL, why, str(path))
    if found.st_mode & _OTHERS:
        path.chmod(0o700)


def write_private(path: Path, *content: bytes) -> None:
    """Write the file, of these parts, whole or not at all, readable by its owner alone. Raises
    OSError."""
    import tempfile

    private_folder(path.parent)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            # A write that finds no room does not say of which file.
            error.filename = str(path)
        raise


def lock_file(path: Path) -> int:
    """Wait until no other thread or process holds the file; return its handle, which holds it until
    it is closed. Raises OSError."""
    import fcntl

    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError as error:
        os.close(handle)
        raise OSError(error.errno, error.strerror, str(path)) from None
    return handle


def close_all(folder: Path) -> tuple[Path, ...]:
    """Close every file and folder of ours in and under `folder` that others can reach; return
    those that were open."""
    me = os.geteuid()
    found = [path for path, of in _in(folder) if of.st_uid == me and of.st_mode & _OTHERS]
    for path in found:
        path.chmod(0o700 if path.is_dir() else 0o600)
    return tuple(found)


def changeable(folder: Path) -> tuple[Path, ...]:
    """Return what another user, root aside, may change in and under `folder`."""
    known = (os.geteuid(), 0)
    return tuple(
        path for path, of in _in(folder) if of.st_mode & _OTHERS_WRITE or of.st_uid not in known
    )


def _in(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the folder and what is under it, without links."""
    for path in (folder, *sorted(folder.rglob("*"))):
        with contextlib.suppress(FileNotFoundError):
            status = path.lstat()
            if not stat.S_ISLNK(status.st_mode):
                yield path, status
