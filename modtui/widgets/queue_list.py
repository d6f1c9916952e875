"""The queue as a list: a line-API widget over an index; what is selected is a thread, not a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from textual import events
from textual.geometry import Region
from textual.message import Message

from modtui.domain.model import Band, State
from modtui.domain.views import QueueRow
from modtui.engine import Engine, QueueView
from modtui.keymap import Action, bindings
from modtui.widgets.cells import Row
from modtui.widgets.paint import Painted
from modtui.widgets.queue_rows import (
    LEFT_AT,
    LEFT_WIDTH,
    Look,
    columns,
    heat_of,
    row_cells,
    time_text,
)

SOON = timedelta(minutes=15)
LOOK_AHEAD = 500
AHEAD = 3


class QueueList(Painted, can_focus=True):
    """Shows a `QueueView`. Rows that are not here yet are blank until `show` is called again.

    A selected thread that left the view stays, greyed, where it was, until the cursor leaves it.
    `moved` is called at once, not by a message, when another thread is under the cursor.
    """

    ACTIONS = (
        Action(
            "list.down",
            "j,down",
            "move(1)",
            "next thread",
            long="move",
            named="j k",
            pair="list.up",
        ),
        Action("list.up", "k,up", "move(-1)", "previous thread"),
        Action("list.half-down", "ctrl+d,pagedown", "page(1)", "half a page down"),
        Action("list.half-up", "ctrl+u,pageup", "page(-1)", "half a page up"),
        Action("list.bottom", "G,end", "edge(1)", "to the last thread"),
        Action("list.top", "home", "edge(0)", "to the first thread", chord="g g"),
        Action("list.open", "enter", "open", "open the thread"),
        Action(
            "list.mark",
            "space",
            "mark",
            "mark the thread: one action over all that are",
            long="mark",
        ),
    )
    BINDINGS = bindings(ACTIONS)

    class Opened(Message):
        """Enter on a thread."""

        def __init__(self, thread: int) -> None:
            super().__init__()
            self.thread = thread

    class Marked(Message):
        """Another set of threads is marked."""

    class Fitted(Message):
        """It has another size."""

    def __init__(self, engine: Engine, moved: Callable[[], None]) -> None:
        super().__init__(id="queue")
        self.engine = engine
        self._moved = moved
        self.selected_id: int | None = None
        self.clocks = False
        self.arrived = 0
        self.marked: tuple[int, ...] = ()
        self._nothing = ""
        self._walked: int | None = None
        self._view: QueueView | None = None
        self._ghost: int | None = None
        self._ghost_at = 0
        self._roomy: tuple[int, int] | None = None
        self._page: tuple[int, int, Mapping[int, QueueRow | None]] = (0, 0, {})
        self._painted: dict[int, tuple[str, Band, int]] = {}
        self._rows: dict[int, Row | None] = {}

    # the index
    def __len__(self) -> int:
        if self._view is None:
            return 0
        return len(self._view) + (self._ghost is not None)

    def __bool__(self) -> bool:
        return True

    def id_at(self, position: int) -> int | None:
        """Return the thread at `position`, the greyed one included."""
        if self._view is None or not 0 <= position < len(self):
            return None
        if self._ghost is None:
            return self._view.id_at(position)
        if position == self._ghost_at:
            return self._ghost
        return self._view.id_at(position - (position > self._ghost_at))

    def position(self, thread: int | None) -> int | None:
        """Return where `thread` stands now, or None."""
        if self._view is None or thread is None:
            return None
        if thread == self._ghost:
            return self._ghost_at
        index = self._view.index_of(thread)
        if index is None or self._ghost is None:
            return index
        return index + (index >= self._ghost_at)

    def show(self, view: QueueView) -> None:
        """Show `view`; the cursor stays on its thread, and on its line if the list is scrolled."""
        before = self.position(self.selected_id)
        after = self.id_at(before + 1) if before is not None else None
        self._view = view
        self._ghost = None
        if self.selected_id is not None and view.index_of(self.selected_id) is None:
            index = view.index_of(after) if after is not None else None
            self._ghost_at = min(before or 0, len(view)) if index is None else index
            self._ghost = self.selected_id
        self.reach(len(self))
        self._page = (0, 0, {})
        now_at = self.position(self.selected_id)
        if self.selected_id is None and len(view):
            self.select(view.id_at(0))
        elif before is not None and now_at is not None and now_at != before:
            if self.scroll_offset.y:
                self._scroll(self.scroll_offset.y + now_at - before)
            self._reveal(now_at)
        self._repaint()

    def turn(self, view: QueueView) -> None:
        """Show another view: the cursor stays on its thread if it is there, else goes on top."""
        self.arrived, self._ghost = 0, None
        if self.selected_id is not None and view.index_of(self.selected_id) is None:
            self.selected_id = None
            self._scroll(0)
        self.show(view)
        self._keep_in_sight()
        if self.selected_id is None:
            self._moved()

    def say_nothing(self, words: str) -> None:
        """Say `words` where the list is empty."""
        if words != self._nothing:
            self._nothing = words
            self._repaint()

    def freshen(self, threads: frozenset[int]) -> None:
        """Read those of `threads` that can be seen again; no thread changed its place."""
        if not threads.isdisjoint(self._page[2]):
            self._page = (0, 0, {})
            self._repaint()

    def _repaint(self) -> None:
        """Repaint the visible lines that are not what they were."""
        before, self._rows = self._rows, {}
        for line in range(self.scroll_offset.y, self.scroll_offset.y + self.size.height):
            if self.row_at(line) != before.get(line):
                self.refresh_line(line)

    def arrivals(self, view: QueueView, threads: frozenset[int]) -> None:
        """Count those of `threads` that are in `view` and were not in the one shown."""
        shown = self._view
        if shown is not None:
            self.arrived += sum(
                view.index_of(t) is not None and shown.index_of(t) is None for t in threads
            )

    # the cursor
    def select(self, thread: int | None) -> None:
        """Put the cursor on `thread` and bring it into sight."""
        if thread == self.selected_id:
            return
        self.arrived = 0
        old = self.position(self.selected_id)
        self.selected_id = thread
        if self._ghost is not None and thread != self._ghost:
            self._ghost = None
            self.reach(len(self))
            self._page = (0, 0, {})
            self.refresh()
        new = self.position(thread)
        for line in (old, new):
            if line is not None:
                self.refresh_line(line)
        if new is not None:
            self._reveal(new, step=old is not None and abs(new - old) == 1)
        self._moved()

    def _reveal(self, line: int, *, step: bool = False) -> None:
        """Bring `line` into sight. A step over the edge brings as many more as fill a third of the
        list: what comes next can be seen, and a slow line does not carry all rows at each key."""
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        more = max(height // AHEAD - 1, 0) if step else 0
        if line < top:
            self._scroll(line - more)
        elif line >= top + height:
            self._scroll(line - height + 1 + more)

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=max(y, 0), animate=False, force=True)

    def squeeze(self, *, asking: bool) -> None:
        """A dialog takes room, or gives it back: what was on top before goes there again then."""
        height = self.size.height
        if asking:
            self._roomy = self._roomy or (height, self.scroll_offset.y)
        elif self._roomy is not None and height >= self._roomy[0]:
            self._roomy = None  # it took none

    def _keep_in_sight(self) -> None:
        here = self.position(self.selected_id)
        if here is not None:
            self._reveal(here)

    def on_resize(self) -> None:
        if self._roomy is not None and self.size.height >= self._roomy[0]:
            self._scroll(self._roomy[1])
            self._roomy = None
        self._keep_in_sight()
        self.post_message(self.Fitted())

    def action_move(self, step: int) -> None:
        self._go((self.position(self.selected_id) or 0) + step)

    def action_page(self, direction: int) -> None:
        self.action_move(direction * max(self.size.height // 2, 1))

    def action_edge(self, end: int) -> None:
        self._go(len(self) - 1 if end else 0)

    def action_open(self) -> None:
        if self.selected_id is not None:
            self.post_message(self.Opened(self.selected_id))

    # marks
    def ids(self) -> tuple[int, ...]:
        """Return the threads of the view, in its order, each once."""
        view = self._view
        if view is None:
            return ()
        # A view that is shorter than it was repeats its last one.
        return tuple(dict.fromkeys(view.id_at(place) for place in range(len(view))))

    def mark(self, threads: tuple[int, ...]) -> None:
        """Let exactly `threads` be marked; marks are the threads' own, wherever they stand."""
        if threads != self.marked:
            self.marked = threads
            self._repaint()
            self.post_message(self.Marked())

    def action_mark(self) -> None:
        """Mark the thread under the cursor, or take its mark off, and go one down."""
        thread = self.selected_id
        if thread is not None:
            others = tuple(number for number in self.marked if number != thread)
            self.mark(others if thread in self.marked else (*others, thread))
            self.action_move(1)

    def _go(self, position: int) -> None:
        if len(self):
            self.select(self.id_at(max(0, min(len(self) - 1, position))))

    def on_click(self, event: events.Click) -> None:
        thread = self.id_at(event.y + self.scroll_offset.y)
        if thread is not None:
            self.select(thread)

    # what comes next
    def next_free(self) -> int | None:
        """Return the next open thread below the cursor that nobody holds, or None."""
        start = self.position(self.selected_id)
        if start is None:
            return None
        wanted = [self.id_at(p) for p in range(start + 1, min(start + LOOK_AHEAD, len(self)))]
        found = self.row_map([t for t in wanted if t is not None])
        return next((t for t, row in found.items() if row and self._free(row)), None)

    def to_do(self) -> tuple[int, ...]:
        """Return what can still be saved: NOW, then due within 15 minutes, then late, the oldest
        first."""
        if self._view is None:
            return ()
        top = [self._view.id_at(p) for p in range(min(LOOK_AHEAD, len(self._view)))]
        now = self.engine.now()
        lane: list[int] = []
        soon: list[int] = []
        late: list[int] = []
        for thread, row in self.row_map(top).items():
            if row is None:
                continue
            if row.now_due_at is not None:
                if self._free(row) or (row.now_due_at < now and not self._held(row)):
                    lane.append(thread)
                continue
            due = row.standing.due_at if self._free(row) else None
            if due is not None and due <= now + SOON:
                (late if due < now else soon).append(thread)
        return (*lane, *soon, *late)

    def walk(self, step: int) -> bool:
        """Go to what is most urgent, or from there to the next or previous; False if none."""
        order = self.to_do()
        if not order:
            return False
        if self.selected_id == self._walked and self._walked in order:
            thread = order[(order.index(self._walked) + step) % len(order)]
        else:
            others = [t for t in order if t != self.selected_id] or list(order)
            thread = others[0 if step > 0 else -1]
        self._walked = thread
        self.select(thread)
        return True

    def _free(self, row: QueueRow) -> bool:
        return row.state is State.OPEN and not row.pending and not self._held(row)

    def _held(self, row: QueueRow) -> bool:
        """Whether somebody else holds the thread."""
        claim = row.claim
        return claim is not None and claim.until > self.engine.now() and claim.by != self._me

    # painting
    @property
    def _me(self) -> str:
        return self.engine.desk.moderator.name

    def row_map(self, ids: list[int]) -> Mapping[int, QueueRow | None]:
        """Return the rows of `ids` that are here now, in the order of `ids`."""
        found = self._view.rows(ids) if self._view is not None and ids else {}
        return {thread: found.get(thread) for thread in ids}

    def row(self, thread: int | None) -> QueueRow | None:
        """Return the row of `thread` if it is here."""
        return self.row_map([thread]).get(thread) if thread is not None else None

    def look(self) -> Look:
        """Return who looks, when, and at which marked threads."""
        moderator, marked = self.engine.desk.moderator, frozenset(self.marked)
        return Look(moderator.name, moderator.timezone, self.engine.now(), marked)

    def _visible(self) -> Mapping[int, QueueRow | None]:
        top, height = self.scroll_offset.y, self.size.height
        if self._page[:2] != (top, height) or not self._page[2]:
            ids = [self.id_at(p) for p in range(top, min(top + height, len(self)))]
            self._page = (top, height, self.row_map([t for t in ids if t is not None]))
            self._painted.clear()
        return self._page[2]

    def row_at(self, line: int) -> Row | None:
        self._rows[line] = made = self._row_at(line)
        return made

    def _row_at(self, line: int) -> Row | None:
        thread = self.id_at(line)
        if thread is None:
            empty = not len(self) and self._view is not None and line == 1
            return ((f"   {self._nothing}", "muted"),) if empty else None
        row = self._visible().get(thread)
        if row is None:
            return (("▌" if thread == self.selected_id else " ", "mark"),)
        left, look = self.engine.left(row), self.look()
        self._painted[line] = time_text(row, left, look), left.band, heat_of(row, look)
        cols = columns(self.size.width, clocks=self.clocks)
        return row_cells(row, left, cols, look, selected=thread == self.selected_id)

    def tick(self) -> None:
        """Repaint the time of the visible rows whose text changed, and those that cooled down."""
        look = self.look()
        rows = self._visible()
        top = self.scroll_offset.y
        for y in range(min(self.size.height, len(self) - top)):
            row = rows.get(self.id_at(top + y) or 0)
            if row is None:
                continue
            left = self.engine.left(row)
            now = time_text(row, left, look), left.band, heat_of(row, look)
            before = self._painted.get(top + y)
            if before is not None and before[2] != now[2]:
                self.refresh_line(top + y)
            elif before != now:
                self.refresh(Region(LEFT_AT, y, LEFT_WIDTH, 1))
