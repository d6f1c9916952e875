"""queue, show, deliveries: what the store holds, and nothing but the store."""

from __future__ import annotations

import gc
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import click

from modtui.cli import plain, shapes
from modtui.cli.compose import Setup, find_account, open_store, set_up, wall
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import failing
from modtui.config import nearest
from modtui.domain.frozen import dataclass
from modtui.domain.hours import always
from modtui.domain.model import Event, Health, Post, Severity, State, ThreadRecord
from modtui.domain.outbox import DeliveryState
from modtui.domain.sla import Matter, choose, clocks
from modtui.domain.timeleft import lane_left, left, left_text
from modtui.domain.views import Counts, QueueFilter, QueueRow
from modtui.domain.words import span, to_go
from modtui.engine.seen import NEVER_READ, account_status
from modtui.store import ReadTx
from modtui.store.listing_port import Listed

T = TypeVar("T")
_ALWAYS = always()
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


def read(work: Callable[[Setup, ReadTx], Awaitable[T]]) -> tuple[Setup, T]:
    """Run `work` over one snapshot of the configured store.

    The garbage collector rests meanwhile and until the process ends: a listing makes a hundred
    thousand objects and drops none, and looking for rubbish among them took a fifth of its time.
    """
    gc.disable()
    with failing():
        setup = set_up()
        store = open_store(setup.paths.store)
        try:
            return setup, store.read_here(lambda tx: work(setup, tx))
        finally:
            store.close_here()


async def find_thread(tx: ReadTx, wanted: str) -> ThreadRecord:
    """Return the thread of a number or URL. Raises Failure (usage) when there is none."""
    number = re.fullmatch(r"#?(\d{1,18})", wanted.strip())
    record = await (tx.thread(int(number[1])) if number else tx.thread_by_url(wanted.strip()))
    if record is None:
        raise Failure(
            Exit.USAGE, f'there is no thread "{wanted}": modtui queue lists their numbers'
        )
    return record


def moment_of(setup: Setup, now: datetime) -> shapes.Moment:
    """Return what rows are looked at with."""
    return shapes.Moment(
        now,
        {policy.name: policy.calendar for policy in setup.config.policies},
        {account.name: account.connector for account in setup.accounts},
    )


@dataclass(frozen=True, slots=True)
class _Queue:
    """What is listed, for a person or for a program, and what is told beside it."""

    rows: tuple[QueueRow, ...]
    threads: list[shapes.Doc]
    counts: Counts
    accounts: list[shapes.Doc]


async def accounts_of(setup: Setup, tx: ReadTx) -> list[shapes.Doc]:
    """Return each account as the process that reads it said; offline when none does."""
    found: list[shapes.Doc] = []
    for account in setup.accounts:
        stands = await account_status(tx, account.name, account.connector, wall())
        lease = await tx.lease(f"account:{account.name}")
        found.append(
            {
                "name": account.name,
                "connector": account.connector,
                "health": stands.health,
                "since": stands.since if stands.detail != NEVER_READ else None,
                "last_ok_at": stands.last_ok_at,
                "stale_since": None if stands.detail == NEVER_READ else stands.stale_since,
                "until": stands.until,
                "detail": stands.detail,
                "served_by": lease.owner if lease else None,
                "quarantined": len(await tx.quarantined(account.name)),
            }
        )
    return found


def stands(account: shapes.Doc, now: datetime) -> str:
    """Return in words how one of `accounts_of` stands, since when, and why."""
    why = f" ({account['detail']})" if account["detail"] else ""
    age = f"stale {span(now - since)}: " if (since := account["stale_since"]) else ""
    return f"{age}{account['health']}{to_go(account['until'], now)}{why}"


def unfed(accounts: Sequence[shapes.Doc], now: datetime) -> list[str]:
    """Return a line for each account that is not live: a queue that is not fed is no quiet one."""
    if not accounts:
        return ["no account is configured: modtui init"]
    return [f"{a['name']}: {stands(a, now)}" for a in accounts if a["health"] != Health.LIVE]


