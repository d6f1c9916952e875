"""The keys that ask before they act: each opens a dialog over the thread under the cursor."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from textual.screen import ModalScreen

from modtui.domain.commands import Command
from modtui.domain.replies import Slot
from modtui.screens.knowing import Knowing
from modtui.widgets.host import host, work

if TYPE_CHECKING:
    from modtui.screens.unkept import Unkept

T = TypeVar("T")
Commands = tuple[Command, ...]


class Asking(Knowing):
    """A room with a thread under the cursor, as far as it asks. `read` is its own."""

    @cached_property
    def unkept(self) -> Unkept:
        """What was written into a dialog and not taken."""
        from modtui.screens.unkept import Unkept

        return Unkept()

    def read(self) -> None:
        """Read the thread under the cursor and show it."""
        raise NotImplementedError

    def ask(self, dialog: ModalScreen[Commands | None]) -> None:
        """Open `dialog`; submit the commands it returns."""

        def submit(commands: Commands) -> None:
            self.unkept.keep(dialog, commands)
            work(self, partial(self._act_on_words, commands), "act", alone=False)

        self.unkept.offer(dialog)
        self.ask_for(dialog, submit)

    async def _act_on_words(self, commands: Commands) -> None:
        if await self.act(commands) is None:
            await self.unkept.refused(commands)

    def ask_for(
        self, dialog: ModalScreen[T] | ModalScreen[T | None], then: Callable[[T], None]
    ) -> None:
        """Open `dialog`; hand what it returns to `then`, unless it is left."""

        def answered(answer: T | None) -> None:
            self.closed()
            self.make_room(asking=False)
            if answer is None:
                self.read()
            else:
                then(answer)

        self.make_room(asking=True)
        self.app.push_screen(dialog, answered)

    def make_room(self, *, asking: bool) -> None:
        """Keep the post in sight above a dialog while it asks; then show everything again."""
        self.set_class(asking, "-asking")
        if self.pane is not None:
            self.pane.posts.pin(asking)

    def action_reply(self) -> None:
        from modtui.screens.dialogs.reply import ReplyDialog

        if (case := self.case()) is not None:
            self.ask(ReplyDialog(self.engine, case.detail))

    def action_quick(self, digit: int) -> None:
        slots = self.pane.slots if self.pane is not None else ()
        slot = next((s for s in slots if s.digit == digit), None)
        if slot is None:
            find = host(self).keymap.key("queue.find", "0")
            self.say(f"no quick reply on {digit} here: {find} finds one")
        else:
            self._preview(slot)

    def _preview(self, slot: Slot) -> None:
        from modtui.screens.dialogs.quick import QuickReplyDialog

        if (case := self.case()) is not None:
            self.ask(QuickReplyDialog(self.engine, case.detail, slot))

    def action_find(self) -> None:
        from modtui.screens.dialogs.find import FindReplyDialog

        if (case := self.case()) is not None:
            self.ask_for(FindReplyDialog(self.engine, case.detail), self._preview)

    def action_remove(self) -> None:
        from modtui.screens.dialogs.remove import RemoveDialog

        case = self.case()
        if case is not None and case.post is not None:
            self.ask(RemoveDialog(self.engine, case.detail, case.post))

    def action_sanction(self) -> None:
        from modtui.screens.dialogs.sanction import SanctionDialog

        case = self.case()
        if case is not None and case.post is not None:
            self.ask(SanctionDialog(self.engine, case.detail, case.post))

    def action_extra(self) -> None:
        from modtui.screens.dialogs.extra import ExtraDialog

        if (case := self.case()) is not None:
            self.ask(ExtraDialog(self.engine, case.detail))

    async def action_slow(self) -> None:
        from modtui.screens.dialogs.restrict import slowing

        if (case := self.case()) is not None:
            self.ask(slowing(self.engine, await self.engine.measured(case.detail)))

    def action_lock(self) -> None:
        from modtui.screens.dialogs.restrict import LockDialog

        if (case := self.case()) is not None:
            self.ask(LockDialog(self.engine, case.detail))

    def action_escalate(self) -> None:
        from modtui.screens.dialogs.escalate import EscalateDialog

        if (case := self.case()) is not None:
            self.ask(EscalateDialog(self.engine, case.detail))

    def action_snooze(self) -> None:
        from modtui.screens.dialogs.snooze import SnoozeDialog

        if (case := self.case()) is not None:
            self.ask(SnoozeDialog(self.engine, case.detail))

    def action_note(self) -> None:
        from modtui.screens.dialogs.note import NoteDialog

        if (case := self.case()) is not None:
            self.ask(NoteDialog(self.engine, case.detail))
