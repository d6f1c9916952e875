"""Everything that can be done on a screen now: for the palette and the help, from one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from modtui.keymap import Action, How, key_text
from modtui.screens.room import Room
from modtui.widgets.host import host


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be done. `key` is Textual's name of the key that does it; without one
    `run` does it. `does` says what it would do here, `off` why it cannot be done now; `digit`: it
    is one of several on the digits."""

    id: str
    keys: str
    does: str
    how: How = ""
    off: str = ""
    key: str = ""
    run: Callable[[], None] | None = None
    acts: bool = False
    digit: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Entries that belong together, under a heading."""

    heading: str
    entries: tuple[Entry, ...]


def parts(room: Room) -> tuple[Part, ...]:
    """Return what the keys of `room` do here, in parts: acting, looking, moving, rooms."""
    own = tuple(entry for action in room.ACTIONS for entry in _entries(room, action))
    focused = getattr(room.focused, "ACTIONS", ()) if room.focused is not None else ()
    moves = tuple(entry for action in focused for entry in _entries(room, action))
    every = getattr(room.app, "ACTIONS", ())
    rooms = tuple(entry for action in every for entry in _entries(room, action))
    quick = tuple(entry for entry in own if entry.digit)
    found = (
        Part(room.ACTED_ON, tuple(entry for entry in own if entry.acts and not entry.digit)),
        Part(
            "looking and going", tuple(entry for entry in own if not entry.acts and not entry.digit)
        ),
        Part("quick replies", quick),
        Part("moving", moves),
        Part("rooms", rooms),
    )
    return tuple(part for part in found if part.entries)


def _entries(room: Room, declared: Action) -> Iterator[Entry]:
    action = host(room).keymap.one(declared)
    off = room.why_off(declared)
    if "{key}" not in action.run:
        does = (not off and room.here(declared)) or action.does
        key = action.names[0] if action.names else ""
        yield Entry(action.id, action.shown, does, action.how, off, key, acts=action.acts)
        return
    told = {key: words for key in action.names if (words := room.here(declared, key))}
    if off or not told:
        yield Entry(action.id, action.shown, action.does, action.how, off, acts=action.acts)
        return
    for key, words in told.items():
        name = f"{action.id}-{key}"
        yield Entry(name, key_text(key), words, action.how, off, key, acts=action.acts, digit=True)
