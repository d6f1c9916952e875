"""What a moderator can want done. Frozen, plain data, decided on a revision, aimed at a target.

`thread` is the store's number and `revision` the one on screen when the key was pressed; posts,
authors and flags are meant by the platform's ids. `until` and `seconds` are when and for how long
something holds. `modtui.domain.stored` makes JSON of a command, and a command of that.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from modtui.domain.frozen import dataclass

NO_THREAD = 0
"""The `thread` of what belongs to none: a hand-over."""
NO_ROUTE = ""
"""The `route` of a reply that was decided while no help route was open."""
CROWD_LEVELS = ("off", "lenient", "moderate", "strict")
"""The levels of crowd control, from 0 on."""
HIGHEST_PRIORITY = 100


class Capability(StrEnum):
    """What a connector may be able to do; one command kind may need several."""

    REPLY = "reply"
    REPLY_PRIVATE = "reply_private"
    HIDE = "hide"
    RESTORE = "restore"
    DISMISS = "dismiss"
    APPROVE = "approve"
    LOCK = "lock"
    SLOW_MODE = "slow_mode"
    READ_ONLY = "read_only"
    CROWD_CONTROL = "crowd_control"
    WARN = "warn"
    MUTE = "mute"
    KICK = "kick"
    BAN = "ban"
    NOTIFY = "notify"
    ASSIGN = "assign"
    NOTE = "note"
    REOPEN = "reopen"
    SENSITIVE_MEDIA = "sensitive_media"
    FREEZE = "freeze"
    MUTE_REPORTER = "mute_reporter"
    PRIORITY = "priority"
    TAG = "tag"
    DIVERT = "divert"


class Audience(StrEnum):
    """Who reads a reply."""

    EVERYONE = "everyone"
    AUTHOR = "author"


class Then(StrEnum):
    """Where a public reply leaves its thread."""

    WAIT = "wait"
    DONE = "done"
    OPEN = "open"


class SanctionKind(StrEnum):
    """What is done to an author, from the mildest on."""

    WARN = "warn"
    MUTE = "mute"
    KICK = "kick"
    BAN = "ban"


class Extra(StrEnum):
    """What few platforms can do, by the capability that it needs."""

    REOPEN = Capability.REOPEN.value
    SENSITIVE_MEDIA = Capability.SENSITIVE_MEDIA.value
    FREEZE = Capability.FREEZE.value
    MUTE_REPORTER = Capability.MUTE_REPORTER.value
    PRIORITY = Capability.PRIORITY.value
    TAG = Capability.TAG.value
    DIVERT = Capability.DIVERT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The common part of every command. `kind` is its name in the outbox.

    One that is `local` is done in the store, and no platform is asked. One that does not `decide`
    is sent whatever came meanwhile, is not counted as pending and not taken back.

    Commands that end a setting of ours have an `expect`: what the setting left behind. Where
    something else is found, somebody changed it, and it is left alone. None: it is ended whatever
    is found.
    """

    kind: ClassVar[str] = ""
    local: ClassVar[bool] = False
    decides: ClassVar[bool] = True
    thread: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Command):
    """Write publicly (or to the author alone) as the account.

    `quick` is the library entry that is sent, None for one's own text; `began` the entry that it
    was before its words were changed. `helps`: it is a help entry; `light`: a light one. `route` is
    the help route that was open as it was submitted, NO_ROUTE until then where it was decided
    without one. `quotes` look like placeholders and are none. Once it is sent, `notes` are noted
    for the team, and it goes to each team of `escalates`, none of which has a channel, with a note.
    """

    kind: ClassVar[str] = "reply"
    text: str
    audience: Audience = Audience.EVERYONE
    language: str | None = None
    then: Then = Then.WAIT
    quick: str | None = None
    began: str | None = None
    helps: bool = False
    light: bool = False
    route: str | None = None
    quotes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    escalates: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hide(Command):
    """Remove or hide posts, for the numbered rule. `finishes`: the thread is resolved by it;
    `unseen`: what of it the moderator did not see, in words."""

    kind: ClassVar[str] = "hide"
    posts: tuple[str, ...]
    author: str
    rule: str | None = None
    reason: str = ""
    finishes: bool = True
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore(Command):
    """Bring hidden posts back: the inverse of Hide."""

    kind: ClassVar[str] = "restore"
    posts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismiss(Command):
    """Keep the post: close exactly the flags that were on screen, approve it if it is held.

    `further`: flags that come later on `posts` are closed as well, until the post is edited.
    `unseen`: what of them the moderator did not see, in words.
    """

    kind: ClassVar[str] = "dismiss"
    flags: tuple[str, ...]
    posts: tuple[str, ...] = ()
    approve: bool = False
    finishes: bool = True
    further: bool = False
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock(Command):
    """Close the thread for writing; `until` None: until somebody unlocks it."""

    kind: ClassVar[str] = "lock"
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock(Command):
    """Open a locked thread again."""

    kind: ClassVar[str] = "unlock"
    reason: str = ""
    expect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSlowMode(Command):
    """Slow the channel to one post per author in `seconds`; 0 lifts it."""

    kind: ClassVar[str] = "slow_mode"
    seconds: int
    until: datetime | None
    reason: str
    expect: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReadOnly(Command):
    """Close the channel for writing (`on`) or open it again."""

    kind: ClassVar[str] = "read_only"
    on: bool
    until: datetime | None
    reason: str
    expect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCrowdControl(Command):
    """Collapse what newcomers and people of bad standing write under the thread's post; `level`
    is an index of CROWD_LEVELS. It stays until it is set anew: it has no end."""

    kind: ClassVar[str] = "crowd_control"
    level: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanction(Command):
    """Warn, mute, kick or ban the author. `seconds` None means for good. `preset`: the author is
    told the text that the platform keeps under this name, in place of `text`. `renews`: one of
    ours stands, and this takes its place."""

    kind: ClassVar[str] = "sanction"
    sanction: SanctionKind
    author: str
    seconds: int | None = None
    rule: str | None = None
    reason: str = ""
    text: str = ""
    preset: str | None = None
    renews: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftSanction(Command):
    """Unmute or unban: the inverse of Sanction, and the timed end where the platform has none."""

    kind: ClassVar[str] = "lift_sanction"
    sanction: SanctionKind
    author: str
    expect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoExtra(Command):
    """Do to the thread's subject, its author or a reporter what few platforms can, or take it off
    again (`on` False).

    `value` is the score of a priority (0 to HIGHEST_PRIORITY), the tag, or the key of the flag by
    the reporter who is meant. `seconds` None means for good.
    """

    kind: ClassVar[str] = "extra"
    extra: Extra
    on: bool = True
    value: str = ""
    seconds: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalate(Command):
    """Hand the thread to a team. `text` is what the team is told, through `account`."""

    kind: ClassVar[str] = "escalate"
    team: str
    note: str
    account: str | None = None
    to: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(Command):
    """Tell the next ones, through `account`, how the shift was left. It belongs to no thread."""

    kind: ClassVar[str] = "hand_over"
    thread: int = NO_THREAD
    revision: int = 0
    account: str
    to: str = ""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Command):
    """Hold the thread on its platform as well (`on`), or let it go there. `over`: take it from
    whoever holds it there."""

    kind: ClassVar[str] = "assign"
    decides: ClassVar[bool] = False
    on: bool
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(Command):
    """Leave a note on the platform as well, where its other moderators read it."""

    kind: ClassVar[str] = "comment"
    decides: ClassVar[bool] = False
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve(Command):
    """Call the thread done. `outcome` says in words how it ended."""

    kind: ClassVar[str] = "resolve"
    local: ClassVar[bool] = True
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(Command):
    """Take a resolved thread up again, in a new cycle."""

    kind: ClassVar[str] = "reopen"
    local: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Command):
    """Words for the team. A platform is told of them by a Comment alone."""

    kind: ClassVar[str] = "note"
    local: ClassVar[bool] = True
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze(Command):
    """Put the thread aside until a moment."""

    kind: ClassVar[str] = "snooze"
    local: ClassVar[bool] = True
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkSensitive(Command):
    """Put the thread into the NOW lane and open its help route."""

    kind: ClassVar[str] = "sensitive"
    local: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSensitive(Command):
    """Close the help route and leave the NOW lane; `why` says in words what it was instead."""

    kind: ClassVar[str] = "not-sensitive"
    local: ClassVar[bool] = True
    why: str


