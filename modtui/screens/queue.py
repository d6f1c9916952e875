"""The Queue: the list and the selected thread. It paints from the store before anything starts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events, on
from textual.containers import Container
from textual.widget import Widget

from modtui.domain import decide
from modtui.domain.named_views import View
from modtui.domain.views import AccountStatus, Change
from modtui.engine import Engine, Undone
from modtui.keymap import Action, bindings
from modtui.screens.acting import ACTING
from modtui.screens.knowing import Knowing
from modtui.screens.marks import MARKING, Marking, taken_off
from modtui.screens.room import GO
from modtui.screens.viewing import LOOKING, Viewing
from modtui.widgets.cells import clip
from modtui.widgets.guard import OPENED
from modtui.widgets.host import host
from modtui.widgets.paint import Rows
from modtui.widgets.posts import Posts
from modtui.widgets.queue_list import QueueList
from modtui.widgets.queue_rows import columns, header
from modtui.widgets.thread_pane import ThreadPane

OWN = (
    Action("queue.into-posts", "l,right", "into_posts", "from the list into the posts",
           long="into posts"),
    Action("queue.into-list", "h,left", "into_list", "from the posts to the list"),
    Action("queue.back", "q,escape", "back", "one step back"),
)  # fmt: skip


class Covered(Container):
    """A container that what is in it covers, so that nothing of its own is worth rendering."""

    BLANK = True


class News:
    """What accounts have to say once: remembers what was said of each."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str]] = set()

    def fresh(self, accounts: Iterable[AccountStatus]) -> str:
        """Return in one line what was not said yet, "" for nothing."""
        told = [(each.name, each.news) for each in accounts if each.news]
        new = [each for each in told if each not in self._said]
        self._said.update(new)
        return " · ".join(f"{name}: {news}" for name, news in new)


