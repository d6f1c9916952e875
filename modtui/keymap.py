"""Keys, declared once beside their action; every table of keys is made from these declarations."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Literal

from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS, format_key

from modtui.domain.frozen import dataclass

How = Literal["", "at once", "asks"]

_SHOWN = {
    "up": "↑", "down": "↓", "left": "←", "right": "→", "enter": "Enter", "escape": "Esc",
    "space": "space", "question_mark": "?", "slash": "/", "exclamation_mark": "!",
    "home": "Home", "end": "End", "pageup": "PgUp", "pagedown": "PgDn", "tab": "Tab",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a key does. `id` is `context.verb`; `keys` are Textual's, comma separated.

    `run` is the Textual action; `{key}` in it stands for the key, one binding each. `chord` is a
    second way of two keys (`g q`), read by the app. `acts`: it changes something, so a key that
    was pressed blindly is dropped. `hint` and `long` are its words on the last line, at 80 and
    at 120 columns; without them it is not named there. `named` is how the last line names the
    keys, together with those of the action `pair`.
    """

    id: str
    keys: str
    run: str
    does: str
    how: How = ""
    acts: bool = False
    hint: str = ""
    long: str = ""
    chord: str = ""
    named: str = ""
    pair: str = ""

    @property
    def verb(self) -> str:
        """The part of the id after the dot."""
        return self.id.partition(".")[2]

    @property
    def names(self) -> tuple[str, ...]:
        """The keys as Textual reports them."""
        if not self.keys:
            return ()
        return tuple(b.key for b in Binding.make_bindings([Binding(self.keys, self.run)]))

    @property
    def shown(self) -> str:
        """The keys as a person reads them: `j ↓`, `Ctrl+L`, `1-9`."""
        names = self.names
        if len(names) == 9 and "".join(names) == "123456789":
            return "1-9"
        parts = [self.chord] if self.chord else []
        return " ".join(parts + [key_text(name) for name in names])


def key_text(name: str) -> str:
    """Return Textual's key name as a person reads it."""
    if name.startswith("ctrl+"):
        return "Ctrl+" + name[5:].upper()
    if name[0] == "f" and name[1:].isdigit():
        return name.upper()
    # A letter is no name of a character, in which the tables of all names would be searched.
    return _SHOWN.get(name) or (name if len(name) == 1 else format_key(name))


def key_name(char: str) -> str:
    """Return Textual's name of the key that types the visible character `char`."""
    if char.isalnum():
        return char
    name = unicodedata.name(char).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys in force: `moved` has the user's keys, comma separated, by the action's id."""

    moved: Mapping[str, str] = field(default_factory=dict)

    def one(self, action: Action) -> Action:
        """Return `action` with the keys it has now."""
        if action.id in self.moved:
            return replace(action, keys=self.moved[action.id], named="")
        return replace(action, named="") if action.pair in self.moved else action

    def all(self, actions: Iterable[Action]) -> tuple[Action, ...]:
        """Return `actions` with the keys they have now."""
        return tuple(self.one(action) for action in actions)

    def key(self, id: str, default: str) -> str:
        """Return the first key of the action `id` as a person reads it; `default` unless moved."""
        return key_text(self.moved[id].partition(",")[0]) if id in self.moved else default


DECLARED = Keymap()


def bindings(actions: Iterable[Action]) -> list[BindingType]:
    """Return the Textual bindings of `actions`."""
    made: list[BindingType] = []
    for action in actions:
        if "{key}" in action.run:
            made += [
                Binding(
                    key, action.run.format(key=key), action.does, False, id=f"{action.id}-{key}"
                )
                for key in action.names
            ]
        elif action.keys:
            made.append(Binding(action.keys, action.run, action.does, False, id=action.id))
    return made


def by_key(actions: Iterable[Action]) -> dict[str, Action]:
    """Return which action each key of `actions` runs; the first declaration wins."""
    found: dict[str, Action] = {}
    for action in actions:
        for name in action.names:
            found.setdefault(name, action)
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the key table: id, keys as shown, what it does, and whether it asks."""

    id: str
    keys: str
    does: str
    how: How


def table(*groups: Iterable[Action]) -> tuple[Line, ...]:
    """Return the key table of `groups` in their order, each action once."""
    lines: dict[str, Line] = {}
    for group in groups:
        for action in group:
            lines.setdefault(action.id, Line(action.id, action.shown, action.does, action.how))
    return tuple(lines.values())
