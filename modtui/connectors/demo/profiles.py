"""What each of the three pretend platforms can do, and why it cannot do the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from modtui.connectors import (
    Capabilities,
    Idempotent,
    Key,
    Limits,
    Nothing,
    ReadBack,
    StateSetting,
    no_extras,
)
from modtui.domain.commands import Capability as Can

_HOUR = 3600
_DAY = 24 * _HOUR
KEY = Key(timedelta(hours=1))
READ_BACK = ReadBack(timedelta(seconds=2), strong=True)
PRESETS = (300, 900, _HOUR)
SANCTIONS = (_DAY, 7 * _DAY, 30 * _DAY)

FORUM = Capabilities(
    offers={
        Can.REPLY: Limits("reply", KEY),
        Can.REPLY_PRIVATE: Limits("private message", KEY),
        Can.HIDE: Limits("hide", StateSetting(), detail="staff still see it"),
        Can.RESTORE: Limits("show again", StateSetting()),
        Can.DISMISS: Limits("keep", Idempotent()),
        Can.APPROVE: Limits("approve", Idempotent()),
        Can.LOCK: Limits("close topic", StateSetting(), supports_until=True),
        Can.SLOW_MODE: Limits(
            "slow mode",
            StateSetting(),
            max_seconds=_DAY,
            presets=PRESETS,
            supports_until=True,
        ),
        Can.WARN: Limits("official warning", KEY),
        Can.MUTE: Limits(
            "silence", StateSetting(), _HOUR, 90 * _DAY, presets=SANCTIONS, supports_until=True
        ),
        Can.BAN: Limits(
            "suspend", StateSetting(), _DAY, presets=SANCTIONS[1:], supports_until=True
        ),
        Can.NOTIFY: Limits("post to staff", KEY),
    },
    missing={
        **no_extras("the practice community"),
        Can.NOTE: "notes stay here in the practice community",
        Can.CROWD_CONTROL: "crowd control is not to be had in the practice community",
        Can.ASSIGN: "this pretend platform shows nobody who works on what",
        Can.READ_ONLY: "this forum has no read-only channels; close the topic or slow it",
        Can.KICK: "nobody is a member of a topic, so nobody can be put out of it",
    },
)

CHAT = Capabilities(
    offers={
        Can.REPLY: Limits("reply", READ_BACK),
        Can.REPLY_PRIVATE: Limits("direct message", READ_BACK),
        Can.HIDE: Limits("delete", Idempotent(), for_good=True, detail="gone for everybody"),
        Can.DISMISS: Limits("keep", Idempotent()),
        Can.SLOW_MODE: Limits(
            "slow mode",
            StateSetting(),
            max_seconds=6 * _HOUR,
            presets=PRESETS,
            detail="stays on until somebody lifts it",
        ),
        Can.READ_ONLY: Limits("read-only", StateSetting(), presets=PRESETS),
        Can.WARN: Limits("warning by direct message", READ_BACK),
        Can.MUTE: Limits(
            "timeout", StateSetting(), 60, 28 * _DAY, presets=(600, *SANCTIONS[:2]),
            supports_until=True,
        ),
        Can.KICK: Limits("kick", Idempotent()),
        Can.BAN: Limits("ban", StateSetting(), presets=SANCTIONS),
    },
    missing={
        **no_extras("the practice community"),
        Can.NOTE: "notes stay here in the practice community",
        Can.CROWD_CONTROL: "crowd control is not to be had in the practice community",
        Can.ASSIGN: "this pretend platform shows nobody who works on what",
        Can.RESTORE: "a deleted post is gone for good here",
        Can.APPROVE: "nothing is held for review here",
        Can.LOCK: "one conversation cannot be locked here; make the channel read-only",
        Can.NOTIFY: "this account has no staff channel",
    },
)  # fmt: skip

SOCIAL = Capabilities(
    offers={
        Can.REPLY: Limits("reply", Nothing()),
        Can.REPLY_PRIVATE: Limits("private mention", Nothing()),
        Can.HIDE: Limits("remove", Idempotent(), leaves_flag=True, detail="the report stays open"),
        Can.RESTORE: Limits("restore", StateSetting()),
        Can.DISMISS: Limits("resolve report", Idempotent()),
        Can.WARN: Limits("warning", Nothing()),
        Can.MUTE: Limits("limit account", StateSetting()),
        Can.BAN: Limits("suspend account", StateSetting()),
        Can.REOPEN: Limits("reopen report", StateSetting()),
        Can.SENSITIVE_MEDIA: Limits("mark media as sensitive", StateSetting()),
        Can.FREEZE: Limits("freeze login", StateSetting(), detail="the author writes no more"),
        Can.MUTE_REPORTER: Limits("mute reporter", StateSetting(), presets=SANCTIONS),
        Can.PRIORITY: Limits("priority score", StateSetting()),
        Can.TAG: Limits("tag", StateSetting()),
    },
    missing={
        Can.DIVERT: "the practice community cannot divert media to another service",
        Can.NOTE: "notes stay here in the practice community",
        Can.CROWD_CONTROL: "crowd control is not to be had in the practice community",
        Can.ASSIGN: "this pretend platform shows nobody who works on what",
        Can.APPROVE: "nothing is held for review here",
        Can.LOCK: "a post cannot be locked here",
        Can.SLOW_MODE: "there is no slow mode here; limiting the account is the nearest",
        Can.READ_ONLY: "everybody writes on their own page here; nothing can be closed",
        Can.KICK: "there is nothing to be kicked from here",
        Can.NOTIFY: "this account has no staff channel",
    },
)

PROFILES: Mapping[str, Capabilities] = {"forum": FORUM, "chat": CHAT, "social": SOCIAL}
