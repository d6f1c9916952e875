"""The quick replies of a thread in rows: nine lines where there is room, else two."""

from __future__ import annotations

from collections.abc import Sequence

from modtui.domain.replies import Slot
from modtui.widgets.cells import Piece, Row, cell_len, clip, cut, fit, one_line, spread


def slot_rows(
    slots: Sequence[Slot], language: str | None, reads: Sequence[str], width: int
) -> tuple[Row, ...]:
    """Return the nine quick replies, one a line, and how to find another; titles are in one of
    the languages that the moderator `reads`, where there is one."""
    rows: list[Row] = [_title(f"replies, {language or '?'}", width)]
    by_digit = {s.digit: s for s in slots}
    for digit in range(1, 10):
        slot = by_digit.get(digit)
        if slot is None:
            rows.append(clip(((f" {digit} ·", "off"),), width))
            continue
        name = f" {_named(slot, reads)}"
        room = width - min(cell_len(name), _NAME) - 4
        end: Row = ((f" {cut(_slot_note(slot, language, room), room)} ", "muted"),)
        rows.append(spread(((name, "off" if slot.weak else "text"),), end, width))
    rows.append(clip(((" 0 find another…", "text"),), width))
    return tuple(rows)


def waiting_rows(before: Sequence[Row], width: int, *, reading: bool = False) -> tuple[Row, ...]:
    """Return what stands in place of quick replies that come when the cursor rests. Nine lines stay
    those of the thread `before`, under a title that says so: their keys are off. It is a word of
    the title, so that a slow line carries few letters there and back. `reading`: the library is
    still being read."""
    if len(before) > _LINES:
        return (_title("replies to come", width), *before[1:])
    note = f" {READING}" if reading else " the quick replies follow"
    return (clip(((fit(note, width), "muted"),), width), ((fit("", width), "text"),))


def _title(words: str, width: int) -> Row:
    """Return the rule over nine quick replies, of `width` cells."""
    title, note = f" ── {words} ", " frozen while open ──"
    fill = "─" * max(width - cell_len(title) - cell_len(note), 0)
    return clip(((title + fill + note, "rule"),), width)


def _slot_note(slot: Slot, language: str | None, room: int) -> str:
    # It comes first, as what is long is cut at its end.
    parts = [f"in {slot.variant.language}"] if _foreign(slot, language) else []
    if slot.entry.then:
        parts.append("then " + ", ".join(map(_brief, slot.entry.then)))
    if slot.pinned:
        parts.append("pinned")
    if not parts and slot.sent:
        count = f"{slot.sent}×"
        ways = (f"sent {count:>4}", f"sent {count}", count)
        return next((way for way in ways if cell_len(way) <= room), "")
    return " · ".join(parts)


def _brief(follow_up: str) -> str:
    """Return what a follow-up does, without for how long, to whom or in which words: all that is in
    the preview."""
    return " ".join(follow_up.split()[: 2 if follow_up.startswith("slow ") else 1])


def _foreign(slot: Slot, language: str | None) -> bool:
    """Whether the entry has no text in the language of the thread."""
    return language is not None and slot.variant.language != language


READING = "reading the library…"
_NAME = 26
"""The cells of digit and title that no note takes away."""
_CELLS = 7
_LINES = 2
_PINNED = " (pinned)"


def slot_line(
    slots: Sequence[Slot], language: str | None, reads: Sequence[str], width: int
) -> tuple[Row, ...]:
    """Return the quick replies in two lines of four, as far as they fit; the last cells are for
    those that are pinned."""
    pinned = [s for s in slots[_CELLS:] if s.pinned]
    shown = (*slots[: _CELLS - len(pinned)], *pinned)
    columns = (24 * width // 80, 27 * width // 80, 17 * width // 80)
    rest = max(width - 1 - sum(columns), 1)
    cells = [
        _cell(slot, _foreign(slot, language), reads, size)
        for slot, size in zip(shown, (*columns, *columns, rest + 1), strict=False)
    ]
    first = [*_columns(cells[:3], columns), ("0 find…", "text")]
    return (
        clip(((" ", "text"), *first), width),
        clip(((" ", "text"), *_columns(cells[3:], (*columns, rest + 1))), width),
    )


def _columns(cells: Sequence[Piece], widths: Sequence[int]) -> list[Piece]:
    filled = [*cells, *[("", "text")] * (len(widths) - len(cells))]
    return [
        (fit(fit(text, size - 1), size), style)
        for (text, style), size in zip(filled, widths, strict=True)
    ]


def _named(slot: Slot, reads: Sequence[str]) -> str:
    title = one_line(slot.entry.title(slot.variant, reads))
    return f"{slot.digit} {'weak: ' if slot.weak else ''}{title}"


def _cell(slot: Slot, foreign: bool, reads: Sequence[str], size: int) -> Piece:
    name, end = _named(slot, reads), f" {slot.variant.language}"
    if foreign:
        end = f" in{end}"
        name = cut(name, size - 1 - cell_len(end))
    elif slot.pinned and cell_len(name) <= size - 1 - len(_PINNED):
        end = _PINNED
    return name + end, "off" if slot.weak else "text"
