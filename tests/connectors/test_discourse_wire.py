"""The discourse connector: the two suites that every connector passes."""

from __future__ import annotations

from typing import Any

import pytest

from modtui.connectors import Connector
from tests.connectors.contract import ConnectorContract, Line
from tests.connectors.fakediscourse import TOPIC, FakeDiscourse
from tests.connectors.far import OverHttp
from tests.connectors.faults import LOCAL, FaultContract
from tests.connectors.outcomes import HttpOutcomeContract
from tests.connectors.platform import START
from tests.connectors.wire import Stage, WireContract, closed_by, read, watch

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

    def garble(self, subject: str) -> bool:
        self.row(subject)["version"] = "none"
        return True

    def efface(self, subject: str) -> bool:
        rows = self.platform.rows
        rows[rows.index(self.row(subject))] = {"odd": f"once {subject}"}
        return True

    def drop(self, subject: str) -> None:
        self.platform.rows.remove(self.row(subject))

    def row(self, subject: str) -> dict[str, Any]:
        return next(row for row in self.platform.rows if row.get("id") == int(subject))


class TestWire(WireContract):
    kind = "discourse"

    @pytest.fixture
    def stage(self) -> Stage:
        return Forum()


async def test_a_flag_that_cannot_be_read_closes_no_flag_of_its_item() -> None:
    stage = Forum()
    _, over = stage.flag(2)

    def spoil() -> None:
        for score in stage.platform.scores.values():
            score["user_id"] = "nobody"

    batches = await watch(stage, spoil, lambda: stage.drop(over))
    assert {one.where for batch in batches for one in batch.broken} == {"reviewable_scores"}
    assert closed_by(batches) == {over}


class TestFaults(FaultContract):
    kind = "discourse"
    endpoints = (r"/review\.json", r"/review/count", r"/session/current", r"/notifications", "GET")

    def stage(self) -> Forum:
        return Forum(FakeDiscourse(url=LOCAL))


class TestContract(HttpOutcomeContract, ConnectorContract):
    kind = "discourse"

    async def fresh(self) -> Line:
        fake = FakeDiscourse(claiming="optional")
        subject = fake.flag()
        fake.flag()
        fake.users[COLLEAGUE] = {"id": COLLEAGUE, "username": "colleague", "moderator": True}
        batches = await read(Forum(fake))

        def seize() -> None:
            fake.claims[TOPIC] = COLLEAGUE

        return Line(fake.connector(), batches, subject, START, seize, OverHttp(fake))
