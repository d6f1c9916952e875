"""The matrix connector on a line that fails."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from modtui.connectors.matrix.connector import Matrix
from tests.connectors.fakesynapse import ME, FakeSynapse, message, report, stamp
from tests.connectors.faults import LOCAL, FaultContract
from tests.connectors.platform import Answer
from tests.connectors.wire import Stage, WireContract


class Sending(FakeSynapse):
    """A Synapse that takes messages, each transaction once, and tells them again."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, Any] = {}

    def answer(self, request: httpx.Request, path: str) -> Answer:
        if "/send/" in path:
            event = f"$sent{len(self.sent)}"
            said = message("", sender=ME, content=json.loads(request.content), event_id=event)
            return {"event_id": self.sent.setdefault(path, said)["event_id"]}
        if path.endswith("/messages"):
            return {"chunk": [{**said, "origin_server_ts": stamp()} for said in self.sent.values()]}
        return super().answer(request, path)


class Synapse(Stage):
    listing = "GET .*/event_reports$"
    posting = "PUT .*/send/"
    pauses = ({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 30_000},)

    def __init__(self, url: str = "https://ours.test") -> None:
        self.platform: Sending = Sending()
        self.platform.url = url

    def connect(self) -> Matrix:
        return self.platform.connector()

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        fake, found = self.platform, []
        for _ in range(count):
            number = len(fake.reports) + 1
            event = f"$event{number}"
            fake.events[event] = message(text, sender=f"@{text}:ours.test")
            told = {"reason": text, "user_id": f"@{text}:ours.test", "name": text}
            fake.reports.append(report(number, event, canonical_alias=None, **told))
            found.append(event)
        return tuple(found)

    def spoil(self, item: Any) -> None:
        self.platform.reports.insert(0, item)


class TestMatrixWire(WireContract):
    @pytest.fixture
    def stage(self) -> Stage:
        return Synapse()


class TestFaults(FaultContract):
    endpoints = (
        "/event_reports$", r"/event_reports/\d", "/user_reports$", "/sync$", "/whoami$", "/state$",
        "/joined_rooms$", "admin|client",
    )  # fmt: skip

    def stage(self) -> Synapse:
        return Synapse(LOCAL)

    def meanwhile(self, stage: Stage) -> None:
        assert isinstance(stage, Synapse)
        stage.platform.timeline.append({**message("of somebody"), "event_id": "$post"})
