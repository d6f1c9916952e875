"""The lines that are the same on every screen: the first, the last but one, and the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from textual.timer import Timer

from modtui.domain.model import Health
from modtui.domain.trouble import Trouble, trouble_line
from modtui.domain.views import AccountStatus, Change, Counts
from modtui.keymap import Action, key_text
from modtui.widgets.cells import (
    Piece,
    Row,
    clip,
    clock,
    coarse,
    cut,
    fit,
    one_line,
    span,
    spread,
    width_of,
)
from modtui.widgets.delivery_words import Deeds, before_line, one_of_each, status_line
from modtui.widgets.host import Moment, host, moment_of, visible, work
from modtui.widgets.paint import Rows

MESSAGE_SECONDS = 8.0
RECENT = 3
NEXT_SOON = timedelta(minutes=15)
_CAUSES = {
    Health.RATE_LIMITED: "limited",
    Health.NEEDS_LOGIN: "login",
    Health.OFFLINE: "offline",
}


# the first line
def first_line(
    counts: Counts,
    accounts: Sequence[AccountStatus],
    moment: Moment,
    *,
    read_only: bool = False,
) -> Row:
    """Return NOW, late, next due, open, mine, live accounts or which are not, and the time."""
    bar: Piece = (" │ ", "rule") if moment.wide else ("  ", "text")
    left: list[Piece] = [(f" {counts.now} NOW ", "late")] if counts.now else []
    left.append((f" {counts.late} late", "late" if counts.late else "muted"))
    if counts.next_due_at is not None:
        ahead = counts.next_due_at - moment.now
        style = "soon" if ahead <= NEXT_SOON else "text"
        left.append((f"  next {span(ahead.total_seconds())}", style))
    left.append(bar if moment.wide else ("   ", "text"))
    left += [(f"open {counts.open}", "text"), (f"  mine {counts.mine}", "text")]
    if moment.wide:
        left.append((f"  unowned {counts.unowned}", "text"))
    end: list[Piece] = [bar] if moment.wide else []
    if read_only:
        end += [("read-only", "soon"), bar]
    time: Row = (bar, (clock(moment.now, moment.zone) + " ", "strong"))
    room = moment.width - width_of((*left, *end, *time)) - 1
    end += live_words(accounts, moment.now, room)
    if width_of((*left, *end, *time)) >= moment.width:
        del left[-2 if moment.wide else -1 :]  # half a number would be another one
    if width_of((*left, *end, *time)) >= moment.width:
        left.pop()
    return spread(tuple(left), (*end, *time), moment.width)


def live_words(accounts: Sequence[AccountStatus], now: datetime, room: int) -> Row:
    """Return how many accounts are live, and which are not as far as `room` cells allow."""
    live = sum(a.health is Health.LIVE for a in accounts)
    style = "ok" if live == len(accounts) else "text" if live else "late"
    told = f"live {live}/{len(accounts)}"
    return ((told, style), (_troubles(accounts, now, room - len(told)), "late"))


def _troubles(accounts: Sequence[AccountStatus], now: datetime, room: int) -> str:
    """Return what is wrong with the accounts, each named, and why, as far as `room` cells allow."""
    named = ""
    for why in (True, False):
        words = {a.name: word for a in accounts if (word := health_words(a, now, why=why))}
        named = "".join(f"  {name} {word}" for name, word in words.items())
        if len(named) <= room:
            return named
    if len(words) == 1:
        ((name, word),) = words.items()
        return f"  {cut(name, max(room - len(word) - 3, 4))} {word}"
    stale = sum(a.stale_since is not None for a in accounts)
    return f"  {stale} STALE: g a" if stale else f"  {len(words)} NOT LIVE: g a"


def health_words(account: AccountStatus, now: datetime, *, why: bool = False) -> str:
    """Return what is wrong with an account, with its age: `STALE 3m`, and `why` where that is
    asked for: `STALE 3m: offline`; "" when it is live."""
    wait = f" {coarse((account.until - now).total_seconds())}" if account.until else ""
    if account.stale_since is not None:
        stale = f"STALE {coarse((now - account.stale_since).total_seconds())}"
        cause = _CAUSES.get(account.health, "")
        if account.health is Health.RATE_LIMITED:
            cause += wait
        return f"{stale}: {cause}" if why and cause else stale
    if account.reading:
        return f"reading {account.reading}"
    if account.health is Health.RATE_LIMITED:
        return f"LIMITED{wait}"
    return "" if account.health is Health.LIVE else "starting"


class Told(Rows):
    """A line that reads the engine by itself: on mount, and when its room tells it to, with each
    change and each second, in one turn and one frame with all else that follows them."""

    def on_mount(self) -> None:
        self.call_after_refresh(self.tell)

    def on_resize(self) -> None:
        self.tell()

    def changed(self, change: Change) -> None:
        """Something changed in the engine."""
        self.tell()

    def tell(self) -> None:
        """Show what is so now."""
        raise NotImplementedError


class FirstLine(Told):
    """NOW, late, next due, open, mine, which accounts are live, the time."""

    def tell(self) -> None:
        engine, moment = host(self).engine, moment_of(self)
        mark: Row = ((" PRACTICE ", "selected"),) if engine.practice else ()
        moment = replace(moment, width=moment.width - width_of(mark))
        reads = engine.lead.read_only
        line = first_line(engine.counts(), engine.accounts(), moment, read_only=reads)
        self.show(((*mark, *line),))


def trouble_row(trouble: Trouble, unsaved: int, moment: Moment) -> Row:
    """Return what keeps the queue from taking anything; it stands in place of my last delivery."""
    line = trouble_line(trouble, moment.now, unsaved)
    return ((fit(f" ! {one_line(line)}", moment.width), "late"),)


class StatusLine(Told):
    """My last delivery and its state; in two lines where there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.deeds = Deeds()
        self._stale = True
        self._news = ""

    def herald(self, news: str) -> bool:
        """Show `news` for 8 seconds, where it hides nothing; return whether it does."""
        row: Row = ()
        if self.size.height < 2:
            row = status_line(self.deeds, host(self).engine.counts(), moment_of(self))
        if width_of((*_said(row), (one_line(news), ""))) + 2 > self.size.width:
            return False
        self._news = news
        self.set_timer(MESSAGE_SECONDS, self._told_news)
        self.tell()
        return True

    def _told_news(self) -> None:
        self._news = ""
        self.tell()

    def changed(self, change: Change) -> None:
        self._stale = self._stale or change.deliveries or change.wide
        self.tell()

    def tell(self) -> None:
        if self._stale and visible(self):
            self._stale = False
            work(self, self._read, "deeds")
        counts, moment = host(self).engine.counts(), moment_of(self)
        rows = (status_line(self.deeds, counts, moment), before_line(self.deeds, moment))
        engine, two = host(self).engine, self.size.height > 1
        if trouble := engine.trouble():
            rows = (trouble_row(trouble, len(engine.unsaved()), moment), rows[0])
        elif flaw := host(self).flaw:
            rows = (((fit(f" ! {one_line(flaw)}", moment.width), "late"),), rows[0])
        elif notice := engine.notice():
            rows = (((fit(f" {one_line(notice)}", moment.width), "soon"),), rows[0])
        elif self._news and (two or not self.deeds.mine):
            news: Row = ((f" {one_line(self._news)}", "message"),)
            rows = (spread(news, () if two else _said(rows[0]), moment.width), rows[0])
        self.show(rows[: max(self.size.height, 1)])

    async def _read(self) -> None:
        engine = host(self).engine
        every = one_of_each(await engine.my_deliveries())
        mine = every[:RECENT]
        batch = await engine.batches.results(mine[0].batch) if mine else ()
        titles = dict(self.deeds.titles or {})
        for thread in {d.thread for d in mine} - titles.keys():
            detail = await engine.thread(thread)
            if detail is not None:
                titles[thread] = detail.row.title
        self.deeds = Deeds(mine, titles, batch, every[1:])
        self.tell()


