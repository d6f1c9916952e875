"""Whether a command can be taken: everything that is refused before a row is written."""

from __future__ import annotations

from collections.abc import Sequence

from modtui.connectors import Limits
from modtui.domain.commands import (
    CROWD_LEVELS,
    HIGHEST_PRIORITY,
    NO_ROUTE,
    Audience,
    Command,
    Dismiss,
    DoExtra,
    Escalate,
    Extra,
    Hide,
    Lock,
    Note,
    Reopen,
    Reply,
    Sanction,
    SetCrowdControl,
    SetReadOnly,
    SetSlowMode,
    Snooze,
    needs,
)
from modtui.domain.frozen import dataclass
from modtui.domain.model import Claim, Event, Flag, Post, State, ThreadRecord
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.states import news
from modtui.engine import Refused
from modtui.engine.folding import called
from modtui.engine.parts import Parts
from modtui.engine.words import happened, name, outside


@dataclass(frozen=True, slots=True)
class Case:
    """A thread as it stands when a batch is taken."""

    record: ThreadRecord
    posts: Sequence[Post]
    flags: Sequence[Flag]
    events: Sequence[Event]
    claim: Claim | None
    rows: Sequence[Delivery]


def check_revision(command: Command, case: Case, parts: Parts) -> None:
    """Raise Refused("stale") when another changed the thread since the command was decided."""
    if command.revision == case.record.revision:
        return
    latest = news(case.events, command.revision, parts.me)
    if latest is not None:
        since = happened(latest, parts.now())
        raise Refused("stale", f"{called(case.record, parts.desk)}: {since}", can_force=True)


def check_route(command: Command, case: Case, parts: Parts) -> None:
    """Raise Refused("stale") for a reply that was decided before a help route was opened."""
    route = case.record.help_route
    if isinstance(command, Reply) and command.route == NO_ROUTE and route is not None:
        title = called(case.record, parts.desk)
        why = f"{title}: the help route {route} was opened since you began"
        raise Refused("stale", why, can_force=True)


def check_claim(command: Command, case: Case, parts: Parts) -> None:
    """Raise Refused("claimed") for a public reply to a thread that another holds."""
    if not (isinstance(command, Reply) and command.audience is Audience.EVERYONE):
        return
    if case.claim is not None and case.claim.by != parts.me:
        raise Refused(
            "claimed",
            f"{case.claim.by} holds {called(case.record, parts.desk)}: take over to reply",
        )


_UNDERWAY = {
    DeliveryState.HELD: "has not left yet",
    DeliveryState.QUEUED: "waits to be sent",
    DeliveryState.SENDING: "is being sent",
    DeliveryState.BLOCKED: "waits for login",
}


def check_pending(command: Command, case: Case, me: str) -> None:
    """Raise Refused("pending") for a reply while an earlier one is on its way."""
    earlier = [row for row in case.rows if isinstance(row.command, Reply)]
    if isinstance(command, Reply) and earlier:
        row = earlier[-1]
        whose = "your reply here" if row.by == me else f"a reply here by {row.by}"
        how = _UNDERWAY.get(row.state, "may be there already")
        raise Refused("pending", f"{whose} {how}: this would be a second one", can_force=True)


def check_ability(command: Command, case: Case, parts: Parts) -> Limits | None:
    """Return the limits under which the account does it; None for what needs no platform.

    Raises Refused("unable") with the platform's reason.
    """
    capability = needs(command)
    account = account_of(command, case.record)
    if capability is None or account is None:
        return None
    able = parts.capabilities(account)
    if able is None:
        raise Refused("unable", f"{account} is not connected yet")
    limits = able.offers.get(capability)
    if limits is None:
        word = capability.value.replace("_", " ")
        raise Refused("unable", able.missing.get(capability, f"{account} has no {word}"))
    return limits


def account_of(command: Command, record: ThreadRecord) -> str | None:
    """Return the account that carries `command`; None when nothing leaves this machine."""
    if isinstance(command, Escalate):
        return command.account
    return None if command.local else record.account


