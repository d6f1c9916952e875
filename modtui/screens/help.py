"""`?`: what each key would do here or why it is off, and the deadline with its ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from modtui.keymap import Action, bindings
from modtui.screens.entries import Entry, parts
from modtui.screens.room import Room
from modtui.screens.sheets import Sheet
from modtui.widgets.cells import Row, fit, wrap

KEYS = 14


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading in capitals and a `title` as it is; Tab goes from one to the next."""

    heading: str
    rows: tuple[Row, ...]
    title: str = ""


class HelpSheet(Sheet):
    """Sections of rows; Tab and Shift+Tab go from section to section."""

    OWN: ClassVar[tuple[Action, ...]] = (
        Action("help.next", "tab", "section(1)", "the next part of the help"),
        Action("help.previous", "shift+tab", "section(-1)", "the previous part"),
    )
    ACTIONS: ClassVar[tuple[Action, ...]] = (*OWN, *Sheet.ACTIONS)
    BINDINGS = bindings(OWN)

    def __init__(self, title: str, sections: Callable[[int], Sequence[Section]]) -> None:
        super().__init__(title, self._lines)
        self._sections = sections
        self.starts: list[int] = []

    def _lines(self, width: int) -> list[Row]:
        rows: list[Row] = []
        self.starts = []
        for section in self._sections(width):
            rows += [(("", "text"),)] if rows else []
            self.starts.append(len(rows))
            heading = " ".join(filter(None, (section.heading.upper(), section.title)))
            rows += [((f" {heading}", "mark"),), *section.rows]
        return rows

    def hints(self) -> str:
        return f"Tab next of {len(self.starts)} parts   {super().hints()}"

    def action_section(self, step: int) -> None:
        """Scroll to the heading after or before the first line shown."""
        top = self.sheet.scroll_offset.y
        last = self.sheet.virtual_size.height - self.sheet.size.height
        ahead = [at for at in self.starts if at > top and top < last]
        behind = [at for at in self.starts if at < top]
        found = (ahead or self.starts)[:1] if step > 0 else (behind or self.starts)[-1:]
        if found:
            self.sheet.scroll_to(y=found[0], animate=False, force=True)


def open_help(room: Room) -> None:
    """Show the help over `room`."""
    every = parts(room)

    def sections(width: int) -> tuple[Section, ...]:
        keys = tuple(Section(part.heading, entry_rows(part.entries, width)) for part in every)
        first, *rest = room.sections(width) or (None,)
        return (*((first,) if first is not None else ()), *keys, *rest)

    room.app.push_screen(HelpSheet("help", sections))


def entry_rows(entries: Iterable[Entry], width: int) -> tuple[Row, ...]:
    """Return each entry in `width` cells: keys, what it would do, if it asks, why it is off."""
    rows: list[Row] = []
    room = width - KEYS - 2
    for entry in entries:
        how = f" ({entry.how})" if entry.how else ""
        first, *more = wrap(entry.does + how, room)
        style = "off" if entry.off else "text"
        rows.append(((f" {fit(entry.keys, KEYS)} ", "strong"), (first, style)))
        rows += [((f"{'':{KEYS + 2}}{line}", style),) for line in more]
        if entry.off:
            off = wrap(f"off: {entry.off}", room)
            rows += [((f"{'':{KEYS + 2}}{line}", "soon"),) for line in off]
    return tuple(rows)
