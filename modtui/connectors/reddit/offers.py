"""What Reddit offers, by its own names, and what this account may not do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from modtui.connectors import (
    Capabilities,
    Limits,
    ReadBack,
    StateSetting,
    no_extras,
    offered,
)
from modtui.domain.commands import Capability

DAY = 24 * 3600
LONGEST_BAN = 999
MUTES = (3, 7, 28)
"""Days. Source: the mute lengths of modmail; outside of it Reddit mutes for the first of them."""
_READ_BACK = ReadBack(timedelta(seconds=20), strong=False)

_WHOSE_LOCK = (
    "Reddit does not tell who locked it, or when: a lock that another moderator has set anew since"
    " ends too"
)
_MISSING: Mapping[Capability, str] = {
    **no_extras("Reddit"),
    Capability.ASSIGN: "Reddit shows nobody who works on a post",
    Capability.SLOW_MODE: "Reddit has no slow mode: crowd control of a post is the nearest",
    Capability.READ_ONLY: "Reddit's API makes no subreddit read-only: lock the post, or set"
    " crowd control",
    Capability.KICK: "nobody is put out of a subreddit but by a ban, of a day at least",
}
NO_NOTES = 'notes stay here: notes = "reddit" in the account leaves them as mod notes as well'
_OFFERS: Mapping[Capability, Limits] = {
    Capability.REPLY: Limits("comment, marked as moderator's", _READ_BACK),
    Capability.REPLY_PRIVATE: Limits("modmail to the author", _READ_BACK),
    Capability.HIDE: Limits("remove", StateSetting()),
    Capability.RESTORE: Limits("approve again", StateSetting()),
    Capability.DISMISS: Limits(
        "approve, or archive modmail", StateSetting(),
        detail="what is removed stays removed: only its reports are then ignored",
    ),
    Capability.APPROVE: Limits("approve", StateSetting()),
    Capability.LOCK: Limits("lock", StateSetting(), untold=_WHOSE_LOCK),
    Capability.CROWD_CONTROL: Limits(
        "crowd control", StateSetting(),
        detail="of the post: what newcomers comment is collapsed, or with strict what all do who"
        " have not joined; it stays until it is set anew",
    ),
    Capability.WARN: Limits(
        "modmail to the author", _READ_BACK, detail="with a mod note of the kind abuse warning"
    ),
    Capability.MUTE: Limits(
        "mute in modmail", StateSetting(), max_seconds=MUTES[-1] * DAY,
        presets=tuple(days * DAY for days in MUTES),
        detail="stops modmail alone, not posts; longer than 3 days only from a modmail thread",
    ),
    Capability.BAN: Limits(
        "ban", StateSetting(), min_seconds=DAY, max_seconds=LONGEST_BAN * DAY,
        presets=(DAY, 3 * DAY, 7 * DAY, 30 * DAY), supports_until=True, detail="whole days",
    ),
    Capability.NOTIFY: Limits("moderator discussion", _READ_BACK),
    Capability.NOTE: Limits(
        "mod note", _READ_BACK, detail="on the author, for all moderators; of 250 characters"
    ),
}  # fmt: skip
_POSTS = (Capability.HIDE, Capability.RESTORE, Capability.DISMISS, Capability.APPROVE,
          Capability.LOCK, Capability.CROWD_CONTROL)  # fmt: skip
_PEOPLE = (Capability.MUTE, Capability.BAN)
_MAIL = (Capability.REPLY_PRIVATE, Capability.WARN, Capability.NOTIFY)
SCOPES: Mapping[str, tuple[str, tuple[Capability, ...]]] = {
    "identity": ("tell who we are", ()),
    "read": ("read the queues", ()),
    "modposts": ("remove, approve, lock and set crowd control", _POSTS),
    "submit": ("comment", (Capability.REPLY,)),
    "modmail": ("read and write modmail", _MAIL),
    "modcontributors": ("ban and mute", _PEOPLE),
    "history": ("find our own comments again", ()),
    "privatemessages": ("see answers to our comments", ()),
    "modnote": ("read and write mod notes", (Capability.NOTE,)),
    "modconfig": ("read the removal reasons", ()),
}
PERMISSIONS: Mapping[str, tuple[str, tuple[Capability, ...]]] = {
    "posts": ("manage posts and comments", _POSTS),
    "access": ("ban, mute and note", (*_PEOPLE, Capability.NOTE)),
    "mail": ("read and write modmail", _MAIL),
}
NEEDED = ("identity", "read")

Held = Mapping[str, frozenset[str] | None]
"""Per subreddit our permissions as a moderator; None where we are none."""


def has_scope(scopes: tuple[str, ...] | None, scope: str) -> bool:
    """Whether the token has the scope; one that does not tell counts as having it."""
    return scopes is None or "*" in scopes or scope in scopes


def permitted(held: frozenset[str] | None, permission: str) -> bool:
    """Whether our permissions in a subreddit hold this one."""
    return held is not None and bool(held & {"all", permission})


def capabilities(
    scopes: tuple[str, ...] | None = None, held: Held | None = None, *, notes: bool = False
) -> Capabilities:
    """Return what can be done; what no subreddit permits us is missing. `notes`: they are left as
    mod notes as well."""
    missing = dict(_MISSING)
    for scope, (what, needed) in SCOPES.items():
        if not has_scope(scopes, scope):
            missing |= dict.fromkeys(needed, f"the token lacks the scope {scope} to {what}")
    for permission, (what, needed) in PERMISSIONS.items() if held else ():
        if not any(permitted(ours, permission) for ours in (held or {}).values()):
            lack = f"we lack the moderator permission {permission} to {what}"
            missing |= dict.fromkeys(needed, lack)
    if not notes:
        missing[Capability.NOTE] = NO_NOTES
    return offered(_OFFERS, missing)


def rights(scopes: tuple[str, ...] | None, held: Held) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the account can and cannot do, in words."""
    can: list[str] = []
    cannot: list[str] = []
    for scope, (what, _) in SCOPES.items():
        if has_scope(scopes, scope):
            can.append(what)
        else:
            cannot.append(f"{what} (the token lacks the scope {scope})")
    for name, ours in held.items():
        if ours is None:
            cannot.append(f"r/{name}: this account is no moderator there")
            continue
        for permission, (what, _) in PERMISSIONS.items():
            if not permitted(ours, permission):
                cannot.append(f"r/{name}: {what} (the permission {permission} is missing)")
    return tuple(can), tuple(cannot)
