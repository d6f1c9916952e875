"""What the github connector lists once an hour in the place of a turn, in one run."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from modtui.connectors import Batch, Rejected
from modtui.engine.closing import may_be_unread, note_unread
from modtui.engine.pieces import Beside
from tests.connectors.fakegithub import REPO, FakeGitHub


async def looks(fake: FakeGitHub, **settings: Any) -> AsyncIterator[Batch]:
    """The looks of one run, a minute apart."""
    connector = fake.connector(**settings)
    updates = connector.updates(None)
    try:
        async for batch in updates:
            yield batch
    finally:
        await updates.aclose()  # type: ignore[attr-defined]
        await connector.aclose()


async def until_listed(fake: FakeGitHub, run: AsyncIterator[Batch]) -> list[Batch]:
    """Go on up to the look that lists all that is open, an hour after the last one."""
    batches = []
    while True:
        fake.calls.clear()
        batches.append(await anext(run))
        if "open" in [call.url.params.get("state") for call in fake.calls]:
            return batches


async def test_what_was_closed_just_before_the_hourly_list_is_told_as_closed_and_once() -> None:
    fake = FakeGitHub()
    fake.issue()
    second, kept = fake.issue(), fake.issue()
    async with aclosing(looks(fake)) as run:
        assert (await anext(run)).open_now is not None
        await until_listed(fake, run)
        listed = [await anext(run)]
        fake.change(second, state="closed")
        listed += await until_listed(fake, run)
        closed = [pair for b in listed for pair in b.closed]
        assert closed == [(second, "unanswered")]
    assert kept


async def test_a_closing_that_only_the_next_question_can_tell_is_not_lost_to_the_list() -> None:
    fake = FakeGitHub(discussing=True)
    topic, other = fake.issue(), fake.issue()
    async with aclosing(looks(fake)) as run:
        await anext(run)
        listing = f"GET /repos/{REPO}/issues$"

        def closes(request: httpx.Request) -> Any:
            if request.url.params["state"] == "open":
                fake.override.clear()
                fake.change(topic, state="closed")
                # What is listed is newer than the closing, which it does not show.
                fake.change(other)
            return fake.answer(request, request.url.path)

        fake.override[listing] = closes
        first = await until_listed(fake, run)
        assert not [pair for b in first for pair in b.closed]
        later = [await anext(run) for _ in range(3)]
        assert [pair for b in later for pair in b.closed] == [(topic, "unanswered")]
        known = [b.open_now for b in later if b.open_now is not None]
        assert known == [{(other, "unanswered")}]


@pytest.mark.parametrize("now", [{"title": "it was opened again"}, {"state": 7}], ids=str)
async def test_what_waits_again_since_the_list_stays_open(now: dict[str, Any]) -> None:
    fake = FakeGitHub(discussing=True)
    topic = fake.issue()
    async with aclosing(looks(fake)) as run:
        await anext(run)
        listing = f"GET /repos/{REPO}/issues$"

        def lacks(request: httpx.Request) -> Any:
            if request.url.params["state"] != "open":
                return fake.answer(request, request.url.path)
            fake.override.clear()
            # It was closed while it was listed, and waits again, or cannot be read any more.
            fake.change(topic, **now)
            return []

        fake.override[listing] = lacks
        await until_listed(fake, run)
        later = [await anext(run) for _ in range(3)]
        assert not [pair for b in later for pair in b.closed]
        known = [b.open_now for b in later if b.open_now is not None]
        assert known == [{(topic, "unanswered")}]


async def test_what_was_deleted_is_open_no_more_after_the_hourly_list() -> None:
    fake = FakeGitHub()
    fake.issue()
    kept = fake.issue()
    async with aclosing(looks(fake)) as run:
        await anext(run)
        del fake.issues[0]
        batches = [*await until_listed(fake, run), *[await anext(run) for _ in range(3)]]
        known = [b.open_now for b in batches if b.open_now is not None]
        assert known == [{(kept, "unanswered")}]
        assert not [pair for b in batches for pair in b.closed]


async def test_an_hourly_list_that_moved_while_it_was_read_is_not_believed_and_read_again() -> None:
    fake = FakeGitHub(page=10)
    topics = [fake.issue() for _ in range(25)]
    async with aclosing(looks(fake)) as run:
        await anext(run)

        def move(request: httpx.Request) -> Any:
            if request.url.params.get("page") == "2":
                fake.override.clear()
                fake.change(topics[0], state="closed")
            return fake.answer(request, request.url.path)

        fake.override[f"GET /repos/{REPO}/issues$"] = move
        batches = [await anext(run) for _ in range(64)]
        assert not [b for b in batches if b.open_now is not None]
        assert [pair for b in batches for pair in b.closed] == [(topics[0], "unanswered")]
        again = [await anext(run) for _ in range(8)]
        known = [b.open_now for b in again if b.open_now is not None]
        assert known == [{(topic, "unanswered") for topic in topics[1:]}]


@pytest.mark.parametrize("status", [301, 403, 404, 410, 451])
async def test_one_repository_that_cannot_be_read_is_told_and_hides_no_other(status: int) -> None:
    fake = FakeGitHub()
    first = fake.issue()
    refusal = httpx.Response(status, json={"message": "It is not here"})
    fake.override["GET /repos/their/app/issues$"] = lambda _: refusal
    async with aclosing(looks(fake, repositories=["their/app", REPO])) as run:
        batch = await anext(run)
        assert {flag.thread for flag in batch.flags} == {first}
        assert batch.open_now == {(first, "unanswered")}
        (told,) = batch.broken
        assert told.where == "their/app issues"
        assert "this list cannot be read" in told.why
        second = fake.issue()
        fake.calls.clear()
        later = [await anext(run) for _ in range(2)]
        assert [flag.thread for b in later for flag in b.flags] == [second]
        assert not [call for call in fake.calls if "their/app" in call.url.path]
        fake.override.clear()
        fake.override["GET /repos/their/app/issues$"] = lambda _: []
        await until_listed(fake, run)
        assert [call for call in fake.calls if call.url.path == "/repos/their/app/issues"]


async def test_what_is_open_is_not_said_where_a_repository_is_not_there_any_more() -> None:
    fake = FakeGitHub()
    fake.issue()
    fake.override["GET /repos/their/app/issues$"] = lambda _: []
    async with aclosing(looks(fake, repositories=["their/app", REPO])) as run:
        assert (await anext(run)).open_now is not None
        gone = httpx.Response(404, json={"message": "Not Found"})
        fake.override["GET /repos/their/app/issues$"] = lambda _: gone
        batches = [*await until_listed(fake, run), *[await anext(run) for _ in range(3)]]
        assert [b.broken for b in batches if b.broken]
        assert not [b for b in batches if b.open_now is not None]


async def test_where_no_repository_can_be_read_the_account_says_so() -> None:
    fake = FakeGitHub()
    gone = httpx.Response(404, json={"message": "Not Found"})
    fake.override[f"GET /repos/{REPO}/issues$"] = lambda _: gone
    async with aclosing(looks(fake)) as run:
        with pytest.raises(Rejected, match="Not Found"):
            await anext(run)


async def test_a_row_that_names_no_issue_hides_no_deletion_of_what_stood_beside_it() -> None:
    fake = FakeGitHub()
    lost, gone, other = (fake.issue() for _ in range(3))
    missing, known, beside = Counter[tuple[str, str]](), set[tuple[str, str]](), Beside()

    def efface(node: str) -> None:
        row = next(row for row in fake.issues if row.get("node_id") == node)
        fake.issues[fake.issues.index(row)] = {"odd": f"once {node}"}

    efface(other)
    async with aclosing(looks(fake)) as run:
        for hour in range(10):
            if hour == 3:
                fake.issues = [row for row in fake.issues if row.get("node_id") != gone]
            if hour == 7:
                efface(lost)
            for batch in await until_listed(fake, run):
                assert not batch.closed
                if batch.open_now is not None:
                    note_unread(batch, batch.open_now, beside)
                    doubtful = may_be_unread(batch, beside)
                    missing.update(one for one in known - batch.open_now if not doubtful(one))
                    known |= batch.open_now
    assert {thread for (thread, _), times in missing.items() if times > 1} == {gone}


async def test_a_row_that_is_another_every_hour_hides_no_deletion_for_ever() -> None:
    fake = FakeGitHub()
    gone, _ = (fake.issue() for _ in range(2))
    fake.issues.append({})
    missing, known, beside = 0, set[tuple[str, str]](), Beside()
    async with aclosing(looks(fake)) as run:
        for hour in range(16):
            fake.issues[-1] = {"odd": hour}
            if hour == 10:
                fake.issues = [row for row in fake.issues if row.get("node_id") != gone]
            for batch in await until_listed(fake, run):
                if batch.open_now is not None:
                    note_unread(batch, batch.open_now, beside)
                    doubtful = may_be_unread(batch, beside)
                    missing += any(not doubtful(one) for one in known - batch.open_now)
                    known |= batch.open_now
    assert missing > 1
