"""Five hundred faults for the ozone connector, and what is told once they are over."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta

import httpx
import pytest

from modtui.connectors import ConnectorError
from modtui.domain.commands import Assign, Dismiss, Hide, Reply
from modtui.domain.outbox import Receipt
from tests.connectors.contract import ON, Line
from tests.connectors.fakeozone import FakeOzone
from tests.connectors.fuzz import fault
from tests.connectors.platform import START
from tests.connectors.test_fuzz import SLICES, Kept, plain, seeds
from tests.connectors.test_ozone import Labeler
from tests.connectors.wire import read

ENDPOINTS = ("queryStatuses", "queryEvents", "getRecords", "queryReports", "createSession", "xrpc")


async def step(fake: FakeOzone, kept: Kept, batches: int) -> ConnectorError | None:
    """Read from the kept cursor on; return what ended it."""
    connector = fake.connector()
    try:
        async with aclosing(connector.updates(kept.cursor)) as updates:  # type: ignore[type-var]
            for _ in range(batches):
                kept.take(await anext(updates))
    except ConnectorError as error:
        plain(error)
        return error
    finally:
        await connector.aclose()
    return None


def dealing(fake: FakeOzone, seed: int) -> Callable[[httpx.Request], httpx.Response]:
    """Return what does the fault of this seed to what the server answers."""
    dealt = fault(seed)

    def answer(request: httpx.Request) -> httpx.Response:
        document = fake.answer(request, request.url.path)
        return dealt.make(request, {} if isinstance(document, httpx.Response) else document)

    return answer


async def one_fault(seed: int) -> str:
    """Read under one fault, with something new meanwhile, and then without it."""
    chance, fake, kept = random.Random(seed * 7919), FakeOzone(url="http://localhost"), Kept()
    topics = [fake.report(), fake.report()]
    if chance.random() < 0.5:
        assert await step(fake, kept, 2) is None
    where = chance.choice(ENDPOINTS)
    fake.override[where] = dealing(fake, seed)
    topics.append(fake.report())
    ended = await step(fake, kept, 2)
    fake.override.clear()
    for _ in range(2):
        fake.now += timedelta(minutes=6)
        assert await step(fake, kept, 3) is None
    assert {subject for subject, _ in kept.open} == set(topics), f"{fault(seed).name} at {where}"
    return type(ended).__name__ if ended else "aside" if kept.aside else "read"


@pytest.mark.parametrize("part", range(SLICES))
async def test_no_flag_is_lost_to_any_fault(part: int) -> None:
    outcomes = set()
    for seed in seeds(part):
        try:
            outcomes.add(await one_fault(seed))
        except BaseException as error:
            error.add_note(f"seed {seed}: {fault(seed).name}")
            raise
    assert len(outcomes) > 2


@pytest.mark.parametrize("part", range(SLICES))
async def test_it_acts_or_says_why_not_under_any_fault(part: int) -> None:
    for seed in seeds(part):
        fake = FakeOzone(url="http://localhost")
        subject = fake.report()
        line = Line(fake.connector(), await read(Labeler(fake)), subject, START)
        fake.override[("emitEvent", "report", "Record", "xrpc")[seed % 4]] = dealing(fake, seed)
        commands = (
            Assign(**ON, on=True),
            Reply(**ON, text="hello"),
            Dismiss(**ON, flags=line.flags),
            Hide(**ON, posts=line.posts, author=line.ref.author),
        )
        for command in commands:
            try:
                receipt = await line.connector.perform(line.ref, command, f"k{seed}")
                assert isinstance(receipt, Receipt)
                assert receipt.remote_id is None or receipt.remote_id.isprintable()
            except ConnectorError as error:
                plain(error)
        await line.connector.aclose()
