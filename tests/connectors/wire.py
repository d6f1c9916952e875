"""What every connector must do whatever its platform's line does: inherit the class, give it a
`stage`. The companion of `contract`, which asks what a connector can do.

`WriteContract` is for one that only tells (a webhook); `WireContract` for one that reads as well.
The demo has no line, and mail is no HTTP: its replies are in `test_notify` and `test_fuzz`.
"""

from __future__ import annotations

import re
from collections import Counter
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
from modtui.domain.commands import Command, Reply, needs
from modtui.domain.outbox import Receipt
from modtui.domain.text import Clean
from modtui.engine.closing import may_be_unread, note_unread
from modtui.engine.pieces import Beside
from tests.connectors.far import Endless
from tests.connectors.platform import Answer, Platform

BAD = "\x1b]52;c;b3duZWQ=\x07\u202eevil\x9b2J\U000e0041"
LOOKS = 8
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
    what is flagged and the one that a reply makes; `limits` are headers of a 429, and `pauses`
    bodies of one, in the platform's dialect, that ask for a wait."""

    platform: Platform
    listing: str
    posting: str
    limits: tuple[Mapping[str, str], ...] = ({"Retry-After": "30"},)
    pauses: tuple[dict[str, Any], ...] = ()

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

    def garble(self, subject: str) -> bool:
        """Let the row of `subject` in that list be one that cannot be read, but for its id; return
        False where the platform tells what was closed by itself."""
        return False

    def efface(self, subject: str) -> bool:
        """Let the row of `subject` in that list be one that says nothing at all, not even its id;
        return False where the platform tells what was closed by itself."""
        return False

    def drop(self, subject: str) -> None:
        """Let `subject` be closed there, so that it is not listed any more."""
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


def closed_by(batches: list[Batch]) -> set[str]:
    """The threads that the engine takes for closed after two lists without them."""
    beside = Beside()
    missing: Counter[str] = Counter()
    told: set[tuple[str, str]] = set()
    gone = {subject for batch in batches for subject, _ in batch.closed}
    for batch in batches:
        told |= {(flag.thread, flag.key) for flag in batch.flags}
        if batch.open_now is not None:
            note_unread(batch, batch.open_now, beside)
            doubtful = may_be_unread(batch, beside)
            missing.update({one[0] for one in told - batch.open_now if not doubtful(one)})
    return gone | {subject for subject, times in missing.items() if times > 1}


async def watch(stage: Stage, *events: Callable[[], object]) -> list[Batch]:
    """Return what a connector tells in some looks, before the first event and after each."""
    connector, batches = stage.connect(), list[Batch]()
    waiting, looks = list(events), 0
    try:
        steps: AsyncIterator[Batch] = connector.updates(None)
        async with aclosing(steps):  # type: ignore[type-var]
            async for batch in steps:
                batches.append(batch)
                looks += batch.caught_up
                if looks < LOOKS:
                    continue
                if not waiting:
                    return batches
                waiting.pop(0)()
                looks = 0
    finally:
        await connector.aclose()
    raise AssertionError("the updates ended")


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


REPLY = Reply(thread=1, revision=1, text="We look into it, and answer here.")
MOVED = httpx.Response(307, headers={"location": "https://evil.test/"})
UNREADABLE = ("truncated", "a page", "not text", "deep")


