"""Keys whatever keyboard layout is on: the key at the place of the letter that was typed."""

from __future__ import annotations

from textual import events
from textual.screen import Screen

from modtui.keymap import key_name
from modtui.layouts import Table

_MODIFIERS = {"ctrl", "alt", "shift"}


def latin_key(event: events.Key, screen: Screen[object], table: Table) -> events.Key:
    """Return the press of the US key that `table` gives for the letter of `event`.

    The event itself comes back where the letter is wanted as text, where something is bound to
    the letter, and where the table does not know it. Ctrl and Alt are never text.
    """
    *held, last = event.key.split("+")
    latin = table.get(last if len(last) == 1 else event.character or "")
    if latin is None or not set(held) <= _MODIFIERS:
        return event
    focused, alone = screen.focused, not {"ctrl", "alt"} & set(held)
    if alone and focused and focused.check_consume_key(event.key, event.character):
        return event
    if event.key in screen.active_bindings:
        return event
    found = events.Key("+".join([*held, key_name(latin)]), None if held else latin)
    found.time = event.time
    return found