def check_sense(command: Command, case: Case, limits: Limits | None, parts: Parts) -> None:
    """Raise Refused("invalid") for a command that cannot mean anything here."""
    match command:
        case Reply(text=text):
            _check_text(text, "reply")
        case Note(text=text) | Escalate(note=text):
            _check_text(text, "note")
        case Hide(posts=wanted):
            _check_posts(wanted, case)
        case Dismiss(flags=wanted):
            _check_flags(wanted, case)
        case Snooze(until=until) if case.record.state is State.ESCALATED:
            raise Refused("invalid", "escalated threads are not snoozed: resolve, or wait")
        case Snooze() if case.record.state is State.RESOLVED:
            raise Refused("invalid", "a resolved thread is not snoozed: reopen it first")
        case Reopen() if case.record.state is State.ESCALATED:
            raise Refused("invalid", "an escalated thread is open: it ends when it is resolved")
        case Reopen() if case.record.state is State.OPEN:
            raise Refused("invalid", "the thread is open: there is nothing to reopen")
        case Snooze(until=until) | Lock(until=until) | SetReadOnly(until=until) if until:
            _check_future(until > parts.now())
        case SetSlowMode(seconds=seconds, until=until):
            _check_future(until is None or until > parts.now())
            _check_seconds(seconds or None, limits, name(command, case.record, parts.desk))
        case SetCrowdControl(level=level) if level not in range(len(CROWD_LEVELS)):
            raise Refused("invalid", f"crowd control has the levels 0 to {len(CROWD_LEVELS) - 1}")
        case DoExtra():
            _check_extra(command, case, limits, parts)
        case Sanction(preset=str(preset)) if limits and preset not in limits.texts:
            told = ", ".join(limits.texts) or "none"
            raise Refused("invalid", f'there is no text "{preset}" for that: {told}')
        case Sanction(seconds=seconds):
            _check_seconds(seconds, limits, name(command, case.record, parts.desk))


def _check_extra(command: DoExtra, case: Case, limits: Limits | None, parts: Parts) -> None:
    value = command.value.strip()
    match command.extra:
        case Extra.PRIORITY if not (value.isdecimal() and int(value) <= HIGHEST_PRIORITY):
            raise Refused("invalid", f"a priority is a number from 0 to {HIGHEST_PRIORITY}")
        case Extra.TAG if not value:
            raise Refused("invalid", "say which tag")
        case Extra.MUTE_REPORTER if value not in {flag.key for flag in case.flags}:
            raise Refused("invalid", "say whose report: there is no such flag here")
        case Extra.DIVERT if not command.on:
            raise Refused("invalid", "what was diverted is not brought back")
    if command.seconds is not None and not (limits and limits.supports_until and command.on):
        raise Refused(
            "invalid", f"{limits.name if limits else 'it'} has no end: leave the time out"
        )
    _check_seconds(command.seconds, limits, name(command, case.record, parts.desk))


def _check_text(text: str, what: str) -> None:
    if not text.strip():
        raise Refused("invalid", f"the {what} is empty")


def _check_posts(wanted: Sequence[str], case: Case) -> None:
    posts = {post.remote_id: post for post in case.posts}
    if not wanted:
        raise Refused("invalid", "no post is chosen")
    for remote_id in wanted:
        if remote_id not in posts:
            raise Refused("invalid", f"post {remote_id} is not in this thread")
        if posts[remote_id].deleted_at is not None:
            author = posts[remote_id].author.name
            raise Refused("invalid", f"the post of {author} is deleted already; its text is kept")


def _check_flags(wanted: Sequence[str], case: Case) -> None:
    if not wanted:
        raise Refused("invalid", "no flag is named")
    if not {flag.key for flag in case.flags} & set(wanted):
        raise Refused("invalid", "these flags are closed already")


def _check_future(holds: bool) -> None:
    if not holds:
        raise Refused("invalid", "the end lies in the past")


def _check_seconds(seconds: int | None, limits: Limits | None, what: str) -> None:
    if limits is not None and (why := outside(seconds, limits)):
        raise Refused("invalid", f"{what}: {why}")