class WriteContract:
    """Override the fixture `stage`, and name the `kind` of connector. The tests of a class share
    nothing. `any_answer`: the status alone tells that it was done."""

    kind: str
    command: Command = REPLY
    any_answer = False

    @pytest.fixture
    def stage(self) -> Stage:
        raise NotImplementedError("give the contract a stage")

    async def ready(self, stage: Stage) -> tuple[Connector, ThreadRef]:
        """A connector that has read one flagged thread, and where that is."""
        (subject,) = stage.flag(1)
        batches = await read(stage)
        thread = next(t for b in batches for t in b.threads if t.subject == subject)
        ref = ThreadRef(
            thread.subject, thread.channel, thread.author.remote_id, thread.conversation, thread.url
        )
        return stage.connect(), ref

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
        connector, ref = await self.ready(stage)
        stage.platform.override[stage.posting] = lambda request: httpx.Response(status, json={})
        with pytest.raises(kind, match=r"\w+"):
            await connector.perform(ref, self.command, "refused")
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
        connector, ref = await self.ready(stage)
        executed = kind is Unknown
        stage.platform.override[stage.posting] = _losing(stage, lost, executed=executed)
        began = stage.platform.now
        with pytest.raises(kind):
            await connector.perform(ref, self.command, "lost")
        assert stage.platform.asked(stage.posting) == 1
        stage.platform.override.clear()
        if not executed:
            return
        dedupe = connector.capabilities.offers[needs(self.command)].dedupe
        if isinstance(dedupe, Key | Idempotent | StateSetting):
            await connector.perform(ref, self.command, "lost")
        found = await connector.find(ref, self.command, began, frozenset())
        if isinstance(dedupe, ReadBack):
            assert isinstance(found, Found)
        else:
            assert isinstance(found, Found | Absent | CannotTell)
        await connector.aclose()

    @pytest.mark.parametrize("body", UNREADABLE)
    async def test_a_reply_whose_answer_cannot_be_read_is_unknown(
        self, stage: Stage, body: str
    ) -> None:
        connector, ref = await self.ready(stage)
        answer = httpx.Response(200, content=BODIES[body])
        stage.platform.override[stage.posting] = lambda request: answer
        if self.any_answer:
            assert isinstance(await connector.perform(ref, self.command, "unread"), Receipt)
        else:
            with pytest.raises(Unknown, match=r"\w+ \w+"):
                await connector.perform(ref, self.command, "unread")
        assert stage.platform.asked(stage.posting) == 1
        await connector.aclose()

    async def test_an_endless_answer_to_a_reply_is_cut(self, stage: Stage) -> None:
        connector, ref = await self.ready(stage)
        endless = Endless()
        stage.platform.override[stage.posting] = lambda request: httpx.Response(200, stream=endless)
        if self.any_answer:
            await connector.perform(ref, self.command, "endless")
        else:
            with pytest.raises(Unknown, match=r"\w+ \w+"):
                await connector.perform(ref, self.command, "endless")
        assert endless.served < 10
        await connector.aclose()

    async def test_503_with_a_time_was_surely_not_executed(self, stage: Stage) -> None:
        connector, ref = await self.ready(stage)
        busy = httpx.Response(503, json={}, headers={"Retry-After": "30"})
        stage.platform.override[stage.posting] = lambda request: busy
        with pytest.raises(Retryable) as raised:
            await connector.perform(ref, self.command, "busy")
        assert raised.value.retry_after == timedelta(seconds=30)
        await connector.aclose()

    async def test_a_redirected_reply_is_not_followed(self, stage: Stage) -> None:
        connector, ref = await self.ready(stage)
        stage.platform.override[stage.posting] = lambda request: MOVED
        with pytest.raises(ConnectorError, match="redirects to"):
            await connector.perform(ref, self.command, "moved")
        await connector.aclose()
        assert not [one for one in stage.platform.calls if "evil" in one.url.host]


