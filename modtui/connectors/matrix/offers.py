"""What Matrix offers, by its own names, and what this account may not do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from modtui.connectors import (
    Capabilities,
    Dedupe,
    Idempotent,
    Key,
    Limits,
    StateSetting,
    no_extras,
    offered,
)
from modtui.connectors.matrix.rooms import Me, Room
from modtui.domain.commands import Capability

_HOUR = 3600
_DAY = 24 * _HOUR
_KEY: Dedupe = Key(timedelta(hours=24), per_credential=True)
_MISSING: Mapping[Capability, str] = {
    **no_extras("Matrix"),
    Capability.CROWD_CONTROL: "Matrix has no crowd control: read-only is the nearest",
    Capability.NOTE: "Matrix keeps no notes on a report",
    Capability.ASSIGN: "Matrix shows nobody who works on a report",
    Capability.SLOW_MODE: "Matrix has no slow mode: read-only until a time is the nearest",
    Capability.RESTORE: "Matrix cannot bring back what was removed",
    Capability.APPROVE: "Matrix holds nothing back for approval",
}
_OFFERS: Mapping[Capability, Limits] = {
    Capability.REPLY: Limits("reply in thread", _KEY),
    Capability.REPLY_PRIVATE: Limits("direct message", _KEY),
    Capability.HIDE: Limits("redact", _KEY, for_good=True, leaves_flag=True),
    Capability.DISMISS: Limits("delete the reports", Idempotent()),
    Capability.READ_ONLY: Limits(
        "read-only until",
        StateSetting(),
        min_seconds=60,
        presets=(10 * 60, 30 * 60, _HOUR, 8 * _HOUR, _DAY),
        detail="raises events_default; people with power 50 can still write",
    ),
    Capability.LOCK: Limits(
        "lock room (read-only)",
        StateSetting(),
        detail="Matrix cannot lock a thread: this closes the whole room for writing",
    ),
    Capability.WARN: Limits("warn by direct message", _KEY),
    Capability.MUTE: Limits(
        "mute (power -1)", StateSetting(), min_seconds=60, presets=(_HOUR, _DAY, 7 * _DAY)
    ),
    Capability.KICK: Limits("kick", StateSetting(), for_good=True),
    Capability.BAN: Limits(
        "ban from the room", StateSetting(), min_seconds=60, presets=(_DAY, 7 * _DAY, 30 * _DAY)
    ),
    Capability.NOTIFY: Limits("message to a room", _KEY),
}
_LEVELS = (Capability.READ_ONLY, Capability.LOCK, Capability.MUTE)
_ACTIONS = {
    Capability.HIDE: "redact",
    Capability.KICK: "kick",
    Capability.BAN: "ban",
}


def capabilities(
    rooms: Iterable[Room] = (), me: Me | None = None, admin: bool | None = None
) -> Capabilities:
    """Return what can be done. An action is missing when no known room lets us do it."""
    missing = dict(_MISSING)
    if admin is False:
        missing[Capability.DISMISS] = "only a Synapse server admin can delete reports"
    ours = [room for room in rooms if room.power is not None]
    if me is not None and ours:
        for capability in (*_LEVELS, *_ACTIONS):
            lacks = [lack for room in ours if (lack := _lack(room, me, capability))]
            if len(lacks) == len(ours):
                missing[capability] = lacks[0]
    return offered(_OFFERS, missing)


def rights(rooms: Iterable[Room], me: Me) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the account can and cannot do in each room, in words."""
    can: list[str] = []
    cannot: list[str] = []
    for room in rooms:
        if room.power is None:
            continue
        name = room.title(me.server)
        wanted = (*_ACTIONS, *_LEVELS)
        able = [_OFFERS[c].name for c in wanted if not _lack(room, me, c)]
        if able:
            can.append(f"{name}: {', '.join(able)}")
        lacks: dict[str, list[str]] = {}
        for capability in wanted:
            if lack := _lack(room, me, capability):
                lacks.setdefault(lack, []).append(_OFFERS[capability].name)
        cannot += [f"{name}: {', '.join(names)} ({lack})" for lack, names in lacks.items()]
    return tuple(can), tuple(cannot)


def _lack(room: Room, me: Me, capability: Capability) -> str:
    """Return why we may not, or nothing."""
    assert room.power is not None
    has = room.power.of(me.user_id)
    action = _ACTIONS.get(capability)
    needs = room.power.to_do(action) if action else room.power.to_change
    return "" if has >= needs else f"needs power {needs}; this account has {has}"
