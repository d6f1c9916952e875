"""A desk with a few threads whose numbers can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from modtui.domain.hours import always
from modtui.domain.lateness import stamp
from modtui.domain.metrics import Narrow, Period, Report, Span
from modtui.domain.model import ClockKind, Event, EventKind, Standing, State
from modtui.domain.quiet import Quiet, Untouched
from modtui.domain.report import summarise
from modtui.domain.scene import Filed, Scene
from modtui.domain.stories import Cycle, Outcome, Story, tell
from modtui.domain.text import literal
from tests.domain.calendars import moment

EVENING = moment("2026-11-20 18:00")
MORNING = moment("2026-11-21 08:00")
PERIOD = Period(Span.LOOK, EVENING, MORNING)
COMPLETE = {"forum": moment("2026-11-01 00:00"), "chat": moment("2026-11-01 00:00")}
K = EventKind


def at(clock: str, day: int = 21) -> datetime:
    return moment(f"2026-11-{day:02} {clock}")


def did(what: EventKind, clock: str, by: str = "mod-a", day: int = 21, **detail: object) -> Event:
    return Event(what, at(clock, day), by, tuple(detail.items()))


def flagged(clock: str, day: int = 21) -> Event:
    return did(K.FLAGGED, clock, "Igor", day)


def breached(clock: str, day: int = 21, cycle: int = 1) -> Event:
    return Event(K.BREACHED, at(clock, day), "clock", (("clock", FIRST), ("cycle", cycle)))


FIRST = ClockKind.FIRST_RESPONSE.value


def filed(number: int, *events: Event, **changes: object) -> Filed:
    """A thread with this history, open and with nothing due unless it is said."""
    plain = Filed(
        id=number,
        account="forum",
        channel=literal("pay"),
        title=literal(f"title {number}"),
        language="en",
        state=State.OPEN,
        standing=Standing(),
        first_flag_at=events[0].at if events else EVENING,
        snoozed_until=None,
        team="",
        now_at=None,
        now_due_at=None,
        now_reason="",
        holder="",
        story=tell(events, always()),
    )
    return replace(plain, **changes)


def due(clock: str, day: int = 21, **changes: object) -> Standing:
    return Standing(ClockKind.FIRST_RESPONSE, at(clock, day), policy="social", **changes)


def report(
    threads: Sequence[Filed],
    *,
    period: Period = PERIOD,
    narrow: Narrow | None = None,
    **scene: object,
) -> Report:
    """Return the report, after a look that it is the same where quiet threads are let go."""
    narrow = narrow or Narrow()
    plain = Scene("UTC", tuple(threads), ("forum", "chat"), COMPLETE)
    whole = replace(plain, **scene)
    found = summarise(whole, period, narrow)
    quiet = Quiet(period, narrow, frozenset(row.thread for row in whole.unknown))
    loud = tuple(thread for thread in threads if not quiet.takes(thread))
    assert summarise(replace(whole, threads=loud, quiet=quiet), period, narrow) == found
    assert numbered(whole, period, narrow) == found
    return found


def numbered(whole: Scene, period: Period, narrow: Narrow) -> Report:
    """Return the report where of untouched threads only numbers are known."""
    quiet = Quiet(period, narrow, frozenset(row.thread for row in whole.unknown))
    threads = sorted(whole.threads, key=lambda thread: thread.id)
    known = {t.id: one for t in threads if (one := as_numbers(t, period.end)) is not None}
    taken = {one.id for one in known.values() if quiet.take(one)}
    rest = [thread for thread in whole.threads if thread.id not in taken]
    loud = tuple(thread for thread in rest if not quiet.takes(thread))
    if (first := quiet.wanted) is not None:
        quiet.keep_first(next(thread for thread in threads if thread.id == first))
    return summarise(replace(whole, threads=loud, quiet=quiet), period, narrow)


def as_numbers(thread: Filed, now: datetime) -> Untouched | None:
    """Return what the store tells of a thread that was flagged and nothing else, else None."""
    due, story = thread.standing.due_at, thread.story
    flagged = replace(Story(), flags=story.flags, cycles=story.cycles)
    if thread.state is not State.OPEN or thread.holder or thread.now_at or thread.now_due_at:
        return None
    if story != flagged or len(story.cycles) != 1 or (due is not None and due < now):
        return None
    if story.cycles[0] != Cycle(story.flags[0], Outcome.OPEN):
        return None
    return Untouched(
        thread.id, thread.account, "realm", thread.channel, thread.language,
        stamp(thread.first_flag_at), stamp(due) if due is not None else None,
        [stamp(flag) for flag in story.flags],
    )  # fmt: skip


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
