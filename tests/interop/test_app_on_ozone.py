"""The app's own engine against a real Ozone; then Ozone is asked what happened, once each."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modtui.connectors import Environment
from modtui.connectors.ozone import SCHEMA
from modtui.connectors.ozone.connector import Ozone as Connector
from modtui.connectors.ozone.connector import create
from modtui.domain.commands import (
    Command,
    Dismiss,
    DoExtra,
    Escalate,
    Extra,
    Hide,
    Note,
    Reply,
    Restore,
)
from modtui.domain.hours import always
from modtui.domain.model import State
from modtui.domain.secret import Secret
from modtui.domain.settings import Desk, Moderator, Reach, Team
from modtui.domain.sla import Policy
from modtui.domain.views import QueueFilter, ThreadDetail
from modtui.engine import Refused
from modtui.engine.accounts import AccountSpec, Plan, Runtime
from modtui.engine.live import LiveEngine
from modtui.store import StoreClock
from modtui.store.sqlite import open_store
from tests.interop.ozone import Ozone, running

pytestmark = pytest.mark.interop
DESK = Desk(
    Moderator("mod-a", "UTC"),
    teams=(Team("leads", ("lead",), "lead", reach=Reach("labeler", "ozone")),),
)
POLICY = Policy("social", always(), timedelta(hours=2), timedelta(hours=4), timedelta(hours=24))


@pytest.fixture(scope="module")
def ozone() -> Iterator[Ozone]:
    with running() as network:
        yield network


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def engine(ozone: Ozone, folder: Path, **more: object) -> AsyncIterator[LiveEngine]:
    """An engine that serves the labeler as the moderator `mod`."""

    async def build() -> Connector:
        settings = {
            "url": ozone.url, "handle": "mod.test", "labeler": ozone.labeler,
            "poll": timedelta(milliseconds=500), "notes": "ozone", **more,
        }  # fmt: skip
        secrets = {"password": Secret("mod-pw")}
        return create(Environment("labeler", settings, secrets, now, asyncio.sleep))

    store = open_store(folder / "queue.db", StoreClock(now, time.monotonic, "boot"), asyncio.sleep)
    runtime = Runtime(now, asyncio.sleep, random.Random(1), "here:1:a")
    spec = AccountSpec("labeler", "ozone", SCHEMA, build)
    live = LiveEngine(store, Plan(DESK, (POLICY,), (spec,)), runtime)
    await live.start()
    try:
        yield live
    finally:
        await live.stop()
        await store.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition`, which may ask the network, holds."""
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.2)


async def flagged(live: LiveEngine, subject: str) -> ThreadDetail:
    """Return the thread of a subject, once it is in the queue."""
    async with asyncio.timeout(60):
        while True:
            view = await live.view(QueueFilter(finished=True))
            for place in range(len(view)):
                detail = await live.thread(view.id_at(place))
                if detail is not None and detail.record.thread.subject == subject:
                    return detail
            await asyncio.sleep(0.2)


async def tagged(live: LiveEngine, subject: str, tag: str) -> None:
    """Wait until the thread of a subject bears a tag."""
    async with asyncio.timeout(60):
        while tag not in map(str, (await flagged(live, subject)).record.thread.tags):
            await asyncio.sleep(0.2)


async def noted(live: LiveEngine, thread: int, text: str) -> None:
    """Wait until a note stands with those of the team, once, and ours beside it."""
    async with asyncio.timeout(60):
        while True:
            detail = await live.thread(thread)
            assert detail is not None
            author = detail.record.thread.author.remote_id
            record = await live.people.record(thread, author)
            texts = [str(note.text) for note in record.notes] if record else []
            if text in texts:
                assert sorted(texts) == sorted({text, "same account as yesterday"})
                return
            await asyncio.sleep(0.2)


async def done(live: LiveEngine, command: Command) -> None:
    """Submit a command and wait until its delivery was sent."""
    taken = await live.submit([command], hold=False)
    (row,) = taken.deliveries
    async with asyncio.timeout(60):
        while True:
            found = next(each for each in await live.deliveries() if each.id == row.id)
            assert found.error is None, found.error
            if found.receipt is not None:
                return
            await asyncio.sleep(0.1)


