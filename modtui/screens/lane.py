"""The keys of the NOW lane: into it at once, out of it with an outcome in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import ModalScreen

from modtui.domain import decide
from modtui.domain.commands import Command, Dismiss, Hide, MarkSensitive, NotSensitive
from modtui.domain.decide import Case
from modtui.engine import Submitted
from modtui.screens.room import Room
from modtui.widgets.cells import clock
from modtui.widgets.host import host


class Lane(Room):
    """A room with a thread under the cursor, as far as the NOW lane asks for it."""

    def case(self) -> Case | None:
        """Return what a key would decide on now."""
        raise NotImplementedError

    def ask(self, dialog: ModalScreen[Any], then: Callable[[Any], None] | None = None) -> None:
        """Open `dialog`; submit the commands it returns, or hand its answer to `then`."""
        raise NotImplementedError

    @property
    def closes(self) -> str:
        """The key that asks how it ended."""
        return host(self).keymap.key("queue.done", "d")

    async def action_sensitive(self) -> None:
        case = self.case()
        if case is None:
            return
        from modtui.engine.lane import flagged_as

        row = case.detail.row
        flagged = flagged_as(case.detail.record, self.engine.desk) is not None
        if not flagged and (row.now_at is not None or row.help_route is not None):
            from modtui.screens.dialogs.not_sensitive import NotSensitiveDialog

            self.ask(NotSensitiveDialog(self.engine, case.detail))
        elif row.now_at is not None:
            since = clock(row.now_at, self.engine.desk.moderator.timezone, case.now)
            self.say(f"NOW since {since}, {row.now_reason}: {self.closes} closes it, in words")
        else:
            await self.act((MarkSensitive(thread=row.id, revision=row.revision),))

    def ask_outcome(self, case: Case) -> None:
        """Ask how the thread under the cursor ended; what is said closes it."""
        from modtui.screens.dialogs.outcome import OutcomeDialog

        self.ask(OutcomeDialog(self.engine, case.detail, decide.open_ends(case)))

    def submitted(self, taken: Submitted, commands: tuple[Command, ...]) -> None:
        case = self.case()
        undo = host(self).keymap.key("queue.undo", "u")
        for command in commands:
            match command:
                case MarkSensitive():
                    self.say(f"in the NOW lane, help route open · {undo} takes it back")
                case NotSensitive(why=why):
                    self.say(f"not sensitive: {why} · help route closed · {undo} takes it back")
        closed = any(isinstance(command, Hide | Dismiss) for command in commands)
        if closed and case is not None and case.detail.row.now_at is not None:
            self.say(f"it stays in the NOW lane and needs an outcome: {self.closes}")
