"""Clocks that do not go on as they should: a wall clock that was set, a machine that slept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from modtui.domain.frozen import dataclass

NOTICEABLE = timedelta(seconds=5)
"""A smaller step is how a time service keeps a clock right."""


@dataclass(frozen=True, slots=True)
class Odd:
    """What the clocks did between two looks. `moved`: by how much the wall clock was set, against
    the clock that counts through sleep; `slept`: how long the machine was suspended."""

    at: datetime
    moved: timedelta = timedelta()
    slept: timedelta = timedelta()

    @property
    def words(self) -> str:
        """What happened, in words: "the clock moved by +10 min"."""
        told = []
        if self.slept:
            told.append(f"was asleep {_exactly(self.slept)}: catching up")
        if self.moved:
            sign = "+" if self.moved > timedelta() else "-"
            told.append(
                f"the clock moved by {sign}{_exactly(abs(self.moved))}: deadlines follow it"
            )
        return "; ".join(told)


class Clocks:
    """Compares three clocks: the wall, the one that counts through sleep, the one that does not."""

    def __init__(
        self,
        wall: Callable[[], datetime],
        boot: Callable[[], float],
        awake: Callable[[], float],
    ) -> None:
        self._clocks = wall, boot, awake
        self._last = self._read()

    def _read(self) -> tuple[datetime, float, float]:
        wall, boot, awake = self._clocks
        return wall(), boot(), awake()

    def look(self) -> Odd | None:
        """Return what was odd since the last look, or None."""
        before, now = self._last, self._read()
        self._last = now
        passed = timedelta(seconds=now[1] - before[1])
        slept = passed - timedelta(seconds=now[2] - before[2])
        moved = now[0] - before[0] - passed
        slept = slept if slept >= NOTICEABLE else timedelta()
        moved = moved if abs(moved) >= NOTICEABLE else timedelta()
        return Odd(now[0], moved, slept) if slept or moved else None


def _exactly(value: timedelta) -> str:
    """Return a length to the minute: "1 h 02 min", "10 min"; under 90 s to the second."""
    seconds = round(value.total_seconds())
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
