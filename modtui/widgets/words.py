"""Commands in words: what was done, and to whom."""

from __future__ import annotations

from modtui.domain.commands import (
    Command,
    Dismiss,
    Escalate,
    Hide,
    LiftSanction,
    Lock,
    Note,
    Reopen,
    Reply,
    Resolve,
    Restore,
    Sanction,
    SetReadOnly,
    SetSlowMode,
    Snooze,
    Unlock,
)
from modtui.widgets.cells import coarse

_PLAIN: dict[type[Command], str] = {
    Reply: "reply",
    Restore: "restore post",
    Lock: "lock",
    Unlock: "unlock",
    Resolve: "done",
    Reopen: "reopen",
    Note: "note",
    Snooze: "snooze",
}


def deed(command: Command, title: str) -> str:
    """Return `command` in words that name its target, then the thread's title."""
    match command:
        case Hide(author=author):
            what = f"remove post of {author}"
        case Dismiss(approve=approve):
            what = "approve held post" if approve else "keep, flags dismissed"
        case SetSlowMode(seconds=seconds):
            what = f"slow mode {coarse(seconds)}" if seconds else "slow mode off"
        case SetReadOnly(on=on):
            what = "read-only" if on else "open for writing"
        case Sanction(sanction=kind, author=author, seconds=length):
            what = f"{kind.value} {author}{f' for {coarse(length)}' if length else ''}"
        case LiftSanction(sanction=kind, author=author):
            what = f"lift {kind.value} of {author}"
        case Escalate(team=team):
            what = f"escalate to {team}"
        case _:
            what = _PLAIN.get(type(command), command.kind)
    return f"{what} → {title}" if title else what
