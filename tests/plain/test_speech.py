"""Words to be read aloud: times, totals, threads, deliveries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from modtui.domain.commands import Reply, SetSlowMode
from modtui.domain.heat import Pace, Rates
from modtui.domain.model import (
    ELSEWHERE,
    Band,
    Claim,
    Health,
    Severity,
    Standing,
    State,
)
from modtui.domain.outbox import PRACTICE, Delivery, DeliveryState, Receipt
from modtui.domain.text import literal
from modtui.domain.timeleft import Left
from modtui.domain.views import AccountStatus, Counts, QueueRow
from modtui.plain.posts import pace
from modtui.plain.speech import (
    Hearer,
    at,
    delivery_line,
    duration,
    language,
    length,
    on,
    said,
    sentence,
    thread_line,
    time_words,
    totals,
)
from tests.screens.stage import staged

NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
ME = Hearer("mod-a", NOW, "UTC")
LATE = Left(Band.BREACHED, -720, timedelta(minutes=12), None, None)
ROW = QueueRow(
    id=1, account="disco", channel=literal("help"), title=literal("[folded] help needed"),
    author=literal("nina"), language="ka", why="self-harm", flag_count=2, state=State.OPEN,
    severity=Severity.URGENT, help_route=None, standing=Standing(), revision=1, claim=None,
    pending=0, unknown=0, has_draft=False, held=False, first_flag_at=NOW, resolved_by=None,
    resolved_at=None, subject="s1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "no time"), (1, "1 second"), (252, "4 minutes 12 seconds"), (600, "10 minutes"),
        (754, "12 minutes"), (3600, "1 hour"), (7500, "2 hours 5 minutes"), (259_200, "3 days"),
    ],
)  # fmt: skip
def test_how_long(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def test_a_setting_is_said_exactly() -> None:
    assert [length(n) for n in (90, 900, 7200, 604_800)] == [
        "90 seconds", "15 minutes", "2 hours", "7 days",
    ]  # fmt: skip


def test_a_moment_names_its_day_only_where_that_is_another() -> None:
    assert at(NOW - timedelta(hours=2), ME) == "01:12"
    assert at(NOW - timedelta(days=3), ME) == "18 November 03:12"


def test_languages_have_their_english_names() -> None:
    assert [language(code) for code in ("ru", "kk", "xx", None)] == [
        "Russian", "Kazakh", "language xx", "language unknown",
    ]  # fmt: skip


def test_the_totals_are_one_line() -> None:
    counts = Counts(
        open=42, mine=2, late=3, now=1, next_due_at=NOW + timedelta(minutes=4, seconds=12)
    )
    live = AccountStatus("forum", "demo", Health.LIVE, NOW, NOW)
    stale = AccountStatus(
        "discord", "demo", Health.LAGGING, NOW, NOW - timedelta(minutes=3, seconds=9)
    )
    accounts = [replace(live, name=f"a{n}") for n in range(4)] + [stale]
    assert totals(counts, accounts, NOW) == (
        "1 NOW, 3 late, next due in 4 minutes 12 seconds, 42 open, 2 mine; "
        "live 4 of 5, discord stale 3 minutes"
    )
    for health, why in (
        (Health.OFFLINE, "offline"),
        (Health.NEEDS_LOGIN, "needs a login"),
        (Health.RATE_LIMITED, "limited for 40 seconds"),
    ):
        gone = replace(stale, health=health, until=NOW + timedelta(seconds=40))
        assert totals(counts, [gone], NOW).endswith(f"discord stale 3 minutes: {why}")
    assert totals(replace(counts, needs_human=1), [], NOW).endswith(
        "1 of your deliveries needs you"
    )


def test_a_thread_is_one_line_of_words() -> None:
    lane = Left(Band.SOON, 720, None, None, None, lane=True)
    row = replace(ROW, now_at=NOW, now_reason="self-harm")
    assert thread_line(row, lane, ME) == (
        "NOW, 12 minutes left, self-harm, Georgian, 2 flags, [folded] help needed, disco/help, "
        "nobody holds it"
    )
    assert "help route" not in thread_line(replace(row, help_route="self-harm"), lane, ME)
    gate = thread_line(replace(ROW, help_route="self-harm"), LATE, ME)
    assert "2 flags, help route open, [folded] help needed" in gate
    mine = Claim(1, "mod-a", "s", 1, NOW + timedelta(minutes=1))
    said_of = thread_line(replace(ROW, claim=mine, pending=1, has_draft=True), LATE, ME)
    assert said_of.startswith("late by 12 minutes, sending, self-harm, ")
    assert said_of.endswith("you hold it, your draft is kept")


@pytest.mark.parametrize(
    ("row", "left", "words"),
    [
        (ROW, LATE, "late by 12 minutes"),
        (ROW, Left(Band.OK, 7200, None, None, None), "2 hours left"),
        (ROW, Left(Band.OK, 7200, None, NOW + timedelta(hours=6), None),
         "closed now, opens at 09:12"),
        (ROW, Left(Band.OK, None, None, None, None), "no deadline"),
        (replace(ROW, state=State.WAITING), LATE, "waiting for the author"),
        (replace(ROW, state=State.SNOOZED),
         Left(Band.PAUSED, None, None, None, NOW + timedelta(hours=1)), "snoozed until 04:12"),
        (replace(ROW, state=State.RESOLVED, resolved_by="mod-a"), LATE, "done by you"),
        (replace(ROW, state=State.RESOLVED, resolved_by=ELSEWHERE), LATE, "closed elsewhere"),
        (replace(ROW, flag_count=0), Left(Band.BREACHED, -61, None, None, None, lane=True),
         "NOW, late by 1 minute, needs an outcome"),
    ],
)  # fmt: skip
def test_the_time_left(row: QueueRow, left: Left, words: str) -> None:
    assert time_words(row, left, ME) == words


def test_a_delivery_says_how_it_stands_and_what_it_is_about() -> None:
    command = Reply(thread=1, revision=1, text="Hello")
    row = Delivery(1, "k", "b", 1, "disco", command, DeliveryState.SENT, "mod-a", NOW)
    assert delivery_line(row, "Deposit limit") == "sent: reply to Deposit limit"
    refused = replace(row, state=DeliveryState.REJECTED, error="no rights")
    assert delivery_line(refused, "Deposit limit") == "refused: reply to Deposit limit: no rights"
    practised = replace(row, receipt=Receipt(None, NOW, PRACTICE))
    assert delivery_line(practised, "").startswith("practised, not sent: ")
    slow = SetSlowMode(thread=1, revision=1, seconds=900, until=None, reason="heated")
    assert on(slow, "rigged!!") == "slow mode 15 minutes, on rigged!!"


def test_what_is_written_for_a_screen_is_said_without_marks() -> None:
    assert said("reply → Deposit limit · was 2 s") == "reply, on Deposit limit, was 2 seconds"
    assert said("flagged 4×") == "flagged 4 times"
    assert sentence("taken back") == "Taken back."
    assert sentence("why?") == "Why?"


async def test_one_post_a_minute_is_one() -> None:
    found = await staged().thread(1)
    assert found is not None
    assert pace(replace(found, pace=Pace(Rates(1.0, 0.5)))) == "now 1 post and 0.5 flags a minute"
