"""Five hundred faults for the reddit connector, at any of its endpoints: what it says of each is
plain, and once the fault is over nothing was lost."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import ConnectorError, ThreadRef
from modtui.domain.commands import Command, Dismiss, Hide, Reply, Sanction, SanctionKind
from modtui.domain.outbox import Receipt
from tests.connectors.fakereddit import SUB, FakeReddit
from tests.connectors.fuzz import fault
from tests.connectors.test_fuzz import SLICES, Kept, plain, seeds

ENDPOINTS = (
    r"about/modqueue$", r"mod/conversations$", r"message/inbox$", r"api/info$", r"v1/me$",
    r"access_token$", r"mod/conversations/", r"GET",
)  # fmt: skip
ON: dict[str, Any] = {"thread": 1, "revision": 1}
# Without TLS, whose set-up would take most of the time of so many connectors.
CLEAR = {"url": "http://127.0.0.1", "token_url": "http://localhost/api/v1/access_token"}
REF = ThreadRef("t3_1", SUB, "a1", "t3_1")
MAIL = ThreadRef("modmail_c1", SUB, "asker", "modmail_c1")


def community() -> FakeReddit:
    fake = FakeReddit()
    for _ in range(3):
        fake.post()
    fake.write("Why me?")
    fake.write("And now?", "asker", "c1")
    return fake


async def read(fake: FakeReddit, kept: Kept, batches: int) -> ConnectorError | None:
    """Read from the kept cursor on; return what ended it."""
    reddit = fake.connector(**CLEAR)
    updates = reddit.updates(kept.cursor)
    try:
        for _ in range(batches):
            kept.take(await anext(updates))
    except ConnectorError as error:
        plain(error)
        return error
    finally:
        await updates.aclose()  # type: ignore[attr-defined]
        await reddit.aclose()
    return None


def break_at(fake: FakeReddit, where: str, seed: int) -> None:
    dealt = fault(seed)

    def answer(request: httpx.Request) -> Any:
        document = fake.answer(request, httpx.URL(request.url).path)
        return dealt.make(request, {} if isinstance(document, httpx.Response) else document)

    fake.override[where] = answer


async def one_fault(seed: int) -> str:
    """Read under one fault, with something new meanwhile, and then without it."""
    chance = random.Random(seed * 6151)
    fake, kept = community(), Kept()
    if chance.random() < 0.5:
        assert await read(fake, kept, 2) is None
    where = chance.choice(ENDPOINTS)
    break_at(fake, where, seed)
    answer = {"name": "t1_a", "subreddit": SUB, "body": "?", "parent_id": "t1_s1"}
    fake.inbox.append({"kind": "t1", "data": {**answer, "created_utc": fake.epoch()}})
    ended = await read(fake, kept, 3)
    fake.post("one more")
    ended = await read(fake, kept, 2) or ended
    fake.override.clear()
    for _ in range(2):
        # Another process, later, from the cursor that was stored.
        fake.now += timedelta(seconds=20)
        assert await read(fake, kept, 3) is None
    listed = {("t3_1", "user:you lot"), ("t3_2", "user:you lot"), ("t3_3", "user:you lot")}
    expected = {*listed, ("t3_4", "user:one more"), ("modmail_c1", "modmail")}
    assert kept.open == expected, f"{fault(seed).name} at {where}"
    return type(ended).__name__ if ended else "aside" if kept.aside else "read"


@pytest.mark.parametrize("part", range(SLICES))
async def test_no_fault_loses_a_flag(part: int) -> None:
    outcomes = set()
    for seed in seeds(part):
        try:
            outcomes.add(await one_fault(seed))
        except BaseException as error:
            error.add_note(f"seed {seed}: {fault(seed).name}")
            raise
    # The faults bite: some end the reading, some set an item aside.
    assert len(outcomes) > 2


COMMANDS: tuple[tuple[ThreadRef, Command], ...] = (
    (REF, Reply(**ON, text="hello")),
    (REF, Hide(**ON, posts=("t3_1",), author="a1", rule="spam", reason="ads")),
    (REF, Dismiss(**ON, flags=("user:you lot",))),
    (REF, Sanction(**ON, sanction=SanctionKind.BAN, author="a1", reason="ads")),
    (MAIL, Reply(**ON, text="hello")),
    (MAIL, Dismiss(**ON, flags=("modmail",))),
)


@pytest.mark.parametrize("part", range(SLICES))
async def test_it_acts_or_says_why_not_under_any_fault(part: int) -> None:
    for seed in seeds(part):
        fake = community()
        break_at(fake, ("POST /(api/[^v]|r/)", "GET .*(info|banned|removal|conv)")[seed % 2], seed)
        reddit = fake.connector(**CLEAR)
        for ref, command in COMMANDS:
            try:
                receipt = await reddit.perform(ref, command, f"k{seed}")
                assert isinstance(receipt, Receipt)
                assert receipt.remote_id is None or receipt.remote_id.isprintable()
                assert receipt.evidence.isprintable()
            except ConnectorError as error:
                plain(error)
        assert len([form for path, form in fake.forms if path == "/api/comment"]) <= 1
        await reddit.aclose()
