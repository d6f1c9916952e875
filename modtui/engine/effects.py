"""What a receipt means for a thread: its events, its channel's restriction, its timed end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from modtui.domain.commands import (
    Command,
    Dismiss,
    DoExtra,
    Escalate,
    Extra,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
    SetCrowdControl,
    SetReadOnly,
    SetSlowMode,
    Then,
    Unlock,
)
from modtui.domain.frozen import dataclass
from modtui.domain.model import Channel, Event, EventKind, Restriction, ThreadRecord
from modtui.domain.outbox import Delivery, Receipt
from modtui.domain.text import clean_line
from modtui.engine.lane import unfinished

Detail = tuple[tuple[str, str | int | None], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a delivery landed: its thread, its channel if known, whether a flag is still open."""

    record: ThreadRecord
    channel: Channel | None
    flags_left: int


def events(row: Delivery, receipt: Receipt, place: Place) -> tuple[Event, ...]:
    """Return the events that `receipt` is worth, at the receipt's time."""
    known: Detail = (("delivery", row.id), ("batch", row.batch))
    if row.undoes is not None:
        known += (("undoes", row.undoes),)
    command = unfinished(row.command, place.record)
    kinds = _kinds(command, place, undoing=row.undoes is not None)
    return tuple(Event(kind, receipt.at, row.by, known + detail) for kind, detail in kinds)


def _kinds(
    command: Command, place: Place, *, undoing: bool
) -> tuple[tuple[EventKind, Detail], ...]:
    match command:
        case Reply():
            return _reply(command)
        case Hide(posts=posts, rule=rule, reason=reason, finishes=finishes, unseen=unseen):
            detail: Detail = (("posts", " ".join(posts)), ("rule", rule), ("reason", reason))
            detail += _unseen(unseen)
            ends = int(finishes and not place.flags_left)
            return ((EventKind.HIDDEN, (*detail, ("finishes", ends))),)
        case Dismiss(finishes=finishes, unseen=unseen):
            ends = int(finishes and not place.flags_left)
            return ((EventKind.DISMISSED, (("finishes", ends), *_unseen(unseen))),)
        case Restore(posts=posts):
            kind = EventKind.UNDONE if undoing else EventKind.REOPENED
            return ((kind, (("posts", " ".join(posts)),)),)
        case DoExtra(extra=Extra.REOPEN, on=True):
            return ((EventKind.UNDONE if undoing else EventKind.REOPENED, ()),)
        case Escalate(team=team, note=note):
            return ((EventKind.ESCALATED, (("team", team), ("note", note))),)
    return _setting(command, place)


def _unseen(words: tuple[str, ...]) -> Detail:
    return (("unseen", ", ".join(words)),) if words else ()


def _reply(command: Reply) -> tuple[tuple[EventKind, Detail], ...]:
    detail: Detail = (
        ("audience", command.audience.value),
        ("then", command.then.value),
        ("quick", command.quick),
    )
    said = (EventKind.STAFF_REPLY, detail)
    notes = tuple((EventKind.STAFF_NOTE, (("text", text),)) for text in command.notes)
    teams = tuple(
        (EventKind.ESCALATED, (("team", team), ("note", note))) for team, note in command.escalates
    )
    done = ((EventKind.RESOLVED, ()),) if command.then is Then.DONE else ()
    return (said, *notes, *teams, *done)


def _setting(command: Command, place: Place) -> tuple[tuple[EventKind, Detail], ...]:
    match command:
        case Lock(reason=reason, until=until):
            return ((EventKind.LOCKED, (("reason", reason), ("until", _iso(until)))),)
        case Unlock(reason=reason):
            return ((EventKind.UNLOCKED, (("reason", reason),)),)
        case SetSlowMode(seconds=seconds, until=until, reason=reason):
            detail: Detail = (("kind", "slow"), ("seconds", seconds), ("until", _iso(until)))
            return ((EventKind.RESTRICTED, (*detail, ("reason", reason), *_previous(place))),)
        case SetReadOnly(on=on, until=until, reason=reason):
            detail = (("kind", "read_only"), ("on", int(on)), ("until", _iso(until)))
            return ((EventKind.RESTRICTED, (*detail, ("reason", reason))),)
        case SetCrowdControl(level=level, reason=reason):
            detail = (("kind", "crowd_control"), ("level", level))
            return ((EventKind.RESTRICTED, (*detail, ("reason", reason))),)
        case Sanction(sanction=kind, author=author, seconds=seconds, rule=rule, reason=reason):
            detail = (("sanction", kind.value), ("author", author), ("seconds", seconds))
            return ((EventKind.SANCTIONED, (*detail, ("rule", rule), ("reason", reason))),)
        case LiftSanction(sanction=kind, author=author):
            lifted = f"un{kind.value}"
            return ((EventKind.SANCTIONED, (("sanction", lifted), ("author", author))),)
        case DoExtra(extra=Extra.SENSITIVE_MEDIA | Extra.FREEZE as extra, on=on, reason=reason):
            given = extra.value if on else f"un{extra.value}"
            detail = (("sanction", given), ("author", place.record.thread.author.remote_id))
            return ((EventKind.SANCTIONED, (*detail, ("reason", reason))),)
    return ()


