"""An app that does to a screen all that Textual can."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.geometry import Region, Size
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Button, Footer, Header, Input, Label, Static, TextArea

TEXTS = (
    "plain ascii text", "日本語のテキスト です", "emoji 😀 🎉 done",
    "family 👨\u200d👩\u200d👧 zwj",
    "flag 🇰🇿 x", "heart ❤\ufe0f vs16", "cafe\u0301 combining n\u0303", "한국어 조합",
    "Қазақша мәтін", "ქართული ტექსტი", "ﻉﺮﺒﻳ arabic", "→ arrows ⇒ ▶ ■ … – “q”", "box ┌─┐│└┘",
    "thumb 👍🏽 skin", "wide ｆｕｌｌ",
)  # fmt: skip
KEYS = (
    *"jjjjjjkkkkdduuttttg", "tab", "tab", "shift+tab", "escape", "escape", "enter", "down", "up",
    "left", "backspace", "pagedown", "x", "日", "😀", "Ж", "é", "space", "ctrl+t", "f2", "f2", "f3",
    "f3", "f4",
)  # fmt: skip
THEMES = ("textual-dark", "textual-light", "nord", "ansi-dark", "gruvbox")
PLAIN = Style(color="#c0c0c0", bgcolor="#101010")
HERE = Style(color="#ffffff", bgcolor="#204080", bold=True)
TIME = Style(color="yellow", underline=True, bgcolor="#101010")
LINK = Style(link="https://example.org/x", color="#80c0ff", bgcolor="#101010")


class Rows(ScrollView, can_focus=True):
    """Five thousand rows with a cursor, and a column that ticks."""

    cursor = 0
    ticks = 0

    def on_mount(self) -> None:
        self.virtual_size = Size(100, 5000)

    def render_line(self, y: int) -> Strip:
        row, width = int(self.scroll_offset.y) + y, self.size.width
        style = HERE if row == self.cursor else PLAIN
        pieces = [
            Segment(f"{(row * 37 + self.ticks) % 3600:>5} ", TIME if row % 7 else style),
            Segment(f"row {row:05d} ", style),
            Segment(TEXTS[row % len(TEXTS)], LINK if row % 5 == 0 else style),
            Segment(f" user{row * 7919 % 9973} ", style),
        ]
        return Strip(pieces).extend_cell_length(width, style).crop(0, width)

    def move(self, step: int) -> None:
        self.cursor = max(0, min(4999, self.cursor + step))
        top, height = int(self.scroll_offset.y), max(1, self.size.height)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)
        self.refresh()

    def key_j(self) -> None:
        self.move(1)

    def key_k(self) -> None:
        self.move(-1)

    def key_d(self) -> None:
        self.move(10)

    def key_u(self) -> None:
        self.move(-10)

    def key_g(self) -> None:
        self.move(-5000)

    def key_t(self) -> None:
        self.ticks += 1
        self.refresh(Region(0, 0, 6, self.size.height))


class Dialog(ModalScreen[None]):
    """Something to type into, over what is there."""

    CSS = """
    Dialog { align: center middle; }
    #box { width: 50; height: 12; border: thick $accent; background: $surface; }
    """
    BINDINGS = [("escape", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Label("Really? 日本 😀")
            yield Input(placeholder="reason")
            yield Button("OK")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False


class Torture(App[None]):
    """Lists, inputs, toasts, dialogs, themes, panes that come and go."""

    CSS = """
    Rows { width: 2fr; scrollbar-size-vertical: 1; }
    #side { width: 1fr; border: round $primary; }
    TextArea { height: 6; }
    #first { height: 1; }
    """
    BINDINGS = [
        Binding("ctrl+t", "wear", "Theme", priority=True),
        Binding("f2", "dialog", "Dialog", priority=True),
        Binding("f3", "note", "Toast", priority=True),
        Binding("f4", "side", "Side", priority=True),
    ]
    ENABLE_COMMAND_PALETTE = False
    count = 0

    def compose(self) -> ComposeResult:
        yield Header()
        yield Static("READY", id="first")
        with Horizontal():
            yield Rows()
            with Vertical(id="side"):
                yield Input(placeholder="Search")
                yield TextArea("first line\nzweite Zeile 日本語\n")
                yield Static("\n".join(TEXTS))
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self.query_one(TextArea).cursor_blink = False
        self.query_one(Rows).focus()

    def action_wear(self) -> None:
        self.count += 1
        self.theme = THEMES[self.count % len(THEMES)]

    def action_dialog(self) -> None:
        if not isinstance(self.screen, Dialog):
            self.push_screen(Dialog())

    def action_note(self) -> None:
        self.count += 1
        timeout = 600 if self.count % 2 else 0.2
        self.notify(f"Note {self.count} 日本 😀 something happened", timeout=timeout)

    def action_side(self) -> None:
        side = self.query_one("#side")
        side.display = not side.display
