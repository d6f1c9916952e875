"""What a command or an event is called in a line for the moderator."""

from __future__ import annotations

from datetime import datetime

from modtui.domain.commands import Command, Hide, LiftSanction, Reply, Sanction
from modtui.domain.model import Event, ThreadRecord
from modtui.domain.words import act, span, titled


def name(command: Command, record: ThreadRecord) -> str:
    """Return an act with its target: "reply → Deposit limit", "remove post of spam_01 → ..."."""
    author = record.thread.author
    match command:
        case Hide(author=whom) | Sanction(author=whom) | LiftSanction(author=whom):
            shown = author.name if whom == author.remote_id else ""
        case Reply():
            shown = author.name
        case _:
            shown = ""
    return titled(act(command, shown), record.thread.title)


def happened(event: Event, now: datetime) -> str:
    """Return an event as news: "mod-c: staff reply, 40 s ago"."""
    return f"{event.actor}: {event.kind.value.replace('_', ' ')}, {span(now - event.at)} ago"
