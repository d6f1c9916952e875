"""A list of lines in parts: the cursor steps over the headings."""

from __future__ import annotations

from modtui.widgets.id_list import IdList, Line

HEADING = "heading:"


def heading(name: str, text: str) -> Line:
    """Return the line above a part; it cannot be selected."""
    return Line(HEADING + name, text, faint=True)


class PartedList(IdList):
    """An IdList with headings in it."""

    def _rows(self) -> list[str]:
        return [line.id for line in self.lines if not line.id.startswith(HEADING)]

    def validate_selected(self, wanted: str | None) -> str | None:
        """Return `wanted`, or what stands below it where it is a heading."""
        if wanted is None or not wanted.startswith(HEADING):
            return wanted
        below = False
        for line in self.lines:
            below = below or line.id == wanted
            if below and not line.id.startswith(HEADING):
                return line.id
        return next(reversed(self._rows()), None)

    def action_move(self, by: int) -> None:
        rows = self._rows()
        if rows:
            at = rows.index(self.selected) if self.selected in rows else 0
            self.selected = rows[max(0, min(len(rows) - 1, at + by))]

    def action_edge(self, end: int) -> None:
        if rows := self._rows():
            self.selected = rows[-end]
