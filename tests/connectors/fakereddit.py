"""A small stand-in for Reddit, ours: it answers in the documented shapes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import httpx

from modtui.connectors.reddit.connector import Reddit, create
from tests.connectors.platform import Answer, Platform

TOKEN_URL = "https://www.ours.test/api/v1/access_token"
SUB = "ours"
CLEAR: dict[str, Any] = {"removed": False, "spam": False, "banned_by": None}


def listing(rows: list[Any], after: str | None = None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"children": rows, "after": after, "before": None}}


def refused(code: str, why: str, **more: Any) -> dict[str, Any]:
    """What Reddit answers, with the status 200, to what it does not do."""
    return {"json": {"errors": [[code, why, "field"]], **more}}


def missing() -> httpx.Response:
    return httpx.Response(404, json={"message": "Not Found", "error": 404})


@dataclass
class FakeReddit(Platform):
    """Set `queues`, `mail`, `scopes` and `permissions` in a test."""

    url: str = "https://oauth.ours.test"
    logs: ClassVar[frozenset[str]] = frozenset({"forms", "tokens"})
    secrets: dict[str, str] = field(
        default_factory=lambda: {"client_secret": "cl1ent-secret", "password": "pass-w0rd"}
    )
    queues: dict[str, list[Any]] = field(default_factory=dict)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    mail: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    inbox: list[Any] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    forms: list[tuple[str, Any]] = field(default_factory=list)
    people: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    scopes: str = "*"
    permissions: list[str] | None = field(default_factory=lambda: ["all"])
    reasons: dict[str, Any] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    crowds: dict[str, int] = field(default_factory=dict)
    notes: list[Any] = field(default_factory=list)
    tokens: int = 0

    def connector(self, **settings: Any) -> Reddit:
        given = {
            "client_id": "cl1ent",
            "token_url": TOKEN_URL,
            "username": "mod",
            "subreddits": [SUB],
            **settings,
        }
        return create(self.environment(given))

    def epoch(self, minutes: float = 0) -> float:
        """Return the time, `minutes` ago."""
        return (self.now - timedelta(minutes=minutes)).timestamp()

    def post(self, text: str = "you lot", **more: Any) -> str:
        """Let a new post be reported into the mod queue; return its name."""
        name = f"t3_{len(self.things) + 1}"
        data = {
            "name": name,
            "subreddit": SUB,
            "author": f"{text}{len(self.things) + 1}",
            "title": text,
            "selftext": text,
            "is_self": True,
            "permalink": f"/r/{SUB}/comments/{name[3:]}/x/",
            "created_utc": self.epoch(10),
            "user_reports": [[text, 1, False, True]],
            "mod_reports": [],
            "locked": False,
            "ignore_reports": False,
            **CLEAR,
            **more,
        }
        self.things[data["name"]] = data
        kind = data["name"][:2]
        self.queues.setdefault("modqueue", []).append({"kind": kind, "data": data})
        return str(data["name"])

    def write(self, text: str, who: str = "asker", to: str | None = None, **more: Any) -> str:
        """Let somebody write modmail, into the conversation `to` or a new one; return its id."""
        one = to or f"c{len(self.mail) + 1}"
        at = self.now.isoformat()
        conversation = self.mail.setdefault(
            one,
            {"id": one, "owner": {"displayName": SUB, "type": "subreddit"}, "subject": text,
             "state": 0, "participant": {"name": who}, "isInternal": False, "lastUserUpdate": None,
             "numMessages": 0, "objIds": []},
        )  # fmt: skip
        name = f"m{len(self.messages) + 1}"
        staff = who == "mod"
        said = {"id": name, "author": {"name": who, "isMod": staff}, "bodyMarkdown": text}
        self.messages[name] = {**said, "date": at, "isInternal": False, **more}
        conversation["objIds"].append({"id": name, "key": "messages"})
        conversation["numMessages"] += 1
        conversation["lastUpdated"] = at
        if not staff:
            conversation |= {"lastUserUpdate": at, "state": 0}
        return one

    def acts(self, request: httpx.Request, path: str) -> bool:
        return request.method != "GET" and not path.endswith("/access_token")

    def answer(self, request: httpx.Request, path: str) -> Answer:
        if path == "/api/v1/access_token":
            return self._token(request)
        if request.method == "POST":
            return self._posted(request, path)
        if path == "/api/v1/me":
            return {"name": "mod", "id": "1"}
        if "/about/" in path:
            return self._about(request, path.rpartition("/")[2])
        if path == "/api/mod/conversations":
            return self._conversations(request)
        if path.startswith("/api/mod/conversations/"):
            return self._conversation(path.split("/")[4])
        if path == "/api/mod/notes/recent":
            return self._recent(request)
        if path == "/api/mod/notes":
            params = request.url.params
            assert params["filter"] == "NOTE"
            return {"mod_notes": self.noted(params["subreddit"], params["user"])[:100],
                    "has_next_page": False}  # fmt: skip
        if path == "/message/inbox":
            return listing(list(reversed(self.inbox)))
        if path == "/api/info":
            found = [self.things.get(n) for n in request.url.params["id"].split(",")]
            return listing([{"kind": t["name"][:2], "data": t} for t in found if t])
        if path.startswith("/comments/"):
            return self._comments(path.rpartition("/")[2])
        if path.startswith("/user/"):
            return listing([{"kind": "t1", "data": one} for one in reversed(self.said)])
        if path.endswith("/removal_reasons"):
            return {"data": self.reasons, "order": list(self.reasons)}
        return missing()

    def note(self, user: str, text: str, by: str = "jane", **more: Any) -> dict[str, Any]:
        """Let a moderator note something of a user."""
        said = {"note": text, "label": None, "reddit_id": None, **more}
        made = {"id": f"ModNote_{len(self.notes) + 1}", "subreddit": SUB, "user": user,
                "operator": by, "created_at": int(self.epoch()), "type": "NOTE",
                "user_note_data": said}  # fmt: skip
        self.notes.append(made)
        return made

    def noted(self, subreddit: str, user: str) -> list[dict[str, Any]]:
        return [n for n in reversed(self.notes) if (n["subreddit"], n["user"]) == (subreddit, user)]

    def _recent(self, request: httpx.Request) -> Answer:
        params = request.url.params
        subreddits, users = params["subreddits"].split(","), params["users"].split(",")
        assert len(subreddits) == len(users) <= 500
        if self.gone & set(users):
            return httpx.Response(400, json={"message": "Bad Request", "error": 400})
        pairs = zip(subreddits, users, strict=True)
        return {"mod_notes": [next(iter(self.noted(*pair)), None) for pair in pairs]}

    def _token(self, request: httpx.Request) -> Answer:
        form = dict(httpx.QueryParams(request.content.decode()))
        self.forms.append(("token", form))
        self.tokens += 1
        token = f"bearer-of-ours-{self.tokens}"
        return {"access_token": token, "token_type": "bearer", "expires_in": 3600,
                "scope": self.scopes}  # fmt: skip

    def _about(self, request: httpx.Request, what: str) -> Answer:
        params = request.url.params
        if what == "moderators":
            if self.permissions is None:
                return listing([])
            return listing([{"name": "mod", "mod_permissions": self.permissions}])
        if what in {"banned", "muted"}:
            found = self.people.get((what, params["user"]))
            return listing([found] if found else [])
        rows = [row for row in reversed(self.queues.get(what, [])) if self._listed(row)]
        names = [row["data"]["name"] if isinstance(row, dict) and "data" in row else None
                 for row in rows]  # fmt: skip
        start = names.index(params["after"]) + 1 if "after" in params else 0
        part, limit = rows[start : start + 100], int(params["limit"])
        assert limit == 100
        return listing(part, names[start + 99] if start + 100 < len(rows) else None)

    def _listed(self, row: Any) -> bool:
        return not (isinstance(row, dict) and row.get("data", {}).get("decided"))

    def _conversations(self, request: httpx.Request) -> Answer:
        params = request.url.params
        archived = params["state"] == "archived"
        rows = [c for c in self.mail.values() if (c.get("state") == 2) == archived]
        ids = [one["id"] for one in reversed(rows)]
        start = ids.index(params["after"]) + 1 if "after" in params else 0
        part = ids[start : start + 100]
        shown = {one: {**self.mail[one], "objIds": self.mail[one]["objIds"][-1:]} for one in part}
        last = [one["objIds"][-1]["id"] for one in shown.values()]
        return {"conversations": shown, "conversationIds": part, "viewerId": "1",
                "messages": {m: self.messages[m] for m in last}}  # fmt: skip

    def _conversation(self, one: str) -> Answer:
        found = self.mail.get(one)
        if found is None:
            return missing()
        names = [part["id"] for part in found["objIds"]]
        return {"conversation": found, "messages": {n: self.messages[n] for n in names}}

    def _comments(self, link: str) -> Answer:
        post = self.things.get(f"t3_{link}")
        if post is None:
            return missing()
        under = [one for one in self.things.values() if one.get("parent_id") == post["name"]]
        rows = [{"kind": "t1", "data": {**one, "replies": ""}} for one in under]
        rows.append({"kind": "more", "data": {"count": 3, "children": ["x"]}})
        return [listing([{"kind": "t3", "data": post}]), listing(rows)]

    # what is done
    def _posted(self, request: httpx.Request, path: str) -> Answer:
        text = request.content.decode()
        form = json.loads(text) if text.startswith("{") else dict(httpx.QueryParams(text))
        self.forms.append((path, form))
        if path == "/api/comment":
            return self._comment(form)
        if path.endswith(("/api/friend", "/api/unfriend")):
            return self._friend(form, given=path.endswith("/friend"))
        if path == "/api/mod/notes":
            assert len(form["note"]) <= 250
            more = {key: form[key] for key in ("label", "reddit_id") if key in form}
            return {"created": self.note(form["user"], form["note"], "mod", **more)}
        if path.startswith("/api/mod/conversations"):
            return self._mailed(path, form)
        if path in ("/api/mod/notes", "/api/v1/modactions/removal_reasons"):
            self.notes.append(form)
        if path.startswith("/api/v1/modactions/removal_") and len(form.get("title", "")) > 50:
            return httpx.Response(400, json={"fields": ["title"], "reason": "TOO_LONG"})
        thing = self.things.get(form.get("id", ""))
        if path == "/api/update_crowd_control_level":
            if thing is None or not thing["name"].startswith("t3_"):
                return missing()
            assert form["level"] in ("0", "1", "2", "3")
            self.crowds[thing["name"]] = int(form["level"])
            return {}
        changes: dict[str, dict[str, Any]] = {
            "/api/remove": {"removed": True, "banned_by": "mod", "decided": True,
                            "removed_by_category": "moderator"},
            "/api/approve": {**CLEAR, "approved": True, "approved_at_utc": self.epoch(),
                             "removed_by_category": None, "decided": True},
            "/api/lock": {"locked": True},
            "/api/unlock": {"locked": False},
            "/api/ignore_reports": {"ignore_reports": True},
            "/api/distinguish": {
                "distinguished": "moderator" if form.get("how") == "yes" else None
            },
        }  # fmt: skip
        if path in changes and thing is None:
            return missing()
        if thing is not None:
            thing |= changes.get(path, {})
        return {}

    def _comment(self, form: dict[str, str]) -> Answer:
        name = f"t1_s{len(self.said) + 1}"
        data = {"name": name, "subreddit": SUB, "author": "mod", "body": form["text"],
                "parent_id": form["thing_id"], "link_id": form["thing_id"],
                "created_utc": self.epoch()}  # fmt: skip
        self.said.append(data)
        self.things[name] = data
        return {"json": {"errors": [], "data": {"things": [{"kind": "t1", "data": data}]}}}

    def _friend(self, form: dict[str, str], *, given: bool) -> Answer:
        who = (form["type"], form["name"])
        if not given:
            self.people.pop(who, None)
            return {}
        days = int(form["duration"]) if "duration" in form else None
        self.people[who] = {"name": form["name"], "date": self.epoch(), "days_left": days}
        return {"json": {"errors": []}}

    def _mailed(self, path: str, form: dict[str, str]) -> Answer:
        parts = path.split("/")
        one = parts[4] if len(parts) > 4 else None
        if parts[-1] == "archive":
            self.mail[parts[4]]["state"] = 2
            return {}
        if parts[-1] == "mute":
            who = self.mail[parts[4]]["participant"]["name"]
            self.people["muted", who] = {"name": who, "date": self.epoch()}
            return {}
        one = self.write(form["body"], "mod", one)
        if len(parts) == 4:
            self.mail[one] |= {"subject": form["subject"], "state": 1,
                               "isInternal": "to" not in form}  # fmt: skip
            if "to" in form:
                self.mail[one]["participant"] = {"name": form["to"]}
        return httpx.Response(201, json=self._conversation(one))
