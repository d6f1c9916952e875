"""What Discord offers, by its own names, and what this bot may not do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from modtui.connectors import (
    Capabilities,
    Idempotent,
    Key,
    Limits,
    StateSetting,
    no_extras,
    offered,
)
from modtui.connectors.discord.people import (
    ADMINISTRATOR,
    AUDIT,
    BAN,
    CHANNELS,
    HISTORY,
    KICK,
    MESSAGES,
    REACT,
    SEND,
    SEND_IN_THREADS,
    THREADS,
    TIMEOUT,
    VIEW,
)
from modtui.connectors.discord.places import Granted
from modtui.domain.commands import Capability

SLOWEST = 21_600
LONGEST_TIMEOUT = 28 * 24 * 3600
_DAY = 24 * 3600
_KEY = Key(timedelta(minutes=3))
"""Discord knows a nonce again "within the past few minutes"; it says no number."""

_MISSING: Mapping[Capability, str] = {
    **no_extras("Discord"),
    Capability.CROWD_CONTROL: "Discord has no crowd control: slow mode is there",
    Capability.NOTE: "Discord keeps no notes on a message",
    Capability.ASSIGN: "Discord shows nobody who works on a message",
    Capability.RESTORE: "Discord deletes for good: nothing brings a message back",
    Capability.READ_ONLY: "Discord closes a channel by permissions alone: slow mode is near",
}
_WHOSE = (
    "the bot may not read the audit log, which tells who banned somebody: a ban that another"
    " moderator has set anew since ends too"
)
_NO_DOOR = "people join this server unasked; what AutoMod blocked no bot can let through"
_OFFERS: Mapping[Capability, Limits] = {
    Capability.REPLY: Limits("reply", _KEY),
    Capability.REPLY_PRIVATE: Limits(
        "direct message", _KEY, detail="refused where they closed their direct messages"
    ),
    Capability.HIDE: Limits("delete message", Idempotent(), for_good=True),
    Capability.DISMISS: Limits(
        "check mark", StateSetting(), detail="a ✅ on the report; Discord has no list of reports"
    ),
    Capability.APPROVE: Limits(
        "let in who asks to join",
        StateSetting(),
        for_good=True,
        detail="what AutoMod blocked cannot be let through by a bot",
    ),
    Capability.LOCK: Limits("lock thread", StateSetting(), detail="threads and forum posts alone"),
    Capability.SLOW_MODE: Limits(
        "slow mode",
        StateSetting(),
        max_seconds=SLOWEST,
        presets=(5, 30, 60, 300, 900, 3600, SLOWEST),
    ),
    Capability.WARN: Limits("warning by direct message", _KEY),
    Capability.MUTE: Limits(
        "timeout",
        StateSetting(),
        min_seconds=60,
        max_seconds=LONGEST_TIMEOUT,
        presets=(600, 3600, _DAY, 7 * _DAY, LONGEST_TIMEOUT),
        supports_until=True,
    ),
    Capability.KICK: Limits("kick", Idempotent()),
    Capability.BAN: Limits("ban", StateSetting(), presets=(7 * _DAY, 30 * _DAY)),
    Capability.NOTIFY: Limits("message in a channel", _KEY),
}
PERMISSIONS: tuple[tuple[int, str, str, tuple[Capability, ...]], ...] = (
    (VIEW, "View Channels", "see the channels", ()),
    (HISTORY, "Read Message History", "read what was said", ()),
    (SEND, "Send Messages", "reply", (Capability.REPLY, Capability.NOTIFY)),
    (SEND_IN_THREADS, "Send Messages in Threads", "reply in threads", ()),
    (REACT, "Add Reactions", "mark reports as done", (Capability.DISMISS,)),
    (MESSAGES, "Manage Messages", "delete messages", (Capability.HIDE,)),
    (CHANNELS, "Manage Channels", "set slow mode", (Capability.SLOW_MODE,)),
    (THREADS, "Manage Threads", "lock threads", (Capability.LOCK,)),
    (TIMEOUT, "Moderate Members", "give timeouts", (Capability.MUTE,)),
    (KICK, "Kick Members", "kick", (Capability.KICK, Capability.APPROVE)),
    (BAN, "Ban Members", "ban", (Capability.BAN,)),
    (AUDIT, "View Audit Log", "see whose a ban is before it is ended", ()),
)


@dataclass(frozen=True, slots=True)
class Door:
    """`asks`: who wants to join has to ask; `content`: the bot gets what messages say, None where
    Discord does not tell."""

    asks: bool
    content: bool | None


CONTENT_FLAGS = 1 << 18 | 1 << 19
"""An application's flags with which it gets the content of messages. Source: Discord's
documentation of the object Application."""


def has(bits: int, bit: int) -> bool:
    """Return whether permissions hold one of them; an administrator has all."""
    return bool(bits & (bit | ADMINISTRATOR))


def capabilities(bits: int | None = None, *, door: bool = True) -> Capabilities:
    """Return what can be done with these permissions; None: not known yet. `door`: who wants to
    join has to ask."""
    missing = dict(_MISSING)
    if not door:
        missing[Capability.APPROVE] = _NO_DOOR
    for bit, name, what, needed in PERMISSIONS if bits is not None else ():
        if not has(bits or 0, bit):
            lack = f"the bot's roles lack the permission {name} to {what}"
            missing |= {each: lack for each in needed if each not in missing}
    offers = dict(_OFFERS)
    if bits is not None and not has(bits, AUDIT):
        offers[Capability.BAN] = replace(offers[Capability.BAN], untold=_WHOSE)
    return offered(offers, missing)


def able(bits: int, channels: tuple[Granted, ...]) -> int:
    """Return what there may be to do: what the roles give, and what some channel that work comes
    from gives. Whether reports can be marked, these channels alone say."""
    given = 0
    for one in channels:
        given |= (one.bits or 0) & one.wanted
    if bits & ADMINISTRATOR or not channels:
        return bits
    return (bits & ~REACT) | given


def rights(bits: int, channels: tuple[Granted, ...], door: Door) -> tuple[list[str], list[str]]:
    """Return what the bot can and cannot do, in words."""
    can: list[str] = []
    cannot: list[str] = []
    if door.content is False:
        cannot.append("read what messages say (the Message Content Intent is off)")
    for bit, name, what, _ in PERMISSIONS:
        if has(bits, bit):
            can.append(f"{what}, and decide who may join" if door.asks and bit == KICK else what)
            continue
        given = [str(one.name) for one in channels if (one.bits or 0) & one.wanted & bit]
        if given:
            can.append(f"{what} in {', '.join(given)}")
        cannot.append(f"{what}{' elsewhere' if given else ''} (its roles lack {name})")
    return can or ["nothing but be there"], cannot + [w for one in channels for w in _there(one)]


def _there(channel: Granted) -> list[str]:
    """Return what the bot cannot do in a channel that work comes from, in words."""
    if channel.bits is None:
        return [f"find {channel.name} on the server (check its id)"]
    lacks = [(name, what) for bit, name, what, _ in PERMISSIONS if channel.lacks & bit]
    if not lacks:
        return []
    names = ", ".join(name for name, _ in lacks)
    return [f"in {channel.name}: {', '.join(what for _, what in lacks)} (it lacks {names} there)"]


def to_ask_for(bits: int, channels: tuple[Granted, ...], door: Door) -> list[str]:
    """Return without what work cannot be read, in the words of Discord."""
    reading = ((VIEW, "View Channels"), (HISTORY, "Read Message History"))
    lacks = [name for bit, name in reading if not has(bits, bit) and not channels]
    for one in channels:
        lacks += [f"{name} in {one.name}" for bit, name in reading if one.lacks & bit]
    if door.content is False:
        lacks.append("the Message Content Intent (developer portal, Bot)")
    return lacks
