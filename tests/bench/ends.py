"""How long a program takes to be gone, and whether it leaves the terminal as it found it."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.cases import Case
from tests.pty.terminal import Terminal

MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
# At first lines wrap and the cursor is shown; every other private mode is off.
AT_FIRST = frozenset({b"7", b"25"})


@dataclass(frozen=True, slots=True)
class End:
    """Seconds until the program was gone, and the private modes that it left other than they
    were; of a line that was hung up nobody knows."""

    seconds: float
    left: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Both in words."""
        modes = f"left {', '.join(self.left)}" if self.left else "modes restored"
        return f"{self.seconds:.2f} s, {modes}"


def leaves(case: Case, times: int = 3) -> End:
    """End by ctrl+q; return the fastest end."""
    return min((_ended(case, lambda t: t.send("ctrl+q")) for _ in range(times)), key=_seconds)


def terminated(case: Case) -> End:
    """End by SIGTERM."""
    return _ended(case, lambda t: t.kill(signal.SIGTERM))


def hung_up(case: Case) -> End:
    """End by closing the line."""
    terminal = case.open()
    begun = time.perf_counter()
    terminal.hang_up()
    return End(time.perf_counter() - begun)


def changed_modes(written: bytes) -> tuple[str, ...]:
    """Return the private modes that `written` leaves other than a terminal has them at first."""
    on = set(AT_FIRST)
    for numbers, turn in MODE.findall(written):
        for number in numbers.split(b";"):
            (on.add if turn == b"h" else on.discard)(number)
    return tuple(sorted(number.decode() for number in on ^ AT_FIRST))


def _ended(case: Case, end: Callable[[Terminal], None]) -> End:
    with case.open() as terminal:
        begun = time.perf_counter()
        end(terminal)
        terminal.ended(20)
        seconds = time.perf_counter() - begun
        while terminal.pump(0.05):
            pass
        return End(seconds, changed_modes(bytes(terminal.written)))


def _seconds(end: End) -> float:
    return end.seconds
