"""Frames under way to a terminal that answers for each: few at a time are on a slow line."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress

# A cursor position report: its answer is known to Textual's parser, that of CSI 5n is not.
ASK = "\x1b[6n"
WINDOW = 1500
SHARED = 300
FIRST_SECONDS = 0.5
LATER_SECONDS = 5.0
SLOW_SECONDS = 0.05
MISSES = 3
OWED_SECONDS = 2.0
"""After which an answer that was given up comes no more."""


class Flight:
    """Counts what was sent and not yet answered for. `clock` is monotonic seconds.

    `slow`: the last two answers took so long that it pays to gather small frames before they leave.
    One alone is late also where this machine was busy, and then every key would wait for nothing.
    A terminal that leaves 3 frames in a row unanswered is not asked any more, until it answers.
    `landed` may be called from another thread.
    """

    def __init__(self, clock: Callable[[], float], *, asks: bool = True) -> None:
        self._clock = clock
        self._asks = asks
        self._open = asks
        self._sent: deque[tuple[float, int]] = deque()
        self._unasked = 0
        self._misses = 0
        # Each is counted in one thread.
        self._asked = self._came = 0
        self._asked_at = 0.0
        self._answered = False
        self.slow = self._late = False

    @property
    def asks(self) -> bool:
        """Whether the terminal is asked at all."""
        return self._open and self._misses < MISSES

    def due(self, size: int) -> bool:
        """Return whether a frame of `size` bytes should end with ASK: small ones, such as the
        ticks of a clock, share one."""
        self._unasked += size
        return self.asks and self._unasked >= SHARED

    @property
    def patience(self) -> float:
        """Seconds to wait for an answer: few until the terminal has given one."""
        return LATER_SECONDS if self._answered else FIRST_SECONDS

    @property
    def waiting(self) -> bool:
        """Whether an answer may come: that of a frame which was given up does so late."""
        owed = self._came < self._asked
        late = owed and self._clock() - self._asked_at < OWED_SECONDS
        return late or bool(self._sent)

    def took_off(self) -> None:
        """A frame was sent with ASK."""
        self._asked_at = self._clock()
        self._sent.append((self._asked_at, self._unasked))
        self._asked += 1
        self._unasked = 0

    def landed(self) -> bool:
        """An answer came; return whether it was one to a frame."""
        owed = self._came < self._asked
        self._came += owed
        try:
            at, _ = self._sent.popleft()
        except IndexError:
            if owed:
                self._answered, self._misses = True, 0
            return owed
        late = self._clock() - at > SLOW_SECONDS
        self.slow, self._late = late and self._late, late
        self._answered, self._misses = True, 0
        return True

    def full(self) -> bool:
        """Return whether more is under way than there should be; what took too long is given up."""
        now = self._clock()
        while (oldest := self._oldest()) is not None and now - oldest >= self.patience:
            with suppress(IndexError):
                self._sent.popleft()
                self._misses += 1
        # A copy: an answer may land in the other thread while the sizes are added up.
        return self.asks and sum(size for _, size in self._sent.copy()) > WINDOW

    def rest(self) -> float:
        """Return the seconds until the oldest frame is given up; 0 if none is under way."""
        oldest = self._oldest()
        return 0 if oldest is None else max(oldest + self.patience - self._clock(), 0)

    def _oldest(self) -> float | None:
        try:
            return self._sent[0][0]
        except IndexError:
            return None

    def open(self) -> None:
        """Ask again, of a terminal that may be another one."""
        self._sent.clear()
        self._came = self._asked
        self._open, self._answered, self._misses = self._asks, False, 0
        self.slow = self._late = False

    def close(self) -> None:
        """Ask no more, and wait for nothing."""
        self._open = self.slow = self._late = False
        self._came = self._asked
        self._sent.clear()
