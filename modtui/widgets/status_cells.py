"""Status in lines: what a line is, what stands behind it, and how numbers are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from modtui.domain.metrics import Report, Share
from modtui.domain.timeleft import Left, left_text
from modtui.domain.views import AccountStatus, QueueFilter
from modtui.widgets.cells import Row
from modtui.widgets.host import Moment

BAR = "█"
_EIGHTHS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Behind:
    """What Enter opens: a view of the queue, or a room; or why there is nothing."""

    name: str = ""
    view: QueueFilter | None = None
    room: str = ""
    why: str = "there is no list behind this line"


NOTHING = Behind()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a block. `id` "" is a line that the cursor passes over; `term` names its
    definition; `heading` stands one cell further out."""

    row: Row
    id: str = ""
    term: str = ""
    behind: Behind = field(default=NOTHING)
    heading: bool = False


Block = tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A report, the accounts as they stand, and the moment and room it is shown in.

    `room` is the width of a block.
    """

    report: Report
    accounts: Sequence[AccountStatus]
    moment: Moment
    room: int

    def threads(self, name: str, ids: Sequence[int]) -> Behind:
        """Return these threads as what stands behind a line."""
        if not ids:
            return Behind(why="no thread is behind this line")
        return Behind(name, QueueFilter(ids=tuple(ids), finished=True))

    def narrowed(self) -> QueueFilter:
        """Return the view of all threads that the report looks at."""
        narrow = self.report.narrow
        accounts = (narrow.account,) if narrow.account else ()
        return QueueFilter(
            accounts=accounts, languages=(narrow.language,) if narrow.language else ()
        )


def heading(title: str, more: Row = (), id: str = "", behind: Behind = NOTHING) -> Entry:
    """Return the first line of a block; its definition is called as it is."""
    return Entry(((title, "strong"), *more), id, id, behind, heading=True)


def share(value: Share, digits: int = 0) -> str:
    """Return a share as `93 %`, or – of none."""
    part = value.fraction
    return "–" if part is None else f"{part * 100:.{digits}f} %"


def brief(value: timedelta | None) -> str:
    """Return a time as `45s`, `21m`, `1h40`, `5d`; – for none."""
    if value is None:
        return "–"
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    if not minutes:
        return f"{seconds}s"
    if minutes < 60:
        return f"{minutes}m"
    hours, minute = divmod(minutes, 60)
    return f"{hours}h{minute:02d}" if hours < 100 else f"{hours // 24}d"


def standing(value: Left | None, zone: str) -> str:
    """Return a time left as `38m`, or as `-12m` when it is over."""
    return left_text(value, zone).removeprefix("!") if value is not None else ""


def bar(count: int, most: int, width: int) -> str:
    """Return a bar of at most `width` cells; nothing but nought has none."""
    if not count or not most:
        return ""
    full = count if most <= width else count * width // most
    return BAR * max(full, 1)


def sparkline(counts: Sequence[int]) -> str:
    """Return one cell a count, as high as it is of the most; nought is the lowest."""
    most = max(counts, default=0)
    if not most:
        return _EIGHTHS[0] * len(counts)
    return "".join(_EIGHTHS[min(count * 8 // most, 7)] for count in counts)
