"""What a row of the queue says of a thread that somebody closed, and of one that sleeps."""

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.model import Band, State
from modtui.domain.timeleft import Left
from modtui.widgets.queue_rows import Look, columns, row_cells, time_text
from tests.screens.sketches import NOW, SKETCHES, queue_row


@pytest.mark.parametrize(
    ("by", "draft", "words"),
    [
        ("elsewhere", True, "(closed elsewhere 2m ago, your draft is kept)"),
        ("elsewhere", False, "(closed elsewhere 2m ago)"),
        ("mod-c", False, "(mod-c closed it, 2m ago)"),
    ],
)
def test_a_closed_row_says_who_closed_it(by: str, draft: bool, words: str) -> None:
    row = replace(
        queue_row(1, SKETCHES[0]),
        state=State.RESOLVED,
        resolved_by=by,
        resolved_at=NOW - timedelta(minutes=2),
        has_draft=draft,
    )
    left = Left(Band.OK, None, None, None, None)
    cells = row_cells(
        row, left, columns(120, clocks=False), Look("mod-a", "UTC", NOW), selected=False
    )
    assert words in "".join(text for text, _ in cells)


@pytest.mark.parametrize(
    ("hours", "shown"), [(3, "z " + (NOW + timedelta(hours=3)).strftime("%H:%M")), (62, "day")]
)
def test_a_row_that_sleeps_says_until_when_and_the_day_where_it_is_far(
    hours: int, shown: str
) -> None:
    until = NOW + timedelta(hours=hours)
    row = replace(queue_row(1, SKETCHES[0]), state=State.SNOOZED)
    left = Left(Band.PAUSED, None, None, None, until, far=hours >= 24)
    day = f"z{until:%d %b}"
    assert time_text(row, left, Look("mod-a", "UTC", NOW)) == (day if shown == "day" else shown)


def test_a_row_that_sleeps_until_something_happens_says_that_it_does() -> None:
    row = replace(queue_row(1, SKETCHES[0]), state=State.SNOOZED)
    left = Left(Band.PAUSED, None, None, None, None)
    assert time_text(row, left, Look("mod-a", "UTC", NOW)) == "snoozed"
