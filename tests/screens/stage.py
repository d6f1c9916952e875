"""A stage for screens: an engine with canned threads and a hand-driven clock. Ours, no platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from modtui.domain.commands import (
    Capability,
    Command,
    Dismiss,
    Hide,
    Lock,
    MarkSensitive,
    Note,
    NotSensitive,
    Reply,
    Resolve,
    Then,
    needs,
)
from modtui.domain.edited import Start, again
from modtui.domain.heat import Pace, Rates
from modtui.domain.kept import Kept
from modtui.domain.lane import SENSITIVE
from modtui.domain.model import (
    Author,
    Channel,
    Claim,
    Draft,
    Flag,
    Health,
    Post,
    State,
    Thread,
    ThreadRecord,
)
from modtui.domain.outbox import Delivery, DeliveryState, Receipt
from modtui.domain.people import Brief
from modtui.domain.replies import Entry, Filled, Slot, Variant, fill
from modtui.domain.settings import Desk, Moderator, Rule, Team
from modtui.domain.sla import Clock
from modtui.domain.text import BLANK
from modtui.domain.timeleft import Left, lane_left, left
from modtui.domain.trouble import Trouble
from modtui.domain.views import (
    AccountStatus,
    Change,
    Counts,
    Offer,
    QueueFilter,
    QueueRow,
    ThreadDetail,
)
from modtui.domain.wording import CheckBook
from modtui.engine import QueueView, Refused, Submitted, Undone
from modtui.engine.rulebook import Books
from modtui.engine.translating import Translator
from modtui.engine.wording import DeskWording
from modtui.store import AuditLine, Quarantined
from tests.screens.alarm_stage import FakeAlarms
from tests.screens.care_stage import FakeCare
from tests.screens.fake_batches import FakeBatches
from tests.screens.knowing_stage import FakeDeeds, FakePeople, FakeViews, fits
from tests.screens.lead_stage import FakeLead
from tests.screens.shelf_stage import FakeShelf
from tests.screens.shift_stage import FakeShift
from tests.screens.sketches import (
    ALWAYS,
    ME,
    NOW,
    OFFICE,
    SKETCHES,
    ZONE,
    Sketch,
    canned_flags,
    canned_posts,
    canned_slots,
    in_lane,
    queue_row,
    words,
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
            check_book=CheckBook(),
        )
    )
    clock: datetime = NOW
    what_is_wrong: Trouble | None = None
    odd: str = ""
    in_memory: tuple[Draft, ...] = ()
    context_errors: dict[int, str] = field(default_factory=dict)
    health: dict[str, Health] = field(default_factory=dict)
    log: list[tuple[str, object]] = field(default_factory=list)
    gave_way: int = 0
    behind: list[bool] = field(default_factory=list)
    posts: dict[int, tuple[Post, ...]] = field(default_factory=dict)
    flags: dict[int, tuple[Flag, ...]] = field(default_factory=dict)
    unable: dict[Capability, str] = field(
        default_factory=lambda: {Capability.NOTE: "notes stay here"}
    )
    texts: tuple[str, ...] = ()
    first_reply: bool = False
    practice: bool = False
    translator: Translator | None = None
    outbox: list[Delivery] = field(default_factory=list)
    refuse: Refused | None = None
    missing: set[int] = field(default_factory=set)
    batches: FakeBatches = field(init=False)
    pace: Pace = field(default_factory=lambda: Pace(Rates(1.2, 0.4)))
    for_good: set[Capability] = field(default_factory=set)
    withheld: set[Capability] = field(default_factory=set)
    seen: int | None = None
    unsure: str = ""
    untold: str = ""
    further: dict[int, tuple[Kept, ...]] = field(default_factory=dict)
    reasons: dict[int, tuple[str, ...]] = field(default_factory=dict)
    route_words: dict[int, str] = field(default_factory=dict)
    kept: dict[int, Draft] = field(default_factory=dict)
    looked: int = 0
    lead: FakeLead = field(default_factory=FakeLead)
    shelf: FakeShelf = field(default_factory=FakeShelf)
    care: FakeCare = field(default_factory=FakeCare)
    shift: FakeShift = field(default_factory=FakeShift)
    alarms: FakeAlarms = field(default_factory=FakeAlarms)
    slow_detail: Callable[[], object] | None = None
    quick = False
    """All of a thread is read at once, where that is asked for."""

    _listeners: list[Callable[[Change], None]] = field(default_factory=list)
    deeds: FakeDeeds = field(default_factory=FakeDeeds)
    ledgers: tuple[Clock, ...] = ()
    briefs: dict[str, Brief] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.views = FakeViews(self.rows, self.order, self.now, ME, ZONE)
        self.people = FakePeople(self.now, ME)
        self.batches = FakeBatches(self)

    @property
    def wording(self) -> DeskWording:
        return DeskWording(Books(self.desk))

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
        self.hand_on(Change(frozenset(threads), deliveries=True, wide=wide, order=order))

    def hand_on(self, change: Change) -> None:
        """Tell the screens of `change`, as it is."""
        for listener in list(self._listeners):
            listener(change)

    # time and life
    def now(self) -> datetime:
        return self.clock

    async def start(self) -> None:
        self.log.append(("start", None))

    async def stop(self, patience: float = 2.0) -> None:
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

    async def view(self, view: QueueFilter, *, behind: bool = False) -> QueueView:
        self.behind.append(behind)
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
            needs_human=1, drafts=2, now=sum(row.now_at is not None for row in self.rows.values()),
        )  # fmt: skip

    def trouble(self) -> Trouble | None:
        return self.what_is_wrong

    def notice(self) -> str:
        return self.odd

    def give_way(self) -> None:
        self.gave_way += 1

    def unsaved(self) -> tuple[Draft, ...]:
        return self.in_memory

    def accounts(self) -> tuple[AccountStatus, ...]:
        live = [
            AccountStatus(name, "demo", self.health.get(name, Health.LIVE), NOW, NOW)
            for name in ("disco", "reddit", "matrix", "mastodon")
        ]
        ago = NOW - timedelta(minutes=3)
        return (*live, AccountStatus("discord", "demo", Health.LAGGING, ago, ago))

    async def thread(self, thread_id: int) -> ThreadDetail | None:
        self.log.append(("thread", thread_id))
        if self.slow_detail is not None:
            await self.slow_detail()  # type: ignore[misc]
        return self._detail(thread_id)

    async def measured(self, detail: ThreadDetail) -> ThreadDetail:
        return replace(detail, pace=self.pace)

    def thread_now(self, thread_id: int, *, more: bool = False) -> ThreadDetail | None:
        found = self._detail(thread_id) if self.slow_detail is None else None
        if more and self.quick:
            return found
        return replace(found, whole=False, pace=None, briefs={}) if found is not None else None

    def _detail(self, thread_id: int) -> ThreadDetail | None:
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
            now_reason=row.now_reason, reasons=self.reasons.get(row.id, ()),
        )  # fmt: skip
        return ThreadDetail(
            row=row, record=record, channel=Channel("c", row.channel),
            posts=tuple(folding.shown(post) for post in posts), folding=folding,
            flags=self.flags.get(thread_id, canned_flags(thread_id)), events=(), deliveries=(),
            clocks=lambda: self.ledgers, draft=self.kept.get(row.id),
            offers={c: self.offer(row.account, c) for c in Capability},
            related=0, our_name=words("@support"), first_reply=self.first_reply, pace=self.pace,
            kept=self.further.get(row.id, ()), briefs=self.briefs,
            route_words=self.route_words.get(row.id, ""),
            context_error=self.context_errors.get(row.id, ""),
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
        texts = self.texts if capability is Capability.WARN else ()
        return Offer(
            capability, not why, name, why, presets=(900,), for_good=ends, texts=texts,
            withheld=capability in self.withheld, untold=self.untold,
        )  # fmt: skip

    # quick replies
    def slots(self, detail: ThreadDetail) -> tuple[Slot, ...]:
        self.log.append(("slots", detail.row.id))
        return canned_slots()

    def find_replies(self, text: str, language: str | None) -> tuple[Entry, ...]:
        return tuple(s.entry for s in canned_slots())

    def fill(
        self, detail: ThreadDetail, entry: Entry, variant: Variant, typed: Mapping[str, str] = {}
    ) -> Filled:
        return fill(entry, variant, typed)

    def follow_ups(
        self, detail: ThreadDetail, entry: Entry, reply: Command, then: Then | None = None
    ) -> tuple[Command, ...]:
        if not isinstance(reply, Reply):
            return (reply,)
        asked = Then.DONE if "resolve" in entry.then else reply.then
        said = replace(reply, light=entry.light, then=then or asked)
        thread, revision = reply.thread, reply.revision
        ends = self.clock + timedelta(hours=2) if "lock for 2h" in entry.then else None
        locked = Lock(thread=thread, revision=revision, reason="answered", until=ends)
        notes = (each.removeprefix("note ") for each in entry.then if each.startswith("note "))
        noted = tuple(Note(thread=thread, revision=revision, text=text) for text in notes)
        locks = any(each.startswith("lock") for each in entry.then)
        return (said, *((locked,) if locks else ()), *noted)

    def left_out(self, detail: ThreadDetail, entry: Entry, reply: Command) -> tuple[str, ...]:
        return tuple(f"{each}: not here" for each in entry.then if each.startswith("slow"))

    def again(self, detail: ThreadDetail) -> Start | None:
        entries = (slot.entry for slot in self.slots(detail))
        rows = tuple(row for row in self.outbox if row.thread == detail.row.id)
        return again(detail.draft, rows, entries)

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
        elif isinstance(command, NotSensitive):
            self.rows[row.id] = replace(row, now_at=None, now_reason="", help_route=None)
        elif isinstance(command, Reply | Hide | Dismiss):
            self.rows[row.id] = replace(row, pending=row.pending + 1)

    async def painted(self, batch: str) -> None:
        self.log.append(("painted", batch))

    async def undo(self, thread_id: int | None = None, *, force: bool = False) -> Undone:
        self.log.append(("undo", thread_id))
        if self.unsure and not force:
            raise Refused("unsure", self.unsure, can_force=True)
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
