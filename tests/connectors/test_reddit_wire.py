"""The reddit connector against a stand-in of ours: the two suites that every connector passes."""

from __future__ import annotations

from typing import Any

import pytest

from modtui.connectors import Connector
from modtui.domain.commands import Capability
from tests.connectors.contract import ConnectorContract, Line
from tests.connectors.fakereddit import SUB, FakeReddit
from tests.connectors.far import OverHttp
from tests.connectors.faults import LOCAL, FaultContract
from tests.connectors.outcomes import HttpOutcomeContract
from tests.connectors.platform import START
from tests.connectors.wire import Stage, WireContract, read


class Site(Stage):
    listing = "GET .*/about/modqueue$"
    posting = "POST /api/comment$"
    limits = (
        {"Retry-After": "30"},
        {"x-ratelimit-remaining": "0.0", "x-ratelimit-used": "600", "x-ratelimit-reset": "212"},
    )

    def __init__(self, fake: FakeReddit | None = None, **settings: Any) -> None:
        self.platform: FakeReddit = fake or FakeReddit()
        self.settings = settings

    def connect(self) -> Connector:
        return self.platform.connector(**self.settings)

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        return tuple(self.platform.post(text) for _ in range(count))

    def spoil(self, item: Any) -> None:
        self.platform.queues.setdefault("modqueue", []).append(item)

    def garble(self, subject: str) -> bool:
        self.row(subject)["data"]["created_utc"] = "soon"
        return True

    def efface(self, subject: str) -> bool:
        rows = self.platform.queues["modqueue"]
        rows[rows.index(self.row(subject))] = {"odd": f"once {subject}"}
        return True

    def drop(self, subject: str) -> None:
        self.platform.queues["modqueue"].remove(self.row(subject))

    def row(self, subject: str) -> dict[str, Any]:
        rows = self.platform.queues["modqueue"]
        return next(row for row in rows if row.get("data", {}).get("name") == subject)


class TestWire(WireContract):
    kind = "reddit"

    @pytest.fixture
    def stage(self) -> Stage:
        return Site()


class TestFaults(FaultContract):
    kind = "reddit"
    endpoints = (
        r"about/modqueue$", r"mod/conversations$", r"message/inbox$", r"api/info$", r"v1/me$",
        r"access_token$", r"mod/conversations/", r"GET",
    )  # fmt: skip

    def stage(self) -> Site:
        return Site(url=LOCAL, token_url=f"{LOCAL}/api/v1/access_token")

    def opening(self, stage: Stage) -> set[str]:
        assert isinstance(stage, Site)
        one = stage.platform.write("Why me?")
        return {*stage.flag(2), f"modmail_{one}"}

    def meanwhile(self, stage: Stage) -> None:
        assert isinstance(stage, Site)
        answer = {"name": "t1_a", "subreddit": SUB, "body": "?", "parent_id": "t1_s1"}
        said = {**answer, "created_utc": stage.platform.epoch()}
        stage.platform.inbox.append({"kind": "t1", "data": said})


class TestContract(HttpOutcomeContract, ConnectorContract):
    kind = "reddit"
    limits = Site.limits
    sequels = frozenset(
        {Capability.REPLY, Capability.HIDE, Capability.WARN, Capability.BAN, Capability.MUTE}
    )

    async def fresh(self) -> Line:
        fake = FakeReddit()
        subject = fake.post()
        fake.post()
        fake.write("Why was it removed?")
        stage = Site(fake, notes="reddit")
        return Line(stage.connect(), await read(stage), subject, START, far=OverHttp(fake))
