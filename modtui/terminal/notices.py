"""What wakes a person who looks elsewhere: bell, window title, notification. Counts alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from modtui.terminal import Asides
from modtui.terminal.ability import is_bare

BELL = "\x07"
# XTWINOPS of xterm: the title goes onto a stack of the terminal, and comes back from it.
PUSH_TITLE, POP_TITLE = "\x1b[22;0t", "\x1b[23;0t"
TITLE_EVERY = 10.0
"""Seconds between two titles where nothing rings."""

# Each as its terminals know it: iTerm2 and others; urxvt, foot; kitty.
NOTIFICATIONS = {
    "osc9": "\x1b]9;{0}\x07",
    "osc777": "\x1b]777;notify;modtui;{0}\x07",
    "osc99": "\x1b]99;;{0}\x1b\\",
}


def has_title(env: Mapping[str, str]) -> bool:
    """Return whether the window has a title that can be given back: GNU screen has none, and a
    Linux console prints what it does not know."""
    return not is_bare(env.get("TERM", "").lower()) and "STY" not in env


def ways_of(chosen: Iterable[str], env: Mapping[str, str]) -> frozenset[str]:
    """Return those of the ways that the terminal does not print as text: a Linux console shows
    the words of a notification wherever its cursor stands."""
    ways = frozenset(chosen)
    return ways - NOTIFICATIONS.keys() if is_bare(env.get("TERM", "").lower()) else ways


def title(now: int, late: int) -> str:
    """Return the window title: `modtui`, and what there is of ` · N NOW` and ` · N late`."""
    return " · ".join(("modtui", *_numbers(now, late)))


def notice(now: int, late: int, soon: int) -> str:
    """Return a notification, such as `modtui: 1 NOW, 3 late`."""
    numbers = (*_numbers(now, late), *((f"{soon} due soon",) if soon else ()))
    return f"modtui: {', '.join(numbers)}" if numbers else "modtui"


def _numbers(now: int, late: int) -> tuple[str, ...]:
    pairs = ((now, "NOW"), (late, "late"))
    return tuple(f"{number} {word}" for number, word in pairs if number)


def notifications(ways: Iterable[str], text: str) -> str:
    """Return the sequences that notify of `text` in these ways; with "tmux" among them, for tmux
    to pass on."""
    wanted = frozenset(ways)
    found = "".join(
        sequence.format(text) for way, sequence in NOTIFICATIONS.items() if way in wanted
    )
    if found and "tmux" in wanted:
        doubled = found.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return found


class Announcer:
    """Says in the chosen `ways` how many threads cannot wait. `channel` is None before there is a
    terminal; `clock` is monotonic seconds."""

    def __init__(
        self,
        ways: frozenset[str],
        channel: Callable[[], Asides | None],
        clock: Callable[[], float],
        titled: bool,
    ) -> None:
        self.ways = ways
        self.channel = channel
        self.clock = clock
        self.titled = titled
        self._title = ""
        self._at: float | None = None

    def stand(self, now: int, late: int) -> None:
        """The numbers are these; nothing rings for them. The title follows, at its own pace."""
        waits = self._at is not None and self.clock() - self._at < TITLE_EVERY
        if not waits:
            self._show(title(now, late))

    def ring(self, now: int, late: int, soon: int) -> None:
        """One thing of each kind, for all that came at once."""
        channel = self.channel()
        if channel is None:
            return
        bell = BELL if "bell" in self.ways else ""
        if sent := bell + notifications(self.ways, notice(now, late, soon)):
            channel.aside(sent)
        self._show(title(now, late))

    def _show(self, text: str) -> None:
        channel = self.channel()
        if channel is None or not self.titled or text == self._title:
            return
        self._title, self._at = text, self.clock()
        channel.set_title(text)
