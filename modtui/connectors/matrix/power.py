"""Power levels: who may do what in a room, and a room closed for writing. Pure.

Source: Matrix specification, m.room.power_levels; room version 12 (creators are above every
level and must not be named in `users`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modtui.connectors.matrix.events import MESSAGES
from modtui.connectors.reading import moment
from modtui.domain.model import Restriction

STAFF = 50
MUTED = -1
CREATOR = 1 << 53
CLOSED = "modtui.closed"
MUTES = "modtui.muted"

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Power:
    """The power levels of one room. `creators` is empty before room version 12."""

    content: Mapping[str, Any]
    creators: frozenset[str] = frozenset()

    def of(self, user_id: str) -> int:
        """Return the level of a user."""
        if user_id in self.creators:
            return CREATOR
        return _level(_dict(self.content, "users").get(user_id), self.users_default)

    @property
    def users_default(self) -> int:
        """The level of everyone not named."""
        return _level(self.content.get("users_default"), 0)

    @property
    def to_write(self) -> int:
        """The level it takes to send a message."""
        default = _level(self.content.get("events_default"), 0)
        return _level(_dict(self.content, "events").get("m.room.message"), default)

    @property
    def to_change(self) -> int:
        """The level it takes to change the power levels themselves."""
        default = _level(self.content.get("state_default"), 50)
        return _level(_dict(self.content, "events").get("m.room.power_levels"), default)

    def to_do(self, action: str) -> int:
        """The level it takes to redact, kick or ban."""
        return _level(self.content.get(action), 50)

    @property
    def closed(self) -> bool:
        """Whether people without a level of their own cannot write."""
        return self.to_write > self.users_default

    @property
    def mark(self) -> Mapping[str, Any]:
        """What we noted in the room when we closed it, or {}."""
        return _dict(self.content, CLOSED)

    @property
    def locked(self) -> bool:
        """Whether we closed it as a lock."""
        return self.closed and self.mark.get("kind") == "lock"

    def restriction(self, now: datetime) -> Restriction | None:
        """Return the restriction to show, or None while the room is open."""
        if not self.closed:
            return None
        return Restriction(
            kind="read_only",
            seconds=None,
            since=_moment(self.mark.get("since"), now),
            until=_later(self.mark.get("until")),
            ours=bool(self.mark),
        )


@dataclass(frozen=True, slots=True)
class Closing:
    """How a room is closed: `key` is the delivery's, so that a repeat is known as one."""

    key: str
    kind: str
    at: datetime
    until: datetime | None


def close_room(power: Power, closing: Closing) -> tuple[Content, str]:
    """Return the new content and the evidence that `reopen_room` compares with.

    What was there before is noted in the room itself: evidence of a lost answer is lost too.
    """
    level = max(STAFF, power.users_default + 1)
    events = _dict(power.content, "events")
    before: Content = {
        "events_default": power.content.get("events_default"),
        "events": {kind: events[kind] for kind in MESSAGES if kind in events},
    }
    if power.closed and isinstance(power.mark.get("before"), dict):
        before = power.mark["before"]
    content = dict(power.content)
    content["events_default"] = max(level, _level(content.get("events_default"), 0))
    lifted = {k: max(level, _level(events[k], 0)) for k in MESSAGES if k in events}
    if lifted:
        content["events"] = {**events, **lifted}
    content[CLOSED] = {
        "kind": closing.kind,
        "key": closing.key,
        "before": before,
        "since": _milliseconds(closing.at),
        "until": _milliseconds(closing.until) if closing.until else None,
    }
    return content, evidence_of(closing.key, content["events_default"], before)


def evidence_of(key: str, level: int, before: Any) -> str:
    """Return what a later end compares with."""
    return json.dumps({"key": key, "level": level, "before": before}, sort_keys=True)


def closed_by(power: Power, key: str) -> str | None:
    """Return the evidence if the room is closed by delivery `key` already."""
    if not (power.closed and power.mark.get("key") == key):
        return None
    level = _level(power.content.get("events_default"), 0)
    return evidence_of(key, level, power.mark.get("before"))


def reopen_room(power: Power, expect: str | None) -> Content | None:
    """Return the content that reopens the room, or None if someone changed it since.

    Some clients drop our note when they write power levels: then the level alone is compared.
    """
    wanted = _evidence(expect)
    mark = power.mark
    if wanted and mark and mark.get("key") != wanted.get("key"):
        return None
    level = _level(power.content.get("events_default"), 0)
    if wanted and not mark and level != wanted.get("level"):
        return None
    before = mark.get("before") or wanted.get("before")
    before = before if isinstance(before, dict) else {}
    content = dict(power.content)
    content.pop(CLOSED, None)
    _put(content, "events_default", before.get("events_default"))
    known = before.get("events")
    known = known if isinstance(known, dict) else {}
    if "events" in content:
        content["events"] = {k: known.get(k, v) for k, v in _dict(content, "events").items()}
    if wanted or not Power(content).closed:
        return content
    # Closed before us, or by nobody knows whom: opening by hand means opening it.
    default = power.users_default
    content["events_default"] = default
    content["events"] = {
        k: default if k in MESSAGES else v for k, v in _dict(content, "events").items()
    }
    return content


def mute(power: Power, user_id: str, key: str) -> tuple[Content, str]:
    """Return the content that mutes `user_id`, and the evidence."""
    users = _dict(power.content, "users")
    marks = _dict(power.content, MUTES)
    before = users.get(user_id)
    if before == MUTED and isinstance(marks.get(user_id), dict):
        before = marks[user_id].get("before")
    content = {
        **power.content,
        "users": {**users, user_id: MUTED},
        MUTES: {**marks, user_id: {"key": key, "before": before}},
    }
    return content, evidence_of(key, MUTED, before)


def muted_by(power: Power, user_id: str, key: str) -> str | None:
    """Return the evidence if delivery `key` has muted `user_id` already."""
    mark = _dict(power.content, MUTES).get(user_id)
    if power.of(user_id) != MUTED or not isinstance(mark, dict) or mark.get("key") != key:
        return None
    return evidence_of(key, MUTED, mark.get("before"))


def unmute(power: Power, user_id: str, expect: str | None) -> Content | None:
    """Return the content that lifts the mute, or None if someone changed it since."""
    wanted = _evidence(expect)
    marks = dict(_dict(power.content, MUTES))
    mark = marks.pop(user_id, None)
    mark = mark if isinstance(mark, dict) else {}
    if wanted and mark and mark.get("key") != wanted.get("key"):
        return None
    users = dict(_dict(power.content, "users"))
    _put(users, user_id, mark.get("before", wanted.get("before")))
    content = {**power.content, "users": users, MUTES: marks}
    if not marks:
        del content[MUTES]
    return content


def _put(target: Content, name: str, value: Any) -> None:
    if isinstance(value, int):
        target[name] = value
    else:
        target.pop(name, None)


def _evidence(expect: str | None) -> Mapping[str, Any]:
    try:
        value = json.loads(expect) if expect else {}
    except ValueError:
        return {"key": expect}
    return value if isinstance(value, dict) else {"key": expect}


def _dict(content: Mapping[str, Any], name: str) -> Content:
    value = content.get(name)
    return value if isinstance(value, dict) else {}


def _level(value: Any, default: int) -> int:
    # Rooms made before version 10 may hold levels as text.
    try:
        return int(value) if isinstance(value, int | str) else default
    except ValueError:
        return default


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _moment(value: Any, now: datetime) -> datetime | None:
    return moment(value, now) if isinstance(value, int) else None


def _later(value: Any) -> datetime | None:
    far = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
    return moment(value, far) if isinstance(value, int) else None
