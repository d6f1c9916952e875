"""The user's keys, checked against every action there is: Textual drops a key that clashes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from modtui.cli.keynames import read_keys
from modtui.config import ConfigError, KeyWish, Problem, nearest
from modtui.keymap import Action, Keymap, key_name, key_text
from modtui.layouts import elsewhere

_RESERVED = {
    "g": "begins the ways to the rooms (g q, g l, g d, g a, g g)",
    "y": 'only answers "for good"',
    "enter": "confirms and opens, and is the last key of every action",
    "escape": "is one step back everywhere",
    "tab": "goes through the parts of a dialog",
    "shift+tab": "goes through the parts of a dialog",
    "ctrl+c": "never quits, and is left to the terminal",
    "ctrl+z": "stops modtui, as it stops other programs",
    "ctrl+a": "belongs to screen",
    "ctrl+b": "belongs to tmux",
}
_FIXED = {
    "queue.quick": "stays on 1 to 9: its key is the number of the reply",
    "library.pin": "stays on 1 to 9: its key is the digit",
    "app.go": "stays on g, which begins g q, g d and g a",
}

Contexts = Mapping[str, tuple[Action, ...]]


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Every action there is, by the place where they count together, and the layouts in use."""

    contexts: Contexts
    layouts: tuple[str, ...] = ()
    actions: Mapping[str, Action] = field(init=False)

    def __post_init__(self) -> None:
        found = {a.id: a for group in self.contexts.values() for a in group}
        object.__setattr__(self, "actions", found)

    def why_reserved(self, key: str, action: Action) -> str:
        """Return why `key` cannot be given to `action`, or ""."""
        if key in action.names:
            return ""
        for char, meant in elsewhere(self.layouts).items():
            if key == key_name(char):
                return f"may be {meant}: it cannot be told which"
        return _RESERVED.get(key, "")


def screens() -> Contexts:
    """Return the actions that count together, by the place where they do."""
    return {**_rooms(), **_above()}


def _rooms() -> Contexts:
    from modtui import app
    from modtui.screens.accounts import AccountsScreen
    from modtui.screens.deliveries import DeliveriesScreen
    from modtui.screens.handover import HandoverScreen
    from modtui.screens.library import LibraryScreen
    from modtui.screens.queue import QueueScreen
    from modtui.screens.room import GO
    from modtui.screens.status import StatusScreen
    from modtui.screens.thread import ThreadScreen
    from modtui.screens.welcome import WelcomeScreen
    from modtui.widgets.id_list import IdList
    from modtui.widgets.posts import Posts
    from modtui.widgets.queue_list import QueueList
    from modtui.widgets.status_board import StatusBoard

    everywhere = (GO, *app.ACTIONS)
    return {
        "the list": (*QueueList.ACTIONS, *QueueScreen.ACTIONS, *everywhere),
        "the posts beside the list": (*Posts.ACTIONS, *QueueScreen.ACTIONS, *everywhere),
        "the open thread": (*Posts.ACTIONS, *ThreadScreen.ACTIONS, *everywhere),
        "status": (*StatusBoard.ACTIONS, *StatusScreen.ACTIONS, *everywhere),
        "the library": (*IdList.ACTIONS, *LibraryScreen.ACTIONS, *everywhere),
        "deliveries": (*IdList.ACTIONS, *DeliveriesScreen.ACTIONS, *everywhere),
        "accounts": (*IdList.ACTIONS, *AccountsScreen.ACTIONS, *everywhere),
        "hand over": (*IdList.ACTIONS, *HandoverScreen.ACTIONS, *everywhere),
        "welcome back": (*IdList.ACTIONS, *WelcomeScreen.ACTIONS, *everywhere),
    }


