"""`t`: a post and its translation by the moderator's own command, for reading only."""

from __future__ import annotations

import sys
from dataclasses import replace

from modtui.engine.translating import Translator
from modtui.screens.translation import TranslationSheet
from tests.screens.grid import grid
from tests.screens.play import Play, playing
from tests.screens.stage import FakeEngine, staged


def translating(code: str) -> FakeEngine:
    engine = staged()
    engine.translator = Translator([sys.executable, "-c", code], {})
    engine.desk = replace(engine.desk, translate=("trans",))
    return engine


def shown(play: Play) -> str:
    return " ".join("\n".join(grid(play.app)).split())


async def test_the_translation_stands_above_the_post_and_says_who_made_it() -> None:
    async with playing(translating("print('SAID IN RUSSIAN')"), (80, 24)) as play:
        await play.press("t")
        assert isinstance(play.app.screen, TranslationSheet)
        await play.until(lambda: "SAID IN RUSSIAN" in shown(play))
        text = shown(play)
        assert "machine translation into ru: for reading only" in text
        assert text.index("SAID IN RUSSIAN") < text.index("wrote it")
        await play.press("q")
        assert play.app.screen is play.queue


async def test_a_program_that_fails_says_so_and_the_post_stays() -> None:
    async with playing(translating("raise SystemExit(4)"), (80, 24)) as play:
        await play.press("t")
        await play.until(lambda: "ended with 4" in shown(play))
        assert "wrote it" in shown(play)


async def test_without_a_command_the_last_line_says_what_to_do() -> None:
    async with playing(staged(), (120, 40)) as play:
        await play.press("t")
        assert play.app.screen is play.queue
        assert "[translate] command in config.toml" in shown(play)
