"""The threads that tests of screens stage: rows in short, canned posts, flags and replies. Ours.

The rows are those of the mocks of the specification, as far as a row can say them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from modtui.domain.hours import Calendar, Hours, always
from modtui.domain.model import (
    Author,
    Claim,
    ClockKind,
    Flag,
    Post,
    Role,
    Severity,
    Standing,
    State,
)
from modtui.domain.replies import Entry, Slot, Variant
from modtui.domain.text import BLANK, Clean, clean, clean_line
from modtui.domain.views import (
    QueueRow,
)

NOW = datetime(2026, 11, 20, 22, 12, tzinfo=UTC)
ME = "mod-a"
ZONE = "Asia/Almaty"
_NINE = Hours(time(9), time(18))
OFFICE = Calendar("office", ZONE, ((_NINE,),) * 7)
ALWAYS = always()
FIRST, NEXT, LAST = ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE, ClockKind.RESOLUTION


@dataclass(frozen=True)
class Sketch:
    """A row in short: `due` are seconds from the start; None where no clock runs."""

    due: int | None
    clock: ClockKind
    why: str
    language: str
    flags: int
    title: str
    place: str
    who: str = ""
    state: State = State.OPEN
    heat: int = 0


SKETCHES = (
    Sketch(-720, FIRST, "question", "ru", 4, "Withdrawal stuck for 3 days", "disco/payments", ME),
    Sketch(-240, NEXT, "insult", "pl", 2, "Re: who moderates the moderators", "reddit/slots",
           "mod-c"),
    Sketch(-60, FIRST, "spam", "en", 3, "FREE SPINS t.me/…", "discord/#gen"),
    Sketch(252, FIRST, "insult", "ru", 80, '"rigged!!"', "disco/slots", heat=8),
    Sketch(580, FIRST, "question", "kk", 1, "Лимитті қалай қоямын?", "matrix/#gen"),
    Sketch(2280, FIRST, "spam", "en", 3, "FREE SPINS t.me/…", "discord/#gen"),
    Sketch(2640, NEXT, "question", "ka", 1, "ლიმიტის შეცვლა", "telegram/help"),
    Sketch(3060, FIRST, "question", "en", 0, "How do I close my account?", "mastodon", "mod-c"),
    Sketch(4200, FIRST, "off-topic", "pl", 1, "Memy tygodnia", "disco/chat"),
    Sketch(7500, FIRST, "held post", "pl", 0, "First post of kasia_new", "disco/intro"),
    Sketch(7860, FIRST, "insult", "ru", 1, "Re: Турнир выходного дня", "disco/tournaments"),
    Sketch(8400, NEXT, "question", "kk", 1, "Төлем қашан түседі?", "telegram/kz"),
    Sketch(9060, FIRST, "question", "pl", 0, "Jak zmienić e-mail?", "disco/help"),
    Sketch(9600, FIRST, "spam", "ru", 2, "Заработок без вложений", "reddit/slots"),
    Sketch(10680, FIRST, "question", "en", 0, "2FA code never arrives", "matrix/#gen", "mod-b"),
    Sketch(10920, FIRST, "off-topic", "ka", 1, "ამინდი თბილისში", "telegram/help"),
    Sketch(11100, NEXT, "question", "ru", 1, "Вернули не всё", "disco/payments", "mod-c"),
    Sketch(12000, LAST, "question", "ru", 1, "Double charge → payments", "disco/payments",
           "mod-d", State.ESCALATED),
    Sketch(24000, FIRST, "question", "ru", 1, "KYC second time?", "mastodon"),
    Sketch(24060, FIRST, "question", "ru", 1, "Где бонусная политика?", "mastodon"),
    Sketch(24120, FIRST, "question", "pl", 0, "Gdzie regulamin?", "mastodon"),
    Sketch(None, NEXT, "question", "en", 0, "Deposit limit (author to answer)", "matrix/#gen",
           ME, State.WAITING),
    Sketch(None, NEXT, "question", "ru", 0, "Номер заявки?", "disco/payments", ME, State.WAITING),
    Sketch(None, LAST, "question", "en", 0, "Refund promised", "reddit/slots", ME,
           State.SNOOZED),
    Sketch(None, FIRST, "spam", "en", 2, "buy followers", "discord/#gen", "mod-c",
           State.RESOLVED),
)  # fmt: skip


def words(text: str) -> Clean:
    """Return `text` as a connector would hand it on."""
    return clean_line(text)


def queue_row(number: int, sketch: Sketch, now: datetime = NOW) -> QueueRow:
    """Return the row that `sketch` describes, as thread `number`."""
    account, _, channel = sketch.place.partition("/")
    due = now + timedelta(seconds=sketch.due) if sketch.due is not None else None
    wakes = now + timedelta(hours=11, minutes=18) if sketch.state is State.SNOOZED else None
    standing = Standing(
        sketch.clock, due, due and due - timedelta(minutes=10), wakes, policy="social"
    )
    done = sketch.state is State.RESOLVED
    until = now + timedelta(seconds=280)
    claim = Claim(number, sketch.who, "s", 1, until) if sketch.who and not done else None
    return QueueRow(
        id=number, account=account, channel=words(channel), title=words(sketch.title),
        author=words("vasya_77"), language=sketch.language, why=sketch.why,
        flag_count=sketch.flags, state=sketch.state, severity=Severity.NORMAL, help_route=None,
        standing=standing, revision=1, claim=claim, pending=0, unknown=0, has_draft=False,
        held=sketch.why == "held post", first_flag_at=now - timedelta(hours=2),
        resolved_by=sketch.who if done else None,
        resolved_at=now - timedelta(seconds=9) if done else None, subject=f"s{number}",
        url=f"https://example.org/t/{number}",
        lately=tuple(now - timedelta(seconds=5 * n) for n in range(sketch.heat)),
    )  # fmt: skip


def in_lane(row: QueueRow, reason: str, since: datetime) -> QueueRow:
    """Return `row` in the NOW lane since a moment."""
    until = since + timedelta(minutes=15)
    return replace(row, now_at=since, now_due_at=until, now_reason=reason)


def canned_posts(number: int, now: datetime = NOW) -> tuple[Post, ...]:
    """Return three posts: the flagged one, another author's, and a picture."""
    vasya = Author("u1", words("vasya_77"), words("new here"))
    anna = Author("u2", words("anna_k"), words("regular"))
    at = now.replace(hour=9, minute=2)
    text = (
        "Вывод висит третий день, поддержка молчит. Сумма 12 000, заявка 88412. "
        "Это вообще нормально? Если до вечера не придёт, пишу везде."
    )
    return (
        made_post(number, 1, vasya, text, at, subject=True),
        made_post(number, 2, anna, "У меня так же было, через два дня пришло.",
                  at + timedelta(minutes=18)),
        replace(
            made_post(number, 3, replace(vasya, standing=BLANK), "", at + timedelta(minutes=29)),
            media=(words("image 1280×720, no text"),),
        ),
    )  # fmt: skip


