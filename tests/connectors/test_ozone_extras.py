"""What Ozone alone can do: mute who reports, priority score, tags, divert."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from modtui.connectors import Rejected
from modtui.connectors.evidence import SO_ALREADY
from modtui.connectors.ozone.extras import blobs_of
from modtui.domain.commands import DoExtra, Extra, Sanction, SanctionKind
from tests.connectors.contract import ON
from tests.connectors.fakeozone import DEFS, FakeOzone, stamp
from tests.connectors.test_ozone import line


def emitted(fake: FakeOzone, kind: str) -> list[tuple[Any, Any]]:
    """Return the events of a kind that we emitted, each with its subject."""
    rows = [row for row in fake.events if row["event"]["$type"] == f"{DEFS}modEvent{kind}"]
    return [(row["event"], row["subject"]) for row in rows]


async def test_who_reported_is_muted_for_hours_and_heard_again() -> None:
    fake = FakeOzone()
    there = await line(fake)
    mute = DoExtra(
        **ON, extra=Extra.MUTE_REPORTER, value=there.flags[0], seconds=90 * 60, reason="grudge"
    )
    await there.connector.perform(there.ref, mute, "m1")
    await there.connector.perform(there.ref, replace(mute, on=False, seconds=None), "m2")
    ((event, subject),) = emitted(fake, "MuteReporter")
    assert (event["durationInHours"], event["comment"]) == (2, "grudge")
    assert subject["did"] == "did:plc:reader"
    ((_, subject),) = emitted(fake, "UnmuteReporter")
    assert subject["did"] == "did:plc:reader"
    for value in ("review", "77", "٣"):
        with pytest.raises(Rejected, match="no reporter"):
            await there.connector.perform(there.ref, replace(mute, value=value), "m3")
    with pytest.raises(Rejected, match="counts in hours"):
        await there.connector.perform(there.ref, replace(mute, seconds=60), "m4")


@pytest.mark.parametrize(
    ("until", "seconds", "again"),
    [
        ("2999-12-31T00:00:00Z", None, False),
        ("2999-12-31T00:00:00Z", 3600, False),
        (stamp(-30), 3600, True),
        (stamp(-90), 3600, False),
        (stamp(30), 3600, True),
    ],
)
async def test_a_reporter_whom_another_muted_as_long_is_left_so(
    until: str, seconds: int | None, again: bool
) -> None:
    fake = FakeOzone()
    there = await line(fake)
    fake.statuses.append(
        {"id": 99, "subject": fake.named("did:plc:reader"), "muteReportingUntil": until,
         "reviewState": f"{DEFS}reviewNone", "updatedAt": stamp()}
    )  # fmt: skip
    mute = DoExtra(**ON, extra=Extra.MUTE_REPORTER, value=there.flags[0], seconds=seconds)
    told_back = await there.connector.perform(there.ref, mute, "m1")
    assert (told_back.evidence != SO_ALREADY) is again
    assert len(emitted(fake, "MuteReporter")) == again


async def test_a_priority_is_set_shown_and_remembered_for_taking_it_back() -> None:
    fake = FakeOzone()
    there = await line(fake)
    row = fake.status(there.subject)
    assert row is not None
    row["priorityScore"] = 20
    score = DoExtra(**ON, extra=Extra.PRIORITY, value="80", reason="a wave")
    assert (await there.connector.perform(there.ref, score, "p1")).evidence == "was 20"
    assert (await there.connector.perform(there.ref, score, "p2")).evidence == SO_ALREADY
    assert [(e["score"], e["comment"]) for e, _ in emitted(fake, "PriorityScore")] == [
        (80, "a wave")
    ]
    batch = await anext(fake.connector().updates(there.batches[-1].cursor))
    (thread,) = batch.threads
    assert "priority: 80" in map(str, thread.tags)


async def test_a_tag_is_put_on_and_taken_off() -> None:
    fake = FakeOzone()
    there = await line(fake)
    tag = DoExtra(**ON, extra=Extra.TAG, value="wave")
    await there.connector.perform(there.ref, tag, "t1")
    assert (await there.connector.perform(there.ref, tag, "t2")).evidence == SO_ALREADY
    await there.connector.perform(there.ref, replace(tag, on=False), "t3")
    off = await there.connector.perform(there.ref, replace(tag, on=False), "t4")
    assert off.evidence == SO_ALREADY
    assert [(e["add"], e["remove"]) for e, _ in emitted(fake, "Tag")] == [
        (["wave"], []), ([], ["wave"]),
    ]  # fmt: skip


async def test_only_what_has_media_is_diverted_with_its_files() -> None:
    fake = FakeOzone()
    there = await line(fake)
    divert = DoExtra(**ON, extra=Extra.DIVERT, reason="scan it")
    await there.connector.perform(there.ref, divert, "d1")
    (call,) = [c for c in fake.calls if c.body and "subjectBlobCids" in c.body]
    assert call.body["subjectBlobCids"] == ["blob1"]
    del fake.records[there.subject]["value"]["embed"]
    with pytest.raises(Rejected, match="no pictures or videos"):
        await there.connector.perform(there.ref, divert, "d2")


def test_files_are_found_wherever_they_stand_each_once() -> None:
    def blob(cid: object) -> dict[str, object]:
        return {"$type": "blob", "ref": {"$link": cid}, "mimeType": "image/png", "size": 1}

    value = {"a": [{"b": blob("one")}, blob("two")], "c": blob("one"), "d": blob(7), "e": "blob"}
    assert blobs_of(value) == ("one", "two")
    assert blobs_of(None) == ()


# what stood before
async def test_a_mute_of_another_that_lasts_as_long_is_left() -> None:
    fake = FakeOzone()
    there = await line(fake)
    author = there.ref.author
    fake.statuses.append(
        {"id": 99, "subject": fake.named(author), "muteUntil": stamp(-3 * 24 * 60),
         "reviewState": f"{DEFS}reviewNone", "updatedAt": stamp()}
    )  # fmt: skip
    day = Sanction(**ON, sanction=SanctionKind.MUTE, author=author, seconds=86_400)
    assert (await there.connector.perform(there.ref, day, "1")).evidence == SO_ALREADY
    await there.connector.perform(there.ref, replace(day, renews=True), "2")
    await there.connector.perform(there.ref, replace(day, seconds=7 * 86_400), "3")
    assert [event["durationInHours"] for event, _ in emitted(fake, "Mute")] == [24, 168]


async def test_our_takedown_for_good_gets_the_end_that_it_is_given_later() -> None:
    fake = FakeOzone()
    there = await line(fake)
    author = there.ref.author
    fake.statuses.append(
        {"id": 99, "subject": fake.named(author), "takendown": False,
         "reviewState": f"{DEFS}reviewOpen", "updatedAt": stamp()}
    )  # fmt: skip
    ban = Sanction(**ON, sanction=SanctionKind.BAN, author=author)
    await there.connector.perform(there.ref, ban, "1")
    day = replace(ban, seconds=86_400)
    assert (await there.connector.perform(there.ref, day, "2")).evidence == SO_ALREADY
    assert len(emitted(fake, "Takedown")) == 1
    told = await there.connector.perform(there.ref, replace(day, renews=True), "3")
    assert told.evidence != SO_ALREADY
    assert [event.get("durationInHours") for event, _ in emitted(fake, "Takedown")] == [None, 24]
    assert len(emitted(fake, "ReverseTakedown")) == 1
