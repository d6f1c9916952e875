"""Taking a batch of commands: checked and written in one transaction, or refused whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import field, replace
from datetime import timedelta

from modtui.connectors import Limits
from modtui.domain.commands import (
    Audience,
    Command,
    Dismiss,
    Escalate,
    Hide,
    MarkSensitive,
    Note,
    NotSensitive,
    Reply,
    Resolve,
    Sanction,
    Snooze,
)
from modtui.domain.frozen import dataclass
from modtui.domain.help_routes import undisclaimed
from modtui.domain.model import Event, EventKind, ThreadRecord
from modtui.domain.outbox import UNFINISHED, Delivery, DeliveryState
from modtui.domain.settings import Team
from modtui.domain.views import Change
from modtui.engine import Refused, Submitted
from modtui.engine.checks import (
    Case,
    account_of,
    check_ability,
    check_claim,
    check_pending,
    check_revision,
    check_route,
    check_sense,
)
from modtui.engine.gate import with_disclaimer
from modtui.engine.held import CLAIM_SECONDS
from modtui.engine.history import happen, recount
from modtui.engine.landing import AuditNote, audit, new_key
from modtui.engine.lane import check_lane, over_detail, sensitive_detail, unfinished
from modtui.engine.mirror import leave_note
from modtui.engine.parts import Parts
from modtui.engine.rulebook import help_book
from modtui.engine.standing import standing
from modtui.engine.wording import Place, check_words
from modtui.engine.words import name
from modtui.store import AuditLine, Tx

_AT_ONCE = frozenset(
    {
        EventKind.RESOLVED, EventKind.SNOOZED, EventKind.ESCALATED, EventKind.REOPENED,
        EventKind.SENSITIVE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """How a batch is taken: with the undo window, over the moderator's own doubts."""

    batch: str
    hold: bool
    force: bool
    undoes: tuple[int | None, ...] = ()


@dataclasses.dataclass(slots=True)
class _Taking:
    """One batch while it is written."""

    tx: Tx
    parts: Parts
    terms: Terms
    cases: dict[int, Case] = field(default_factory=dict)
    revisions: dict[int, int] = field(default_factory=dict)
    rows: list[Delivery] = field(default_factory=list)
    done: list[str] = field(default_factory=list)


async def submit(
    parts: Parts, commands: Sequence[Command], *, hold: bool, force: bool
) -> Submitted:
    """Take one batch in order, in one transaction. Raises Refused and changes nothing."""
    terms = Terms(f"{parts.runtime.rng.getrandbits(64):016x}", hold, force)

    told = frozenset(command.thread for command in commands)

    async def work(tx: Tx) -> tuple[Submitted, frozenset[int]]:
        taken = await take(tx, parts, commands, terms)
        if not any(isinstance(command, MarkSensitive) for command in commands):
            return taken, told
        from modtui.engine.spam import spare_elsewhere

        return taken, told | await spare_elsewhere(tx, told, parts)

    taken, told = await parts.store.write(work)
    parts.changed(Change(threads=told, deliveries=True))
    parts.wake()
    return taken


async def take(tx: Tx, parts: Parts, commands: Sequence[Command], terms: Terms) -> Submitted:
    """Check and write a batch within `tx`; `submit` and `undo` share it."""
    if not commands:
        raise Refused("invalid", "nothing to do")
    taking = _Taking(tx, parts, terms)
    ready: list[tuple[Command, int | None]] = []
    for index, command in enumerate(commands):
        undoes = terms.undoes[index] if terms.undoes else None
        checked, limits = await _check(taking, command)
        ready += [(each, undoes) for each in _with_dismiss(checked, limits, taking, commands)]
    if not any(terms.undoes):
        for thread_id, case in taking.cases.items():
            said = [command for command, _ in ready if command.thread == thread_id]
            check_words(said, Place(case.record, case.events, parts.ruled))
    for command, undoes in _with_replies(ready):
        await _write(taking, command, undoes)
    for thread_id, case in taking.cases.items():
        record = await recount(tx, case.record)
        # Whatever was put aside is in the queue once somebody acts on it.
        await tx.update_thread(replace(record, backlog=False))
        if any(isinstance(c, Resolve) and c.thread == thread_id for c, _ in ready):
            await tx.drop_claim(thread_id, parts.me)
    return Submitted(terms.batch, tuple(taking.rows), tuple(taking.done))


