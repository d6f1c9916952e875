"""What Twitch offers, by its own names, what it tells, and what a token's scopes allow of it.

Source: the scopes, limits and subscription types in Twitch's documentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from modtui.connectors import (
    Capabilities,
    Idempotent,
    Limits,
    Nothing,
    StateSetting,
    no_extras,
    offered,
)
from modtui.domain.commands import Capability

LONGEST_TIMEOUT = 1_209_600
SLOW = (3, 120)
_DAY = 24 * 3600
_TIMES = (600, 3600, _DAY, 7 * _DAY, LONGEST_TIMEOUT)

_MISSING: Mapping[Capability, str] = {
    **no_extras("Twitch"),
    Capability.CROWD_CONTROL: "Twitch has no crowd control: slow mode is there",
    Capability.NOTE: "Twitch keeps no notes on what is held",
    Capability.REPLY_PRIVATE: "Twitch drops whispers it suspects without a word: warn or reply",
    Capability.RESTORE: "Twitch deletes and denies for good: nothing brings a message back",
    Capability.LOCK: "nothing on Twitch can be locked: slow mode is the nearest here",
    Capability.KICK: "nobody is put out of a chat but by a timeout or a ban",
    Capability.NOTIFY: "what is said on Twitch is public: reach the team by another account",
    Capability.ASSIGN: "Twitch shows nobody who works on what is held",
}
_OFFERS: Mapping[Capability, Limits] = {
    Capability.REPLY: Limits(
        "chat message", Nothing(), detail="500 characters; it answers a message that is in the chat"
    ),
    Capability.HIDE: Limits(
        "deny, or delete message", Idempotent(), for_good=True,
        detail="what is held is denied, an unban request too; a chat message is deleted",
    ),
    Capability.DISMISS: Limits(
        "close here", StateSetting(), detail="Twitch keeps no list of it: nothing is sent"
    ),
    Capability.APPROVE: Limits(
        "allow, or unban", StateSetting(), for_good=True,
        detail="a held message goes into the chat; who asks to be unbanned is",
    ),
    Capability.SLOW_MODE: Limits(
        "slow mode", StateSetting(), min_seconds=SLOW[0], max_seconds=SLOW[1],
        presets=(3, 5, 10, 30, 60, 120),
    ),
    Capability.READ_ONLY: Limits(
        "shield mode", StateSetting(), detail="what the channel set up for it, by modtui read-only"
    ),
    Capability.WARN: Limits("warning", Nothing(), detail="they cannot chat until they accept it"),
    Capability.MUTE: Limits(
        "timeout", StateSetting(), min_seconds=1, max_seconds=LONGEST_TIMEOUT, presets=_TIMES,
        supports_until=True,
    ),
    Capability.BAN: Limits(
        "ban", StateSetting(), min_seconds=1, max_seconds=LONGEST_TIMEOUT, presets=_TIMES[2:],
        supports_until=True, detail="for a time it is a timeout",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Right:
    """Something that a scope allows: any of `scopes` will do."""

    what: str
    scopes: tuple[str, ...]
    needed: tuple[Capability, ...] = ()

    @property
    def named(self) -> str:
        """The scope that allows all of it."""
        return self.scopes[-1]


_WHOSE = (
    "Twitch tells the broadcaster alone who banned somebody: a ban or timeout that another"
    " moderator has set anew since ends too"
)
_SHIELD = ("moderator:manage:shield_mode",)
AUTOMOD = Right("see what AutoMod holds, allow and deny it", ("moderator:manage:automod",))
SUSPECTS = Right("see what suspicious users write", ("moderator:read:suspicious_users",))
UNBANS = Right(
    "see unban requests", ("moderator:read:unban_requests", "moderator:manage:unban_requests")
)
CHAT = Right("see slow mode and deletions as they happen", ("user:read:chat",))
SHIELD = Right("see shield mode", ("moderator:read:shield_mode", *_SHIELD))
SOURCES = (AUTOMOD, SUSPECTS, UNBANS)
RIGHTS = (
    AUTOMOD, SUSPECTS, UNBANS, CHAT,
    Right("answer unban requests", ("moderator:manage:unban_requests",)),
    Right("write in the chat", ("user:write:chat",), (Capability.REPLY,)),
    Right("delete messages", ("moderator:manage:chat_messages",)),
    Right("set slow mode", ("moderator:manage:chat_settings",), (Capability.SLOW_MODE,)),
    Right("switch shield mode", _SHIELD, (Capability.READ_ONLY,)),
    Right("warn", ("moderator:manage:warnings",), (Capability.WARN,)),
    Right(
        "time out, ban and unban", ("moderator:manage:banned_users",),
        (Capability.MUTE, Capability.BAN),
    ),
)  # fmt: skip
_DECIDES: Mapping[Capability, tuple[str, ...]] = {
    Capability.HIDE: (
        "moderator:manage:automod", "moderator:manage:unban_requests",
        "moderator:manage:chat_messages",
    ),
    Capability.APPROVE: ("moderator:manage:automod", "moderator:manage:unban_requests"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of subscription; `reads`: it is asked as a reader of the chat, not as a moderator."""

    type: str
    version: str
    right: Right
    reads: bool = False


KINDS = (
    Kind("automod.message.hold", "2", AUTOMOD),
    Kind("automod.message.update", "2", AUTOMOD),
    Kind("channel.unban_request.create", "1", UNBANS),
    Kind("channel.unban_request.resolve", "1", UNBANS),
    Kind("channel.suspicious_user.message", "1", SUSPECTS),
    Kind("channel.suspicious_user.update", "1", SUSPECTS),
    Kind("channel.shield_mode.begin", "1", SHIELD),
    Kind("channel.shield_mode.end", "1", SHIELD),
    Kind("channel.chat_settings.update", "1", CHAT, reads=True),
    Kind("channel.chat.message_delete", "1", CHAT, reads=True),
)


def allows(scopes: Iterable[str], right: Right) -> bool:
    """Return whether the scopes hold one that the right needs."""
    return bool(set(scopes) & set(right.scopes))


def capabilities(scopes: Iterable[str] | None = None, *, own: bool = False) -> Capabilities:
    """Return what can be done with these scopes; None: not known yet. `own`: the token is that of
    the broadcaster, who alone may see who is banned, and by whom."""
    missing, offers = dict(_MISSING), dict(_OFFERS)
    if scopes is not None:
        held = frozenset(scopes)
        for each in (Capability.MUTE, Capability.BAN) if not own else ():
            offers[each] = replace(offers[each], untold=_WHOSE)
        for right in RIGHTS:
            if not allows(held, right):
                lack = f"the token lacks the scope {right.named} to {right.what}"
                missing |= dict.fromkeys(right.needed, lack)
        for capability, needed in _DECIDES.items():
            if not held & set(needed):
                missing[capability] = f"the token lacks the scopes {', '.join(needed)}"
    return offered(offers, missing)


def rights(scopes: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the token allows and what it does not, in words."""
    held = frozenset(scopes)
    can = tuple(right.what for right in RIGHTS if allows(held, right))
    lacks = [right for right in RIGHTS if not allows(held, right)]
    cannot = tuple(f"{one.what} (the token lacks the scope {one.named})" for one in lacks)
    return can or ("nothing but say who it is",), cannot
