"""A quick reply's preview: the text as it will go out, and every effect of Enter."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from modtui.domain.commands import Reply, Then
from modtui.domain.replies import Slot, Variant
from modtui.domain.views import ThreadDetail
from modtui.engine import Engine
from modtui.screens.dialogs.effects import FOLLOWS, effect
from modtui.screens.dialogs.panel import Commands, ThreadPanel
from modtui.screens.dialogs.reply import ReplyDialog


class QuickReplyDialog(ThreadPanel):
    """Returns the batch of a quick reply. A weak match takes `y` instead of Enter."""

    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("enter", "confirm", "send", id="quick.send", show=False),
        Binding("y", "confirm_weak", "send a weak match", id="quick.weak", show=False),
        Binding("tab", "follow", "what follows", id="quick.then", show=False, priority=True),
        Binding("left", "language(-1)", "previous language", id="quick.previous", show=False),
        Binding("right", "language(1)", "next language", id="quick.next", show=False),
        Binding("r", "edit", "edit before sending", id="quick.edit", show=False),
    ]

    def __init__(self, engine: Engine, detail: ThreadDetail, slot: Slot) -> None:
        super().__init__(engine, detail)
        self.slot = slot
        self.languages = tuple(slot.entry.variants)
        self.variant: Variant = slot.variant
        self.values: dict[str, str] = {}
        self.then = Then.WAIT
        self.prepare()

    def prepare(self) -> None:
        filled = self.engine.fill(self.detail, self.slot.entry, self.variant)
        text = filled.text
        for name, value in self.values.items():
            text = text.replace("{" + name + "}", value)
        self.text = text
        self.missing = tuple(name for name in filled.missing if name not in self.values)

    def hints(self) -> str:
        send = "y sends (weak match)" if self.slot.weak else "Enter sends"
        return f"{send}   Tab what follows   ←→ language   r edit first   Esc leave"

    def heading(self) -> Content:
        approved = (
            self.variant.approval if self.variant.approved_by else "not approved by anyone yet"
        )
        return Content.from_markup(
            "[b]$digit $title[/b] · PUBLIC as $us · $lang$note",
            digit=str(self.slot.digit or ""),
            title=self.variant.title,
            us=self.detail.our_name,
            lang=self.variant.language,
            note=f" · {approved}",
        )

    def panel(self) -> ComposeResult:
        yield Static(id="text")
        yield Input(id="value")
        yield Static(id="effects")

    def on_mount(self) -> None:
        self.show()

    def reply(self) -> Reply:
        return Reply(
            thread=self.thread,
            revision=self.revision,
            text=self.text,
            language=self.variant.language,
            then=self.then,
            quick=self.slot.entry.id,
        )

    def commands(self) -> Commands:
        return self.engine.follow_ups(self.detail, self.slot.entry, self.reply())

    def show(self) -> None:
        """Paint what is decided so far; called after every change, never during mounting."""
        self.prepare()
        self.query_one("#heading", Static).update(self.heading())
        self.query_one("#text", Static).update(Content(self.text))
        value = self.query_one("#value", Input)
        value.display = bool(self.missing)
        if self.missing:
            value.placeholder = f"{self.missing[0]}: type it, Enter goes on"
            value.focus()
        language = self.detail.row.language
        other = language and language != self.variant.language
        says = f"The thread is in {language}, this is {self.variant.language}. " if other else ""
        parts = [effect(command) for command in self.commands()]
        without = self.engine.left_out(self.detail, self.slot.entry, self.reply())
        effects = " · ".join((*parts, *(f"left out: {each}" for each in without)))
        self.query_one("#effects", Static).update(
            Content(f"{says}everyone in {self.detail.channel.name} sees it · {effects}")
        )

    @on(Input.Submitted, "#value")
    def fill_value(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.values[self.missing[0]] = event.value.strip()
            event.input.value = ""
            self.show()
            if not self.missing:
                self.set_focus(None)

    def action_follow(self) -> None:
        order = tuple(FOLLOWS)
        self.then = order[(order.index(self.then) + 1) % len(order)]
        self.show()

    def action_language(self, by: int) -> None:
        here = self.languages.index(self.variant.language)
        language = self.languages[(here + by) % len(self.languages)]
        self.variant = self.slot.entry.variants[language]
        self.show()

    def action_confirm(self) -> None:
        if self.missing:
            self.say(f"{{{self.missing[0]}}} is not filled: it is not sent like that.")
        elif self.slot.weak:
            self.say("A weak match: y sends it, Enter does not.")
        else:
            self.dismiss(self.commands())

    def action_confirm_weak(self) -> None:
        if self.slot.weak and not self.missing:
            self.dismiss(self.commands())

    def action_edit(self) -> None:
        self.app.push_screen(ReplyDialog(self.engine, self.detail, self.text), self.edited)

    def edited(self, result: Commands | None) -> None:
        """The reply box took over: what it returns is what this dialog returns."""
        self.call_next(self.leave_with, result)

    def leave_with(self, result: Commands | None) -> None:
        """Close with `result`, now that the reply box above is closed."""
        self.dismiss(result)
