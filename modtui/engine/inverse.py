"""What takes a finished command back, where there is such a thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from modtui.connectors import Limits
from modtui.connectors.evidence import SO_ALREADY, WAS, held_before, off_before
from modtui.domain.commands import (
    Command,
    Dismiss,
    DoExtra,
    Extra,
    Hide,
    LiftSanction,
    Lock,
    Restore,
    Sanction,
    SanctionKind,
    SetReadOnly,
    SetSlowMode,
    Unlock,
)
from modtui.domain.model import Event, EventKind
from modtui.domain.outbox import Delivery

_WHY = "taken back"


def stood_before(row: Delivery) -> bool:
    """Whether `row` set nothing, as it was so already at its first try. A later try may have found
    what the one before it had set."""
    found = row.receipt is not None and row.receipt.evidence == SO_ALREADY
    setting = isinstance(
        row.command, Hide | Lock | SetSlowMode | SetReadOnly | Sanction | Dismiss | DoExtra
    )
    return found and setting and row.attempts <= 1


def confirmed(row: Delivery) -> bool:
    """Whether `row` removed only what the platform had held back, or another had removed."""
    posts = row.command.posts if isinstance(row.command, Hide) else ()
    held = held_before(row.receipt.evidence) if row.receipt else frozenset()
    return bool(held) and not _taken_off(row, posts)


def inverse(
    row: Delivery, revision: int, history: Sequence[Event], now: datetime
) -> Command | None:
    """Return the command that takes `row` back; None for what is said, decided
    for good, or was so before it.

    `history` has the thread's events: a slow mode goes back to what was there before it.
    """
    on: dict[str, Any] = {"thread": row.thread, "revision": revision}
    if stood_before(row):
        return None
    match row.command:
        case Hide(posts=posts):
            ours = _taken_off(row, posts)
            return Restore(**on, posts=ours) if ours or not posts else None
        case Lock():
            return Unlock(**on, reason=_WHY, expect=_left_behind(row))
        case SetSlowMode(seconds=set_to):
            seconds, until = _before(row, history, now)
            return SetSlowMode(**on, seconds=seconds, until=until, reason=_WHY, expect=set_to)
        case SetReadOnly(on=closed):
            left = _left_behind(row) if closed else None
            return SetReadOnly(**on, on=not closed, until=None, reason=_WHY, expect=left)
        case Sanction(sanction=kind, author=author):
            if kind in (SanctionKind.MUTE, SanctionKind.BAN):
                return LiftSanction(**on, sanction=kind, author=author, expect=_left_behind(row))
        case Dismiss(approve=False):
            return DoExtra(**on, extra=Extra.REOPEN, reason=_WHY)
        case DoExtra():
            return _opposite(row, row.command, revision)
    return None


def doubt(row: Delivery, command: Command, limits: Limits) -> str:
    """Return why nobody can tell whether what `command` would end is still what `row` set; "" where
    the platform can tell, and will be asked. Of a lock it can where the receipt says which."""
    if not _ends(command):
        return ""
    if isinstance(command, Unlock) and command.expect:
        return ""
    if not limits.untold and row.receipt is not None and row.receipt.evidence == SO_ALREADY:
        return "its first try had no answer, and the next found it there: another may have set it"
    return limits.untold


def _ends(command: Command) -> bool:
    """Whether `command` ends, or puts back, what may have been set anew since."""
    match command:
        case LiftSanction() | Unlock() | SetSlowMode():
            return True
        case SetReadOnly(on=on) | DoExtra(on=on):
            return not on
    return False


def _left_behind(row: Delivery) -> str | None:
    """Return the evidence of what `row` set, for the platform to compare with what stands."""
    found = row.receipt.evidence if row.receipt is not None else ""
    return found if found != SO_ALREADY and found else None


def _taken_off(row: Delivery, posts: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of `posts` that were not off before, nor held back by the platform."""
    if row.receipt is None:
        return posts
    before = held_before(row.receipt.evidence)
    if row.attempts <= 1:
        before |= off_before(row.receipt.evidence)
    return tuple(post for post in posts if post not in before)


def _opposite(row: Delivery, command: DoExtra, revision: int) -> DoExtra | None:
    """Return what takes an extra back: the score that its receipt says was there, else its
    opposite; None for what is done for good."""
    value = command.value
    match command.extra:
        case Extra.DIVERT:
            return None
        case Extra.PRIORITY:
            value = (row.receipt.evidence if row.receipt else "").removeprefix(WAS)
            if not value.isdecimal():
                return None
            return replace(command, revision=revision, value=value, reason=_WHY)
    return replace(command, revision=revision, on=not command.on, seconds=None, reason=_WHY)


def _before(row: Delivery, history: Sequence[Event], now: datetime) -> tuple[int, datetime | None]:
    for event in history:
        if event.kind is EventKind.RESTRICTED and event.get("delivery") == row.id:
            ended = event.get("previous_until")
            until = datetime.fromisoformat(str(ended)) if ended else None
            if until is not None and until <= now:
                return 0, None
            return int(event.get("previous") or 0), until
    return 0, None
