"""Posts and comments as Reddit writes them, and as threads, posts and flags. Pure.

Source: the things t1 and t3 of Reddit's API as moderators see them. Old items lack fields that
later ones have: everything but the name and the subreddit may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from modtui.connectors.reading import moment, title_of
from modtui.domain.model import Author, Channel, Flag, Post, Role, Thread
from modtui.domain.text import BLANK, Clean, clean, clean_line, literal

DELETED = "[deleted]"
_MODERATOR = "moderator"
_HELD = {
    "automod_filtered": "held by AutoModerator",
    "reddit": "removed by Reddit's filters",
    "anti_evil_ops": "removed by Reddit's staff",
    "community_ops": "removed by Reddit's staff",
    "content_takedown": "taken down on a legal notice",
    "copyright_takedown": "taken down on a legal notice",
}
_GONE = {"deleted": "deleted by its author", "author": "deleted by its author"}


class Item(msgspec.Struct):
    """A post (t3) or a comment (t1). Times are epoch seconds."""

    name: str
    subreddit: str
    author: str | None = None
    title: str | None = None
    selftext: str | None = None
    body: str | None = None
    url: str | None = None
    is_self: bool | None = None
    link_id: str | None = None
    parent_id: str | None = None
    permalink: str | None = None
    created_utc: float | None = None
    edited: float | bool | None = None
    user_reports: list[Any] | None = None
    mod_reports: list[Any] | None = None
    removed: bool | None = None
    spam: bool | None = None
    approved: bool | None = None
    approved_at_utc: float | None = None
    banned_by: str | bool | None = None
    removed_by_category: str | None = None
    ignore_reports: bool | None = None
    locked: bool | None = None
    distinguished: str | None = None

    @property
    def out(self) -> bool:
        """Whether it is removed, by whomever."""
        return bool(self.removed or self.spam or self.banned_by or self.removed_by_category)

    @property
    def removed_by_hand(self) -> bool:
        """Whether a moderator removed it: that is decided."""
        named = self.banned_by if isinstance(self.banned_by, str) else ""
        by_category = self.removed_by_category in {_MODERATOR, *_GONE}
        return by_category or (bool(named) and named != "AutoModerator")

    @property
    def held(self) -> bool:
        """Whether a filter of Reddit's holds it back until a moderator decides."""
        return self.out and not self.removed_by_hand

    @property
    def edited_at(self) -> float:
        """When it was last edited; 0 if never."""
        return 0.0 if isinstance(self.edited, bool) or self.edited is None else self.edited


class Thing(msgspec.Struct):
    """One member of a listing."""

    kind: str
    data: Item


@dataclass(frozen=True, slots=True)
class Report:
    """One row of reports: `key` is its identity within the item."""

    key: str
    reason: str
    count: int = 1
    by: Clean | None = None
    note: Clean = BLANK
    rule: bool = False


def reports(item: Item, sources: frozenset[str]) -> tuple[Report, ...]:
    """Return why the item is listed, by its reports, or else by the sources that list it."""
    rows = {row.key: row for row in (*_by_users(item), *_by_moderators(item))}
    if item.held and sources & {"modqueue", "spam"}:
        why = _HELD.get(item.removed_by_category or "", "held by the spam filter")
        rows["source:filter"] = Report("source:filter", why, rule=True)
    if "edited" in sources:
        key = f"source:edited:{item.edited_at:.0f}"
        rows[key] = Report(key, "edited after it was posted", rule=True)
    if not rows:
        why = "not looked at yet" if "unmoderated" in sources else "in the queue"
        rows["source:listed"] = Report("source:listed", why, rule=True)
    return tuple(rows.values())


def _by_users(item: Item) -> Iterator[Report]:
    """Rows are [reason, count], with a reason or null, and in newer items whether the reporter is
    snoozed and can be."""
    for row in item.user_reports or ():
        cells = row if isinstance(row, list) else [row]
        said = cells[0] if cells and isinstance(cells[0], str) else ""
        reason = str(clean_line(said, limit=200)) or "reported"
        number = cells[1] if len(cells) > 1 else 1
        count = number if isinstance(number, int) and number > 0 else 1
        snoozed = len(cells) > 2 and cells[2] is True
        notes = [f"{count} times"] * (count > 1) + ["reporter snoozed"] * snoozed
        yield Report(f"user:{reason}", reason, count, note=clean_line(", ".join(notes)))


