"""What a command is called in a line for the moderator: an act and its target."""

from __future__ import annotations

from datetime import datetime, timedelta

from modtui.domain.commands import (
    Audience,
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
from modtui.domain.model import Event, ThreadRecord


def name(command: Command, record: ThreadRecord) -> str:
    """Return an act with its target: "reply to Deposit limit", "remove post of spam_01"."""
    title = record.thread.title
    match command:
        case Reply(audience=Audience.AUTHOR):
            return f"reply to {record.thread.author.name} alone"
        case Reply():
            return f"reply to {title}"
        case Hide(posts=posts, author=author):
            return f"remove {_posts(posts)} of {_author(author, record)}"
        case Restore(posts=posts):
            return f"bring back {_posts(posts)} in {title}"
        case Dismiss():
            return f"keep {title}"
        case Escalate(team=team):
            return f"escalate {title} to {team}"
        case Resolve():
            return f"resolve {title}"
        case Reopen():
            return f"reopen {title}"
        case Note():
            return f"note on {title}"
        case Snooze():
            return f"snooze {title}"
    return _setting(command, record)


def _setting(command: Command, record: ThreadRecord) -> str:
    title = record.thread.title
    match command:
        case Lock():
            return f"lock {title}"
        case Unlock():
            return f"unlock {title}"
        case SetSlowMode(seconds=0):
            return f"slow mode off around {title}"
        case SetSlowMode(seconds=seconds):
            return f"slow mode {span(timedelta(seconds=seconds))} around {title}"
        case SetReadOnly(on=on):
            return f"{'read-only' if on else 'read-only off'} around {title}"
        case Sanction(sanction=kind, author=author):
            return f"{kind.value} {_author(author, record)}"
        case LiftSanction(sanction=kind, author=author):
            return f"un{kind.value} {_author(author, record)}"
    return command.kind


def happened(event: Event, now: datetime) -> str:
    """Return an event as news: "mod-c: staff reply, 40 s ago"."""
    return f"{event.actor}: {event.kind.value.replace('_', ' ')}, {span(now - event.at)} ago"


def span(value: timedelta) -> str:
    """Return a duration in its largest whole unit: 40 s, 15 min, 2 h, 7 d."""
    seconds = max(0, int(value.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _posts(posts: tuple[str, ...]) -> str:
    return "post" if len(posts) == 1 else f"{len(posts)} posts"


def _author(remote_id: str, record: ThreadRecord) -> str:
    author = record.thread.author
    return author.name if author.remote_id == remote_id else remote_id
