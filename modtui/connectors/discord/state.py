"""What is remembered between two reads, and what the next batch tells."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from modtui.connectors import Batch, Broken
from modtui.connectors.reading import dump_cursor
from modtui.domain.model import Channel, Flag, Post, Thread


class State(msgspec.Struct):
    """The cursor. `last` maps a channel to the last message that was read, `flags` a flag to its
    subject, `follows` a message to the thread it belongs to, `caught` what AutoMod held to when,
    and whether that was told without its alert."""

    session: str = ""
    resume: str = ""
    seq: int | None = None
    last: dict[str, str] = {}
    flags: dict[str, str] = {}
    follows: dict[str, str] = {}
    places: dict[str, str] = {}
    caught: dict[str, tuple[int, bool]] = {}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where work comes from; "" for what is not used."""

    guild: str
    report: str = ""
    alert: str = ""
    forum: str = ""
    reaction: str = ""

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for one in (self.report, self.alert) if one))


@dataclass(slots=True)
class Gathered:
    """What the next batch tells."""

    channels: dict[str, Channel] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    closed: list[tuple[str, str]] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)

    def batch(self, state: State, *, caught_up: bool) -> Batch:
        return Batch(
            cursor=dump_cursor(state),
            channels=tuple(self.channels.values()),
            threads=tuple(self.threads.values()),
            posts=tuple(self.posts),
            flags=tuple(self.flags),
            closed=tuple(self.closed),
            broken=tuple(self.broken),
            caught_up=caught_up,
        )

    @property
    def empty(self) -> bool:
        told = (self.channels, self.threads, self.posts, self.flags, self.closed, self.broken)
        return not any(told)
