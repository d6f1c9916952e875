"""A lead's engine with a canned report: the numbers of the mock, as far as they are counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from modtui.domain.metrics import (
    Arrivals,
    Blind,
    Cause,
    Doing,
    Group,
    Narrow,
    Need,
    Night,
    NowThread,
    Period,
    Person,
    PileOn,
    Place,
    Platform,
    Report,
    Responses,
    Running,
    Share,
    Span,
    Why,
)
from modtui.domain.model import Band
from modtui.domain.text import clean_line
from modtui.domain.timeleft import Left

END = datetime(2026, 11, 20, 22, 12, tzinfo=UTC)
START = datetime(2026, 11, 20, 13, 10, tzinfo=UTC)
HOURS = (4, 5, 9, 11, 17, 18, 26, 33, 34, 42, 49, 41, 35, 27, 18, 12, 10, 13, 45, 60, 18, 12, 17, 9)


def ago(minutes: float) -> datetime:
    return END - timedelta(minutes=minutes)


def left(minutes: int) -> Left:
    """So many minutes are left, or over where negative."""
    over = timedelta(minutes=-minutes) if minutes < 0 else None
    return Left(Band.BREACHED if over else Band.OK, minutes * 60, over, None, None)


def ids(count: int, first: int = 1) -> tuple[int, ...]:
    return tuple(range(first, first + count))


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def platform(
    name: str, now: tuple[int, ...], took: tuple[int, int] | None, shares: tuple[Share, ...]
) -> Platform:
    p50, p90 = (minutes(took[0]), minutes(took[1])) if took else (None, None)
    return Platform(name, *now, p50, p90, *shares)


def mock_report() -> Report:
    """Return the report of the mock, without what does not exist: approvals and a roster."""
    hole = Blind("discord", "disconnected", ago(62), ago(22))
    return Report(
        period=Period(Span.LOOK, START, END),
        narrow=Narrow(),
        needs=(
            Need("needs_delivery", 1, "reply in discord/general", ids=(3,)),
            Need("needs_escalation", 1, "Double charge → payments", ago(52), (18,)),
        ),
        late_now=Group((1, 2, 3), 2),
        oldest_late=left(-12),
        late_places=(
            Place("disco", clean_line("payments"), (1, 3), (("mod-a", 1), ("", 1))),
            Place("reddit", clean_line("skyslots"), (2,), (("mod-c", 1),)),
        ),
        due_hour=Group(ids(7), 5),
        settled=Share(171, 182),
        late_why=(
            Why(Cause.NOBODY, 6, ids(6), ()),
            Why(Cause.TEAM, 3, ids(3), (("payments", 3),)),
            Why(Cause.PILE_ON, 1, (4,), ((PileOn(ago(14), ago(2)), 1),)),
            Why(Cause.BLIND, 1, (3,), ((hole, 1),)),
        ),
        night=Night(214, 96, 71, 28, 0, 0, 19, ids(25), 3, (5,), 2),
        now_threads=tuple(
            NowThread(n, clean_line("help"), "self-harm", minutes(took), "handed to desk")
            for n, took in ((6, 3), (7, 9))
        ),
        platforms=(
            platform("disco", (19, 2, 4, 14), (21, 100),
                     (Share(93, 100), Share(95, 100), Share(96, 100))),
            platform("reddit", (8, 1, 1, 7), (34, 130),
                     (Share(90, 100), Share(92, 100), Share(88, 100))),
            platform("discord", (9, 0, 1, 9), (12, 48),
                     (Share(97, 100), Share(96, 100), Share(95, 100))),
            platform("matrix", (4, 0, 1, 4), (9, 31),
                     (Share(1, 1), Share(98, 100), Share(99, 100))),
            platform("mastodon", (2, 0, 0, 2), None, (Share(), Share(97, 100), Share(94, 100))),
        ),
        people=(
            Person("mod-a", 2, 1, left(-12), 71, minutes(18), Doing("acted", at=ago(30))),
            Person("mod-b", 1, 0, left(38), 12, minutes(11), Doing("holds", "rigged!!")),
            Person("mod-c", 3, 1, left(-4), 24, minutes(20), Doing("writing", "reddit/skyslots")),
            Person("", 36, 1, left(-1), 0, None),
        ),
        responses=Responses((78, 49, 44, 11), minutes(19), minutes(92), ids(25)),
        arrivals=Arrivals(END.replace(minute=0) - timedelta(hours=23), HOURS, 7.0, ids(25)),
        unescalated=Share(91, 100),
        unescalated_week=Share(92, 100),
        running=(
            Running("slow mode 15m", "disco/slots", ago(-12), "platform"),
            Running("read-only", "matrix/#gen", ago(-48), "modtui", "desk:4711:ab12cd"),
            Running("lock", "disco: Rigged", ago(3), "modtui", "", 4, True),
        ),
        blind=(hole,),
        languages=("en", "ka", "ru"),
        names=("mod-a", "mod-b", "mod-c"),
    )  # fmt: skip


@dataclass
class FakeLead:
    """The lead's part of the façade. `asked` is what was asked, `looks` how often it was left."""

    read_only: bool = False
    made: Report = field(default_factory=mock_report)
    asked: list[tuple[Span, Narrow]] = field(default_factory=list)
    looks: int = 0

    async def report(self, span: Span, narrow: Narrow) -> Report:
        self.asked.append((span, narrow))
        period = replace(self.made.period, span=span)
        return replace(self.made, period=period, narrow=narrow)

    async def left(self) -> None:
        self.looks += 1
