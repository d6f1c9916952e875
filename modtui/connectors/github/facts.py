"""Issues and discussions as GitHub writes them, and as threads, posts and flags. Pure.

Source: the REST schema "issue" and the GraphQL objects Discussion, DiscussionComment, IssueComment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from modtui.connectors import Broken
from modtui.connectors.reading import convert_each, iso_moment
from modtui.domain.model import Author, Channel, Flag, Post, Role, Thread
from modtui.domain.text import clean, clean_line, literal

_STAFF = {"OWNER", "MEMBER", "COLLABORATOR"}
_NEW = {"FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR"}
_GHOST = "ghost"


class Who(msgspec.Struct, rename={"kind": "__typename"}):
    """A writer in GraphQL; None where the account is gone."""

    login: str
    kind: str = "User"


class Person(msgspec.Struct):
    """A writer in REST."""

    login: str
    type: str = "User"


class Comment(msgspec.Struct, rename="camel"):
    """A comment, or an answer to one."""

    id: str
    created_at: str
    body: str = ""
    url: str | None = None
    last_edited_at: str | None = None
    is_minimized: bool = False
    author_association: str = "NONE"
    author: Who | None = None
    replies: Replies | None = None


class Replies(msgspec.Struct):
    """The answers to a comment."""

    nodes: list[Any] = []


class Comments(msgspec.Struct, rename="camel"):
    """The last comments of a topic, each as it came."""

    nodes: list[Any] = []
    total_count: int = 0


class Label(msgspec.Struct):
    """A label; REST and GraphQL both name it."""

    name: str
    id: str | int = ""


class Labels(msgspec.Struct):
    """The labels of a topic in GraphQL."""

    nodes: list[Label] = []


class Assignees(msgspec.Struct):
    """Who is assigned to an issue, in GraphQL."""

    nodes: list[Who] = []


class Repository(msgspec.Struct, rename="camel"):
    """Where a topic is."""

    name_with_owner: str = ""


class Lock(msgspec.Struct):
    """That an issue was locked."""

    id: str = ""


class Timeline(msgspec.Struct):
    """The last that happened to an issue, of one kind."""

    nodes: list[Lock] = []


class Topic(msgspec.Struct, rename={
    "kind": "__typename", "created_at": "createdAt", "updated_at": "updatedAt",
    "last_edited_at": "lastEditedAt", "author_association": "authorAssociation",
    "is_answered": "isAnswered", "timeline": "timelineItems",
}):  # fmt: skip
    """An issue or a discussion, as GraphQL writes it."""

    id: str
    number: int
    created_at: str
    updated_at: str
    title: str = ""
    kind: str = "Discussion"
    body: str | None = ""
    url: str | None = None
    last_edited_at: str | None = None
    closed: bool = False
    locked: bool = False
    author_association: str = "NONE"
    author: Who | None = None
    labels: Labels | None = None
    assignees: Assignees | None = None
    is_answered: bool | None = None
    comments: Comments | None = None
    repository: Repository | None = None
    timeline: Timeline | None = None

    @property
    def last_lock(self) -> str:
        """The id of the last lock of an issue, whether it stands or not; "" where none is told."""
        return self.timeline.nodes[-1].id if self.timeline and self.timeline.nodes else ""

    @property
    def is_issue(self) -> bool:
        """Whether it is an issue."""
        return self.kind == "Issue"

    @property
    def total_comments(self) -> int:
        """How many comments it has, whether they are known or not."""
        return self.comments.total_count if self.comments else 0

    def said(self) -> tuple[tuple[Comment, ...], tuple[Broken, ...]]:
        """Return the comments and the answers to them, and what could not be read."""
        comments, bad = _each(self.comments.nodes if self.comments else [])
        found = list(comments)
        for comment in comments:
            answers, broken = _each(comment.replies.nodes if comment.replies else [])
            found += answers
            bad += broken
        return tuple(found), bad


class Issue(msgspec.Struct):
    """An issue, or a pull request, in REST."""

    node_id: str
    number: int
    created_at: str
    updated_at: str
    title: str = ""
    body: str | None = None
    html_url: str | None = None
    state: str = "open"
    locked: bool = False
    comments: int = 0
    author_association: str = "NONE"
    user: Person | None = None
    labels: list[Label | str] = []
    assignees: list[Person] = []
    pull_request: dict[str, Any] | None = None

    def topic(self) -> Topic:
        """Return it as GraphQL would write it, without its comments."""
        named = [one if isinstance(one, Label) else Label(one) for one in self.labels]
        return Topic(
            id=self.node_id,
            number=self.number,
            created_at=self.created_at,
            updated_at=self.updated_at,
            title=self.title,
            kind="Issue",
            body=self.body,
            url=self.html_url,
            closed=self.state != "open",
            locked=self.locked,
            author_association=self.author_association,
            author=Who(self.user.login, self.user.type) if self.user else None,
            labels=Labels(named),
            assignees=Assignees([Who(one.login) for one in self.assignees]),
            comments=Comments(total_count=self.comments),
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a topic waits for an answer: the rule in words, and the post that is to be answered."""

    reason: str
    post: Post


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns what GitHub writes into what the queue holds, for the account `me`."""

    me: str
    staff: frozenset[str]
    labels: tuple[str, ...]
    now: datetime

    def channel(self, repository: str) -> Channel:
        """Return a repository as the channel of its issues and discussions."""
        return Channel(repository, clean_line(repository, limit=100))

    def thread(self, topic: Topic, repository: str) -> Thread:
        """Return an issue or a discussion as a thread."""
        kind = "issue" if topic.is_issue else "discussion"
        title = clean_line(topic.title, limit=120) or literal("[no title]")
        labels = topic.labels.nodes if topic.labels else []
        return Thread(
            subject=topic.id,
            channel=repository,
            title=clean_line(f"#{topic.number} {title}", limit=140),
            author=self._author(topic.author, topic.author_association),
            created_at=self._at(topic.created_at),
            url=topic.url,
            tags=(literal(kind), *(clean_line(label.name, limit=50) for label in labels)),
            locked=topic.locked,
            holder=clean_line(", ".join(f"@{login}" for login in self.others(topic)), limit=60),
        )

    def others(self, topic: Topic) -> tuple[str, ...]:
        """Return who is assigned, none where this account is one of them."""
        logins = [who.login for who in topic.assignees.nodes] if topic.assignees else []
        ours = any(login.casefold() == self.me.casefold() for login in logins)
        return () if ours else tuple(logins)

    def posts(self, topic: Topic) -> tuple[Post, ...]:
        """Return what was said, oldest first; what opened it is its subject."""
        opening = Comment(
            id=topic.id,
            created_at=topic.created_at,
            body=topic.body or "",
            last_edited_at=topic.last_edited_at,
            author_association=topic.author_association,
            author=topic.author,
        )
        said = [self._post(comment, topic) for comment in (opening, *topic.said()[0])]
        return tuple(sorted(said, key=lambda post: post.created_at))

    def rule(self, topic: Topic) -> str | None:
        """Return the rule by which a topic may wait for an answer, in words, or None."""
        if topic.closed or topic.is_answered:
            return None
        if not self.labels:
            return "unanswered"
        found = self.borne(topic)
        return f"label: {clean_line(found[0].name, limit=50)}" if found else None

    def borne(self, topic: Topic) -> tuple[Label, ...]:
        """Return the configured labels that a topic bears, in the order of the configuration."""
        own = {label.name.casefold(): label for label in topic.labels.nodes} if topic.labels else {}
        return tuple(own[name.casefold()] for name in self.labels if name.casefold() in own)

    def waiting(self, topic: Topic, posts: tuple[Post, ...]) -> Waiting | None:
        """Return why it waits for an answer of the staff, or None."""
        reason, asked = self.rule(topic), self._unanswered(posts)
        return Waiting(reason, asked) if reason is not None and asked is not None else None

    def ours(self, posts: tuple[Post, ...]) -> bool:
        """Whether the last word is this account's own."""
        people = [post for post in posts if post.role is not Role.BOT or self._mine(post)]
        return bool(people) and self._mine(people[-1])

    def flag(self, topic: Topic, waiting: Waiting, at: datetime) -> Flag:
        """Return the one flag of a topic: a rule's."""
        return Flag(
            thread=topic.id,
            reason=waiting.reason,
            at=at,
            remote_id=waiting.reason,
            post=waiting.post.remote_id,
            rule=True,
        )

    def _mine(self, post: Post) -> bool:
        return post.author.remote_id.casefold() == self.me.casefold()

    def _unanswered(self, posts: tuple[Post, ...]) -> Post | None:
        """Return the first post of a person after the last one of the staff."""
        asked: Post | None = None
        for post in posts:
            if post.role is Role.STAFF:
                asked = None
            elif post.role is Role.AUTHOR and asked is None and post.deleted_at is None:
                asked = post
        return asked

    def _post(self, comment: Comment, topic: Topic) -> Post:
        words = clean(comment.body)
        text = words.text if words.text.strip() else literal("[no text]")
        edited = comment.last_edited_at
        return Post(
            remote_id=comment.id,
            thread=topic.id,
            author=self._author(comment.author, comment.author_association),
            role=self._role(comment),
            text=text,
            raw=clean(comment.body).raw,
            created_at=self._at(comment.created_at),
            hidden=words.hidden,
            edited_at=self._at(edited) if edited else None,
            # GitHub does not say when it was minimised.
            deleted_at=self._at(comment.created_at) if comment.is_minimized else None,
            is_subject=comment.id == topic.id,
        )

    def _role(self, comment: Comment) -> Role:
        login = comment.author.login if comment.author else _GHOST
        staff = {one.casefold() for one in (*self.staff, self.me)}
        if login.casefold() in staff or comment.author_association in _STAFF:
            return Role.STAFF
        bot = comment.author is not None and comment.author.kind == "Bot"
        return Role.BOT if bot else Role.AUTHOR

    def _author(self, who: Who | None, association: str) -> Author:
        login = who.login if who else _GHOST
        standing = literal("bot") if who and who.kind == "Bot" else literal("")
        if association in _NEW:
            standing = literal("new here")
        elif association in _STAFF:
            standing = literal(association.lower())
        elif association == "CONTRIBUTOR":
            standing = literal("contributor")
        return Author(login, clean_line(f"@{login}", limit=100), standing)

    def _at(self, text: str) -> datetime:
        return iso_moment(text, self.now)


def _each(nodes: list[Any]) -> tuple[tuple[Comment, ...], tuple[Broken, ...]]:
    return convert_each(nodes, Comment, "comments")
