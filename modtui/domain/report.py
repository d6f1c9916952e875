"""From what the store holds to a `Report`, in one pass; and which period is meant."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from modtui.domain.lateness import pile_ons, stamp, why
from modtui.domain.metrics import Group, Narrow, Period, Report, Span
from modtui.domain.quiet import Quiet, in_order
from modtui.domain.scene import Scene
from modtui.domain.tallies import Tally

KNOWN_DAYS = 8
"""So many days back the shares and what is usual need to be known, whatever the period."""

_DAYS = {Span.TODAY: 0, Span.WEEK: 6, Span.MONTH: 27}


def period_of(
    span: Span, now: datetime, zone: str, look: datetime, *, first: bool = False
) -> Period:
    """Return the period that `span` means at `now`; days begin at midnight in `zone`.

    `look` is when the last look ended, or for the `first` one how far it goes back.
    """
    if span is Span.LOOK:
        return Period(span, min(look, now), now, first)
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() - timedelta(days=_DAYS[span])
    return Period(span, datetime(day.year, day.month, day.day, tzinfo=local.tzinfo), now)


def known_since(period: Period) -> datetime:
    """Return from when on the events of a scene have to be known for a report on `period`."""
    return min(period.start, period.end - timedelta(days=KNOWN_DAYS))


def summarise(scene: Scene, period: Period, narrow: Narrow) -> Report:
    """Return the report on `period` over `scene`, of the threads that `narrow` means."""
    tally = Tally(scene, period, narrow)
    due, quiet = [t for t in tally.threads if t.due_hour(tally.now)], tally.quiet
    late = tally.late_in_period()
    blind = tuple(b for b in scene.blind if narrow.account in (None, b.account))
    return Report(
        period=period,
        narrow=narrow,
        needs=tally.needs(),
        late_now=Group(
            tuple(t.id for t in tally.late_now), sum(not t.holder for t in tally.late_now)
        ),
        oldest_late=tally.oldest(tally.late_now),
        late_places=tally.late_places(),
        due_hour=Group(
            in_order(tuple(t.id for t in due), quiet.due_ids),
            sum(not t.holder for t in due) + len(quiet.due_ids),
        ),
        settled=tally.share(period.start, period.end + timedelta.resolution),
        late_why=why(late, scene.blind, pile_ons(_flags(scene, quiet)) if late else ()),
        night=tally.night(),
        now_threads=tally.now_threads(),
        platforms=tally.platforms(),
        people=tally.people(),
        responses=tally.histogram(),
        arrivals=tally.arrivals(),
        unescalated=tally.unescalated(period.start),
        unescalated_week=tally.unescalated(tally.midnight(6)),
        running=tuple(scene.running),
        blind=tuple(b for b in blind if b.end is None or b.end >= period.start),
        languages=tuple(
            sorted({t.language for t in scene.threads if t.language} | quiet.languages)
        ),
        names=_names(scene, period),
    )


def _flags(scene: Scene, quiet: Quiet) -> Mapping[object, Iterable[int]]:
    """Return when the flags of each channel came, as `stamp` says."""
    flags: dict[object, array[int]] = {
        where: array("q", times) for where, times in quiet.flags.items()
    }
    for thread in scene.threads:
        times = flags.setdefault((thread.account, thread.channel), array("q"))
        times.extend(stamp(at) for at in thread.story.flags)
    return flags


def _names(scene: Scene, period: Period) -> tuple[str, ...]:
    """Return everybody who holds a thread or acted in the period, by name."""
    holders = {thread.holder for thread in scene.threads if thread.unresolved}
    acted = {d.by for t in scene.threads for d in t.story.deeds if period.holds(d.at)}
    return tuple(sorted((holders | acted) - {""}, key=lambda name: (name.casefold(), name)))