def _by_moderators(item: Item) -> Iterator[Report]:
    for row in item.mod_reports or ():
        cells = row if isinstance(row, list) else [row]
        said = cells[0] if cells and isinstance(cells[0], str) else ""
        reason = str(clean_line(said, limit=200)) or "reported"
        who = str(cells[1]) if len(cells) > 1 and cells[1] else "a moderator"
        name = clean_line(who, limit=60)
        automatic = who == "AutoModerator"
        yield Report(f"mod:{name}:{reason}", reason, by=name, rule=automatic)


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns what Reddit writes into what the queue holds, for one account: `me` is its name."""

    base: str
    me: str
    staff: frozenset[str]
    now: datetime

    def at(self, seconds: float | None) -> datetime:
        """Return a time of Reddit's; what is none is now."""
        return self.now if seconds is None else moment(int(min(seconds, 1e11) * 1000), self.now)

    def channel(self, name: str) -> Channel:
        """Return a subreddit as a channel."""
        return Channel(name, clean_line(f"r/{name}", limit=100))

    def author(self, name: str | None) -> Author:
        """Return who writes. A name is never given to another, and it is what actions name."""
        known = name or DELETED
        standing = literal("account deleted") if known == DELETED else BLANK
        return Author(known, clean_line(known, limit=100), standing)

    def is_staff(self, name: str | None) -> bool:
        """Whether the name is ours or one of the team's."""
        return name is not None and (name.lower() == self.me.lower() or name in self.staff)

    def thread(self, item: Item) -> Thread:
        """Return a post or comment as a thread: it is what is decided on."""
        post = self.post(item, item.name)
        title = clean_line(item.title, limit=300) if item.title else BLANK
        gone = _GONE.get(item.removed_by_category or "")
        return Thread(
            subject=item.name,
            channel=item.subreddit,
            title=title or title_of(post),
            author=post.author,
            created_at=post.created_at,
            url=self._url(item),
            conversation=item.link_id or item.name,
            tags=(literal(gone),) if gone else (),
            held=post.held,
            locked=bool(item.locked),
        )

    def _url(self, item: Item) -> str:
        if item.permalink:
            return f"{self.base}{item.permalink}"
        link = (item.link_id or item.name).partition("_")[2]
        comment = f"/_/{item.name.partition('_')[2]}" if item.link_id else ""
        return f"{self.base}/comments/{link}{comment}/"

    def post(self, item: Item, thread: str) -> Post:
        """Return a post or comment as a post of `thread`."""
        words = item.body if item.body is not None else item.selftext or ""
        link = item.url if item.url and item.is_self is False else ""
        cleaned = clean("\n".join(part for part in (words, link) if part) or item.title or "")
        staff = self.is_staff(item.author) or item.distinguished in {"moderator", "admin"}
        robot = item.author == "AutoModerator"
        return Post(
            remote_id=item.name,
            thread=thread,
            author=self.author(item.author),
            role=Role.BOT if robot else Role.STAFF if staff else Role.AUTHOR,
            text=cleaned.text,
            raw=cleaned.raw,
            created_at=self.at(item.created_utc),
            hidden=cleaned.hidden,
            edited_at=self.at(item.edited_at) if item.edited_at else None,
            held=item.held,
            is_subject=item.name == thread,
        )

    def flag(self, item: Item, report: Report, seen: int) -> Flag:
        """Return a report, first seen at the epoch second `seen`: Reddit tells no time of it."""
        return Flag(
            thread=item.name,
            reason=report.reason,
            at=self.at(seen),
            remote_id=report.key,
            post=item.name,
            by=report.by,
            note=report.note,
            rule=report.rule,
        )


def members(body: Any) -> tuple[list[Any], str | None] | None:
    """Return the raw members of a listing and where the next page starts; None: it is none."""
    data = body.get("data") if isinstance(body, dict) else None
    children = data.get("children") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(children, list):
        return None
    after = data.get("after")
    return children, after if isinstance(after, str) and after else None
