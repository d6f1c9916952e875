"""Which questions that were answered by hand the library has no good answer to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from modtui.domain.frozen import dataclass
from modtui.domain.gaps import ANSWERS, PERIOD, Gap, by_hand, gap
from modtui.domain.outcomes import Answer
from modtui.domain.rating import catalogue
from modtui.domain.replies import Asked, Entry, fits
from modtui.engine.choices import asked_in
from modtui.engine.folding import neutral
from modtui.engine.parts import Parts
from modtui.engine.ranked import Ranked
from modtui.store import ReadTx


@dataclass(frozen=True, slots=True)
class _Case:
    """What was asked before an answer by hand, and the gap if nothing answers it."""

    asked: Asked
    gap: Gap


async def gaps(
    parts: Parts, entries: Callable[[], tuple[Entry, ...]], ranked: Ranked
) -> tuple[Gap, ...]:
    """Return the gaps of the last 28 days, newest first. Every thread is read and rated on its
    own, so that nothing else waits for all of them."""
    await ranked.look()
    library, since = entries(), parts.now() - PERIOD
    # A help entry is no answer where no help route is open.
    routine = [entry for entry in library if entry.help is None]
    sent = await parts.store.read(lambda tx: tx.answers(since, ANSWERS))
    known, found = catalogue(library), []
    for answer in by_hand(sent, {entry.id: entry for entry in library}):
        case = await _case(parts, answer)
        if case is not None:
            scores, language = await ranked.weighed(case.asked.text), case.asked.language
            rated = await asyncio.to_thread(fits, routine, case.asked, scores, known)
            # A reply in another language than the thread's was none.
            told = (rated[e.id] for e in routine if language is None or language in e.variants)
            if max(told, default=0.0) < 1:
                found.append(case.gap)
    return tuple(sorted(found, key=lambda each: each.at, reverse=True))


async def _case(parts: Parts, answer: Answer) -> _Case | None:
    """What is known of an answer; None where its thread is sensitive or says nothing."""

    async def work(tx: ReadTx) -> _Case | None:
        record = await tx.thread(answer.thread)
        if record is None or record.help_route is not None:
            return None
        if neutral(record.id, record.reasons, parts.desk.fold_reasons) is not None:
            return None
        posts = [p for p in await tx.posts(answer.thread) if p.created_at <= answer.at]
        asked = asked_in(record, posts)
        made = gap(answer, record.thread, posts, record.language)
        return _Case(asked, made) if made.title and made.body else None

    return await parts.store.read(work)
