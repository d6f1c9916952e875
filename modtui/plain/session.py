"""A session in lines, from the first to the last: start, talk, leave in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from modtui.domain.frozen import dataclass
from modtui.domain.model import Health
from modtui.domain.views import Change
from modtui.engine import Engine
from modtui.plain import rest
from modtui.plain.news import News, Watcher
from modtui.plain.queue import QueueRoom
from modtui.plain.seat import Seat
from modtui.plain.speech import said, sentence
from modtui.plain.talk import Back, Home, Leave, Talk
from modtui.plain.thread import renew

FIRST_READ_SECONDS = 5.0
GRACE_SECONDS = 2.0
_READING = (Health.STARTING,)


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes with a session: `drain` is called after the engine stopped where deliveries are
    left that nobody else sends; `follow` goes on for ever and hands lines to what it is given."""

    drain: Callable[[], None] | None = None
    follow: Callable[[Callable[[str], None]], Coroutine[Any, Any, None]] | None = None


async def converse(
    engine: Engine,
    talk: Talk,
    sleep: Callable[[float], Awaitable[None]],
    beside: Beside = Beside(),  # noqa: B008
) -> int:
    """Talk until the moderator leaves or the line ends; return the exit code."""
    drain = beside.drain
    seat = Seat(engine, talk, sleep, drains=drain is not None)
    left = await engine.shift.begin()
    await engine.start()
    try:
        return await _until_left(seat, beside, left=left)
    finally:
        try:
            await engine.shift.end()
        finally:
            await engine.stop()
        if drain is not None and any(not stop.timed for stop in await engine.shift.stops()):
            drain()


async def _until_left(seat: Seat, around: Beside, *, left: bool) -> int:
    """Run the conversation beside what rings and renews; what hangs when the line ends is cut."""
    news, watcher = News(seat), Watcher(seat)
    seat.talk.news = news.gather
    hearing = (news.change, watcher.change, seat.hear)
    stops = [seat.engine.subscribe(hear) for hear in hearing]
    conversation = asyncio.create_task(_talk(seat, watcher, left=left))
    ending = asyncio.create_task(seat.talk.inbox.ending.wait())
    beside = [asyncio.create_task(watcher.run()), asyncio.create_task(renew(seat))]
    if around.follow is not None:
        follow = around.follow(lambda line: seat.talk.later([sentence(line)]))
        beside.append(asyncio.create_task(follow))
    everything: list[asyncio.Task[Any]] = [conversation, ending, *beside]
    try:
        done, _ = await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
        if ending in done:
            await asyncio.wait((conversation,), timeout=GRACE_SECONDS)
        for task in beside:
            # Neither ends by itself: one that did has broken, and says how.
            if task.done():
                task.result()
        return _code(conversation) if conversation.done() else seat.talk.inbox.code
    finally:
        for stop in stops:
            stop()
        for task in everything:
            task.cancel()
        await asyncio.gather(*everything, return_exceptions=True)


def _code(task: asyncio.Task[None]) -> int:
    """Return the exit code that the conversation ended with; what broke is raised."""
    try:
        task.result()
    except Leave as leave:
        return leave.code
    return 0


async def _talk(seat: Seat, watcher: Watcher, *, left: bool) -> None:
    await _first_read(seat)
    watcher.begin()
    for problem in seat.engine.library_problems()[:1]:
        seat.talk.say(f"Library: {said(problem)}")
    queue = QueueRoom(seat)
    if left or await seat.engine.drafts():
        with suppress(Back, Home):
            await (rest.welcome if left else rest.left)(seat, queue)
    await queue.run()


async def _first_read(seat: Seat) -> None:
    """Where nothing is known yet, wait a little for the accounts to be read."""
    engine, changed = seat.engine, asyncio.Event()
    if engine.counts().open or engine.lead.read_only:
        return

    def hear(change: Change) -> None:
        changed.set()

    stop = engine.subscribe(hear)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_READ_SECONDS):
                while any(a.health in _READING or a.reading for a in engine.accounts()):
                    changed.clear()
                    await changed.wait()
    finally:
        stop()
