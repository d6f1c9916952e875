"""The first line: a queue that is not fed never looks like a quiet night."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from modtui.domain.commands import Dismiss
from modtui.domain.model import Health
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.views import AccountStatus, Counts
from modtui.widgets.delivery_words import Deeds, status_line
from modtui.widgets.host import Moment
from modtui.widgets.lines import first_line, health_words

NOW = datetime(2026, 11, 20, 22, 12, tzinfo=UTC)
COUNTS = Counts(open=1042, mine=12, unowned=900, late=37, next_due_at=NOW + timedelta(hours=2))
LONG = ("the-harbour-community-of-skyslots", "lounge-on-the-other-server", "square-of-the-town")


def line(names: tuple[str, ...], health: Health, width: int) -> str:
    """The first line with these accounts, all in the same health for three minutes."""
    ago = NOW - timedelta(minutes=3)
    accounts = [AccountStatus(name, "demo", health, ago, ago) for name in names]
    row = first_line(COUNTS, accounts, Moment(NOW, "UTC", width))
    return "".join(text for text, _ in row)[:width]


@pytest.mark.parametrize("width", [80, 100, 120, 160])
@pytest.mark.parametrize("health", [Health.OFFLINE, Health.LAGGING, Health.NEEDS_LOGIN])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_long_names_hide_neither_the_numbers_nor_the_time(
    count: int, health: Health, width: int
) -> None:
    shown = line(LONG[:count], health, width)
    assert shown.startswith(" 37 late  next 2h00m ")
    assert "open 1042  mine 12" in shown
    assert f"live 0/{count}" in shown
    assert shown.endswith("22:12 ")
    assert "STALE 3m" in shown or (count > 1 and f"{count} STALE: g a" in shown)


def test_what_is_not_live_is_stale_and_says_why_where_there_is_room() -> None:
    assert "live 0/1  a STALE 3m: offline │" in line(("a",), Health.OFFLINE, 120)
    assert "live 0/1  a STALE 3m: login │" in line(("a",), Health.NEEDS_LOGIN, 120)
    assert "live 0/1  a STALE 3m: limited │" in line(("a",), Health.RATE_LIMITED, 120)
    assert "live 0/1  a STALE 3m │" in line(("a",), Health.LAGGING, 120)
    assert "  a STALE 3m: offline  b STALE 3m: offline" in line(("a", "b"), Health.OFFLINE, 120)
    assert "  a STALE 3m  b STALE 3m │" in line(("a", "b"), Health.OFFLINE, 100)
    assert "live 0/1  a STALE 3m: offline  22:12 " in line(("a",), Health.OFFLINE, 80)
    assert "live 0/1  harbour STALE 3m  22:12 " in line(("harbour",), Health.OFFLINE, 80)


def test_an_account_that_is_read_while_deliveries_wait_is_not_stale() -> None:
    ago, until = NOW - timedelta(seconds=30), NOW + timedelta(seconds=40)
    waits = AccountStatus("a", "demo", Health.RATE_LIMITED, ago, ago, until=until)
    assert health_words(waits, NOW, why=True) == "STALE 30s: limited 40s"
    fed = replace(waits, last_ok_at=NOW - timedelta(seconds=5))
    assert health_words(fed, NOW, why=True) == "LIMITED 40s"


def test_a_first_read_that_broke_off_is_stale() -> None:
    ago = NOW - timedelta(minutes=2)
    broken = AccountStatus("a", "demo", Health.OFFLINE, ago, ago, reading=340)
    assert health_words(broken, NOW, why=True) == "STALE 2m: offline"


def test_how_a_delivery_stands_is_never_cut_for_the_title_of_its_thread() -> None:
    command = Dismiss(thread=1, revision=1, flags=("f",), unseen=("text not seen",))
    held = Delivery(
        1, "k", "b", 1, "forum", command, DeliveryState.HELD, "mod-a", NOW,
        hold_until=NOW + timedelta(seconds=10),
    )  # fmt: skip
    title = "a title of more than forty cells, with words in it"
    row = status_line(Deeds((held,), {1: title}), Counts(drafts=1), Moment(NOW, "UTC", 80))
    shown = "".join(text for text, _ in row)[:80]
    assert "u takes it back" in shown


def on_its_way(number: int, age: timedelta, **more: object) -> Delivery:
    command = Dismiss(thread=number, revision=1, flags=("f",))
    row = Delivery(
        number, f"k{number}", f"b{number}", number, "forum", command, DeliveryState.QUEUED, "mod-a",
        NOW - age, attempts=3, error="no answer",
    )  # fmt: skip
    return replace(row, **more)  # type: ignore[arg-type]


def test_what_does_not_leave_catches_the_eye() -> None:
    fresh, old = on_its_way(1, timedelta(seconds=20)), on_its_way(2, timedelta(minutes=41))
    moment = Moment(NOW, "UTC", 80)
    row = status_line(Deeds((fresh,)), Counts(), moment)
    assert row[1] == ("queued 20 s ", "soon")
    row = status_line(Deeds((old,)), Counts(), moment)
    assert row[1] == ("! queued 41m ", "late")
    row = status_line(Deeds((fresh,), older=(old,)), Counts(drafts=1), moment)
    assert ("! 1 delivery is stuck: g d ", "late") in row
    row = status_line(Deeds((fresh,), older=(old, replace(old, id=3))), Counts(), moment)
    assert ("! 2 deliveries are stuck: g d ", "late") in row
    row = status_line(Deeds((fresh,), older=(old,)), Counts(needs_human=1), moment)
    assert ("! 1 delivery needs you: g d ", "late") in row


def test_what_waits_for_its_time_or_for_a_word_is_not_stuck() -> None:
    hour = timedelta(hours=1)
    ends = on_its_way(1, hour, not_before=NOW + hour)
    asks = on_its_way(2, hour, asks=True)
    sent = on_its_way(3, hour, state=DeliveryState.SENT)
    row = status_line(Deeds(older=(ends, asks, sent)), Counts(), Moment(NOW, "UTC", 80))
    assert not any("stuck" in text for text, _ in row)
