"""A quick reply's preview: the text as it will go out, and every effect of Enter."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from modtui.domain.asking import FOLLOWS, first_name
from modtui.domain.commands import NO_ROUTE, Reply, Then
from modtui.domain.edited import Start
from modtui.domain.replies import Filled, Slot, Variant
from modtui.domain.views import ThreadDetail
from modtui.engine import Engine
from modtui.screens.dialogs.confirm import ConfirmDialog
from modtui.screens.dialogs.panel import Commands, ThreadPanel, first_words
from modtui.screens.dialogs.reply import ReplyDialog
from modtui.screens.keeping import put
from modtui.widgets.hints import HintLine


def approval(variant: Variant) -> str:
    """Return who approved a text, in words."""
    return variant.approval if variant.approved_by else "not approved by anyone yet"


class ValueInput(Input):
    """Asks for a value. Beyond its ends the arrow keys are the dialog's."""

    def action_cursor_left(self, select: bool = False) -> None:
        if not select and self.cursor_at_start:
            raise SkipAction
        super().action_cursor_left(select)

    def action_cursor_right(self, select: bool = False) -> None:
        if not select and self.cursor_at_end:
            raise SkipAction
        super().action_cursor_right(select)


class QuickReplyDialog(ThreadPanel):
    """Returns the batch of a quick reply. A weak match takes `y` instead of Enter.

    A text that the moderator does not read stands under the same entry in a language that he does.
    """

    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("enter", "confirm", "send", id="quick.send", show=False),
        Binding("y", "confirm_weak", "send a weak match", id="quick.weak", show=False),
        Binding("tab", "follow", "what follows", id="quick.then", show=False, priority=True),
        Binding("left", "language(-1)", "previous language", id="quick.previous", show=False),
        Binding("right", "language(1)", "next language", id="quick.next", show=False),
        Binding("space,pagedown", "page(1)", "page down", id="quick.down", show=False),
        Binding("ctrl+u,pageup", "page(-1)", "page up", id="quick.up", show=False),
        Binding("r", "edit", "edit before sending", id="quick.edit", show=False),
    ]

    def __init__(self, engine: Engine, detail: ThreadDetail, slot: Slot) -> None:
        super().__init__(engine, detail)
        self.slot = slot
        self.languages = tuple(slot.entry.variants)
        self.variant: Variant = slot.variant
        self.values: dict[str, str] = {}
        self.begun: dict[str, str] = {}
        self.asking = ""
        self.then: Then | None = None
        self.longer = False
        self.prepare()

    def prepare(self) -> None:
        filled = self.filled(self.variant)
        self.text = self.goes_out(filled.text, self.variant)
        self.missing, self.quotes = filled.missing, filled.quotes

    def goes_out(self, text: str, variant: Variant) -> str:
        """`text` with what a help route adds to it."""
        row, entry = self.detail.row, self.slot.entry.id
        reply = Reply(
            thread=row.id, revision=row.revision, text=text, language=variant.language, quick=entry
        )  # fmt: skip
        (out,) = self.engine.wording.outgoing(self.detail, (reply,))
        return out.text if isinstance(out, Reply) else text

    def filled(self, variant: Variant) -> Filled:
        """`variant` with what is known and what was typed in its placeholders."""
        return self.engine.fill(self.detail, self.slot.entry, variant, self.values)

    def hints(self) -> str:
        if self.missing:
            # The box says which value it is for only while it is empty.
            return f"Enter fills {{{self.missing[0]}}}   Tab then   ←→ language   Esc leave"
        send = self.how_sent(self.commands())
        if self.slot.weak:
            send = f"{self.sent_by('y', self.commands())} (weak match)"
        if self.longer:
            return f"{send}   space more   Tab then   ←→ language   r edit   Esc leave"
        return f"{send}   Tab what follows   ←→ language   r edit first   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "[b]$digit $title[/b] · PUBLIC as $us · $lang$note",
            digit=str(self.slot.digit or ""),
            title=self.slot.entry.title(self.variant, self.engine.desk.moderator.languages),
            us=self.detail.our_name,
            lang=self.variant.language,
            note=f" · {approval(self.variant)}",
        )

    def subject(self) -> str:
        return f"{super().subject()} {self.slot.entry.id}"

    def written(self) -> dict[str, str]:
        """The values of placeholders by their names, entered or begun."""
        begun = {name: text for name, text in self.begun.items() if name}
        now = {self.asking: self.query_one("#value", Input).value} if self.asking else {}
        return {**dict.fromkeys(self.missing, ""), **self.values, **begun, **now}

    def begin_with(self, words: Mapping[str, str]) -> None:
        """Let each value stand in the box when it is asked for: Enter takes it."""
        self.begun = {name: text for name, text in words.items() if name != self.asking and text}
        if text := words.get(self.asking):
            put(self.query_one("#value", Input), text)

    def panel(self) -> ComposeResult:
        yield Static(id="text")
        yield ValueInput(id="value")
        yield Static(id="unread")

    def foot(self) -> ComposeResult:
        yield Static(id="effects")

    def on_mount(self) -> None:
        self.show()

    def on_resize(self) -> None:
        self.call_after_refresh(self.tell_keys)

    def tell_keys(self) -> None:
        """Say the keys, with that for the rest of a text of which not all is in view."""
        panel = self.query_one("#panel")
        self.longer = panel.max_scroll_y > 0
        self.query_one(HintLine).tell(self.hints())

    def readable(self) -> Variant | None:
        """The same entry in a language that the moderator reads, where this one is not."""
        desk, variants = self.engine.desk, self.slot.entry.variants
        if desk.reads(self.variant.language):
            return None
        known = (each for each in desk.moderator.languages if each in variants)
        return next((variants[each] for each in known), None)

    def beside(self, read: Variant) -> Content:
        """What goes out, as the moderator can read it."""
        return Content.from_markup(
            "[b]in $lang:[/b] $text [dim]($approved)[/dim]",
            lang=read.language,
            text=self.goes_out(self.filled(read).text, read),
            approved=approval(read),
        )

    def reply(self) -> Reply:
        return Reply(
            thread=self.thread,
            revision=self.revision,
            text=self.text,
            language=self.variant.language,
            then=self.then or Then.WAIT,
            quick=self.slot.entry.id,
            quotes=self.quotes,
            route=self.detail.row.help_route or NO_ROUTE,
        )

    def commands(self) -> Commands:
        return self.engine.follow_ups(self.detail, self.slot.entry, self.reply(), self.then)

    def follows(self) -> Then:
        """Where the thread is left, chosen here or by the entry."""
        return next(c.then for c in self.commands() if isinstance(c, Reply))

    def show(self) -> None:
        """Paint what is decided so far; called after every change, never during mounting."""
        self.prepare()
        self.query_one("#heading", Static).update(self.heading())
        read, unread = self.readable(), self.query_one("#unread", Static)
        self.query_one("#text", Static).update(self.beside(read) if read else Content(self.text))
        unread.display = read is not None
        unread.update(Content(f"goes out in {self.variant.language}: {self.text}"))
        self.ask()
        language = self.detail.row.language
        other = language and language != self.variant.language
        told = f"the thread is in {language}, this is in {self.variant.language}"
        parts = [self.told(command) for command in self.commands()]
        without = self.engine.left_out(self.detail, self.slot.entry, self.reply())
        effects = " · ".join((*parts, *(f"left out: {each}" for each in without)))
        named, place = first_name(self.detail), self.detail.channel.name
        first = f"{named} · " if named else ""
        found = "" if self.missing else self.checked(self.commands())
        checks = f"{found} · " if found else ""
        # The team's checks say it as well, unless they are told not to.
        says = f"! {told} · " if other and told not in found else ""
        if not language:
            says = f"! the thread's language is not known, this is in {self.variant.language} · "
        self.query_one("#effects", Static).update(
            Content(f"{checks}{first}{says}everyone in {place} sees it · {effects}")
        )
        self.call_after_refresh(self.tell_keys)

    def ask(self) -> None:
        """Ask for the first value that is missing; what was begun for another is kept for it."""
        value = self.query_one("#value", Input)
        value.display = bool(self.missing)
        name = self.missing[0] if self.missing else ""
        if name != self.asking:
            self.begun[self.asking] = value.value
            value.value = self.begun.pop(name, "")
            self.asking = name
        if name:
            value.placeholder = f"{name}: type it, Enter goes on"
            value.focus()
        elif value.has_focus:
            self.set_focus(None)

    @on(Input.Submitted, "#value")
    def fill_value(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.values[self.missing[0]] = event.value.strip()
            event.input.value = ""
            self.show()

    def action_follow(self) -> None:
        in_lane = self.detail.row.now_at is not None
        order = tuple(then for then in FOLLOWS if not (in_lane and then is Then.DONE))
        self.then = order[(order.index(self.follows()) + 1) % len(order)]
        self.show()

    def action_language(self, by: int) -> None:
        here = self.languages.index(self.variant.language)
        language = self.languages[(here + by) % len(self.languages)]
        self.variant = self.slot.entry.variants[language]
        self.show()

    def action_page(self, direction: int) -> None:
        panel = self.query_one("#panel")
        seen = panel.size.height - self.query_one("#panel-foot").size.height
        panel.scroll_relative(y=direction * max(seen - 1, 1), animate=False, force=True)

    def action_confirm(self) -> None:
        if self.missing:
            self.say(f"{{{self.missing[0]}}} is not filled: it is not sent like that.")
        elif self.slot.weak:
            self.say("A weak match: y sends it, Enter does not.")
        else:
            self.send()

    def action_confirm_weak(self) -> None:
        if self.slot.weak and not self.missing:
            self.send()

    def send(self) -> None:
        commands = self.commands()
        if self.sends(commands):
            self.dismiss(commands)

    async def action_edit(self) -> None:
        """Go on in the reply box, over a draft only if that is meant."""
        latest = await self.engine.thread(self.thread) or self.detail
        draft = latest.draft.text.strip() if latest.draft else ""
        if draft in ("", self.text.strip()):
            self.edit(yes=True)
            return
        question = f"Your draft here is replaced by the quick reply: “{first_words(draft, 100)}”"
        self.app.push_screen(ConfirmDialog(question), lambda yes: self.edit(yes=bool(yes)))

    def edit(self, *, yes: bool) -> None:
        """Open the reply box on the quick reply."""
        if yes:
            start = Start(self.slot.entry, self.reply(), self.follows())
            self.app.push_screen(ReplyDialog(self.engine, self.detail, start), self.edited)

    def edited(self, result: Commands | None) -> None:
        """The reply box took over: what it returns is what this dialog returns."""
        self.call_next(self.leave_with, result)

    def leave_with(self, result: Commands | None) -> None:
        """Close with `result`, now that the reply box above is closed."""
        self.dismiss(result)
