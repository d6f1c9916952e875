"""What the pane says of a thread."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.model import ClockKind, Flag, Standing, State
from modtui.domain.people import Brief
from modtui.domain.spam import AUTHOR, TEXT, Sign, Suspicion, step
from modtui.domain.timeleft import left
from modtui.domain.views import ThreadDetail
from modtui.widgets.thread_head import due_words, head_rows, hot_rows, is_limited, route_words
from modtui.widgets.thread_rows import Frame, flag_words, post_rows
from tests.domain.calendars import moment, weekdays
from tests.screens.grid import grid
from tests.screens.play import playing
from tests.screens.sketches import NOW, SKETCHES
from tests.screens.stage import staged


async def test_a_thread_with_a_help_route_says_so_and_where_the_help_is() -> None:
    engine = staged()
    detail = await engine.thread(1)
    assert detail is not None
    assert (is_limited(detail), route_words(detail)) == (False, "")
    marked = replace(detail, record=replace(detail.record, help_route="self-harm"))
    assert route_words(marked) == "HELP ROUTE self-harm: see 1"
    frame = Frame(80, NOW, "UTC", "mod-a")
    rows = head_rows(marked, engine.left(marked.row), frame)
    said = ["".join(text for text, _ in row).strip() for row in rows]
    assert said[-1] == "HELP ROUTE self-harm: see 1"
    foreign = replace(frame, unread="you don't read ka · care does: mod-e, mod-f")
    for tall, expected in (
        (False, [f"HELP ROUTE self-harm: see 1 · {foreign.unread}"]),
        (True, ["HELP ROUTE self-harm: see 1", foreign.unread]),
    ):
        rows = head_rows(marked, engine.left(marked.row), replace(foreign, tall=tall))
        last = ["".join(text for text, _ in row).strip() for row in rows[6:]]
        assert last == expected


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-11-20 20:00", "1st reply due 23 Nov 11:00, opens 23 Nov 10:00"),
        ("2026-11-23 07:30", "1st reply due 11:00, opens 10:00"),
        ("2026-11-23 09:15", "1st reply due 11:00, 45m left"),
    ],
)
async def test_off_hours_say_when_the_desk_opens_and_on_which_day(now: str, said: str) -> None:
    standing = Standing(ClockKind.FIRST_RESPONSE, due_at=moment("2026-11-23 10:00"))
    detail = await staged().thread(1)
    assert detail is not None
    off = replace(detail, row=replace(detail.row, standing=standing, state=State.OPEN))
    value = left(standing, weekdays("09:00-17:00"), moment(now))
    frame = Frame(120, moment(now), "Europe/Warsaw", "mod-a")
    assert due_words(off, value, frame) == said


async def test_a_snooze_says_on_which_day_it_ends() -> None:
    standing = Standing(ClockKind.RESOLUTION, resumes_at=moment("2026-11-23 13:30"))
    detail = await staged().thread(1)
    assert detail is not None
    asleep = replace(detail, row=replace(detail.row, standing=standing, state=State.SNOOZED))
    for now, said in (("2026-11-20 20:00", "23 Nov 14:30"), ("2026-11-23 09:00", "14:30")):
        value = left(standing, weekdays("09:00-17:00"), moment(now))
        frame = Frame(120, moment(now), "Europe/Warsaw", "mod-a")
        assert due_words(asleep, value, frame) == f"snoozed until {said}"


async def test_at_80_columns_the_claim_is_seen_beside_language_and_help_route() -> None:
    engine = staged([replace(SKETCHES[0], language="ka")])
    engine.rows[1] = replace(engine.rows[1], help_route="self-harm")
    async with playing(engine, (80, 24)) as play:
        foot = next(line for line in grid(play.app) if "you don't read ka" in line)
    assert "HELP ROUTE self-harm: see 1 · claim: you" in foot


async def test_signs_of_spam_stand_with_their_evidence_and_what_is_suggested() -> None:
    sign = Sign(TEXT, 4, (1, 2, 3), ("forum", "chat"), within=timedelta(minutes=10))
    engine = staged()
    detail = await engine.thread(1)
    assert detail is not None
    found = replace(detail, spam=Suspicion((sign,), step("mute 1h"), 1))
    said = hot_rows(found, engine.now(), None)
    assert said[:2] == (
        "SPAM? same text 4× in 10 min: forum, chat, threads 1, 2, 3",
        "suggested: mute for 1 h (1 sanction before)",
    )


@pytest.mark.parametrize("size", [(80, 24), (80, 32), (120, 40)])
async def test_an_open_thread_says_all_of_the_evidence(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    signs = (
        Sign(AUTHOR, 4, (1, 2, 3), ("forum", "discord"), within=timedelta(minutes=10)),
        Sign(TEXT, 3, (1, 23, 456), ("forum", "discord"), within=timedelta(minutes=10)),
    )
    engine = staged()
    told = engine._detail

    def suspicious(thread: int) -> ThreadDetail | None:
        detail = told(thread)
        return detail and replace(detail, spam=Suspicion(signs, step("mute 1h"), 1))

    monkeypatch.setattr(engine, "_detail", suspicious)
    async with playing(engine, size) as play:
        await play.press("enter")
        shown = " ".join(
            " ".join(line.partition("│")[2] or line for line in grid(play.app)).split()
        )
        for sign in signs:
            assert f"SPAM? {sign.line}" in shown
        assert "suggested: mute for 1 h (1 sanction before)" in shown
        assert "1 Withdrawal" in shown
        assert "0 find" in shown
        # A low window has no room for it.
        await play.pilot.resize_terminal(80, 20)
        await play.settle()
        assert "suggested: mute" not in "\n".join(grid(play.app))
        await play.pilot.resize_terminal(*size)
        await play.settle()
        assert "suggested: mute" in "\n".join(grid(play.app))


async def test_the_heat_of_a_pile_on_is_said_once() -> None:
    engine = staged()
    detail = await engine.thread(1)
    assert detail is not None
    crowd = replace(detail, flags=detail.flags * 10)
    frame = Frame(80, NOW, "UTC", "mod-a", tall=True)
    quiet = replace(frame, now=NOW + timedelta(hours=1))
    for each, seen, style in (
        (detail, quiet, "text"),
        (crowd, quiet, "text"),
        (crowd, frame, "soon"),
    ):
        rows = head_rows(each, engine.left(each.row), seen)
        said = ["".join(text for text, _ in row) for row in rows]
        assert "".join(said).count("heat ") == 1
        # The lines after it may be cut.
        assert "heat " in said[5]
        assert rows[5][0][1] == style


async def test_a_record_that_finds_no_room_says_so_in_fewer_letters() -> None:
    engine = staged()
    detail = await engine.thread(1)
    assert detail is not None
    author = detail.posts[0].author.remote_id
    known = replace(detail, briefs={author: Brief(2, (("mute", 1),))}, whole=True)
    for width, said in ((80, "2 earlier flags, 1 mute w"), (50, " 2 earlier, 1 mute w")):
        frame = Frame(width, NOW, "UTC", "mod-a", cursor=detail.posts[0].remote_id)
        row = post_rows(known, frame).rows[0]
        assert "".join(text for text, _ in row).rstrip().endswith(said)


def test_one_reason_is_not_counted_twice() -> None:
    spam, other = (Flag("1", reason, NOW) for reason in ("spam", "other"))
    assert flag_words([spam, spam]) == "flagged 2×: spam"
    assert flag_words([spam, other, spam]) == "flagged 3×: spam 2, other 1"


async def test_the_bar_beside_the_chosen_post_looks_like_the_row_of_its_author() -> None:
    """What looks alike is sent together, and a bar of its own colour would be sent apart."""
    detail = await staged().thread(1)
    assert detail is not None
    head, *_, body, _ = post_rows(
        replace(detail, posts=detail.posts[:1]),
        Frame(80, NOW, "UTC", "mod-a", cursor=detail.posts[0].remote_id),
    ).rows
    style = {text.strip(): style for text, style in (*head, *body)}
    assert style["┃"] == "strong"
    assert next(look for text, look in head if "vasya_77" in text) == "strong"
