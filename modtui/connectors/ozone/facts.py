"""What Ozone writes about subjects, and as threads, posts, flags and channels. Pure.

Source: the lexicons tools.ozone.moderation.defs, tools.ozone.report.defs, app.bsky.feed.defs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeGuard

import msgspec

from modtui.connectors.reading import iso_moment, title_of
from modtui.domain.model import Author, Channel, Flag, Post, Remark, Role, Severity, Thread
from modtui.domain.text import Clean, clean, clean_line, literal

DEFS = "tools.ozone.moderation.defs#"
REPO = "com.atproto.admin.defs#repoRef"
RECORD = "com.atproto.repo.strongRef"
POST = "app.bsky.feed.post"
OPEN, ESCALATED = f"{DEFS}reviewOpen", f"{DEFS}reviewEscalated"
_PROFILE = "app.bsky.actor.profile"
_PLACES = {
    POST: "posts", _PROFILE: "profiles", "app.bsky.graph.list": "lists",
    "app.bsky.feed.generator": "feeds", "app.bsky.graph.starterpack": "starter packs",
}  # fmt: skip
_REASONS = (
    ("SelfHarm", "self-harm"), ("ViolenceThreats", "threat"), ("HarassmentDoxxing", "doxxing"),
    ("ChildSafety", "minors"),
)  # fmt: skip
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Subject(msgspec.Struct):
    """What is reported: an account, or a record. `blobs`: the CIDs of its files, where an event is
    about these alone."""

    kind: str = msgspec.field(name="$type")
    did: str = ""
    uri: str = ""
    cid: str = ""
    blobs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in (REPO, RECORD):
            raise ValueError(f"a subject that modtui does not know: {self.kind}")
        name = self.name
        if not (name.startswith(("did:", "at://")) and name.isprintable()):
            raise ValueError("a subject without a name")

    @property
    def name(self) -> str:
        """Its DID, or its at-uri."""
        return self.did if self.kind == REPO else self.uri

    def told(self) -> dict[str, str]:
        """Return it as an event names it."""
        if self.kind == REPO:
            return {"$type": REPO, "did": self.did}
        return {"$type": RECORD, "uri": self.uri, "cid": self.cid}


class Status(msgspec.Struct, rename="camel"):
    """How a subject stands."""

    subject: Subject
    review_state: str
    updated_at: str = ""
    last_reported_at: str | None = None
    subject_repo_handle: str | None = None
    tags: list[str] | None = None
    takendown: bool | None = None
    appealed: bool | None = None
    priority_score: int | None = None
    mute_until: str | None = None
    mute_reporting_until: str | None = None

    @property
    def mark(self) -> str:
        """What is another after each change."""
        return f"{self.review_state} {self.updated_at} {self.last_reported_at or ''}"


class Deed(msgspec.Struct, rename={"kind": "$type", "report_type": "reportType"}):
    """What an event is."""

    kind: str
    comment: str | None = None
    report_type: str | None = None
    content: str | None = None


class Event(msgspec.Struct, rename="camel", kw_only=True):
    """Something that happened to a subject."""

    id: int
    event: Deed
    created_at: str
    created_by: str
    creator_handle: str | None = None


class Reported(msgspec.Struct, rename="camel"):
    """Whose an event is."""

    created_by: str


class Repo(msgspec.Struct, rename="camel"):
    """An account."""

    did: str
    handle: str = ""
    related_records: list[Any] = []
    indexed_at: str = ""


class Record(msgspec.Struct, rename="camel"):
    """A record, such as a post."""

    uri: str
    cid: str
    value: dict[str, Any]
    repo: Repo
    indexed_at: str = ""


class _Profile(msgspec.Struct):
    handle: str = ""


class _Member(msgspec.Struct):
    profile: _Profile | None = None


class Assignment(msgspec.Struct):
    """Who works on a report."""

    did: str
    moderator: _Member | None = None


class _About(msgspec.Struct):
    subject: str


class _Queue(msgspec.Struct):
    name: str = ""


class Report(msgspec.Struct, rename="camel"):
    """A report, which Ozone makes of a report event a little later."""

    id: int
    event_id: int
    status: str
    subject: _About
    assignment: Assignment | None = None
    queue: _Queue | None = None


class Comment(Event):
    """An event that says on which subject it is."""

    subject: Subject


def is_uri(told: object) -> TypeGuard[str]:
    """Whether a server told the address of a record."""
    return isinstance(told, str) and told.startswith("at://") and told.isprintable()


def owner(subject: str) -> str:
    """Return the DID of the account that a subject is, or belongs to."""
    return subject.removeprefix("at://").partition("/")[0]


def collection(subject: str) -> str:
    """Return the kind of record that a subject is; "account" for one."""
    parts = subject.removeprefix("at://").split("/")
    return parts[1] if subject.startswith("at://") and len(parts) > 2 else "account"


def page_of(subject: str) -> str:
    """Return the address of a subject on the web."""
    base = f"https://bsky.app/profile/{owner(subject)}"
    post = collection(subject) == POST
    return f"{base}/post/{subject.rpartition('/')[2]}" if post else base


def reason(report_type: str | None) -> str:
    """Return the reason of a report in words: com.atproto.moderation.defs#reasonSpam is spam."""
    name = (report_type or "").rpartition("#")[2].removeprefix("reason")
    for start, word in _REASONS:
        if name.startswith(start):
            return word
    return str(clean_line(_HUMP.sub(" ", name).lower(), limit=60)) or "reported"


