"""A pretend guestbook, ours, and how its connector is installed as another package would be."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from modtui.connectors import Connector
from modtui.connectors.registry import KINDS
from tests.connectors.platform import START, Answer, Platform
from tests.connectors.wire import Stage

PLUGIN = Path(__file__).parents[1] / "plugin"
PAGE = 100


def installed(at: Path) -> Path:
    """Return a folder with the package in it, installed from the wheel that is built of it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(at / "dist")]
    subprocess.run(command, cwd=PLUGIN, check=True, capture_output=True)
    (wheel,) = (at / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(at / "site")
    return at / "site"


@dataclass
class FakeGuestbook(Platform):
    """Set `entries` in a test."""

    entries: list[Any] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    settled: dict[str, Any] = field(default_factory=dict)

    def connector(self) -> Connector:
        kind = KINDS["guestbook"]
        defaults = {setting.name: setting.default for setting in kind.schema.settings}
        return kind.load()(self.environment(defaults))

    def report(self, text: str = "you lot") -> str:
        """Let an entry be reported; return its id."""
        number, at = len(self.entries) + 1, START.isoformat()
        told = {"author": text, "text": text, "reason": text, "by": text}
        self.entries.append({"id": number, "report": 100 + number, **told})
        self.entries[-1] |= {"written": at, "reported": at}
        return str(number)

    def answer(self, request: httpx.Request, path: str) -> Answer:
        match request.method, path.strip("/").split("/"):
            case "GET", ["me"]:
                return {"name": "keeper"}
            case "GET", ["reported"]:
                start = int(request.url.params.get("from", 0))
                page = {"entries": self.entries[start : start + PAGE], "next": None}
                if start + PAGE < len(self.entries):
                    page["next"] = f"{self.url}/reported?from={start + PAGE}"
                return page
            case "GET", ["entries", number]:
                return dict(self.entries[int(number) - 1])
            case "POST", ["entries", _, "answers"]:
                key = request.headers["Idempotency-Key"]
                return {"id": self.answers.setdefault(key, len(self.answers) + 1)}
            case "PUT", ["entries", _, "hidden" | "kept"]:
                self.settled[path] = json.loads(request.content)
                if "on" in self.settled[path]:
                    number = path.strip("/").split("/")[1]
                    self.entries[int(number) - 1]["hidden"] = self.settled[path]["on"]
                return {"done": self.settled[path]}
        return httpx.Response(404, json={"error": "no such page"})


class Book(Stage):
    listing = "GET /reported$"
    posting = "POST .*/answers$"

    def __init__(self, url: str = "https://ours.test") -> None:
        self.platform: FakeGuestbook = FakeGuestbook(url=url)

    def connect(self) -> Connector:
        return self.platform.connector()

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        return tuple(self.platform.report(text) for _ in range(count))

    def spoil(self, item: Any) -> None:
        self.platform.entries.insert(0, item)

    def garble(self, subject: str) -> bool:
        self.row(subject)["text"] = 7
        return True

    def drop(self, subject: str) -> None:
        self.platform.entries.remove(self.row(subject))

    def row(self, subject: str) -> dict[str, Any]:
        return next(row for row in self.platform.entries if row["id"] == int(subject))

    def leads_to(self, url: str) -> Answer | None:
        return {"entries": [], "next": url}
