"""Which exit code each expected error means."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from modtui.cli.exits import Exit, Failure
from modtui.config import ConfigError
from modtui.connectors import ConnectorError, Rejected, Unauthorized, Unusable
from modtui.credentials import CredentialsError
from modtui.domain.trouble import NO_MEMORY, is_starved
from modtui.engine import Refused
from modtui.engine.accounts import CredentialsMissing
from modtui.store import StoreError

_REFUSED = {
    "unable": Exit.USAGE, "invalid": Exit.USAGE, "read_only": Exit.CONFIGURATION,
}  # fmt: skip


def code_of(error: Exception) -> Exit:
    """Return the exit code that `error` means; what reading was refused for are missing rights."""
    match error:
        case Failure(code=code):
            return code
        case CredentialsError() | CredentialsMissing() | Unauthorized() | Rejected():
            return Exit.CREDENTIALS
        case Unusable():
            return Exit.CONFIGURATION
        case ConnectorError():
            return Exit.PLATFORM
        case ConfigError() | StoreError() | ImportError():
            return Exit.CONFIGURATION
        case Refused(kind=kind):
            return _REFUSED.get(kind, Exit.FAILED)
    return Exit.CONFIGURATION if is_starved(error) else Exit.FAILED


def need_memory() -> Callable[[], bool]:
    """Take little memory where that is bounded; return what tells whether it is at its end. Raises
    Failure where a session could not go on for long in what is left."""
    import resource

    if resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        # The machine ends who takes too much.
        return lambda: False
    from modtui.memory import ENOUGH, be_sparing, is_short

    be_sparing()
    if is_short(ENOUGH):
        more = f"it takes {ENOUGH // 2**20} MB beside what it has"
        words = f"a session may use too little memory here: {more}; raise the limit (ulimit -v)"
        raise Failure(Exit.CONFIGURATION, words)
    return is_short


@contextmanager
def failing() -> Iterator[None]:
    """Turn every expected error into a `Failure`."""
    try:
        yield
    except (
        ConfigError, StoreError, CredentialsError, CredentialsMissing, ConnectorError, Refused,
    ) as error:  # fmt: skip
        raise Failure(code_of(error), str(error)) from error
    except (MemoryError, RuntimeError, OSError) as error:
        if is_starved(error):
            raise Failure(Exit.CONFIGURATION, NO_MEMORY) from error
        if not isinstance(error, OSError):
            raise
        where = f"{error.filename}: " if error.filename else ""
        closed = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
        advice = ": make it writable, or set MODTUI_HOME elsewhere" if closed else ""
        words = f"{where}{error.strerror or error}{advice}"
        raise Failure(Exit.CONFIGURATION, words) from error
