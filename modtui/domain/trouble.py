"""What keeps the queue from taking anything, and how that is said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from errno import ENOMEM

from modtui.domain.frozen import dataclass
from modtui.domain.words import span

NO_MEMORY = (
    "this machine gives modtui no more memory or threads: end other programs, or raise its limits"
    " (ulimit -a), then try again"
)
_NO_THREAD = "can't start new thread"


def is_starved(error: BaseException | None) -> bool:
    """Return whether the machine had no memory or no thread left for what raised `error`, or what
    that was raised for."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == ENOMEM):
            return True
        if isinstance(error, RuntimeError) and str(error) == _NO_THREAD:
            return True
        error = error.__cause__ or error.__context__
    return False


class TroubleKind(StrEnum):
    """What is wrong with the file of the queue."""

    FULL = "disk full"
    LOCKED = "database locked"
    CLOSED = "cannot be written"
    DAMAGED = "damaged"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Nothing is stored since `since`. `where` is a path, of a full disk its mount point; `by` the
    program that holds the lock, "" where that cannot be told; `told` what the store says of it."""

    kind: TroubleKind
    where: str
    since: datetime
    by: str = ""
    told: str = ""

    @property
    def passes(self) -> bool:
        """Whether it can end while modtui runs."""
        return self.kind not in (TroubleKind.DAMAGED, TroubleKind.GONE)


def is_gone(trouble: Trouble | None) -> bool:
    """Return whether the file is not the one that was opened: what is there now tells nothing."""
    return trouble is not None and trouble.kind is TroubleKind.GONE


def not_done(trouble: Trouble) -> str:
    """Return what is said of an action that `trouble` kept from being stored; what to do stands in
    `trouble_line`."""
    return f"nothing was done: {trouble.kind.value}"


def trouble_line(trouble: Trouble, now: datetime, unsaved: int = 0) -> str:
    """Return what is wrong, where, and what to do; `unsaved` drafts are kept in memory alone."""
    for_long = span(now - trouble.since)
    kept = "drafts are safe"
    if unsaved:
        kept = f"{unsaved} {'draft' if unsaved == 1 else 'drafts'} in memory only"
    match trouble.kind:
        case TroubleKind.FULL:
            return f"disk full on {trouble.where}: free some space; {kept}, nothing new is stored"
        case TroubleKind.LOCKED:
            by = trouble.by or "another program"
            return (
                f"database locked by {by} since {for_long}: end it; {kept}, nothing new is stored"
            )
        case TroubleKind.CLOSED:
            what = f"{trouble.where} cannot be written since {for_long}: make it writable"
            return f"{what}; {kept}, nothing new is stored"
        case TroubleKind.GONE:
            return trouble.told
    return f"{trouble.where} is damaged: modtui doctor --recover saves what can be read of it"
