"""A small stand-in for Synapse, ours: it answers in the documented shapes and remembers calls.

It proves how the connector reads and fails; that the shapes are right is proved in tests/interop.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from modtui.connectors.matrix.connector import Matrix, create
from tests.connectors.platform import START, Answer, Platform

ROOM = "!room:ours.test"
ME = "@admin:ours.test"


def stamp(minutes: float = 0) -> int:
    """Return a server time stamp, `minutes` before the start."""
    return int((START - timedelta(minutes=minutes)).timestamp() * 1000)


def report(number: int, event: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "received_ts": stamp(5),
        "room_id": ROOM,
        "event_id": event,
        "user_id": "@alice:ours.test",
        "sender": "@mallory:ours.test",
        "reason": "rude",
        "name": "General",
        "canonical_alias": "#general:ours.test",
        **more,
    }


def message(text: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "m.room.message",
        "sender": "@mallory:ours.test",
        "origin_server_ts": stamp(10),
        "content": {"msgtype": "m.text", "body": text},
        **more,
    }


@dataclass
class FakeSynapse(Platform):
    """Set `reports`, `events` (by id) and `override` (path pattern to answer) in a test."""

    reports: list[Any] = field(default_factory=list)
    people: list[Any] = field(default_factory=list)
    events: dict[str, Any] = field(default_factory=dict)
    power: dict[str, Any] = field(default_factory=lambda: {"users": {ME: 100}})
    timeline: list[Any] = field(default_factory=list)
    page: int = 100

    def connector(self, **settings: Any) -> Matrix:
        return create(self.environment(settings))

    def answer(self, request: httpx.Request, path: str) -> Answer:
        name = path.rpartition("/")[2]
        if path.endswith("/account/whoami"):
            return {"user_id": ME}
        if path.endswith(("/event_reports", "/user_reports")):
            rows = self.reports if name == "event_reports" else self.people
            return self._rows(name, rows, int(request.url.params.get("from", 0)))
        if "/event_reports/" in path:
            found = [r for r in self.reports if isinstance(r, dict) and str(r.get("id")) == name]
            event_id = found[0].get("event_id") if found else None
            if event_id not in self.events:
                return missing()
            return {**found[0], "event_json": self.events[event_id]}
        if path.endswith("/state") and "/_synapse/" in path:
            kind = request.url.params["type"]
            power = {"type": kind, "sender": ME, "state_key": "", "content": self.power}
            return {"state": [power] if kind == "m.room.power_levels" else []}
        if path.endswith("/state/m.room.power_levels"):
            if request.method == "PUT":
                self.power = json.loads(request.content)
                return {"event_id": "$power"}
            return self.power
        if path.endswith("/sync"):
            self.now += timedelta(milliseconds=int(request.url.params["timeout"]))
            events, self.timeline = self.timeline, []
            joined = {ROOM: {"timeline": {"events": events}, "state": {"events": []}}}
            return {"next_batch": "s1", "rooms": {"join": joined if events else {}}}
        if path.endswith("/joined_rooms"):
            return {"joined_rooms": [ROOM]}
        return missing()

    def _rows(self, name: str, rows: list[Any], start: int) -> Answer:
        part = rows[start : start + self.page]
        answer: dict[str, Any] = {name: part, "total": len(rows)}
        if start + self.page < len(rows):
            answer["next_token"] = start + len(part)
        return answer


def missing() -> httpx.Response:
    """What Synapse answers when there is no such thing."""
    return httpx.Response(404, json={"errcode": "M_NOT_FOUND", "error": "Not found"})