def _said(row: Row) -> Row:
    """Return the pieces of `row` that say something."""
    return tuple(piece for piece in row if piece[0].strip())


# the last
def hint_rows(
    actions: Sequence[Action], off: Mapping[str, str], moment: Moment, on: str = "", lines: int = 9
) -> tuple[Row, ...]:
    """Return the keys in as many lines as they need at this width; those in `off` are dim.

    `on`: what the first of them act on, said before them. Where they need more than `lines`, those
    before the last are left out: that is the one which lists them all.
    """
    shown = [each for each in actions if (each.long if moment.wide else each.hint)]
    rows = _hint_rows(shown, off, moment, on)
    while len(rows) > lines and len(shown) > 1:
        del shown[-2]
        rows = _hint_rows(shown, off, moment, on)
    return rows


def _hint_rows(
    actions: Sequence[Action], off: Mapping[str, str], moment: Moment, on: str
) -> tuple[Row, ...]:
    rows: list[Row] = []
    row: list[Piece] = [(f" {on} ", "selected")] if on else []
    used = width_of(tuple(row))
    for action in actions:
        gap = ("   " if moment.wide else "  ") if row else " "
        keys = action.named or key_text(action.names[0])
        text = f"{keys} {action.long if moment.wide else action.hint}"
        if row and used + len(gap) + len(text) > moment.width:
            rows.append(clip(tuple(row), moment.width))
            row, used, gap = [], 0, " "
        row.append((gap + text, "off" if action.id in off else "text"))
        used += len(gap) + len(text)
    rows.append(clip(tuple(row), moment.width))
    return tuple(rows)


class KeyLine(Rows):
    """The keys that count here; a message takes the place of the first line for a while."""

    def __init__(self, hints: str = "") -> None:
        super().__init__()
        self.message = ""
        self._hints: tuple[Row, ...] = (((" " + hints, "text"),),) if hints else ()
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        self._paint()

    def on_resize(self) -> None:
        self._paint()

    def hints(self, rows: tuple[Row, ...]) -> None:
        """Show these keys when there is no message."""
        self._hints = rows
        self._paint()

    def say(self, message: str) -> None:
        """Show `message` until `hush` or for 8 seconds."""
        self.message = message
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(MESSAGE_SECONDS, self.hush)
        self._paint()

    def hush(self) -> None:
        """Take the message away."""
        if self.message:
            self.message = ""
            self._paint()

    def _paint(self) -> None:
        rows = self._hints[: max(self.size.height, 1)]
        if self.message:
            said: Row = ((fit(" " + one_line(self.message), max(self.size.width, 1)), "message"),)
            rows = (said, *rows[1:])
        self.show(rows)