def _above() -> Contexts:
    """The sheets and dialogs above a room, whose keys do not count there."""
    from modtui.screens.author import AuthorSheet
    from modtui.screens.deeds import DeedsSheet
    from modtui.screens.dialogs.alike import AlikeDialog
    from modtui.screens.dialogs.views import ViewsDialog
    from modtui.screens.evidence import LinkSheet
    from modtui.screens.gaps import GapsSheet
    from modtui.screens.help import HelpSheet
    from modtui.screens.palette import Palette
    from modtui.screens.sheets import Sheet
    from modtui.widgets.id_list import IdList

    return {
        "questions without a good reply": (*IdList.ACTIONS, *GapsSheet.ACTIONS),
        "the views": (*IdList.ACTIONS, *ViewsDialog.ACTIONS),
        "marking alike": AlikeDialog.ACTIONS,
        "my last twenty": (*IdList.ACTIONS, *DeedsSheet.ACTIONS),
        "the author's record": AuthorSheet.ACTIONS,
        "link and raw text": LinkSheet.ACTIONS,
        "the help": HelpSheet.ACTIONS,
        "the palette": Palette.ACTIONS,
        "a sheet": Sheet.ACTIONS,
    }


def in_force(wishes: Sequence[KeyWish], keyboard: Keyboard) -> Keymap:
    """Return the keys with what `wishes` ask for. Raises ConfigError with every problem."""
    problems: list[Problem] = []
    moved: dict[str, str] = {}
    places: dict[str, KeyWish] = {}
    for wish in wishes:
        keys = _keys(wish, keyboard, problems)
        if keys:
            moved[wish.id], places[wish.id] = ",".join(keys), wish
    problems += _clashes(moved, places, keyboard.contexts)
    if problems:
        raise ConfigError(sorted(problems, key=lambda p: (p.where.file, p.where.line or 0)))
    return Keymap(moved)


def _keys(wish: KeyWish, keyboard: Keyboard, problems: list[Problem]) -> tuple[str, ...]:
    """The keys of one wish; none if there is a problem with it, which is noted."""

    def wrong(what: str) -> tuple[str, ...]:
        problems.append(Problem(wish.where, wish.id, what))
        return ()

    action = keyboard.actions.get(wish.id)
    if action is None:
        known = _near(wish.id, keyboard.actions)
        return wrong(f"there is no such action{known}; modtui keys lists them")
    if wish.id in _FIXED:
        return wrong(_FIXED[wish.id])
    try:
        keys = read_keys(wish.keys)
    except ValueError as error:
        return wrong(str(error))
    for key in keys:
        if why := keyboard.why_reserved(key, action):
            return wrong(f'"{key_text(key)}" {why}')
    return keys


def _near(word: str, known: Iterable[str]) -> str:
    ids = list(known)
    verb = word.partition(".")[2]
    same = next((name for name in ids if verb and name.partition(".")[2] == verb), None)
    return f' (did you mean "{same}"?)' if same else nearest(word, ids)


def _clashes(
    moved: Mapping[str, str], places: Mapping[str, KeyWish], contexts: Contexts
) -> list[Problem]:
    """Two actions on one key at one place: the second would never be reached."""
    found: dict[tuple[str, frozenset[str]], Problem] = {}
    keymap = Keymap(moved)
    for place, actions in contexts.items():
        takers: dict[str, Action] = {}
        for action in (keymap.one(a) for a in actions):
            for key in action.names:
                other = takers.setdefault(key, action)
                pair = (key, frozenset({action.id, other.id}))
                if other.id != action.id and pair not in found:
                    found[pair] = _clash(key, (other, action), places, place)
    return list(found.values())


def _clash(
    key: str, takers: tuple[Action, Action], places: Mapping[str, KeyWish], place: str
) -> Problem:
    mine, other = takers if takers[1].id not in places else (takers[1], takers[0])
    wish = places[mine.id]
    at = f", at {places[other.id].where}" if other.id in places else ""
    what = (
        f'"{key_text(key)}" is also {other.id} ({other.does}){at}, in {place}:'
        f" give one of them another key"
    )
    return Problem(wish.where, mine.id, what)
