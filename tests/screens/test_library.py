"""The Library screen: found, read, pinned and edited by id; what is broken is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual import events

from modtui.domain.gaps import Gap
from modtui.domain.outcomes import Outcome
from modtui.domain.text import literal
from modtui.engine import Refused
from modtui.engine.shelf import Closed
from modtui.screens.library import LibraryScreen
from tests.screens.grid import check, grid
from tests.screens.play import Play, playing
from tests.screens.shelf_stage import FakeShelf, approved, at, made
from tests.screens.sketches import NOW
from tests.screens.stage import FakeEngine, staged

BODY = "It takes {days} for cards.\nAsk {author}."


def shelf() -> FakeShelf:
    """Five entries: one approved, one with a then, one pinned by its tag, one in Georgian alone."""
    return FakeShelf(
        [
            approved(made("withdrawal-times", "Withdrawal times", "en", "ru", body=BODY,
                          tags=("payments",), reasons=("question",)), "ru", "lead"),
            made("passed-on", "Passed to payments", "en", "ru", then=("escalate payments",)),
            made("thanks", "Thanks, closing", "en", "ru", "pl", tags=("pin:9",), then=("resolve",)),
            made("limits", "ლიმიტები", "ka"),
            made("rules", "Rules of the thread"),
        ],
        sent={"withdrawal-times": 212},
    )  # fmt: skip


def stage() -> FakeEngine:
    engine = staged()
    engine.shelf = shelf()
    return engine


def room(play: Play) -> LibraryScreen:
    screen = play.room
    assert isinstance(screen, LibraryScreen)
    return screen


def shown(play: Play) -> str:
    return "\n".join(grid(play.app))


@pytest.fixture
def no_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_library_as_a_grid(size: tuple[int, int]) -> None:
    async with playing(stage(), size) as play:
        await play.press("g", "l")
        lines = check(play.app, f"library-{size[0]}x{size[1]}")
    assert "+ approved" in lines[1]
    heads = next(line for line in lines if line.startswith(" #  title"))
    row = next(line for line in lines if line.startswith("▌   Withdrawal"))
    assert [row[heads.index(f" {language} ") + 2] for language in ("ru", "en", "ka")] == [*"+· "]


async def test_s_orders_by_what_became_of_the_replies() -> None:
    engine = stage()
    assert isinstance(engine.shelf, FakeShelf)
    engine.shelf.became = {
        "withdrawal-times": Outcome(40, again=2),
        "rules": Outcome(10, 1, 2, 6, timedelta(minutes=12)),
    }
    async with playing(engine, (120, 40)) as play:
        await play.press("g", "l")
        orders = []
        for _ in range(4):
            orders.append((room(play).order.value, next(iter(room(play).shelved))))
            await play.press("s")
        assert orders[0][0] == "as they fit"
        assert orders[1:3] == [("most sent", "withdrawal-times"), ("least settled", "rules")]
        assert orders[3] == ("not sent in 90 days", "passed-on")
        room(play).list.selected = "rules"
        await play.settle()
        pieces = shown(play).split()
        assert {"reopened", "escalated", "answered"} <= set(pieces)
        assert "12m" in "".join(pieces) or "12" in pieces


async def test_its_help_speaks_of_no_thread() -> None:
    async with playing(stage(), (120, 40)) as play:
        await play.press("f4", "question_mark")
        shown = "\n".join(grid(play.app))
        assert " HERE " in shown
        assert "ON THIS THREAD" not in shown


async def test_f4_opens_it_and_q_goes_back_to_the_queue() -> None:
    async with playing(stage()) as play:
        await play.press("f4")
        assert isinstance(play.room, LibraryScreen)
        await play.press("q")
        assert play.app.current_mode == "queue"


async def test_arrows_and_tab_show_the_entry_in_each_of_its_languages() -> None:
    async with playing(stage(), (120, 40)) as play:
        await play.press("g", "l")
        assert "[ru] en   approved by lead" in shown(play)
        await play.press("right")
        assert "ru [en]   not approved" in shown(play)
        await play.press("tab")
        assert "[ru] en   approved by lead" in shown(play)
        await play.press("left", "j")
        assert "ru [en]   not approved" in shown(play)
        assert "passed-on · sent 0× · then escalate payments" in shown(play)


async def test_searching_as_one_types_looks_at_every_language_and_keeps_the_entry() -> None:
    async with playing(stage()) as play:
        await play.press("g", "l", "j", "j", "slash")
        await play.press(*"pay 9")
        assert list(room(play).shelved) == []
        assert "nothing fits" in shown(play)
        await play.press("backspace", "backspace")
        assert list(room(play).shelved) == ["passed-on", "withdrawal-times"]
        await play.press("enter")
        assert room(play).list.has_focus
        assert "2 entries with “pay”" in shown(play)
        await play.press("j", "escape")
        assert len(room(play).shelved) == 5
        assert room(play).list.selected == "withdrawal-times"
        assert isinstance(play.room, LibraryScreen)


async def test_what_is_typed_in_one_go_behind_the_search_key_is_searched_for() -> None:
    """As a slow line delivers it."""
    engine = stage()
    async with playing(engine) as play:
        await play.press("g", "l")
        for key, letter in (("slash", "/"), ("4", "4"), ("e", "e")):
            play.app.post_message(events.Key(key, letter))
        await play.until(lambda: room(play).words.value == "4e")
        assert engine.shelf.pins == {}
        assert engine.shelf.log == []


@pytest.mark.parametrize("read_only", [False, True])
async def test_enter_in_the_search_box_keeps_the_search_whatever_enter_does_in_the_room(
    read_only: bool,
) -> None:
    engine = stage()
    engine.lead.read_only = read_only
    async with playing(engine) as play:
        await play.press("g", "l", "slash", *"thanks")
        play.app.guard.painted(play.app.guard.arm())
        await play.press("enter", after=0.1)
        assert play.said == ""
        assert room(play).focused is room(play).list


async def test_a_digit_pins_what_is_under_the_cursor_and_again_unpins_it() -> None:
    engine = stage()
    async with playing(engine) as play:
        await play.press("g", "l", "3")
        assert engine.shelf.pins == {3: "withdrawal-times"}
        assert play.said == "“Withdrawal times” is on 3 now"
        assert "pinned to 3 by you" in shown(play)
        await play.press("j", "3")
        assert "3 holds “Withdrawal times”. Pin “Passed to payments” there instead?" in shown(play)
        await play.press("escape")
        assert engine.shelf.pins == {3: "withdrawal-times"}
        await play.press("3", "enter")
        assert engine.shelf.pins == {3: "passed-on"}
        await play.press("3")
        assert engine.shelf.pins == {}
        assert play.said == "3 is free again"


async def test_an_entry_that_a_tag_pins_is_asked_about_like_any_other() -> None:
    engine = stage()
    async with playing(engine) as play:
        await play.press("g", "l", "9")
        assert "9 holds “Thanks, closing”" in shown(play)


async def test_the_queue_offers_what_was_pinned_or_edited_meanwhile() -> None:
    engine = stage()
    async with playing(engine, (120, 40)) as play:
        asked = [name for name, _ in engine.log].count("slots")
        await play.press("g", "l", "3")
        engine.tell(wide=True)
        await play.press("q")
        assert [name for name, _ in engine.log].count("slots") == asked + 1
        await play.press("g", "l", "q")
        assert [name for name, _ in engine.log].count("slots") == asked + 1


async def test_an_edit_opens_the_entry_and_says_what_came_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, opened, trouble = stage(), list[tuple[Path, int]](), ""

    async def edit(_: object, path: Path, line: int) -> str:
        opened.append((path, line))
        return trouble

    monkeypatch.setattr("modtui.screens.library.edit", edit)
    monkeypatch.setenv("HOME", str(tmp_path))
    engine.shelf.opening = at(tmp_path)
    async with playing(engine) as play:
        await play.press("g", "l", "e")
        assert ("open", "withdrawal-times") in engine.shelf.log
        assert opened == [(tmp_path / "x.toml", 3)]
        assert play.said == "read again: ~/x.toml"
        engine.shelf.closed = Closed(False)
        await play.press("N")
        assert ("blank", None) in engine.shelf.log
        assert play.said == "~/x.toml is gone"
        engine.shelf.opening = replace(engine.shelf.opening, made="x")
        await play.press("N")
        assert play.said == "nothing was changed, so nothing is kept"
        trouble = "vi ended with 3"
        engine.shelf.closed = Closed(True, "rules")
        await play.press("e")
        assert play.said == "vi ended with 3 · read again: ~/x.toml"
        trouble = "there is no vi"
        await play.press("e")
        assert play.said == "there is no vi"
        trouble = ""
        await play.press("enter")
        assert room(play).list.selected == "rules"
        engine.shelf.closed = Closed(True, None, f"{tmp_path}/x.toml:3: bad")
        await play.press("e")
        assert play.said.startswith("~/x.toml:3: bad · what was good before stays in use")


def unanswered() -> tuple[Gap, ...]:
    """A question in English and one in Russian, the newer one first."""
    at = NOW - timedelta(hours=2)
    return (
        Gap(7, literal("Колесо зависло"), "ru", literal("колесо зависло и крутится"),
            "{author}, обновите страницу", at),
        Gap(3, literal("[b]Wheel[/b] hangs"), "en", literal("the wheel hangs"),
            "Reload the [bold]page", at - timedelta(days=9)),
    )  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_w_lists_questions_without_a_good_reply_and_n_makes_an_entry_of_one(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def edit(*_: object) -> str:
        return ""

    monkeypatch.setattr("modtui.screens.library.edit", edit)
    engine = stage()
    engine.shelf.unanswered = unanswered()
    engine.shelf.opening = at(tmp_path)
    engine.shelf.closed = Closed(True, "rules")
    async with playing(engine, size) as play:
        await play.press("g", "l", "w")
        lines = check(play.app, f"library-gaps-{size[0]}x{size[1]}")
        row = next(line for line in lines if "[b]Wheel[/b] hangs" in line)
        assert "en" in row
        assert "Reload the [bold]page" in row
        assert "asked: колесо зависло и крутится" in shown(play)
        await play.press("escape")
        assert isinstance(play.room, LibraryScreen)
        await play.press("N")
        assert engine.shelf.log[-2][:2] == ("blank", None)
        await play.press("w", "j", "N")
        assert ("blank", engine.shelf.unanswered[1]) in engine.shelf.log
        assert room(play).list.selected == "rules"


async def test_where_every_question_has_a_reply_w_says_so() -> None:
    engine = stage()
    async with playing(engine) as play:
        await play.press("g", "l", "w")
        assert "has a good reply by now" in " ".join(shown(play).split())
        await play.press("N")
        assert "there is no question under the cursor." in shown(play)
        await play.press("w")
        assert isinstance(play.room, LibraryScreen)
        assert engine.shelf.log == []


@pytest.mark.usefixtures("no_editor")
async def test_without_an_editor_it_says_so_and_the_copy_is_given_back(tmp_path: Path) -> None:
    engine = stage()
    engine.shelf.opening = at(tmp_path)
    async with playing(engine) as play:
        await play.press("g", "l", "e")
        assert play.said.startswith("neither $VISUAL nor $EDITOR is set")
        assert ("close", engine.shelf.opening) in engine.shelf.log


@pytest.mark.parametrize(
    ("editor", "says"),
    [
        ("/no/such/editor -w", "there is no /no/such/editor, which $VISUAL or $EDITOR names"),
        ("sh '", "$EDITOR is sh ': No closing quotation"),
        ("sh", "this terminal cannot be handed to an editor"),
    ],
)
async def test_an_editor_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, editor: str, says: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    engine = stage()
    engine.shelf.opening = at(tmp_path)
    async with playing(engine) as play:
        await play.press("g", "l", "e")
        assert play.said == says


async def test_an_editor_with_a_window_of_its_own_has_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "code"
    code.write_text("#!/bin/sh\n", "utf-8")
    code.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    engine = stage()
    engine.shelf.opening = at(tmp_path)
    async with playing(engine) as play:
        monkeypatch.setenv("EDITOR", f"{code} -n")
        await play.press("g", "l", "e")
        wait = f"export EDITOR='{code} -n --wait'"
        assert play.said == f"code would end before you have written: {wait}"
        monkeypatch.setenv("EDITOR", f"{code} -w")
        await play.press("e")
        assert play.said == "this terminal cannot be handed to an editor"


async def test_without_a_folder_it_says_what_to_write() -> None:
    engine = stage()
    engine.shelf.opening = Refused("invalid", 'folders = ["~/replies"] in config.toml')
    async with playing(engine) as play:
        await play.press("g", "l", "e")
        assert play.said == 'folders = ["~/replies"] in config.toml'


async def test_without_a_folder_to_edit_and_to_write_are_off_and_say_why() -> None:
    engine = stage()
    why = 'no folder of yours yet: folders = ["~/replies"]'
    engine.shelf.no_writing = why
    async with playing(engine, (120, 40)) as play:
        await play.press("g", "l")
        for key in ("e", "N"):
            await play.press(key)
            assert play.said == why
        assert not [name for name, _ in engine.shelf.log if name in ("open", "blank")]
        await play.press("question_mark")
        assert "\n".join(grid(play.app)).count("off: no folder of yours yet") == 2


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_broken_file_stands_above_the_list_and_on_the_line_of_its_entries(
    size: tuple[int, int],
) -> None:
    engine = stage()
    async with playing(engine, size) as play:
        await play.press("g", "l", "E")
        assert play.said == "every file of the library can be read"
        engine.shelf.troubles = ["/r/rules.toml:12: Invalid value"]
        engine.tell(wide=True)
        await play.settle()
        assert " ! 1 file could not be read: /r/rules.toml:12: Invalid value" in grid(play.app)[1]
        row = next(line for line in grid(play.app) if "Rules of the thread" in line)
        assert row.startswith("  ! ")
        engine.shelf.opening = Refused("invalid", "asked for")
        await play.press("E")
        assert ("broken", None) in engine.shelf.log


async def test_a_broken_file_is_said_once_at_the_start() -> None:
    engine = stage()
    engine.shelf.troubles = ["/r/rules.toml:12: Invalid value"]
    async with playing(engine) as play:
        told = "library: 1 file could not be read: /r/rules.toml:12: Invalid value · g l"
        assert play.said == told
        await play.press("j")
        assert play.said == ""


async def test_markup_in_an_entry_is_text() -> None:
    engine = stage()
    evil = "[@click=app.quit]press[/] [bold]x"
    engine.shelf.entries = [made("evil", evil, "en", body=evil), made("evil-2", evil, "en")]
    async with playing(engine, (120, 40)) as play:
        await play.press("g", "l")
        assert evil in shown(play)
        await play.press("3", "j", "3")
        assert f"3 holds “{evil}”" in " ".join(shown(play).split())
        for line in range(3, 30, 4):
            await play.pilot.click(offset=(10, line))
        assert play.app.is_running


async def test_an_empty_library_has_nothing_to_pin_or_edit() -> None:
    engine = stage()
    engine.shelf.entries = []
    async with playing(engine) as play:
        await play.press("g", "l", "3")
        assert play.said == "there is no entry under the cursor"
        await play.press("e")
        assert play.said == "there is no entry under the cursor"
        assert engine.shelf.log == []


async def test_languages_stand_in_one_order_in_the_table_and_in_the_preview() -> None:
    engine = stage()
    engine.shelf = FakeShelf([made("one", "One", "en", "ru", "pl", "ka", "kk")])
    async with playing(engine, (120, 40)) as play:
        await play.press("g", "l")
        rows = [line.split() for line in shown(play).splitlines()]
        order = ("en", "ru", "pl", "ka", "kk")
        (heads, preview) = [
            tuple(word.strip("[]") for word in row if word.strip("[]") in order)
            for row in rows
            if sum(word.strip("[]") in order for word in row) == len(order)
        ]
        assert heads == preview