class WireContract(WriteContract):
    """Override the fixture `stage`."""

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
        # What could not be read may be open: nothing may be closed on that list alone.
        assert not closed_by([*batches, *batches])
        nameless = [one for batch in batches for one in batch.unread if not one.subject]
        assert nameless or all(batch.open_now is None for batch in batches)

    async def test_a_row_that_cannot_be_read_is_not_closed_and_hides_no_closing(
        self, stage: Stage
    ) -> None:
        lost, over, _ = stage.flag(3)
        if not stage.garble(lost):
            return
        batches = await watch(stage, lambda: stage.drop(over))
        assert closed_by(batches) == {over}
        assert lost not in subjects(batches)

    async def test_what_becomes_unreadable_is_not_closed_and_hides_no_closing(
        self, stage: Stage
    ) -> None:
        lost, over, other = stage.flag(3)
        if not stage.garble(other):
            return
        batches = await watch(stage, lambda: stage.garble(lost), lambda: stage.drop(over))
        assert set(subjects(batches)) == {lost, over}
        assert closed_by(batches) == {over}

    async def test_what_became_unreadable_between_two_runs_is_not_closed(
        self, stage: Stage
    ) -> None:
        lost, _ = stage.flag(2)
        before = await read(stage)
        if not stage.garble(lost):
            return
        after = await read(stage, before[-1].cursor)
        assert any(batch.open_now is not None for batch in after)
        assert not closed_by([*before, *after, *after])

    async def test_a_row_that_names_nothing_hides_no_closing_of_what_stood_beside_it(
        self, stage: Stage
    ) -> None:
        lost, over, other = stage.flag(3)
        if not stage.efface(other):
            return
        batches = await watch(stage, lambda: stage.drop(over), lambda: stage.drop(lost))
        assert closed_by(batches) == {over, lost}

    async def test_what_comes_to_name_nothing_is_not_closed(self, stage: Stage) -> None:
        lost, over, other = stage.flag(3)
        if not stage.efface(other):
            return
        batches = await watch(stage, lambda: stage.efface(lost), lambda: stage.drop(over))
        assert lost not in closed_by(batches)

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
            (401, Unauthorized), (403, Rejected), (404, Rejected), (409, Stale), (410, Rejected),
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
        told: list[tuple[Mapping[str, str], Any]] = [(headers, {}) for headers in stage.limits]
        told += [({}, body) for body in stage.pauses]
        for headers, body in (*told, (garbage, {"retry_after": "soon", "extras": 7})):
            limited = httpx.Response(429, json=body, headers=list(_raw(headers)))
            stage.platform.override[stage.listing] = lambda request, told=limited: told
            with pytest.raises(RateLimited) as raised:
                await read(stage)
            if headers is not garbage:
                wait = raised.value.retry_after
                assert wait is not None
                assert timedelta() < wait <= timedelta(hours=1)

    async def test_an_endless_answer_is_cut(self, stage: Stage) -> None:
        endless = Endless()
        stage.platform.override[stage.listing] = lambda request: httpx.Response(200, stream=endless)
        with pytest.raises(ConnectorError, match="too large"):
            await read(stage)
        assert endless.served < 10

    @pytest.mark.parametrize(
        "lost", [httpx.ConnectError, httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError]
    )
    async def test_a_read_that_is_lost_is_tried_again_and_nothing_is_lost(
        self, stage: Stage, lost: type[httpx.RequestError]
    ) -> None:
        expected = stage.flag(2)
        stage.platform.override[stage.listing] = _losing(stage, lost, executed=False)
        with pytest.raises(Retryable, match=r"\w+ \w+"):
            await read(stage)
        del stage.platform.override[stage.listing]
        assert sorted(subjects(await read(stage))) == sorted(expected)

    async def test_a_redirected_list_is_not_followed(self, stage: Stage) -> None:
        stage.platform.override[stage.listing] = lambda request: MOVED
        with pytest.raises(ConnectorError, match="redirects to"):
            await read(stage)
        assert not [one for one in stage.platform.calls if "evil" in one.url.host]

    async def test_a_next_page_elsewhere_is_not_asked_for(self, stage: Stage) -> None:
        page = stage.leads_to("https://evil.test/next")
        if page is None:
            return
        stage.platform.override[stage.listing] = lambda request: page
        with pytest.raises(ConnectorError, match=r"evil\.test"):
            await read(stage)
        assert not [one for one in stage.platform.calls if "evil" in one.url.host]


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
