"""Commands that act: submitted at once, delivered here or by whoever holds the account."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modtui.cli import plain
from modtui.cli.compose import Setup, engine, set_up
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import failing
from modtui.cli.options import Patience
from modtui.cli.reading import find_thread
from modtui.cli.unlocking import unlock
from modtui.domain.commands import Command, Escalate
from modtui.domain.model import Health
from modtui.domain.outbox import FINAL, UNFINISHED, Delivery, DeliveryState
from modtui.domain.views import AccountStatus, ThreadDetail
from modtui.store import ReadTx, Store

if TYPE_CHECKING:
    from modtui.engine.live import LiveEngine

_S = DeliveryState
_LOOK = 0.05
_CONNECT_SECONDS = 15.0

_CODES = {
    _S.SENT: Exit.DONE, _S.REJECTED: Exit.PLATFORM, _S.STALE: Exit.FAILED,
    _S.CANCELLED: Exit.FAILED, _S.BLOCKED: Exit.CREDENTIALS, _S.HELD: Exit.PLATFORM,
    _S.QUEUED: Exit.PLATFORM, _S.SENDING: Exit.HUMAN, _S.UNKNOWN: Exit.HUMAN,
    _S.RECONCILING: Exit.HUMAN, _S.NEEDS_HUMAN: Exit.HUMAN,
}  # fmt: skip
_SETTLED = FINAL | {_S.BLOCKED, _S.NEEDS_HUMAN}


@dataclass(frozen=True, slots=True)
class Bench:
    """What a command that acts works with."""

    setup: Setup
    engine: LiveEngine
    store: Store


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the commands: done here at once, and what went to the outbox."""

    done: tuple[str, ...]
    rows: tuple[Delivery, ...]


Build = Callable[[Bench, ThreadDetail], Sequence[Command]]


def act(thread: str, build: Build, patience: Patience) -> int:
    """Do what `build` makes of the thread; return the exit code of the worst outcome."""

    async def work(bench: Bench) -> Taken:
        detail = await detail_of(bench, thread)
        await connected(bench, {detail.row.account})
        fresh = await bench.engine.thread(detail.row.id)
        commands = tuple(build(bench, fresh or detail))
        await connected(bench, {c.account for c in commands if isinstance(c, Escalate)})
        submitted = await bench.engine.submit(commands, hold=False)
        return Taken(submitted.done, submitted.deliveries)

    return deliver(work, patience)


def deliver(work: Callable[[Bench], Awaitable[Taken]], patience: Patience) -> int:
    """Run `work` over a started engine, wait for its deliveries, tell how each ended."""

    async def once(setup: Setup) -> tuple[Taken, tuple[Delivery, ...], str]:
        async with engine(setup, intake=False) as (live, store):
            bench = Bench(setup, live, store)
            await live.start()
            try:
                taken = await work(bench)
                if patience.wait:
                    await _settle(bench, taken.rows, patience.timeout)
            finally:
                await live.stop()
            return taken, await _now(bench, taken.rows), await _sender(bench, taken.rows)

    with failing():
        setup = set_up()
        unlock(setup)
        taken, rows, sender = asyncio.run(once(setup))
    for what in taken.done:
        plain.say(f"done: {what}")
    return tell(rows, patience, sender)


def local(work: Callable[[Bench], Awaitable[str]]) -> int:
    """Run `work`, which needs no platform, and print what it says."""

    async def once(setup: Setup) -> str:
        async with engine(setup, intake=False) as (live, store):
            return await work(Bench(setup, live, store))

    with failing():
        plain.say(asyncio.run(once(set_up())))
    return Exit.DONE


async def detail_of(bench: Bench, thread: str) -> ThreadDetail:
    """Return the thread of a number or URL. Raises Failure (usage)."""
    record = await bench.store.read(lambda tx: find_thread(tx, thread))
    detail = await bench.engine.thread(record.id)
    if detail is None:
        raise Failure(Exit.USAGE, f"there is no thread {thread}")
    return detail


