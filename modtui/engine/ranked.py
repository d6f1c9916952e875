"""How well the entries of the library answer a text, by their words and by earlier choices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING

from modtui.domain.replies import Entry
from modtui.engine.parts import Parts

if TYPE_CHECKING:
    from modtui.domain.features import Sample
    from modtui.domain.ranking import Ranking
    from modtui.engine.kept_ranking import Counted
    from modtui.store.choices_port import Choice

_AT_ONCE = 50
_BACKLOG = 500
_MANY = 8
"""Where one in so many entries changed, all are counted: that takes no longer."""


class Ranked:
    """The index in use: counted off the loop, kept in `file`, and taught by every choice.

    `entries` are those of the library, `told` is called when an answer that was given became
    another because the library did.
    """

    def __init__(
        self,
        parts: Parts,
        entries: Callable[[], tuple[Entry, ...]],
        file: Path | None,
        told: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._entries = entries
        self._file = file
        self._told = told
        self._counted: tuple[Entry, ...] | None = None
        self._ranking: Ranking | None = None
        self._last = self._choices = 0
        self._answered = False
        self._kept_as_it_is = True
        self._turn = asyncio.Lock()

    @property
    def known(self) -> tuple[Ranking | None, int]:
        """What `scores` come from: the index, and the last choice that it learned."""
        return self._ranking, self._last

    def scores(self, text: str) -> Mapping[str, float] | None:
        """Return how well each entry answers `text`; None until that was counted once."""
        self._answered = True
        return None if self._ranking is None else self._ranking.scores(text)

    async def weighed(self, text: str) -> Mapping[str, float]:
        """Return `scores` of the library as it is now, counted in a thread; empty until it was
        counted."""
        async with self._turn:
            ranking = self._ranking
            return {} if ranking is None else await asyncio.to_thread(ranking.scores, text)

    async def look(self) -> None:
        """Count the library if it is not the one counted last: what changed in it, or else take
        what was kept of it, or count it all."""
        async with self._turn:
            entries = await asyncio.to_thread(self._entries)
            if entries != self._counted:
                if not await self._exchange(entries):
                    await self._count(entries)
                self._tell()

    async def keep(self) -> None:
        """Keep for the next start what changed since the index was kept last."""
        if self._kept_as_it_is:
            return
        async with self._turn:
            if self._ranking is not None and self._counted is not None:
                self._kept_as_it_is = True
                counted = self._ranking, self._last, self._choices
                await asyncio.to_thread(self._keep, self._counted, *counted)
        await self.catch_up()

    async def catch_up(self) -> None:
        """Learn what was chosen since the last time, here and elsewhere.

        While the library is counted nobody waits for that: it is learned in the end, or next time.
        """
        if self._turn.locked():
            return
        async with self._turn:
            while self._ranking is not None and (fresh := await self._fresh(self._last, _AT_ONCE)):
                for choice in fresh:
                    self._learn(self._ranking, (choice,))
                    self._last, self._choices = choice.id, self._choices + 1
                    # One is a millisecond, and a colleague may have sent many meanwhile.
                    await asyncio.sleep(0)

    async def forgotten(self) -> None:
        """Choices were forgotten: count again, without them."""
        async with self._turn:
            if self._counted is not None:
                await self._count(self._counted)
                self._tell()

    def _tell(self) -> None:
        if self._answered:
            self._told()

    async def _exchange(self, entries: tuple[Entry, ...]) -> bool:
        """Count what changed since the last time; return False where that is too much."""
        if self._ranking is None or self._counted is None:
            return False
        changed = await asyncio.to_thread(_changed, self._counted, entries)
        if changed is None:
            return False
        olds, news = changed
        if olds or news:
            ranking = await asyncio.to_thread(self._ranking.exchanged, olds, news)
            added = {sample.id for sample in news} - {sample.id for sample in olds}
            await self._taught(ranking, added)
            self._ranking, self._kept_as_it_is = ranking, False
        self._counted = entries
        return True

    async def _taught(self, ranking: Ranking, added: Set[str]) -> None:
        """Teach `ranking` what was chosen, up to the last choice that it learned, of entries that
        are new in it: they may have been there before."""
        known = await self._parts.store.read(lambda tx: tx.choices_kept(self._last))
        for name in added & known.keys():
            last = 0
            while fresh := await self._fresh(last, _BACKLOG, name):
                last = fresh[-1].id
                fresh = [choice for choice in fresh if choice.id <= self._last]
                await asyncio.to_thread(self._learn, ranking, fresh)

    async def _count(self, entries: tuple[Entry, ...]) -> None:
        samples, kept = await asyncio.to_thread(self._taken, entries)
        if kept is not None and kept.choices != await self._kept(kept.last):
            kept = None
        if kept is None:
            ranking, last, choices = await asyncio.to_thread(_counted, samples), 0, 0
        else:
            ranking, last, choices = kept.ranking, kept.last, kept.choices
        known = choices
        while fresh := await self._fresh(last, _BACKLOG):
            await asyncio.to_thread(self._learn, ranking, fresh)
            last, choices = fresh[-1].id, choices + len(fresh)
        if kept is None or choices - known >= _AT_ONCE:
            await asyncio.to_thread(self._keep, entries, ranking, last, choices)
        self._kept_as_it_is = True
        self._ranking, self._last, self._choices = ranking, last, choices
        self._counted = entries

    async def _fresh(self, last: int, most: int, entry: str | None = None) -> Sequence[Choice]:
        return await self._parts.store.read(lambda tx: tx.choices(last, most, entry))

    async def _kept(self, last: int) -> int:
        kept = await self._parts.store.read(lambda tx: tx.choices_kept(last))
        return sum(kept.values())

    # What follows is work for a thread, where it is more than a few choices.

    @staticmethod
    def _learn(ranking: Ranking, fresh: Sequence[Choice]) -> None:
        for choice in fresh:
            ranking.learn(choice.entry, choice.said)

    def _taken(self, entries: Sequence[Entry]) -> tuple[tuple[Sample, ...], Counted | None]:
        from modtui.domain.features import sample

        samples = tuple(sample(entry) for entry in entries)
        if self._file is None:
            return samples, None
        from modtui.engine.kept_ranking import KeptRanking

        return samples, KeptRanking(self._file).get(samples)

    def _keep(self, entries: Sequence[Entry], ranking: Ranking, last: int, choices: int) -> None:
        if self._file is not None:
            from modtui.domain.features import sample
            from modtui.engine.kept_ranking import Counted, KeptRanking

            samples = tuple(map(sample, entries))
            KeptRanking(self._file).keep(samples, Counted(ranking, last, choices))


def _counted(samples: Sequence[Sample]) -> Ranking:
    from modtui.domain.ranking import Ranking

    return Ranking(samples)


def _changed(
    before: Sequence[Entry], entries: Sequence[Entry]
) -> tuple[list[Sample], list[Sample]] | None:
    """Return what is counted of the entries that changed, as it was and as it is; None where that
    is too much of the library."""
    from modtui.domain.features import sample

    known, there = ({entry.id: entry for entry in each} for each in (before, entries))
    names = [name for name in {**known, **there} if known.get(name) is not there.get(name)]
    olds = {name: sample(known[name]) for name in names if name in known}
    news = {name: sample(there[name]) for name in names if name in there}
    names = [name for name in names if olds.get(name) != news.get(name)]
    if len(names) * _MANY >= len(there):
        return None
    return [olds[n] for n in names if n in olds], [news[n] for n in names if n in news]
