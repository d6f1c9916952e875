"""A small stand-in for a Mastodon server, ours: it answers in the documented shapes."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from modtui.connectors.mastodon.connector import Mastodon, create
from tests.connectors.platform import START, Answer, Platform

ME = {"id": "1", "acct": "mod", "role": {"name": "Moderator", "permissions": "1040"}}
SCOPES = ["read", "write", "admin:read", "admin:write"]
PAGE = 200


def account(number: int, name: str = "") -> dict[str, Any]:
    return {
        "id": str(number),
        "acct": name or f"author{number}",
        "display_name": name,
        "created_at": "2024-01-01T00:00:00.000Z",
        "bot": False,
    }


def stamp(minutes: float = 0) -> str:
    """Return a server time, `minutes` before the start."""
    return (START - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def status(number: int, who: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "account": who,
        "content": f"<p>{html.escape(text)}</p>",
        "created_at": stamp(10),
        "visibility": "public",
        "language": "en",
        "in_reply_to_id": None,
        "spoiler_text": "",
        "media_attachments": [],
        **more,
    }


@dataclass
class FakeMastodon(Platform):
    """Set `reports`, `mentions` and `scopes` in a test."""

    reports: list[Any] = field(default_factory=list)
    mentions: list[Any] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    scopes: list[str] | None = field(default_factory=lambda: list(SCOPES))
    actions: list[dict[str, Any]] = field(default_factory=list)

    def connector(self, **settings: Any) -> Mastodon:
        return create(self.environment(settings))

    def report(self, text: str = "you lot", **more: Any) -> str:
        """Let a new author's post be reported; return the report's id."""
        number = len(self.reports) + 1
        author, reporter = account(1000 + number, f"a{number}"), account(5000 + number)
        said = status(20000 + number, {**author, "acct": f"{text}{number}"}, text)
        person = {"id": author["id"], "account": said["account"], "domain": None, "locale": "en"}
        self.people[author["id"]] = person
        told = {
            "id": str(number),
            "target_account": person,
            "account": {"id": reporter["id"], "account": {**reporter, "acct": text}},
            "category": "violation",
            "comment": text,
            "created_at": stamp(5),
            "updated_at": stamp(5),
            "action_taken": False,
            "statuses": [said],
            "rules": [{"id": "1", "text": text}],
            **more,
        }
        self.reports.append(told)
        return str(number)

    def assign(self, number: str, who: str, acct: str, *, on: bool = True) -> None:
        """Let a moderator take a report, whoever has it, or let it go."""
        person = {"id": who, "account": {**account(int(who)), "acct": acct}}
        report = next(r for r in self.reports if r["id"] == number)
        report |= {"assigned_account": person if on else None, "updated_at": stamp()}

    def answer(self, request: httpx.Request, path: str) -> Answer:
        name = path.rpartition("/")[2]
        if path.endswith("/accounts/verify_credentials"):
            return ME
        if path.endswith("/apps/verify_credentials"):
            return missing() if self.scopes is None else {"name": "modtui", "scopes": self.scopes}
        if path.endswith("/admin/reports"):
            return self._page(request)
        if "/admin/reports/" in path:
            return self._report(path)
        if "/admin/accounts/" in path:
            return self._account(request, path)
        if path.endswith("/notifications"):
            return self._notifications(request)
        if path.endswith("/statuses") and request.method == "POST":
            return self._say(request)
        if path.endswith("/statuses"):
            end = int(request.url.params.get("max_id", 99999))
            return [one for one in reversed(self.said.values()) if int(one["id"]) < end]
        if name == "context":
            return {"ancestors": [], "descendants": []}
        return missing()

    def _open(self) -> list[Any]:
        open_now = [r for r in self.reports if not (isinstance(r, dict) and r.get("action_taken"))]
        return list(reversed(open_now))

    def _page(self, request: httpx.Request) -> Answer:
        rows, start = self._open(), int(request.url.params.get("max_id", 0))
        part = rows[start : start + PAGE]
        if start + PAGE >= len(rows):
            return part
        following = f"{self.url}/api/v1/admin/reports?limit={PAGE}&max_id={start + PAGE}"
        link = f'<{following}>; rel="next", <{self.url}/x?min_id=1>; rel="prev"'
        return httpx.Response(200, json=part, headers={"Link": link})

    def _report(self, path: str) -> Answer:
        parts = path.split("/")
        number = parts[parts.index("reports") + 1]
        found = [r for r in self.reports if isinstance(r, dict) and r.get("id") == number]
        if not found:
            return missing()
        if parts[-1] == "resolve":
            found[0]["action_taken"] = True
        if parts[-1] == "reopen":
            found[0] |= {"action_taken": False, "updated_at": stamp(-1)}
        if parts[-1] in ("assign_to_self", "unassign"):
            self.assign(number, ME["id"], ME["acct"], on=parts[-1] == "assign_to_self")
        return dict(found[0])

    def _account(self, request: httpx.Request, path: str) -> Answer:
        parts = path.split("/")
        person = self.people.get(parts[parts.index("accounts") + 1])
        if person is None:
            return missing()
        form = dict(httpx.QueryParams(request.content.decode()))
        states = {
            "silence": "silenced", "suspend": "suspended", "sensitive": "sensitized",
            "disable": "disabled",
        }  # fmt: skip
        ends = {f"un{name}": state for name, state in states.items()} | {"enable": "disabled"}
        if parts[-1] == "action":
            self.actions.append(form)
            if form["type"] in states:
                person[states[form["type"]]] = True
                self._resolve_all(person["id"])
            return {}
        if parts[-1] in ends:
            state = ends[parts[-1]]
            if not person.get(state):
                return httpx.Response(403, json={"error": "This action is not allowed"})
            person[state] = False
        return person

    def _resolve_all(self, account_id: str) -> None:
        for report in self.reports:
            if report["target_account"]["id"] == account_id:
                report["action_taken"] = True

    def _notifications(self, request: httpx.Request) -> Answer:
        after = int(request.url.params.get("min_id", 0))
        limit = int(request.url.params["limit"])
        newer = [m for m in self.mentions if int(m["id"]) > after]
        oldest = "min_id" in request.url.params
        return list(reversed(newer[:limit] if oldest else newer[-limit:]))

    def _say(self, request: httpx.Request) -> Answer:
        form = dict(httpx.QueryParams(request.content.decode()))
        key = request.headers["Idempotency-Key"]
        mention, _, rest = form["status"].partition(" ")
        link = f'<a href="https://ours.test/{mention}" class="u-url mention">{mention}</a>'
        said = status(90000 + len(self.said), {**account(1), "acct": "mod"}, "", created_at=stamp())
        said |= {"content": f"<p>{link} {html.escape(rest)}</p>", "form": form}
        return self.said.setdefault(key, said)


def missing() -> httpx.Response:
    """What Mastodon answers when there is no such thing; its words depend on a language."""
    return httpx.Response(404, json={"error": "見つかりません"})
