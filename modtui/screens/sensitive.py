"""The keys of what cannot wait and of what hurts to read: the NOW lane, and folded posts.

A thread goes into the lane at once, and out of it with an outcome in words; a post is unfolded with
a key, and folded again with the same one.
"""

from __future__ import annotations

from datetime import timedelta

from modtui.domain import decide
from modtui.domain.commands import Command, Dismiss, Hide, MarkSensitive, NotSensitive
from modtui.domain.decide import Case
from modtui.engine import Submitted
from modtui.screens.asking import Asking
from modtui.widgets.cells import clock
from modtui.widgets.host import host

NIGHT = timedelta(hours=12)


class Sensitive(Asking):
    """A room with a thread under the cursor, as far as the NOW lane and folding ask for it."""

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

    async def action_unfold(self) -> None:
        """Show the post under the cursor, and say how many there were tonight; or fold it."""
        case = self.case()
        if case is None or case.post is None:
            return
        post, care = case.post.remote_id, self.engine.care
        fold = case.detail.folding.of(post)
        if fold is None:
            care.fold(case.detail.row.id, post)
            self.say("folded again")
            return
        await care.unfold(case.detail, post)
        shown = f"shown until {host(self).keymap.key('queue.unfold', 'Z')} folds it"
        read = await care.exposure(case.now - NIGHT) if fold.text else 0
        posts = "1 folded post" if read == 1 else f"{read} folded posts"
        self.say(f"{shown} · {posts} read in 12 h" if read else shown)

    def link_shown(self, case: Case) -> None:
        post, folding = case.post, case.detail.folding
        if post is not None and post.media and folding.of(post.remote_id) is None:
            self.engine.care.address_opened(case.detail.row.id, post.remote_id)
