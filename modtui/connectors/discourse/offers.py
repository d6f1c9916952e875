"""What Discourse offers, by its own names, and what this account may not do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from modtui.connectors import (
    Capabilities,
    Idempotent,
    Limits,
    ReadBack,
    StateSetting,
    no_extras,
    offered,
)
from modtui.connectors.discourse.facts import User
from modtui.domain.commands import Capability

_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600
_BACK = ReadBack(timedelta(seconds=5), strong=True)
_ENDS = "the forum ends it itself"
_MISSING: Mapping[Capability, str] = {
    **no_extras("a forum"),
    Capability.CROWD_CONTROL: "a forum has no crowd control: slow mode is there",
    Capability.NOTE: "notes on a review item stay here, modtui leaves none there",
    Capability.KICK: "nobody can be put out of a forum but by suspending them",
}
_OFFERS: Mapping[Capability, Limits] = {
    Capability.REPLY: Limits("reply in the topic", _BACK),
    Capability.REPLY_PRIVATE: Limits("private message", _BACK),
    Capability.HIDE: Limits("agree and hide, or reject", StateSetting()),
    Capability.RESTORE: Limits(
        "unhide or undelete", StateSetting(), detail="what was held and turned down stays so"
    ),
    Capability.DISMISS: Limits("ignore the flags", Idempotent()),
    Capability.APPROVE: Limits("approve, or disagree with the flags", StateSetting()),
    Capability.LOCK: Limits("close topic", StateSetting(), supports_until=True, detail=_ENDS),
    Capability.SLOW_MODE: Limits(
        "slow mode of the topic",
        StateSetting(),
        presets=(10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 4 * _HOUR, _DAY),
        supports_until=True,
        detail=_ENDS,
    ),
    Capability.READ_ONLY: Limits("close topic", StateSetting(), supports_until=True, detail=_ENDS),
    Capability.WARN: Limits("official warning", _BACK, detail="a private message that counts"),
    Capability.MUTE: Limits(
        "silence", StateSetting(), presets=(_DAY, 7 * _DAY, 30 * _DAY), supports_until=True
    ),
    Capability.BAN: Limits(
        "suspend", StateSetting(), presets=(_DAY, 7 * _DAY, 30 * _DAY), supports_until=True
    ),
    Capability.NOTIFY: Limits("private message to a person or a group", _BACK),
    Capability.ASSIGN: Limits("claim the topic", StateSetting()),
}
_STAFF_ONLY: Mapping[Capability, str] = {
    Capability.WARN: "give official warnings",
    Capability.MUTE: "silence",
    Capability.BAN: "suspend",
}
_QUEUE = (Capability.HIDE, Capability.DISMISS, Capability.APPROVE, Capability.ASSIGN)
_NO_QUEUE = "the key or the role does not reach the review queue"
SCOPE = (
    "an admin key with granular scopes has none for the review queue, silencing or slow mode:"
    " it takes a global key, or a user API key of a moderator"
)


def is_staff(user: User) -> bool:
    """Whether the account is an admin or a moderator of the whole forum."""
    return bool(user.admin or user.moderator)


def role_of(user: User) -> str:
    """Return what the account is on the forum, in the forum's words."""
    if user.admin:
        return "admin"
    return "moderator" if user.moderator else f"trust level {user.trust_level or 0}"


def capabilities(
    user: User | None = None, *, queue: bool = True, claims: bool = True
) -> Capabilities:
    """Return what can be done by `user` (None: not known yet); `queue`: it can be read;
    `claims`: the forum lets topics be claimed."""
    missing = dict(_MISSING)
    if not claims:
        missing[Capability.ASSIGN] = "the forum's setting reviewable_claiming is off"
    if user is not None and not is_staff(user):
        missing |= {c: f"only staff of the forum can {what}" for c, what in _STAFF_ONLY.items()}
    if not queue:
        missing |= dict.fromkeys(_QUEUE, _NO_QUEUE)
    return offered(_OFFERS, missing)


def rights(user: User, *, queue: bool, personal: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the account can and cannot do, in words."""
    can = ["reply", "write private messages"]
    cannot = []
    if queue:
        can = ["read and decide the review queue", *can]
    else:
        cannot.append("read the review queue" + ("" if personal else f" ({SCOPE})"))
    if is_staff(user):
        can += ["slow and close topics", "warn", "silence", "suspend"]
    else:
        can += ["slow and close topics where it moderates the category"] if queue else []
        cannot.append("warn, silence and suspend: only staff of the forum can")
    return tuple(can), tuple(cannot)


def asking(user: User, *, queue: bool, personal: bool) -> str:
    """Return what to send to the forum's admin where the queue cannot be read, or nothing."""
    if queue:
        return ""
    if not personal:
        return f"@{user.username} needs a key that reaches the review queue: {SCOPE}"
    return f"@{user.username} needs to be a moderator, or in a group that moderates a category"
