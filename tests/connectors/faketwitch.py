"""A small stand-in for Twitch, ours: Helix, the authorisation server and EventSub's sockets. It
answers in the documented shapes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import httpx

from modtui.connectors import Dial, Environment, Retryable, Socket
from modtui.connectors.twitch.connector import Twitch, create
from tests.connectors.fakegateway import FakeSocket, until
from tests.connectors.platform import START, Answer, Platform

BROADCASTER, ME = "1337", "9001"
SCOPES = (
    "moderator:manage:automod", "moderator:read:suspicious_users",
    "moderator:manage:unban_requests", "user:read:chat", "user:write:chat",
    "moderator:manage:chat_messages", "moderator:manage:chat_settings",
    "moderator:manage:shield_mode", "moderator:manage:warnings", "moderator:manage:banned_users",
)  # fmt: skip
EVENTSUB = "wss://eventsub.wss.twitch.tv/ws"


def refused(status: int, message: str) -> httpx.Response:
    phrase = httpx.Response(status).reason_phrase
    return httpx.Response(status, json={"error": phrase, "status": status, "message": message})


def welcome(session: str, keepalive: int = 15) -> dict[str, Any]:
    told = {"id": session, "status": "connected", "keepalive_timeout_seconds": keepalive,
            "reconnect_url": None, "connected_at": START.isoformat()}  # fmt: skip
    return frame("session_welcome", {"session": told})


def frame(kind: str, payload: Mapping[str, Any], **more: str) -> dict[str, Any]:
    told = {"message_id": f"m-{kind}", "message_type": kind, "message_timestamp": _stamp(START)}
    return {"metadata": {**told, **more}, "payload": dict(payload)}


def keepalive() -> dict[str, Any]:
    return frame("session_keepalive", {})


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "123Z"


async def down(url: str) -> Socket:
    raise Retryable("no EventSub here")


@dataclass
class FakeEventSub:
    """Takes connections and says welcome on each, unless it is `mute`."""

    sockets: list[FakeSocket] = field(default_factory=list)
    keepalive: int = 15
    mute: bool = False

    async def dial(self, url: str) -> Socket:
        socket = FakeSocket(url)
        self.sockets.append(socket)
        if not self.mute:
            socket.say(welcome(f"s{len(self.sockets)}", self.keepalive))
        return socket

    async def socket(self, number: int) -> FakeSocket:
        """Return a connection once it was made."""
        await until(lambda: len(self.sockets) > number)
        return self.sockets[number]


@dataclass
class FakeTwitch(Platform):
    """Its EventSub is down unless a test gives it a `dial`. It is on loopback, as the authorities
    of TLS take long to load."""

    url: str = "http://localhost/helix"
    token_url: str = "http://localhost/oauth2/token"
    dial: Dial = down
    logs: ClassVar[frozenset[str]] = frozenset({"forms", "tokens", "writes", "subscribed"})
    scopes: tuple[str, ...] = SCOPES
    expires_in: int = 14_000
    me: str = ME
    moderates: bool = True
    client_id: str = "cl1ent"
    unbans: list[Any] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    chat: set[str] = field(default_factory=set)
    said: list[dict[str, Any]] = field(default_factory=list)
    writes: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    subscribed: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(
        default_factory=lambda: {"slow_mode": False, "slow_mode_wait_time": None}
    )
    shield: dict[str, Any] = field(
        default_factory=lambda: {"is_active": False, "moderator_id": "", "last_activated_at": ""}
    )
    bans: dict[str, str | None] = field(default_factory=dict)
    banned_by: str = "5"
    warned: list[Any] = field(default_factory=list)
    tokens: int = 0
    forms: list[dict[str, str]] = field(default_factory=list)
    made: int = 0

    def environment(self, settings: Mapping[str, Any] | None = None) -> Environment:
        own = {"broadcaster": "ourchannel", "client_id": "cl1ent", "token_url": self.token_url}
        made = Platform.environment(self, {**own, **(settings or {})})

        async def sleep(seconds: float) -> None:
            # Time goes on once nobody else has anything to do.
            for _ in range(300):
                await asyncio.sleep(0)
            self.now += timedelta(seconds=seconds)

        return replace(made, dial=self.dial, sleep=sleep)

    def connector(self, **settings: Any) -> Twitch:
        return create(self.environment(settings))

    # what happens there
    def number(self) -> int:
        self.made += 1
        return self.made

    def at(self) -> str:
        return _stamp(self.now)

    def ask(self, text: str = "you lot", **more: Any) -> dict[str, Any]:
        """Let somebody new ask to be unbanned; return the request."""
        number = self.number()
        request = {
            "id": f"60-{number}",
            "broadcaster_id": BROADCASTER,
            "broadcaster_login": "ourchannel",
            "broadcaster_name": "OurChannel",
            "moderator_id": None,
            "user_id": str(5000 + number),
            "user_login": f"{text}{number}",
            "user_name": f"{text}{number}",
            "text": text,
            "status": "pending",
            "created_at": _stamp(self.now - timedelta(minutes=20) + timedelta(seconds=number)),
            "resolved_at": None,
            "resolution_text": None,
            **more,
        }
        self.unbans.append(request)
        return request

    def hold(self, text: str = "bad words here", **more: Any) -> dict[str, Any]:
        """Let AutoMod hold a message; return the notification's event."""
        number = self.number()
        event = {
            **_channel(),
            **_user(6000 + number),
            "message_id": f"held-{number}",
            "message": {"text": text, "fragments": [{"type": "text", "text": text}]},
            "reason": "automod",
            "automod": {"category": "swearing", "level": 4,
                        "boundaries": [{"start_pos": 0, "end_pos": 2}]},
            "blocked_term": None,
            "held_at": self.at(),
            **more,
        }  # fmt: skip
        self.held[event["message_id"]] = "pending"
        return event

    def suspect(self, text: str = "hello again", **more: Any) -> dict[str, Any]:
        """Let a watched user write; return the notification's event."""
        message = f"chat-{self.number()}"
        self.chat.add(message)
        return {
            **_channel(),
            **_user(7001),
            "low_trust_status": "active_monitoring",
            "shared_ban_channel_ids": ["100"],
            "types": ["ban_evader"],
            "ban_evasion_evaluation": "likely",
            "message": {"message_id": message, "text": text, "fragments": []},
            **more,
        }

    def told(self, kind: str, event: Any, **more: str) -> dict[str, Any]:
        """Return the notification of an event, each with an id of its own."""
        told = {"message_id": f"n{self.number()}", "message_timestamp": self.at(), **more}
        subscription = {"id": f"sub-{kind}", "type": kind, "version": "1", "status": "enabled"}
        payload = {"subscription": subscription, "event": event}
        return frame("notification", payload, subscription_type=kind, **told)

    # what is asked
    def acts(self, request: httpx.Request, path: str) -> bool:
        apart = ("/oauth2/token", "/eventsub/subscriptions")
        return request.method != "GET" and not path.endswith(apart)

    def answer(self, request: httpx.Request, path: str) -> Answer:
        if path.endswith("/oauth2/validate"):
            return self._validate(request)
        if path.endswith("/oauth2/token"):
            return self._token(request)
        method, params = request.method, dict(request.url.params)
        body = json.loads(request.content) if request.content else None
        path = path.removeprefix("/helix")
        if request.headers.get("Client-Id") != self.client_id:
            return refused(401, "Client ID and OAuth token do not match")
        if method != "GET" and path != "/eventsub/subscriptions":
            self.writes.append((method, path, params, body))
        moderation = path.startswith("/moderation/") or (path, method) == (
            "/chat/settings",
            "PATCH",
        )
        if moderation and not self.moderates:
            return refused(403, "The user in moderator_id is not one of the moderators.")
        return self._helix(method, path, params, body)

    def _validate(self, request: httpx.Request) -> Answer:
        if not request.headers.get("Authorization", "").startswith("OAuth "):
            return refused(401, "missing authorization token")
        return {"client_id": self.client_id, "login": "modtui", "user_id": self.me,
                "scopes": list(self.scopes), "expires_in": self.expires_in}  # fmt: skip

    def _token(self, request: httpx.Request) -> Answer:
        form = dict(httpx.QueryParams(request.content.decode()))
        self.forms.append(form)
        self.tokens += 1
        return {"access_token": f"renewed-token-{self.tokens}", "expires_in": 14_000,
                "refresh_token": form["refresh_token"], "scope": list(self.scopes),
                "token_type": "bearer"}  # fmt: skip

    def _helix(self, method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        match method, path:
            case "GET", "/users":
                known = params.get("login") == "ourchannel" or params.get("id") == BROADCASTER
                row = {"id": BROADCASTER, "login": "ourchannel", "display_name": "OurChannel"}
                return {"data": [row] if known else []}
            case "POST", "/eventsub/subscriptions":
                self.subscribed.append(body)
                return httpx.Response(202, json={"data": [body], "total": 1, "total_cost": 0})
            case _, "/chat/settings":
                if method == "PATCH":
                    self.settings.update({"slow_mode_wait_time": None, **body})
                return {"data": [{"broadcaster_id": BROADCASTER, **self.settings}]}
            case _, "/moderation/shield_mode":
                if method == "PUT":
                    self.shield = {"is_active": body["is_active"], "moderator_id": self.me,
                                   "last_activated_at": self.at()}  # fmt: skip
                return {"data": [self.shield]}
            case _, "/moderation/unban_requests":
                return self._unbans(method, params)
            case "POST", "/moderation/automod/message":
                return self._judge(body)
            case "DELETE", "/moderation/chat":
                if params["message_id"] not in self.chat:
                    return refused(404, "The ID in message_id was not found.")
                self.chat.remove(params["message_id"])
                return httpx.Response(204)
            case "POST", "/chat/messages":
                self.said.append(body)
                name = f"said-{len(self.said)}"
                return {"data": [{"message_id": name, "is_sent": True, "drop_reason": None}]}
            case _, "/moderation/bans":
                return self._ban(method, params, body)
            case "GET", "/moderation/banned":
                if self.me != BROADCASTER:
                    return refused(401, "The ID in broadcaster_id must match the token.")
                user = params["user_id"]
                end = self.bans.get(user) or ""
                known = [{"user_id": user, "expires_at": end, "moderator_id": self.banned_by}]
                return {"data": known if user in self.bans else [], "pagination": {}}
            case "POST", "/moderation/warnings":
                data = {**body["data"], "broadcaster_id": BROADCASTER, "moderator_id": self.me}
                self.warned.append(data)
                return {"data": [data]}
        return refused(404, "no such path")

    def _unbans(self, method: str, params: dict[str, str]) -> Answer:
        if method == "PATCH":
            row = next(r for r in self.unbans if r["id"] == params["unban_request_id"])
            row |= {"status": params["status"], "resolution_text": params.get("resolution_text")}
            return {"data": [row]}
        rows = [r for r in self.unbans if self._wanted(r, params)]
        start, size = int(params.get("after", 0)), int(params["first"])
        assert size == 100
        pages = {"cursor": str(start + size)} if start + size < len(rows) else {}
        return {"data": rows[start : start + size], "pagination": pages}

    def _wanted(self, row: Any, params: dict[str, str]) -> bool:
        if not (isinstance(row, dict) and "status" in row):
            return True
        user = params.get("user_id", row["user_id"])
        return row["status"] == params["status"] and row["user_id"] == user

    def _judge(self, body: dict[str, str]) -> Answer:
        status = self.held.get(body["msg_id"])
        if status is None:
            return refused(404, "The message specified in the msg_id field was not found.")
        if status != "pending":
            return refused(400, "The message was already processed.")
        self.held[body["msg_id"]] = "approved" if body["action"] == "ALLOW" else "denied"
        return httpx.Response(204)

    def _ban(self, method: str, params: dict[str, str], body: Any) -> Answer:
        if method == "DELETE":
            if params["user_id"] not in self.bans:
                return refused(400, "The user specified in the user_id field is not banned.")
            del self.bans[params["user_id"]]
            return httpx.Response(204)
        user, seconds = body["data"]["user_id"], body["data"].get("duration")
        if self.bans.get(user, "") is None:
            return refused(400, "The user specified in the user_id field is already banned.")
        end = _stamp(self.now + timedelta(seconds=seconds)) if seconds else None
        self.bans[user], self.banned_by = end, self.me
        row = {"user_id": user, "end_time": end, "broadcaster_id": BROADCASTER}
        return {"data": [{**row, "moderator_id": self.me, "created_at": self.at()}]}


def _channel() -> dict[str, str]:
    return {"broadcaster_user_id": BROADCASTER, "broadcaster_user_login": "ourchannel",
            "broadcaster_user_name": "OurChannel"}  # fmt: skip


def _user(number: int) -> dict[str, str]:
    return {"user_id": str(number), "user_login": f"user{number}", "user_name": f"User{number}"}


def renewing(**more: Any) -> FakeTwitch:
    """Return one, at addresses of its own, whose account has a refresh token and the application's
    secret; `more` are its other secrets."""
    secrets = {"refresh_token": "refresh-of-ours", "client_secret": "s3cret-of-ours"}
    at = {"url": "https://ours.test/helix", "token_url": "https://id.ours.test/oauth2/token"}
    return FakeTwitch(secrets={**secrets, **more}, **at)
