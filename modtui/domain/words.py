"""Durations and commands in words: the same in every message, list and line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from modtui.domain.commands import (
    CROWD_LEVELS,
    Assign,
    Audience,
    Command,
    Comment,
    Dismiss,
    DoExtra,
    Escalate,
    Extra,
    HandOver,
    Hide,
    LiftSanction,
    Lock,
    MarkSensitive,
    Note,
    NotSensitive,
    Reopen,
    Reply,
    Resolve,
    Restore,
    Sanction,
    SetCrowdControl,
    SetReadOnly,
    SetSlowMode,
    Snooze,
    Unlock,
)

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
_PLAIN: dict[type[Command], str] = {
    Reply: "reply",
    Lock: "lock",
    Unlock: "unlock",
    Resolve: "done",
    Reopen: "reopen",
    Note: "note",
    Snooze: "snooze",
    MarkSensitive: "sensitive: NOW lane, help route",
}


def span(value: timedelta) -> str:
    """Return how long something took, in its largest whole unit: 40 s, 15 min, 2 h, 7 d."""
    seconds = max(0, int(value.total_seconds()))
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def to_go(until: datetime | None, now: datetime) -> str:
    """Return how long something still lasts, after what it is: ", 5 min to go"; "" where it is
    over, or nobody knows."""
    return f", {span(until - now)} to go" if until is not None and until > now else ""


def length(seconds: int) -> str:
    """Return a setting's length exactly, in the largest unit that divides it: 90 s, 2 h, 7 d."""
    for unit, size in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def number(value: float) -> str:
    """Return a rate or a mean as it is read: whole from ten on, else with one decimal unless that
    is 0."""
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def so_many(value: int | str, noun: str) -> str:
    """Return `1 flag`, `2 flags`, `0.5 flags`."""
    return f"{value} {noun if str(value) == '1' else noun + 's'}"


def act(command: Command, author: str = "", length: Callable[[int], str] = length) -> str:
    """Return what `command` does and to whom: "remove post of spam_01", "slow mode 30 s".

    `author` is the name to show; without it the command's own id of the author stands there.
    `length` writes seconds.
    """
    match command:
        case Reply(audience=Audience.AUTHOR):
            return f"reply to {author or 'the author'} alone"
        case Hide(posts=posts, author=remote_id, unseen=unseen):
            return ", ".join((f"remove {_posts(posts)} of {author or remote_id}", *unseen))
        case Restore(posts=posts):
            return f"bring back {_posts(posts)}"
        case Dismiss(approve=approve, unseen=unseen):
            what = "approve held post" if approve else "keep, flags dismissed"
            return ", ".join((what, *unseen))
        case Sanction(sanction=kind, author=remote_id, seconds=seconds):
            lasting = f" for {length(seconds)}" if seconds else ""
            return f"{kind.value} {author or remote_id}{lasting}"
        case LiftSanction(sanction=kind, author=remote_id):
            return f"lift {kind.value} of {author or remote_id}"
        case SetSlowMode(seconds=seconds):
            return f"slow mode {length(seconds)}" if seconds else "slow mode off"
        case SetReadOnly(on=on):
            return "read-only" if on else "open for writing"
        case SetCrowdControl(level=level):
            return f"crowd control {CROWD_LEVELS[level]}"
        case DoExtra():
            return _extra(command, length)
        case Escalate(team=team):
            return f"escalate to {team}"
        case Assign(on=on):
            return "claim there" if on else "release there"
        case Comment():
            return "note there"
        case NotSensitive(why=why):
            return f"not sensitive: {why}"
        case HandOver(account=account, to=to):
            return f"hand-over to {account} {to}".rstrip()
    return _PLAIN.get(type(command), command.kind)


def _extra(command: DoExtra, length: Callable[[int], str]) -> str:
    lasting = f" for {length(command.seconds)}" if command.seconds else ""
    match command.extra:
        case Extra.REOPEN:
            return "reopen the report" if command.on else "resolve the report again"
        case Extra.PRIORITY:
            return f"priority {command.value}"
        case Extra.TAG:
            return f"put on tag {command.value}" if command.on else f"take off tag {command.value}"
        case Extra.DIVERT:
            return "divert the media"
        case Extra.SENSITIVE_MEDIA:
            return "mark media as sensitive" if command.on else "media sensitive no longer"
        case Extra.FREEZE:
            return "freeze the login" if command.on else "unfreeze the login"
    return f"mute reporter{lasting}" if command.on else "unmute reporter"


def titled(what: str, title: str) -> str:
    """Return an act with the thread it is for: "reply → Deposit limit"."""
    return f"{what} → {title}" if title else what


def _posts(posts: tuple[str, ...]) -> str:
    return "post" if len(posts) == 1 else f"{len(posts)} posts"