def _with_replies(
    ready: Sequence[tuple[Command, int | None]],
) -> tuple[tuple[Command, int | None], ...]:
    """Return a batch where what is done here alone after a reply, a note or an escalation, holds
    only with it: once that is sent."""
    found: list[tuple[Command, int | None]] = []
    replies: dict[int, tuple[int, Reply]] = {}
    for command, undoes in ready:
        place, reply = replies.get(command.thread, (len(found), None))
        match command:
            case Note(text=text) if reply is not None:
                command = replace(reply, notes=(*reply.notes, text))
            case Escalate(account=None, team=team, note=note) if reply is not None:
                command = replace(reply, escalates=(*reply.escalates, (team, note)))
            case _:
                place = len(found)
                found.append((command, undoes))
        found[place] = (command, found[place][1])
        if isinstance(command, Reply):
            replies[command.thread] = (place, command)
    return tuple(found)


async def _check(taking: _Taking, command: Command) -> tuple[Command, Limits | None]:
    parts = taking.parts
    first = command.thread not in taking.cases
    case = await _case(taking, command.thread)
    command = _addressed(command, case.record, parts)
    check_lane(command, case.record, parts)
    if not taking.terms.force:
        check_route(command, case, parts)
    command = with_disclaimer(unfinished(command, case.record), case.record, parts.ruled)
    limits = check_ability(command, case, parts)
    if first:
        taking.revisions[command.thread] = case.record.revision
        if not taking.terms.force and not any(taking.terms.undoes):
            check_revision(command, case, parts)
    check_claim(command, case, parts)
    if not taking.terms.force:
        check_pending(command, case, parts.me)
    check_sense(command, case, limits, parts)
    if isinstance(command, Sanction):
        ours = await standing(taking.tx, command, case.record, parts.now())
        command = replace(command, renews=ours is not None)
    # A batch carries one revision: the one that its first command was found current at.
    return replace(command, revision=taking.revisions[command.thread]), limits


async def _case(taking: _Taking, thread_id: int) -> Case:
    if thread_id not in taking.cases:
        tx = taking.tx
        record = await tx.thread(thread_id)
        if record is None:
            raise Refused("invalid", f"there is no thread {thread_id}")
        taking.cases[thread_id] = Case(
            record=record,
            posts=await tx.posts(thread_id),
            flags=await tx.flags(thread_id),
            events=await tx.events(thread_id),
            claim=await tx.claim(thread_id),
            rows=await tx.deliveries(thread=thread_id, states=UNFINISHED),
        )
    return taking.cases[thread_id]


def _addressed(command: Command, record: ThreadRecord, parts: Parts) -> Command:
    """Return an Escalate with its team's account, channel and text filled in."""
    if not isinstance(command, Escalate):
        return command
    team = next((team for team in parts.desk.teams if team.name == command.team), None)
    if team is None:
        known = ", ".join(team.name for team in parts.desk.teams) or "none is configured"
        raise Refused("invalid", f"there is no team {command.team}: {known}")
    if team.reach is None:
        return command
    return replace(
        command,
        account=command.account or team.reach.account,
        to=command.to or team.reach.channel,
        text=command.text or _summons(command, record, team, parts.me),
    )


def _summons(command: Escalate, record: ThreadRecord, team: Team, me: str) -> str:
    roles = {
        "responsible": ", ".join(team.responsible),
        "accountable": team.accountable,
        "consulted": ", ".join(team.consulted),
        "informed": ", ".join(team.informed),
        "from": me,
    }
    lines = (
        f"{team.name}: {record.thread.title}",
        command.note,
        record.thread.url or f"{record.account} {record.thread.subject}",
        " · ".join(f"{role} {names}" for role, names in roles.items() if names),
    )
    return "\n".join(line for line in lines if line)


