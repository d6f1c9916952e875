"""Faults on a forum's answers: none ends the reading with anything but a plain error, and all is
told once the fault is over."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import ConnectorError
from modtui.domain.commands import Dismiss, Hide, Reply, Sanction, SanctionKind, SetSlowMode
from modtui.domain.outbox import Receipt
from tests.connectors.contract import Line
from tests.connectors.fakediscourse import FakeDiscourse
from tests.connectors.fuzz import fault
from tests.connectors.platform import START
from tests.connectors.test_discourse_wire import Forum
from tests.connectors.test_fuzz import Kept, plain
from tests.connectors.wire import read

FAULTS = 120
SLICES = 4
ENDPOINTS = (r"/review\.json", r"/review/count", r"/session/current", r"/notifications", "GET")
ON: dict[str, Any] = {"thread": 1, "revision": 1}


async def step(fake: FakeDiscourse, kept: Kept, batches: int) -> ConnectorError | None:
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


def dealing(fake: FakeDiscourse, seed: int) -> Callable[[httpx.Request], httpx.Response]:
    """Return what does the fault of this seed to what the forum answers."""
    dealt = fault(seed)

    def answer(request: httpx.Request) -> httpx.Response:
        document = fake.answer(request, httpx.URL(request.url).path)
        return dealt.make(request, {} if isinstance(document, httpx.Response) else document)

    return answer


async def one_fault(seed: int) -> str:
    """Read under one fault, with something new meanwhile, and then without it."""
    chance, fake, kept = random.Random(seed * 7919), FakeDiscourse(), Kept()
    for _ in range(12):
        fake.flag()
    if chance.random() < 0.5:
        assert await step(fake, kept, 2) is None
    fake.override[chance.choice(ENDPOINTS)] = dealing(fake, seed)
    ended = await step(fake, kept, 3)
    fake.flag()
    ended = await step(fake, kept, 2) or ended
    fake.override.clear()
    for _ in range(2):
        fake.now += timedelta(minutes=1)
        assert await step(fake, kept, 3) is None
    assert kept.open == {(str(n), str(7000 + n)) for n in range(1, 14)}
    return type(ended).__name__ if ended else "aside" if kept.aside else "read"


def seeds(part: int) -> range:
    return range(part * FAULTS // SLICES, (part + 1) * FAULTS // SLICES)


@pytest.mark.parametrize("part", range(SLICES))
async def test_no_flag_is_lost_to_any_fault(part: int) -> None:
    outcomes = set()
    for seed in seeds(part):
        try:
            outcomes.add(await one_fault(seed))
        except BaseException as error:
            error.add_note(f"seed {seed}: {fault(seed).name}")
            raise
    # The faults bite: some end the reading, some set an item aside.
    assert len(outcomes) > 2


@pytest.mark.parametrize("part", range(SLICES))
async def test_it_acts_or_says_why_not_under_any_fault(part: int) -> None:
    commands = (
        Reply(**ON, text="hello"),
        Dismiss(**ON, flags=("7001",)),
        Hide(**ON, posts=("20000",), author="1001", reason="rule 1"),
        SetSlowMode(**ON, seconds=600, until=None, reason="heated"),
        Sanction(**ON, sanction=SanctionKind.MUTE, author="1001", seconds=60),
    )
    for seed in seeds(part):
        fake = FakeDiscourse()
        subject = fake.flag()
        ref = Line(fake.connector(), await read(Forum(fake)), subject, START).ref
        fake.override[r"GET|PUT|POST"] = dealing(fake, seed)
        command, connector = commands[seed % len(commands)], fake.connector()
        try:
            receipt = await connector.perform(ref, command, f"k{seed}")
            assert isinstance(receipt, Receipt)
            assert receipt.remote_id is None or receipt.remote_id.isprintable()
        except ConnectorError as error:
            plain(error)
        except BaseException as error:
            error.add_note(f"seed {seed}: {fault(seed).name}")
            raise
        finally:
            await connector.aclose()
