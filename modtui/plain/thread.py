"""One thread: what it says, and everything that can be done with it, by number."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from modtui.domain.asking import nearest
from modtui.domain.views import ThreadDetail
from modtui.engine import Refused
from modtui.engine.words import since
from modtui.plain import answering, deciding, knowing, rest, restricting
from modtui.plain.knowing import say_post
from modtui.plain.posts import READ_AT_ONCE, chosen, head_lines
from modtui.plain.seat import READ_ONLY, READS, Seat
from modtui.plain.speech import counted
from modtui.plain.speech import said as spoken
from modtui.plain.talk import MORE, PAGE, Back, Home, View, Word

CONTEXT_WAIT = 1.5
RENEW_SECONDS = 40.0
ACTIVE = timedelta(minutes=10)
HELP = (
    "A number and Enter choose. 0 goes back, 9 says more choices. Enter alone reads it again with "
    "what is new. q goes back to the queue. ? says this."
)

Act = Callable[[Seat, ThreadDetail], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Way:
    """Something that can be done with a thread; `verb` is asked why it cannot be."""

    words: str
    verb: str
    act: Act


async def _undo(seat: Seat, detail: ThreadDetail) -> bool:
    await rest.latest(seat, detail.row.id)
    return False


async def _deeds(seat: Seat, detail: ThreadDetail) -> bool:
    await rest.deeds(seat)
    return False


WAYS = (
    Way("quick reply", "quick", answering.quick),
    Way("write a reply", "reply", answering.write),
    Way("keep", "keep", deciding.keep),
    Way("remove", "remove", deciding.remove),
    Way("done", "done", deciding.done),
    Way("escalate", "escalate", deciding.escalate),
    Way("slow mode", "slow", restricting.slow),
    Way("take back my latest here", "undo", _undo),
    Way("sanction", "sanction", restricting.punish),
    Way("lock", "lock", restricting.lock),
    Way("snooze", "snooze", deciding.snooze),
    Way("note for the team", "note", deciding.note),
    Way("claim", "claim", deciding.claim),
    Way("take over", "take-over", deciding.take_over),
    Way("sensitive, into the NOW lane; or not", "sensitive", deciding.sensitive),
    Way("find a reply in the library", "find", answering.find),
    Way("show a folded post", "unfold", knowing.unfold),
    Way("the author's record", "author", knowing.author),
    Way("read a post whole", "read", knowing.whole),
    Way("all posts, how each begins", "read", knowing.every),
    Way("the deadline explained", "deadline", knowing.deadline),
    Way("link and raw text", "link", knowing.link),
    Way("translate a post", "translate", knowing.translate),
    Way("my last twenty", "deeds", _deeds),
    Way("more that this platform can do", "extra", restricting.extra),
)


class ThreadRoom:
    """A thread that is open. What is decided is decided on what was said: its posts, their
    numbers, its flags and its revision stay as they are until it is read again."""

    def __init__(self, seat: Seat, thread: int) -> None:
        self._seat = seat
        self._thread = thread
        self._page = 0
        self._said: ThreadDetail | None = None
        self._told = ""

    async def run(self) -> None:
        """Read the thread and do what is chosen, until it is left or finished. Raises Home."""
        seat = self._seat
        seat.looked_at = self._thread
        try:
            await self._context()
            await self._show()
            while (detail := await self._now()) is not None:
                if await self._choose(detail):
                    return
        finally:
            seat.looked_at = None

    async def write(self) -> None:
        """Go on writing the reply that was begun."""
        self._said = await self._seat.engine.thread(self._thread)
        if self._said is not None:
            await self._do(self._said, WAYS[1])

    async def _context(self) -> None:
        """Read the posts around it from the platform, as far as it answers soon."""
        if self._seat.engine.lead.read_only:
            return
        reading = asyncio.ensure_future(self._seat.engine.load_context(self._thread))
        await asyncio.wait((reading,), timeout=CONTEXT_WAIT)

    async def _now(self) -> ThreadDetail | None:
        """Return the thread as it stands, with the posts, flags and revision that were said; say
        what else came since. None where it is not here any more."""
        seat, said = self._seat, self._said
        latest = await seat.engine.thread(self._thread) if said is not None else None
        if said is None or latest is None:
            return None
        news = since(said, latest, seat.me, seat.engine.now())
        if news and news != self._told and not news.endswith("holds this thread"):
            seat.talk.say(f"This thread changed: {spoken(news)}. Enter reads it again.")
        self._told = news
        row = replace(latest.row, revision=said.row.revision)
        return replace(latest, row=row, posts=said.posts, flags=said.flags)

    async def _show(self) -> None:
        seat, self._page = self._seat, 0
        self._said = detail = await seat.engine.thread(self._thread)
        if detail is None:
            seat.talk.say("This thread is not here any more.")
            return
        left = seat.engine.left(detail.row)
        seat.talk.say("", *head_lines(detail, left, seat.engine.desk, seat.hearer))
        read = chosen(detail)
        for index in read:
            say_post(seat, detail, index, READ_AT_ONCE)
        if len(read) < len(detail.posts):
            rest = counted(len(detail.posts) - len(read), "other post")
            seat.talk.say(f"{rest}: all posts says how each begins.")
        self._list(detail)

    # choices
    def _ways(self) -> Sequence[Way]:
        return WAYS[self._page * PAGE : (self._page + 1) * PAGE]

    def _why(self, way: Way, detail: ThreadDetail) -> str:
        return self._seat.why_off(way.verb, detail, deciding.first_post(detail))

    def _words(self, way: Way, detail: ThreadDetail) -> str:
        if way.verb == "claim" and self._seat.case(detail, None).mine:
            return "release"
        if way.verb == "slow":
            return nearest(detail).name or way.words
        if way.verb == "lock":
            locked = detail.locked
            return "unlock" if locked else way.words
        return way.words

    def _list(self, detail: ThreadDetail) -> None:
        """Say the choices: one a line the first time and when asked, else in one line."""
        ways = [(n, self._words(way, detail), self._why(way, detail))
                for n, way in enumerate(self._ways(), 1)]  # fmt: skip
        if self._page in self._seat.listed:
            parts = (f"{n} {words}{' not possible' if why else ''}" for n, words, why in ways)
            short = ", ".join(parts)
            self._seat.talk.say(f"{short}, 9 more, 0 back.")
            return
        self._seat.listed.add(self._page)
        for number, words, why in ways:
            self._seat.talk.say(f"{number}. {words}{f', not possible: {why}' if why else ''}")
        self._seat.talk.say("9. more")

    async def _choose(self, detail: ThreadDetail) -> bool:
        """Do what is chosen next; return whether the thread is left."""
        match await self._seat.talk.number("Thread, 1 to 9, 0 back:", MORE):
            case Word.QUIT:
                raise Home
            case Word.HELP:
                self._seat.talk.say(HELP)
                self._seat.listed.discard(self._page)
                self._list(detail)
            case Word.AGAIN:
                await self._show()
            case 0 if self._page:
                self._turn(detail, 0)
            case 0:
                return True
            case 9:
                self._turn(detail, (self._page + 1) % -(-len(WAYS) // PAGE))
            case int() as number if number > len(self._ways()):
                self._seat.talk.say(f"There is no {number} here.")
            case int() as number:
                return await self._do(detail, self._ways()[number - 1])
        return False

    def _turn(self, detail: ThreadDetail, page: int) -> None:
        self._page = page
        self._list(detail)

    async def _do(self, detail: ThreadDetail, way: Way) -> bool:
        seat = self._seat
        if way.verb not in READS:
            why = self._why(way, detail)
            if why and (why == READ_ONLY or way.verb not in ("keep", "remove", "sanction")):
                seat.talk.say(f"Not possible: {why}.")
                return False
        try:
            finished = await way.act(seat, detail)
        except View:
            await self._show()
            return False
        except Back:
            finished = False
        except Refused as refusal:
            seat.talk.say(f"Not done: {spoken(str(refusal))}.")
            finished = False
        if not finished:
            self._page = 0
            self._list(await seat.engine.thread(self._thread) or detail)
        return finished


async def renew(seat: Seat) -> None:
    """Renew the claim on the thread that is open while its moderator is active; never returns."""
    last = seat.engine.now()

    def answered() -> None:
        nonlocal last
        last = seat.engine.now()

    seat.talk.answered = answered
    while True:
        await seat.sleep(RENEW_SECONDS)
        thread = seat.looked_at
        if thread is not None and _active(last, seat.engine.now()):
            detail = await seat.engine.thread(thread)
            if detail is not None and seat.case(detail, None).mine:
                await seat.engine.claim(thread)


def _active(last: datetime, now: datetime) -> bool:
    return now - last < ACTIVE
