"""What was told of issues and discussions, and what is news of them. Pure.

A topic that waited is followed while it is open, answered or not, and a week after it was closed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from modtui.connectors import Broken
from modtui.connectors.github.facts import Reader, Topic
from modtui.connectors.github.listing import Listing
from modtui.domain.model import Channel, Flag, Post, Thread

ISSUES, DISCUSSIONS = "issues", "discussions"
KINDS = (ISSUES, DISCUSSIONS)
_FOLLOWED = 7 * 24 * 3600
_MOST_OVER = 500
ANSWERED = "answered"


class Seen(msgspec.Struct, array_like=True):
    """A topic that was told: when it last changed, the rule of its open flag or nothing, the post
    that waits or ANSWERED, and the epoch second since when it is closed, or 0."""

    changed: str
    rule: str = ""
    post: str = ""
    over: int = 0


class Source(msgspec.Struct):
    """One list of a repository: the newest change in it, and what was told of it by id."""

    newest: str | None = None
    seen: dict[str, Seen] = {}


class Cursor(msgspec.Struct):
    """The lists by `source_name`."""

    sources: dict[str, Source] = {}


@dataclass(slots=True)
class Told:
    """What one look found."""

    channels: dict[str, Channel] = field(default_factory=dict)
    threads: list[Thread] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    closed: list[tuple[str, str]] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)


def source_name(repository: str, kind: str) -> str:
    """Return the name of a list in the cursor."""
    return f"{repository} {kind}"


def is_news(topic: Topic, source: Source, reader: Reader) -> bool:
    """Whether a topic may wait, or is followed and changed."""
    seen = source.seen.get(topic.id)
    if seen is None:
        return reader.rule(topic) is not None
    stands = bool(seen.rule) or seen.post == ANSWERED
    return seen.changed != topic.updated_at or stands != (reader.rule(topic) is not None)


def judge(topic: Topic, repository: str, source: Source, reader: Reader, told: Told) -> None:
    """Tell a topic that waits or is followed: its posts, its flag, or that this is over.

    What this account itself answered keeps its flag: whether it is done is the moderator's word.
    """
    seen, posts = source.seen.get(topic.id), reader.posts(topic)
    waiting = reader.waiting(topic, posts)
    if seen is None and waiting is None:
        return
    told.channels[repository] = reader.channel(repository)
    told.threads.append(reader.thread(topic, repository))
    told.posts += posts
    told.broken += topic.said()[1]
    before = seen or Seen("")
    rule, post = "", ""
    if waiting is not None:
        rule, post = waiting.reason, waiting.post.remote_id
        if (rule, post) != (before.rule, before.post):
            # GitHub's lists do not say when a label was put on.
            first = reader.labels and not before.rule
            at = reader.now if first else waiting.post.created_at
            told.flags.append(reader.flag(topic, waiting, at))
    elif reader.rule(topic) is not None:
        post = ANSWERED
        if before.rule == reader.rule(topic) and reader.ours(posts):
            rule = before.rule
    if before.rule and before.rule != rule:
        told.closed.append((topic.id, before.rule))
    over = (before.over or int(reader.now.timestamp())) if topic.closed else 0
    source.seen[topic.id] = Seen(topic.updated_at, rule, post, over)


def open_flags(state: Cursor) -> frozenset[tuple[str, str]]:
    """Return every flag that is open, by the last whole read of each list."""
    return frozenset(
        (subject, seen.rule)
        for source in state.sources.values()
        for subject, seen in source.seen.items()
        if seen.rule
    )


def unlisted(source: Source, listing: Listing, unread: Collection[str]) -> dict[str, str]:
    """Return what a whole read did not list, by when it last changed: deleted, moved, or closed.
    What is `unread` was listed."""
    there = {*unread, *(topic.id for topic in listing.topics)}
    return {subject: seen.changed for subject, seen in source.seen.items() if subject not in there}


def let_go(source: Source, gone: Mapping[str, str], now: datetime) -> None:
    """Let go of what was not listed, but for what was told since: a closing is told as such."""
    for subject, changed in gone.items():
        seen = source.seen.get(subject)
        if seen is not None and seen.changed == changed:
            over = seen.over or int(now.timestamp())
            source.seen[subject] = Seen(seen.changed, over=over)


def forget(source: Source, now: int) -> None:
    """Drop what is over for a week, so that the cursor does not grow for ever."""
    over = sorted((seen.over, subject) for subject, seen in source.seen.items() if seen.over)
    kept = {subject for at, subject in over[-_MOST_OVER:] if now - at < _FOLLOWED}
    source.seen = {
        subject: seen for subject, seen in source.seen.items() if not seen.over or subject in kept
    }
