"""The reference F: a minimal Textual application."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    BINDINGS = [("q", "quit", "Quit"), ("j", "bump", "bump")]
    row = 0

    def compose(self) -> ComposeResult:
        yield Static("READY row 0 of 0")

    def action_bump(self) -> None:
        self.row += 1
        self.query_one(Static).update(f"READY row {self.row} of 0")


if __name__ == "__main__":
    Hello().run()
