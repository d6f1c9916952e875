"""A stage for screens: an engine with canned threads and a hand-driven clock. Ours, no platform.

The rows are those of the mocks of the specification, as far as a row can say them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from modtui.domain.commands import (
    Capability,
    Command,
    Dismiss,
    Hide,
    MarkSensitive,
    Reply,
    Resolve,
    needs,
)
from modtui.domain.heat import Pace, Rates
from modtui.domain.hours import Calendar, Hours, always
from modtui.domain.kept import Kept
from modtui.domain.lane import SENSITIVE
from modtui.domain.model import (
    Author,
    Channel,
    Claim,
    ClockKind,
    Draft,
    Flag,
    Health,
    Post,
    Role,
    Severity,
    Standing,
    State,
    Thread,
    ThreadRecord,
)
from modtui.domain.outbox import Delivery, DeliveryState, Receipt
from modtui.domain.people import Brief
from modtui.domain.replies import Entry, Filled, Slot, Variant
from modtui.domain.settings import Desk, Moderator, Rule, Team
from modtui.domain.sla import Clock
from modtui.domain.text import BLANK, Clean, clean, clean_line
from modtui.domain.timeleft import Left, lane_left, left
from modtui.domain.views import (
    AccountStatus,
    Change,
    Counts,
    Offer,
    QueueFilter,
    QueueRow,
    ThreadDetail,
)
from modtui.engine import QueueView, Refused, Submitted, Undone
from modtui.store import AuditLine, Quarantined
from tests.screens.alarm_stage import FakeAlarms
from tests.screens.care_stage import FakeCare
from tests.screens.fake_batches import FakeBatches
from tests.screens.knowing_stage import FakeDeeds, FakePeople, FakeViews, fits
from tests.screens.lead_stage import FakeLead
from tests.screens.shelf_stage import FakeShelf
from tests.screens.shift_stage import FakeShift

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


class ListView:
    """A QueueView over a list of ids and a dict of rows; `missing` are not in the cache yet."""

    def __init__(self, ids: Sequence[int], rows: Mapping[int, QueueRow]) -> None:
        self._ids = list(ids)
        self._at = {thread: i for i, thread in enumerate(self._ids)}
        self._rows = rows
        self.missing: set[int] = set()

    def __len__(self) -> int:
        return len(self._ids)

    def id_at(self, index: int) -> int:
        return self._ids[index]

    def index_of(self, thread_id: int) -> int | None:
        return self._at.get(thread_id)

    def rows(self, ids: Sequence[int]) -> Mapping[int, QueueRow | None]:
        return {t: None if t in self.missing else self._rows.get(t) for t in ids}


@dataclass
class FakeEngine:
    """The façade with canned data. `log` holds what was asked of it, in order."""

    rows: dict[int, QueueRow] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    desk: Desk = field(
        default_factory=lambda: Desk(
            Moderator(ME, ZONE, ("ru", "en")),
            rules=(Rule("spam", {"en": "Rule 1: no spam"}),),
            teams=(Team("payments", ("mod-d",), "lead"),),
        )
    )
    clock: datetime = NOW
    log: list[tuple[str, object]] = field(default_factory=list)
    posts: dict[int, tuple[Post, ...]] = field(default_factory=dict)
    flags: dict[int, tuple[Flag, ...]] = field(default_factory=dict)
    unable: dict[Capability, str] = field(default_factory=dict)
    first_reply: bool = False
    practice: bool = False
    outbox: list[Delivery] = field(default_factory=list)
    refuse: Refused | None = None
    missing: set[int] = field(default_factory=set)
    batches: FakeBatches = field(init=False)
    pace: Pace = field(default_factory=lambda: Pace(Rates(1.2, 0.4)))
    for_good: set[Capability] = field(default_factory=set)
    seen: int | None = None
    further: dict[int, tuple[Kept, ...]] = field(default_factory=dict)
    kept: dict[int, Draft] = field(default_factory=dict)
    looked: int = 0
    lead: FakeLead = field(default_factory=FakeLead)
    shelf: FakeShelf = field(default_factory=FakeShelf)
    care: FakeCare = field(default_factory=FakeCare)
    shift: FakeShift = field(default_factory=FakeShift)
    alarms: FakeAlarms = field(default_factory=FakeAlarms)
    slow_detail: Callable[[], object] | None = None
    _listeners: list[Callable[[Change], None]] = field(default_factory=list)
    deeds: FakeDeeds = field(default_factory=FakeDeeds)
    ledgers: tuple[Clock, ...] = ()
    briefs: dict[str, Brief] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.views = FakeViews(self.rows, self.order, self.now, ME, ZONE)
        self.people = FakePeople(self.now, ME)
        self.batches = FakeBatches(self)

    @property
    def submitted(self) -> list[Command]:
        """Every command that was taken."""
        return [c for name, batch in self.log if name == "submit" for c in batch]  # type: ignore[attr-defined]

    def add(self, sketch: Sketch, *, at: int | None = None) -> int:
        """Add a thread, at the end or at position `at`; return its number."""
        number = max(self.rows, default=0) + 1
        self.rows[number] = queue_row(number, sketch, self.clock)
        self.order.insert(len(self.order) if at is None else at, number)
        return number

    def tell(self, *threads: int, wide: bool = False, order: bool = True) -> None:
        """Tell the screens that these threads changed."""
        change = Change(frozenset(threads), deliveries=True, wide=wide, order=order)
        for listener in list(self._listeners):
            listener(change)

    # time and life
    def now(self) -> datetime:
        return self.clock

    async def start(self) -> None:
        self.log.append(("start", None))

    async def stop(self) -> None:
        self.log.append(("stop", None))

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    # reading
    def view_now(self, view: QueueFilter) -> QueueView | None:
        ids = [t for t in self.order if fits(self.rows[t], view, self.clock)]
        made = ListView(ids, self.rows)
        made.missing = self.missing
        self.looked += 1
        return made

    async def view(self, view: QueueFilter) -> QueueView:
        found = self.view_now(view)
        assert found is not None
        return found

    def left(self, row: QueueRow) -> Left:
        if row.now_due_at is not None:
            return lane_left(row.now_due_at, self.clock)
        calendar = OFFICE if row.account == "mastodon" and row.claim is None else ALWAYS
        return left(row.standing, calendar, self.clock)

    def counts(self) -> Counts:
        return Counts(
            open=42, mine=2, unowned=36, late=3, next_due_at=NOW + timedelta(seconds=252),
            needs_human=1, drafts=2,
        )  # fmt: skip

    def accounts(self) -> tuple[AccountStatus, ...]:
        live = [
            AccountStatus(name, "demo", Health.LIVE, NOW, NOW)
            for name in ("disco", "reddit", "matrix", "mastodon")
        ]
        ago = NOW - timedelta(minutes=3)
        return (*live, AccountStatus("discord", "demo", Health.LAGGING, ago, ago))

    async def thread(self, thread_id: int) -> ThreadDetail | None:
        self.log.append(("thread", thread_id))
        if self.slow_detail is not None:
            await self.slow_detail()  # type: ignore[misc]
        row = self.rows.get(thread_id)
        if row is None:
            return None
        posts = self.posts.get(thread_id, canned_posts(thread_id))
        folding, self.care.changed = self.care.folding(posts), self.tell
        author = posts[0].author if posts else Author("u1", BLANK)
        record = ThreadRecord(
            row.id, row.account, "realm", Thread(row.subject, "c", row.title, author, NOW,
            url=row.url), row.state, row.revision, row.first_flag_at, row.severity,
            help_route=row.help_route, now_at=row.now_at, now_due_at=row.now_due_at,
            now_reason=row.now_reason,
        )  # fmt: skip
        return ThreadDetail(
            row=row, record=record, channel=Channel("c", row.channel),
            posts=tuple(folding.shown(post) for post in posts), folding=folding,
            flags=self.flags.get(thread_id, canned_flags(thread_id)), events=(), deliveries=(),
            clocks=self.ledgers, draft=self.kept.get(row.id),
            offers={c: self.offer(row.account, c) for c in Capability},
            related=0, our_name=words("@support"), first_reply=self.first_reply, pace=self.pace,
            kept=self.further.get(row.id, ()), briefs=self.briefs,
        )  # fmt: skip

    async def load_context(self, thread_id: int) -> None:
        self.log.append(("load_context", thread_id))

    async def deliveries(self) -> tuple[Delivery, ...]:
        return tuple(self.outbox)

    async def my_deliveries(self) -> tuple[Delivery, ...]:
        return tuple(d for d in reversed(self.outbox) if d.by == ME)

    async def audit(self, thread_id: int | None = None) -> tuple[AuditLine, ...]:
        return ()

    async def quarantined(self) -> tuple[Quarantined, ...]:
        return ()

    def offer(self, account: str, capability: Capability) -> Offer:
        why = self.unable.get(capability, "")
        name = capability.value.replace("_", " ")
        ends = capability in self.for_good
        return Offer(capability, not why, name, why, presets=(900,), for_good=ends)

    # quick replies
    def slots(self, detail: ThreadDetail) -> tuple[Slot, ...]:
        self.log.append(("slots", detail.row.id))
        return canned_slots()

    def find_replies(self, text: str, language: str | None) -> tuple[Entry, ...]:
        return tuple(s.entry for s in canned_slots())

    def fill(self, detail: ThreadDetail, entry: Entry, variant: Variant) -> Filled:
        return Filled(variant.body, (), entry.id, variant.language, "")

    def follow_ups(self, detail: ThreadDetail, entry: Entry, reply: Command) -> tuple[Command, ...]:
        return (reply,)

    def left_out(self, detail: ThreadDetail, entry: Entry, reply: Command) -> tuple[str, ...]:
        return tuple(f"{each}: not here" for each in entry.then if each.startswith("slow"))

    def library_problems(self) -> tuple[str, ...]:
        return self.shelf.problems()

    # acting
    async def submit(
        self, commands: Sequence[Command], *, hold: bool = True, force: bool = False
    ) -> Submitted:
        if self.refuse is not None and not force:
            raise self.refuse
        self.log.append(("submit", tuple(commands)))
        batch = f"b{len(self.log)}"
        made = tuple(self._deliver(c, batch) for c in commands if needs(c) is not None)
        for command in commands:
            self._apply(command)
        self.tell(*{c.thread for c in commands})
        return Submitted(batch, made)

    def _deliver(self, command: Command, batch: str) -> Delivery:
        delivery = Delivery(
            len(self.outbox) + 1, f"k{len(self.outbox)}", batch, command.thread,
            self.rows[command.thread].account, command, DeliveryState.HELD, ME, self.clock,
            hold_until=self.clock + timedelta(seconds=10),
        )  # fmt: skip
        self.outbox.append(delivery)
        return delivery

    def _apply(self, command: Command) -> None:
        row = self.rows[command.thread]
        if isinstance(command, Resolve):
            self.rows[row.id] = replace(
                row, state=State.RESOLVED, resolved_by=ME, resolved_at=self.clock
            )
            self.order.remove(row.id)
        elif isinstance(command, MarkSensitive):
            told = in_lane(row, SENSITIVE, self.clock)
            self.rows[row.id] = replace(told, help_route=SENSITIVE)
        elif isinstance(command, Reply | Hide | Dismiss):
            self.rows[row.id] = replace(row, pending=row.pending + 1)

    async def painted(self, batch: str) -> None:
        self.log.append(("painted", batch))

    async def undo(self, thread_id: int | None = None) -> Undone:
        self.log.append(("undo", thread_id))
        if not self.outbox:
            raise Refused("invalid", "there is nothing of yours to take back")
        last = self.outbox[-1]
        self.outbox[-1] = replace(last, state=DeliveryState.CANCELLED)
        return Undone(f"taken back: {last.command.kind}", last.thread, seen=self.seen)

    async def settle(self, delivery_id: int, verdict: str) -> None:
        self.log.append(("settle", (delivery_id, verdict)))

    async def cancel(self, delivery_id: int) -> None:
        self.log.append(("cancel", delivery_id))

    async def claim(self, thread_id: int) -> Claim:
        self.log.append(("claim", thread_id))
        row = self.rows[thread_id]
        if row.claim is None:
            claim = Claim(thread_id, ME, "s", 1, self.clock + timedelta(seconds=120))
            self.rows[thread_id] = row = replace(row, claim=claim)
            self.tell(thread_id)
        assert row.claim is not None
        return row.claim

    async def take_over(self, thread_id: int) -> Claim:
        self.log.append(("take_over", thread_id))
        self.rows[thread_id] = replace(self.rows[thread_id], claim=None)
        return await self.claim(thread_id)

    async def release(self, thread_id: int) -> None:
        self.log.append(("release", thread_id))
        self.rows[thread_id] = replace(self.rows[thread_id], claim=None)
        self.tell(thread_id)

    async def save_draft(self, thread_id: int, text: str) -> None:
        self.log.append(("save_draft", (thread_id, text)))
        self.kept[thread_id] = Draft(thread_id, ME, text, self.clock)

    async def drafts(self) -> tuple[Draft, ...]:
        return tuple(self.kept.values())

    async def retry_account(self, account: str) -> None:
        self.log.append(("retry", account))


def staged(sketches: Sequence[Sketch] = SKETCHES) -> FakeEngine:
    """Return an engine that holds `sketches` as threads 1, 2, 3 …"""
    engine = FakeEngine()
    for sketch in sketches:
        engine.add(sketch)
    return engine


def sent_reply(engine: FakeEngine, thread: int) -> Delivery:
    """Put a delivered reply into the outbox and return it."""
    command = Reply(thread=thread, revision=1, text="…")
    at = NOW - timedelta(seconds=50)
    delivery = Delivery(
        1, "k", "b", thread, "matrix", command, DeliveryState.SENT, ME, at,
        first_sent_at=at, receipt=Receipt("r", at + timedelta(seconds=2)),
    )  # fmt: skip
    engine.outbox.append(delivery)
    return delivery
