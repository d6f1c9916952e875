"""A connector to Twitch that listens to a stand-in of ours, and what it told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from modtui.connectors.twitch.connector import create
from tests.connectors.fakegateway import FakeSocket
from tests.connectors.fakegateway import until as wait_for
from tests.connectors.faketwitch import (
    FakeEventSub,
    FakeTwitch,
    keepalive,
)
from tests.connectors.listening import Listening, settle

HOLD, UPDATE = "automod.message.hold", "automod.message.update"
SUSPECT, TREATED = "channel.suspicious_user.message", "channel.suspicious_user.update"
ASK, ANSWER = "channel.unban_request.create", "channel.unban_request.resolve"
TYPES = 10
MOVE = "wss://cell-b.eventsub.wss.twitch.tv/ws?challenge=1"


class Show(Listening):
    """A connector that listens, the platform and the EventSub it listens to, and what it told."""

    alive = keepalive()

    def __init__(self, cursor: str | None = None, fake: FakeTwitch | None = None) -> None:
        self.fake, self.hub = fake or FakeTwitch(), FakeEventSub()
        super().__init__(self.fake, self.hub.dial, create)
        self.cursor = cursor
        self.wait: timedelta | None = None

    async def live(self, number: int = 0) -> FakeSocket:
        """A connection once all is subscribed on it and what was missed is listed."""
        socket = await self.hub.socket(number)
        session = f"s{number + 1}"
        await wait_for(lambda: len(self.on(session)) == TYPES)
        await wait_for(self._listed)
        await settle()
        return socket

    def _listed(self) -> bool:
        """Whether the unban requests were listed after the last subscription."""
        paths = [call.path.rpartition("/")[2] for call in self.fake.calls]
        return "unban_requests" in paths[len(paths) - paths[::-1].index("subscriptions") :]

    def on(self, session: str) -> list[str]:
        """The types that were subscribed on a session."""
        all_of_them = self.fake.subscribed
        return [s["type"] for s in all_of_them if s["transport"]["session_id"] == session]

    def lists(self) -> int:
        return self.fake.asked("GET .*/moderation/unban_requests$")

    def hold(self, text: str) -> dict[str, Any]:
        return self.fake.told(HOLD, self.fake.hold(text))

    def closed(self) -> list[str]:
        return [key for batch in self.batches for _, key in batch.closed]

    def aside(self) -> list[str]:
        return [broken.why for batch in self.batches for broken in batch.broken]
