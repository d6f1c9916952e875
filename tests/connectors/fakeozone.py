"""A small stand-in for a moderator's server with an Ozone behind it, ours: it answers in the shapes
of the lexicons."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from modtui.connectors.ozone.connector import Ozone, create
from tests.connectors.platform import SECRET, START, Answer, Platform

ME, COLLEAGUE, LABELER = "did:plc:me", "did:plc:colleague", "did:plc:labeler"
DEFS = "tools.ozone.moderation.defs#"
POST = "app.bsky.feed.post"
Row = dict[str, Any]


def stamp(minutes: float = 0) -> str:
    """Return a server time, `minutes` before the start."""
    return (START - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def refused(status: int, name: str, message: str = "no") -> httpx.Response:
    """Return an XRPC error."""
    return httpx.Response(status, json={"error": name, "message": message})


@dataclass
class FakeOzone(Platform):
    """Set `role`, `with_reports` and `lacking` in a test."""

    secrets: dict[str, str] = field(default_factory=lambda: {"password": SECRET})
    statuses: list[Any] = field(default_factory=list)
    records: dict[str, Row] = field(default_factory=dict)
    events: list[Row] = field(default_factory=list)
    reports: list[Row] = field(default_factory=list)
    posts: list[Row] = field(default_factory=list)
    templates: list[Row] = field(default_factory=list)
    role: str = "tools.ozone.team.defs#roleModerator"
    with_reports: bool = True
    expired: bool = False
    page: int = 100
    ids: int = 0

    def connector(self, **settings: Any) -> Ozone:
        told = {"handle": "me.test", "labeler": LABELER, **settings}
        return create(self.environment(told))

    # what people do
    def report(self, text: str = "you lot", reason: str = "Spam", *, account: bool = False) -> str:
        """Let a new author's post, or their account, be reported; return the subject."""
        self.ids += 1
        did = f"did:plc:author{self.ids}"
        uri = f"at://{did}/{POST}/{self.ids}"
        value = {
            "$type": POST,
            "text": text,
            "createdAt": "1999-01-01T00:00:00Z",
            "langs": ["en"],
            "embed": {
                "$type": "app.bsky.embed.images",
                "images": [
                    {
                        "alt": "",
                        "image": {
                            "$type": "blob",
                            "ref": {"$link": f"blob{self.ids}"},
                            "mimeType": "image/jpeg",
                            "size": 1,
                        },
                    }
                ],
            },
        }
        profile = {"$type": "app.bsky.actor.profile", "displayName": text}
        self.records[uri] = {
            "uri": uri, "cid": f"cid{self.ids}", "value": value, "blobs": [],
            "indexedAt": stamp(20), "moderation": {},
            "repo": {"did": did, "handle": f"{text}{self.ids}", "relatedRecords": [profile],
                     "indexedAt": stamp(60), "moderation": {}},
        }  # fmt: skip
        subject = did if account else uri
        self.statuses.append(
            {"id": self.ids, "subject": self.named(subject), "createdAt": stamp(5),
             "updatedAt": stamp(5), "lastReportedAt": stamp(5), "takendown": False,
             "reviewState": f"{DEFS}reviewOpen", "subjectRepoHandle": f"{text}{self.ids}",
             "tags": [text]}
        )  # fmt: skip
        self.flag(subject, text, reason)
        return subject

    def flag(self, subject: str, text: str = "rude", reason: str = "Spam") -> str:
        """Let somebody report it once more; return the event's id."""
        kind = f"com.atproto.moderation.defs#reason{reason}"
        event = {"$type": f"{DEFS}modEventReport", "reportType": kind, "comment": text}
        row = self.happen(subject, event, "did:plc:reader", creatorHandle=text)
        self.reports.append(
            {"id": 9000 + row["id"], "eventId": row["id"], "status": "open", "reportType": kind,
             "subject": {"type": "record", "subject": subject}, "createdAt": stamp(1)}
        )  # fmt: skip
        return str(row["id"])

    def named(self, subject: str) -> Row:
        if subject.startswith("did:"):
            return {"$type": "com.atproto.admin.defs#repoRef", "did": subject}
        cid = self.records[subject]["cid"] if subject in self.records else "cid"
        return {"$type": "com.atproto.repo.strongRef", "uri": subject, "cid": cid}

    def happen(self, subject: str, event: Row, who: str, **more: Any) -> Row:
        """Let an event happen to a subject."""
        row = {
            "id": len(self.events) + 1, "event": event, "subject": self.named(subject),
            "subjectBlobCids": [], "createdBy": who, "createdAt": stamp(5), "name": subject, **more,
        }  # fmt: skip
        self.events.append(row)
        return row

    def status(self, subject: str) -> Row | None:
        for row in self.statuses:
            if isinstance(row, dict) and "subject" in row and _name(row["subject"]) == subject:
                return row
        return None

    def close(self, subject: str, **more: Any) -> None:
        """Let a subject be closed."""
        row = self.status(subject)
        assert row is not None
        row |= {"reviewState": f"{DEFS}reviewClosed", "updatedAt": stamp(), **more}

    def seize(self, subject: str) -> None:
        """Let a colleague be assigned to the reports on a subject."""
        for report in self.reports:
            if report["subject"]["subject"] == subject:
                self._assign(report, COLLEAGUE)

    def route(self, subject: str, queue: str) -> None:
        """Let Ozone's router put the reports on a subject into a queue."""
        for report in self.reports:
            if report["subject"]["subject"] == subject:
                report |= {"queue": {"id": 1, "name": queue}, "status": "queued"}

    def note(self, subject: str, text: str, who: str = COLLEAGUE) -> None:
        """Let somebody comment on a subject, now."""
        event = {"$type": f"{DEFS}modEventComment", "comment": text}
        at = self.now.isoformat().replace("+00:00", "Z")
        self.happen(subject, event, who, createdAt=at, creatorHandle=who.rpartition(":")[2])

    def _assign(self, report: Row, did: str) -> None:
        profile = {"did": did, "handle": did.removeprefix("did:plc:")}
        member = {"did": did, "role": "x#roleModerator", "profile": profile}
        report["assignment"] = {"did": did, "moderator": member, "assignedAt": stamp()}
        report["status"] = "assigned"

    # what it answers
    def acts(self, request: httpx.Request, path: str) -> bool:
        return request.method != "GET" and "com.atproto.server." not in path

    def answer(self, request: httpx.Request, path: str) -> Answer:
        method = path.rpartition("/")[2]
        short = method.removeprefix("tools.ozone.").replace(".", "_")
        if method.startswith("com.atproto.server."):
            return self._session(request, method.rpartition(".")[2])
        if self.expired:
            return refused(400, "ExpiredToken")
        if method.startswith("tools.ozone."):
            if request.headers.get("atproto-proxy") != f"{LABELER}#atproto_labeler":
                return refused(501, "MethodNotImplemented")
            if ".report." in method and not self.with_reports:
                return refused(501, "MethodNotImplemented")
        else:
            short = method.rpartition(".")[2]
        found: Callable[[httpx.Request], Answer] | None = getattr(self, f"_{short}", None)
        return found(request) if found else refused(501, "MethodNotImplemented")

    def _session(self, request: httpx.Request, name: str) -> Answer:
        if name == "createSession" and json.loads(request.content)["password"] != SECRET:
            return refused(401, "AuthenticationRequired", "Invalid identifier or password")
        self.expired = False
        tokens = {
            "accessJwt": f"acc.ess.{len(self.calls)}",
            "refreshJwt": f"re.fresh.{len(self.calls)}",
        }
        return {"did": ME, "handle": "me.test", **tokens}

    def _paged(self, rows: list[Any], name: str, request: httpx.Request) -> Answer:
        told = request.url.params.get("cursor", "0")
        if not (told.isascii() and told.isdecimal() and len(told) < 9):
            return refused(400, "InvalidRequest", "Malformed cursor")
        start = int(told)
        limit = min(self.page, int(request.url.params.get("limit", 50)))
        part = rows[start : start + limit]
        more = {"cursor": str(start + limit)} if part else {}
        return {name: part, **more}

    def _moderation_queryStatuses(self, request: httpx.Request) -> Answer:
        params = request.url.params
        rows = [
            row for row in reversed(self.statuses)
            if not (isinstance(row, dict) and "reviewState" in row)
            or (params.get("reviewState") in (None, row["reviewState"])
                and params.get("subject") in (None, _name(row["subject"])))
        ]  # fmt: skip
        if params.get("reviewState") == f"{DEFS}reviewEscalated":
            rows = [row for row in rows if isinstance(row, dict) and "reviewState" in row]
        return self._paged(rows, "subjectStatuses", request)

    def _moderation_queryEvents(self, request: httpx.Request) -> Answer:
        params, types = request.url.params, request.url.params.get_list("types")
        since = params.get("createdAfter", "")
        rows = [
            row for row in reversed(self.events)
            if params.get("subject") in (None, row["name"]) and row["event"]["$type"] in types
            and row["createdAt"] >= since
        ]  # fmt: skip
        if params.get("sortDirection") == "asc":
            rows.reverse()
        return self._paged(rows, "events", request)

    def _moderation_getRecords(self, request: httpx.Request) -> Answer:
        gone = f"{DEFS}recordViewNotFound"
        uris = request.url.params.get_list("uris")
        return {"records": [self.records.get(u, {"$type": gone, "uri": u}) for u in uris]}

    def _moderation_getRecord(self, request: httpx.Request) -> Answer:
        found = self.records.get(request.url.params["uri"])
        return found or refused(400, "RecordNotFound")

    def _moderation_getRepo(self, request: httpx.Request) -> Answer:
        did = request.url.params["did"]
        found = [r["repo"] for r in self.records.values() if r["repo"]["did"] == did]
        return found[0] if found else refused(400, "RepoNotFound")

    def _moderation_emitEvent(self, request: httpx.Request) -> Answer:
        told = json.loads(request.content)
        event, name = told["event"], _name(told["subject"])
        kind = event["$type"].removeprefix(f"{DEFS}modEvent")
        twice = [
            row for row in self.events
            if (row.get("key"), row["event"]["$type"], row["name"])
            == (told["externalId"], event["$type"], name)
        ]  # fmt: skip
        if twice:
            return refused(400, "DuplicateExternalId")
        status = self._status(name)
        if kind == "Takedown" and status.get("takendown"):
            return refused(400, "SubjectHasAction", "Subject is already taken down")
        if kind == "ReverseTakedown" and not status.get("takendown"):
            return refused(400, "InvalidRequest", "Subject is not taken down")
        for report in self.reports:
            if report["id"] in told.get("reportAction", {}).get("ids", ()):
                report["status"] = "closed"
        if kind == "PriorityScore":
            status |= {"priorityScore": event["score"], "updatedAt": stamp(-1)}
        if kind == "Tag":
            kept = [tag for tag in status.get("tags", ()) if tag not in event["remove"]]
            status["tags"] = [*kept, *(tag for tag in event["add"] if tag not in kept)]
        states = {"Acknowledge": "Closed", "Takedown": "Closed", "Escalate": "Escalated"}
        if kind in states:
            status |= {"reviewState": f"{DEFS}review{states[kind]}", "updatedAt": stamp()}
        if kind in ("Takedown", "ReverseTakedown"):
            status["takendown"] = kind == "Takedown"
        return self.happen(name, event, ME, key=told["externalId"])

    def _status(self, name: str) -> Row:
        """Return how a subject stands; an account that nobody reported has no row yet."""
        row = self.status(name)
        if row is None:
            row = {"id": len(self.statuses) + 1, "subject": self.named(name), "takendown": False,
                   "reviewState": f"{DEFS}reviewNone", "createdAt": stamp(), "updatedAt": stamp(),
                   "subjectRepoHandle": "x"}  # fmt: skip
            self.statuses.append(row)
        return row

    def _moderation_getEvent(self, request: httpx.Request) -> Answer:
        number = int(request.url.params["id"])
        found = [row for row in self.events if row["id"] == number]
        return found[0] if found else refused(400, "InvalidRequest", "no event")

    def _report_queryReports(self, request: httpx.Request) -> Answer:
        params = request.url.params
        rows = [
            row for row in self.reports
            if row["status"] == params["status"]
            and params.get("subject") in (None, row["subject"]["subject"])
        ]  # fmt: skip
        return self._paged(rows, "reports", request)

    def _report_assignModerator(self, request: httpx.Request) -> Answer:
        report = self._report_of(request)
        if report.get("assignment", {}).get("did", ME) != ME:
            return refused(400, "AlreadyAssigned")
        self._assign(report, ME)
        return {"id": 1, "did": ME, "reportId": report["id"], "startAt": stamp()}

    def _report_unassignModerator(self, request: httpx.Request) -> Answer:
        report = self._report_of(request)
        report.pop("assignment", None)
        report["status"] = "open"
        return {"id": 1, "did": ME, "reportId": report["id"], "startAt": stamp()}

    def _report_of(self, request: httpx.Request) -> Row:
        number = json.loads(request.content)["reportId"]
        return next(row for row in self.reports if row["id"] == number)

    def _server_getConfig(self, request: httpx.Request) -> Answer:
        return {"viewer": {"role": self.role} if self.role else {}}

    def _communication_listTemplates(self, request: httpx.Request) -> Answer:
        return {"communicationTemplates": self.templates}

    def _getPostThread(self, request: httpx.Request) -> Answer:
        record = self.records.get(request.url.params["uri"])
        if record is None:
            return refused(400, "NotFound")
        view = {
            "uri": record["uri"], "cid": record["cid"], "indexedAt": record["indexedAt"],
            "author": record["repo"], "record": record["value"],
        }  # fmt: skip
        reply = {**view, "uri": f"{record['uri']}-answer", "indexedAt": stamp(2)}
        return {"thread": {"post": view, "replies": [{"post": reply}]}}

    def _createRecord(self, request: httpx.Request) -> Answer:
        told = json.loads(request.content)
        row = {"uri": f"at://{ME}/{POST}/r{len(self.posts)}", "cid": "c", "value": told["record"]}
        self.posts.insert(0, row)
        return row

    def _listRecords(self, request: httpx.Request) -> Answer:
        return {"records": self.posts[:100]}


def _name(subject: Any) -> str:
    return str(subject.get("did") or subject.get("uri")) if isinstance(subject, dict) else ""
