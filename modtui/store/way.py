"""Who gives way: a transaction that nobody waits for, to what a moderator waits for."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

MOST_SECONDS = 0.05
"""A statement is held up for no longer, whatever is asked."""


class Way:
    """Two threads that compute take turns, and each turn costs the one that is waited for. So a
    transaction that gives way rests before its next statement. `clock` is monotonic seconds;
    `sleep` stops the calling thread."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._until = -math.inf

    def ask(self, seconds: float) -> None:
        """Let whoever gives way rest for `seconds` from now. May be called from any thread."""
        self._until = self._clock() + seconds

    def give(self) -> None:
        """Rest for as long as was asked for last."""
        left = self._until - self._clock()
        if left > 0:
            self._sleep(min(left, MOST_SECONDS))
