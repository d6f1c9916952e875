"""The ledger of a deadline: it names each stretch with its cause, and sums to the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from modtui.domain.hours import Calendar, always
from modtui.domain.model import Event, EventKind, Severity, State
from modtui.domain.sla import Policy, clocks, standing
from modtui.domain.views import ThreadDetail
from modtui.widgets.host import Moment
from modtui.widgets.ledger_rows import deadline_rows, in_question, ledger_rows
from tests.screens.sketches import OFFICE
from tests.screens.stage import staged

T0 = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def policy(calendar: Calendar, **match: object) -> Policy:
    return Policy("social", calendar, 2 * HOUR, 4 * HOUR, 24 * HOUR, **match)  # type: ignore[arg-type]


async def told(
    events: tuple[Event, ...], wanted: Policy, now: datetime, width: int = 76
) -> tuple[ThreadDetail, str, str]:
    """The detail, and what is said of its deadline and of its ledger."""
    detail = await staged().thread(1)
    assert detail is not None
    stands = standing(events, wanted, now, T0)
    row = replace(detail.row, standing=stands)
    detail = replace(detail, row=row, clocks=lambda: clocks(events, wanted, now), policy=wanted)
    moment = Moment(now, "UTC", width)
    deadline = "\n".join("".join(t for t, _ in r) for r in deadline_rows(detail, moment))
    ledger = "\n".join("".join(t for t, _ in r) for r in ledger_rows(detail, moment))
    return detail, deadline, ledger


def minutes(words: str) -> int:
    """`2h05m`, `38m`, `0s` as minutes."""
    hours, _, rest = words.rpartition("h")
    return int(hours or 0) * 60 + (int(rest[:-1]) if rest.endswith("m") else 0)


async def test_each_stretch_has_its_cause_and_the_counted_ones_sum_to_the_clock() -> None:
    flagged = Event(EventKind.FLAGGED, T0, "Igor")
    now = T0 + timedelta(hours=30)
    detail, deadline, ledger = await told((flagged,), policy(OFFICE), now)
    found = in_question(detail)
    assert found is not None
    lines = ledger.splitlines()
    assert lines[0] == " first response"
    own = lines[1 : 1 + len(found.ledger)]
    counted = [minutes(line.split()[-2]) for line in own if line.endswith(" counted")]
    assert sum(counted) == int(found.elapsed.total_seconds() // 60)
    assert len([line for line in own if line.endswith("not counted: closed")]) >= 1
    assert f"{len(counted)}" != "0"
    whole = sum(minutes(line.partition("→")[2].split()[-2 if line.endswith(" counted") else -4])
                for line in own)  # fmt: skip
    assert whole == 30 * 60
    assert "counted + " in deadline
    assert "= 30h00m since " in deadline


async def test_a_breach_shows_working_and_calendar_time() -> None:
    flagged = Event(EventKind.FLAGGED, T0, "Igor")
    _, deadline, ledger = await told((flagged,), policy(OFFICE), T0 + timedelta(hours=22))
    assert "late 5h00m working time, " in deadline
    assert " by the calendar" in deadline
    assert "of 2h00m counted, breached " in ledger
    _, deadline, _ = await told((flagged,), policy(always()), T0 + HOUR / 2)
    assert "1h30m working time left, 1h30m by the calendar" in deadline


async def test_waiting_and_snoozing_are_uncounted_with_their_names() -> None:
    events = (
        Event(EventKind.FLAGGED, T0, "Igor"),
        Event(EventKind.STAFF_REPLY, T0 + HOUR, "mod-a", (("then", "wait"),)),
        Event(EventKind.AUTHOR_POST, T0 + 3 * HOUR, "u1"),
        Event(
            EventKind.SNOOZED, T0 + 4 * HOUR, "mod-a",
            (("until", (T0 + 6 * HOUR).isoformat()),),
        ),
    )  # fmt: skip
    detail, deadline, ledger = await told(events, policy(always()), T0 + 5 * HOUR)
    assert "not counted: waiting on author" in ledger
    assert "not counted: snoozed" in ledger
    assert detail.row.state is not State.RESOLVED
    assert "stands still until" in deadline


@pytest.mark.parametrize(
    ("match", "why"),
    [
        ({}, "it takes every thread that none before it took"),
        ({"accounts": ("disco",)}, "the account is disco"),
        ({"severities": (Severity.NORMAL,)}, "the severity is normal"),
        ({"channels": ("payments",), "tags": ("cards",)}, "the channel is payments and it is"),
    ],
)
async def test_the_policy_says_why_it_fits(match: dict[str, object], why: str) -> None:
    flagged = Event(EventKind.FLAGGED, T0, "Igor")
    _, deadline, _ = await told((flagged,), policy(always(), **match), T0 + HOUR)
    assert f"it fits because {why}" in deadline
    assert "policy social: target 2h00m, warns at 1h00m, 1h36m · calendar always (UTC)" in deadline


async def test_without_a_promise_it_says_so_and_the_lane_stands_first() -> None:
    bare = Policy("none", always(), None, None, None)
    detail, deadline, ledger = await told((), bare, T0)
    assert (deadline, ledger) == (" no clock runs: nothing is promised for this thread", "")
    row = replace(detail.row, now_at=T0, now_due_at=T0 + HOUR / 4, now_reason="threat")
    lane = replace(detail, row=row)
    for now, stands in ((T0, "15m left"), (T0 + HOUR, "late 45m")):
        rows = deadline_rows(lane, Moment(now, "UTC", 99))
        words = f" NOW lane since 10:00 (threat), due 10:15, {stands}: wall clock, never paused"
        assert rows[0][0][0] == words
