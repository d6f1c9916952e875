"""A small stand-in for GitHub, ours: it answers in the documented shapes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from modtui.connectors.github.connector import GitHub, create
from tests.connectors.platform import START, Answer, Platform

REPO = "ours/app"
ME = "mod"
SCOPES = "repo, admin:org"
ADMIN = dict.fromkeys(("admin", "maintain", "push", "triage", "pull"), True)
SPANS = {"one_day": 1, "three_days": 3, "one_week": 7, "one_month": 30, "six_months": 180}
Row = dict[str, Any]


def stamp(at: datetime) -> str:
    """Return a time as GitHub writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class FakeGitHub(Platform):
    """Set `scopes`, `permissions`, `blocked` and the topics in a test; `tick` dates a change."""

    issues: list[Any] = field(default_factory=list)
    discussions: list[Any] = field(default_factory=list)
    comments: dict[str, list[Any]] = field(default_factory=dict)
    scopes: str | None = SCOPES
    permissions: dict[str, bool] = field(default_factory=lambda: dict(ADMIN))
    owner: str = "Organization"
    discussing: bool = False
    limit: Row = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    locks: int = 0
    ticks: int = 0
    page: int = 100
    labels: str = "help"

    def connector(self, **settings: Any) -> GitHub:
        return create(self.environment({"repositories": [REPO], **settings}))

    def tick(self) -> str:
        """Return when the next change is: each is a second later than the one before."""
        self.ticks += 1
        return stamp(START - timedelta(hours=1) + timedelta(seconds=self.ticks))

    # what people do
    def issue(self, text: str = "you lot", **more: Any) -> str:
        """Let somebody open an issue; return its id."""
        number, at = len(self.issues) + 1, self.tick()
        row = {
            "id": 900 + number, "node_id": f"I_{number}", "number": number, "title": text,
            "body": text, "html_url": f"https://github.test/{REPO}/issues/{number}",
            "user": {"login": f"{text}{number}", "id": number, "type": "User"},
            "author_association": "NONE", "state": "open", "locked": False, "comments": 0,
            "labels": [{"id": 1, "node_id": "L_help", "name": self.labels}],
            "created_at": at, "updated_at": at, **more,
        }  # fmt: skip
        self.issues.append(row)
        return str(row["node_id"])

    def discussion(self, text: str = "how do I?", **more: Any) -> str:
        """Let somebody open a discussion; return its id."""
        number, at = 5000 + len(self.discussions), self.tick()
        self.discussing = True
        row = {
            "__typename": "Discussion", "id": f"D_{number}", "number": number, "title": text,
            "body": text, "url": f"https://github.test/{REPO}/discussions/{number}",
            "createdAt": at, "updatedAt": at, "lastEditedAt": None, "closed": False,
            "locked": False, "isAnswered": False, "authorAssociation": "NONE",
            "author": {"__typename": "User", "login": f"asker{number}"},
            "labels": {"nodes": [{"id": "L_help", "name": self.labels}]},
            "repository": {"nameWithOwner": REPO}, **more,
        }  # fmt: skip
        self.discussions.append(row)
        return str(row["id"])

    def say(self, topic: str, login: str, text: str, **more: Any) -> str:
        """Let `login` comment; return the comment's id."""
        said = self.comments.setdefault(topic, [])
        at = self.tick()
        row = {
            "id": f"C_{topic}_{len(said)}", "body": text, "createdAt": at, "lastEditedAt": None,
            "isMinimized": False, "authorAssociation": "NONE", "url": None,
            "author": {"__typename": "User", "login": login}, **more,
        }  # fmt: skip
        said.append(row)
        self.change(topic, comments=len(said))
        return str(row["id"])

    def change(self, topic: str, **values: Any) -> None:
        """Change a topic, which then is the last changed one."""
        row, at = self.row(topic), self.tick()
        if "node_id" in row:
            row |= {"updated_at": at, **values}
        else:
            values.pop("comments", None)
            row |= {"updatedAt": at, **values}

    def row(self, topic: str) -> Row:
        """Return a topic by its id. Raises KeyError."""
        for row in (*self.issues, *self.discussions):
            if isinstance(row, dict) and topic in (row.get("node_id"), row.get("id")):
                return row
        raise KeyError(topic)

    # what it answers
    def acts(self, request: httpx.Request, path: str) -> bool:
        if path.endswith("/graphql"):
            return bool(json.loads(request.content)["query"].startswith("mutation"))
        return request.method != "GET"

    def answer(self, request: httpx.Request, path: str) -> Answer:
        verb = f"{request.method} {path}"
        if path.endswith("/graphql"):
            return self._graph(json.loads(request.content))
        if verb == "GET /user":
            headers = {} if self.scopes is None else {"X-OAuth-Scopes": self.scopes}
            return httpx.Response(200, json={"login": ME, "id": 1, "type": "User"}, headers=headers)
        if verb == f"GET /repos/{REPO}":
            owner = {"login": REPO.partition("/")[0], "type": self.owner}
            return {"full_name": REPO, "owner": owner, "permissions": self.permissions}
        if path == f"/repos/{REPO}/interaction-limits":
            return self._limits(request)
        if verb == f"GET /repos/{REPO}/issues":
            return self._page(request)
        if path.startswith(f"/repos/{REPO}/issues/") and path.endswith("/comments"):
            return self._comment(request, int(path.split("/")[-2]))
        if path.startswith(f"/repos/{REPO}/issues/") and path.endswith("/assignees"):
            return self._assign(request, int(path.split("/")[-2]))
        if "/blocks/" in path:
            return self._block(request.method, path.rpartition("/")[2])
        return missing()

    def _page(self, request: httpx.Request) -> Answer:
        params = request.url.params
        since, start = params.get("since", ""), int(params.get("page", 1)) - 1
        rows = [
            row for row in self.issues
            if not isinstance(row, dict) or not row.get("node_id")
            or (row["updated_at"] >= since and params.get("state") in ("all", None, row["state"]))
        ]  # fmt: skip
        rows.sort(key=_changed, reverse=True)
        part = rows[start * self.page : (start + 1) * self.page]
        etag = f'W/"{hashlib.sha256(json.dumps([part, str(params)]).encode()).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return httpx.Response(304, headers={"ETag": etag})
        headers = {"ETag": etag}
        if len(rows) > (start + 1) * self.page:
            following = request.url.copy_set_param("page", start + 2)
            headers["Link"] = f'<{following}>; rel="next", <{following}>; rel="last"'
        return httpx.Response(200, json=part, headers=headers)

    def _comment(self, request: httpx.Request, number: int) -> Answer:
        topic = self.issues[number - 1]["node_id"]
        member = {"authorAssociation": "MEMBER"}
        name = self.say(topic, ME, json.loads(request.content)["body"], **member)
        said = self.comments[topic][-1]
        said["createdAt"] = stamp(self.now)
        return httpx.Response(201, json={"node_id": name, "created_at": said["createdAt"]})

    def _assign(self, request: httpx.Request, number: int) -> Answer:
        row, named = self.issues[number - 1], json.loads(request.content)["assignees"]
        held = [one for one in row.get("assignees", []) if one["login"] not in named]
        if request.method == "POST":
            held += [{"login": login, "id": 1, "type": "User"} for login in named]
        self.change(row["node_id"], assignees=held)
        return httpx.Response(201 if request.method == "POST" else 200, json=row)

    def _limits(self, request: httpx.Request) -> Answer:
        if request.method == "PUT":
            asked = json.loads(request.content)
            end = stamp(self.now + timedelta(days=SPANS[asked["expiry"]]))
            self.limit = {"limit": asked["limit"], "origin": "repository", "expires_at": end}
        elif request.method == "DELETE":
            self.limit = {}
            return httpx.Response(204)
        return self.limit

    def _block(self, method: str, login: str) -> Answer:
        if method == "GET":
            return httpx.Response(204) if login in self.blocked else missing()
        if (method == "PUT") is (login in self.blocked):
            return httpx.Response(422, json={"message": "Validation Failed"})
        (self.blocked.add if method == "PUT" else self.blocked.discard)(login)
        return httpx.Response(204)

    # GraphQL
    def _graph(self, asked: Row) -> Answer:
        document, variables = asked["query"], asked["variables"]
        if document.startswith("mutation"):
            name = document.partition("{ ")[2].partition("(")[0]
            done: Callable[[Row], Row] = getattr(self, f"_{name}")
            try:
                return {"data": {name: done(variables["input"])}}
            except KeyError as lost:
                error = {"type": "NOT_FOUND", "message": f"Could not resolve to a node {lost}"}
                return {"data": {name: None}, "errors": [error]}
        if "discussions(" in document:
            return self._discussions(variables)
        if "Minimizable" in document:
            said = [row for rows in self.comments.values() for row in rows]
            told = [row for row in said if row["id"] in variables["ids"]]
            return {"data": {"nodes": told}}
        if "nodes(ids" in document:
            ids = variables["ids"]
            return {"data": {"nodes": [{"comments": self._said(i)} for i in ids]}}
        try:
            return {"data": {"node": self._node(variables["id"])}}
        except KeyError:
            error = {"type": "NOT_FOUND", "message": "Could not resolve to a node"}
            return {"data": {"node": None}, "errors": [error]}

    def _said(self, topic: str) -> Row:
        said = self.comments.get(topic, [])
        return {"totalCount": len(said), "nodes": said[-50:]}

    def _node(self, topic: str) -> Row:
        row = self.row(topic)
        if "node_id" not in row:
            return {**row, "comments": self._said(topic)}
        return {
            "__typename": "Issue", "id": topic, "number": row["number"], "title": row["title"],
            "body": row["body"], "url": row["html_url"], "createdAt": row["created_at"],
            "updatedAt": row["updated_at"], "closed": row["state"] != "open",
            "locked": row["locked"], "authorAssociation": row["author_association"],
            "author": {"__typename": "User", "login": row["user"]["login"]},
            "labels": {
                "nodes": [{"id": one["node_id"], "name": one["name"]} for one in row["labels"]]
            },
            "repository": {"nameWithOwner": REPO}, "comments": self._said(topic),
            "assignees": {"nodes": [{"login": a["login"]} for a in row.get("assignees", [])]},
            "timelineItems": {"nodes": [{"id": row["lock"]}] if "lock" in row else []},
        }  # fmt: skip

    def _discussions(self, asked: Row) -> Row:
        rows = [
            row for row in self.discussions
            if not isinstance(row, dict) or not (asked["states"] and row.get("closed"))
        ]  # fmt: skip
        rows.sort(key=_changed, reverse=True)
        start = int(asked["after"] or 0)
        part = [
            {**row, "comments": {"totalCount": len(self.comments.get(str(row.get("id")), []))}}
            if isinstance(row, dict)
            else row
            for row in rows[start : start + 50]
        ]
        more = start + 50 < len(rows)
        info = {"hasNextPage": more, "endCursor": str(start + 50)}
        told = {"nodes": part, "pageInfo": info}
        enabled = {"hasDiscussionsEnabled": self.discussing, "discussions": told}
        return {"data": {"repository": enabled}}

    def _addDiscussionComment(self, asked: Row) -> Row:
        self.row(asked["discussionId"])
        name = self.say(asked["discussionId"], ME, asked["body"], authorAssociation="MEMBER")
        said = self.comments[asked["discussionId"]][-1]
        said["createdAt"] = stamp(self.now)
        return {"comment": {"id": name, "createdAt": said["createdAt"]}}

    def _find(self, name: str) -> Row:
        found = [row for said in self.comments.values() for row in said if row["id"] == name]
        if not found:
            raise KeyError(name)
        row: Row = found[0]
        return row

    def _minimizeComment(self, asked: Row) -> Row:
        self._find(asked["subjectId"]).update(isMinimized=True, why=asked["classifier"])
        return {"minimizedComment": {"isMinimized": True}}

    def _unminimizeComment(self, asked: Row) -> Row:
        self._find(asked["subjectId"]).update(isMinimized=False)
        return {"unminimizedComment": {"isMinimized": False}}

    def _lockLockable(self, asked: Row) -> Row:
        self.locks += 1
        fresh = {"locked": True, "why": asked.get("lockReason"), "lock": f"LOE_{self.locks}"}
        self.change(asked["lockableId"], **fresh)
        return {"lockedRecord": {"locked": True}}

    def _unlockLockable(self, asked: Row) -> Row:
        self.change(asked["lockableId"], locked=False)
        return {"unlockedRecord": {"locked": False}}

    def _removeLabelsFromLabelable(self, asked: Row) -> Row:
        topic, off = asked["labelableId"], asked["labelIds"]
        labels, issue = self.row(topic)["labels"], "node_id" in self.row(topic)
        here = labels if issue else labels["nodes"]
        left = [one for one in here if one["node_id" if issue else "id"] not in off]
        self.change(topic, labels=left if issue else {"nodes": left})
        nodes = [{"id": one["node_id" if issue else "id"]} for one in left]
        return {"labelable": {"labels": {"nodes": nodes}}}

    def _closeIssue(self, asked: Row) -> Row:
        self.change(asked["issueId"], state="closed", why=asked["stateReason"])
        return {"issue": {"closed": True}}

    def _reopenIssue(self, asked: Row) -> Row:
        self.change(asked["issueId"], state="open")
        return {"issue": {"closed": False}}

    def _closeDiscussion(self, asked: Row) -> Row:
        self.change(asked["discussionId"], closed=True, why=asked["reason"])
        return {"discussion": {"closed": True}}

    def _reopenDiscussion(self, asked: Row) -> Row:
        self.change(asked["discussionId"], closed=False)
        return {"discussion": {"closed": False}}


def _changed(row: Any) -> str:
    """What cannot be read comes first."""
    known = row if isinstance(row, dict) else {}
    return str(known.get("updated_at") or known.get("updatedAt") or "~")


def missing() -> httpx.Response:
    """What GitHub answers when there is no such thing, or none for us."""
    return httpx.Response(404, json={"message": "Not Found", "status": "404"})