async def test_a_report_is_assigned_noted_escalated_and_acknowledged_once(
    ozone: Ozone, tmp_path: Path
) -> None:
    ozone.queue("Pills", "Spam")
    post = ozone.post("bob", "buy cheap pills at pills.example")
    ozone.report("carla", post, "Spam", "pill spam")
    subject, me = post["uri"], ozone.people["mod"].did
    async with engine(ozone, tmp_path) as live:
        await live.connected()
        detail = await flagged(live, subject)
        (flag,) = detail.flags
        (event,) = ozone.events(subject)[:1]
        assert (flag.reason, flag.note) == ("spam", "pill spam")
        assert flag.at == datetime.fromisoformat(event["createdAt"])
        assert detail.record.thread.title == "buy cheap pills at pills.example"
        on = {"thread": detail.row.id, "revision": detail.row.revision}

        # Ozone lists a report, and puts it into its queue, a moment after the subject is open.
        await until(lambda: ozone.queues(subject) == {"Pills"})
        await tagged(live, subject, "queue: Pills")
        await live.claim(detail.row.id)
        await until(lambda: ozone.assigned(subject) == {me})
        await live.submit([Note(**on, text="same account as yesterday")])
        await until(lambda: ozone.noted(subject) == ["same account as yesterday"])
        ozone.note("senior", post, "and the third this week")
        await noted(live, detail.row.id, "and the third this week")
        on["revision"] = (await flagged(live, subject)).row.revision
        await done(live, Escalate(**on, team="leads", note="looks like a campaign"))
        assert ozone.state(subject) == "Escalated"
        escalated = await flagged(live, subject)
        assert escalated.row.state is State.ESCALATED
        revision = escalated.row.revision
        await done(live, Dismiss(thread=detail.row.id, revision=revision, flags=(flag.key,)))
        assert ozone.state(subject) == "Closed"
        assert (await flagged(live, subject)).row.state is State.RESOLVED
    assert ozone.emitted(subject, "mod") == ["Comment", "Escalate", "Acknowledge"]
    (said,) = [
        e["event"] for e in ozone.events(subject) if e["event"]["$type"].endswith("Escalate")
    ]
    assert said["comment"] == "looks like a campaign"
    assert ozone.reports(subject) == []


async def test_what_a_colleague_holds_is_taken_over_and_what_was_removed_comes_back(
    ozone: Ozone, tmp_path: Path
) -> None:
    post = ozone.post("bob", "only idiots go there")
    ozone.report("alice", post, "Rude", "insulting")
    subject, me = post["uri"], ozone.people["mod"].did
    await until(lambda: bool(ozone.reports(subject)))
    ozone.assign("senior", subject)
    async with engine(ozone, tmp_path) as live:
        await live.connected()
        detail = await flagged(live, subject)
        on = {"thread": detail.row.id, "revision": detail.row.revision}
        assert detail.row.claim is not None
        assert detail.row.claim.by == "@senior.test on labeler"
        with pytest.raises(Refused, match="holds"):
            await live.submit([Reply(**on, text="Be kind.")])
        await live.take_over(detail.row.id)
        await until(lambda: ozone.assigned(subject) == {me})
        on["revision"] = (await flagged(live, subject)).row.revision
        await done(live, Reply(**on, text="Be kind."))
        author = detail.record.thread.author.remote_id
        await done(live, Hide(**on, posts=(subject,), author=author, reason="rule 1"))
        assert ozone.state(subject) == "Closed"
        on["revision"] = (await flagged(live, subject)).row.revision
        await done(live, Restore(**on, posts=(subject,)))
    assert ozone.emitted(subject, "mod") == ["Takedown", "ReverseTakedown"]
    params = {"repo": me, "collection": "app.bsky.feed.post"}
    said = ozone.call("mod", "com.atproto.repo.listRecords", **params)["records"]
    parents = [one["value"]["reply"]["parent"]["uri"] for one in said]
    assert parents.count(subject) == 1


PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c63f80f0001010100b138f6140000000049454e44ae426082"
)


async def taken_back(live: LiveEngine, thread: int, holds: Callable[[], bool]) -> None:
    """Take the last act in a thread back, and wait until the network shows it."""
    undone = await live.undo(thread)
    assert undone.inverse
    await until(holds)
    async with asyncio.timeout(60):
        while (await live.deliveries())[0].receipt is None:
            await asyncio.sleep(0.1)


async def test_what_ozone_alone_has_is_done_there_and_taken_back(
    ozone: Ozone, tmp_path: Path
) -> None:
    post = ozone.post("bob", "look at this", ozone.picture("bob", PICTURE))
    ozone.report("carla", post, "Spam", "again him")
    subject, carla = post["uri"], ozone.people["carla"].did
    async with engine(ozone, tmp_path) as live:
        await live.connected()
        thread = (await flagged(live, subject)).row.id

        async def extra(extra: Extra, value: str = "", seconds: int | None = None) -> None:
            revision = (await flagged(live, subject)).row.revision
            on = {"thread": thread, "revision": revision, "reason": "a grudge"}
            await done(live, DoExtra(**on, extra=extra, value=value, seconds=seconds))

        (flag,) = (await flagged(live, subject)).flags
        await extra(Extra.MUTE_REPORTER, flag.key, 7200)
        muted = datetime.fromisoformat(ozone.status(carla)["muteReportingUntil"])
        assert timedelta(hours=1) < muted - now() <= timedelta(hours=2)
        ozone.report("carla", post, "Rude", "and again")
        await taken_back(live, thread, lambda: not ozone.status(carla).get("muteReportingUntil"))

        await extra(Extra.PRIORITY, "80")
        assert ozone.status(subject)["priorityScore"] == 80
        await tagged(live, subject, "priority: 80")
        await extra(Extra.PRIORITY, "20")
        await taken_back(live, thread, lambda: ozone.status(subject)["priorityScore"] == 80)

        await extra(Extra.TAG, "wave")
        assert "wave" in ozone.status(subject)["tags"]
        await tagged(live, subject, "wave")
        await taken_back(live, thread, lambda: "wave" not in ozone.status(subject)["tags"])

        await extra(Extra.DIVERT)
        assert ozone.diverted() == [subject]
        with pytest.raises(Refused, match="cannot take it back"):
            await live.undo(thread)
    assert ozone.emitted(carla, "mod") == ["MuteReporter", "UnmuteReporter"]
    did = ozone.emitted(subject, "mod")
    assert [kind for kind in did if kind != "Takedown"] == [
        "PriorityScore", "PriorityScore", "PriorityScore", "Tag", "Tag", "Divert",
    ]  # fmt: skip


async def test_of_two_labels_ours_alone_is_taken_off_again(ozone: Ozone, tmp_path: Path) -> None:
    post = ozone.post("bob", "you are all idiots")
    ozone.report("alice", post, "Rude", "insulting")
    ozone.label("senior", post, "intolerant")
    subject = post["uri"]
    labels = ["rule 1=rude", "rule 2=intolerant"]
    async with engine(ozone, tmp_path, labels=labels) as live:
        await live.connected()
        detail = await flagged(live, subject)
        on = {"thread": detail.row.id, "revision": detail.row.revision}
        author = detail.record.thread.author.remote_id
        await done(live, Hide(**on, posts=(subject,), author=author, rule="rule 1"))
        assert ozone.emitted(subject, "mod") == ["Label", "Acknowledge"]
        assert (await live.undo(detail.row.id)).inverse
        await until(lambda: ozone.emitted(subject, "mod")[-1] == "Label")
    own = [
        each["event"] for each in ozone.events(subject) if each["event"]["$type"].endswith("Label")
    ]
    said = [(each["createLabelVals"], each["negateLabelVals"]) for each in own]
    assert said == [(["intolerant"], []), (["rude"], []), ([], ["rude"])]
