from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from modtui.cli import shapes
from modtui.domain.hours import Calendar, Hours
from modtui.domain.model import (
    Channel,
    ClockKind,
    Restriction,
    Severity,
    Standing,
    State,
    ThreadRecord,
)
from modtui.domain.text import literal
from modtui.domain.timeleft import left
from modtui.domain.views import QueueRow
from modtui.store import ReadTx, Store
from modtui.store.listing_port import FlagGroup, Listed
from tests.store.stage import REALM, add, ask, at, flag, one, record


async def test_a_listing_adds_the_open_flags_and_the_restriction(store: Store) -> None:
    first, second = await add(store, record("s1", channel="pay"), record("s2"))
    slow = Restriction("slow", 60, at(1), at(9))
    await one(store, "put_channel", REALM, Channel("pay", literal("Payments"), slow))
    for put in (
        flag("f1", at=at(3)),
        flag("f2", at=at(2)),
        flag("f3", at=at(1), reason="threat"),
        flag("f4", at=at(4), by=None),
        flag("f5", at=at(0)),
    ):
        await one(store, "put_flag", first, put)
    await one(store, "put_flag", second, replace(flag("f1"), thread="s2"))
    await one(store, "close_flags", first, ["f5"], "mod-a", at(5))
    await one(store, "close_flags", second, ["f1"], "mod-a", at(5))
    told = await listing(store, first, second, 99)
    assert [(one.id, one.restriction) for one in told] == [(first, slow), (second, None)]
    assert told[0].flags == (
        FlagGroup("threat", "Igor", 1, at(1)),
        FlagGroup("spam", "Igor", 2, at(2)),
        FlagGroup("spam", None, 1, at(4)),
    )
    assert told[1].flags == ()


async def listing(store: Store, *ids: int) -> list[Listed]:
    async def work(tx: ReadTx) -> list[Listed]:
        return list(await tx.listing(ids))

    return await store.read(work)


# Each has something that a listing says.
KINDS: tuple[dict[str, object], ...] = (
    {"due": 5}, {"due": 90, "title": "ქართული"}, {"due": 700}, {"resumes": 60}, {},
    {"due": 5, "channel": "pay"}, {"due": 5, "url": None, "language": None},
    {"due": 5, "now_at": at(1), "now_due_at": at(16), "now_reason": "threat"},
    {"due": 5, "pending": 1, "unknown": 2, "revision": 4, "help_route": "self-harm"},
    {"state": State.RESOLVED, "resolved_at": at(3), "resolved_by": "mod-a"},
    {"state": State.WAITING, "standing": Standing(ClockKind.NEXT_RESPONSE, policy="social")},
    {"due": 5, "severity": Severity.URGENT, "flag_count": 9, "account": "other"},
)  # fmt: skip
HOURS = (Hours(time(8, 30), time(17)),)
CALENDARS = {"social": Calendar("social", "Europe/Warsaw", (HOURS,) * 5 + ((), ()))}


@pytest.mark.parametrize("minutes", [0, 10, 91, 600, 2000])
async def test_a_listing_says_what_the_rows_of_the_queue_say(store: Store, minutes: int) -> None:
    records = [record(f"s{n}", **changes) for n, changes in enumerate(KINDS)]
    ids = await add(store, *records)
    slow = Restriction("slow", 60, at(1), at(9))
    await one(store, "put_channel", REALM, Channel("pay", literal("Payments"), slow))
    for number, seconds in zip(ids[:3], (60, 1e6, 0), strict=True):
        await one(store, "take_claim", number, "mod-b", "session", seconds)
    rows = await ask(store, "queue_rows", ids, "mod-a")
    assert isinstance(rows, dict)
    moment = shapes.Moment(at(minutes), CALENDARS, {"forum": "discourse"})
    for kept, told in zip(records, await listing(store, *ids), strict=True):
        assert shapes.thread(told, moment) == as_the_row(rows[told.id], kept, moment)


def as_the_row(row: QueueRow, kept: ThreadRecord, moment: shapes.Moment) -> shapes.Doc:
    """What `queue --json` says of a thread, by the row that the screens show of it."""
    stands = left(row.standing, moment.calendars["social"], moment.now)
    slow = row.channel == "Payments"
    return {
        "id": row.id,
        "account": row.account,
        "connector": "discourse" if row.account == "forum" else "demo",
        "channel": row.channel,
        "remote_id": row.subject,
        "url": row.url,
        "title": row.title,
        "author": row.author,
        "language": row.language,
        "state": row.state,
        "severity": row.severity,
        "flag_count": row.flag_count,
        "flags": [],
        "clock": row.standing.clock,
        "due_at": row.standing.due_at,
        "seconds_left": stands.seconds,
        "band": stands.band,
        "policy": row.standing.policy,
        "claim": row.claim and {"by": row.claim.by, "until": row.claim.until},
        "revision": row.revision,
        "created_at": kept.thread.created_at,
        "first_flag_at": row.first_flag_at,
        "slow_mode": shapes.restriction(Restriction("slow", 60, at(1), at(9))) if slow else None,
        "help_route": row.help_route,
        "now_at": row.now_at,
        "now_due_at": row.now_due_at,
        "now_reason": row.now_reason or None,
        "resolved_at": row.resolved_at,
        "resolved_by": row.resolved_by,
        "pending": row.pending,
        "unknown": row.unknown,
    }
