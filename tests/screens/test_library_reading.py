"""While the library is read for the first time: nothing waits for it, and the screens say so."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from modtui.domain.views import Change
from modtui.screens.dialogs.find import FindReplyDialog
from modtui.widgets.slot_rows import READING
from tests.screens.grid import grid
from tests.screens.play import Play, playing
from tests.screens.shelf_stage import made
from tests.screens.stage import FakeEngine, canned_slots, staged

SIZES = [(80, 24), (120, 40)]


def reading() -> FakeEngine:
    engine = staged()
    engine.shelf.entries = [made("limits", "Deposit limits")]
    engine.shelf.troubles = ["/r/broken.toml:3: id must be a text"]
    engine.shelf.reading = True
    return engine


def shown(play: Play) -> str:
    return "\n".join(grid(play.app))


async def done(play: Play, engine: FakeEngine) -> None:
    """The library was read: it is told as the engine tells it."""
    engine.shelf.was_read.set()
    await engine.shelf.read()
    engine.hand_on(Change(replies=True))
    await play.settle()


@pytest.mark.parametrize("size", SIZES)
async def test_a_thread_has_its_quick_replies_when_the_library_was_read(
    size: tuple[int, int],
) -> None:
    engine = reading()
    title = canned_slots()[0].variant.title
    async with playing(engine, size) as play:
        assert READING in shown(play)
        assert not [name for name, _ in engine.log if name == "slots"]
        await play.press("1")
        assert play.said == READING
        await done(play, engine)
        assert READING not in "\n".join(shown(play).splitlines()[:-4])
        assert title[:10] in shown(play)


@pytest.mark.parametrize("size", SIZES)
async def test_the_library_screen_says_that_it_is_read(size: tuple[int, int]) -> None:
    engine = reading()
    async with playing(engine, size) as play:
        await play.press("g", "l")
        lines = shown(play)
        assert READING in lines
        assert "0 entries" not in lines
        assert "nothing fits" not in lines
        assert "broken.toml" not in lines
        await done(play, engine)
        lines = shown(play)
        assert READING not in lines
        assert "1 entry" in lines
        assert "Deposit limits" in lines
        assert "broken.toml" in lines


async def test_finding_a_reply_goes_on_with_the_words_that_were_typed_meanwhile() -> None:
    engine = reading()
    async with playing(engine) as play:
        # `press` would wait until the library was read.
        await play.pilot.press("0", *"pay")
        await play.until(lambda: READING in shown(play))
        dialog = play.app.screen
        assert isinstance(dialog, FindReplyDialog)
        assert dialog.query_one(Input).value == "pay"
        assert dialog.entries == {}
        engine.shelf.was_read.set()
        await play.until(lambda: bool(dialog.entries))
        await play.settle()
        assert READING not in shown(play)
        assert list(dialog.entries) == [slot.entry.id for slot in canned_slots()]
