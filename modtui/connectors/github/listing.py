"""Reading what changed in a repository: its issues by REST, its discussions by GraphQL.

Lists come with the last changed one first. A whole read lists what is open; in between only what
changed since the newest one known is listed, closed ones too, so that closings are told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any

import msgspec

from modtui.connectors import Broken, Rejected
from modtui.connectors.github.api import Api
from modtui.connectors.github.facts import Comments, Issue, Topic
from modtui.connectors.github.limiting import repo_path
from modtui.connectors.github.queries import COMMENTS, DISCUSSIONS
from modtui.connectors.reading import broken, convert_each, links, named_in

_PAGE = 100
_SKEW = timedelta(minutes=10)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_SOME = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """What was listed. `newest` is when the last changed one was; `pages` how many there were."""

    topics: tuple[Topic, ...] = ()
    broken: tuple[Broken, ...] = ()
    newest: str | None = None
    pages: int = 1


def stamp(at: datetime) -> str:
    """Return a time as GitHub writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Lister:
    """Lists for one run of the updates; keeps the ETags of its questions."""

    def __init__(self, api: Api, now: Callable[[], datetime]) -> None:
        self._api = api
        self._now = now
        self._etags: dict[str, tuple[dict[str, str | int], str | None]] = {}

    # issues
    async def issues(self, repository: str, since: str | None) -> Listing:
        """Return the issues that changed since `since`, or all that are open; what did not change
        since the same question was asked costs one request that is free of the rate limit."""
        params: dict[str, str | int] = {"sort": "updated", "direction": "desc", "per_page": _PAGE}
        params |= {"state": "open"} if since is None else {"state": "all", "since": since}
        known, etag = self._etags.get(repository, ({}, None))
        page = await self._api.get(
            f"{repo_path(repository)}/issues", params, etag if known == params else None
        )
        if not page.changed:
            return Listing(newest=since)
        first, rows, bad, pages = page, list[Issue](), list[Broken](), 0
        followed: set[str] = set()
        while True:
            if not isinstance(page.body, list):
                raise Rejected(f"{self._api.origin} gave no list of issues: is it GitHub?")
            good, unread = convert_each(page.body, Issue, f"{repository} issues", _node_of)
            rows += good
            bad += unread
            pages += 1
            following = links(page.headers.get("link", ""), f"{self._api.origin}/").get("next")
            if following is None or not page.body:
                break
            if following in followed:
                raise Rejected(f"{self._api.origin} lists issues in a circle: is it GitHub?")
            followed.add(following)
            page = await self._api.get(following)
        newest = self._newest((row.updated_at for row in rows), since)
        issues = [row for row in rows if row.pull_request is None]
        if since is not None:
            self._etags[repository] = (params, first.headers.get("etag"))
        return Listing(
            tuple({row.node_id: row.topic() for row in reversed(issues)}.values()),
            tuple(bad),
            newest,
            pages,
        )

    async def comments(
        self, topics: Iterable[Topic]
    ) -> tuple[Mapping[str, Comments], tuple[Broken, ...]]:
        """Return the last comments of topics by their id: one request for fifty of them.

        Those of old topics may be called otherwise in GraphQL than in REST: answers are matched by
        their place.
        """
        ids = [topic.id for topic in topics]
        found: dict[str, Comments] = {}
        bad: list[Broken] = []
        for start in range(0, len(ids), _SOME):
            some = ids[start : start + _SOME]
            told = (await self._api.query(COMMENTS, ids=some)).get("nodes")
            nodes = told if isinstance(told, list) else []
            for topic, node in zip_longest(some, nodes[: len(some)]):
                try:
                    found[topic] = msgspec.convert(node, _Commented).comments
                except msgspec.ValidationError as error:
                    bad.append(broken(f"comments of {topic}", str(error), node, topic))
        return found, tuple(bad)

    def _newest(self, times: Iterable[str], since: str | None) -> str | None:
        """Return the newest of what is a time, and none to come: all before it is passed over."""
        latest = stamp(self._now() + _SKEW)
        sane = [at for at in times if _TIME.fullmatch(at) and at <= latest]
        return max(filter(None, (since, *sane)), default=None)

    # discussions
    async def discussions(self, repository: str, since: str | None) -> Listing | None:
        """Return the discussions that changed since `since`, or all that are open; None where the
        repository has none, or we may not read them."""
        owner, _, name = repository.partition("/")
        states = ["OPEN"] if since is None else None
        rows: list[Topic] = []
        bad: list[Broken] = []
        after: str | None = None
        pages = 0
        while True:
            try:
                data = await self._api.query(
                    DISCUSSIONS, owner=owner, name=name, after=after, states=states
                )
                told = msgspec.convert(data.get("repository"), _Discussing)
            except Rejected:
                # `identity` says what the token lacks; the issues are read all the same.
                return None
            except msgspec.ValidationError as error:
                raise Rejected(f"{self._api.origin} gave no discussions: is it GitHub?") from error
            if not told.has_discussions_enabled:
                return None
            where, nodes = f"{repository} discussions", told.discussions.nodes
            good, unread = convert_each(nodes, Topic, where, _id_of)
            rows += good
            bad += unread
            pages += 1
            past = since is not None and any(row.updated_at < since for row in good)
            info = told.discussions.page_info
            if past or not info.has_next_page or info.end_cursor in (None, after):
                break
            after = info.end_cursor
        changed = [row for row in rows if since is None or row.updated_at >= since]
        newest = self._newest((row.updated_at for row in changed), since)
        topics = tuple({row.id: row for row in reversed(changed)}.values())
        return Listing(topics, tuple(bad), newest, pages)


def _node_of(raw: Any) -> str:
    return named_in(raw, "node_id")


def _id_of(raw: Any) -> str:
    return named_in(raw, "id")


class _Commented(msgspec.Struct):
    comments: Comments


class _PageInfo(msgspec.Struct, rename="camel", frozen=True):
    has_next_page: bool = False
    end_cursor: str | None = None


class _Discussions(msgspec.Struct, rename="camel", frozen=True):
    nodes: list[Any] = []
    page_info: _PageInfo = _PageInfo()


class _Discussing(msgspec.Struct, rename="camel"):
    has_discussions_enabled: bool = False
    discussions: _Discussions = _Discussions()
