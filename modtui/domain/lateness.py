"""Why a first response was late: the first cause that applies (`metrics.WORDS["cause"]`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from modtui.domain.metrics import PILE_ON, PILE_ON_WITHIN, Blind, Cause, PileOn, Why
from modtui.domain.stories import Cycle, Story

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WITHIN = PILE_ON_WITHIN // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Late:
    """A first-response clock that fell late at `at`."""

    thread: int
    account: str
    story: Story
    cycle: Cycle
    at: datetime


def stamp(at: datetime) -> int:
    """Microseconds since 1970: of a hundred thousand flags the moments would fill the memory."""
    return (at - _EPOCH) // _MICROSECOND


def pile_ons(flags: Mapping[object, Iterable[int]]) -> tuple[PileOn, ...]:
    """Return every pile-on among the stamps of the flags of each channel, the earliest first."""
    found: list[tuple[int, int]] = []
    for times in flags.values():
        ordered = sorted(times)
        run: tuple[int, int] | None = None
        for last in range(PILE_ON - 1, len(ordered)):
            start, end = ordered[last - PILE_ON + 1], ordered[last]
            if end - start > _WITHIN:
                continue
            if run is not None and start <= run[1]:
                run = found[-1] = (run[0], end)
            else:
                run = (start, end)
                found.append(run)
    return tuple(PileOn(_moment(start), _moment(end)) for start, end in sorted(found))


def _moment(stamp: int) -> datetime:
    return _EPOCH + _MICROSECOND * stamp


def why(late: Sequence[Late], blind: Sequence[Blind], crowds: Sequence[PileOn]) -> tuple[Why, ...]:
    """Return the causes of `late`, the most frequent first."""
    grouped: dict[Cause, list[tuple[int, str | Blind | PileOn]]] = defaultdict(list)
    for each in late:
        cause, detail = _cause(each, blind, crowds)
        grouped[cause].append((each.thread, detail))
    found = []
    for cause, pairs in grouped.items():
        details = Counter(detail for _, detail in pairs if detail)
        ids = tuple(dict.fromkeys(thread for thread, _ in pairs))
        found.append(Why(cause, len(pairs), ids, tuple(details.most_common())))
    order = list(Cause)
    return tuple(sorted(found, key=lambda each: (-each.number, order.index(each.cause))))


def _cause(
    late: Late, blind: Sequence[Blind], crowds: Sequence[PileOn]
) -> tuple[Cause, str | Blind | PileOn]:
    start, cycle = late.cycle.started_at, late.cycle
    if hole := _blindness(late, blind):
        return Cause.BLIND, hole
    if cycle.escalation is not None and cycle.escalation.first_at <= late.at:
        return Cause.TEAM, cycle.escalation.team
    crowd = next((c for c in crowds if c.start <= late.at and c.end >= start), None)
    if crowd is not None:
        return Cause.PILE_ON, crowd
    if holder := late.story.holder(late.at):
        return Cause.HOLDER, holder
    return Cause.NOBODY, ""


def _blindness(late: Late, blind: Sequence[Blind]) -> Blind | None:
    """Return the longest hole if the account was blind for half of the time to the deadline."""
    start, end = late.cycle.started_at, late.at
    holes = [
        (min(each.end or end, end) - max(each.start, start), each)
        for each in blind
        if each.account == late.account and each.start < end and (each.end or end) > start
    ]
    if not holes:
        return None
    lost = sum((length for length, _ in holes), timedelta())
    longest = max(holes, key=lambda pair: pair[0])[1]
    return longest if lost * 2 >= end - start else None
