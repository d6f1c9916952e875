"""Acting on many threads and posts at once: each line on its own, all in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from modtui.domain.alike import MOST, Alike, trait
from modtui.domain.frozen import dataclass
from modtui.domain.gate import asks_twice
from modtui.domain.model import Claim
from modtui.domain.outbox import Delivery
from modtui.domain.replies import Entry, Slot, slots
from modtui.domain.views import Change, ThreadDetail
from modtui.engine import Refused
from modtui.engine.batches import Commands, Found, Refusal, Taken
from modtui.engine.choices import asked_of
from modtui.engine.parts import Parts
from modtui.engine.submit import Terms, take
from modtui.store import ReadTx, Tx

_ROWS_OF_A_BATCH = 5_000
_SLICE = 100
MISTAKE = "mistake"
"""The tag of the library entry that says a removal was our mistake."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the façade lends: reading, the library, claims, and whether acting is allowed."""

    thread: Callable[[int], Awaitable[ThreadDetail | None]]
    entries: Callable[[], tuple[Entry, ...]]
    scores: Callable[[str], Mapping[str, float] | None]
    sent: Callable[[], Mapping[str, int]]
    claim: Callable[[int], Awaitable[Claim]]
    began: Callable[[str], None]
    may_act: Callable[[], None]


class LiveBatches:
    """The `Batches` of `modtui.engine.batches`, over one store."""

    def __init__(self, parts: Parts, around: Around) -> None:
        self._parts = parts
        self._around = around

    async def submit(self, lines: Sequence[Commands]) -> Taken:
        self._around.may_act()
        parts = self._parts
        terms = Terms(f"{parts.runtime.rng.getrandbits(64):016x}", hold=True, force=False)
        taken = await parts.store.write(lambda tx: _take_each(tx, parts, lines, terms))
        self._around.began(taken.batch)
        told = frozenset(command.thread for line in lines for command in line)
        parts.changed(Change(threads=told, deliveries=True))
        parts.wake()
        return taken

    async def results(self, batch: str) -> tuple[Delivery, ...]:
        most = _ROWS_OF_A_BATCH
        return await self._parts.store.read(lambda tx: tx.deliveries(batch=batch, limit=most))

    async def details(self, threads: Sequence[int]) -> tuple[ThreadDetail, ...]:
        read = [await self._around.thread(number) for number in threads]
        return tuple(detail for detail in read if detail is not None)

    async def claim(self, threads: Sequence[int]) -> tuple[str, ...]:
        self._around.may_act()
        holders = [(await self._around.claim(number)).by for number in threads]
        return tuple("" if by == self._parts.me else by for by in holders)

    async def alike(self, thread: int, how: Alike, within: Sequence[int]) -> Found:
        if how is Alike.QUESTION:
            return await self._same_question(thread, within)
        store = self._parts.store
        asked = await store.read(lambda tx: tx.traits((thread,)))
        wanted = trait(asked[0], how) if asked else ""
        if not wanted:
            return Found((thread,))
        found: list[int] = []
        for start in range(0, len(within), _SLICE):
            some = within[start : start + _SLICE]
            found += await store.read(partial(_like, some=some, how=how, wanted=wanted))
            if len(found) > MOST:
                break
        elsewhere = 0
        if how is Alike.AUTHOR:
            one = asked[0]
            elsewhere = await store.read(lambda tx: tx.same_name(one.name, one.realm))
        others = [number for number in found if number != thread]
        return Found((thread, *others[: MOST - 1]), len(found) > MOST, elsewhere)

    async def _same_question(self, thread: int, within: Sequence[int]) -> Found:
        entries, sent, scores = self._around.entries(), self._around.sent(), self._around.scores
        store = self._parts.store

        async def answers(tx: ReadTx, some: Sequence[int]) -> dict[int, str]:
            # Ranking the library is work: it is done here, on the thread of the store.
            answers = {}
            for number in some:
                asked = await asked_of(tx, number)
                found = slots(entries, asked, sent, None, scores(asked.text)) if asked else ()
                answers[number] = _answer(found)
            return answers

        wanted = (await store.read(partial(answers, some=(thread,))))[thread]
        if not wanted:
            return Found((thread,))
        looked = within[:MOST]
        found: list[int] = []
        for start in range(0, len(looked), _SLICE):
            best = await store.read(partial(answers, some=looked[start : start + _SLICE]))
            found += [number for number, entry in best.items() if entry == wanted]
        others = [number for number in found if number != thread]
        return Found((thread, *others), stopped=len(within) > MOST)

    async def mistake(self, thread: int) -> tuple[ThreadDetail, Slot] | None:
        detail = await self._around.thread(thread)
        every = self._around.entries()
        entry = next((e for e in every if MISTAKE in e.tags), None)
        if detail is None or entry is None:
            return None
        languages = [detail.row.language] if detail.row.language else []
        weak = asks_twice(detail.row.help_route, entry, every)
        return detail, Slot(0, entry, entry.variant(languages), weak)


async def _take_each(tx: Tx, parts: Parts, lines: Sequence[Commands], terms: Terms) -> Taken:
    deliveries: list[tuple[Delivery, ...]] = []
    refusals: list[Refusal] = []
    for place, commands in enumerate(lines):
        try:
            # Everything is checked before anything is written: a refusal leaves no trace.
            taken = await take(tx, parts, commands, terms)
        except Refused as refusal:
            refusals.append(Refusal(place, refusal.kind, str(refusal)))
            deliveries.append(())
        else:
            deliveries.append(taken.deliveries)
    refused = {refusal.line for refusal in refusals}
    kept = (line for place, line in enumerate(lines) if place not in refused)
    await tx.note_batch(terms.batch, {command.thread for line in kept for command in line})
    return Taken(terms.batch, tuple(deliveries), tuple(refusals))


async def _like(tx: ReadTx, some: Sequence[int], how: Alike, wanted: str) -> list[int]:
    return [each.thread for each in await tx.traits(some) if trait(each, how) == wanted]


def _answer(found: Sequence[Slot]) -> str:
    """Return the entry that answers best, "" where none really does: pinned ones always stand."""
    return next((s.entry.id for s in found if not s.weak and s.entry.pin is None), "")
