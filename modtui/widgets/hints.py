"""The keys of a dialog on its last line: whole ones, and always how to leave."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

BETWEEN = "   "


def fitting(hints: str, room: int) -> str:
    """Return `hints`, which stand three blanks apart, in at most `room` cells: where they do not
    fit, those before the last are left out, the later ones first."""
    parts = hints.split(BETWEEN)
    while len(parts) > 1 and cell_len(BETWEEN.join(parts)) > room:
        del parts[-2]
    return BETWEEN.join(parts)


def packed(parts: Sequence[str], room: int) -> str:
    """Return `parts` three blanks apart in lines of at most `room` cells, none of them broken
    that has room in one."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{BETWEEN}{part}" if lines else part
        if lines and cell_len(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(part)
    return "\n".join(lines)


class HintLine(Static):
    """Says `hints` as far as there is room."""

    def __init__(self, hints: str) -> None:
        super().__init__(f" {hints}", id="hints", markup=False)
        self._hints = hints

    def tell(self, hints: str) -> None:
        """Say these from now on."""
        self._hints = hints
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        room = self.size.width * max(self.size.height, 1) - 1
        self.update(Content(f" {fitting(self._hints, room)}"))
