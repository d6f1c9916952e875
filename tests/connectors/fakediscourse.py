"""A small stand-in for a Discourse forum, ours: it answers in the documented shapes.

What Discourse's OpenAPI description leaves out is answered as in the source of the forum
(github.com/discourse/discourse, `app/controllers`): decisions on items of the review queue as in
reviewables_controller.rb#perform (422 without a version, 403 for an action that is not offered, 409
for another version), claims as in reviewable_claimed_topics_controller.rb, slow mode as in
topics_controller.rb#set_slow_mode, unhide and recover as in posts_controller.rb, the ends of
penalties as in admin/users_controller.rb. What a held post offers, and that one which was turned
down can only be approved, is in app/models/reviewable_queued_post.rb. Our bodies are checked
against discourse_source.py.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from modtui.connectors.discourse.connector import Discourse, create
from tests.connectors.platform import SECRET, START, Answer, Platform

ME = {"id": 1, "username": "mod", "name": "Mod", "admin": False, "moderator": True}
PAGE = 10
TOPIC = 12
AUTHOR = 1000
FLAGGED, QUEUED = "ReviewableFlaggedPost", "ReviewableQueuedPost"
VISIBLE = ("agree_and_hide", "agree_and_keep", "agree_and_edit", "delete_user",
           "delete_and_agree_replies", "delete_and_agree", "agree_and_silence", "disagree",
           "ignore_and_do_nothing")  # fmt: skip
HIDDEN = ("agree_and_keep_hidden", "delete_and_agree", "disagree_and_restore")
HELD = ("approve_post", "reject_post", "revise_and_reject_post", "delete_user")
CLIENT = {"agree_and_edit": "edit", "agree_and_silence": "silence"}
AFTER = {"agree": 1, "delete": 1, "approve": 1, "disagree": 2, "reject": 2, "ignore": 3}


def stamp(minutes: float = 0) -> str:
    """Return a server time, `minutes` before the start."""
    return _iso(START - timedelta(minutes=minutes))


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass
class FakeDiscourse(Platform):
    """Set `rows`, `posts`, `topics`, `people` and `claiming` in a test."""

    rows: list[Any] = field(default_factory=list)
    scores: dict[int, dict[str, Any]] = field(default_factory=dict)
    users: dict[int, dict[str, Any]] = field(default_factory=lambda: {1: dict(ME)})
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    topics: dict[int, dict[str, Any]] = field(default_factory=dict)
    notifications: list[Any] = field(default_factory=list)
    claims: dict[int, int] = field(default_factory=dict)
    claiming: str = "disabled"
    old: bool = False
    secrets: dict[str, str] = field(default_factory=lambda: {"user_api_key": SECRET})

    def connector(self, **settings: Any) -> Discourse:
        return create(self.environment(settings))

    def topic(self, number: int = TOPIC, title: str = "Pianos") -> dict[str, Any]:
        fresh = {"id": number, "title": title, "closed": False, "slow_mode_seconds": 0}
        return self.topics.setdefault(number, fresh | {"slow_mode_enabled_until": None})

    def flag(self, text: str = "you lot", **more: Any) -> str:
        """Let a new author's post be flagged; return the item's id."""
        number = len(self.rows) + 1
        author, flagger = AUTHOR + number, 5000 + number
        self.users[author] = {"id": author, "username": f"{text}{number}", "trust_level": 1}
        self.users[flagger] = {"id": flagger, "username": f"flagger{number}"}
        topic = self.topic(title=text)
        score = 7000 + number
        self.scores[score] = {
            "id": score, "user_id": flagger, "score_type_id": 8, "score": 2.0, "status": 0,
            "reason": f"<b>{html.escape(text)}</b>", "created_at": stamp(5),
        }  # fmt: skip
        post = self.say(author, text, topic["id"], created_at=stamp(10))
        row = {
            "id": number, "type": FLAGGED, "status": 0, "version": 0, "created_at": stamp(5),
            "topic_id": topic["id"], "post_id": post["id"], "raw": text, "cooked": post["cooked"],
            "target_url": f"{self.url}/t/pianos/{topic['id']}/{post['post_number']}",
            "topic_tags": [text], "target_created_by_id": author, "created_by_id": flagger,
            "reviewable_score_ids": [score], "payload": None, **more,
        }  # fmt: skip
        self.rows.append(row)
        return str(number)

    def hold(self, text: str = "first post", **more: Any) -> str:
        """Let a new author's post wait for approval; return the item's id."""
        subject = self.flag(text)
        row = self.rows[-1]
        self.posts.pop(row.pop("post_id"))
        payload = {"raw": text, "title": None}
        row |= {"type": QUEUED, "payload": payload, "raw": None, "cooked": None, **more}
        return subject

    def say(self, who: int, text: str, topic: int, **more: Any) -> dict[str, Any]:
        number = 20000 + len(self.posts)
        post = {
            "id": number, "topic_id": topic, "user_id": who, "raw": text,
            "username": self.users[who]["username"], "cooked": f"<p>{html.escape(text)}</p>",
            "created_at": _iso(self.now), "version": 1, "hidden": False, "deleted_at": None,
            "post_number": 1 + sum(one["topic_id"] == topic for one in self.posts.values()),
            **more,
        }  # fmt: skip
        self.posts[number] = post
        return post

    def row(self, subject: str) -> dict[str, Any]:
        return next(r for r in self.rows if isinstance(r, dict) and str(r.get("id")) == subject)

    def answer(self, request: httpx.Request, path: str) -> Answer:
        routes: tuple[tuple[str, Callable[..., Answer]], ...] = (
            (r"GET /session/current\.json", lambda _: {"current_user": ME}),
            (r"GET /site/settings\.json", lambda _: {"reviewable_claiming": self.claiming}),
            (r"GET /review/count\.json", lambda _: {"count": len(self._pending())}),
            (r"GET /review\.json", self._page),
            (r"GET /review/(\d+)\.json", self._item),
            (r"PUT /review/(\d+)/perform/(\w+)\.json", self._perform),
            (r"(POST|DELETE) /reviewable_claimed_topics(?:/(\d+))?\.json", self._claim),
            (r"GET /notifications\.json", lambda _: {"notifications": self.notifications}),
            (r"GET /topics/private-messages-sent/mod\.json", self._sent),
            (r"GET /t/(\d+)(?:/\d+|/posts)?\.json", self._topic),
            (r"PUT /t/(\d+)/(slow_mode|status)\.json", self._change),
            (r"POST /t/(\d+)/timer\.json", self._timer),
            (r"POST /posts\.json", self._post),
            (r"(GET|DELETE) /posts/(\d+)\.json", self._one),
            (r"PUT /posts/(\d+)/(unhide|recover)\.json", self._bring_back),
            (r"GET /admin/users/(\d+)\.json", lambda _, number: self.users[int(number)]),
            (r"PUT /admin/users/(\d+)/(silence|suspend|unsilence|unsuspend)\.json", self._penalty),
        )
        for pattern, answer in routes:
            if found := re.fullmatch(pattern, f"{request.method} {path}"):
                return answer(request, *found.groups())
        return refused(404)

    # the review queue
    def _pending(self) -> list[Any]:
        return [r for r in self.rows if not (isinstance(r, dict) and r.get("status"))]

    def _page(self, request: httpx.Request) -> Answer:
        rows = self._pending()
        if request.url.params["sort_order"] == "created_at":
            rows = rows[::-1]
        start = int(request.url.params.get("offset", 0))
        part, meta = rows[start : start + PAGE], {"total_rows_reviewables": len(rows)}
        more = {"load_more_reviewables": f"/review?offset={start + PAGE}"}
        body = self._beside([row for row in part if isinstance(row, dict)])
        shown = [self._shown(r) if isinstance(r, dict) and r.get("type") else r for r in part]
        return body | {
            "reviewables": shown, "meta": meta | (more if start + PAGE < len(rows) else {})
        }  # fmt: skip

    def _item(self, request: httpx.Request, subject: str) -> Answer:
        try:
            row = self.row(subject)
        except StopIteration:
            return refused(404)
        return {"reviewable": self._shown(row), **self._beside([row])}

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        held = self.claims.get(row.get("topic_id") or 0)
        bundles = [f"{row['id']}-all"] if self._offered(row) else []
        claim = (
            {"claimed_by_id": held}
            if self.old
            else {"claimed_by": held and {"user": self.users[held]}}
        )
        return {**row, "bundled_action_ids": bundles, **claim}

    def _offered(self, row: dict[str, Any]) -> tuple[str, ...]:
        topic = row.get("topic_id")
        if topic and self.claiming == "required" and self.claims.get(topic) != ME["id"]:
            return ()
        if row["type"] == QUEUED:
            return HELD if not row["status"] else ("approve_post",) * (row["status"] == 2)
        if row["status"]:
            return ()
        post = self.posts.get(row.get("post_id") or 0)
        return HIDDEN if post and post["hidden"] else VISIBLE

    def _beside(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        actions, bundles = [], []
        for row in rows:
            names = self._offered(row) if row.get("type") else ()
            ids = [name if self.old else f"{row['id']}-{name}" for name in names]
            bundles.append({"id": f"{row.get('id')}-all", "action_ids": ids})
            for name, one in zip(names, ids, strict=True):
                more = {} if self.old else {"action_name": name, "server_action": name}
                actions.append(
                    {"id": one, "label": name, "client_action": CLIENT.get(name), **more}
                )
        return {
            "users": list(self.users.values()), "topics": list(self.topics.values()),
            "reviewable_scores": list(self.scores.values()), "bundled_actions": bundles,
            "score_types": [{"id": 8, "title": "It's Spam"}], "actions": actions,
        }  # fmt: skip

    def _perform(self, request: httpx.Request, subject: str, action: str) -> Answer:
        row, form = self.row(subject), dict(httpx.QueryParams(request.content.decode()))
        if "version" not in form:
            return refused(422, "version is missing")
        if action not in self._offered(row):
            return refused(403, f"Can't perform `{action}`")
        if int(form["version"]) != row["version"]:
            return refused(409, "There was an update conflict")
        row |= {"version": row["version"] + 1, "status": AFTER[action.partition("_")[0]]}
        self.claims.pop(row.get("topic_id") or 0, None)
        post = self.posts.get(row.get("post_id") or 0)
        if post and action.startswith("agree_and_hide"):
            post["hidden"] = True
        if post and action.startswith("delete_"):
            post["deleted_at"] = _iso(self.now)
        if post and action == "disagree_and_restore":
            post["hidden"] = False
        return {
            "reviewable_perform_result": {"success": True, "remove_reviewable_ids": [row["id"]]}
        }

    def _claim(self, request: httpx.Request, method: str, number: str | None) -> Answer:
        if method == "DELETE":
            self.claims.pop(int(number or 0), None)
            return {"success": "OK"}
        topic = self.calls[-1].body["reviewable_claimed_topic"]["topic_id"]
        if topic in self.claims:
            return refused(409, "There was an update conflict")
        self.claims[topic] = 1
        return {"success": "OK"}

    # topics and posts
    def _topic(self, request: httpx.Request, number: str) -> Answer:
        if int(number) not in self.topics:
            return refused(404)
        wanted = request.url.params.get_list("post_ids[]")
        own = [p for p in self.posts.values() if p["topic_id"] == int(number)]
        own = [p for p in own if not wanted or str(p["id"]) in wanted]
        shown = own if request.url.params.get("include_raw") else [
            {k: v for k, v in post.items() if k != "raw"} for post in own
        ]  # fmt: skip
        stream = {"posts": shown, "stream": [post["id"] for post in own]}
        return {**self.topics[int(number)], "post_stream": stream}

    def _change(self, request: httpx.Request, number: str, what: str) -> Answer:
        topic, body = self.topics[int(number)], self.calls[-1].body
        if what == "status":
            topic["closed"] = body["enabled"] == "true"
            self.acted(int(number), "closed.enabled" if topic["closed"] else "closed.disabled")
            return {"success": "OK"}
        topic["slow_mode_seconds"] = int(body["seconds"])
        topic["slow_mode_enabled_until"] = body.get("enabled_until")
        return httpx.Response(200)

    def acted(self, topic: int, code: str) -> int:
        """Have the forum write that a moderator did something to a topic; return the post."""
        number = 70_000 + len(self.posts)
        post = {"id": number, "topic_id": topic, "action_code": code, "cooked": "", "raw": ""}
        self.posts[number] = post
        return number

    def _timer(self, request: httpx.Request, number: str) -> Answer:
        self.topics[int(number)] |= {"closed": True, "timer": self.calls[-1].body}
        self.acted(int(number), "closed.enabled")
        return {"success": "OK"}

    def _post(self, request: httpx.Request) -> Answer:
        body = self.calls[-1].body
        topic = body.get("topic_id")
        if topic is None:
            topic = self.topic(900 + len(self.topics), body["title"])["id"]
            self.topics[topic] |= {"private": body, "created_at": _iso(self.now)}
        return self.say(1, body["raw"], topic, staff=True, moderator=True)

    def _sent(self, request: httpx.Request) -> Answer:
        own = [topic for topic in self.topics.values() if "private" in topic]
        return {"topic_list": {"topics": own[::-1]}}

    def _one(self, request: httpx.Request, method: str, number: str) -> Answer:
        post = self.posts.get(int(number))
        if post is None:
            return refused(404)
        if method == "DELETE":
            post["deleted_at"] = _iso(self.now)
            return httpx.Response(200)
        return post

    def _bring_back(self, request: httpx.Request, number: str, what: str) -> Answer:
        self.posts[int(number)] |= {"hidden": False} if what == "unhide" else {"deleted_at": None}
        return httpx.Response(200)

    # people
    def _penalty(self, request: httpx.Request, number: str, verb: str) -> Answer:
        person, body = self.users[int(number)], self.calls[-1].body
        till = "silenced_till" if verb.endswith("silence") else "suspended_till"
        if verb.startswith("un"):
            person[till] = None
            told = {"unsilence": "unsilence", "unsuspend": "suspension"}[verb]
            return {told: {till: None, till.replace("till", "at"): None}}
        if (person.get(till) or "") > _iso(self.now):
            return refused(409, f"They are already {verb}d")
        person[till] = body.get("silenced_till") or body.get("suspend_until")
        if verb == "silence":
            return {"silence": {"silenced": True, till: person[till]}}
        return {"suspension": {"suspend_reason": body["reason"], till: person[till]}}


def refused(status: int, why: str = "The requested URL could not be found.") -> httpx.Response:
    """What a forum answers when it does not do it."""
    return httpx.Response(status, json={"errors": [why], "error_type": "x"})
