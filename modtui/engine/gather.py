"""Reading what a report is made of: threads with their stories, and what runs beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from modtui.domain.commands import LiftSanction, SetReadOnly, SetSlowMode, Unlock
from modtui.domain.hours import Calendar, always
from modtui.domain.metrics import Blind, Doing, Narrow, Period, Running
from modtui.domain.model import Channel, Event, Restriction
from modtui.domain.outbox import WAITING, Delivery, DeliveryState
from modtui.domain.quiet import Quiet, Untouched
from modtui.domain.report import known_since
from modtui.domain.scene import Filed, Scene
from modtui.domain.sla import Policy
from modtui.domain.stories import Story, tell
from modtui.domain.words import length
from modtui.engine.accounts import Plan
from modtui.engine.folding import neutral
from modtui.engine.kept import is_further
from modtui.engine.sight import HEARD_EVERY
from modtui.store import ReadTx
from modtui.store.status_port import ThreadLine

WRITING = timedelta(minutes=2)
AT_ONCE = 250
"""So many threads are read at a time: what is known of all would fill the memory."""

COUNTED_AT_ONCE = 2_000
"""Of which only numbers are kept."""

STORIES_KEPT = 2_000
_ALL = 100_000
_ALWAYS = always()


@dataclass(frozen=True, slots=True)
class Ground:
    """What never changes while the engine lives: the zone, the policies, the accounts, and for
    which reasons a title is folded."""

    zone: str
    policies: tuple[Policy, ...]
    accounts: tuple[str, ...]
    folded: tuple[str, ...] = ()

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """The calendar of each policy."""
        return {policy.name: policy.calendar for policy in self.policies}


@dataclass(frozen=True, slots=True)
class Known:
    """A story that was told before, of the thread as it was at `seq` under `policy`."""

    seq: int
    policy: str
    story: Story


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked for; `known` are stories that were told before."""

    period: Period
    narrow: Narrow
    known: Mapping[int, Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one snapshot holds. `told` are stories of the threads that were read last, of
    `STORIES_KEPT` at most."""

    threads: tuple[Filed, ...]
    quiet: Quiet
    told: Mapping[int, Known]
    blind: tuple[Blind, ...]
    unknown: tuple[Delivery, ...]
    doing: Mapping[str, Doing]
    complete: Mapping[str, datetime]
    running: tuple[Running, ...]


async def gather(tx: ReadTx, ground: Ground, asked: Asked) -> Gathered:
    """Return what the store holds about everything that stands or happened since the period
    began."""
    now, since = asked.period.end, known_since(asked.period)
    unknown = await tx.deliveries(states=(DeliveryState.NEEDS_HUMAN,), limit=_ALL)
    drafts = await tx.drafts_since(now - WRITING)
    minded = frozenset((*(row.thread for row in unknown), *(thread for thread, _, _ in drafts)))
    quiet = Quiet(asked.period, asked.narrow, minded)
    threads: list[Filed] = []
    told: dict[int, Known] = {}
    latest: dict[str, tuple[int, str]] = {}
    counted = await _count(tx, quiet, now, latest)
    rest = [number for number in await tx.thread_numbers(since) if number not in counted]
    for start in range(0, len(rest), AT_ONCE):
        lines = await _called(tx, await tx.lines_of(rest[start : start + AT_ONCE]), ground.folded)
        stories = await _stories(tx, lines, ground.calendars, asked.known)
        filed = (_filed(line, stories[line.id].story) for line in lines)
        threads += [thread for thread in filed if not quiet.takes(thread)]
        _note(latest, lines)
        told.update(stories)
        for old in tuple(islice(told, max(len(told) - STORIES_KEPT, 0))):
            del told[old]
    if (first := quiet.wanted) is not None:
        (line,) = await _called(tx, await tx.lines_of([first]), ground.folded)
        story = (await _stories(tx, [line], ground.calendars, {}))[first].story
        quiet.keep_first(_filed(line, story))
    realms = {realm: account for realm, (_, account) in latest.items()}
    complete = {
        name: at
        for name in dict.fromkeys((*ground.accounts, *realms.values()))
        if (at := await tx.complete_at(name)) is not None
    }
    return Gathered(
        threads=tuple(threads),
        quiet=quiet,
        told=told,
        blind=await _blind(tx, ground, since, now),
        unknown=unknown,
        doing=_doing(threads, drafts),
        complete=complete,
        running=await _running(tx, ground, realms, now),
    )


async def _count(
    tx: ReadTx, quiet: Quiet, now: datetime, latest: dict[str, tuple[int, str]]
) -> set[int]:
    """Let `quiet` count the threads that nobody touched, of which in a flood nearly all are; return
    their numbers."""
    counted: set[int] = set()
    last = 0
    while found := await tx.untouched(now, last, COUNTED_AT_ONCE):
        counted.update(one.id for one in found if quiet.take(one))
        _note(latest, found)
        last = found[-1].id
    return counted


def _note(
    latest: dict[str, tuple[int, str]], threads: Sequence[ThreadLine] | Sequence[Untouched]
) -> None:
    """Note of which account the latest thread of each realm is."""
    for realm, one in {thread.realm: thread for thread in threads}.items():
        latest[realm] = max(latest.get(realm, (0, "")), (one.id, one.account))


async def _called(
    tx: ReadTx, lines: tuple[ThreadLine, ...], folded: Sequence[str]
) -> tuple[ThreadLine, ...]:
    """Return `lines` with neutral words for the titles that are folded."""
    if not folded or not lines:
        return lines
    reasons = await tx.reasons([line.id for line in lines])
    titles = (neutral(line.id, reasons.get(line.id, ()), folded) for line in lines)
    return tuple(
        line._replace(title=title) if title else line
        for line, title in zip(lines, titles, strict=True)
    )


async def _stories(
    tx: ReadTx,
    lines: Sequence[ThreadLine],
    calendars: Mapping[str, Calendar],
    known: Mapping[int, Known],
) -> dict[int, Known]:
    """Return the story of every line; of threads that did not change as `known`."""
    told = {line.id: known[line.id] for line in lines if _is_told(line, known)}
    fresh = {line.id: line for line in lines if line.id not in told}
    # Of one thread at a time: what is flagged by many has as many events as thousands of others.
    for thread, events in await tx.histories(tuple(fresh)):
        line = fresh.pop(thread)
        told[thread] = _known(line, events, calendars)
    told.update((thread, _known(line, (), calendars)) for thread, line in fresh.items())
    return told


def _known(line: ThreadLine, events: Sequence[Event], calendars: Mapping[str, Calendar]) -> Known:
    policy = line.standing.policy
    return Known(line.seq, policy, tell(events, calendars.get(policy, _ALWAYS)))


def _is_told(line: ThreadLine, known: Mapping[int, Known]) -> bool:
    before = known.get(line.id)
    return before is not None and (before.seq, before.policy) == (line.seq, line.standing.policy)


def scene(gathered: Gathered, ground: Ground) -> Scene:
    """Return the scene of `gathered`."""
    return Scene(
        zone=ground.zone,
        threads=gathered.threads,
        quiet=gathered.quiet,
        accounts=ground.accounts,
        complete=gathered.complete,
        calendars=ground.calendars,
        blind=gathered.blind,
        unknown=gathered.unknown,
        doing=gathered.doing,
        running=gathered.running,
    )


def _filed(line: ThreadLine, story: Story) -> Filed:
    return Filed(
        id=line.id,
        account=line.account,
        channel=line.channel,
        title=line.title,
        language=line.language,
        state=line.state,
        standing=line.standing,
        first_flag_at=line.first_flag_at,
        snoozed_until=line.snoozed_until,
        team=line.team,
        now_at=line.now_at,
        now_due_at=line.now_due_at,
        now_reason=line.now_reason,
        holder=line.holder,
        story=story,
    )


def _doing(
    threads: Sequence[Filed], drafts: Sequence[tuple[int, str, datetime]]
) -> Mapping[str, Doing]:
    """Return what each person does: writes, else the thread that was claimed last."""
    held: dict[str, tuple[datetime, Doing]] = {}
    for one in threads:
        if not one.holder:
            continue
        at = one.story.holds[-1][0] if one.story.holds else one.first_flag_at
        if one.holder not in held or held[one.holder][0] <= at:
            held[one.holder] = at, Doing("holds", one.title, at)
    doing = {who: what for who, (_, what) in held.items()}
    wanted = {thread for thread, _, _ in drafts}
    known = {one.id: one for one in threads if one.id in wanted}
    for thread, by, at in reversed(drafts):
        if (where := known.get(thread)) is not None:
            doing[by] = Doing("writing", f"{where.account}/{where.channel}", at)
    return doing


async def _blind(tx: ReadTx, ground: Ground, since: datetime, now: datetime) -> tuple[Blind, ...]:
    """Return the times without sight, those that nobody could write down included."""
    found = list(await tx.blind_since(since))
    still = {each.account for each in found if each.end is None}
    for name in ground.accounts:
        heard = await tx.heard(name)
        if heard is not None and name not in still and now > heard.stale_at + HEARD_EVERY:
            found.append(Blind(name, "disconnected", heard.at, None))
    return tuple(sorted(found, key=lambda each: each.start))


async def _running(
    tx: ReadTx, ground: Ground, realms: Mapping[str, str], now: datetime
) -> tuple[Running, ...]:
    """Return what is restricted now: channels first, then threads and authors."""
    rows = await tx.deliveries(states=WAITING, limit=_ALL)
    timed = (row for row in rows if row.not_before is not None and not is_further(row))
    ends = {row.batch: row for row in timed}
    found = []
    for realm, channel in await tx.restrictions():
        if channel.restriction is not None:
            end = await _end_of(tx, channel.restriction, ends)
            account = end.account if end else realms.get(realm, realm)
            one = _channel(account, channel, channel.restriction)
            found.append(await _ended_by(tx, one, end, now))
            ends.pop(end.batch if end else "", None)
    for row in ends.values():
        if not isinstance(row.command, SetSlowMode | SetReadOnly):
            one = await _on_thread(tx, row, ground.folded)
            found.append(await _ended_by(tx, one, row, now))
    return tuple(found)


async def _end_of(
    tx: ReadTx, restriction: Restriction, ends: Mapping[str, Delivery]
) -> Delivery | None:
    setting = await tx.delivery(restriction.delivery) if restriction.delivery else None
    return ends.get(f"{setting.batch}:end") if setting else None


def _channel(account: str, channel: Channel, restriction: Restriction) -> Running:
    what = restriction.kind.replace("_", "-")
    if restriction.kind == "slow":
        what = f"slow mode {length(restriction.seconds or 0).replace(' min', 'm').replace(' ', '')}"
    ends = "platform" if restriction.until else "nobody"
    return Running(what, f"{account}/{channel.name}", restriction.until, ends)


async def _on_thread(tx: ReadTx, row: Delivery, folded: Sequence[str]) -> Running:
    record = await tx.thread(row.thread)
    where = row.account
    if record is not None:
        title = neutral(record.id, record.reasons, folded) or record.thread.title
        where = f"{row.account}: {title}"
    match row.command:
        case Unlock():
            what = "lock"
        case LiftSanction(sanction=kind):
            what = kind.value
        case _:
            what = row.command.kind
    return Running(what, where, row.not_before, "modtui", thread=row.thread)


async def _ended_by(tx: ReadTx, one: Running, end: Delivery | None, now: datetime) -> Running:
    """Return `one` with who ends it: the process that serves the account of its end."""
    if end is None:
        return one
    lease = await tx.lease(f"account:{end.account}")
    overdue = end.not_before is not None and end.not_before < now
    by = lease.owner if lease else ""
    return replace(one, ends="modtui", by=by, overdue=overdue)


def ground_of(plan: Plan) -> Ground:
    """Return the ground of a plan: of its accounts those that have threads."""
    accounts = tuple(spec.name for spec in plan.accounts if not spec.schema.notify_only)
    desk = plan.desk
    return Ground(desk.moderator.timezone, plan.policies, accounts, desk.fold_reasons)
