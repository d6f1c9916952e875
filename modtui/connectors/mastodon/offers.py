"""What Mastodon offers, by its own names, and what this account may not do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

import msgspec

from modtui.connectors import (
    Capabilities,
    Idempotent,
    Key,
    Limits,
    Nothing,
    StateSetting,
    no_extras,
    offered,
)
from modtui.domain.commands import Capability

_DAY = 24 * 3600
_KEY = Key(timedelta(hours=1))
_REPORTS_CLOSE = "Mastodon then also resolves every open report on the account"
_MAILED = f"the author reads the reason in an e-mail; {_REPORTS_CLOSE}"

ADMINISTRATOR, MANAGE_REPORTS, MANAGE_USERS = 1 << 0, 1 << 4, 1 << 10
"""Bits of a role's `permissions`. Source: Mastodon's entity Role, permission flags."""

_MISSING: Mapping[Capability, str] = {
    **no_extras("Mastodon", but=(Capability.REOPEN, Capability.SENSITIVE_MEDIA, Capability.FREEZE)),
    Capability.CROWD_CONTROL: "Mastodon has no crowd control: limit the account",
    Capability.NOTE: "notes on a report stay here, modtui leaves none there",
    Capability.HIDE: "Mastodon's API lets nobody remove another's post: limit or suspend them",
    Capability.RESTORE: "Mastodon's API cannot bring back what was removed on its pages",
    Capability.APPROVE: "Mastodon holds no post back for approval",
    Capability.LOCK: "Mastodon cannot lock a conversation: limit or suspend the author",
    Capability.SLOW_MODE: "Mastodon has no slow mode: limiting the account is the nearest",
    Capability.READ_ONLY: "everybody writes on their own page here: there is nothing to close",
    Capability.KICK: "nobody can be put out of a server but by suspending them",
}
_WHOSE = (
    "Mastodon does not tell who acted on an account, or when: what another moderator has set anew"
    " since ends too"
)
_OFFERS: Mapping[Capability, Limits] = {
    Capability.REPLY: Limits("public reply", _KEY),
    Capability.REPLY_PRIVATE: Limits("private mention", _KEY),
    Capability.DISMISS: Limits("mark as resolved", Idempotent()),
    Capability.WARN: Limits("warning", Nothing(), detail="sent by e-mail, seen in their settings"),
    Capability.MUTE: Limits(
        "limit",
        StateSetting(),
        presets=(_DAY, 7 * _DAY, 30 * _DAY),
        detail=_REPORTS_CLOSE,
        untold=_WHOSE,
    ),
    Capability.BAN: Limits(
        "suspend",
        StateSetting(),
        presets=(7 * _DAY, 30 * _DAY),
        detail=_REPORTS_CLOSE,
        untold=_WHOSE,
    ),
    Capability.REOPEN: Limits("reopen the report", StateSetting()),
    Capability.SENSITIVE_MEDIA: Limits(
        "mark as sensitive", StateSetting(), detail=_MAILED, untold=_WHOSE
    ),
    Capability.FREEZE: Limits("freeze", StateSetting(), detail=_MAILED, untold=_WHOSE),
    Capability.NOTIFY: Limits("private mention of a colleague", _KEY),
    Capability.ASSIGN: Limits("assign the report", StateSetting()),
}
_TOLD = (Capability.WARN, Capability.MUTE, Capability.BAN)
_ON_ACCOUNTS = (*_TOLD, Capability.SENSITIVE_MEDIA, Capability.FREEZE)
SCOPES: Mapping[str, tuple[str, tuple[Capability, ...]]] = {
    "admin:read:reports": ("read the reports", ()),
    "admin:write:reports": (
        "take reports, mark them as resolved and reopen them",
        (Capability.DISMISS, Capability.ASSIGN, Capability.REOPEN),
    ),
    "admin:write:accounts": ("warn, limit, freeze and suspend", _ON_ACCOUNTS),
    "write:statuses": (
        "reply", (Capability.REPLY, Capability.REPLY_PRIVATE, Capability.NOTIFY),
    ),
    "read:statuses": ("read conversations", ()),
    "read:notifications": ("see answers to our replies", ()),
}  # fmt: skip


class Role(msgspec.Struct):
    """The role of our account. `permissions` is a number in a string, or a number."""

    name: str = ""
    permissions: str | int = 0

    def may(self, bit: int) -> bool:
        """Whether the role has the permission."""
        try:
            number = int(self.permissions)
        except ValueError:
            return False
        return bool(number & (bit | ADMINISTRATOR))


def has_scope(held: Iterable[str], wanted: str) -> bool:
    """Whether `wanted` is among `held`: `admin:write` holds `admin:write:reports`."""
    return any(wanted == scope or wanted.startswith(f"{scope}:") for scope in held)


def capabilities(
    scopes: Iterable[str] | None = None, role: Role | None = None, presets: Iterable[str] = ()
) -> Capabilities:
    """Return what can be done with these scopes (None: not known yet) in this role; `presets` are
    the names of warning presets."""
    missing = dict(_MISSING)
    held = None if scopes is None else tuple(scopes)
    for scope, (what, needed) in SCOPES.items():
        if held is not None and not has_scope(held, scope):
            missing |= dict.fromkeys(needed, f"the token lacks the scope {scope} to {what}")
    if role is not None and not role.may(MANAGE_USERS):
        lack = "this account's role lacks the permission Manage Users"
        missing |= dict.fromkeys(_ON_ACCOUNTS, lack)
    told = {c: replace(_OFFERS[c], texts=tuple(presets)) for c in _TOLD}
    return offered({**_OFFERS, **told}, missing)


def rights(scopes: Iterable[str] | None, role: Role) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the account can and cannot do, in words; `scopes` None: the server does not
    tell them."""
    can: list[str] = []
    cannot: list[str] = []
    held = None if scopes is None else tuple(scopes)
    if held is None:
        can.append("whatever the token's scopes allow: this server does not tell them")
    for scope, (what, _) in SCOPES.items() if held is not None else ():
        if has_scope(held or (), scope):
            can.append(what)
        else:
            cannot.append(f"{what} (the token lacks the scope {scope})")
    for bit, name in ((MANAGE_REPORTS, "Manage Reports"), (MANAGE_USERS, "Manage Users")):
        if not role.may(bit):
            cannot.append(f"the role {role.name or 'of this account'} lacks {name}")
    return tuple(can), tuple(cannot)