@click.command()
@AS_JSON
@click.option("--account", "accounts", multiple=True, help="Only this account (repeatable).")
@click.option("--channel", "channels", multiple=True, help="Only this channel.")
@click.option("--state", "states", multiple=True, type=click.Choice([s.value for s in State]))
@click.option("--severity", "levels", multiple=True, type=click.Choice([s.value for s in Severity]))
@click.option("--language", "languages", multiple=True, help="Only this language: en, ru, ...")
@click.option("--reason", "reasons", multiple=True, help="Only with this flag reason.")
@click.option("--claimed-by", help="Only what this moderator holds.")
@click.option("--mine", is_flag=True, help="Only what I hold.")
@click.option("--unowned", is_flag=True, help="Only what nobody holds.")
@click.option("--now", "now_lane", is_flag=True, help="Only the NOW lane.")
@click.option("--late", is_flag=True, help="Only what is late.")
@click.option("--finished", is_flag=True, help="Resolved threads as well.")
@click.option("--text", default="", help="Only with this text in title, author, posts or id.")
@click.option("--view", "name", help="A view by its name: late, mine, hour, ..., or one you saved.")
@click.option("--limit", type=click.IntRange(1), help="At most this many.")
def queue(
    as_json: bool, limit: int | None, mine: bool, name: str | None, **filters: object
) -> None:
    """List the flagged threads, the next due first."""
    now = wall()

    async def work(setup: Setup, tx: ReadTx) -> _Queue:
        view = _view(filters, setup.me if mine else None)
        for account in view.accounts:
            find_account(setup, account)
        if name is not None:
            view = await _named(setup, tx, name, now, view)
        ids = (await tx.queue_ids(view, now, setup.me))[:limit]
        rows: tuple[QueueRow, ...] = ()
        threads: list[shapes.Doc] = []
        if as_json:
            moment = moment_of(setup, now)
            told = {one.id: shapes.thread(one, moment) for one in await tx.listing(ids)}
            threads = [told[number] for number in ids if number in told]
        else:
            found = await tx.queue_rows(ids, setup.me)
            rows = tuple(found[number] for number in ids if number in found)
        accounts = await accounts_of(setup, tx)
        return _Queue(rows, threads, await tx.counts(now, setup.me), accounts)

    setup, listed = read(work)
    if as_json:
        document = {
            "threads": listed.threads,
            "counts": shapes.counts(listed.counts),
            "accounts": listed.accounts,
            "at": now,
        }
        shapes.print_json(document)
        return
    zone, moment = setup.config.desk.moderator.timezone, moment_of(setup, now)
    plain.table(plain.queue_line(row, time_left(row, moment, zone)) for row in listed.rows)
    plain.say(plain.counts_line(listed.counts))
    for line in unfed(listed.accounts, now):
        plain.warn(line)


async def _named(
    setup: Setup, tx: ReadTx, name: str, now: datetime, narrow: QueueFilter
) -> QueueFilter:
    """Return what view `name` asks for now, and `narrow` besides. Raises Failure (usage)."""
    from modtui.domain.named_views import Kind, View

    views = {kind.value: View(kind) for kind in Kind}
    views |= {view.name: view for view in await tx.saved_views(setup.me)}
    if name not in views:
        known = ", ".join(views)
        raise Failure(Exit.USAGE, f'there is no view "{name}"{nearest(name, views)}: {known}')
    asked = views[name].asks(setup.me, now, setup.config.desk.moderator.timezone)
    told = {f.name: getattr(narrow, f.name) for f in fields(narrow)}
    return replace(asked, **{field: value for field, value in told.items() if value})


def _view(filters: dict[str, object], me: str | None) -> QueueFilter:
    def several(name: str) -> tuple[str, ...]:
        value = filters[name]
        return tuple(value) if isinstance(value, tuple) else ()

    claimed_by = filters["claimed_by"]
    return QueueFilter(
        accounts=several("accounts"),
        channels=several("channels"),
        states=tuple(State(word) for word in several("states")),
        severities=tuple(Severity(word) for word in several("levels")),
        languages=several("languages"),
        reasons=several("reasons"),
        claimed_by=me or (str(claimed_by) if claimed_by else None),
        unowned=bool(filters["unowned"]),
        late=bool(filters["late"]),
        now=bool(filters["now_lane"]),
        finished=bool(filters["finished"]),
        text=str(filters["text"]),
    )


def time_left(row: QueueRow, moment: shapes.Moment, zone: str) -> str:
    """Return the time-left cell of a row."""
    if row.now_due_at is not None:
        return left_text(lane_left(row.now_due_at, moment.now), zone)
    calendar = moment.calendars.get(row.standing.policy, _ALWAYS)
    return left_text(left(row.standing, calendar, moment.now), zone)


@dataclass(frozen=True, slots=True)
class _Shown:
    row: QueueRow
    listed: Listed
    document: shapes.Doc
    lines: tuple[str, ...]


