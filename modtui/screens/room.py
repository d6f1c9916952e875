"""What every full screen has: first and last lines, changes, ticks, and the way to act."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.widget import Widget

from modtui.domain.commands import Command
from modtui.domain.trouble import not_done
from modtui.domain.views import Change
from modtui.engine import Engine, NotStored, Refused, Submitted, Undone
from modtui.keymap import Action, bindings, by_key
from modtui.widgets.cells import cell_len, cut, one_line
from modtui.widgets.direct import PacedScreen
from modtui.widgets.guard import CLOSED
from modtui.widgets.host import Moment, host, moment_of, visible
from modtui.widgets.lines import FirstLine, KeyLine, StatusLine, hint_rows
from modtui.widgets.small import cover

if TYPE_CHECKING:
    from modtui.screens.entries import Entry
    from modtui.screens.help import Section

HELP = Action(
    "room.help", "question_mark,f1", "help", "all keys, and why one is off",
    hint="all", long="all", named="?",
)  # fmt: skip
PALETTE = Action("room.palette", "colon", "palette", "palette: every action, by its words")
DEEDS = Action("room.deeds", "U", "deeds", "my last twenty, each to be taken back")
GO = Action("app.go", "", "", "go to a room", long="go", named="g")
READ_ONLY = "read-only session"
WAITING = "one moment: the queue has not taken it yet"
SLOW_SECONDS = 1.0
WRITES = ("queue.undo",)
"""What changes something though a blind press of it does no harm."""

AT_THE_END = (
    "queue.next", "list.down", "posts.down", "queue.into-posts", "list.mark", "posts.mark",
    "queue.alike", "queue.search", "queue.views", "app.go", "queue.undo", "room.help",
)  # fmt: skip


class Room(PacedScreen):
    """A full screen. Subclasses declare ACTIONS and answer `body`, `off` and `on_change`.

    The last line names those of LEADING first, and those of HINTED after the screen's own.
    """

    BLANK = True
    ACTED_ON: ClassVar[str] = "here"
    """Under which heading the help lists the keys that act."""
    ACTIONS: ClassVar[tuple[Action, ...]] = (DEEDS, PALETTE, HELP)
    LEADING: ClassVar[tuple[Action, ...]] = ()
    HINTED: ClassVar[tuple[Action, ...]] = ()
    BINDINGS = bindings((DEEDS, PALETTE, HELP))

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.first, self.status, self.keys = FirstLine(), StatusLine(), KeyLine()
        self._stale = False
        self._hints_made_of: tuple[object, ...] = ()

    @cached_property
    def _actions(self) -> Mapping[str, Action]:
        return by_key(host(self).keymap.all(self.ACTIONS))

    @property
    def roomy(self) -> bool:
        """Whether there is room for everything: at least 100 × 30."""
        # Before the first layout the screen has no size of its own.
        size = self.size or self.app.size
        return size.width >= 100 and size.height >= 30

    def moment(self) -> Moment:
        """Return now, the moderator's zone, the width, and the keys in force."""
        return moment_of(self)

    def compose(self) -> ComposeResult:
        # From the beginning, and not with the first resize: that would style every widget anew.
        self.add_class(*size_classes(self.app.size, self.app))
        yield self.first
        yield from self.body()
        yield self.status
        yield self.keys

    def body(self) -> Iterable[Widget]:
        """Return what stands between the first and the last lines."""
        return ()

    def on_mount(self) -> None:
        host(self).changed.subscribe(self, self._changed)
        self.set_interval(1, self._tick)
        cover(self, self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.paint_hints)

    def on_screen_resume(self) -> None:
        if self._stale:
            self._changed(Change(wide=True))
        self.arrived()
        self.call_after_refresh(self.paint_hints)

    def arrived(self) -> None:
        """The room is shown: keys that were meant for another one are not meant for it, and what
        was awaited there is not awaited here."""
        self.closed()

    # what changed
    def _changed(self, change: Change) -> None:
        self._stale = not visible(self)
        if not self._stale:
            self.first.changed(change)
            self.status.changed(change)
            self.on_change(change)

    def on_change(self, change: Change) -> None:
        """Take a change of the engine; called only while this mode is shown."""

    def _tick(self) -> None:
        if visible(self):
            self.first.tell()
            self.status.tell()
            self.tick()

    def tick(self) -> None:
        """A second went by."""

    # the lines
    def paint_hints(self) -> None:
        """Paint the keys of the last line, those that are off dimmed."""
        declared = (*self.LEADING, *self.ACTIONS, *self.HINTED)
        named = [a for a in declared if a.hint or a.long]
        pool = {a.id: self.worded(a) for a in host(self).keymap.all(named)}
        last = [pool.pop(name) for name in AT_THE_END if name in pool]
        hinted = self.arranged((*pool.values(), *last))
        off = {a.id: why for a in hinted if (why := self.why_off(a))}
        # As the style sheet has it: its own height is another one until it is laid out anew.
        lines = 2 if self.app.size.width >= 100 and self.app.size.height >= 30 else 1
        words, moment = self.object_words(), self.moment()
        # Most threads leave the same keys on: the line is made anew for others.
        made_of = (hinted, tuple(off), words, moment.width, lines)
        if made_of != self._hints_made_of:
            self._hints_made_of = made_of
            self.keys.hints(hint_rows(hinted, off, moment, words, lines))

    def arranged(self, hinted: tuple[Action, ...]) -> tuple[Action, ...]:
        """Return the actions of the last line in the order in which it names them."""
        return hinted

    def object_words(self) -> str:
        """Return what the keys named first act on, where that is not what is under the cursor."""
        return ""

    def worded(self, action: Action) -> Action:
        """Return `action` in the words that fit what it would do now."""
        return action

    def say(self, message: str) -> None:
        """Say `message` on the last line."""
        self.keys.say(message)

    # keys
    def keys_changed(self) -> None:
        """Other keys are in force."""
        self.__dict__.pop("_actions", None)
        self.paint_hints()

    def pressed(self) -> None:
        """A key was admitted: what the last line said was read, unless it only just said it."""
        if not host(self).guard.unread:
            self.keys.hush()

    def action_for(self, key: str) -> Action | None:
        """Return what `key` does on this screen, or None."""
        return self._actions.get(key)

    def why_off(self, action: Action) -> str:
        """Return why `action` cannot be done now, or "" if it can."""
        writes = action.acts or action.id in WRITES
        return READ_ONLY if writes and self.engine.lead.read_only else self.off(action)

    def off(self, action: Action) -> str:
        """Return why `action` cannot be done on what is under the cursor, or ""."""
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        for declared in self.ACTIONS:
            if declared.run.split("(")[0] == action and self.why_off(declared):
                return None
        return True

    def say_off(self, run: str) -> None:
        """Say why the action that a key runs by `run` was not done, if it is off."""
        name = run.split("(")[0]
        declared = (each for each in self.ACTIONS if each.run.split("(")[0] == name)
        if why := next(filter(None, map(self.why_off, declared)), ""):
            host(self).guard.missed()
            self.say(why)

    def here(self, action: Action, key: str = "") -> str:
        """Return what `action` would do now, on what is under the cursor; "" where that is no
        more than what it does everywhere. `key`: by that one of its several keys."""
        return ""

    def extras(self) -> tuple[Entry, ...]:
        """Return what the palette offers here that has no key."""
        return ()

    def sections(self, width: int) -> tuple[Section, ...]:
        """Return what the help explains besides the keys; the first comes before them."""
        return ()

    def action_help(self) -> None:
        """Show what every key would do here, and why it is off."""
        from modtui.screens.help import open_help

        open_help(self)

    def action_palette(self) -> None:
        """Find an action by its words."""
        from modtui.screens.palette import open_palette

        open_palette(self)

    # acting
    def action_deeds(self) -> None:
        from modtui.screens.deeds import DeedsSheet

        def over(undone: Undone | None) -> None:
            self.closed()
            if undone is not None:
                self.say_undone(undone)
                self.undone(undone)

        self.app.push_screen(DeedsSheet(self.engine), over)

    def say_undone(self, undone: Undone) -> None:
        """Say what was taken back; where it is too long for the line, what became of the text."""
        kept = f" · {undone.of_text}" if undone.of_text else ""
        self.say(cut(one_line(undone.message), self.size.width - cell_len(kept) - 1) + kept)

    def undone(self, undone: Undone) -> None:
        """Something was taken back: go to where it can be done better."""

    async def act(self, commands: Sequence[Command], *, force: bool = False) -> Submitted | None:
        """Submit one batch. A refusal is said, or asked about where it can be forced."""
        try:
            with self.waited_for():
                submitted = await self.engine.submit(commands, force=force)
        except Refused as refusal:
            if refusal.can_force and not force:
                self._ask_to_force(str(refusal), tuple(commands))
            else:
                self.say(self.refused(refusal))
            return None
        self.submitted(submitted, tuple(commands))
        self.call_after_refresh(self._painted, submitted.batch)
        return submitted

    @contextmanager
    def waited_for(self) -> Iterator[None]:
        """While what is done within takes longer than a second, say so."""
        late = asyncio.get_running_loop().call_later(SLOW_SECONDS, self.say, WAITING)
        try:
            yield
        finally:
            late.cancel()
            if self.keys.message == WAITING:
                self.keys.hush()

    def refused(self, refusal: Refused) -> str:
        """Return in words that what was asked for was not done, and why."""
        trouble = self.engine.trouble() if isinstance(refusal, NotStored) else None
        return str(refusal) if trouble is None else not_done(trouble)

    def submitted(self, taken: Submitted, commands: tuple[Command, ...]) -> None:
        """The batch was taken: show it as pending, and go on."""

    async def _painted(self, batch: str) -> None:
        await self.engine.painted(batch)

    def _ask_to_force(self, why: str, commands: tuple[Command, ...]) -> None:
        async def go_on() -> None:
            await self.act(commands, force=True)

        self.confirm(f"{why}. Do it anyway?", go_on)

    def confirm(self, question: str, then: Callable[[], Awaitable[object]]) -> None:
        """Ask `question`; do `then` if the answer is yes."""
        from modtui.screens.dialogs.confirm import ConfirmDialog

        async def go_on(answer: bool | None) -> None:
            self.closed()
            if answer:
                try:
                    await then()
                except Refused as refusal:
                    self.say(self.refused(refusal))

        self.app.push_screen(ConfirmDialog(question), go_on)

    def closed(self) -> None:
        """A dialog closed: keys that were meant for it are not meant for the thread."""
        guard = host(self).guard
        self.call_after_refresh(guard.painted, guard.arm(CLOSED))


def size_classes(size: Size, app: App[Any]) -> tuple[str, ...]:
    """Return the classes that a screen of `size` has by the breakpoints of `app`."""
    breakpoints = (
        (size.width, app.HORIZONTAL_BREAKPOINTS or []),
        (size.height, app.VERTICAL_BREAKPOINTS or []),
    )
    return tuple(
        max((least, name) for least, name in named if room >= least)[1]
        for room, named in breakpoints
        if named
    )
