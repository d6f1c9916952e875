"""The twitch connector against a stand-in of ours: the two suites, and who we are."""

from __future__ import annotations

from typing import Any

import pytest

from modtui.connectors import Batch, Connector
from modtui.connectors.gathered import Gathered
from modtui.connectors.twitch.connector import Twitch
from modtui.connectors.twitch.eventsub import Event
from modtui.connectors.twitch.intake import Intake
from modtui.domain.commands import Capability, Command
from tests.connectors.contract import ConnectorContract, Line
from tests.connectors.fakegateway import FakeSocket
from tests.connectors.faketwitch import FakeTwitch, keepalive, welcome
from tests.connectors.far import OverHttp
from tests.connectors.outcomes import HttpOutcomeContract
from tests.connectors.platform import START
from tests.connectors.wire import Stage, WireContract


class Channel(Stage):
    listing = "GET .*/moderation/unban_requests$"
    posting = "POST .*/chat/messages$"
    limits = (
        {"Retry-After": "30"},
        {"Ratelimit-Remaining": "0", "Ratelimit-Reset": str(int(START.timestamp()) + 40)},
    )

    def __init__(self, fake: FakeTwitch | None = None) -> None:
        self.platform: FakeTwitch = fake or FakeTwitch()

    def connect(self) -> Connector:
        return self.platform.connector()

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        return tuple(f"unban/{self.platform.ask(text)['id']}" for _ in range(count))

    def spoil(self, item: Any) -> None:
        self.platform.unbans.append(item)


class Ticking(FakeSocket):
    """A socket on which the line is always said to stand."""

    async def receive(self) -> str:
        if self._heard.empty():
            self.say(keepalive())
        return await super().receive()


async def ticking(url: str) -> FakeSocket:
    socket = Ticking(url)
    socket.say(welcome("s1"))
    return socket


class TestWire(WireContract):
    kind = "twitch"

    @pytest.fixture
    def stage(self) -> Stage:
        return Channel(FakeTwitch(dial=ticking))


class Slower(Line):
    """Twitch's slow mode ends at 120 seconds."""

    def commands(self, capability: Capability) -> tuple[Command, ...]:
        if capability is Capability.SLOW_MODE:
            return (self.slow(30), self.slow(0))
        return super().commands(capability)


async def told(fake: FakeTwitch, *events: tuple[str, dict[str, Any]]) -> tuple[Twitch, list[Batch]]:
    """A connector that was told of events, and the batches of that."""
    connector = fake.connector()
    batches = []
    steps = connector.updates(None)
    async for batch in steps:
        batches.append(batch)
        if batch.caught_up:
            break
    await steps.aclose()  # type: ignore[attr-defined]
    intake, into = connector._intake, Gathered()
    assert isinstance(intake, Intake)
    reader = await connector._reader(intake.place)
    for number, (kind, event) in enumerate(events):
        intake.take(Event(f"n{number}", kind, fake.at(), event), reader, into)
    batches.append(into.batch(intake.state, caught_up=True))
    return connector, batches


HOLD, SUSPECT = "automod.message.hold", "channel.suspicious_user.message"


class TestUnban(HttpOutcomeContract, ConnectorContract):
    kind = "twitch"
    limits = Channel.limits
    silent = frozenset({Capability.DISMISS})

    async def fresh(self) -> Line:
        fake = FakeTwitch()
        request = fake.ask()
        connector, batches = await told(fake)
        return Slower(connector, batches, f"unban/{request['id']}", START, far=OverHttp(fake))


class TestHeld(HttpOutcomeContract, ConnectorContract):
    kind = "twitch"
    limits = Channel.limits
    silent = frozenset({Capability.DISMISS})
    decides = frozenset({Capability.HIDE, Capability.APPROVE})
    otherwise = dict.fromkeys(decides, frozenset({400, 404}))

    async def fresh(self) -> Line:
        fake = FakeTwitch()
        event = fake.hold()
        connector, batches = await told(fake, (HOLD, event))
        return Slower(
            connector, batches, f"automod/{event['message_id']}", START, far=OverHttp(fake)
        )


class TestSuspicious(HttpOutcomeContract, ConnectorContract):
    kind = "twitch"
    limits = Channel.limits
    silent = frozenset({Capability.DISMISS, Capability.APPROVE})
    otherwise = {Capability.HIDE: frozenset({404})}

    async def fresh(self) -> Line:
        fake = FakeTwitch()
        event = fake.suspect()
        connector, batches = await told(fake, (SUSPECT, event))
        return Slower(connector, batches, event["message"]["message_id"], START, far=OverHttp(fake))
