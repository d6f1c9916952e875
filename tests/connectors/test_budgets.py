"""What a quiet minute costs each platform, counted over simulated time. Nothing new happens in it,
and nobody looks: what is asked then is asked by every moderator at once, all day long."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from modtui.connectors import Batch, Connector
from tests.connectors.fakegithub import REPO
from tests.connectors.faketwitch import FakeTwitch
from tests.connectors.test_discord import Server as Guild
from tests.connectors.test_discourse_wire import Forum
from tests.connectors.test_github_wire import Issues
from tests.connectors.test_mastodon import Server
from tests.connectors.test_matrix_wire import Synapse
from tests.connectors.test_ozone import Labeler
from tests.connectors.test_reddit_wire import Site
from tests.connectors.test_twitch import Channel, ticking
from tests.connectors.wire import Stage

SOURCES = ["modqueue", "reports", "spam", "unmoderated", "edited", "modmail"]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Repositories(Issues):
    """Three repositories at once, two of them empty."""

    def __init__(self) -> None:
        super().__init__()
        self.platform.override["GET /repos/ours/(two|three)/issues$"] = lambda request: []

    def connect(self) -> Connector:
        return self.platform.connector(repositories=[REPO, "ours/two", "ours/three"])


class Noted(Site):
    """Moderators note something of everybody, and read what others noted."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(notes="reddit", **settings)

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        names = super().flag(count, text)
        for name in names:
            self.platform.note(self.platform.things[name]["author"], "seen before")
        return names


class Crowded(Site):
    """Lists that take several pages, in every source."""

    def __init__(self, sources: list[str], **settings: Any) -> None:
        super().__init__(sources=sources, **settings)
        for _ in range(330):
            self.platform.post()
        rows = self.platform.queues["modqueue"]
        self.platform.queues |= {name: list(rows) for name in sources if name != "modmail"}
        for number in range(220):
            self.platform.write(f"Why {number}?")


class Talk(Issues):
    """A repository with discussions."""

    def __init__(self) -> None:
        super().__init__()
        self.platform.discussion()


class Door(Guild):
    """A server that lets nobody in unasked."""

    def __init__(self) -> None:
        super().__init__()
        self.platform.ask()


class Noting(Labeler):
    """A labeler whose moderators leave notes there, and read those of others."""

    def connect(self) -> Connector:
        return self.platform.connector(notes="ozone")


@dataclass(frozen=True)
class Budget:
    """At most `minute` requests a minute in the mean of an hour, `hourly` more in all of it, and
    `day` a day. Requests that `long` finds wait there for news: they are not counted."""

    stage: Callable[[], Stage]
    minute: int
    hourly: int = 0
    day: int | None = None
    long: str = "nothing waits"


BUDGETS = {
    # A user API key of Discourse has 20 a minute and 2,880 a day.
    "discourse": Budget(Forum, 2, day=2880),
    # Also in the minute in which a new access token is asked for.
    "reddit": Budget(Site, 4),
    "reddit, three sources": Budget(lambda: Site(sources=SOURCES[:3]), 4),
    "reddit, six sources": Budget(lambda: Site(sources=SOURCES), 4),
    # All authors at once, in the place of another list.
    "reddit, with notes": Budget(lambda: Noted(sources=SOURCES[:3]), 4),
    "reddit, long lists with notes": Budget(lambda: Crowded(SOURCES, notes="reddit"), 4),
    # Of a list longer than a page, the newest one and what is left of the round.
    "reddit, long lists": Budget(lambda: Crowded(["modqueue", "modmail"]), 4),
    "reddit, three long lists": Budget(lambda: Crowded(["modqueue", "reports", "modmail"]), 4),
    "reddit, six long lists": Budget(lambda: Crowded(SOURCES), 4),
    "mastodon": Budget(Server, 2, long="GET .*/streaming/"),
    # One for each repository, which lists once an hour all that is open.
    "github": Budget(Issues, 1),
    "github, discussions": Budget(Talk, 1),
    "github, three repositories": Budget(Repositories, 3),
    "matrix": Budget(Synapse, 4, long="GET .*/sync$"),
    # While the gateway is down; while it is up nothing is asked (see test_discord_gateway).
    "discord": Budget(Guild, 4),
    # One more where who wants to join has to ask; while the gateway is up, that one alone.
    "discord, with a door": Budget(Door, 5),
    # Two states of subjects and two of reports; a list that is not empty ends with a page that is.
    "ozone": Budget(Labeler, 5),
    "ozone, with notes": Budget(Noting, 6),
    # EventSub tells all; the token is looked at once an hour, as Twitch demands.
    "twitch": Budget(lambda: Channel(FakeTwitch(dial=ticking)), 0, hourly=1),
}


@pytest.mark.parametrize("name", BUDGETS)
async def test_a_quiet_minute_costs_no_more_than_its_budget(name: str) -> None:
    budget = BUDGETS[name]
    stage = budget.stage()
    stage.flag(3)
    async with reading(stage) as updates:
        # The start may read more.
        await asked(stage, updates, budget.long, 10 * MINUTE)
        count, span = await asked(stage, updates, budget.long, HOUR)
    assert 0 < count <= budget.minute * (span / MINUTE) + budget.hourly


@pytest.mark.parametrize("name", BUDGETS)
async def test_no_single_minute_costs_more(name: str) -> None:
    budget = BUDGETS[name]
    stage = budget.stage()
    stage.flag(3)
    costs: Counter[int] = Counter()
    async with reading(stage) as updates:
        await asked(stage, updates, budget.long, 10 * MINUTE)
        began = stage.platform.now
        while (gone := stage.platform.now - began) < 3 * HOUR:
            stage.platform.calls.clear()
            await anext(updates)
            costs[gone // MINUTE] += len(stage.platform.calls) - stage.platform.asked(budget.long)
    assert 0 < max(costs.values()) <= budget.minute + budget.hourly


@pytest.mark.parametrize("name", [name for name, budget in BUDGETS.items() if budget.day])
async def test_a_quiet_day_fits_the_quota(name: str) -> None:
    budget = BUDGETS[name]
    stage = budget.stage()
    stage.flag(60)
    async with reading(stage) as updates:
        count, _ = await asked(stage, updates, budget.long, DAY)
    assert budget.day is not None
    assert 0 < count <= budget.day


async def test_a_connector_that_asks_too_often_is_caught() -> None:
    stage = Site()
    stage.settings = {"poll": timedelta(seconds=30)}
    async with reading(stage) as updates:
        count, span = await asked(stage, updates, "nothing waits", HOUR)
    assert count > BUDGETS["reddit"].minute * (span / MINUTE)


@asynccontextmanager
async def reading(stage: Stage) -> AsyncIterator[AsyncIterator[Batch]]:
    """The updates of a new connector."""
    connector = stage.connect()
    updates = connector.updates(None)
    try:
        yield updates
    finally:
        await updates.aclose()  # type: ignore[attr-defined]
        await connector.aclose()


async def asked(
    stage: Stage, updates: AsyncIterator[Batch], long: str, least: timedelta
) -> tuple[int, timedelta]:
    """Return how many requests came in `least` and up to the next batch, and how long that was."""
    platform = stage.platform
    began, count = platform.now, 0
    while platform.now - began < least:
        platform.calls.clear()
        await anext(updates)
        count += len(platform.calls) - platform.asked(long)
        assert count < 100_000, "time stands still"
    return count, platform.now - began
