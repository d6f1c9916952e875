"""What every connector must do whatever its platform's line does: inherit the class, give it a
`stage`. The companion of `contract`, which asks what a connector can do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Connector,
    ConnectorError,
    Found,
    Idempotent,
    Key,
    RateLimited,
    ReadBack,
    Rejected,
    Retryable,
    Stale,
    StateSetting,
    ThreadRef,
    Unauthorized,
    Unknown,
)
from modtui.domain.commands import Reply, needs
from modtui.domain.text import Clean
from tests.connectors.platform import Answer, Platform

BAD = "\x1b]52;c;b3duZWQ=\x07\u202eevil\x9b2J\U000e0041"
FORBIDDEN = {"\x1b", "\x07", "\x9b", "\u202e", "\U000e0041"}
SPOILT: tuple[Any, ...] = ("not even an object", None, 7, [], {}, {"id": {"a": [1]}})
BODIES = {
    "truncated": b'{"a": [{"b": 1',
    "a page": b"<html>sign in to the hotel wifi</html>",
    "not text": b"\xff\xfe\x00{",
    "a number": b"42",
    "text": b'"hello"',
    "deep": b"[" * 5000,
}


class Stage:
    """A connector's platform for these tests. `listing` and `posting` find the request that lists
    what is flagged and the one that a reply makes; `limits` are headers of a 429 in the platform's
    dialect that ask for a wait."""

    platform: Platform
    listing: str
    posting: str
    limits: tuple[Mapping[str, str], ...] = ({"Retry-After": "30"},)

    def connect(self) -> Connector:
        """Return a new connector to the platform."""
        raise NotImplementedError

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        """Let `count` more things be flagged, `text` in every field people fill in; return their
        subjects, in the order in which they were flagged."""
        raise NotImplementedError

    def spoil(self, item: Any) -> None:
        """Put `item` into the list of what is flagged, before all the others."""
        raise NotImplementedError

    def leads_to(self, url: str) -> Answer | None:
        """Return a page of the list that names `url` as the next one; None where pages are not
        addresses."""
        return None


async def read(stage: Stage, cursor: str | None = None) -> list[Batch]:
    """Return the batches of a new connector up to the first that is caught up."""
    connector = stage.connect()
    batches = []
    try:
        steps: AsyncIterator[Batch] = connector.updates(cursor)
        async with aclosing(steps):  # type: ignore[type-var]
            async for batch in steps:
                batches.append(batch)
                if batch.caught_up:
                    return batches
    finally:
        await connector.aclose()
    raise AssertionError("the updates ended")


def subjects(batches: list[Batch]) -> list[str]:
    """Every thread that was told, in order, as often as it was."""
    return [thread.subject for batch in batches for thread in batch.threads]


def flags(batches: list[Batch]) -> list[tuple[str, str]]:
    """Every flag that was told, as often as it was."""
    return [(flag.thread, flag.key) for batch in batches for flag in batch.flags]


def texts(value: object) -> Iterator[str]:
    """Every text in a value of the port that is to be shown: not ids, and not what is evidence."""
    if isinstance(value, Clean):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from texts(getattr(value, one.name))
    elif isinstance(value, (tuple, list, set, frozenset)):
        for item in value:
            yield from texts(item)


class WireContract:
    """Override the fixture `stage`. The tests of a class share nothing."""

    @pytest.fixture
    def stage(self) -> Stage:
        raise NotImplementedError("give the contract a stage")

    async def reply(self, stage: Stage) -> tuple[Connector, ThreadRef]:
        """A connector that has read one flagged thread, and where that is."""
        (subject,) = stage.flag(1)
        batches = await read(stage)
        thread = next(t for b in batches for t in b.threads if t.subject == subject)
        ref = ThreadRef(
            thread.subject, thread.channel, thread.author.remote_id, thread.conversation, thread.url
        )
        return stage.connect(), ref

    # the list
    async def test_every_page_is_read_and_nothing_is_told_twice(self, stage: Stage) -> None:
        expected = stage.flag(230)
        batches = await read(stage)
        assert sorted(subjects(batches)) == sorted(expected)
        assert len(set(flags(batches))) == len(flags(batches)) >= len(expected)

    async def test_going_on_tells_what_is_new_and_only_that(self, stage: Stage) -> None:
        stage.flag(3)
        cursor = (await read(stage))[-1].cursor
        fresh = stage.flag(120)
        later = await read(stage, cursor)
        assert sorted(subjects(later)) == sorted(fresh)
        assert subjects(await read(stage, later[-1].cursor)) == []

    async def test_an_old_cursor_loses_nothing(self, stage: Stage) -> None:
        stage.flag(2)
        old = (await read(stage))[-1].cursor
        first = stage.flag(2)
        await read(stage, old)
        second = stage.flag(2)
        assert set(subjects(await read(stage, old))) >= {*first, *second}

    @pytest.mark.parametrize("item", SPOILT, ids=repr)
    async def test_a_bad_item_hides_no_other(self, stage: Stage, item: Any) -> None:
        before = stage.flag(2)
        stage.spoil(item)
        after = stage.flag(2)
        batches = await read(stage)
        assert set(subjects(batches)) >= {*before, *after}
        assert any(batch.broken for batch in batches)
        # What could not be read may be open: nothing may be closed on that list.
        assert all(batch.open_now is None for batch in batches)

    async def test_hostile_text_is_clean_wherever_it_stands(self, stage: Stage) -> None:
        stage.flag(2, BAD)
        batches = await read(stage)
        shown = [
            text
            for batch in batches
            for value in (batch.channels, batch.threads, batch.posts, batch.flags)
            for text in texts(value)
        ]
        assert any("evil" in text for text in shown)
        assert not [text for text in shown if FORBIDDEN & set(text)]

    # reads that fail
    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
    async def test_an_answer_that_is_none_is_said_and_nothing_is_lost(
        self, stage: Stage, body: bytes
    ) -> None:
        expected = stage.flag(2)
        stage.platform.override[stage.listing] = lambda request: httpx.Response(200, content=body)
        with pytest.raises(ConnectorError, match=r"\w+ \w+"):
            await read(stage)
        del stage.platform.override[stage.listing]
        assert sorted(subjects(await read(stage))) == sorted(expected)

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (401, Unauthorized), (403, Rejected), (404, Rejected), (410, Rejected),
            (500, Retryable), (502, Retryable), (503, Retryable), (504, Retryable),
        ],
    )  # fmt: skip
    async def test_a_refused_read_is_what_its_status_says(
        self, stage: Stage, status: int, kind: type[ConnectorError]
    ) -> None:
        stage.platform.override[stage.listing] = lambda request: httpx.Response(status, json={})
        with pytest.raises(kind, match=r"\w+ \w+"):
            await read(stage)

    async def test_a_429_asks_for_the_wait_it_names_and_garbage_for_some(
        self, stage: Stage
    ) -> None:
        garbage = {"Retry-After": "soon", "X-RateLimit-Reset": "\u00fc", "X-RateLimit-Limit": ""}
        for headers in (*stage.limits, garbage):
            limited = httpx.Response(429, json={}, headers=list(_raw(headers)))
            stage.platform.override[stage.listing] = lambda request, told=limited: told
            with pytest.raises(RateLimited) as raised:
                await read(stage)
            if headers is not garbage:
                wait = raised.value.retry_after
                assert wait is not None
                assert timedelta() < wait <= timedelta(hours=1)

    async def test_an_endless_answer_is_cut(self, stage: Stage) -> None:
        served = 0

        class Endless(httpx.AsyncByteStream):
            async def __aiter__(self) -> AsyncIterator[bytes]:
                nonlocal served
                for _ in range(50):
                    served += 1
                    yield b" " * 2**20

        stage.platform.override[stage.listing] = lambda request: httpx.Response(
            200, stream=Endless()
        )
        with pytest.raises(ConnectorError, match="too large"):
            await read(stage)
        assert served < 10

    # where the secret goes
    async def test_a_redirect_is_not_followed(self, stage: Stage) -> None:
        moved = httpx.Response(307, headers={"location": "https://evil.test/"})
        connector, ref = await self.reply(stage)
        stage.platform.override = dict.fromkeys(
            (stage.listing, stage.posting), lambda request: moved
        )
        with pytest.raises(ConnectorError, match="redirects to"):
            await read(stage)
        with pytest.raises(ConnectorError, match="redirects to"):
            await connector.perform(ref, REPLY, "moved")
        await connector.aclose()
        assert not [one for one in stage.platform.calls if "evil" in one.url.host]

    async def test_a_next_page_elsewhere_is_not_asked_for(self, stage: Stage) -> None:
        page = stage.leads_to("https://evil.test/next")
        if page is None:
            return
        stage.platform.override[stage.listing] = lambda request: page
        with pytest.raises(ConnectorError, match=r"evil\.test"):
            await read(stage)
        assert not [one for one in stage.platform.calls if "evil" in one.url.host]

    # writes that fail
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, Rejected), (401, Unauthorized), (403, Rejected), (404, Rejected),
            (409, Stale), (412, Stale), (422, Rejected), (429, RateLimited),
            (408, Unknown), (500, Unknown), (502, Unknown), (504, Unknown),
        ],
    )  # fmt: skip
    async def test_a_refused_reply_is_what_its_status_says(
        self, stage: Stage, status: int, kind: type[ConnectorError]
    ) -> None:
        connector, ref = await self.reply(stage)
        stage.platform.override[stage.posting] = lambda request: httpx.Response(status, json={})
        with pytest.raises(kind, match=r"\w+"):
            await connector.perform(ref, REPLY, "refused")
        assert stage.platform.asked(stage.posting) == 1
        await connector.aclose()

    @pytest.mark.parametrize(
        ("lost", "kind"),
        [
            (httpx.ReadTimeout, Unknown),
            (httpx.ReadError, Unknown),
            (httpx.RemoteProtocolError, Unknown),
            (httpx.WriteError, Unknown),
            (httpx.ConnectError, Retryable),
            (httpx.ConnectTimeout, Retryable),
        ],
    )
    async def test_a_reply_lost_on_the_way_is_sent_once(
        self, stage: Stage, lost: type[httpx.RequestError], kind: type[ConnectorError]
    ) -> None:
        connector, ref = await self.reply(stage)
        executed = kind is Unknown
        stage.platform.override[stage.posting] = _losing(stage, lost, executed=executed)
        began = stage.platform.now
        with pytest.raises(kind):
            await connector.perform(ref, REPLY, "lost")
        assert stage.platform.asked(stage.posting) == 1
        stage.platform.override.clear()
        if not executed:
            return
        dedupe = connector.capabilities.offers[needs(REPLY)].dedupe
        if isinstance(dedupe, Key | Idempotent | StateSetting):
            await connector.perform(ref, REPLY, "lost")
        found = await connector.find(ref, REPLY, began, frozenset())
        if isinstance(dedupe, ReadBack):
            assert isinstance(found, Found)
        else:
            assert isinstance(found, Found | Absent | CannotTell)
        await connector.aclose()


REPLY = Reply(thread=1, revision=1, text="We look into it, and answer here.")


def _losing(
    stage: Stage, lost: type[httpx.RequestError], *, executed: bool
) -> Callable[[httpx.Request], Answer]:
    """Return what loses the answer of the platform, which may have done what it was asked."""

    def lose(request: httpx.Request) -> Answer:
        if executed:
            path = re.sub(r"\?.*", "", request.url.raw_path.decode())
            stage.platform.answer(request, httpx.URL(path).path)
        raise lost("lost on the way", request=request)

    return lose


def _raw(headers: Mapping[str, str]) -> Iterator[tuple[bytes, bytes]]:
    for name, value in headers.items():
        yield name.encode(), value.encode()