@click.command()
@click.argument("thread", metavar="THREAD")
@AS_JSON
@click.option("--raw", is_flag=True, help="The raw text of its posts alone, in base64.")
def show(thread: str, as_json: bool, raw: bool) -> None:
    """Show one thread with its posts, clocks and history. THREAD is a number or a URL."""
    now = wall()
    if raw and as_json:
        raise click.UsageError("either --raw or --json, which has raw_base64 in each post")
    if raw:
        _, posts = read(partial(_posts_of, thread))
        for post in posts:
            plain.evidence(post)
        return

    async def work(setup: Setup, tx: ReadTx) -> _Shown:
        record = await find_thread(tx, thread)
        row = (await tx.queue_rows([record.id], setup.me))[record.id]
        (listed,) = await tx.listing([record.id])
        return await _shown(setup, tx, record, (row, listed, now))

    setup, shown = read(work)
    if as_json:
        head = shapes.thread(shown.listed, moment_of(setup, now))
        shapes.print_json({**head, **shown.document})
        return
    for line in shown.lines:
        plain.say(line)


async def _posts_of(thread: str, setup: Setup, tx: ReadTx) -> tuple[Post, ...]:
    """Return every version of every post that was read."""
    number = (await find_thread(tx, thread)).id
    posts = await tx.posts(number)
    return tuple([each for post in posts for each in await tx.versions(number, post.remote_id)])


async def _shown(
    setup: Setup, tx: ReadTx, record: ThreadRecord, seen: tuple[QueueRow, Listed, datetime]
) -> _Shown:
    row, listed, now = seen
    posts, events = await tx.posts(record.id), await tx.events(record.id)
    flags, rows = await tx.flags(record.id, closed=True), await tx.deliveries(thread=record.id)
    spam = await _spam(setup, tx, record, posts)
    running = clocks(events, choose(setup.config.policies, _matter(record, row.channel)), now)
    document: shapes.Doc = {
        "posts": [shapes.post(post) for post in posts],
        "history": [shapes.event(event) for event in events],
        "deliveries": [shapes.delivery(delivery) for delivery in rows],
        "clocks": [shapes.clock(clock) for clock in running],
        "all_flags": [shapes.flag(flag) for flag in flags],
        "team": record.team,
        "snoozed_until": record.snoozed_until,
        "related": await tx.related(record.id),
        "spam": list(spam),
    }
    zone = setup.config.desk.moderator.timezone
    lines = [
        f"{row.id} {row.title}",
        f"{row.account}/{row.channel} · {row.author} · {row.state.value} · {row.severity.value}"
        f" · {time_left(row, moment_of(setup, now), zone)} · revision {row.revision}",
        row.url or row.subject,
        *(f"flag: {flag.reason} by {flag.by or '-'} {flag.note}".rstrip() for flag in flags),
        *spam,
        *(plain.clock_line(clock, zone) for clock in running),
        "",
    ]
    for post in posts:
        lines += plain.post_lines(post, zone)
    lines += [f"{plain.at(one.at, zone)} {_happened(one)}" for one in events]
    lines += ["  ".join(plain.delivery_line(delivery, zone)) for delivery in rows]
    return _Shown(row, listed, document, tuple(lines))


async def _spam(
    setup: Setup, tx: ReadTx, record: ThreadRecord, posts: Sequence[Post]
) -> tuple[str, ...]:
    """Return the signs of spam with their evidence, and what is suggested."""
    if setup.config.desk.spam is None:
        return ()
    from modtui.engine.spam import suspected

    found = await suspected(tx, record, posts, setup.config.desk)
    return found.lines if found is not None else ()


def _happened(event: Event) -> str:
    from modtui.engine.words import told

    return f"{event.actor}: {told(event)}"


def _matter(record: ThreadRecord, channel: str) -> Matter:
    from modtui.engine.history import matter

    return matter(record, channel)


@click.command()
@AS_JSON
@click.option(
    "--state", "states", multiple=True, type=click.Choice([s.value for s in DeliveryState])
)
@click.option("--thread", help="Only of this thread: number or URL.")
@click.option(
    "--limit", type=click.IntRange(1), default=500, show_default=True, help="The latest so many."
)
def deliveries(as_json: bool, states: Sequence[str], thread: str | None, limit: int) -> None:
    """List what is on its way, and what became of it."""

    async def work(setup: Setup, tx: ReadTx) -> tuple[shapes.Doc, tuple[tuple[str, ...], ...]]:
        number = (await find_thread(tx, thread)).id if thread else None
        wanted = tuple(DeliveryState(state) for state in states)
        rows = await tx.latest_deliveries(thread=number, states=wanted, limit=limit)
        zone = setup.config.desk.moderator.timezone
        lines = tuple(plain.delivery_line(row, zone) for row in rows)
        return {"deliveries": [shapes.delivery(row) for row in rows], "at": wall()}, lines

    _, (document, lines) = read(work)
    if as_json:
        shapes.print_json(document)
    else:
        plain.table(lines)
