"""Replies and private messages, and whether one was posted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec

from modtui.connectors import Absent, CannotTell, Found, Rejected, ThreadRef, Unknown
from modtui.connectors.discourse.facts import PostFacts, User
from modtui.connectors.discourse.line import Line, understood
from modtui.connectors.discourse.reading import SITE, post_number
from modtui.connectors.http import segment
from modtui.connectors.reading import convert_each, iso_moment, says
from modtui.domain.outbox import Receipt

_SKEW = timedelta(minutes=2)
_LAST = 20
_MESSAGES = 10
_TITLE = 200


class _Stream(msgspec.Struct):
    stream: list[int] = []
    posts: list[object] = []


class _Topic(msgspec.Struct):
    post_stream: _Stream


class _Sent(msgspec.Struct):
    id: int
    created_at: str | None = None


class _Topics(msgspec.Struct):
    topics: list[_Sent] = []


class _TopicList(msgspec.Struct):
    topic_list: _Topics


class Saying:
    """Says things for one account."""

    def __init__(
        self, line: Line, now: Callable[[], datetime], me: Callable[[], Awaitable[User]]
    ) -> None:
        self._line = line
        self._now = now
        self._me = me

    async def reply(self, ref: ThreadRef, text: str) -> Receipt:
        """Answer the post publicly, in its topic."""
        if ref.channel == SITE or not ref.channel.isdecimal():
            raise Rejected("there is no topic yet to reply in: write to the author alone")
        body: dict[str, object] = {"topic_id": int(ref.channel), "raw": text}
        number = post_number(ref.url)
        if number is not None and number > 1:
            body["reply_to_post_number"] = number
        return await self._post(body)

    async def message(self, to: str, title: str, text: str, *, warning: bool = False) -> Receipt:
        """Write to people or groups privately; `warning` makes it an official one, which only
        staff can give."""
        body: dict[str, object] = {
            "archetype": "private_message",
            "target_recipients": to,
            "title": title[:_TITLE],
            "raw": text,
        }
        # Source: Discourse's posts_controller, which compares the text "true".
        return await self._post(body | ({"is_warning": "true"} if warning else {}))

    async def _post(self, body: dict[str, object]) -> Receipt:
        answer = await self._line.write("POST", "/posts.json", body)
        if isinstance(answer, dict) and answer.get("action") == "enqueued":
            raise Rejected("the forum held it back: it waits in the review queue for approval")
        try:
            said = msgspec.convert(answer, PostFacts)
        except msgspec.ValidationError as error:
            raise Unknown("the forum took it and named no post") from error
        return Receipt(str(said.id), iso_moment(said.created_at, self._now()))

    async def find_reply(
        self, ref: ThreadRef, text: str, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look among the last posts of the topic."""
        if not ref.channel.isdecimal():
            return Absent(strong=True)
        body = await self._line.read(f"/t/{ref.channel}.json")
        stream = understood(body, _Topic, "topic").post_stream.stream
        last = stream[-_LAST:]
        wanted = "&".join(f"post_ids[]={number}" for number in last)
        path = f"/t/{ref.channel}/posts.json?include_raw=true&{wanted}"
        posts, all_of_it = await self._posts(path) if last else ((), True)
        found = await self._ours(posts, text, since, taken)
        if found is not None:
            return Found(found)
        newer = posts and self._at(posts[0]) >= since - _SKEW and len(stream) > len(last)
        return CannotTell("too much was said since") if newer else Absent(strong=all_of_it)

    async def find_message(
        self, text: str, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look among the private messages we sent."""
        username = segment((await self._me()).username)
        body = await self._line.read(f"/topics/private-messages-sent/{username}.json")
        topics = understood(body, _TopicList, "list of messages").topic_list.topics
        begun = since - _SKEW
        recent = [t for t in topics if iso_moment(t.created_at, self._now()) >= begun]
        strong = True
        for topic in recent[:_MESSAGES]:
            posts, all_of_it = await self._posts(f"/t/{topic.id}.json?include_raw=true")
            strong = strong and all_of_it
            found = await self._ours(posts, text, since, taken)
            if found is not None:
                return Found(found)
        if len(recent) > _MESSAGES:
            return CannotTell("too many messages were sent since")
        return Absent(strong=strong)

    async def _posts(self, path: str) -> tuple[tuple[PostFacts, ...], bool]:
        """Return posts, and whether all could be read: one that cannot may be ours."""
        body = await self._line.read(path)
        posts = understood(body, _Topic, "topic").post_stream.posts
        good, bad = convert_each(posts, PostFacts, "topic")
        return good, not bad

    async def _ours(
        self, posts: tuple[PostFacts, ...], text: str, since: datetime, taken: frozenset[str]
    ) -> Receipt | None:
        me = await self._me()
        for post in reversed(posts):
            ours = post.user_id == me.id and str(post.id) not in taken
            if ours and self._at(post) >= since - _SKEW and says(post.raw, text):
                return Receipt(str(post.id), self._at(post))
        return None

    def _at(self, post: PostFacts) -> datetime:
        return iso_moment(post.created_at, self._now())
