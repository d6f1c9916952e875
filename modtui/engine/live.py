"""The engine that runs: one façade over intake, outbox, views and what a moderator holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from modtui.domain.commands import Capability
from modtui.domain.hours import Calendar, always
from modtui.domain.model import Draft
from modtui.domain.outbox import FINAL, UNFINISHED, Delivery
from modtui.domain.settings import Desk
from modtui.domain.sla import choose, clocks
from modtui.domain.text import clean_line
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
from modtui.engine import FINISH_SECONDS, NotStored, QueueView
from modtui.engine.accounts import Plan, Runtime
from modtui.engine.alarms import LiveAlarms
from modtui.engine.changes import Changes, watch_others
from modtui.engine.detail import Extent, Offers, Snapshot, offer, read_pace, read_snapshot
from modtui.engine.figures import Figures
from modtui.engine.folding import dressed
from modtui.engine.gate import why_open
from modtui.engine.guarded import Guarded
from modtui.engine.held import Held
from modtui.engine.history import matter
from modtui.engine.jumps import Odd
from modtui.engine.live_acting import Acting
from modtui.engine.live_answers import Answering
from modtui.engine.live_care import LiveCare
from modtui.engine.live_shelf import LiveShelf
from modtui.engine.looks import LiveLead
from modtui.engine.named import StoredViews
from modtui.engine.parts import Parts
from modtui.engine.persevere import persevere
from modtui.engine.ranked import Ranked
from modtui.engine.rulebook import Books
from modtui.engine.sitting import Sittings
from modtui.engine.views import ListView, Rows, view_at_once
from modtui.engine.vigil import Vigil
from modtui.store import AuditLine, Quarantined, ReadTx, Store

if TYPE_CHECKING:
    from modtui.engine.alarms_port import AlarmBook
    from modtui.engine.batches import Batches
    from modtui.engine.keeper import Errand
    from modtui.engine.knowing import Deeds, People, Views
    from modtui.engine.onlooker import Onlooker
    from modtui.engine.shift import Shift
    from modtui.engine.wording import Wording

DELIVERIES_SHOWN = 500
_FILES_LOOK = 5.0
ANSWER_SECONDS = 0.015
"""How long a key has the machine to itself: as long as its frames take, and an act waits as long
anyway to see whether it is part of a paste."""


class LiveEngine(Answering, Acting):
    """The `Engine` of `modtui.engine`, over one store.

    Built without touching the store or a platform; `start` begins. `view_now`, `counts` and
    `accounts` answer before `start`, so the first paint waits for nothing.
    """

    def __init__(self, store: Store, plan: Plan, runtime: Runtime) -> None:
        self.practice = plan.practice
        store = self._store = Guarded(store)
        self._plan = plan
        self._changes = Changes(self._refresh)
        self._books = Books(plan.desk)
        self._parts = Parts(
            store=store,
            runtime=runtime,
            desk=plan.desk,
            policies=plan.policies,
            capabilities=self._capabilities,
            changed=self._changes.publish,
            wake=lambda: self._outbox.wake(),
            limited=lambda account, until: self._supervisor.limited(account, until),
            mind_clocks=lambda: self._vigil.mind_clocks(),
            books=self._books,
        )
        self.lead = LiveLead(self._parts, plan)
        self._held = Held(self._parts)
        self._vigil = Vigil(self._parts, self._recovered, self._odd)
        self._starting = self._starting_accounts()
        self._figures = Figures(self._parts)
        self.shelf = LiveShelf(self._parts, plan.library, lambda: self._figures.sent, self._may_act)
        self.translator = plan.translator
        self.ranked = Ranked(self._parts, self.shelf.entries, plan.ranking, self.shelf.renew)
        self.shelf.ranked = self.ranked
        self.shift: Shift = Sittings(self._parts, read_only=plan.read_only)
        self.care = LiveCare(self._parts, counting=not plan.read_only)
        self._rows = Rows(store, self._me, self._fetch_rows, dress=self._dressed)
        self.views: Views = StoredViews(self._parts, self._may_act)
        self.alarms: AlarmBook = LiveAlarms(self._parts, self.counts, read_only=plan.read_only)
        self._offers = Offers()
        self._calendars: dict[str, Calendar] = {p.name: p.calendar for p in plan.policies}
        self._tasks: list[asyncio.Task[None]] = []
        self._fetches: set[asyncio.Task[None]] = set()

    # What a start does not need is loaded when it is first asked for.
    @cached_property
    def batches(self) -> Batches:
        from modtui.engine.batching import Around, LiveBatches

        around = Around(
            thread=self.thread,
            entries=self.shelf.entries,
            scores=self.ranked.scores,
            sent=lambda: self._figures.sent,
            claim=self._held.claim,
            began=self._outbox.began,
            may_act=self._may_act,
        )
        return LiveBatches(self._parts, around)

    @cached_property
    def _onlooker(self) -> Onlooker:
        from modtui.engine.onlooker import Onlooker

        return Onlooker(self._plan.accounts, self._parts, lambda: self.counts().next_due_at)

    @cached_property
    def wording(self) -> Wording:
        from modtui.engine.wording import DeskWording

        return DeskWording(self._books)

    @cached_property
    def people(self) -> People:
        from modtui.engine.people import KnownPeople

        return KnownPeople(self._parts, self._may_act)

    @cached_property
    def deeds(self) -> Deeds:
        from modtui.engine.deeds import OwnDeeds

        return OwnDeeds(self._parts, self._outbox, self._may_act)

    def _dressed(self, row: QueueRow) -> QueueRow:
        return dressed(row, self.desk)

    @property
    def desk(self) -> Desk:
        return self._books.desk

    @property
    def _me(self) -> str:
        return self.desk.moderator.name

    def now(self) -> datetime:
        return self._parts.now()

    async def start(self) -> None:
        await self._figures.read(Change(wide=True))
        work = [self._changes.run, lambda: watch_others(self._store, self._from_outside)]
        if not self._plan.read_only:
            work += [self._vigil.watch_store, self._vigil.watch_clocks]
        if not self._plan.read_only:
            if self._plan.intake:
                work += [self._refile, self._watch.run, self._watch_files]
            self._supervisor.start()
        else:
            await self._onlooker.look()
            work.append(self._onlooker.run)
        if self._plan.library is not None:
            work += [self.shelf.read, self.ranked.look]
        self._tasks = [asyncio.create_task(persevere(each, self._parts)) for each in work]

    async def stop(self, patience: float = FINISH_SECONDS) -> None:
        # What stays unsaved is asked for by `unsaved`, after the end.
        with suppress(NotStored):
            await self._held.save_again()
        if not self._plan.read_only:
            await self._outbox.stop(patience)
            await self._supervisor.stop(patience)
            await self._outbox.abandon()
        tasks = (*self._tasks, *self._fetches)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    def trouble(self) -> Trouble | None:
        return self._store.trouble()

    def notice(self) -> str:
        return self._vigil.notice()

    def give_way(self) -> None:
        self._store.give_way(ANSWER_SECONDS)

    def unsaved(self) -> tuple[Draft, ...]:
        return self._held.unsaved()

    async def _recovered(self) -> None:
        """The store takes things again: what waited for it goes on."""
        await self._held.save_again()
        self._supervisor.nudge()
        self._outbox.wake()

    async def _odd(self, odd: Odd) -> None:
        self._supervisor.odd(odd)
        await self._outbox.odd(odd)

    async def sync_once(
        self, read: Callable[[], None] | None = None, errand: Errand | None = None
    ) -> tuple[tuple[str, Exception | None], ...]:
        """Serve every account to its present end, in config order: (name, what stopped it). `read`
        is called once nothing is left to be read: what takes long from there on hangs. `errand`:
        for how long what is read may be silent, and who hears that another process is waited for.

        Instead of `start`. What is queued is delivered as well; with `intake=False` in the plan
        nothing is read. CredentialsMissing, ConnectorError and ImportError are returned, never
        raised; None is done, or that another process serves the account.
        """
        if self._plan.intake:
            # Before anything new comes in: that enters under the policies of today.
            await self._refile()
            await self._hear_again()
        reading = asyncio.create_task(self._supervisor.read())
        if read is not None:
            reading.add_done_callback(lambda task: task.cancelled() or read())
        ends = await self._supervisor.once(errand)
        reading.cancel()
        if self._plan.intake:
            await self._watch.look()
        await self._figures.read(Change(wide=True))
        return ends

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        return self._changes.subscribe(callback)

    async def _refresh(self, change: Change) -> None:
        """Make what is read at once as new as `change`, before the screens hear of it."""
        self._rows.forget(change)
        if change.accounts or change.wide:
            await (self._onlooker.look() if self._plan.read_only else self._supervisor.follow())
        await self._figures.read(change)
        if change.deliveries or change.wide:
            await self.ranked.catch_up()
        counts = self._figures.counts
        self._watch.expect(counts.next_due_at, counts.unresolved)

    def _from_outside(self, change: Change) -> None:
        self._changes.publish(change)
        self._outbox.wake()

    def _fetch_rows(self, ids: Sequence[int]) -> None:
        async def fetch() -> None:
            self._rows.put(await self._store.read(lambda tx: tx.queue_rows(ids, self._me)))
            # Straight to the screens: `publish` would drop the rows from the cache again.
            self._changes.tell(Change(threads=frozenset(ids)))

        task = asyncio.get_running_loop().create_task(fetch())
        self._fetches.add(task)
        task.add_done_callback(self._fetches.discard)

    async def _watch_files(self) -> None:
        library = self._plan.library
        while True:
            await self._parts.runtime.sleep(_FILES_LOOK)
            await self._hear_again()
            if library is not None and await asyncio.to_thread(library.reload_if_changed):
                await self.ranked.look()
                self._changes.publish(Change(wide=True))
            await self.ranked.keep()

    # reading

    async def view(self, view: QueueFilter, *, behind: bool = False) -> QueueView:
        now = self.now()

        async def work(tx: ReadTx) -> QueueView:
            if behind:
                tx.give_way()
            return ListView(await tx.queue_ids(view, now, self._me), self._rows).settled(tx.rest)

        return await self._changes.weighed(self._store.read(work))

    def view_now(self, view: QueueFilter) -> QueueView | None:
        return view_at_once(self._store, view, self.now(), self._me, self._rows)

    def left(self, row: QueueRow) -> Left:
        if row.now_due_at is not None:
            return lane_left(row.now_due_at, self.now())
        calendar = self._calendars.get(row.standing.policy) or always()
        return left(row.standing, calendar, self.now())

    def counts(self) -> Counts:
        return self._figures.counts

    def accounts(self) -> tuple[AccountStatus, ...]:
        stands = self._stands() or self._onlooker.statuses
        return tuple(self._figures.with_figures(status) for status in stands)

    async def thread(self, thread_id: int) -> ThreadDetail | None:
        found = await self._store.read(lambda tx: self._snapshot(tx, thread_id))
        return self._detail(found) if found is not None else None

    async def measured(self, detail: ThreadDetail) -> ThreadDetail:
        thread, now = detail.row.id, self.now()
        return replace(detail, pace=await self._store.read(lambda tx: read_pace(tx, thread, now)))

    async def _snapshot(self, tx: ReadTx, thread_id: int) -> Snapshot | None:
        found = await read_snapshot(tx, thread_id, self._me, self.now())
        if found is None or self.desk.spam is None:
            return found
        from modtui.engine.spam import suspected

        signs = await suspected(tx, found.record, found.posts, self.desk)
        return replace(found, spam=signs)

    def thread_now(self, thread_id: int, *, more: bool = False) -> ThreadDetail | None:
        now = self.now()
        # Signs of spam come with the whole alone.
        extent = Extent.QUICK if more and self.desk.spam is None else Extent.GLANCE
        found = self._store.peek(lambda tx: read_snapshot(tx, thread_id, self._me, now, extent))
        return self._detail(found) if found is not None else None

    def _detail(self, found: Snapshot) -> ThreadDetail:
        folding, account = self.care.folding(found), found.record.account
        keeper = self._keeper(account)
        identity = keeper.standing.now().identity if keeper else ""
        policy = choose(self._plan.policies, matter(found.record, found.channel.name))
        return ThreadDetail(
            row=self._dressed(found.row),
            record=found.record,
            channel=found.channel,
            posts=tuple(folding.shown(post) for post in found.posts),
            flags=found.flags,
            events=found.events,
            deliveries=found.deliveries,
            clocks=partial(clocks, found.events, policy, self.now()),
            draft=self._held.draft(found.draft, found.row.id),
            offers=self._offers.of(self._capabilities(account), account, self.desk),
            related=found.related,
            our_name=clean_line(identity or found.known_as or account),
            context_error=self._around(found.row.id),
            pace=found.pace,
            kept=found.kept,
            policy=policy,
            briefs=found.briefs,
            first_reply=found.first_reply,
            folding=folding,
            whole=found.whole,
            spam=found.spam,
            route_words=why_open(found.record, found.posts, self.desk) if found.whole else "",
        )

    async def deliveries(self) -> tuple[Delivery, ...]:
        async def work(tx: ReadTx) -> tuple[Delivery, ...]:
            most = DELIVERIES_SHOWN
            unfinished = await tx.deliveries(states=UNFINISHED, limit=most)
            rest = most - len(unfinished)
            over = await tx.latest_deliveries(states=tuple(FINAL), limit=rest) if rest else ()
            return (*unfinished, *reversed(over))

        return await self._store.read(work)

    async def my_deliveries(self) -> tuple[Delivery, ...]:
        rows = await self._store.read(lambda tx: tx.latest_deliveries(limit=100))
        mine = [row for row in rows if row.by == self._me and row.not_before is None]
        mine = [row for row in mine if row.command.decides or row.error]
        return tuple(reversed(mine))

    async def audit(self, thread_id: int | None = None) -> tuple[AuditLine, ...]:
        return await self._store.read(lambda tx: tx.audit(thread=thread_id))

    async def quarantined(self) -> tuple[Quarantined, ...]:
        return await self._store.read(lambda tx: tx.quarantined())

    def offer(self, account: str, capability: Capability) -> Offer:
        return offer(self._capabilities(account), account, capability)
