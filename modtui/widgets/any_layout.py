"""What a key press is: the same key whatever keyboard layout is on, or text for a box."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

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


def is_for_box(focused: Widget, event: events.Key) -> bool:
    """Return whether a text box takes the key: it is typed there, or is one of the box's own, as
    Enter is, whatever the key does elsewhere in the room."""
    if focused.check_consume_key(event.key, event.character):
        return True
    own = (binding.key for binding in Binding.make_bindings(type(focused).BINDINGS))
    return focused.check_consume_key("a", "a") and event.key in own
