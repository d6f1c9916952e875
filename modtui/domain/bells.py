"""When the bell rings: for the NOW lane until somebody claims it, for what is about to be late
unheld, and for what is late. One bell for all that comes at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

from modtui.domain.frozen import dataclass
from modtui.domain.views import Alarms

AGAIN = timedelta(minutes=2)
BURST = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was rung for already. `lane` says when, by thread; `began`: something was looked at."""

    lane: Mapping[int, datetime] = field(default_factory=dict)
    soon: frozenset[int] = frozenset()
    late: int = 0
    rang_at: datetime | None = None
    began: bool = False


def listen(heard: Heard, alarms: Alarms, now: datetime) -> tuple[Heard, bool]:
    """Return what has been heard once `alarms` are, and whether the bell rings for them now.

    A thread of the lane that was claimed and given back is new. What is late or due soon when
    modtui is opened is on the screen, so it does not ring. What comes within ten seconds after a
    bell is of the same burst, but for a new thread of the lane. A clock that was set back makes no
    lane silent.
    """
    fresh = alarms.now - heard.lane.keys()
    again = any(
        not timedelta() <= now - heard.lane[each] < AGAIN for each in alarms.now & heard.lane.keys()
    )
    rest = bool(alarms.soon - heard.soon) or alarms.late > heard.late
    burst = heard.rang_at is not None and timedelta() <= now - heard.rang_at < BURST
    rings = bool(fresh) or again or (rest and heard.began and not burst)
    lane = {each: now if rings else heard.lane[each] for each in alarms.now}
    rang_at = now if rings else heard.rang_at
    return Heard(lane, alarms.soon, alarms.late, rang_at, began=True), rings