class Work(NamedTuple):
    """What Ozone knows of the reports on a subject: who else works on them, in which queue."""

    holder: str = ""
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns what Ozone writes into what the queue holds, for the account `me`."""

    me: str
    staff: frozenset[str]
    now: datetime

    def channel(self, subject: str) -> Channel:
        """Return what kind of thing is reported."""
        kind = collection(subject)
        return Channel(
            kind, clean_line(_PLACES.get(kind, f"{kind}s" if kind == "account" else kind))
        )

    def thread(self, status: Status, post: Post, value: Mapping[str, Any], work: Work) -> Thread:
        """Return a subject as a thread; `value` is its record, empty for an account."""
        name = status.subject.name
        queue = (f"queue: {work.queue}",) if work.queue else ()
        escalated = ("escalated in Ozone",) if status.review_state == ESCALATED else ()
        grave = status.review_state == ESCALATED or bool(status.appealed)
        score = status.priority_score
        priority = (f"priority: {score}",) if score else ()
        return Thread(
            subject=name,
            channel=collection(name),
            title=title_of(post),
            author=post.author,
            created_at=post.created_at,
            url=page_of(name),
            conversation=_root(value),
            language=_language(value),
            severity=Severity.HIGH if grave else Severity.NORMAL,
            tags=tuple(
                clean_line(t, limit=60)
                for t in (*escalated, *queue, *priority, *(status.tags or ()))
                if t
            ),
            holder=clean_line(work.holder, limit=60),
        )

    def remark(self, comment: Comment) -> Remark:
        """Return a comment of a moderator as a note."""
        handle = comment.creator_handle
        by = clean_line(f"@{handle}" if handle else comment.created_by, limit=60)
        said = clean(comment.event.comment or "").text
        name, number = comment.subject.name, str(comment.id)
        return Remark(name, number, by, said, self._at(comment.created_at))

    def flags(self, status: Status, reports: tuple[Event, ...]) -> tuple[Flag, ...]:
        """Return the reports that are open; a subject without any bears a flag of its own."""
        name = status.subject.name
        if not reports:
            at = self._at(status.last_reported_at or status.updated_at)
            return (Flag(name, "needs review", at, "review", name, rule=True),)
        return tuple(
            Flag(
                thread=name,
                reason=reason(each.event.report_type),
                at=self._at(each.created_at),
                remote_id=str(each.id),
                post=name,
                by=clean_line(
                    f"@{each.creator_handle}" if each.creator_handle else each.created_by
                ),
                note=clean_line(each.event.comment or ""),
            )
            for each in reports
        )

    def record(self, record: Record, thread: str) -> Post:
        """Return a record as a post of `thread`."""
        author = self.author(record.repo.did, record.repo.handle)
        return self._post(record.uri, thread, author, record.value, record.indexed_at)

    def account(self, repo: Repo, value: Mapping[str, Any]) -> Post:
        """Return an account as what it says of itself."""
        author = self.author(repo.did, repo.handle)
        return self._post(repo.did, repo.did, author, value, repo.indexed_at)

    def gone(self, status: Status) -> Post:
        """Return what stands for a subject that cannot be read any more."""
        name, did = status.subject.name, owner(status.subject.name)
        words = literal("[it is gone, or cannot be read]")
        at = self._at(status.last_reported_at or status.updated_at)
        author = self.author(did, status.subject_repo_handle or "")
        return Post(name, name, author, self._role(did), words, "", at, is_subject=True)

    def view(self, view: Mapping[str, Any], thread: str) -> Post | None:
        """Return a post as the app shows it (defs#postView); None for what is none."""
        author, value = view.get("author"), view.get("record")
        uri = view.get("uri")
        if not (isinstance(author, dict) and isinstance(value, dict) and is_uri(uri)):
            return None
        who = self.author(str(author.get("did")), str(author.get("handle") or ""))
        return self._post(uri, thread, who, value, str(view.get("indexedAt") or ""))

    def author(self, did: str, handle: str) -> Author:
        """Return who writes."""
        return Author(did, clean_line(f"@{handle}" if handle else did, limit=100))

    def _post(
        self, uri: str, thread: str, author: Author, value: Mapping[str, Any], indexed_at: str
    ) -> Post:
        said = clean(_words(value))
        return Post(
            remote_id=uri,
            thread=thread,
            author=author,
            role=self._role(author.remote_id),
            text=said.text,
            raw=said.raw,
            # A writer may date a record as they like; the server says when it came.
            created_at=self._at(indexed_at or value.get("createdAt")),
            hidden=said.hidden,
            media=_pictures(value),
            is_subject=uri == thread,
        )

    def _role(self, did: str) -> Role:
        return Role.STAFF if did == self.me or did in self.staff else Role.AUTHOR

    def _at(self, text: object) -> datetime:
        return iso_moment(text, self.now)


def _words(value: Mapping[str, Any]) -> str:
    """Return what a record says, in any of the fields in which people write."""
    names = ("displayName", "name", "text", "description")
    said = [value[name] for name in names if isinstance(value.get(name), str)]
    link = _dig(value, "embed", "external", "uri")
    if isinstance(link, str) and not any(link in each for each in said):
        said.append(link)
    return "\n".join(each for each in said if each)


def _pictures(value: Mapping[str, Any]) -> tuple[Clean, ...]:
    images = _dig(value, "embed", "images")
    listed = images if isinstance(images, list) else []
    alts = [one.get("alt") for one in listed if isinstance(one, dict)]
    return tuple(
        clean_line(f"[image {alt}]" if isinstance(alt, str) and alt else "[image]", limit=200)
        for alt in alts
    )


def _root(value: Mapping[str, Any]) -> str | None:
    root = _dig(value, "reply", "root", "uri")
    return root if isinstance(root, str) else None


def _language(value: Mapping[str, Any]) -> str | None:
    langs = value.get("langs")
    first = langs[0] if isinstance(langs, list) and langs else None
    return first.partition("-")[0].lower()[:3] if isinstance(first, str) and first else None


def _dig(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
