"""Five hundred faults for the github connector, and what is told once they are over."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import ConnectorError, ThreadRef
from modtui.domain.commands import Hide, Lock, Reply
from modtui.domain.outbox import Receipt
from tests.connectors.contract import ON
from tests.connectors.fakegithub import REPO, FakeGitHub
from tests.connectors.fuzz import fault
from tests.connectors.test_fuzz import SLICES, Kept, plain, seeds

ENDPOINTS = ("/issues$", "/graphql$", "/user$", "repos|graphql")


async def read(fake: FakeGitHub, kept: Kept, batches: int) -> ConnectorError | None:
    """Read from the kept cursor on; return what ended it."""
    github = fake.connector()
    updates = github.updates(kept.cursor)
    try:
        for _ in range(batches):
            kept.take(await anext(updates))
    except ConnectorError as error:
        plain(error)
        return error
    finally:
        await updates.aclose()  # type: ignore[attr-defined]
        await github.aclose()
    return None


def broken_by(seed: int, fake: FakeGitHub, where: str) -> None:
    """Let the answers of `where` be those of the fault of this seed."""
    dealt = fault(seed)

    def answer(request: httpx.Request) -> Any:
        told = fake.answer(request, request.url.path)
        document = told.json() if isinstance(told, httpx.Response) and told.content else told
        return dealt.make(request, {} if isinstance(document, httpx.Response) else document)

    fake.override[where] = answer


async def one_fault(seed: int) -> str:
    """Read under one fault, with something new meanwhile, and then without it."""
    chance = random.Random(seed * 7919)
    fake, kept = FakeGitHub(url="http://localhost"), Kept()
    topics = [fake.issue(), fake.issue(), fake.discussion()]
    fake.say(topics[0], "you lot1", "Anybody?")
    if chance.random() < 0.5:
        assert await read(fake, kept, 2) is None
    where = chance.choice(ENDPOINTS)
    broken_by(seed, fake, where)
    fake.say(topics[1], "you lot2", "Me too.")
    ended = await read(fake, kept, 3)
    topics.append(fake.issue())
    ended = await read(fake, kept, 2) or ended
    fake.override.clear()
    for _ in range(2):
        fake.now += timedelta(minutes=1)
        assert await read(fake, kept, 4) is None
    expected = {(topic, "unanswered") for topic in topics}
    assert kept.open == expected, f"{fault(seed).name} at {where}"
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
async def test_github_acts_or_says_why_not_under_any_fault(part: int) -> None:
    for seed in seeds(part):
        fake = FakeGitHub(url="http://localhost")
        topic = fake.issue()
        post = fake.say(topic, "you lot1", "Buy spins")
        broken_by(seed, fake, ("graphql", "comments$")[seed % 2])
        github = fake.connector()
        commands = (
            Reply(**ON, text="hello"),
            Hide(**ON, posts=(post,), author="you lot1", reason="spam"),
            Lock(**ON, reason="heated"),
        )
        for command in commands:
            try:
                ref = ThreadRef(topic, REPO, "you lot1")
                receipt = await github.perform(ref, command, f"k{seed}")
                assert isinstance(receipt, Receipt)
                assert receipt.remote_id is None or receipt.remote_id.isprintable()
            except ConnectorError as error:
                plain(error)
        await github.aclose()