def _with_dismiss(
    command: Command, limits: Limits | None, taking: _Taking, batch: Sequence[Command]
) -> tuple[Command, ...]:
    """Where a hide leaves its flags open, let a dismiss follow that finishes in its place."""
    if not isinstance(command, Hide) or limits is None or not limits.leaves_flag:
        return (command,)
    if any(isinstance(other, Dismiss) and other.thread == command.thread for other in batch):
        return (command,)
    flags = tuple(
        flag.key
        for flag in taking.cases[command.thread].flags
        if flag.post is None or flag.post in command.posts
    )
    if not flags:
        return (command,)
    dismiss = Dismiss(
        thread=command.thread,
        revision=command.revision,
        flags=flags,
        posts=command.posts,
        finishes=command.finishes,
    )
    return (replace(command, finishes=False), dismiss)


async def _write(taking: _Taking, command: Command, undoes: int | None) -> None:
    case = taking.cases[command.thread]
    account = account_of(command, case.record)
    if account is None:
        await _at_once(taking, command, case)
        return
    parts, tx = taking.parts, taking.tx
    window = parts.desk.undo_window if taking.terms.hold else timedelta()
    row = Delivery(
        id=0,
        key=new_key(parts),
        batch=taking.terms.batch,
        thread=command.thread,
        account=account,
        command=command,
        state=DeliveryState.HELD if window else DeliveryState.QUEUED,
        by=parts.me,
        created_at=parts.now(),
        hold_until=parts.now() + window if window else None,
        undoes=undoes,
    )
    row = replace(row, id=await tx.add_delivery(row))
    taking.rows.append(row)
    await audit(
        tx, parts, row, AuditNote(parts.me, "submitted", name(command, case.record, parts.desk))
    )
    if isinstance(command, Reply):
        draft = await tx.draft(command.thread, parts.me)
        # A quick reply sent past a longer draft is not that draft.
        if draft and (
            command.quick is None or _says(parts, draft.text) == _says(parts, command.text)
        ):
            await tx.drop_draft(command.thread, parts.me)
        if command.audience is Audience.EVERYONE:
            session = parts.runtime.session
            await tx.take_claim(command.thread, parts.me, session, CLAIM_SECONDS)


def _says(parts: Parts, text: str) -> str:
    return undisclaimed(help_book(parts.ruled), text).strip()


async def _at_once(taking: _Taking, command: Command, case: Case) -> None:
    parts, tx = taking.parts, taking.tx
    # What came before it in the batch may have put the thread into the lane.
    check_lane(command, case.record, parts)
    event = _local_event(command, case.record, parts, taking.terms.batch)
    before = case.record
    if isinstance(command, NotSensitive):
        before = replace(before, help_route=None)
    record = await happen(tx, before, [event], parts)
    taking.cases[command.thread] = replace(case, record=record)
    if isinstance(command, Note):
        await leave_note(tx, parts, record, command.text, parts.me)
    what = name(command, record, parts.desk)
    taking.done.append(what)
    await tx.add_audit(AuditLine(parts.now(), parts.me, command.kind, record.id, None, what))


def _local_event(command: Command, record: ThreadRecord, parts: Parts, batch: str) -> Event:
    detail: tuple[tuple[str, str | int | None], ...] = (
        ("batch", batch),
        ("before", record.state.value),
    )
    match command:
        case Resolve(outcome=outcome):
            kind, detail = EventKind.RESOLVED, (*detail, ("outcome", outcome))
        case Note(text=text):
            kind, detail = EventKind.STAFF_NOTE, (*detail, ("text", text))
        case Snooze(until=until):
            kind, detail = EventKind.SNOOZED, (*detail, ("until", until.isoformat()))
        case Escalate(team=team, note=note):
            kind, detail = EventKind.ESCALATED, (*detail, ("team", team), ("note", note))
        case MarkSensitive():
            kind, detail = EventKind.SENSITIVE, (*detail, *sensitive_detail(record))
        case NotSensitive(why=why):
            kind, detail = EventKind.SENSITIVE, (*detail, *over_detail(why, record))
        case _:
            kind = EventKind.REOPENED
    return Event(kind, parts.now(), parts.me, detail)


def undoable(event: Event, me: str) -> bool:
    """Return whether `event` is something `me` did at once that `u` takes back."""
    return event.kind in _AT_ONCE and event.actor == me and event.get("before") is not None
