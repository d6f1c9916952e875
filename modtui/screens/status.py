"""Status, for leads: what needs somebody, what is late and why, by platform and by person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from textual import events, on
from textual.timer import Timer
from textual.widget import Widget

from modtui.domain.metrics import WORDS, Narrow, Report, Span
from modtui.domain.views import Change
from modtui.engine import Engine
from modtui.keymap import Action, bindings
from modtui.screens.room import Room
from modtui.widgets.cells import Row, clip, one_line, spread, wrap
from modtui.widgets.host import host, moment_of, visible, work
from modtui.widgets.lines import FirstLine, live_words
from modtui.widgets.paint import Rows
from modtui.widgets.status_board import StatusBoard, board, rooms
from modtui.widgets.status_cells import Block, Look
from modtui.widgets.status_rows import late_now, late_period, needs, night, since
from modtui.widgets.status_tables import arrivals, coming, people, platforms, responses, running

if TYPE_CHECKING:
    from modtui.screens.help import Section

AGAIN = timedelta(seconds=5)
OLD = timedelta(seconds=60)
ORDER = tuple(Span)
NARROWS: Mapping[str, str] = {"account": "platform", "person": "person", "language": "language"}

OWN = (
    Action("status.open", "enter", "open", "the threads behind the line", hint="list",
           long="threads"),
    Action("status.period", "t", "period", "since your last look, today, 7 days, 28 days",
           hint="period", long="today/7/28 days"),
    Action("status.platform", "p", "narrow('account')", "only this platform, the next, all",
           hint="platform", long="platform"),
    Action("status.person", "w", "narrow('person')", "only this person, the next, all",
           hint="person", long="person"),
    Action("status.language", "f", "narrow('language')", "only one language, the next, all",
           hint="lang", long="language"),
    Action("status.hand-over", "o", "hand_over", "hand over", long="hand over"),
    Action("status.back", "q,escape", "back", "one step back: all of it, then the queue"),
)  # fmt: skip
TO_QUEUE = Action("app.go", "", "", "go to a room", hint="queue", long="queue", named="gq")


class Heading(FirstLine):
    """The first line of Status: when, since when, what is left out; which accounts are live."""

    def __init__(self) -> None:
        super().__init__()
        self.about = ""

    def tell(self) -> None:
        engine, moment = host(self).engine, moment_of(self)
        local = moment.now.astimezone(ZoneInfo(moment.zone))
        city = moment.zone.rpartition("/")[2].replace("_", " ")
        time = f"{local:%a %d %b %H:%M} {city}" if moment.wide else f"{local:%H:%M}"
        end: Row = ((" ", "text"),)
        if engine.lead.read_only:
            end = (("read-only", "soon"), (" │ " if moment.wide else "  ", "rule"))
        words = f" Status · {time}{self.about}"
        room = moment.width - len(words) - sum(len(text) for text, _ in end) - 2
        end = (*end, *live_words(engine.accounts(), moment.now, room), (" ", "text"))
        self.show((spread(((words, "strong"),), end, moment.width),))


class StatusScreen(Room):
    """Lines with a cursor; Enter opens the list behind a line, `?` says how it is counted."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (*OWN, *Room.ACTIONS)
    LEADING: ClassVar[tuple[Action, ...]] = (StatusBoard.ACTIONS[0],)
    HINTED: ClassVar[tuple[Action, ...]] = (TO_QUEUE,)
    BINDINGS = bindings(OWN)
    AUTO_FOCUS = "StatusBoard"

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.first: Heading = Heading()
        self.list = StatusBoard()
        self.counted = Rows(id="counted")
        self.rules = (Rows(classes="rule"), Rows(classes="rule"))
        self.report: Report | None = None
        self.span, self.narrow = Span.LOOK, Narrow()
        self._read_at: datetime | None = None
        self._timer: Timer | None = None

    def compose(self) -> Iterable[Widget]:
        yield self.first
        yield self.rules[0]
        yield self.list
        yield self.rules[1]
        yield self.counted
        yield self.keys

    # reading
    def on_screen_resume(self) -> None:
        self.read()

    def on_screen_suspend(self) -> None:
        self._stop_timer()
        if not visible(self):
            work(self, self.engine.lead.left, "look", alone=False)

    async def on_unmount(self) -> None:
        await self.engine.lead.left()

    def on_change(self, change: Change) -> None:
        """Count again when a thread changed, at most every five seconds; how accounts stand is
        known at once."""
        if change.accounts or change.wide:
            self.paint()
        if not (change.threads or change.wide):
            return
        waited = self.engine.now() - self._read_at if self._read_at else AGAIN
        if waited >= AGAIN:
            self.read()
        elif self._timer is None:
            self._timer = self.set_timer((AGAIN - waited).total_seconds(), self.read)

    def tick(self) -> None:
        if self._read_at is not None and self.engine.now() - self._read_at >= OLD:
            self.read()

    def read(self) -> None:
        """Count now."""
        self._stop_timer()
        if visible(self):
            self._read_at = self.engine.now()
            work(self, self._read, "report")

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    async def _read(self) -> None:
        self.report = await self.engine.lead.report(self.span, self.narrow)
        self.paint()

    # painting
    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.paint)

    def paint(self) -> None:
        """Paint the report as it was counted."""
        moment, report = self.moment(), self.report
        for rule in self.rules:
            rule.show((((("─" * moment.width), "rule"),),))
        if report is None:
            self.counted.show((((" counting …", "muted"),),))
            return
        left, right = rooms(moment.width)
        whole = Look(report, self.engine.accounts(), moment, moment.width)
        near, far = replace(whole, room=left), replace(whole, room=right or left)
        bands: tuple[tuple[Block, ...], ...] = (
            (needs(near), night(far)),
            (late_now(near), late_period(far)),
            (platforms(whole),),
            (people(whole),),
            (responses(near), arrivals(far)),
            (running(near), coming(far)),
        )
        self.list.show(board(bands, moment.width))
        self._paint_words(report)
        self.paint_hints()

    def _paint_words(self, report: Report) -> None:
        moment, only = self.moment(), self._only()
        about = f" · {since(report.period, moment.zone)}"
        if not moment.wide:
            about = about.replace("since your last look", "since").replace("your first look, ", "")
        self.first.about = about + (f" · only {only}" if only else "")
        self.first.tell()
        at = report.period.end.astimezone(ZoneInfo(moment.zone))
        words = "numbers from one event log, ? on a line says how it is counted"
        words = words if moment.wide else "? says how a line is counted"
        counted: Row = ((f" counted {at:%H:%M:%S} · {words}", "muted"),)
        self.counted.show((clip(counted, moment.width),))

    def _only(self) -> str:
        parts = (getattr(self.narrow, name) for name in NARROWS)
        return ", ".join(one_line(part) for part in parts if part)

    @on(StatusBoard.Selected)
    def _selected(self) -> None:
        self.paint_hints()

    # keys
    def off(self, action: Action) -> str:
        entry = self.list.entry
        if action.verb == "open" and (entry is None or self._nothing_behind()):
            return entry.behind.why if entry is not None else "nothing is counted yet"
        if action.verb == "hand-over" and self._hand_over() is None:
            return "nothing can be handed over here"
        return ""

    def _hand_over(self) -> Action | None:
        rooms = getattr(self.app, "ACTIONS", ())
        return next((action for action in rooms if action.chord == "g h"), None)

    def _nothing_behind(self) -> bool:
        entry = self.list.entry
        return entry is None or (entry.behind.view is None and not entry.behind.room)

    def action_open(self) -> None:
        """Open the list behind the line."""
        entry = self.list.entry
        if entry is None:
            return
        if entry.behind.room:
            self.app.switch_mode(entry.behind.room)
        elif entry.behind.view is not None:
            host(self).open_view(entry.behind.view, entry.behind.name)

    def action_period(self) -> None:
        """Go to the next period."""
        self.span = ORDER[(ORDER.index(self.span) + 1) % len(ORDER)]
        self.read()

    def action_narrow(self, what: str) -> None:
        """Leave out all but one platform, person or language: that of the line, or the next."""
        choices = self._choices(what)
        now = getattr(self.narrow, what)
        here = self.list.selected.partition(":")[2]
        if now is None:
            chosen = here if here in choices else (choices[0] if choices else None)
        else:
            later = choices[choices.index(now) + 1 :] if now in choices else ()
            chosen = later[0] if later else None
        if not choices:
            self.say(f"there is no {NARROWS[what]} to choose")
            return
        self.narrow = replace(self.narrow, **{what: chosen})
        self.say(f"only {one_line(chosen)}" if chosen else f"every {NARROWS[what]}")
        self.read()

    def _choices(self, what: str) -> tuple[str, ...]:
        if self.report is None:
            return ()
        if what == "account":
            return tuple(account.name for account in self.engine.accounts())
        if what == "language":
            return self.report.languages
        return self.report.names

    async def action_hand_over(self) -> None:
        """Go where one hands over."""
        if (action := self._hand_over()) is not None:
            await self.app.run_action(action.run, self.app)

    def action_back(self) -> None:
        if not self.narrow.any:
            self.narrow = Narrow()
            self.say("all of it")
            self.read()
        else:
            self.app.switch_mode("queue")

    def sections(self, width: int) -> tuple[Section, ...]:
        from modtui.screens.help import Section

        entry = self.list.entry
        if entry is None or entry.term not in WORDS:
            return ()
        title = "".join(text for text, _ in clip(entry.row, width - 2)).rstrip()
        words = tuple(((f" {line}", "text"),) for line in wrap(WORDS[entry.term], width - 2))
        return (Section("how it is counted", (((f" {title}", "strong"),), *words)),)
