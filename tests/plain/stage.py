"""A conversation with the real engine over a pretend community of ours, typed line by line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from modtui.cli.compose import open_store, plan, runtime
from modtui.cli.running import demo_setup
from modtui.domain.model import State
from modtui.domain.views import QueueFilter, ThreadDetail
from modtui.engine import Engine
from modtui.engine.live import LiveEngine
from modtui.plain.session import converse
from modtui.plain.talk import Inbox, Talk

HOLD = timedelta(seconds=30)
AT_ONCE = timedelta(0)
PATIENCE = 30.0


class Heard:
    """Takes what is said, as a terminal of `width` cells."""

    def __init__(self, width: int = 0) -> None:
        self.width = width
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    async def written(self) -> None:
        await asyncio.sleep(0)


class Asked(Inbox):
    """Says when a line is waited for and none is there."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def line(self) -> str:
        if not self._lines:
            self.asked.set()
        try:
            return await super().line()
        finally:
            self.asked.clear()


@dataclass
class Play:
    """A moderator who types, and hears what is said."""

    engine: Engine
    heard: Heard
    inbox: Asked
    running: asyncio.Task[int]
    read: int = field(default=0)

    @property
    def new(self) -> str:
        """What was said since it was last asked for."""
        said, self.read = self.heard.text[self.read :], len(self.heard.text)
        return said

    async def answer(self, *lines: str) -> str:
        """Type each line once it is asked for; return all that was said, up to the next question
        or the end."""
        said = ""
        for line in lines:
            await self.asked()
            said += self.new
            self.inbox.asked.clear()
            self.inbox.put(line)
        await self.asked()
        return said + self.new

    async def asked(self) -> None:
        """Wait until a line is asked for, or the conversation is over."""
        waiting = asyncio.ensure_future(self.inbox.asked.wait())
        await asyncio.wait(
            (waiting, self.running), timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
        )
        assert waiting.done() or self.running.done(), self.heard.text
        waiting.cancel()

    async def find(self, wanted: Callable[[ThreadDetail], bool] | str) -> int:
        """Return the first thread of the queue that is wanted: by its title, or by a test."""
        found = await self.engine.view(QueueFilter())
        for index in range(len(found)):
            detail = await self.engine.thread(found.id_at(index))
            assert detail is not None
            if wanted in detail.row.title if isinstance(wanted, str) else wanted(detail):
                return detail.row.id
        raise AssertionError(f"no such thread: {wanted}")

    async def open(self, thread: int) -> str:
        """Go to the page that has the thread, and open it; return what was said."""
        found = await self.engine.view(QueueFilter())
        place = found.index_of(thread)
        assert place is not None
        page, index = divmod(place, 9)
        await self.answer("0", "2", *["0", "1"] * page)
        return await self.answer(str(index + 1))

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until `condition` holds, awaiting what it returns if that can be awaited."""
        async with asyncio.timeout(PATIENCE):
            while True:
                holds = condition()
                if asyncio.iscoroutine(holds):
                    holds = await holds
                if holds:
                    return
                await asyncio.sleep(0.01)


@dataclass(frozen=True)
class House:
    """What is pretended, in `folder`. `terminal`: as if somebody typed."""

    folder: Path
    hold: timedelta = HOLD
    threads: int = 30
    rate: float = 0.0
    terminal: bool = False
    width: int = 0
    me: str = "mod-a"
    read_only: bool = False
    intake: bool = True

    def engine(self) -> LiveEngine:
        """A new engine over the store of the house."""
        setup = demo_setup(self.folder, self.threads, self.rate, 1)
        who = replace(setup.config.desk.moderator, name=self.me, timezone="UTC", languages=("en",))
        desk = replace(setup.config.desk, moderator=who, undo_window=self.hold)
        setup = replace(setup, config=replace(setup.config, desk=desk))
        store = open_store(setup.paths.store)
        made = plan(setup, intake=self.intake, read_only=self.read_only)
        return LiveEngine(store, made, runtime())


@asynccontextmanager
async def at_work(house: House) -> AsyncIterator[LiveEngine]:
    """An engine of the house that runs, as a colleague's modtui does."""
    engine = house.engine()
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()
        await engine._store.close()


async def counted(engine: LiveEngine) -> None:
    """Wait until the quick replies are sorted, which a start does beside everything else."""
    async with asyncio.timeout(PATIENCE):
        while engine.shelf.entries() and engine.ranked.scores("") is None:
            await asyncio.sleep(0.002)


@asynccontextmanager
async def talking(house: House) -> AsyncIterator[Play]:
    """A conversation, up to its first question; what is left of it at the end is hung up."""
    engine = house.engine()
    heard, inbox = Heard(house.width), Asked()
    talk = Talk(heard, inbox, terminal=house.terminal)
    running = asyncio.ensure_future(converse(engine, talk, asyncio.sleep))
    play = Play(engine, heard, inbox, running)
    try:
        await play.asked()
        await counted(engine)
        yield play
        if not running.done():
            inbox.hang_up(129)
        await asyncio.wait_for(running, PATIENCE)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await engine._store.close()


def quiet(detail: ThreadDetail) -> bool:
    """An open thread outside the NOW lane with one flagged post of a channel that can be slowed."""
    row = detail.row
    return (
        row.now_at is None
        and row.state is State.OPEN
        and row.account == "lounge"
        and not row.held
        and len(detail.posts) == 1
    )


async def opened(play: Play, *lines: str) -> tuple[int, str]:
    """Open a quiet thread and answer; return it and what was said."""
    thread = await play.find(quiet)
    await play.open(thread)
    return thread, await play.answer(*lines)


async def state(play: Play, thread: int) -> State:
    detail = await play.engine.thread(thread)
    assert detail is not None
    return detail.row.state
