"""Five hundred faults for a connector that reads: inherit the class, give it a `stage`.

None ends the reading or an action with anything but a plain error; and once the fault is over, who
read through it holds what somebody holds who reads now for the first time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import Batch, Connector, ConnectorError
from modtui.domain.commands import Capability, Command
from modtui.domain.outbox import Receipt
from modtui.engine.closing import may_be_unread, note_unread
from modtui.engine.pieces import Beside
from tests.connectors.contract import Line
from tests.connectors.fuzz import Fault, fault
from tests.connectors.wire import Stage, read

FAULTS = 500
SLICES = 5
# The authorities of TLS take longer to load than a fault to be dealt.
LOCAL = "http://localhost"


def seeds(part: int) -> range:
    """Return the seeds of one of the SLICES, which may run side by side."""
    return range(part * FAULTS // SLICES, (part + 1) * FAULTS // SLICES)


def plain(error: ConnectorError) -> None:
    """What a moderator reads is one line that cannot steer the terminal."""
    words = str(error)
    assert words.strip()
    assert len(words) < 600
    assert words.isprintable(), repr(words)
    assert "Traceback" not in words


class Kept:
    """What a store would hold of what was told: flags that are open, closed when missing twice."""

    def __init__(self) -> None:
        self.cursor: str | None = None
        self.open: set[tuple[str, str]] = set()
        self.threads: set[str] = set()
        self.aside = 0
        self._missing: set[tuple[str, str]] = set()
        self.beside = Beside()

    def take(self, batch: Batch) -> None:
        self.threads |= {thread.subject for thread in batch.threads}
        flags = {(flag.thread, flag.key) for flag in batch.flags}
        assert {subject for subject, _ in flags} <= self.threads, "a flag without its thread"
        self.open = (self.open | flags) - set(batch.closed)
        if batch.open_now is not None:
            note_unread(batch, batch.open_now, self.beside)
            doubtful = may_be_unread(batch, self.beside)
            gone = {one for one in self.open - batch.open_now if not doubtful(one)}
            self.open -= gone & self._missing
            self._missing = gone
        self.aside += len(batch.broken)
        self.cursor = batch.cursor
        for broken in batch.broken:
            assert broken.why.isprintable()

    @property
    def subjects(self) -> set[str]:
        """The threads with an open flag."""
        return {subject for subject, _ in self.open}


async def follow(connector: Connector, kept: Kept, rounds: int) -> ConnectorError | None:
    """Read from the kept cursor on, `rounds` times to the present end; return what ended it."""
    kept.beside = Beside()
    try:
        async with aclosing(connector.updates(kept.cursor)) as updates:  # type: ignore[type-var]
            while rounds:
                batch = await anext(updates)
                kept.take(batch)
                rounds -= batch.caught_up
    except ConnectorError as error:
        plain(error)
        return error
    finally:
        await connector.aclose()
    return None


def dealing(stage: Stage, dealt: Fault) -> Callable[[httpx.Request], httpx.Response]:
    """Return what does this fault to the answers of the platform, which acts all the same."""

    def answer(request: httpx.Request) -> httpx.Response:
        told: Any = stage.platform.answer(request, httpx.URL(request.url).path)
        whole = _document(told) if isinstance(told, httpx.Response) else told
        return dealt.make(request, whole)

    return answer


def _document(answer: httpx.Response) -> Any:
    try:
        return json.loads(answer.content) if answer.is_success else {}
    except ValueError:
        return {}


class FaultContract:
    """Override `stage`. `endpoints` find the requests of reading to the `kind` of connector, one of
    which is struck."""

    kind: str
    endpoints: tuple[str, ...]

    def stage(self) -> Stage:
        """Return a new stage of a platform at LOCAL."""
        raise NotImplementedError("give the faults a stage")

    def opening(self, stage: Stage) -> set[str]:
        """Let there be something to read; return its subjects."""
        return set(stage.flag(2))

    def meanwhile(self, stage: Stage) -> None:
        """Let something be said while the fault lasts."""

    def check(self, kept: Kept, first: Kept, last: str) -> None:
        """Nothing is missing and nothing is too much. `last` was flagged when all was over."""
        assert kept.open == first.open

    @pytest.mark.parametrize("part", range(SLICES))
    async def test_no_flag_is_lost_to_any_fault(self, part: int) -> None:
        outcomes = set()
        for seed in seeds(part):
            chance = random.Random(seed * 7919)
            where, late = chance.choice(self.endpoints), chance.random() < 0.5
            try:
                outcomes.add(await self._read_through(fault(seed), where, late=late))
            except BaseException as error:
                error.add_note(f"seed {seed}: {fault(seed).name} at {where}")
                raise
        # The faults bite: some end the reading, some set an item aside.
        assert len(outcomes) > 2

    async def _read_through(self, dealt: Fault, where: str, *, late: bool) -> str:
        """Read under one fault, with something new meanwhile, and then without it."""
        stage, kept = self.stage(), Kept()
        expected = self.opening(stage)
        if late:
            assert await follow(stage.connect(), kept, 1) is None
        stage.platform.override[where] = dealing(stage, dealt)
        self.meanwhile(stage)
        expected |= set(stage.flag(1))
        ended = await follow(stage.connect(), kept, 2)
        stage.platform.override.clear()
        (last,) = stage.flag(1)
        for _ in range(2):
            # Another process, later, from the cursor that was stored.
            stage.platform.now += timedelta(minutes=6)
            assert await follow(stage.connect(), kept, 1) is None
        first = Kept()
        assert await follow(stage.connect(), first, 1) is None
        assert first.subjects == {*expected, last}
        self.check(kept, first, last)
        return type(ended).__name__ if ended else "aside" if kept.aside else "read"

    @pytest.mark.parametrize("part", range(SLICES))
    async def test_it_acts_or_says_why_not_under_any_fault(self, part: int) -> None:
        stage = self.stage()
        subject = min(self.opening(stage))
        line = Line(stage.connect(), await read(stage), subject, stage.platform.now)
        ref, deeds = line.ref, commands(line)
        outcomes = set()
        for seed in seeds(part):
            stage, dealt, command = self.stage(), fault(seed), deeds[seed % len(deeds)]
            self.opening(stage)
            connector = stage.connect()
            stage.platform.override[("PUT|POST|DELETE|PATCH", "GET")[seed // 3 % 2]] = dealing(
                stage, dealt
            )
            try:
                receipt = await connector.perform(ref, command, f"k{seed}")
                assert isinstance(receipt, Receipt)
                assert receipt.remote_id is None or receipt.remote_id.isprintable()
                assert receipt.evidence.isprintable()
                outcomes.add("done")
            except ConnectorError as error:
                plain(error)
                outcomes.add(type(error).__name__)
            except BaseException as error:
                error.add_note(f"seed {seed}: {dealt.name} for {command.kind}")
                raise
            finally:
                await connector.aclose()
            # After 401, which was surely not executed, a new token may be tried.
            assert stage.platform.asked(stage.posting) <= 1 or "status 401" in dealt.name
        assert len(outcomes) > 2


def commands(line: Line) -> tuple[Command, ...]:
    """Return a command of every kind that the connector offers."""
    offers = line.connector.capabilities.offers
    return tuple(one for each in Capability if each in offers for one in line.commands(each))
