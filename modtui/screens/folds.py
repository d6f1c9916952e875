"""Folded posts under the cursor: shown with a key, folded again with the same one."""

from __future__ import annotations

from datetime import timedelta

from modtui.domain.decide import Case
from modtui.screens.lane import Lane
from modtui.widgets.host import host

NIGHT = timedelta(hours=12)


class Folds(Lane):
    """A room with a thread under the cursor, as far as care for the reader asks for it."""

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
        self.say(f"{shown} · folded posts you read in the last 12 h: {read}" if read else shown)

    def link_shown(self, case: Case) -> None:
        post, folding = case.post, case.detail.folding
        if post is not None and post.media and folding.of(post.remote_id) is None:
            self.engine.care.address_opened(case.detail.row.id, post.remote_id)
