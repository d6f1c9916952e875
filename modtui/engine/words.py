"""What a command or an event is called in a line for the moderator."""

from __future__ import annotations

from datetime import datetime

from modtui.connectors import Limits
from modtui.domain.commands import Command, Hide, LiftSanction, Reply, Sanction
from modtui.domain.lane import is_over
from modtui.domain.model import Event, ThreadRecord
from modtui.domain.settings import Desk
from modtui.domain.states import news
from modtui.domain.text import Clean, clean_line
from modtui.domain.trouble import NO_MEMORY, is_starved
from modtui.domain.views import Offer, ThreadDetail
from modtui.domain.words import act, length, span, titled
from modtui.engine.folding import called


def name(command: Command, record: ThreadRecord, desk: Desk) -> str:
    """Return an act with its target: "reply → Deposit limit", "remove post of spam_01 → ..."."""
    author = record.thread.author
    match command:
        case Hide(author=whom) | Sanction(author=whom) | LiftSanction(author=whom):
            shown = author.name if whom == author.remote_id else ""
        case Reply():
            shown = author.name
        case _:
            shown = ""
    return titled(act(command, shown), called(record, desk))


def name_of(command: Command) -> str:
    """Return an act that is for no thread: "hand-over to ops #shift"."""
    return act(command)


def told(event: Event) -> str:
    """Return what an event is called: "staff reply", "not sensitive: a figure of speech"."""
    if is_over(event):
        return clean_line(f"not sensitive: {event.get('over')}")
    return event.kind.value.replace("_", " ")


def happened(event: Event, now: datetime) -> str:
    """Return an event as news: "mod-c: staff reply, 40 s ago"."""
    return f"{event.actor}: {told(event)}, {span(now - event.at)} ago"


def since(seen: ThreadDetail, latest: ThreadDetail, me: str, now: datetime) -> str:
    """Return what happened between two looks at a thread that who writes there should know, ""
    where nothing did."""
    posts = len(latest.posts) - len(seen.posts)
    flags = len(latest.flags) - len(seen.flags)
    claim = latest.row.claim
    if claim is not None and claim.by != me:
        return f"{claim.by} holds this thread"
    if posts > 0:
        return f"{posts} new posts since you began, the last by {latest.posts[-1].author.name}"
    changed = news(latest.events, seen.row.revision, me)
    if changed is not None:
        return f"since you began: {happened(changed, now)}"
    return f"{flags} new flags since you began" if flags > 0 else ""


def outside(seconds: int | None, limits: Limits | Offer) -> str:
    """Return what a platform allows if `seconds` is not within it; "" if it is, or is None."""
    most = limits.max_seconds
    if seconds is None or (limits.min_seconds <= seconds and (most is None or seconds <= most)):
        return ""
    high = "no limit" if most is None else length(most)
    return f"{limits.name} goes from {length(limits.min_seconds)} to {high}"


def unexpected(error: Exception) -> str:
    """Return what is recorded of an error that nobody expected."""
    return NO_MEMORY if is_starved(error) else f"unexpected {broke(error)}"


def broke(error: Exception) -> Clean:
    """Return an error that nobody expected on one clean line: "KeyError: 'id'"."""
    return clean_line(f"{type(error).__name__}: {error}".rstrip(": "))
