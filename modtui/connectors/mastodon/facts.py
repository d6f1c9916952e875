"""Reports, accounts and statuses as Mastodon writes them, and as threads, posts and flags. Pure.

Source: the entities Admin::Report, Admin::Account, Account and Status of the Mastodon API 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from modtui.connectors.reading import iso_moment, plain_text, title_of
from modtui.domain.model import Author, Channel, Flag, Post, Role, Severity, Thread
from modtui.domain.text import BLANK, Clean, clean, clean_line, literal

_NEW_DAYS = 7
_REASONS = {"spam": "spam", "legal": "illegal content", "other": "reported"}


class Account(msgspec.Struct):
    """Who writes."""

    id: str
    acct: str
    created_at: str | None = None
    bot: bool = False


class AdminAccount(msgspec.Struct):
    """An account as staff see it. `domain` is None for one of our own server."""

    id: str
    account: Account
    domain: str | None = None
    locale: str | None = None
    silenced: bool = False
    suspended: bool = False
    sensitized: bool = False
    disabled: bool = False


class Media(msgspec.Struct):
    """A picture, a video or a sound in a status."""

    type: str = "file"
    description: str | None = None
    url: str | None = None
    meta: dict[str, Any] | None = None


class Status(msgspec.Struct):
    """A post. `content` is HTML."""

    id: str
    account: Account
    content: str = ""
    created_at: str | None = None
    edited_at: str | None = None
    spoiler_text: str = ""
    visibility: str = "public"
    language: str | None = None
    media_attachments: list[Media] = []


class Rule(msgspec.Struct):
    """A rule of the server that a report names."""

    id: str
    text: str = ""


class Report(msgspec.Struct):
    """One report. `account` reported it, `target_account` is reported."""

    id: str
    target_account: AdminAccount
    account: AdminAccount | None = None
    assigned_account: AdminAccount | None = None
    category: str = "other"
    comment: str = ""
    created_at: str | None = None
    updated_at: str | None = None
    action_taken: bool = False
    statuses: list[Status] = []
    rules: list[Rule] = []

    @property
    def mark(self) -> str:
        """What tells that it changed, or that somebody else has it now."""
        given = self.assigned_account
        return f"{self.updated_at or ''} {given.id if given else ''}".strip()


def holder_of(report: Report, me: str) -> Clean:
    """Return who else has taken a report; nothing where nobody has, or `me`."""
    given = report.assigned_account
    if given is None or given.id == me:
        return BLANK
    return clean_line(f"@{given.account.acct}", limit=100)


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns what Mastodon writes into what the queue holds, for one account: `me` is its id."""

    base: str
    host: str
    me: str
    staff: frozenset[str]
    now: datetime

    def thread(self, report: Report) -> Thread:
        """Return a report as a thread: it is what is decided on."""
        target, posts = report.target_account, self.posts(report)
        title = title_of(posts[0]) if posts else clean_line(f"report on @{target.account.acct}")
        created = posts[0].created_at if posts else self._at(report.created_at)
        return Thread(
            subject=report.id,
            channel=self.channel(report).remote_id,
            title=title,
            author=self.author(target.account),
            created_at=created,
            url=f"{self.base}/admin/reports/{report.id}",
            conversation=f"account:{target.id}",
            language=next((s.language for s in report.statuses if s.language), target.locale),
            severity=Severity.HIGH if report.category == "legal" else Severity.NORMAL,
            holder=holder_of(report, self.me),
        )

    def channel(self, report: Report) -> Channel:
        """Return the server that the reported account is on: there is no other place here."""
        name = report.target_account.domain or self.host
        return Channel(name, clean_line(name, limit=100))

    def posts(self, report: Report) -> tuple[Post, ...]:
        """Return the statuses that were reported, oldest first."""
        posts = [self.post(status, report.id, reported=True) for status in report.statuses]
        return tuple(sorted(posts, key=lambda post: post.created_at))

    def flag(self, report: Report) -> Flag:
        """Return the report as the one flag of its thread."""
        said = clean_line(report.comment)
        broken = clean_line(report.rules[0].text, limit=60) if report.rules else ""
        by = report.account
        return Flag(
            thread=report.id,
            reason=str(broken or _REASONS.get(report.category, "reported")),
            at=self._at(report.created_at),
            remote_id=report.id,
            post=report.statuses[0].id if len(report.statuses) == 1 else None,
            by=self.author(by.account).name if by is not None else None,
            note=said,
        )

    def author(self, account: Account) -> Author:
        """Return who writes, by the name that is unique, and whether they are new."""
        age = self.now - self._at(account.created_at) if account.created_at else None
        standing = literal("bot") if account.bot else literal("")
        if age is not None and age.days < _NEW_DAYS and not account.bot:
            standing = literal("new here")
        return Author(account.id, clean_line(f"@{account.acct}", limit=100), standing)

    def post(self, status: Status, thread: str, *, reported: bool = False) -> Post:
        """Return a status as a post of `thread`."""
        words = plain_text(status.content)
        if status.spoiler_text.strip():
            words = f"[{status.spoiler_text.strip()}]\n{words}"
        cleaned = clean(words)
        staff = status.account.id == self.me or status.account.id in self.staff
        role = Role.STAFF if staff else Role.BOT if status.account.bot else Role.AUTHOR
        addresses = [media.url for media in status.media_attachments if media.url]
        return Post(
            remote_id=status.id,
            thread=thread,
            author=self.author(status.account),
            role=role,
            text=cleaned.text,
            raw=clean("\n".join((status.content, *addresses))).raw,
            created_at=self._at(status.created_at),
            hidden=cleaned.hidden,
            edited_at=self._at(status.edited_at) if status.edited_at else None,
            media=tuple(_media(one) for one in status.media_attachments),
            is_subject=reported,
        )

    def of(self, thread: str, post: Post) -> Post:
        """Return `post` as one of `thread`."""
        return replace(post, thread=thread)

    def _at(self, text: str | None) -> datetime:
        return iso_moment(text, self.now)


def _media(media: Media) -> Clean:
    original = (media.meta or {}).get("original")
    size = original if isinstance(original, dict) else {}
    width, height = size.get("width"), size.get("height")
    sized = f" {width}×{height}" if isinstance(width, int) and isinstance(height, int) else ""
    said = f": {media.description}" if media.description else ""
    return clean_line(f"{media.type}{sized}{said}", limit=200)
