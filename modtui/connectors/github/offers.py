"""What GitHub offers, by its own names, and what this account may not do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import msgspec

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
EXPIRIES: Mapping[str, int] = {
    "one_day": DAY,
    "three_days": 3 * DAY,
    "one_week": 7 * DAY,
    "one_month": 30 * DAY,
    "six_months": 180 * DAY,
}
"""How long an interaction limit may stand, in seconds."""
_MISSING: Mapping[Capability, str] = {
    **no_extras("GitHub"),
    Capability.CROWD_CONTROL: "GitHub has no crowd control: an interaction limit is near",
    Capability.NOTE: "GitHub has no notes but comments that everybody reads",
    Capability.REPLY_PRIVATE: "GitHub has no private messages: answer in public",
    Capability.APPROVE: "GitHub holds no post back for approval",
    Capability.SLOW_MODE: "GitHub has no slow mode: an interaction limit is the nearest",
    Capability.WARN: "GitHub has no warnings: answer in public, or block",
    Capability.MUTE: "GitHub mutes nobody: lock the conversation, or block",
    Capability.KICK: "nobody joins a public repository: block them instead",
    Capability.NOTIFY: "GitHub tells nobody privately: reach the team by another account",
}
_WHOSE = (
    "GitHub does not tell who blocked somebody, or when: a block that another moderator has set"
    " anew since ends too"
)
_WHOSE_LOCK = (
    "GitHub does not tell who locked this, or when: a lock that another moderator has set anew"
    " since ends too"
)
_CLOSES = "the opening post cannot be minimised: its issue or discussion is closed instead"
_NEEDS: Mapping[Capability, tuple[str, str]] = {
    Capability.DISMISS: ("triage", "keep"),
    Capability.HIDE: ("push", "minimise"),
    Capability.RESTORE: ("push", "unminimise"),
    Capability.LOCK: ("push", "lock"),
    Capability.ASSIGN: ("triage", "assign"),
    Capability.READ_ONLY: ("admin", "set an interaction limit"),
}
_ROLES: Mapping[str, str] = {
    "admin": "Admin",
    "maintain": "Maintain",
    "push": "Write",
    "triage": "Triage",
    "pull": "Read",
}
_WRITES = (
    Capability.REPLY, Capability.DISMISS, Capability.HIDE, Capability.RESTORE, Capability.LOCK,
    Capability.READ_ONLY, Capability.ASSIGN,
)  # fmt: skip


class Owner(msgspec.Struct):
    """Who owns a repository."""

    login: str
    type: str = "User"

    @property
    def is_organisation(self) -> bool:
        """Whether it is an organisation."""
        return self.type == "Organization"


class Access(msgspec.Struct):
    """A repository, and our role in it. `permissions` is the person's, not the token's."""

    full_name: str
    owner: Owner
    permissions: dict[str, bool] = {}
    private: bool = False
    archived: bool = False

    @property
    def role(self) -> str:
        """Our role by the name that GitHub gives it."""
        held = (name for level, name in _ROLES.items() if self.permissions.get(level))
        return next(held, "Read")


def capabilities(
    *, closes: bool = True, scopes: Iterable[str] | None = None, access: Iterable[Access] = ()
) -> Capabilities:
    """Return what can be done. `closes`: Keep closes, instead of taking the label off; `scopes`
    None: not known, or not told; `access` empty: not known yet."""
    missing = dict(_MISSING)
    held = None if scopes is None else set(scopes)
    places = tuple(access)
    for capability, (level, _) in _NEEDS.items() if places else ():
        if not any(place.permissions.get(level) for place in places):
            missing[capability] = f"it needs the role {_ROLES[level]} in the repository"
    if held is not None and not held & {"repo", "public_repo"}:
        missing |= dict.fromkeys(_WRITES, "the token lacks the scope repo (or public_repo)")
    lack = _no_block(held, places)
    if lack:
        missing[Capability.BAN] = lack
    offers = {
        Capability.REPLY: Limits("public comment", ReadBack(timedelta(seconds=10), strong=False)),
        Capability.HIDE: Limits("minimise", StateSetting(), detail=_CLOSES),
        Capability.RESTORE: Limits("unminimise", StateSetting()),
        Capability.DISMISS: Limits("close" if closes else "take the label off", StateSetting()),
        Capability.LOCK: Limits("lock the conversation", StateSetting(), untold=_WHOSE_LOCK),
        Capability.READ_ONLY: Limits(
            "interaction limit",
            StateSetting(),
            presets=tuple(EXPIRIES.values()),
            supports_until=True,
            detail="for the whole repository, for one of these spans: the next longer one",
        ),
        Capability.BAN: Limits(
            "block",
            StateSetting(),
            presets=(DAY, 7 * DAY, 30 * DAY),
            detail="in every repository of the organisation",
            untold=_WHOSE,
        ),
        Capability.ASSIGN: Limits("assign the issue", StateSetting()),
    }
    return offered(offers, missing)


def _no_block(held: set[str] | None, places: tuple[Access, ...]) -> str:
    if held is None or not places:
        return ""
    if any(place.owner.is_organisation for place in places):
        return "" if "admin:org" in held else "the token lacks the scope admin:org to block"
    return "" if "user" in held else "the token lacks the scope user to block"


def rights(
    able: Capabilities, scopes: Iterable[str] | None, access: Iterable[Access]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the account can and cannot do, in words, repository by repository."""
    can: list[str] = []
    cannot: list[str] = []
    for place in access:
        here = [
            words for c, (level, words) in _NEEDS.items()
            if place.permissions.get(level) and c in able.offers
        ]  # fmt: skip
        answer = ["answer"] if Capability.REPLY in able.offers else []
        can.append(f"{place.full_name} ({place.role}): read, {', '.join((*answer, *here))}")
        if place.archived:
            cannot.append(f"{place.full_name} is archived: nothing can be changed there")
        for level, words in dict.fromkeys(_NEEDS.values()):
            if not place.permissions.get(level):
                cannot.append(f"{words} in {place.full_name} (needs the role {_ROLES[level]})")
    if scopes is None:
        can.append("whatever the fine-grained token allows: GitHub does not tell its permissions")
    for capability in (Capability.REPLY, Capability.BAN):
        if capability in able.missing:
            name = "answer" if capability is Capability.REPLY else "block"
            cannot.append(f"{name}: {able.missing[capability]}")
    if Capability.BAN in able.offers:
        can.append("block, where this account moderates the organisation")
    return tuple(can), tuple(cannot)
