"""The queue in lines: the totals, then its threads page by page, each with a digit."""

from __future__ import annotations

from modtui.domain.named_views import WORDS, Kind, View
from modtui.engine import QueueView, Refused
from modtui.plain import rest
from modtui.plain.seat import Seat
from modtui.plain.speech import said, thread_line, totals
from modtui.plain.talk import DIGITS, Back, Choice, Home, Leave, Word
from modtui.plain.thread import ThreadRoom

HELP = (
    "A number and Enter choose: 1 to 9 open a thread, 0 says what else there is. Enter alone says "
    "what is new and reads the page again. q leaves modtui. In a thread and in every list 0 goes "
    "back, 9 says more, and q comes back here. Nothing is done without a question before it."
)


class QueueRoom:
    """The queue. A page keeps its numbers until it is said again."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._view = View()
        self._page = 0
        self._ids: tuple[int, ...] = ()

    async def run(self) -> None:
        """Say the queue and open what is chosen, until modtui is left. Raises Leave."""
        while True:
            try:
                await self._say()
                await self._choose()
            except (Back, Home):
                continue
            except Refused as refusal:
                self._seat.talk.say(f"Not done: {said(str(refusal))}.")

    async def _choose(self) -> None:
        seat = self._seat
        last = len(self._ids)
        which = f"1 to {last}, " if last else ""
        match await seat.talk.number(f"Queue, {which}0 other:", last):
            case Word.QUIT:
                await self.leave()
            case Word.HELP:
                seat.talk.say(HELP)
            case 0:
                await self._other()
            case int() as digit:
                await self.open(self._ids[digit - 1])

    async def _say(self) -> None:
        seat, engine = self._seat, self._seat.engine
        found = await engine.view(engine.views.asks(self._view))
        pages = max(-(-len(found) // DIGITS), 1)
        self._page = min(self._page, pages - 1)
        mark = "Practice, nothing is sent. " if engine.practice else ""
        mark += "Read-only. " if engine.lead.read_only else ""
        seat.talk.say("", f"{mark}{totals(engine.counts(), engine.accounts(), engine.now())}.")
        first = self._page * DIGITS
        self._ids = tuple(found.id_at(i) for i in range(first, min(first + DIGITS, len(found))))
        self._lines(found, pages)

    def _lines(self, found: QueueView, pages: int) -> None:
        seat = self._seat
        name = said(self._view.words)
        if not self._ids:
            seat.talk.say(f"Queue, {name}: no thread.")
            return
        page = f", page {self._page + 1} of {pages}" if pages > 1 else ""
        seat.talk.say(f"Queue, {name}{page}:")
        rows = found.rows(self._ids)
        for digit, thread in enumerate(self._ids, 1):
            row = rows[thread]
            words = "is being read" if row is None else (
                thread_line(row, seat.engine.left(row), seat.hearer)
            )  # fmt: skip
            seat.talk.say(f"{digit}. {words}")

    # what else there is
    async def _other(self) -> None:
        seat = self._seat
        choices = [
            Choice("next page", "next"),
            Choice("first page", "first"),
            Choice("take back my latest", "undo"),
            Choice("my last twenty", "deeds"),
            Choice("another view", "view"),
            Choice("search", "search"),
            Choice("drafts and what was left", "left"),
            Choice("deliveries that need you", "deliveries"),
            Choice("accounts", "accounts"),
            Choice("leave modtui", "leave"),
        ]
        match await seat.talk.pick("Other:", choices):
            case "next":
                self._page += 1
            case "first":
                self._page = 0
            case "undo":
                await rest.latest(seat)
            case "deeds":
                await rest.deeds(seat)
            case "view":
                await self._choose_view()
            case "search":
                words = await seat.talk.words("Words of a title, author, post or id")
                self._view, self._page = View(text=words), 0
            case "left":
                await rest.left(seat, self)
            case "deliveries":
                await rest.deliveries(seat)
            case "accounts":
                await rest.accounts(seat)
            case "leave":
                await self.leave()

    async def _choose_view(self) -> None:
        views = [View(kind) for kind in Kind]
        views += await self._seat.engine.views.saved()
        numbers = await self._seat.engine.views.counted(views)
        choices = [
            Choice(f"{WORDS.get(view.kind) or view.words}, {number}" if not view.name
                   else f"{view.name}, {number}", view)
            for view, number in zip(views, numbers, strict=True)
        ]  # fmt: skip
        self._view, self._page = await self._seat.talk.pick("Views:", choices), 0

    async def open(self, thread: int) -> None:
        """Open a thread."""
        await ThreadRoom(self._seat, thread).run()

    async def write(self, thread: int) -> None:
        """Go on writing in a thread."""
        await ThreadRoom(self._seat, thread).write()

    async def leave(self) -> None:
        """Leave; ask where something would stop. Raises Leave unless the answer is no."""
        seat = self._seat
        stops = await seat.engine.shift.stops() if seat.drains else ()
        going = [stop.what for stop in stops if not stop.timed]
        ends = [stop.what for stop in stops if stop.timed]
        if going:
            seat.talk.say(f"Still on its way, and sent without you: {', '.join(going)}.")
        if ends:
            seat.talk.say(f"Ends by itself only while modtui runs: {', '.join(ends)}.")
        if stops and not await seat.talk.confirm("Leave all the same?", "leaves"):
            return
        raise Leave
