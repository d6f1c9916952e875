"""What Ozone offers, by its own names, and what this moderator may not do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from modtui.connectors import (
    Capabilities,
    Idempotent,
    Key,
    Limits,
    ReadBack,
    StateSetting,
    no_extras,
    offered,
)
from modtui.domain.commands import Capability

HOUR = 3600
_DAY = 24 * HOUR
_KEY = Key(timedelta(days=3650))
_BACK = ReadBack(timedelta(seconds=2), strong=True)
_LENGTHS = (_DAY, 3 * _DAY, 7 * _DAY, 30 * _DAY)
_MISSING: Mapping[Capability, str] = {
    **no_extras(
        "Ozone",
        but=(
            Capability.MUTE_REPORTER,
            Capability.PRIORITY,
            Capability.TAG,
            Capability.DIVERT,
        ),
    ),
    Capability.CROWD_CONTROL: "Ozone has no crowd control: take down what is beyond it",
    Capability.APPROVE: "Ozone holds no post back for approval",
    Capability.LOCK: "Ozone locks no conversation: take the post or the account down",
    Capability.SLOW_MODE: "Ozone has no slow mode: nobody can slow a conversation on Bluesky",
    Capability.READ_ONLY: "everybody writes on their own page here: there is nothing to close",
    Capability.KICK: "nobody can be put out but by taking their account down",
}
_OFFERS: Mapping[Capability, Limits] = {
    Capability.REPLY: Limits("public answer as yourself", _BACK),
    Capability.REPLY_PRIVATE: Limits("e-mail", _KEY),
    Capability.HIDE: Limits("take down", StateSetting()),
    Capability.RESTORE: Limits("reverse takedown", StateSetting()),
    Capability.DISMISS: Limits("acknowledge", Idempotent()),
    Capability.WARN: Limits("warning by e-mail", _KEY),
    Capability.MUTE: Limits(
        "mute in the queue", StateSetting(), HOUR, presets=_LENGTHS, supports_until=True,
        detail="reports on them open nothing meanwhile; they can still post",
    ),
    Capability.BAN: Limits(
        "take down the account", StateSetting(), HOUR, presets=_LENGTHS, supports_until=True
    ),
    Capability.NOTIFY: Limits("escalate in Ozone", _KEY),
    Capability.ASSIGN: Limits("assign the reports", StateSetting()),
    Capability.NOTE: Limits("comment in Ozone", _KEY),
    Capability.MUTE_REPORTER: Limits(
        "mute reporter", StateSetting(), HOUR, presets=_LENGTHS, supports_until=True,
        detail="what they report opens nothing meanwhile",
    ),
    Capability.PRIORITY: Limits("priority score", StateSetting(), detail="0 to 100"),
    Capability.TAG: Limits("tag", StateSetting()),
    Capability.DIVERT: Limits(
        "divert", _KEY, for_good=True, detail="its media go to another service to be scanned"
    ),
}  # fmt: skip
_FULL = (
    Capability.REPLY_PRIVATE, Capability.HIDE, Capability.RESTORE, Capability.WARN, Capability.BAN,
)  # fmt: skip
_ROLES = {"roleAdmin": "admin", "roleModerator": "moderator", "roleTriage": "triage"}
NO_NOTES = 'notes stay here: notes = "ozone" in the account leaves them in Ozone as well'
NO_REPORTS = "this Ozone is older: it has no reports that could be assigned"


def role_of(told: str) -> str:
    """Return the role in a word; "" where the account is no moderator there."""
    return _ROLES.get(told.rpartition("#")[2], "")


def capabilities(
    role: str | None = None,
    *,
    reports: bool = True,
    notes: bool = False,
    templates: Iterable[str] = (),
) -> Capabilities:
    """Return what can be done in `role` (None: not known yet); `reports`: they can be assigned;
    `notes`: they are left in Ozone as well; `templates` are the names of its e-mails."""
    missing = dict(_MISSING)
    if not notes:
        missing[Capability.NOTE] = NO_NOTES
    if not reports:
        missing[Capability.ASSIGN] = NO_REPORTS
    if role == "triage":
        missing |= dict.fromkeys(_FULL, "it needs the role Moderator in Ozone; yours is Triage")
    warn = replace(_OFFERS[Capability.WARN], texts=tuple(templates))
    return offered({**_OFFERS, Capability.WARN: warn}, missing)


def rights(role: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the account can and cannot do, in words."""
    if not role:
        return ("answer in public",), (
            "read or decide reports: it is no moderator of this labeler",
        )
    can = ("read reports", "acknowledge, escalate, mute and assign", "answer in public")
    full = "take down, bring back and write e-mail"
    if role == "triage":
        return can, (f"{full}: it needs the role Moderator",)
    return (*can, full), ()