def _previous(place: Place) -> Detail:
    before = place.channel.restriction if place.channel else None
    if before is None or before.kind != "slow":
        return (("previous", 0), ("previous_until", None))
    return (("previous", before.seconds), ("previous_until", _iso(before.until)))


def standing_seconds(channel: Channel | None) -> int:
    """Return the slow mode that was there before ours, in seconds; 0 for none."""
    before = channel.restriction if channel else None
    if before is None or before.ours or before.kind != "slow":
        return 0
    return before.seconds or 0


def restriction(row: Delivery, receipt: Receipt) -> Restriction | None:
    """Return what now slows or closes the channel, or None when `row` lifted it."""
    match row.command:
        case SetSlowMode(seconds=seconds, until=until, reason=reason) if seconds > 0:
            kind: str = "slow"
            shown: int | None = seconds
        case SetReadOnly(on=True, until=until, reason=reason):
            kind, shown = "read_only", None
        case _:
            return None
    return Restriction(
        kind=kind,
        seconds=shown,
        since=receipt.at,
        until=until,
        by=clean_line(row.by),
        reason=clean_line(reason),
        delivery=row.id,
        ours=True,
    )


def restricts(command: Command) -> bool:
    """Whether `command` sets or lifts a restriction of the channel."""
    return isinstance(command, SetSlowMode | SetReadOnly)


@dataclass(frozen=True, slots=True)
class End:
    """The timed end of a setting: what takes it back, and when."""

    command: Command
    at: datetime


def end_of(command: Command, receipt: Receipt, channel: Channel | None) -> End | None:
    """Return the end that we must set ourselves where the platform has none, or None.

    `expect` of the end is what the setting left behind: the seconds of a slow mode, else the
    receipt's evidence. The connector compares with it and does nothing if it is otherwise.
    """
    on = {"thread": command.thread, "revision": command.revision}
    left = receipt.evidence or None
    match command:
        case Lock(until=until) if until:
            return End(Unlock(**on, reason="its time is over", expect=left), until)
        case SetSlowMode(seconds=seconds, until=until) if until and seconds:
            back = SetSlowMode(
                **on,
                seconds=standing_seconds(channel),
                until=None,
                reason="its time is over",
                expect=seconds,
            )
            return End(back, until)
        case SetReadOnly(on=True, until=until) if until:
            back_on = SetReadOnly(
                **on, on=False, until=None, reason="its time is over", expect=left
            )
            return End(back_on, until)
        case Sanction(sanction=kind, author=author, seconds=seconds) if seconds:
            if kind in (SanctionKind.MUTE, SanctionKind.BAN):
                lift = LiftSanction(**on, sanction=kind, author=author, expect=left)
                return End(lift, receipt.at + timedelta(seconds=seconds))
    return None


def subject(command: Command, record: ThreadRecord) -> tuple[str, str] | None:
    """Return what a setting is about, so that a newer one replaces the older one's end."""
    match command:
        case Lock() | Unlock():
            return ("lock", str(record.id))
        case SetSlowMode():
            return ("slow", record.thread.channel)
        case SetReadOnly():
            return ("read_only", record.thread.channel)
        case Sanction(sanction=kind, author=author) | LiftSanction(sanction=kind, author=author):
            return (kind.value, author)
    return None


def locked(record: ThreadRecord, command: Command) -> ThreadRecord:
    """Return `record` as a lock or unlock leaves it."""
    if isinstance(command, Lock | Unlock):
        thread = replace(record.thread, locked=isinstance(command, Lock))
        return replace(record, thread=thread)
    return record


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
