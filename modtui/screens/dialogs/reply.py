"""The reply box: write, check, Enter. The draft is kept at every step."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static, TextArea

from modtui.domain.asking import HEATED, PERIODS, first_name, note_readers
from modtui.domain.commands import (
    NO_ROUTE,
    Audience,
    Capability,
    Command,
    Lock,
    Note,
    Reply,
    SetSlowMode,
    Then,
)
from modtui.domain.edited import Start
from modtui.domain.lane import NEEDS_OUTCOME
from modtui.domain.replies import Slot
from modtui.domain.views import ThreadDetail, why_not
from modtui.domain.words import length
from modtui.engine import Engine, NotStored, Refused
from modtui.engine.words import since
from modtui.screens.dialogs.box import TextBox
from modtui.screens.dialogs.find import FindReplyDialog
from modtui.screens.dialogs.panel import Commands, ThreadPanel
from modtui.screens.editor import Editing, edit
from modtui.screens.keeping import SAVE_AFTER
from modtui.widgets.cells import cell_len, cut
from modtui.widgets.choice import Choice, Pick
from modtui.widgets.hints import HintLine
from modtui.widgets.host import host

RENEW_AFTER = 30.0


class CheckLine(Static):
    """The line that Enter sends from. It is reached only while it says what Enter sends."""

    DEFAULT_CSS = """
    CheckLine:focus { text-style: bold; }
    """

    def check(self, said: str) -> None:
        """Show what Enter sends, and let the keys come here."""
        self.can_focus = True
        self.update(Content(said))

    def uncheck(self) -> None:
        """Show nothing, and let no key come here."""
        self.can_focus = False
        self.update("")


def new_paragraph(text: str) -> str:
    """Return the line breaks after `text` that begin a paragraph; "" within a line, after a
    space."""
    if not text.strip() or text.endswith(("\n\n", " ", "\t")):
        return ""
    return "\n" if text.endswith("\n") else "\n\n"


class ReplyDialog(ThreadPanel):
    """Returns a Reply (or a Note for the team); Esc leaves and keeps the draft.

    A quick reply that is edited here (`start`) keeps what follows it.
    """

    KEEPS: ClassVar[bool] = False
    DEFAULT_CSS = """
    ReplyDialog #panel { border-top: none; padding: 0; max-height: 100%; }
    ReplyDialog TextArea { height: 6; border: none; padding: 0 1; background: $boost; }
    ReplyDialog TextArea:focus { border: none; }
    ReplyDialog.-low TextArea { height: 3; }
    ReplyDialog.-wide.-tall TextArea { height: 12; }
    ReplyDialog Choice { padding: 0 1; }
    ReplyDialog CheckLine, ReplyDialog #says { padding: 0 1; }
    ReplyDialog .rule { height: 1; color: $text-muted; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-short"), (30, "-tall")]
    BINDINGS = [
        Binding("ctrl+s", "check", "check and send", id="reply.check", show=False, priority=True),
        Binding("enter", "send", "send", id="reply.send", show=False),
        Binding("ctrl+r", "insert", "insert a library reply", id="reply.insert", show=False),
        Binding("ctrl+o", "editor", "write in $EDITOR", id="reply.editor", show=False),
    ]

    def __init__(self, engine: Engine, detail: ThreadDetail, start: Start | None = None) -> None:
        super().__init__(engine, detail)
        self.drafted = detail.draft.text if detail.draft and start is None else ""
        self.start_text = start.reply.text if start is not None else self.drafted
        self.start = start = start or engine.again(detail)
        self.quotes = start.reply.quotes if start is not None else ()
        self.latest = detail
        self.saving: Timer | None = None
        self.editing: Editing | None = None
        self.renewed_at = engine.now()
        self.saved = ""
        self.heard = ""
        self.said_of_text = False

    def hints(self) -> str:
        if self.is_mounted and isinstance(self.focused, CheckLine):
            more = "" if self.app.size.width < 100 else "\n what goes out stands in the line above."
            return f"Enter sends it   Esc back to the text   Tab goes on{more}"
        if self.app.size.width < 100:
            return "Ctrl+S check, then Enter   Esc leave   Ctrl+R library   Ctrl+O $EDITOR   Tab"
        return (
            "Ctrl+S check and send, then Enter     Esc leave, draft stays     "
            "Ctrl+R insert a library reply     Ctrl+O $EDITOR\n"
            " while you write, letters are text: no queue key works here."
        )

    def heading(self) -> Content:
        self.saved = "draft kept" if self.drafted else ""
        return self.titled()

    def titled(self) -> Content:
        """The first line: who sees it, as whom, in which language, and when the draft was saved."""
        known = self.start.reply.language if self.start is not None else None
        language = known or self.detail.row.language or "language unknown"
        seen = self.seen_by(f"as {self.detail.our_name} · {language}")
        room = self.app.size.width - cell_len(self.saved) - 2
        said = f"─ reply to the thread · {seen} "
        if cell_len(said) + 2 > room:
            said = f"{cut(f'─ reply · {seen}', room - 3)} "
        rule = "─" * max(2, room - cell_len(said))
        return Content(f"{said}{rule} {self.saved}")

    def seen_by(self, us: str) -> str:
        """Who sees what is written, and as whom it goes out where somebody outside does."""
        audience = self.query_one("#audience", Choice).value if self.is_mounted else "everyone"
        words = {"author": f"THE AUTHOR ONLY {us}", "team": "TEAM NOTE"}
        return words.get(audience or "everyone", f"PUBLIC {us}")

    def ruled(self, words: str) -> Content:
        """A line from edge to edge that says `words`."""
        return Content(f"─{words}".ljust(self.app.size.width, "─"))

    def on_resize(self) -> None:
        self.query_one("#heading", Static).update(self.titled())
        self.query_one("#options", Static).update(self.ruled(" Tab to these "))
        self.query_one("#end", Static).update(self.ruled(""))
        self.query_one(HintLine).tell(self.hints())

    def panel(self) -> ComposeResult:
        yield TextBox(self.start_text, id="text", soft_wrap=True, tab_behavior="focus")
        private = self.detail.offers.get(Capability.REPLY_PRIVATE)
        public = self.detail.offers.get(Capability.REPLY)
        yield Static(self.ruled(" Tab to these "), id="options", classes="rule")
        yield Choice(
            "who sees it",
            (
                Pick("everyone", "everyone", why_not(public)),
                Pick("author", "author only", why_not(private)),
                Pick("team", "team note"),
            ),
            start=tuple(Audience).index(self.start.reply.audience) if self.start else 0,
            id="audience",
        )
        yield Choice(
            "after it",
            (
                Pick("wait", "wait for author"),
                Pick("done", "done", "" if self.detail.row.now_at is None else NEEDS_OUTCOME),
                Pick("open", "stay open"),
            ),
            start=tuple(Then).index(self.start.then) if self.start else 0,
            id="after",
        )
        yield Choice("also", self.also(), id="also")
        yield Static(self.ruled(""), id="end", classes="rule")
        yield CheckLine("", id="check")

    def also(self) -> tuple[Pick, ...]:
        """What can go out in the same batch, by the names that the platform has for it."""
        slow = self.detail.offers.get(Capability.SLOW_MODE)
        seconds = slow.presets[min(1, len(slow.presets) - 1)] if slow and slow.presets else 60
        slowed = f"{slow.name if slow else 'slow mode'} {length(seconds)} for {length(PERIODS[0])}"
        lock = self.detail.offers.get(Capability.LOCK)
        return (
            Pick("", "nothing"),
            Pick(str(seconds), slowed, why_not(slow)),
            Pick("lock", lock.name if lock else "lock", why_not(lock)),
        )

    async def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)
        self.query_one("#heading", Static).update(self.titled())
        try:
            claim = await self.engine.claim(self.thread)
        except NotStored:
            # Why stands in the line above the keys; it is claimed again with what is written.
            return
        if claim.by != self.engine.desk.moderator.name:
            self.say(f"{claim.by} holds this thread: a public reply needs C (take over) first.")

    @property
    def text(self) -> str:
        return self.query_one(TextArea).text

    @on(events.DescendantFocus)
    def moved(self) -> None:
        """Say what the keys do where the cursor is now."""
        self.query_one(HintLine).tell(self.hints())

    @on(TextArea.Changed)
    def typed(self) -> None:
        self.query_one("#check", CheckLine).uncheck()
        self.unsay_of_text()
        if self.saving is None:
            # Counted from the first letter: who types without a pause must not lose it all.
            self.saving = self.set_timer(SAVE_AFTER, self.save_draft)
        if (self.engine.now() - self.renewed_at).total_seconds() > RENEW_AFTER:
            self.renewed_at = self.engine.now()
            self.run_worker(self.engine.claim(self.thread), group="claim", exclusive=True)

    @on(Choice.Changed)
    def chose(self) -> None:
        """Say anew who sees it and what follows: Enter does what is chosen, not what was."""
        self.query_one("#heading", Static).update(self.titled())
        self.unsay_of_text()
        if self.query_one("#check", CheckLine).can_focus:
            self._warned = ()
            self.show_check()

    def unsay_of_text(self) -> None:
        """Take away what was said of a text that is now another."""
        if self.said_of_text:
            self.said_of_text = False
            self.unsay()

    async def save_draft(self) -> None:
        """Save what is written; the heading says when. Also called when the line drops."""
        if self.saving is not None:
            self.saving.stop()
            self.saving = None
        try:
            await self.engine.save_draft(self.thread, self.text)
        except Refused as refusal:
            # What is wrong stands in the line above the keys; the text waits in memory.
            self.saved = "! not saved yet, kept in memory"
            if isinstance(refusal, NotStored):
                # Nobody types to be told that it is over.
                self.saving = self.set_timer(SAVE_AFTER, self.save_draft)
        else:
            self.saved = f"draft saved {self.local(self.engine.now(), '%H:%M:%S')}"
        self.query_one("#heading", Static).update(self.titled())

    async def action_check(self) -> None:
        """Look once more at the thread, say what changed, and put Enter on the check line."""
        if not self.text.strip():
            self.said_of_text = True
            self.say("There is nothing to send yet.")
            return
        await self.save_draft()
        seen = self.latest
        self.detail = self.latest = await self.engine.thread(self.thread) or self.latest
        self.heard = self.news(seen)
        self.show_check()
        self.query_one("#check", CheckLine).focus()

    def show_check(self) -> None:
        """Say what the checks find, what was heard of the thread, and what Enter does."""
        everyone = self.query_one("#audience", Choice).value == "everyone"
        named = first_name(self.latest) if everyone else ""
        commands = self.commands()
        found = self.checked(commands)
        parts = (found, self.adds(commands), named, self.heard or ("" if found else "check ok"))
        first = "".join(f"{part} · " for part in parts if part)
        line = self.query_one("#check", CheckLine)
        line.check(f"{first}{self.how_sent(commands)}: {self.effect()}")

    def adds(self, commands: Commands) -> str:
        """Say what a help route adds to the text, "" where it adds nothing."""
        (out, *_) = self.engine.wording.outgoing(self.latest, commands)
        added = isinstance(out, Reply) and out.text.removeprefix(self.text.rstrip()).strip()
        return f"added: “{added}”" if added else ""

    def news(self, seen: ThreadDetail) -> str:
        """What happened in the thread since it was last shown, in words."""
        me = self.engine.desk.moderator.name
        said = since(seen, self.latest, me, self.engine.now())
        return f"! {said}" if said else ""

    def effect(self) -> str:
        audience = self.query_one("#audience", Choice).value
        after = {"wait": "wait for author", "done": "done", "open": "stay open"}
        then = after[self.query_one("#after", Choice).value or "wait"]
        place = self.detail.channel.name
        if audience == "team":
            return f"a note for the team, {note_readers(self.detail)}"
        seen_by = f"everyone in {place}" if audience == "everyone" else "the author only"
        more = "".join(f", {self.told(command)}" for command in self.commands()[1:])
        return f"as {self.detail.our_name}, {seen_by} sees it, then: {then}{more}"

    def action_send(self) -> None:
        self.said_of_text = True
        if not isinstance(self.focused, CheckLine):
            self.say("Ctrl+S checks it, then Enter sends it.")
            return
        commands = self.commands()
        if self.sends(commands):
            self.dismiss(commands)

    def commands(self) -> Commands:
        """The batch: what the box says, and what follows it."""
        said, also, start = self.command(), self.also_follows(), self.start
        if start is None or not isinstance(said, Reply):
            return (said, *also)
        begun = start.begun(said)
        batch = self.engine.follow_ups(self.latest, start.entry, begun, said.then)
        kinds = {type(command) for command in batch}
        return (*start.ended(batch), *(each for each in also if type(each) not in kinds))

    def also_follows(self) -> tuple[Command, ...]:
        """What the `also` line adds to the batch."""
        also = self.query_one("#also", Choice).value
        thread, revision = self.thread, self.latest.row.revision
        if also == "lock":
            return (Lock(thread=thread, revision=revision, reason="answered"),)
        if not also:
            return ()
        return (
            SetSlowMode(
                thread=thread,
                revision=revision,
                seconds=int(also),
                until=self.engine.now() + timedelta(seconds=PERIODS[0]),
                reason=HEATED,
            ),
        )

    def command(self) -> Command:
        """What the box now says, on the revision that the check line showed."""
        audience = self.query_one("#audience", Choice).value
        revision = self.latest.row.revision
        if audience == "team":
            return Note(thread=self.thread, revision=revision, text=self.text)
        return Reply(
            thread=self.thread,
            revision=revision,
            text=self.text,
            audience=Audience(audience or "everyone"),
            language=self.detail.row.language,
            then=Then(self.query_one("#after", Choice).value or "wait"),
            quotes=self.quotes,
            route=self.latest.row.help_route or NO_ROUTE,
        )

    async def action_leave(self) -> None:
        if isinstance(self.focused, CheckLine):
            self.query_one(TextArea).focus()
            return
        await self.save_draft()
        self.dismiss(None)

    def action_insert(self) -> None:
        self.app.push_screen(FindReplyDialog(self.engine, self.detail, inserts=True), self.inserted)

    def inserted(self, slot: Slot | None) -> None:
        if slot is not None:
            filled = self.engine.fill(self.detail, slot.entry, slot.variant)
            area = self.query_one(TextArea)
            at_end = area.cursor_location == area.document.end
            area.insert((new_paragraph(area.text) if at_end else "") + filled.text)
            self.quotes += filled.quotes
            names = ", ".join(f"{{{name}}}" for name in filled.missing)
            parts = [f"Still to be filled in: {names}."] if names else []
            if slot.entry.then:
                parts.append(
                    f"What follows it is not done from here: {', '.join(slot.entry.then)}."
                )
            if parts:
                self.say(" ".join(parts))

    def action_editor(self) -> None:
        """Write in $EDITOR; the file is private, and gone when the editor ended well."""
        self.run_worker(self.write_elsewhere(), group="editor", exclusive=True)

    async def write_elsewhere(self) -> None:
        """Hand the text to the editor and take it back, if the editor ended well."""
        await self.save_draft()
        try:
            editing = self.editing = Editing.begin(host(self).scratch, self.text)
        except OSError as error:
            self.say(f"No file for the editor could be made: {error.strerror}")
            return
        trouble = await edit(self.app, editing.path, editing=editing)
        if host(self).leaving:
            return
        text, trouble = await asyncio.to_thread(editing.over, trouble)
        if trouble:
            self.say(trouble)
        if text is not None:
            self.query_one(TextArea).text = text
        self.editing = None

    async def break_off(self) -> None:
        """Save what is written, here or in the editor, which is hung up on."""
        editing = self.editing
        text = await editing.broken_off() if editing is not None else None
        if text is not None:
            self.query_one(TextArea).text = text
        await self.save_draft()
