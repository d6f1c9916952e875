"""Keys pressed blindly: which ones are dropped, and what is said about it.

Pure: time is handed in by a monotonic `clock` in seconds. Moving keys are never dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice, takewhile

from modtui.domain.frozen import dataclass

SETTLE = 0.4
BURST = 12
BURST_SECONDS = 0.05
REPEAT_SECONDS = 0.15
READ_SECONDS = 0.6

NEW_THREAD = "new thread"
OPENED = "just opened"
CLOSED = "the box just closed"
DONE_HERE = "just done"
"""Why keys are blind for a moment."""


@dataclass(frozen=True, slots=True)
class Press:
    """A key press. `acting`: it would change something; `typed`: in a burst it is part of a paste;
    `in_text`: a text box takes it; `followed`: how many more typed keys, BURST at most, are known
    already to have come within BURST_SECONDS after it; `age`: for how many seconds it has waited,
    as behind work that took long."""

    key: str
    acting: bool
    typed: bool
    in_text: bool = False
    followed: int = 0
    age: float = 0.0


class BlindGuard:
    """Decides about each press. `arm` when another thread is put under the cursor by us or a
    dialog closed; `painted` when that is on the screen."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._armed = False
        self._why = ""
        self._token = 0
        self._open_at = 0.0
        self._recent: deque[float] = deque(maxlen=BURST + 1)
        self._pasting_until = 0.0
        self._last_acting: tuple[str, float] = ("", -1.0)
        self._dropped = 0
        self._missed_at = float("-inf")

    def arm(self, why: str = NEW_THREAD) -> int:
        """Something new is coming under the cursor: acting keys wait until it was painted, and are
        told `why`. A thread that is coming already is still what is new about it.

        Returns what `painted` must be given for it.
        """
        if not self._armed or self._why != NEW_THREAD:
            self._why = why
        self._armed = True
        self._dropped = 0
        self._token += 1
        return self._token

    def painted(self, token: int) -> None:
        """What was armed last is on the screen; acting keys count again after 400 ms."""
        if self._armed and token == self._token:
            self._armed = False
            self._open_at = self._clock() + SETTLE

    def admit(self, press: Press) -> str:
        """Return "" to let the press pass, else why it was dropped, in words."""
        now = self._clock()
        if press.in_text:
            return ""
        if press.typed and self._is_paste(press, now - press.age):
            return self._drop("a paste")
        if not press.acting:
            return ""
        key, at = self._last_acting
        self._last_acting = (press.key, now)
        if self._armed or now < self._open_at:
            return self._drop(self._why)
        if key == press.key and now - at < REPEAT_SECONDS:
            return self._drop("held down")
        self._dropped = 0
        return ""

    def _is_paste(self, press: Press, came_at: float) -> bool:
        self._recent.append(came_at)
        full = len(self._recent) > BURST and came_at - self._recent[0] < BURST_SECONDS
        if full or press.followed >= BURST or self.pastes(came_at):
            self._pasting_until = came_at + BURST_SECONDS
            return True
        return False

    def pastes(self, came_at: float) -> bool:
        """Whether a typed key that came then belongs to a paste that is known."""
        return came_at < self._pasting_until

    def missed(self) -> None:
        """A key did nothing, and why is said."""
        self._missed_at = self._clock()

    @property
    def unread(self) -> bool:
        """Whether that was said too short a time ago to be read."""
        return self._clock() - self._missed_at < READ_SECONDS

    def _drop(self, why: str) -> str:
        self.missed()
        self._dropped += 1
        return f"{self._dropped} {'key' if self._dropped == 1 else 'keys'} dropped: {why}"


class Arrivals:
    """When the typed keys came that were read from the terminal and not yet looked at, in
    monotonic seconds. Keys that pile up behind slow work came apart all the same."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def came(self, at: float) -> None:
        """A typed key was read."""
        self._times.append(at)

    def later(self, at: float) -> bool:
        """Whether a key was read that came at `at` or later, and so all that came before."""
        return bool(self._times) and self._times[-1] >= at

    def followers(self, at: float) -> int:
        """Look at the key that came at `at`; return how many came within BURST_SECONDS after, BURST
        at most."""
        times = self._times
        while times and times[0] < at:
            times.popleft()
        if times and times[0] == at:
            times.popleft()
        soon = takewhile(lambda then: then - at < BURST_SECONDS, times)
        return sum(1 for _ in islice(soon, BURST))


class Cadence:
    """Tells a step that stands alone from those of a key that repeats: it came less than `within`
    seconds after another."""

    def __init__(self, clock: Callable[[], float], within: float) -> None:
        self._clock = clock
        self._within = within
        self._at = float("-inf")

    def repeats(self) -> bool:
        """Take a step; return whether it repeats another."""
        before, self._at = self._at, self._clock()
        return self._at - before < self._within
