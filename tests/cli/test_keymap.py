"""The user's keys: checked by modtui itself, in force on the screens and in every table."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.keys import format_key

import modtui.screens
import modtui.widgets
from modtui.cli.compose import machine_moderator
from modtui.cli.keymap import Keyboard, in_force, screens
from modtui.cli.keys import key_table
from modtui.config import ConfigError, KeyWish, Where
from modtui.keymap import Keymap, key_text
from modtui.layouts import key_table as layout_table
from modtui.screens.dialogs.reply import ReplyDialog
from tests.cli.shell import Shell
from tests.screens.grid import grid
from tests.screens.play import playing
from tests.screens.stage import staged


def checked(*wishes: tuple[str, str], layouts: tuple[str, ...] = ()) -> Keymap:
    """The keys in force when each (id, keys) stands on a line of its own from line 2 on."""
    places = enumerate(wishes, 2)
    listed = [KeyWish(id, keys, Where("keymap.toml", line)) for line, (id, keys) in places]
    return in_force(listed, Keyboard(screens(), layouts))


def wrong(*wishes: tuple[str, str], layouts: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        checked(*wishes, layouts=layouts)
    return [str(problem) for problem in caught.value.problems]


def test_the_declared_keys_clash_nowhere() -> None:
    assert checked().moved == {}
    for place, actions in screens().items():
        keys = Counter(key for action in actions for key in action.names)
        assert [key for key, count in keys.items() if count > 1] == [], place


def test_every_action_has_a_key() -> None:
    assert {a.id for group in screens().values() for a in group if not a.shown} == {"app.go"}
    assert "app.go" not in {line.id for line in key_table()}


def test_the_actions_of_every_screen_and_widget_count_somewhere() -> None:
    known = {action.id for group in screens().values() for action in group}
    assert {action.id for cls in with_actions() for action in cls.ACTIONS} - known == set()


def with_actions() -> Iterator[type[Any]]:
    """Every class of the screens and widgets that declares actions."""
    for package in (modtui.screens, modtui.widgets):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            yield from (c for c in vars(module).values() if "ACTIONS" in getattr(c, "__dict__", ()))


def test_a_key_of_status_is_not_taken_from_it() -> None:
    assert wrong(("app.repaint", "p")) == [
        'keymap.toml:2: app.repaint: "p" is also status.platform (only this platform, the next,'
        " all), in status: give one of them another key"
    ]
    assert checked(("status.period", "T")).moved == {"status.period": "T"}


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("R", "R"), ("R,ctrl+y", "R,ctrl+y"), ("Ctrl+Y", "ctrl+y"), (" R , F7 ", "R,f7"),
        ("Ins", "insert"), ("+", "plus"), ("comma", "comma"), ("alt+5", "alt+5"),
        ("shift+F3", "shift+f3"), ("ctrl+up", "ctrl+up"), ("R,R", "R"), ("к", "к"), ("@", "at"),
    ],
)  # fmt: skip
def test_keys_are_written_as_people_write_them(written: str, keys: str) -> None:
    assert checked(("queue.reply", written)).moved == {"queue.reply": keys}


BAD = [
    (("queue.replly", "R"), 'queue.replly: there is no such action (did you mean "queue.reply"?)'),
    (("thread.reply", "R"), '(did you mean "queue.reply"?); modtui keys lists them'),
    (("queue.reply", ""), "queue.reply: has no key, so nothing could reach it"),
    (("queue.reply", "R,"), "queue.reply: has an empty key: the key of a comma is called comma"),
    (("queue.reply", "pagedwon"), '"pagedwon" is not a key (did you mean "pagedown"?)'),
    (("queue.reply", "hyper+r"), '"hyper+r": "hyper" is not one of ctrl, alt, shift'),
    (("queue.reply", "shift+r"), '"shift+r" does not arrive like that: write what it types, such'),
    (("queue.reply", "ctrl+m"), '"ctrl+m" is the same to a terminal as Enter'),
    (("queue.reply", "ctrl+5"), '"ctrl+5" is not sent by most terminals'),
    (("queue.reply", "ctrl+shift+r"), "needs two modifiers"),
    (("queue.reply", "shift+space"), '"shift+space" does not arrive like that'),
    (("deliveries.drop", "home"), '"Home" is also rows.top'),
    (("queue.reply", "\t"), "has no key"),
    (("queue.reply", "g"), '"g" begins the ways to the rooms'),
    (("queue.reply", "y"), '"y" only answers "for good"'),
    (("queue.reply", "enter"), '"Enter" confirms and opens'),
    (("queue.reply", "Esc"), '"Esc" is one step back everywhere'),
    (("queue.reply", "ctrl+b"), '"Ctrl+B" belongs to tmux'),
    (("queue.quick", "q"), "queue.quick: stays on 1 to 9"),
    (("app.go", "G"), "app.go: stays on g"),
    (("queue.reply", "d"), '"d" is also queue.done (done (resolve); asks if something is'),
    (("queue.reply", "5"), '"5" is also queue.quick'),
    (("queue.reply", "j"), '"j" is also list.down (next thread), in the list: give one'),
    (("queue.reply", "home"), '"Home" is also list.top'),
    (("queue.reply", "f5"), '"F5" is also app.deliveries'),
    (("deliveries.drop", "t"), '"t" is also deliveries.there'),
]  # fmt: skip


@pytest.mark.parametrize(("wish", "expected"), BAD)
def test_each_bad_key_names_its_line_and_what_is_wrong(
    wish: tuple[str, str], expected: str
) -> None:
    problem = wrong(wish)[0]
    assert problem.startswith("keymap.toml:2: ")
    assert expected in problem
    assert "\n" not in problem


def test_a_key_given_to_two_actions_names_both_lines() -> None:
    assert wrong(("queue.reply", "R"), ("queue.done", "R")) == [
        'keymap.toml:3: queue.done: "R" is also queue.reply (write a reply (claims)), at'
        " keymap.toml:2, in the list: give one of them another key"
    ]


def test_all_problems_are_told_at_once() -> None:
    assert len(wrong(("queue.reply", "g"), ("queue.nothing", "R"), ("queue.done", ""))) == 3


def test_two_actions_may_change_places_and_a_freed_key_may_be_taken() -> None:
    assert checked(("queue.reply", "d"), ("queue.done", "r")).moved == {
        "queue.reply": "d", "queue.done": "r",
    }  # fmt: skip
    assert checked(("queue.undo", "f8"), ("queue.reply", "u")).moved["queue.reply"] == "u"
    assert checked(("deliveries.drop", "r")).moved == {"deliveries.drop": "r"}


def test_a_character_of_several_layouts_is_refused_only_where_they_are_in_use() -> None:
    assert checked(("queue.reply", "full_stop")).moved
    (problem,) = wrong(("queue.reply", "."), layouts=("kz", "ru"))
    assert "may be 7 on kz, / on ru: it cannot be told which" in problem


async def test_the_keys_in_force_work_and_are_shown() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        moves = checked(("queue.reply", "d,ctrl+y"), ("queue.done", "f8"), ("list.up", "f12"))
        play.app.use_keys(moves)
        await play.press("j", "k", "f12")
        text = "\n".join(grid(play.app)[-2:])
        assert "d write" in text
        assert "F8 done" in text
        assert "j move" in text
        await play.press("r")
        assert play.app.screen is play.queue
        await play.press("d")
        assert isinstance(play.app.screen, ReplyDialog)
        await play.press("escape", "ctrl+y")
        assert isinstance(play.app.screen, ReplyDialog)
        await play.press("escape", "question_mark")
        sheet = "\n".join(grid(play.app))
        assert "d Ctrl+Y" in sheet
        assert "F8" in sheet
        await play.press("q", "f8")
        assert "Done all the same?" in "\n".join(grid(play.app))


def test_modtui_keys_shows_the_keys_in_force_and_the_readme_the_declared_ones(
    shell: Shell,
) -> None:
    shell.config('[keymap]\n"queue.reply" = "R,ctrl+y"\n')
    listed = {line["id"]: line for line in shell("keys", "--json").json["keys"]}
    assert (listed["queue.reply"]["keys"], listed["queue.reply"]["default"]) == ("R Ctrl+Y", "r")
    assert listed["queue.done"]["keys"] == "d"
    assert any(
        line.startswith("R Ctrl+Y ") and line.endswith("queue.reply")
        for line in shell("keys").out.splitlines()
    )
    assert "| `r` | write a reply" in shell("keys", "--markdown").out


def test_a_bad_keymap_stops_the_app_and_fails_doctor_with_its_line(
    shell: Shell, tmp_path: Path
) -> None:
    shell.config('[keymap]\n"queue.reply" = "d"\n')
    done = shell("keys")
    assert done.code == 4
    assert 'config.toml:2: queue.reply: "d" is also queue.done' in done.err
    checks = {c["name"]: c for c in shell("doctor", "--json").json["checks"]}
    assert not checks["keys"]["ok"]
    assert "config.toml:2" in checks["keys"]["detail"]


def test_without_a_choice_every_layout_that_can_be_told_apart_works() -> None:
    table = layout_table(machine_moderator({}).keyboards)
    assert [table[letter] for letter in "кრғПღ"] == ["r", "r", "5", "G", "R"]


def test_a_letter_is_shown_without_a_search_for_its_name() -> None:
    before = format_key.cache_info().misses
    assert [key_text(name) for name in ("j", "G", "7")] == ["j", "G", "7"]
    assert format_key.cache_info().misses == before
    assert [format_key(name) for name in ("j", "G", "7")] == ["j", "G", "7"]
