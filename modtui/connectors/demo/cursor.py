"""How far the pretend community was read, as opaque text of bounded size.

It holds when the community began and woke, up to when it was told, and what restricts its
channels: all that a later process needs to lay out the same community and go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from modtui.domain.frozen import dataclass
from modtui.domain.model import Channel, Restriction
from modtui.domain.text import clean_line

_LONGEST = timedelta(days=3650)
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """`backlog` threads of the opening queue were told; `at` is None until all were."""

    start: datetime
    woke_at: datetime
    backlog: int = 0
    at: datetime | None = None
    channels: tuple[Channel, ...] = ()

    def dump(self) -> str:
        """Return the cursor as text."""
        return json.dumps(
            {
                "start": self.start.isoformat(),
                "woke": self.woke_at.isoformat(),
                "backlog": self.backlog,
                "at": self.at.isoformat() if self.at else None,
                "channels": [_dump(channel) for channel in restricted(self.channels)],
            },
            ensure_ascii=False,
        )


def load(text: str, now: datetime) -> Cursor | None:
    """Return the cursor that `dump` wrote, or None for a text that it did not write."""
    try:
        found = _read(json.loads(text))
        times = [found.start, found.woke_at, *([found.at] if found.at else [])]
        sound = all(abs(now - at) < _LONGEST for at in times) and 0 <= found.backlog < _MOST
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
    return found if sound else None


def _read(data: dict[str, Any]) -> Cursor:
    return Cursor(
        start=datetime.fromisoformat(data["start"]),
        woke_at=datetime.fromisoformat(data["woke"]),
        backlog=int(data["backlog"]),
        at=_time(data["at"]),
        channels=tuple(_load(entry) for entry in data["channels"]),
    )


def restricted(channels: Iterable[Channel]) -> tuple[Channel, ...]:
    """Return those of `channels` that are slowed or closed."""
    return tuple(channel for channel in channels if channel.restriction is not None)


def _dump(channel: Channel) -> dict[str, object]:
    what = channel.restriction
    assert what is not None
    return {
        "id": channel.remote_id,
        "name": channel.name,
        "kind": what.kind,
        "seconds": what.seconds,
        "since": what.since.isoformat() if what.since else None,
        "until": what.until.isoformat() if what.until else None,
        "by": what.by,
        "reason": what.reason,
    }


def _load(data: dict[str, str | int | None]) -> Channel:
    seconds = data["seconds"]
    restriction = Restriction(
        kind=str(data["kind"]),
        seconds=int(seconds) if seconds is not None else None,
        since=_time(data["since"]),
        until=_time(data["until"]),
        by=clean_line(str(data["by"])),
        reason=clean_line(str(data["reason"])),
        ours=True,
    )
    return Channel(str(data["id"]), clean_line(str(data["name"])), restriction)


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None
