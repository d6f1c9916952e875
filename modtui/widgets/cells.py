"""Text measured in terminal cells: cutting, padding and wrapping, and the rows we paint.

A `Row` is a tuple of pieces, each a text and the name of a style (`widgets.paint.STYLES`).
Nothing here reads markup: what a platform wrote stays text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.cells import cell_len as cell_len
from rich.cells import set_cell_size

Piece = tuple[str, str]
Row = tuple[Piece, ...]


def fit(text: str, width: int, *, ellipsis: bool = True) -> str:
    """Return `text` in exactly `width` cells, cut at the right (with `…`) or padded."""
    bare = text.rstrip(" ")
    size = cell_len(bare)
    if size <= width:
        return bare + " " * (width - size)
    if not ellipsis or width < 2:
        return set_cell_size(bare, max(width, 0))
    return set_cell_size(bare, width - 1) + "…"


def cut(text: str, width: int) -> str:
    """Return `text` in at most `width` cells."""
    return text if cell_len(text) <= width else fit(text, width)


def right(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, pushed to the right edge."""
    size = cell_len(text)
    return " " * (width - size) + text if size <= width else fit(text, width)


def one_line(text: str) -> str:
    """Return `text` with every run of white space as one blank."""
    return " ".join(text.split())


def wrap(text: str, width: int) -> tuple[str, ...]:
    """Return `text` as lines of at most `width` cells; a longer word is cut into pieces."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in _pieces(paragraph, max(width, 2)):
            joined = f"{line} {word}" if line else word
            if cell_len(joined) <= width:
                line = joined
            else:
                lines.append(line)
                line = word
        lines.append(line)
    return tuple(lines)


def wrap_to(text: str, width: int, most: int) -> tuple[str, ...]:
    """Return `text` as at most `most` lines of `width` cells; the last is longer where it does not
    fit, and is to be cut."""
    lines = wrap(text, width)
    return (*lines[: most - 1], " ".join(lines[most - 1 :])) if len(lines) > most else lines


def _pieces(paragraph: str, width: int) -> Iterator[str]:
    """Yield the words; one that is too long in pieces, of which each is measured alone: to measure
    all that is left of it each time would cost the square of its length."""
    reach = 2 * width
    for word in paragraph.split():
        at = 0
        while at < len(word):
            part = word[at : at + reach]
            if cell_len(part) > width:
                head = set_cell_size(part, width).rstrip()
                part = part[: max(len(head), 1)]
            yield part
            at += len(part)


def width_of(row: Row) -> int:
    """Return the width of `row` in cells."""
    return sum([cell_len(text) for text, _ in row])


def spread(left: Row, end: Row, width: int) -> Row:
    """Return `left` and `end` at the two edges of `width` cells; `left` is cut if it must be."""
    taken = width_of(end)
    if taken > width:
        return (*clip(left, 0), *clip(end, width))
    room = width - taken
    if end and room and width_of(left) >= room:
        return (*clip(left, room - 1), (" ", "text"), *end)
    return (*clip(left, room), *end)


def clip(row: Row, width: int) -> Row:
    """Return `row` in exactly `width` cells."""
    used = width_of(row)
    if used <= width:
        return (*row, (" " * (width - used), "text")) if used < width else tuple(row)
    out: list[Piece] = []
    left = width
    for text, style in row:
        size = cell_len(text)
        if size > left:
            out.append((fit(text, left), style))
            break
        out.append((text, style))
        left -= size
    return tuple(out)


def span(seconds: float) -> str:
    """Return a time span in words of the queue: `2h05m`, `38m`, `9:42` under ten minutes."""
    whole = max(int(seconds), 0)
    if whole < 600:
        return f"{whole // 60}:{whole % 60:02d}"
    return coarse(whole)


def coarse(seconds: float) -> str:
    """Return a span to the minute: `2h05m`, `38m`, `45s` under one minute."""
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole}s"
    minutes = whole // 60
    return f"{minutes // 60}h{minutes % 60:02d}m" if minutes >= 60 else f"{minutes}m"


def age(since: datetime, now: datetime) -> str:
    """Return how long ago `since` was, as `9 s`, `3m`, `2h05m` or `4 d`."""
    seconds = max(int((now - since).total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    return coarse(seconds) if seconds < 48 * 3600 else f"{seconds // 86400} d"


def clock(at: datetime, zone: str, now: datetime | None = None) -> str:
    """Return `at` as `14:02` in `zone`; with `now`, the date before it when it is another day."""
    local = at.astimezone(ZoneInfo(zone))
    if now is not None and abs(now - at) > timedelta(hours=20):
        return local.strftime("%d %b %H:%M")
    return local.strftime("%H:%M")