class QueueScreen(Marking, Viewing):
    """List and posts; `l` and `h` go between them, Enter opens the thread on its own screen."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (
        *ACTING, *MARKING, *LOOKING, *OWN, *Knowing.ACTIONS
    )  # fmt: skip
    HINTED: ClassVar[tuple[Action, ...]] = (QueueList.ACTIONS[0], QueueList.ACTIONS[-1], GO)
    BINDINGS = bindings(OWN)
    AUTO_FOCUS = "QueueList"

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.list = QueueList(engine, self._selected)
        self.bar, self.heads, self.below = Rows(id="bar"), Rows(id="heads"), Rows(id="below")
        self.rule = Rows(id="rule")
        self.pane: ThreadPane = ThreadPane(engine)
        self._news = News()

    def body(self) -> Iterable[Widget]:
        self.pane.fit(self.roomy)
        left = Covered(self.bar, self.heads, self.list, self.below, id="left")
        yield Covered(left, self.pane, id="desk")
        yield self.rule

    def on_mount(self) -> None:
        self._size_panes()
        view = self.engine.view_now(self.engine.views.asks(self.view))
        if view is not None:
            self.list.show(view)
        self.call_after_refresh(self._rest)

    def _rest(self) -> None:
        """Read what was not needed for the first paint."""
        self.paint_around()
        if self.pane.detail is None:
            self.read()

    def on_change(self, change: Change) -> None:
        super().on_change(change)
        news = self._news.fresh(self.engine.accounts())
        if news and not self.status.herald(news):
            self.say(news)

    def current(self) -> int | None:
        return self.list.selected_id

    def _selected(self) -> None:
        self.paint_around()
        self.step()

    @on(Posts.Moved)
    def _moved(self) -> None:
        self.paint_pane()

    def tick(self) -> None:
        self.list.tick()
        super().tick()

    # painting what stands around the list
    def on_resize(self, event: events.Resize) -> None:
        self._size_panes()

    def _size_panes(self) -> None:
        # Before the first layout the screen has no size of its own.
        size = self.size or self.app.size
        wide = size.width >= 100
        pane = 48 + (size.width - 120) * 3 // 10 if wide else 0
        self.list.clocks = size.width >= 120
        self.pane.styles.width = pane if wide else "1fr"
        self.pane.fit(self.roomy)
        self.query_one("#left").styles.width = size.width - pane if wide else "1fr"
        text = "─" * size.width
        if wide:
            text = text[: size.width - pane] + "┴" + text[size.width - pane + 1 :]
        self.rule.show((((text, "rule"),),))
        self.call_after_refresh(self.paint_around)

    @on(QueueList.Fitted)
    def paint_around(self) -> None:
        """Paint the lines above and below the list."""
        width = max(self.list.size.width, 20)
        self.heads.show((header(columns(width, clocks=self.list.clocks)),))
        self.bar.show((clip(self.bar_row(), width),))
        self.list.say_nothing("" if len(self.list) else self.nothing_words())
        self.below.show((clip(((f"   {self._below()}", "muted"),), width),))

    def _below(self) -> str:
        hidden = len(self.list) - self.list.scroll_offset.y - self.list.size.height
        parts = [f"↓ {hidden} more"] if hidden > 0 else []
        if self.list.arrived:
            parts.append(f"{self.list.arrived} new since you moved")
        return " · ".join(parts)

    def where(self) -> str:
        at = self.list.position(self.list.selected_id)
        row = f"row {at + 1} of {len(self.list)}" if at is not None else "no thread"
        marked = self.marked_words() if self.marked_threads() or self.marked_posts() else ""
        words = (row, marked, self.view_words(), self.outside_words(), self.search_words())
        return " · ".join(word for word in words if word)

    # marks
    @property
    def in_posts(self) -> bool:
        """Whether the keys go to the posts."""
        return self.pane.posts.has_focus

    def marked_threads(self) -> tuple[int, ...]:
        return () if self.in_posts else self.list.marked

    def marked_posts(self) -> tuple[str, ...]:
        return self.pane.posts.marked if self.in_posts else ()

    def view_ids(self) -> tuple[int, ...]:
        return () if self.in_posts else self.list.ids()

    def mark_threads(self, threads: tuple[int, ...]) -> None:
        self.list.mark(threads)

    @on(QueueList.Marked)
    @on(Posts.Marked)
    def _marked(self) -> None:
        self.paint_around()
        self.paint_pane()
        self.paint_hints()

    # keys
    def action_into_posts(self) -> None:
        self.pane.posts.focus()

    def action_into_list(self) -> None:
        self.list.focus()

    def on_descendant_focus(self) -> None:
        if self.pane.is_mounted:
            self.pane.show(self.pane.detail)

    on_descendant_blur = on_descendant_focus

    def action_back(self) -> None:
        if self.marked_posts():
            self.say(taken_off(self.marked_posts()))
            self.pane.posts.mark(())
        elif not self.list.has_focus:
            self.list.focus()
        elif self.matches:
            self._end_search()
        elif self.list.marked:
            self.say(taken_off(self.list.marked))
            self.list.mark(())
        elif self.view.exact is not None:
            self.look_at(View())
            self.app.switch_mode("status")
        else:
            keymap = host(self).keymap
            view = keymap.key("queue.views", "f"), keymap.key("views.all", "a")
            every = "" if self.view.whole else f": {' '.join(view)} shows all of it"
            quits = keymap.key("app.quit", "Ctrl+Q")
            self.say(
                f"this is the queue{every or ':'} {'· ' if every else ''}{quits} leaves modtui"
            )

    def action_remove(self) -> None:
        case = self.case()
        one = self.list.has_focus and not self.many("remove")
        if case is not None and one and decide.many_flagged(case):
            remove = host(self).keymap.key("queue.remove", "x")
            self.say(f"more than one post is flagged: choose it here, then {remove}")
            self.open(case.detail.row.id)
        else:
            super().action_remove()

    def advance(self) -> None:
        found = self.list.next_free()
        if found is None:
            self.say(f"{self.started_with} → {len(self.list)} in this view · nothing free below")
        else:
            self.list.select(found)

    def undone(self, undone: Undone) -> None:
        if self.list.position(undone.thread) is not None and undone.thread != self.current():
            self._armed = host(self).guard.arm()
            self.list.select(undone.thread)

    def action_next(self, step: int) -> None:
        if self.matches:
            self._to_match(step)
        elif not self.list.walk(step):
            self.say("nothing is in the NOW lane, late, or due within 15 minutes")

    def make_room(self, *, asking: bool) -> None:
        self.list.squeeze(asking=asking)
        super().make_room(asking=asking)

    # opening
    @on(QueueList.Opened)
    @on(Posts.Opened)
    def _opened(self) -> None:
        if (thread := self.current()) is not None and self.app.screen is self:
            self.open(thread)

    def open(self, thread: int, *, write: bool = False) -> None:
        """Open `thread` on its own screen; `write`: with its draft in the reply box."""
        from modtui.screens.thread import ThreadScreen

        self.list.select(thread)
        token = host(self).guard.arm(OPENED)
        # From here on the cursor is the moderator's: it does not follow the top any more.
        self._pressed_at = self._pressed_at or self.engine.now()
        screen = ThreadScreen(self.engine, self, token, write=thread if write else None)
        screen.unread = self.keys.message if host(self).guard.unread else ""
        self.app.push_screen(screen)
