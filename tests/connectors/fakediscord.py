"""A small stand-in for Discord's REST, ours: it answers in the documented shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import unquote

import httpx

from modtui.connectors import Dial, Environment, Retryable, Socket
from modtui.connectors.discord.connector import Discord, create
from modtui.connectors.discord.facts import snowflake_at
from modtui.connectors.discord.joining import FEATURE
from tests.connectors.platform import START, Answer, Platform

GUILD, REPORTS, ALERTS, TALK, STAFF_ROOM, FORUM = "100", "500", "501", "600", "700", "800"
ME, MOD = "1", "2"
MOD_ROLE = "900"
ALL = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 6 | 1 << 10 | 1 << 11 | 1 << 13 | 1 << 16 | 1 << 34
ALL |= 1 << 7 | 1 << 38 | 1 << 40
TYPES = {TALK: 11, FORUM: 15}


def user(number: str, name: str = "", **more: Any) -> dict[str, Any]:
    return {"id": number, "username": name or f"user{number}", "bot": False, **more}


def refused(status: int, code: int, message: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "message": message})


def link(channel: str, message: str, guild: str = GUILD) -> str:
    return f"https://discord.com/channels/{guild}/{channel}/{message}"


async def down(url: str) -> Socket:
    raise Retryable("no gateway here")


@dataclass
class FakeDiscord(Platform):
    """Its gateway is down unless a test gives it a `dial`."""

    url: str = "https://ours.test/api/v10"
    dial: Dial = down
    logs: ClassVar[frozenset[str]] = frozenset({"reasons", "writes"})
    messages: dict[str, list[Any]] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    bans: dict[str, dict[str, Any]] = field(default_factory=dict)
    nonces: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    reactions: set[str] = field(default_factory=set)
    reacted: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    writes: list[tuple[str, str, Any]] = field(default_factory=list)
    permissions: int = ALL
    flags: int | None = 1 << 18
    made: int = 0
    edits: int = 0
    threads: list[Any] = field(default_factory=list)
    archived: list[Any] = field(default_factory=list)
    audit: list[Any] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    asking: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        names = {REPORTS: "reports", ALERTS: "alerts", TALK: "talk", STAFF_ROOM: "staff"}
        for number, name in {**names, FORUM: "forum"}.items():
            place = {"id": number, "name": name, "type": TYPES.get(number, 0), "guild_id": GUILD}
            place["rate_limit_per_user"] = 0
            if place["type"] == 11:
                place["thread_metadata"] = {"archived": False, "locked": False}
            self.channels[number] = place
        self.join(user(ME, "modtui", bot=True), "901")
        self.join(user(MOD, "mod"), MOD_ROLE)

    def join(self, who: dict[str, Any], *roles: str) -> None:
        self.members[who["id"]] = {"user": who, "roles": list(roles)}

    def environment(self, settings: Mapping[str, Any] | None = None) -> Environment:
        own = {"guild": GUILD, "report_channel": REPORTS, "alert_channel": ALERTS}
        made = Platform.environment(self, {**own, **(settings or {})})
        return replace(made, dial=self.dial)

    def connector(self, **settings: Any) -> Discord:
        return create(self.environment(settings))

    # what members do
    def write(self, channel: str, who: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
        """Let somebody write; return the message."""
        self.made += 1
        at = min(START, self.now) - timedelta(minutes=20) + timedelta(seconds=self.made)
        said = {
            "id": str(int(snowflake_at(at)) + self.made),
            "channel_id": channel,
            "author": who,
            "content": text,
            "timestamp": at.isoformat(),
            "edited_timestamp": None,
            "type": 0,
            "attachments": [],
            "embeds": [],
            **more,
        }
        self.messages.setdefault(channel, []).append(said)
        self.members.setdefault(who["id"], {"user": who, "roles": []})
        return said

    def report(self, text: str = "you lot") -> str:
        """Let a new author's message be reported; return its id."""
        number = 2000 + self.made
        said = self.write(TALK, user(str(number), f"{text}{number}"), text)
        reporter = user(str(5000 + number), text)
        self.write(REPORTS, reporter, f"{text} {link(TALK, said['id'])}")
        return str(said["id"])

    def ask(self, text: str = "let me in", **more: Any) -> str:
        """Let somebody ask to join, as they must from now on; return the request's id."""
        self.features = [FEATURE]
        self.made += 1
        number = str(9000 + self.made)
        field_ = {"field_type": "TEXT_INPUT", "label": "Why?", "required": True, "response": text}
        asks = {
            "id": number, "user_id": f"{number}1", "user": user(f"{number}1", f"{text}{number}"),
            "guild_id": GUILD, "created_at": (START - timedelta(minutes=9)).isoformat(),
            "reviewed_at": None, "rejection_reason": None, "application_status": "SUBMITTED",
            "form_responses": [field_], **more,
        }  # fmt: skip
        self.asking.append(asks)
        return number

    def alert(self, text: str, *, flagged: str | None = None) -> dict[str, Any]:
        """Let AutoMod alert the moderators of what somebody wrote."""
        fields = {"rule_name": "Bad words", "channel_id": TALK, "keyword": "spin"}
        if flagged is not None:
            fields["flagged_message_id"] = flagged
        rows = [{"name": name, "value": value} for name, value in fields.items()]
        embed = {"type": "auto_moderation_message", "description": text, "fields": rows}
        return self.write(ALERTS, user("3001"), "", type=24, embeds=[embed])

    # what is asked
    def answer(self, request: httpx.Request, path: str) -> Answer:
        parts = path.removeprefix("/api/v10/").split("/")
        body = _body(request)
        if request.method != "GET":
            self.writes.append((request.method, path.removeprefix("/api/v10"), body))
            self.reasons.append(request.headers.get("X-Audit-Log-Reason", ""))
        match request.method, parts:
            case "GET", ["users", "@me"]:
                return self.members[ME]["user"]
            case "GET", ["applications", "@me"]:
                return {"id": "9", "flags": self.flags}
            case "GET", ["gateway", "bot"]:
                limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
                return {"url": "wss://gateway.discord.gg", "session_start_limit": limit}
            case "POST", ["users", "@me", "channels"]:
                return {"id": str(40_000_000 + int(body["recipient_id"])), "type": 1}
            case _, ["guilds", _, *rest]:
                return self._guild(request, rest, body)
            case _, ["channels", number, *rest]:
                return self._channel(request, number, rest)
        return refused(404, 0, "404: Not Found")

    def _guild(self, request: httpx.Request, rest: list[str], body: Any) -> Answer:
        match request.method, rest:
            case "GET", []:
                everyone = {"id": GUILD, "name": "@everyone", "permissions": str(1 << 10)}
                mods = {"id": MOD_ROLE, "name": "mods", "permissions": str(1 << 13)}
                bots = {"id": "901", "name": "bots", "permissions": str(self.permissions)}
                roles = [everyone, mods, bots]
                more = {"roles": roles, "features": self.features}
                return {"id": GUILD, "name": "Ours", "owner_id": "77", **more}
            case "GET", ["channels"]:
                return [self._place(one) for one in self.channels.values() if not _is_thread(one)]
            case "GET", ["threads", "active"]:
                own = [one for one in self.channels.values() if _is_thread(one)]
                there = {one["id"]: one for one in (*own, *self.threads)}
                return {"threads": [self._place(one) for one in there.values()], "members": []}
            case "GET", ["auto-moderation", "rules"]:
                return [{"id": "55", "name": "Bad words"}]
            case "GET", ["requests"]:
                return self._asking(request)
            case "PATCH", ["requests", number]:
                return self._admit(number, body)
            case _, ["members", number]:
                return self._member(request.method, number, body)
            case _, ["bans", number]:
                return self._ban(request.method, number)
            case "GET", ["audit-logs"]:
                return self._audited(request)
        return refused(404, 0, "404: Not Found")

    def _place(self, place: dict[str, Any]) -> dict[str, Any]:
        """Return a channel as a list has it: with the last that was said there."""
        held = [int(m["id"]) for m in self.messages.get(place["id"], []) if _readable(m)]
        return {**place, "last_message_id": str(max(held)) if held else None}

    def _asking(self, request: httpx.Request) -> Answer:
        params = request.url.params
        rows = [
            one for one in self.asking
            if not isinstance(one, dict) or one.get("application_status") == params["status"]
        ]  # fmt: skip
        total, limit = len(rows), int(params["limit"])
        if before := params.get("before"):
            rows = [one for one in rows if isinstance(one, dict) and _place(one) < int(before)]
        rows.sort(key=lambda one: -_place(one) if isinstance(one, dict) else 0)
        return {"total": total, "guild_join_requests": rows[:limit]}

    def _admit(self, number: str, body: Any) -> Answer:
        for one in self.asking:
            if one["id"] == number and one["application_status"] == "SUBMITTED":
                said = {"rejection_reason": body.get("rejection_reason")}
                one |= {"application_status": body["action"], **said}
                return dict(one)
        return refused(404, 10061, "Unknown Join Request")

    def _member(self, method: str, number: str, body: Any) -> Answer:
        member = self.members.get(number)
        if member is None:
            return refused(404, 10007, "Unknown Member")
        if method == "PATCH":
            member.update(body)
        elif method == "DELETE":
            del self.members[number]
            return httpx.Response(204)
        return member

    def _ban(self, method: str, number: str) -> Answer:
        if method == "PUT":
            self.ban(number, ME, unquote(self.reasons[-1]))
        elif number not in self.bans:
            return refused(404, 10026, "Unknown Ban")
        elif method == "DELETE":
            del self.bans[number]
        else:
            return self.bans[number]
        return httpx.Response(204)

    def ban(self, number: str, by: str, reason: str = "") -> None:
        """Let somebody ban a member."""
        self.bans[number] = {"user": user(number), "reason": reason}
        one = str(int(snowflake_at(self.now)) + len(self.audit))
        self.audit.append({"id": one, "action_type": 22, "user_id": by, "target_id": number})

    def _audited(self, request: httpx.Request) -> Answer:
        """The audit log, the newest first; not for who may not read it."""
        if not self.permissions & 1 << 7:
            return refused(403, 50013, "Missing Permissions")
        params = request.url.params
        rows = [
            one for one in self.audit
            if not isinstance(one, dict) or one["target_id"] == params["target_id"]
        ]  # fmt: skip
        return {"audit_log_entries": rows[::-1], "users": []}

    def _channel(self, request: httpx.Request, number: str, rest: list[str]) -> Answer:
        method, place = request.method, self.channels.get(number)
        if rest[:1] == ["messages"]:
            return self._messages(request, number, rest[1:])
        if rest == ["threads", "archived", "public"]:
            return self._archived(request)
        if place is None:
            return refused(404, 10003, "Unknown Channel")
        if method == "PATCH":
            body = _body(request)
            if "locked" in body:
                self.edits += 1
                since = f"2026-11-28T02:00:{self.edits:02}.000000+00:00"
                told = {k: body[k] for k in ("locked", "archived")}
                place["thread_metadata"] = {**told, "archive_timestamp": since}
            else:
                place.update(body)
        return place

    def _archived(self, request: httpx.Request) -> Answer:
        """The closed posts of the forum, those first that were closed last."""
        params = request.url.params
        rows = [
            one for one in self.archived
            if one["thread_metadata"]["archive_timestamp"] < params.get("before", "~")
        ]  # fmt: skip
        rows.sort(key=lambda one: str(one["thread_metadata"]["archive_timestamp"]), reverse=True)
        limit = int(params["limit"])
        return {"threads": rows[:limit], "members": [], "has_more": len(rows) > limit}

    def _messages(self, request: httpx.Request, channel: str, rest: list[str]) -> Answer:
        held = self.messages.setdefault(channel, [])
        if not rest:
            if request.method == "POST":
                return self._say(channel, _body(request))
            return self._page(request, held)
        found = [m for m in held if isinstance(m, dict) and m.get("id") == rest[0]]
        if not found:
            return refused(404, 10008, "Unknown Message")
        if rest[1:2] == ["reactions"] and request.method == "GET":
            return self._reacted(request, found[0], rest[2])
        if rest[1:2] == ["reactions"]:
            self.reactions.add(rest[0])
            return httpx.Response(204)
        if request.method == "DELETE":
            held.remove(found[0])
            return httpx.Response(204)
        return dict(found[0])

    def react(self, message: dict[str, Any], emoji: str, *who: str) -> None:
        """Let members put an emoji on a message; one of the server's own is "name:id"."""
        self.reacted[message["id"], emoji] = [*who]
        name, _, number = emoji.partition(":")
        one = {"emoji": {"name": name, "id": number or None}, "count": len(who), "me": False}
        message["reactions"] = [*message.get("reactions", []), one]
        for number in who:
            self.members.setdefault(number, {"user": user(number), "roles": []})

    def _reacted(self, request: httpx.Request, message: dict[str, Any], emoji: str) -> Answer:
        params = request.url.params
        who = sorted(self.reacted.get((message["id"], emoji), []), key=int)
        later = [one for one in who if int(one) > int(params.get("after", 0))]
        return [user(one) for one in later[: int(params["limit"])]]

    def _page(self, request: httpx.Request, held: list[Any]) -> Answer:
        params = request.url.params
        limit = int(params["limit"])
        bad = [m for m in held if not _readable(m)]
        good = sorted((m for m in held if m not in bad), key=lambda m: int(m["id"]))
        if "around" in params:
            return list(reversed(good[-limit:]))
        newer = [m for m in good if int(m["id"]) > int(params.get("after", 0))]
        return [*reversed(newer[:limit]), *bad]

    def _say(self, channel: str, body: Any) -> Answer:
        key = (channel, body["nonce"])
        if key not in self.nonces:
            more = {"message_reference": body.get("message_reference")}
            at = self.now.isoformat()
            me = self.members[ME]["user"]
            said = self.write(channel, me, body["content"], timestamp=at, **more)
            said["id"] = str(int(snowflake_at(self.now)) + self.made)
            self.nonces[key] = said
        return self.nonces[key]


def _place(asks: dict[str, Any]) -> int:
    """Where a request stands in the list, also one that does not name itself any more."""
    return int(asks.get("id") or asks["was"])


def _is_thread(place: dict[str, Any]) -> bool:
    return bool(place["type"] in (10, 11, 12))


def _readable(message: Any) -> bool:
    return isinstance(message, dict) and isinstance(message.get("id"), str)


def _body(request: httpx.Request) -> Any:
    import json

    return json.loads(request.content) if request.content else None