_EVERY: tuple[type[Command], ...] = (
    Reply, Hide, Restore, Dismiss, Lock, Unlock, SetSlowMode, SetReadOnly, SetCrowdControl,
    Sanction, LiftSanction, DoExtra, Escalate, HandOver, Assign, Comment,
    Resolve, Reopen, Note, Snooze, MarkSensitive, NotSensitive,
)  # fmt: skip
KINDS = {each.kind: each for each in _EVERY}
"""The class of each kind of command."""


def needs(command: Command) -> Capability | None:
    """The capability that `command` asks of the connector; None for a local command."""
    match command:
        case Reply(audience=Audience.AUTHOR):
            return Capability.REPLY_PRIVATE
        case Reply():
            return Capability.REPLY
        case Hide():
            return Capability.HIDE
        case Restore():
            return Capability.RESTORE
        case Dismiss(approve=True):
            return Capability.APPROVE
        case Dismiss():
            return Capability.DISMISS
        case Lock() | Unlock():
            return Capability.LOCK
        case SetSlowMode():
            return Capability.SLOW_MODE
        case SetReadOnly():
            return Capability.READ_ONLY
        case SetCrowdControl():
            return Capability.CROWD_CONTROL
        case Sanction(sanction=kind) | LiftSanction(sanction=kind):
            return Capability(kind.value)
        case DoExtra(extra=extra):
            return Capability(extra.value)
        case Escalate() | HandOver():
            return Capability.NOTIFY
        case Assign():
            return Capability.ASSIGN
        case Comment():
            return Capability.NOTE
    return None