def made_post(
    number: int, index: int, author: Author, text: str, at: datetime, *, subject: bool = False
) -> Post:
    """Return one post, cleaned as on entry."""
    cleaned = clean(text)
    return Post(
        f"t{number}p{index}", f"s{number}", author, Role.AUTHOR, cleaned.text, cleaned.raw, at,
        cleaned.hidden, is_subject=subject,
    )  # fmt: skip


def canned_flags(number: int, now: datetime = NOW) -> tuple[Flag, ...]:
    """Return four flags on the first post, by four people."""
    reasons = ("other", "other", "other", "off-topic")
    return tuple(
        Flag(f"s{number}", reason, now, f"f{number}-{i}", f"t{number}p1", words(f"user{i}"))
        for i, reason in enumerate(reasons)
    )


def canned_slots() -> tuple[Slot, ...]:
    """Return the nine replies of the mock."""
    titles = (
        ("Withdrawal times", 212, ()), ("Ask for the request number", 90, ()),
        ("KYC steps", 64, ()), ("Passed to payments", 0, ("escalate",)),
        ("We look into it", 12, ()), ("Deposit limits", 0, ()), ("Rules of the thread", 3, ()),
        ("Slow down please", 0, ("slow 15m",)), ("Thanks, closing", 0, ("resolve",)),
    )  # fmt: skip
    return tuple(
        Slot(
            digit,
            Entry(title.lower(), {"ru": Variant("ru", title, "…")}, then=then),
            Variant("ru", title, f"Text of {title}"),
            weak=digit == 6,
            sent=sent,
        )
        for digit, (title, sent, then) in enumerate(titles, 1)
    )
