"""The discourse connector: the two suites that every connector passes."""

from __future__ import annotations

from typing import Any

import pytest

from modtui.connectors import Connector
from tests.connectors.contract import ConnectorContract, Line
from tests.connectors.fakediscourse import TOPIC, FakeDiscourse
from tests.connectors.faults import LOCAL, FaultContract
from tests.connectors.platform import START
from tests.connectors.wire import Stage, WireContract, read

COLLEAGUE = 77


class Forum(Stage):
    listing = r"GET /review\.json$"
    posting = r"POST /posts\.json$"
    pauses = ({"extras": {"wait_seconds": 30}},)

    def __init__(self, fake: FakeDiscourse | None = None) -> None:
        self.platform: FakeDiscourse = fake or FakeDiscourse()

    def connect(self) -> Connector:
        return self.platform.connector()

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        return tuple(self.platform.flag(text) for _ in range(count))

    def spoil(self, item: Any) -> None:
        self.platform.rows.append(item)


class TestWire(WireContract):
    @pytest.fixture
    def stage(self) -> Stage:
        return Forum()


class TestFaults(FaultContract):
    endpoints = (r"/review\.json", r"/review/count", r"/session/current", r"/notifications", "GET")

    def stage(self) -> Forum:
        return Forum(FakeDiscourse(url=LOCAL))


class TestContract(ConnectorContract):
    @pytest.fixture
    async def line(self) -> Line:
        fake = FakeDiscourse(claiming="optional")
        subject = fake.flag()
        fake.flag()
        fake.users[COLLEAGUE] = {"id": COLLEAGUE, "username": "colleague", "moderator": True}
        batches = await read(Forum(fake))

        def seize() -> None:
            fake.claims[TOPIC] = COLLEAGUE

        return Line(fake.connector(), batches, subject, START, seize)
