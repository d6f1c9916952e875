"""The box for a longer text, in which Ctrl+Z goes to the shell as it does everywhere."""

from __future__ import annotations

from textual.binding import Binding
from textual.widgets import TextArea


class TextBox(TextArea):
    """A TextArea whose last step is taken back by Ctrl+_: on Ctrl+Z all that was typed was gone."""

    BINDINGS = [
        Binding("ctrl+z", "app.to_shell", "to the shell; fg comes back", show=False),
        Binding("ctrl+underscore", "undo", "take back what was typed last", show=False),
    ]
