"""One thread on the whole screen: the same keys, more room for the posts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.widget import Widget

from modtui.domain.flagged import flagged_posts
from modtui.domain.model import Health
from modtui.domain.views import Change, ThreadDetail
from modtui.engine import Engine, Undone
from modtui.keymap import Action, bindings
from modtui.screens.acting import ACTING
from modtui.screens.knowing import Knowing
from modtui.screens.marks import MARKING, Marking, taken_off
from modtui.screens.queue import QueueScreen
from modtui.screens.room import GO
from modtui.screens.viewing import SEARCH
from modtui.widgets.cells import clip
from modtui.widgets.host import host, work
from modtui.widgets.paint import Rows
from modtui.widgets.posts import Posts
from modtui.widgets.thread_head import stacked_head
from modtui.widgets.thread_pane import ThreadPane

NO_SEARCH = replace(SEARCH, long="")
OWN = (
    Action("thread.back", "q,escape,h,left", "back", "back to the list"),
    Action("thread.flagged-only", "f", "only_flagged", "show only the flagged posts, or all again"),
)


class ThreadScreen(Marking):
    """The thread under the queue's cursor, opened; after a finishing action, the next one."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (*ACTING, *MARKING, *OWN, NO_SEARCH, *Knowing.ACTIONS)
    HINTED: ClassVar[tuple[Action, ...]] = (Posts.ACTIONS[0], Posts.ACTIONS[-1], GO)
    BINDINGS = bindings(OWN)
    AUTO_FOCUS = "Posts"

    def __init__(
        self, engine: Engine, queue: QueueScreen, armed: int, *, write: int | None = None
    ) -> None:
        super().__init__(engine)
        self.queue = queue
        self.unkept = queue.unkept
        self.pane = ThreadPane(engine, alone=True)
        self.bar = Rows(id="bar")
        self._armed = armed
        self._asked: int | None = None
        self._asked_while: tuple[Health, bool] | None = None
        self._write = write
        self.unread = ""

    def off(self, action: Action) -> str:
        if action.id == SEARCH.id:
            back = host(self).keymap.key("thread.back", "q")
            return f"the list is searched: {back} goes back to it"
        return super().off(action)

    def body(self) -> Iterable[Widget]:
        yield self.bar
        if self.pane is not None:
            yield self.pane

    def on_mount(self) -> None:
        if self.unread:
            self.say(self.unread)
        self.read()

    def _shown(self) -> None:
        super()._shown()
        wanted = self._write
        if wanted is not None and self.detail is not None and self.current() == wanted:
            self._write = None
            self.action_reply()

    def current(self) -> int | None:
        return self.queue.current()

    async def _read(self) -> None:
        await super()._read()
        thread, detail = self.current(), self.detail
        if thread is None:
            return
        stands = self._stands(detail.row.account) if detail is not None else None
        failed = detail is not None and detail.row.id == thread and bool(detail.context_error)
        heard = stands is not None and stands[0] is Health.LIVE and stands != self._asked_while
        if thread != self._asked or (failed and heard):
            self._asked, self._asked_while = thread, stands
            work(self, partial(self.engine.load_context, thread), "context")

    def on_change(self, change: Change) -> None:
        super().on_change(change)
        if change.accounts and self.detail is not None and self.detail.context_error:
            self.read()

    def _stands(self, account: str) -> tuple[Health, bool] | None:
        """How the account of the thread is read: what it could not say then it may say now."""
        found = (each for each in self.engine.accounts() if each.name == account)
        return next(((each.health, each.elsewhere) for each in found), None)

    def on_resize(self, event: events.Resize) -> None:
        self.pane_shown()

    def pane_shown(self) -> None:
        pane, detail = self.pane, self.detail
        if pane is None or detail is None or not pane.is_mounted:
            return
        if self.size.width < 100:
            left, frame = self.engine.left(detail.row), pane.frame(self.size.width)
            self.bar.show((stacked_head(detail, left, frame, self.where()),))
            return
        only = host(self).keymap.key("thread.flagged-only", "f")
        state = "on" if pane.posts.only_flagged else "off"
        moves = f"j k post · J K flagged post · {only} flagged only ({state})"
        marked = f" · {self.marked_words()}" if pane.posts.marked else ""
        text = f" {moves} · {self._about(detail)}{marked}"
        self.bar.show((clip(((text, "muted"),), self.size.width),))

    def _about(self, detail: ThreadDetail) -> str:
        flagged = len(flagged_posts(detail))
        trouble = f" · {detail.context_error}" if detail.context_error else ""
        posts = "1 post" if len(detail.posts) == 1 else f"{len(detail.posts)} posts"
        return f"{posts}, {flagged} flagged{trouble}"

    def where(self) -> str:
        if self.pane is None or self.detail is None:
            return "post 1 of 0"
        posts, cursor = self.pane.posts.shown, self.pane.posts.cursor
        at = next((i for i, p in enumerate(posts) if p.remote_id == cursor), 0)
        parts = [f"post {at + 1} of {len(posts)}"]
        if self.pane.posts.only_flagged:
            parts.append("flagged only")
        if self.pane.posts.marked:
            parts.append(self.marked_words())
        if self.detail.context_error:
            parts.append(self.detail.context_error)
        return " · ".join(parts)

    # marks
    def marked_posts(self) -> tuple[str, ...]:
        return self.pane.posts.marked if self.pane is not None else ()

    @on(Posts.Marked)
    def _marked(self) -> None:
        self.paint_pane()
        self.paint_hints()

    def action_only_flagged(self) -> None:
        """Show the flagged posts alone, or all again."""
        pane = self.pane
        if pane is None or self.detail is None:
            return
        if not pane.posts.only_flagged and not flagged_posts(self.detail):
            self.say("no post here is flagged")
            return
        pane.posts.show_only(not pane.posts.only_flagged)
        self.paint_pane()

    @on(Posts.Moved)
    def _moved(self) -> None:
        self.paint_pane()

    def advance(self) -> None:
        before = self.current()
        self.queue.advance()
        if self.current() == before:
            self.say(self.queue.keys.message)

    def undone(self, undone: Undone) -> None:
        shown = self.queue.list.position(undone.thread) is not None
        if shown and undone.thread != self.current():
            self._armed = host(self).guard.arm()
            self.queue.list.select(undone.thread)

    def action_next(self, step: int) -> None:
        self.queue.action_next(step)
        self.read()

    def action_back(self) -> None:
        if self.pane is not None and self.pane.posts.marked:
            self.say(taken_off(self.pane.posts.marked))
            self.pane.posts.mark(())
        elif self.app.screen is self:
            self.app.pop_screen()