async def connected(bench: Bench, accounts: set[str | None]) -> None:
    """Wait until the connectors of `accounts` are built. Raises Failure when one cannot be."""
    end = asyncio.get_running_loop().time() + _CONNECT_SECONDS
    for name in filter(None, accounts):
        if bench.setup.account(name) is None:
            raise Failure(
                Exit.CONFIGURATION, f"account {name} is not configured any more: modtui accounts"
            )
        while (status := _status(bench, name)).health is Health.STARTING:
            if asyncio.get_running_loop().time() > end:
                raise Failure(Exit.PLATFORM, f"{name} cannot be connected: no answer")
            await asyncio.sleep(_LOOK)
        if status.health is Health.NEEDS_LOGIN and not status.elsewhere:
            raise Failure(Exit.CREDENTIALS, status.detail or f"{name}: modtui login {name}")


def _status(bench: Bench, account: str) -> AccountStatus:
    return next(status for status in bench.engine.accounts() if status.name == account)


async def _now(bench: Bench, rows: Sequence[Delivery]) -> tuple[Delivery, ...]:
    async def read(tx: ReadTx) -> list[Delivery | None]:
        return [await tx.delivery(row.id) for row in rows]

    return tuple(row for row in await bench.store.read(read) if row is not None)


async def _settle(bench: Bench, rows: Sequence[Delivery], timeout: float) -> None:
    """Wait until every row has come to rest, or the time is over."""
    end = asyncio.get_running_loop().time() + timeout
    while asyncio.get_running_loop().time() < end:
        if all(row.state in _SETTLED for row in await _now(bench, rows)):
            return
        await asyncio.sleep(_LOOK)


async def _sender(bench: Bench, rows: Sequence[Delivery]) -> str:
    """Return who will send what is still waiting, or what it waits for, in words."""
    if not rows:
        return ""
    before = await _before(bench, rows[0])
    if before is not None:
        why = before.error or before.state.value.replace("_", " ")
        return f"it waits for delivery {before.id}: {why}"
    lease = await bench.store.read(lambda tx: tx.lease(f"account:{rows[0].account}"))
    if lease is None:
        return "the next modtui, modtui sync or modtui drain sends it"
    return f"{lease.owner} sends it"


async def _before(bench: Bench, row: Delivery) -> Delivery | None:
    """Return the unfinished delivery of the same thread that goes before `row`."""
    rows = await bench.store.read(lambda tx: tx.deliveries(thread=row.thread, states=UNFINISHED))
    earlier = (other for other in rows if other.id < row.id and other.not_before is None)
    return next(earlier, None)


def tell(rows: Sequence[Delivery], patience: Patience, sender: str) -> int:
    """Print how each delivery stands; return the exit code. The worst goes to stderr."""
    worst: Delivery | None = None
    for row in rows:
        if row.state is _S.SENT or not patience.wait:
            plain.say(_line(row, "" if row.state in FINAL else sender))
        elif worst is None or (worst.state is _S.CANCELLED and row.state is not _S.CANCELLED):
            worst = row
    if worst is None:
        return Exit.DONE
    advice = {
        _S.BLOCKED: f"modtui login {worst.account}, then modtui drain",
        _S.QUEUED: sender,
        _S.NEEDS_HUMAN: f"look there, then modtui delivery {worst.id} --there, --again or --drop",
        _S.STALE: f"modtui show {worst.thread}, then act again",
    }.get(worst.state, f"modtui deliveries{f' --thread {worst.thread}' if worst.thread else ''}")
    raise Failure(_CODES[worst.state], _line(worst, advice))


def _line(row: Delivery, advice: str) -> str:
    about = f", thread {row.thread}" if row.thread else ""
    head = f"delivery {row.id} ({row.command.kind.replace('_', ' ')}{about})"
    state = row.state.value.replace("_", " ")
    proof = row.receipt.remote_id if row.receipt and row.state is _S.SENT else None
    told = f"{state}, receipt {proof}" if proof else f"{state}: {row.error}" if row.error else state
    return f"{head} {told}; {advice}" if advice else f"{head} {told}"
