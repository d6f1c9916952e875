"""The palette: every action, run as its key would be; themes seen, taken, given back, kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from modtui.app import ACTIONS as ROOMS
from modtui.app import ModTui
from modtui.cli.running import demo_setup, paint
from modtui.domain.commands import Capability, Dismiss
from modtui.domain.named_views import Kind
from modtui.keymap import Keymap
from modtui.screens.deliveries import DeliveriesScreen
from modtui.screens.dialogs.quick import QuickReplyDialog
from modtui.screens.dialogs.reply import ReplyDialog
from modtui.screens.palette import KEEP, Palette
from modtui.screens.queue import QueueScreen
from modtui.themes import all_themes
from modtui.widgets.host import Themes
from tests.screens.grid import grid
from tests.screens.play import Play, playing, type_in
from tests.screens.stage import staged


def shown(play: Play) -> str:
    return "\n".join(grid(play.app))


async def asked(play: Play, words: str) -> Palette:
    """Open the palette and type `words`."""
    await play.press("colon")
    palette = play.app.screen
    assert isinstance(palette, Palette)
    await type_in(play, words)
    return palette


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_action_of_the_screen_and_the_app_is_in_it(size: tuple[int, int]) -> None:
    async with playing(staged(), size) as play:
        await play.press("colon")
        palette = play.app.screen
        assert isinstance(palette, Palette)
        there = set(palette.entries)
        declared = {a.id for a in (*QueueScreen.ACTIONS, *play.queue.list.ACTIONS, *ROOMS)}
        assert declared - there == {"queue.quick"}
        assert {f"queue.quick-{n}" for n in range(1, 10)} <= there
        assert {f"view.{kind}" for kind in Kind} <= there
        assert "r           write a reply to vasya_77" in shown(play)


async def test_enter_runs_the_action_exactly_as_its_key_does() -> None:
    engine = staged()
    async with playing(engine) as play:
        await asked(play, "dismiss")
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, Dismiss)
        assert play.queue.current() != 1
        await asked(play, "write a reply")
        await play.press("enter")
        assert isinstance(play.app.screen, ReplyDialog)


async def test_quick_replies_and_rooms_are_found_by_their_names() -> None:
    async with playing(staged()) as play:
        await asked(play, "kyc")
        await play.press("enter")
        assert isinstance(play.app.screen, QuickReplyDialog)
        await play.press("escape")
        await asked(play, "deliveries")
        await play.press("enter")
        assert isinstance(play.app.screen, DeliveriesScreen)
        await asked(play, "queue")
        assert "keep" not in shown(play)


async def test_what_is_off_is_dimmed_listed_and_says_why() -> None:
    engine = staged()
    engine.unable = {Capability.HIDE: "Matrix keeps no hidden posts"}
    async with playing(engine, (120, 40)) as play:
        palette = await asked(play, "remove")
        line = next(line for line in palette.list.lines if line.id == "queue.remove")
        assert line.faint
        assert line.text.endswith("· off: Matrix keeps no hidden posts")
        await play.press("enter")
        assert play.app.screen is palette
        assert "off here: Matrix keeps no hidden posts" in shown(play)


LONG = "square has nothing of the kind: it cannot reopen a report, freeze a login or tag an author"


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_a_narrow_row_says_that_it_is_off_and_the_chosen_one_says_why(
    size: tuple[int, int],
) -> None:
    engine = staged()
    engine.unable = {Capability.HIDE: LONG}
    async with playing(engine, size) as play:
        palette = await asked(play, "remove or hide")
        row = next(line for line in grid(play.app) if "▌" in line and " x " in line)
        assert row.rstrip().endswith("· off")
        about = play.app.screen.query_one("#about")
        assert about.region.bottom <= palette.query_one("#panel").region.bottom
        assert f"off here: {LONG}" in " ".join(" ".join(shown(play).split()).split("│"))


async def test_a_palette_that_is_resized_says_what_is_off_and_keeps_its_cursor() -> None:
    engine = staged()
    engine.unable = {Capability.HIDE: LONG}
    async with playing(engine, (180, 40)) as play:
        palette = await asked(play, "remove")
        assert f"· off: {LONG}" in shown(play)
        await play.press("down")
        chosen = palette.list.selected
        await play.pilot.resize_terminal(80, 24)
        await play.pilot.pause()
        assert palette.list.selected == chosen
        line = next(line for line in palette.list.lines if line.id == "queue.remove")
        assert line.text.endswith("· off")


async def test_a_moved_key_is_the_one_that_is_shown_and_runs() -> None:
    async with playing(staged()) as play:
        play.app.use_keys(Keymap({"queue.reply": "R"}))
        palette = await asked(play, "write a reply")
        assert palette.entries["queue.reply"].keys == "R"
        await play.press("enter")
        assert isinstance(play.app.screen, ReplyDialog)


async def test_views_are_in_it_also_those_of_ones_own() -> None:
    engine = staged()
    async with playing(engine) as play:
        await asked(play, "view late")
        await play.press("enter")
        assert play.queue.view.kind is Kind.LATE
        await engine.views.save(replace(play.queue.view, name="night shift"))
        await play.press("f", "escape")
        await asked(play, "night")
        await play.press("enter")
        assert play.queue.view.name == "night shift"


async def test_nothing_fits_and_esc_leaves_everything_as_it_was() -> None:
    engine = staged()
    async with playing(engine) as play:
        await asked(play, "zzzqqq")
        assert "nothing fits" in shown(play)
        await play.press("enter", "escape")
        assert play.app.screen is play.queue
        assert engine.submitted == []


# themes
def themed(play: Play, keep: object = None) -> None:
    """Give the app every theme there is, as `cli` does; `keep` writes one."""
    setup = demo_setup(Path("/nowhere"), 1, 0, 1)
    play.app.themes = Themes(paint(play.app, setup), keep)  # type: ignore[arg-type]


async def test_a_theme_is_seen_as_one_moves_and_esc_gives_the_old_one_back() -> None:
    async with playing(staged()) as play:
        themed(play)
        before = play.app.theme
        palette = await asked(play, "theme")
        names = [each for each in palette.entries if each.startswith("theme.")]
        assert {name.removeprefix("theme.") for name in names} == {t.name for t in all_themes()}
        seen = {play.app.theme}
        for _ in names[1:]:
            await play.press("down")
            seen.add(play.app.theme)
        assert seen == {t.name for t in all_themes()}
        await play.press("escape")
        assert play.app.theme == before


async def test_the_other_themes_are_read_when_they_are_asked_for() -> None:
    async with playing(staged()) as play:
        themed(play)
        others = {t.name for t in all_themes()} - {play.app.theme}
        assert others.isdisjoint(play.app.available_themes)
        await play.press("colon")
        assert others <= set(play.app.available_themes)


async def test_enter_takes_a_theme_for_the_session_and_another_action_does_not() -> None:
    async with playing(staged()) as play:
        themed(play)
        before = play.app.theme
        await asked(play, "theme paper")
        assert play.app.theme == "paper"
        await play.press("backspace", "backspace", "backspace", "backspace", "backspace")
        await type_in(play, "zzz")
        assert play.app.theme == before
        await play.press("escape")
        await asked(play, "theme paper")
        await play.press("enter")
        assert play.app.theme == "paper"
        assert play.said == "theme paper until you leave"
        await asked(play, "deliveries")
        await play.press("enter")
        assert play.app.theme == "paper"


async def test_a_theme_is_kept_where_there_is_a_configuration_and_off_where_not() -> None:
    kept: list[str] = []

    def keep(name: str) -> str:
        kept.append(name)
        return f"written to config.d: {name}"

    async with playing(staged()) as play:
        themed(play)
        palette = await asked(play, "theme for good")
        assert palette.entries[KEEP].off
        await play.press("escape")
        themed(play, keep)
        await asked(play, "theme for good")
        await play.press("enter")
        assert kept == [play.app.theme]
        assert play.said == f"written to config.d: {play.app.theme}"


async def test_a_configuration_that_cannot_be_written_is_told() -> None:
    def keep(name: str) -> str:
        raise PermissionError(13, "Permission denied", "/etc/modtui")

    async with playing(staged()) as play:
        themed(play, keep)
        await asked(play, "theme for good")
        await play.press("enter")
        assert play.said == "the theme is not kept: /etc/modtui: Permission denied"


def test_the_app_has_no_theme_to_choose_before_it_is_given_some() -> None:
    assert ModTui(staged()).themes == Themes()
