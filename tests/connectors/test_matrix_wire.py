"""The matrix connector on a line that fails."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from modtui.connectors.matrix.connector import Matrix
from modtui.domain.commands import Capability
from tests.connectors.contract import ConnectorContract, Line
from tests.connectors.fakesynapse import ME, FakeSynapse, message, missing, report, stamp
from tests.connectors.far import OverHttp
from tests.connectors.faults import LOCAL, FaultContract
from tests.connectors.outcomes import HttpOutcomeContract
from tests.connectors.platform import START, Answer
from tests.connectors.wire import Stage, WireContract, read

DIRECT = "!direct:ours.test"
DEEDS = {"kick": "leave", "ban": "ban", "unban": "leave", "invite": "invite"}


class Acting(FakeSynapse):
    """A Synapse that does what it is asked: each transaction once, and it tells it again."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, Any] = {}
        self.redacted: dict[str, str] = {}
        self.members: dict[str, str] = {}
        self.direct: dict[str, Any] = {}

    def gone(self, event: str) -> bool:
        """Return whether an event is redacted."""
        return f"$without{event}" in self.redacted.values()

    def answer(self, request: httpx.Request, path: str) -> Answer:
        body = json.loads(request.content) if request.content else {}
        match request.method, path.removeprefix("/_matrix/client/v3/").split("/"):
            case "PUT", ["rooms", _, "send", *_]:
                event = f"$sent{len(self.sent)}"
                said = message("", sender=ME, content=body, event_id=event)
                return {"event_id": self.sent.setdefault(path, said)["event_id"]}
            case "PUT", ["rooms", _, "redact", event, _]:
                return {"event_id": self.redacted.setdefault(path, f"$without{event}")}
            case "POST", ["rooms", _, deed] if deed in DEEDS:
                self.members[body["user_id"]] = DEEDS[deed]
                return {}
            case "POST", ["createRoom"]:
                return {"room_id": DIRECT}
            case "GET", ["rooms", room, "joined_members"]:
                return {"joined": {ME: {}}} if room == DIRECT else missing()
            case "GET", ["rooms", _, "state", "m.room.member", who]:
                return {"content": {"membership": self.members.get(who, "join")}, "sender": ME}
            case "GET", ["rooms", _, "messages"]:
                told = [{**said, "origin_server_ts": stamp()} for said in self.sent.values()]
                return {"chunk": told}
            case "GET", ["rooms", _, "event", event]:
                because = {"redacted_because": message("", sender=ME, event_id=f"$without{event}")}
                return {**self.events[event], **({"unsigned": because} if self.gone(event) else {})}
            case "GET", ["rooms", _, "context", event]:
                around = {"events_before": [], "events_after": []}
                return {"event": {**self.events[event], "event_id": event}, **around}
            case "GET", ["directory", "room", _]:
                return {"room_id": "!staff:ours.test"}
            case method, ["user", _, "account_data", "m.direct"]:
                self.direct = body if method == "PUT" else self.direct
                return dict(self.direct)
            case "DELETE", [*_, number]:
                self.reports = [r for r in self.reports if str(r["id"]) != number]
                return {}
        return super().answer(request, path)


class Synapse(Stage):
    listing = "GET .*/event_reports$"
    posting = "PUT .*/send/"
    pauses = ({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 30_000},)

    def __init__(self, url: str = "https://ours.test") -> None:
        self.platform: Acting = Acting()
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

    def garble(self, subject: str) -> bool:
        self.row(subject)["received_ts"] = "soon"
        return True

    def drop(self, subject: str) -> None:
        self.platform.reports.remove(self.row(subject))

    def row(self, subject: str) -> dict[str, Any]:
        return next(row for row in self.platform.reports if row["event_id"] == subject)


class TestMatrixWire(WireContract):
    kind = "matrix"

    @pytest.fixture
    def stage(self) -> Stage:
        return Synapse()


class TestFaults(FaultContract):
    kind = "matrix"
    endpoints = (
        "/event_reports$", r"/event_reports/\d", "/user_reports$", "/sync$", "/whoami$", "/state$",
        "/joined_rooms$", "admin|client",
    )  # fmt: skip

    def stage(self) -> Synapse:
        return Synapse(LOCAL)

    def meanwhile(self, stage: Stage) -> None:
        assert isinstance(stage, Synapse)
        stage.platform.timeline.append({**message("of somebody"), "event_id": "$post"})


class TestContract(HttpOutcomeContract, ConnectorContract):
    kind = "matrix"
    # A room without an alias is made, and a room to tell is joined first.
    otherwise = {
        Capability.DISMISS: frozenset({404}),
        **dict.fromkeys(
            (Capability.REPLY_PRIVATE, Capability.WARN, Capability.NOTIFY), frozenset({403})
        ),
    }

    async def fresh(self) -> Line:
        stage = Synapse()
        subject, _ = stage.flag(2)
        far = OverHttp(stage.platform)
        return Line(stage.connect(), await read(stage), subject, START, far=far)
