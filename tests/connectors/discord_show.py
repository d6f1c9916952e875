"""A connector to Discord that listens to a stand-in of ours, and what it told."""

from __future__ import annotations

from typing import Any

from modtui.connectors.discord.connector import create
from tests.connectors.fakediscord import GUILD, REPORTS, FakeDiscord, user
from tests.connectors.fakegateway import FakeGateway, FakeSocket, event, ready
from tests.connectors.fakegateway import until as wait_for
from tests.connectors.listening import Listening


class Show(Listening):
    """A connector that listens, the platform and the gateway it listens to, and what it told."""

    alive = {"op": 11, "d": None}

    def __init__(self, cursor: str | None = None, **settings: Any) -> None:
        self.fake, self.gateway = FakeDiscord(), FakeGateway()
        super().__init__(self.fake, self.gateway.dial, create)
        self.cursor, self.settings = cursor, settings
        self.seq = 1

    async def live(self, number: int = 0) -> FakeSocket:
        """The connection, once the session on it is ready and what was missed is read."""
        socket = await self.gateway.socket(number)
        reads = self.reads()
        socket.say(ready(self.seq))
        await wait_for(lambda: self.reads() > reads)
        return socket

    def reads(self) -> int:
        """How often where work comes from was looked at."""
        return self.fake.asked(rf"GET .*/channels/{REPORTS}/messages$|GET .*/threads/active$")

    def write(self, text: str) -> dict[str, Any]:
        """Let somebody report; return the event that the gateway would dispatch."""
        self.seq += 1
        who = user(str(6000 + self.seq), text)
        said = self.fake.write(REPORTS, who, text)
        return event("MESSAGE_CREATE", self.seq, {**said, "guild_id": GUILD})
