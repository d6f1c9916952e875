"""Lists of Reddit's that are longer than a page: what is read of them, and when what is noticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest

from modtui.connectors import Batch
from modtui.connectors.reddit.connector import Reddit
from modtui.engine.closing import may_be_unread, note_unread
from modtui.engine.pieces import Beside
from tests.connectors.fakereddit import FakeReddit

NOTICED = 10
"""The minutes in which all that happens in lists of up to 600 items is noticed."""


class Told:
    """What one run told, and what it holds for open after each round."""

    def __init__(self, connector: Reddit) -> None:
        self._updates = connector.updates(None)
        self.threads: list[str] = []
        self.flags: list[tuple[str, str]] = []
        self.open: frozenset[tuple[str, str]] = frozenset()

    async def round(self) -> Batch:
        """The next round, a minute after the last one."""
        batch = await anext(self._updates)
        self.threads += [thread.subject for thread in batch.threads]
        self.flags += [(flag.thread, flag.key) for flag in batch.flags]
        if batch.open_now is not None:
            self.open = batch.open_now
        return batch

    def is_open(self, name: str) -> bool:
        return any(thread == name for thread, _ in self.open)


@asynccontextmanager
async def following(fake: FakeReddit, **settings: Any) -> AsyncIterator[Told]:
    connector = fake.connector(**settings)
    told = Told(connector)
    try:
        yield told
    finally:
        await told._updates.aclose()  # type: ignore[attr-defined]
        await connector.aclose()


async def test_the_first_round_reads_every_page() -> None:
    fake = FakeReddit()
    names = [fake.post() for _ in range(250)]
    async with following(fake) as told:
        await told.round()
        assert sorted(told.threads) == sorted(names)
        assert {thread for thread, _ in told.open} == set(names)


async def test_what_is_new_on_top_is_told_a_minute_later_also_where_it_fills_pages() -> None:
    fake = FakeReddit()
    for _ in range(250):
        fake.post()
    async with following(fake) as told:
        await told.round()
        for number in (1, 99, 100, 101, 230):
            fresh = [fake.post() for _ in range(number)]
            told.threads.clear()
            await told.round()
            assert sorted(told.threads) == sorted(fresh)


@pytest.mark.parametrize("place", [0, 120, 299])
async def test_what_left_is_noticed_in_time_wherever_it_stood(place: int) -> None:
    fake = FakeReddit()
    names = [fake.post() for _ in range(300)]
    async with following(fake) as told:
        for _ in range(7):
            await told.round()
        fake.things[names[place]]["decided"] = True
        for _ in range(NOTICED):
            await told.round()
        assert {thread for thread, _ in told.open} == set(names) - {names[place]}


@pytest.mark.parametrize("place", [0, 120, 299])
async def test_what_is_reported_again_deep_down_is_told_in_time_and_once(place: int) -> None:
    fake = FakeReddit()
    names = [fake.post() for _ in range(300)]
    async with following(fake) as told:
        await told.round()
        told.flags.clear()
        fake.things[names[place]]["user_reports"] = [["worse", 1]]
        for _ in range(NOTICED):
            await told.round()
        assert told.flags == [(names[place], "user:worse")]


async def test_of_three_sources_each_long_list_is_read_to_its_end() -> None:
    fake = FakeReddit()
    names = [fake.post() for _ in range(250)]
    for source in ("reports", "unmoderated"):
        fake.queues[source] = list(fake.queues["modqueue"])
    async with following(fake, sources=["modqueue", "reports", "unmoderated"]) as told:
        await told.round()
        told.flags.clear()
        fake.things[names[0]]["decided"] = True
        fake.things[names[120]]["user_reports"] = [["worse", 1]]
        for _ in range(2 * NOTICED):
            await told.round()
        assert {thread for thread, _ in told.open} == set(names) - {names[0]}
        # One list after the other tells it, and none takes it back.
        assert told.flags == [(names[120], "user:worse")]
        fake.things[names[120]]["user_reports"] = [["worse", 2]]
        for _ in range(2 * NOTICED):
            await told.round()
        assert told.flags == 2 * [(names[120], "user:worse")]


async def test_of_an_item_deep_down_in_another_list_the_newest_word_counts() -> None:
    fake = FakeReddit()
    names = [fake.post() for _ in range(250)]
    fake.queues["reports"] = list(reversed(fake.queues["modqueue"]))
    async with following(fake, sources=["modqueue", "reports"]) as told:
        for _ in range(6):
            await told.round()
        told.flags.clear()
        # On top of the first list, at the end of the second: there it is still as it was.
        fake.things[names[-1]] |= {"user_reports": [["worse", 1]]}
        fake.queues["reports"][0] = {"kind": "t3", "data": {**fake.things[names[-1]]}}
        fake.queues["reports"][0]["data"]["user_reports"] = [["you lot", 1, False, True]]
        await told.round()
        assert told.flags == [(names[-1], "user:worse")]


async def test_an_old_item_that_comes_in_far_down_is_told_in_time() -> None:
    fake = FakeReddit()
    for _ in range(300):
        fake.post()
    async with following(fake) as told:
        await told.round()
        told.threads.clear()
        late = fake.post()
        fake.queues["modqueue"].insert(150, fake.queues["modqueue"].pop())
        for _ in range(NOTICED):
            await told.round()
        assert told.threads == [late]


async def test_long_modmail_is_told_by_its_newest_page_and_closed_in_time() -> None:
    fake = FakeReddit()
    old = fake.write("Why me?")
    for number in range(229):
        fake.write(f"Why {number}?")
    async with following(fake) as told:
        await told.round()
        assert len(told.threads) == 230
        told.threads.clear()
        new = fake.write("And now?")
        await told.round()
        assert told.threads == [f"modmail_{new}"]
        fake.mail[old]["state"] = 2
        for _ in range(NOTICED):
            await told.round()
        assert not told.is_open(f"modmail_{old}")


@pytest.mark.parametrize("seed", range(4))
async def test_a_busy_hour_of_long_lists_loses_and_repeats_nothing(seed: int) -> None:
    """Items come in at both ends and in the middle, and leave, while the lists are read; in the
    end the queue holds what is listed, and each coming was told once."""
    random, fake = Random(seed), FakeReddit()
    for source in ("modqueue", "reports"):
        fake.queues[source] = []
    came: list[str] = []

    def come() -> None:
        name = fake.post()
        row = fake.queues["modqueue"].pop()
        for source in random.choice((("modqueue",), ("reports",), ("modqueue", "reports"))):
            rows = fake.queues[source]
            at = len(rows) if random.random() < 0.7 else random.randrange(len(rows) + 1)
            rows.insert(at, row)
        came.append(name)

    for _ in range(260):
        come()
    async with following(fake, sources=["modqueue", "reports"]) as told:
        for _ in range(60):
            await told.round()
            for _ in range(random.randrange(6)):
                come()
            here = [n for n, thing in fake.things.items() if not thing.get("decided")]
            for name in random.sample(here, random.randrange(5)):
                # What was decided before anybody could be told of it need not be.
                if name in told.threads:
                    fake.things[name]["decided"] = True
        for _ in range(2 * NOTICED):
            await told.round()
        listed = {name for name, thing in fake.things.items() if not thing.get("decided")}
        assert {thread for thread, _ in told.open} == listed
        assert sorted(told.threads) == sorted(came)


@pytest.mark.parametrize("place", [0, 120, 299])
async def test_what_comes_to_tell_no_name_in_a_long_list_is_not_closed(place: int) -> None:
    fake = FakeReddit()
    names = [fake.post() for _ in range(300)]
    rows = fake.queues["modqueue"]
    beside, missing, known = Beside(), Counter[tuple[str, str]](), set[tuple[str, str]]()
    async with following(fake) as told:
        for number in range(5 * NOTICED):
            if number == 7:
                rows[place] = {"odd": "once a post"}
            if number == 3 * NOTICED:
                fake.things[names[60]]["decided"] = True
            batch = await told.round()
            if batch.open_now is None:
                continue
            note_unread(batch, batch.open_now, beside)
            doubtful = may_be_unread(batch, beside)
            missing.update(one for one in known - batch.open_now if not doubtful(one))
            known |= batch.open_now
        gone = {thread for (thread, _), times in missing.items() if times > 1}
    assert gone == {names[60]}


async def test_what_changes_at_every_look_lets_a_long_list_be_known_all_the_same() -> None:
    fake = FakeReddit()
    names = [fake.post() for _ in range(300)]
    rows = fake.queues["modqueue"]
    rows.insert(0, {})
    beside, missing, known = Beside(), Counter[tuple[str, str]](), set[tuple[str, str]]()
    async with following(fake) as told:
        for number in range(9 * NOTICED):
            rows[0] = {"odd": number}
            if number == 5 * NOTICED:
                fake.things[names[60]]["decided"] = True
            batch = await told.round()
            if batch.open_now is None:
                continue
            note_unread(batch, batch.open_now, beside)
            doubtful = may_be_unread(batch, beside)
            missing.update(one for one in known - batch.open_now if not doubtful(one))
            known |= batch.open_now
    assert {thread for (thread, _), times in missing.items() if times > 1} == {names[60]}
