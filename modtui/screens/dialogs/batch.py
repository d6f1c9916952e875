"""One action over all marks: every target in a line, then how each of them went."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from modtui.domain.outbox import Delivery
from modtui.domain.settings import Rule
from modtui.domain.views import Change
from modtui.engine import Engine, Refused
from modtui.engine.batches import Taken
from modtui.screens.dialogs.panel import Panel, no_rule, rule_keys
from modtui.screens.outcome import Result, progress, refused, result
from modtui.screens.plan import PlanLine
from modtui.widgets.cells import cell_len, cut, fit
from modtui.widgets.hints import HintLine
from modtui.widgets.host import host, work
from modtui.widgets.id_list import IdList, Line, move_keys

HIGH = 10
CLAIM = "claim"
_SPEED = "the status line tells how it goes on"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: the verb, its heading, the lines that it makes under a rule, if any, and the
    rule to begin with."""

    verb: str
    heading: str
    lines: Callable[[Rule | None], tuple[PlanLine, ...]]
    rules: tuple[Rule, ...] = ()
    first: Rule | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of it: the lines that were taken, the sentence about it, and whether it is to be
    taken back at once."""

    taken: tuple[PlanLine, ...]
    said: str
    undo: bool = False


class BatchDialog(Panel[Ended | None]):
    """A preview whose lines can be left out; then, in the same place, the result of each.

    Returns None when nothing was asked for, else what was taken. It may be closed at any time.
    """

    DEFAULT_CSS = """
    BatchDialog #rules { height: auto; }
    BatchDialog IdList { overflow-x: hidden; }
    BatchDialog #whole { height: 2; color: $text-muted; }
    """
    AUTO_FOCUS = "IdList"
    BINDINGS = [
        Binding("space", "leave_out", "leave out, take in", id="batch.toggle", show=False),
        Binding("enter", "confirm", "do it", id="batch.confirm", show=False),
        Binding("y", "confirm_for_good", "do it for good", id="batch.for_good", show=False),
        Binding("u", "undo", "take it back", id="queue.undo", show=False),
        *(
            Binding(str(n), f"rule({n})", f"rule {n}", id=f"batch.rule{n}", show=False)
            for n in range(10)
        ),
    ]

    def __init__(self, engine: Engine, plan: Plan) -> None:
        super().__init__()
        self.engine = engine
        self.plan = plan
        self.rule = plan.first
        self.lines = plan.lines(self.rule)
        self.left_out: set[str] = set()
        self.taken: Taken | None = None
        self.warned: frozenset[str] = frozenset()
        self.asked: tuple[PlanLine, ...] = ()
        self.results: tuple[Result, ...] = ()

    # what is chosen
    @property
    def chosen(self) -> tuple[PlanLine, ...]:
        """The lines that can be done and are not left out."""
        return tuple(n for n in self.lines if not n.why_not and n.id not in self.left_out)

    @property
    def for_good(self) -> bool:
        """Whether any chosen line is for good."""
        return any(line.for_good for line in self.chosen)

    # painting
    def heading(self) -> Content:
        return Content(self.plan.heading)

    def panel(self) -> ComposeResult:
        yield Static(id="rules")
        yield IdList(id="lines")
        yield Static(id="whole")
        yield Static(id="sum")

    def on_mount(self) -> None:
        rows = self.query_one(IdList)
        rows.styles.height = max(min(len(self.lines), HIGH, self.size.height // 2 - 4), 1)
        host(self).changed.subscribe(self, self._changed)
        self.set_interval(1, self._ticked)
        self.call_after_refresh(self.show)

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Paint the lines and the sum of them."""
        going = self.taken is not None or self.results
        self.query_one(IdList).lines = self._rows()
        rules = self.query_one("#rules", Static)
        rules.display = bool(self.plan.rules) and not going
        if self.plan.rules:
            at = self.plan.rules.index(self.rule) + 1 if self.rule else 0
            of = f"{at} {self.rule.text(None)}" if self.rule else "0 no rule named"
            keys = rule_keys(len(self.plan.rules))
            other = "another" if len(self.plan.rules) > 1 else "names it"
            rules.update(Content(f"▸ {of}   {keys} {other}   0 none"))
        self.query_one("#sum", Static).update(Content(self._sum()))
        self.query_one(HintLine).tell(self.hints())
        self._show_whole()

    @on(IdList.Selected)
    def _show_whole(self) -> None:
        """Say the line under the cursor in full, where some line has not enough room for it."""
        said, width = dict(self._said()), self._width()
        whole = self.query_one("#whole", Static)
        whole.display = any(
            cell_len(text) > size
            for pair in said.values()
            for text, size in zip(pair, _rooms(width), strict=True)
        )
        words = said.get(self.query_one(IdList).selected or "", ())
        whole.update(Content("\n".join(cut(text, width) for text in words)))

    def _width(self) -> int:
        return max(self.query_one(IdList).size.width - 2, 20)

    def _said(self) -> list[tuple[str, tuple[str, str]]]:
        """Return of each line what is acted on and what comes of it, by its id."""
        if self.taken is not None or self.results:
            rows = zip(self.asked, self.results, strict=True)
            return [(line.id, (line.target.words, each.words)) for line, each in rows]
        return [(line.id, self._asked_of(line)) for line in self.lines]

    def _asked_of(self, line: PlanLine) -> tuple[str, str]:
        left_out = "left out" if line.id in self.left_out else ""
        mark = "[-]" if line.why_not else "[ ]" if left_out else "[x]"
        what = f"cannot: {line.why_not}" if line.why_not else left_out or line.does
        return f"{mark} {line.target.words}", what

    def hints(self) -> str:
        moves = move_keys(host(self).keymap)
        if self.taken is not None or self.results:
            return f"{moves} move   Esc or Enter close: {_SPEED}"
        if not self.chosen:
            return f"nothing is left to do here   space takes a line in   {moves} move   Esc leave"
        does = "y does it, for good" if self.for_good else "Enter does it"
        return f"{does}   space leaves a line out   {moves} move   Esc leave"

    def _rows(self) -> tuple[Line, ...]:
        width = self._width()
        if self.taken is not None or self.results:
            faint = [each.well for each in self.results]
            urgent = [each.over and not each.well for each in self.results]
        else:
            faint = [bool(n.why_not) or n.id in self.left_out for n in self.lines]
            urgent = [False] * len(self.lines)
        return tuple(
            Line(id, _columns(*words, width), faint=dim, urgent=loud)
            for (id, words), dim, loud in zip(self._said(), faint, urgent, strict=True)
        )

    def _sum(self) -> str:
        if self.taken is not None or self.results:
            return progress(self.results) + self._back("all of it")
        cannot = sum(bool(line.why_not) for line in self.lines)
        parts = [f"{len(self.chosen)} of {len(self.lines)}"]
        if cannot:
            parts.append(f"{cannot} cannot be done and {'is' if cannot == 1 else 'are'} left out")
        if self.for_good:
            parts.append("some of it is for good")
        return " · ".join(parts)

    def _back(self, what: str) -> str:
        """Say how `what` is taken back; once it has left, where it is told what can be."""
        if self.plan.verb == CLAIM or not any(each.well or not each.over for each in self.results):
            return ""
        keys = host(self).keymap
        if any(each.back for each in self.results):
            return f" · {keys.key('queue.undo', 'u')} takes {what} back"
        return f" · {keys.key('room.deeds', 'U')} says what can be taken back"

    # keys
    def action_undo(self) -> None:
        """Close, and take back what was asked for."""
        if self.plan.verb == CLAIM or self.taken is None:
            self.say("There is nothing here to take back.")
        else:
            self.dismiss(replace(self._ended(), undo=True))

    def action_leave_out(self) -> None:
        rows = self.query_one(IdList)
        here = rows.selected
        line = next((each for each in self.lines if each.id == here), None)
        if line is None or self.asked:
            return
        if line.why_not:
            self.say(f"That line cannot be done: {line.why_not}")
            return
        self.unsay()
        self.left_out ^= {line.id}
        self.show()
        rows.action_move(1)

    def action_rule(self, number: int) -> None:
        if not self.plan.rules or self.asked:
            return
        if number > len(self.plan.rules):
            self.say(no_rule(number, len(self.plan.rules)))
            return
        self.unsay()
        self.rule = self.plan.rules[number - 1] if number else None
        self.lines = self.plan.lines(self.rule)
        self.show()

    def action_confirm(self) -> None:
        if self.asked:
            self.dismiss(self._ended())
        elif self.for_good:
            self.say("Some of this is for good: y does it, Enter does not.")
        else:
            self._go()

    def action_confirm_for_good(self) -> None:
        if not self.asked and self.for_good:
            self._go()

    async def action_leave(self) -> None:
        self.dismiss(self._ended() if self.asked else None)

    def _go(self) -> None:
        if not self.chosen:
            self.say("No line is left that can be done.")
            return
        warned = frozenset(line.id for line in self.chosen if line.warned)
        if warned - self.warned:
            self.warned |= warned
            self.say(f"A check warns of {len(warned)}: once more does it all the same.")
            return
        self.asked = self.chosen
        work(self, self._do, "batch", alone=False)

    # doing
    async def _do(self) -> None:
        try:
            if self.plan.verb == CLAIM:
                await self._claim()
            else:
                await self._submit()
        except Refused as refusal:
            self.asked = ()
            self.say(str(refusal))
        self.show()

    async def _claim(self) -> None:
        threads = [line.target.detail.row.id for line in self.asked]
        held = await self.engine.batches.claim(threads)
        self.results = tuple(
            Result(f"{by} was faster" if by else "claimed", over=True, well=not by) for by in held
        )

    async def _submit(self) -> None:
        self.taken = await self.engine.batches.submit([line.commands for line in self.asked])
        self._take(_by_id(row for rows in self.taken.deliveries for row in rows))
        self.call_after_refresh(self._painted, self.taken.batch)

    async def _painted(self, batch: str) -> None:
        await self.engine.painted(batch)

    def _take(self, rows: Mapping[int, Delivery]) -> None:
        taken = self.taken
        if taken is None:
            return
        no = {refusal.line: refusal for refusal in taken.refusals}
        now = self.engine.now()
        self.results = tuple(
            refused(no[place]) if place in no else result([d.id for d in mine], rows, now)
            for place, mine in enumerate(taken.deliveries)
        )

    def _changed(self, change: Change) -> None:
        if self.taken is not None and (change.deliveries or change.wide):
            work(self, self._read, "results")

    def _ticked(self) -> None:
        if self.taken is not None and not all(each.over for each in self.results):
            work(self, self._read, "results")

    async def _read(self) -> None:
        if self.taken is not None:
            self._take(_by_id(await self.engine.batches.results(self.taken.batch)))
            self.show()

    def _ended(self) -> Ended:
        taken = [
            line
            for line, each in zip(self.asked, self.results, strict=False)
            if not each.over or each.well
        ]
        missed = len(self.asked) - len(taken)
        said = f"{len(taken)} of {len(self.asked)} taken" + (f", {missed} not" if missed else "")
        return Ended(tuple(taken), said + self._back("it"))


def _by_id(rows: Iterable[Delivery]) -> dict[int, Delivery]:
    return {row.id: row for row in rows}


def _columns(left: str, right: str, width: int) -> str:
    """Return what is acted on and what comes of it, side by side in `width` cells."""
    first, second = _rooms(width)
    return f"{fit(left, first)}  {cut(right, second)}"


def _rooms(width: int) -> tuple[int, int]:
    room = max(width * 2 // 5, 16)
    return width - room - 2, room
