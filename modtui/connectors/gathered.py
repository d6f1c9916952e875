"""What a connector that listens has gathered for its next batch."""

from __future__ import annotations

from dataclasses import dataclass, field

from modtui.connectors import Batch, Broken
from modtui.connectors.reading import dump_cursor
from modtui.domain.model import Channel, Flag, Post, Thread


@dataclass(slots=True)
class Gathered:
    """What the next batch tells."""

    channels: dict[str, Channel] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    closed: list[tuple[str, str]] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)

    def batch(self, state: object, *, caught_up: bool) -> Batch:
        """Return all of it, with the cursor that `state` makes."""
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
