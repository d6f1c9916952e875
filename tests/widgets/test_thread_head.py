"""How hot, how slowed, what is new and what was kept: each in a few words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.heat import Pace, Rates
from modtui.domain.kept import Kept
from modtui.domain.model import Flag, Role
from modtui.domain.views import ThreadDetail
from modtui.widgets.queue_rows import Look, columns, row_cells
from modtui.widgets.thread_head import (
    effect_words,
    flags_words,
    heat_words,
    hot_rows,
    kept_words,
    rates_words,
)
from modtui.widgets.thread_rows import is_new, new_row
from tests.screens.sketches import FIRST, ME, NOW, ZONE, Sketch, canned_posts, queue_row, words
from tests.screens.stage import staged


async def detail(**changes: object) -> ThreadDetail:
    found = await staged().thread(1)
    assert found is not None
    return replace(found, **changes)


def flags(count: int, every: float = 7.5) -> tuple[Flag, ...]:
    return tuple(
        Flag("s1", "spam", NOW - timedelta(seconds=every * n), f"f{n}", "t1p1", words(f"u{n % 61}"))
        for n in range(count)
    )


async def test_the_heat_is_that_of_the_last_minute() -> None:
    said = tuple(replace(p, created_at=NOW - timedelta(seconds=30)) for p in canned_posts(1))
    ours = replace(said[0], role=Role.STAFF)
    one = await detail(flags=flags(80), posts=(*said, ours))
    assert heat_words(one, NOW) == "heat 8 flags, 3 posts /min"
    assert flags_words(one, NOW - timedelta(minutes=5)) == "flags 80 by 61 people, 40 new"
    assert heat_words(await detail(), NOW + timedelta(hours=1)) == "heat 0/min"


async def test_one_is_counted_as_one() -> None:
    said = (replace(canned_posts(1)[0], created_at=NOW - timedelta(seconds=30)),)
    one = await detail(flags=flags(1), posts=said)
    assert heat_words(one, NOW) == "heat 1 flag, 1 post /min"
    assert flags_words(one, None) == "flags 1 by 1 person"
    assert rates_words(Rates(1.0, 0.5)) == "1 post, 0.5 flags /min"
    assert rates_words(Rates(0.0, 1.0)) == "0 posts, 1 flag /min"


@pytest.mark.parametrize(
    ("pace", "text"),
    [
        (Pace(Rates(3.0, 1.0), Rates(12.4, 8.0)), "posts 12 → 3, flags 8 → 1 /min"),
        (Pace(Rates(0.0, 0.5), Rates(1.2, 8.0)), "posts 1.2 → 0, flags 8 → 0.5 /min"),
        (
            Pace(Rates(0.0, 0.0), Rates(12.0, 8.0), settled=False),
            "before it: 12 posts, 8 flags /min",
        ),
        (Pace(Rates(3.0, 1.0)), ""),
    ],
)
async def test_what_a_restriction_did_is_said_before_and_after(pace: Pace, text: str) -> None:
    assert effect_words(await detail(pace=pace)) == text


async def test_a_thread_with_few_flags_says_nothing_more() -> None:
    assert hot_rows(await detail(), NOW, NOW) == ()


async def test_what_was_kept_is_counted() -> None:
    kept = Kept("t1p1", ME, NOW, "x", 12)
    assert kept_words(await detail(kept=(kept,))) == "kept until edited; 12 further flags closed"
    assert kept_words(await detail(kept=(replace(kept, closed=1),))).endswith(
        "1 further flag closed"
    )


def test_what_staff_wrote_is_not_new() -> None:
    post = replace(canned_posts(1)[0], created_at=NOW)
    before = NOW - timedelta(seconds=1)
    assert is_new(post, before)
    assert not is_new(replace(post, role=Role.STAFF), before)
    assert not is_new(post, NOW)
    assert not is_new(post, None)


def test_the_line_before_what_is_new_fills_its_width() -> None:
    ((text, _),) = new_row(34, "G", 70)
    assert text.startswith(" ── 34 new posts since you opened it · G to the end ──")
    assert len(text) == 70


HOT = Sketch(252, FIRST, "insult", "ru", 80, '"rigged!!"', "disco/slots", heat=8)


@pytest.mark.parametrize(
    ("width", "later", "parts"),
    [
        (80, 0, (" pile-on ", " 80↑ ", '"rigged!!"  8 flags/min')),
        (72, 0, (" pile-on ", " 80 ↑8 ", '"rigged!!" ')),
        (80, 25, (" pile-on ", '"rigged!!"  7 flags/min')),
        (80, 90, (" insult ", "  80 ", '"rigged!!"  ')),
    ],
)
def test_a_pile_on_is_one_row_that_cools_down(
    width: int, later: int, parts: tuple[str, ...]
) -> None:
    engine = staged((HOT,))
    row = queue_row(1, HOT)
    now = NOW + timedelta(seconds=later)
    cols = columns(width, clocks=width == 72)
    cells = row_cells(row, engine.left(row), cols, Look(ME, ZONE, now), selected=False)
    text = "".join(piece for piece, _ in cells)
    assert [part for part in parts if part not in text] == [], text


def test_a_grave_reason_is_not_hidden_behind_the_pile_on() -> None:
    row = replace(queue_row(1, HOT), why="threat", now_at=NOW)
    engine = staged((HOT,))
    cols = columns(80, clocks=False)
    cells = row_cells(row, engine.left(row), cols, Look(ME, ZONE, NOW), selected=False)
    assert " threat " in "".join(piece for piece, _ in cells)
