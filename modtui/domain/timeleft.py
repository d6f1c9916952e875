"""The time-left column: what a stored standing leaves at this moment, in seven cells."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from modtui.domain.frozen import dataclass
from modtui.domain.hours import Calendar
from modtui.domain.model import Band, Standing

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
# In Python 3.11 the name of a member costs as much as a call, and a listing asks for thousands.
_OK, _SOON, _BREACHED = Band.OK, Band.SOON, Band.BREACHED


@dataclass(frozen=True, slots=True)
class Left:
    """What the time-left column needs. Seconds are working seconds, negative after breach;
    `over` is calendar time since the deadline; `opens_at` is set off hours. `lane`: it is the
    target of the NOW lane, on the wall clock. `far`: it opens or resumes in a day or more, so the
    time of day alone would name a nearer one."""

    band: Band
    seconds: int | None
    over: timedelta | None
    opens_at: datetime | None
    resumes_at: datetime | None
    lane: bool = False
    far: bool = False

    @property
    def late(self) -> bool:
        """Whether the deadline is over, by the hours that the seconds are of."""
        return self.seconds is not None and self.seconds < 0


def lane_left(due_at: datetime, now: datetime) -> Left:
    """Return how much wall-clock time is left at `now` for a thread in the NOW lane."""
    seconds = int((due_at - now).total_seconds() // 1)
    late = now > due_at
    band = Band.BREACHED if late else Band.SOON
    return Left(band, seconds, now - due_at if late else None, None, None, lane=True)


def left(standing: Standing, calendar: Calendar, now: datetime) -> Left:
    """Return how much time the stored `standing` leaves at `now`.

    Without a clock (finished, nothing promised) the band is ok and every number None.
    """
    due_at = standing.due_at
    if due_at is None:
        resumes_at = standing.resumes_at
        still = standing.clock is not None or resumes_at is not None
        stopped = Band.PAUSED if still else Band.OK
        return Left(stopped, None, None, None, resumes_at, far=_far(resumes_at, now))
    band, seconds = stands(due_at, standing.soon_at, calendar, now)
    over = now - due_at if band is Band.BREACHED else None
    opens_at = calendar.opens_at(now)
    return Left(band, seconds, over, opens_at, None, far=_far(opens_at, now))


def _far(at: datetime | None, now: datetime) -> bool:
    return at is not None and at - now >= _DAY


def stands(
    due_at: datetime, soon_at: datetime | None, calendar: Calendar, now: datetime
) -> tuple[Band, int]:
    """Return how a deadline stands at `now`, and the working seconds to it, negative after it."""
    seconds = calendar.working(now, due_at) // _SECOND
    if now > due_at and (calendar.opens_at(now) is None or calendar.working(due_at, now)):
        return _BREACHED, seconds
    return (_SOON if soon_at is not None and now >= soon_at else _OK), seconds


def left_text(value: Left, zone: str) -> str:
    """Return at most seven cells: `2h05m`, `38m`, `9:42`, `!-12m`, `@09:00`, `wait`, `z14:30`,
    and in the NOW lane `NOW 12m`, late `NOW!12m`.

    Seconds show only in the last ten minutes. `zone` is the moderator's, for `@09:00`, which is
    the day, `@30 Nov`, where that is a day or more ahead: `z` alike. Lateness
    is working time in minutes and hours; beyond 99 hours it is calendar days since the deadline.
    """
    if value.lane and value.seconds is not None:
        return _lane(value.seconds)
    if value.band is Band.PAUSED:
        return f"z{_wall(value, value.resumes_at, zone)}" if value.resumes_at else "wait"
    if value.seconds is None:
        return ""
    if value.band is Band.BREACHED:
        return _late(-value.seconds, value.over)
    if value.opens_at is not None:
        return f"@{_wall(value, value.opens_at, zone)}"
    return _running(value.seconds)


def left_words(value: Left, zone: str) -> str:
    """Return what `left_text` says in words for who does not know its marks: `late 12m`, `time
    left 38m`, `opens 09:00` or `opens 30 Nov 09:00`, `snoozed until 14:30`; "" where there is no
    deadline."""
    text = left_text(value, zone)
    if value.lane or not text:
        return text
    if value.band is Band.PAUSED:
        at = value.resumes_at
        return f"snoozed until {_day_and_time(value, at, zone)}" if at else "waits for its author"
    if value.band is Band.BREACHED:
        return f"late {text[2:]}"
    at = value.opens_at
    return f"opens {_day_and_time(value, at, zone)}" if at is not None else f"time left {text}"


def _wall(value: Left, at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%d %b" if value.far else "%H:%M")


def _day_and_time(value: Left, at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%d %b %H:%M" if value.far else "%H:%M")


def _running(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    if seconds < 600:
        return f"{minutes}:{second:02}"
    if not hours:
        return f"{minute}m"
    return f"{hours}h{minute:02}m" if hours < 1000 else f"{hours // 24}d"


def _lane(seconds: int) -> str:
    """Return `NOW 12m`; under a minute in seconds; late in the largest whole unit, from 1m on."""
    mark = "!" if seconds < 0 else " "
    minutes = max(-seconds // 60, 1) if seconds < 0 else seconds // 60
    if not minutes:
        return f"NOW{mark}{seconds}s"
    if minutes < 100:
        return f"NOW{mark}{minutes}m"
    hours = minutes // 60
    return f"NOW{mark}{hours}h" if hours < 100 else f"NOW{mark}{min(hours // 24, 99)}d"


def _late(seconds: int, over: timedelta | None) -> str:
    hours, minute = divmod(seconds // 60, 60)
    if not hours:
        return f"!-{max(minute, 1)}m"
    if hours < 10:
        return f"!-{hours}h{minute:02}m"
    if hours < 100 or over is None:
        return f"!-{hours}h"
    return f"!-{over.days}d"
