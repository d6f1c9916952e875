"""What accounts have to say is said once, and the first read is counted on the first line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.model import Health
from modtui.domain.views import AccountStatus
from modtui.widgets.lines import FirstLine, health_words
from tests.screens.grid import grid
from tests.screens.play import playing
from tests.screens.sketches import NOW
from tests.screens.stage import FakeEngine, sent_reply, staged

CHAT = AccountStatus("chat", "matrix", Health.LAGGING, NOW, NOW)
READ = "read 1204 threads · 812 older than 7 days are put aside: filter backlog"


def test_a_first_read_is_counted_in_place_of_what_lags() -> None:
    later = NOW + timedelta(minutes=3)
    assert health_words(replace(CHAT, reading=340), later) == "reading 340"
    assert health_words(CHAT, later) == "STALE 3m"


async def test_the_end_of_a_first_read_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = staged()
    monkeypatch.setattr(FakeEngine, "accounts", lambda _: (replace(CHAT, news=READ),))
    sent_reply(engine, 1)
    async with playing(engine, (80, 24)) as play:
        await play.settle()
        engine.tell(wide=True)
        await play.settle()
        assert "reply" in grid(play.app)[22]
        assert play.said == f"chat: {READ}"
        await play.press("j")
        assert play.said == ""
        engine.tell(wide=True)
        await play.settle()
        assert play.said == ""


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20)])
async def test_it_hides_no_key_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    engine, news = staged(), " chat: read 30 threads"
    monkeypatch.setattr(FakeEngine, "accounts", lambda _: (replace(CHAT, news=news[7:]),))
    async with playing(engine, size) as play:
        engine.tell(wide=True)
        await play.settle()
        lines = grid(play.app)
        [found] = [number for number, line in enumerate(lines) if line.startswith(news)]
        assert found == (36 if size[1] == 40 else size[1] - 2)
        assert lines[-1].rstrip().endswith("? all")
        assert play.said == ""
        assert any("! 1 delivery needs you" in line for line in lines)
        # What is done next is what stands there, and the news where it was said.
        await play.press("a")
        await play.settle()
        lines = grid(play.app)
        assert any(line.startswith(" pending") for line in lines)
        assert any(line.startswith(news) for line in lines) is (size[1] == 40)


async def test_a_change_is_told_to_the_lines_of_the_room_that_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[FirstLine] = []
    engine = staged()

    def tell(line: FirstLine) -> None:
        told.append(line)

    async with playing(engine) as play:
        await play.press("g", "a")
        monkeypatch.setattr(FirstLine, "tell", tell)
        engine.tell(wide=True)
        await play.settle()
        assert set(told) == {play.app.screen.first}
        await play.press("g", "q")
        assert play.queue.first in told


async def test_practice_stands_first_on_the_first_line() -> None:
    for size in ((80, 24), (120, 40)):
        engine = staged()
        async with playing(engine, size) as play:
            plain = grid(play.app)[0]
        engine = staged()
        engine.practice = True
        async with playing(engine, size) as play:
            line = grid(play.app)[0]
            assert line.startswith(" PRACTICE ")
            assert len(line) == len(plain) == size[0]
            assert line.rstrip().endswith(plain.split()[-1])
            await play.press("r")
            assert grid(play.app)[0].startswith(" PRACTICE ")
