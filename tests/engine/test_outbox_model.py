"""Our own model check: any order of acts, faults and crashes over the outbox and a fake platform.

The platform keeps what it committed; the machine compares it with what the rows claim.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from modtui.connectors import (
    Absent,
    Dedupe,
    Found,
    Key,
    Nothing,
    RateLimited,
    ReadBack,
    Rejected,
    Retryable,
    Stale,
    ThreadRef,
    Unauthorized,
    Unknown,
)
from modtui.domain.commands import Command, Lock, Reply
from modtui.domain.outbox import DOUBTFUL, FINAL, UNFINISHED, Delivery, DeliveryState, Receipt
from modtui.engine import Refused
from tests.engine.outbox_stage import Scripted, Stage, add_thread, make_stage, replies_by, restart
from tests.store.stage import HandClock

T = TypeVar("T")
S = DeliveryState
THREADS = (1, 2, 3)
HOUR = timedelta(hours=1)
MODES: dict[str, Dedupe] = {
    "key": Key(HOUR),
    "short key": Key(timedelta(seconds=40)),
    "credential": Key(HOUR, per_credential=True),
    "read-back": ReadBack(timedelta(seconds=3), strong=True),
    "weak": ReadBack(timedelta(seconds=3), strong=False),
    "nothing": Nothing(),
}
ERRORS = {
    "lost": Unknown("read timeout"),
    "dropped": Unknown("connection reset"),
    "busy": Retryable("no route"),
    "limited": RateLimited("slow down", timedelta(seconds=9)),
    "rejected": Rejected("the topic is closed"),
    "stale": Stale("it was edited"),
    "login": Unauthorized("token revoked"),
    "dies before": asyncio.CancelledError(),
    "dies after": asyncio.CancelledError(),
}
FAULTS = sorted([*ERRORS, "fine"])
COMMITS = {"fine", "lost", "dies after"}


@dataclass
class Platform:
    """What everyone can see, and which keys are remembered since when."""

    dedupe: Dedupe
    seen: list[tuple[str, str]] = field(default_factory=list)
    keys: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    blind: int = 0

    def commit(self, text: str, key: str, credential: str, now: datetime) -> str:
        if isinstance(self.dedupe, Key):
            name = (key, credential if self.dedupe.per_credential else "")
            known = self.keys.get(name)
            if known is not None and now < known[1] + self.dedupe.ttl:
                return known[0]
            self.keys[name] = (f"post-{len(self.seen)}", now)
        number = f"post-{len(self.seen)}"
        self.seen.append((number, text))
        return number


@dataclass
class Wire(Scripted):
    """One process's line to the platform, with a credential of its own."""

    platform: Platform = field(default_factory=lambda: Platform(Nothing()))
    credential: str = ""

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        fault = self.platform.faults.pop(0) if self.platform.faults else "fine"
        text = command.text if isinstance(command, Reply) else f"lock {ref.subject}"
        number = None
        if fault in COMMITS and isinstance(command, Reply):
            number = self.platform.commit(text, key, self.credential, self.now())
        await asyncio.sleep(0)
        if fault != "fine":
            raise ERRORS[fault]
        return Receipt(number, self.now())

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent:
        if self.platform.blind:
            self.platform.blind -= 1
            raise Retryable("the list does not load")
        assert isinstance(command, Reply)
        for number, text in self.platform.seen:
            if text == command.text and number not in taken:
                return Found(Receipt(number, self.now()))
        return Absent(strong=True)


class Outboxes(RuleBasedStateMachine):
    """One moderator, three threads, one platform that fails in every way it can."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.taken: dict[int, str] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize(mode=st.sampled_from(sorted(MODES)))
    def open(self, mode: str) -> None:
        self.platform = Platform(MODES[mode])
        wire = self.wire("host:1")
        path = Path(self.folder.name) / "queue.db"
        self.stage: Stage = make_stage(path, HandClock(), wire)
        for number in THREADS:
            assert self.run(add_thread(self.stage, f"s{number}")) == number
        self.run(self.stage.begin())

    def wire(self, credential: str) -> Wire:
        able = replies_by(self.platform.dedupe)
        return Wire(capabilities=able, platform=self.platform, credential=credential)

    def rows(self) -> tuple[Delivery, ...]:
        return self.run(self.stage.rows())

    def count(self, text: str) -> int:
        return sum(said == text for _, said in self.platform.seen)

    @rule(
        thread=st.sampled_from(THREADS),
        hold=st.sampled_from((False, False, True)),
        lock=st.sampled_from((False, False, True)),
        faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=3),
    )
    def submit(self, thread: int, hold: bool, lock: bool, faults: list[str]) -> None:
        text = f"reply {len(self.taken)}"
        revision = self.run(self.stage.thread(thread)).revision
        batch: list[Command] = [Reply(thread=thread, revision=revision, text=text)]
        if lock:
            batch.insert(0, Lock(thread=thread, revision=revision, reason="heat"))
        done = self.run(self.stage.submit(*batch, hold=hold, force=True))
        self.taken |= {row.id: getattr(row.command, "text", "") for row in done.deliveries}
        self.platform.faults = faults

    @rule(
        thread=st.sampled_from(THREADS),
        faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=3),
        blind=st.integers(0, 2),
    )
    def submit_and_send(self, thread: int, faults: list[str], blind: int) -> None:
        self.submit(thread=thread, hold=False, lock=False, faults=faults)
        self.platform.blind = blind
        self.drive()

    @rule(
        seconds=st.sampled_from([1.0, 4.0, 11.0, 70.0, 700.0]),
        faults=st.lists(st.sampled_from(FAULTS), max_size=2),
        blind=st.integers(0, 2),
    )
    def go_on(self, seconds: float, faults: list[str], blind: int) -> None:
        self.stage.clock.tick(seconds)
        self.platform.faults, self.platform.blind = faults, blind
        self.drive()

    def drive(self) -> None:
        """Carry what is due; log in again first where the secret was refused."""
        line = self.stage.line
        assert line is not None
        if line.refused is not None:
            self.run(self.stage.begin())
        self.run(self.stage.drive())

    @rule(thread=st.sampled_from(THREADS))
    def author_posts(self, thread: int) -> None:
        self.run(self.stage.author_posts(thread))

    @precondition(lambda self: self.taken)
    @rule(act=st.sampled_from(("undo", "cancel", "there", "drop")), data=st.data())
    def interfere(self, act: str, data: st.DataObject) -> None:
        if act == "undo":
            self.undo(data.draw(st.sampled_from([None, *THREADS])))
        elif act == "cancel":
            self.cancel(data.draw(st.sampled_from(sorted(self.taken))))
        else:
            self.settle(drop=act == "drop")

    def undo(self, thread: int | None) -> None:
        try:
            self.run(self.stage.outbox.undo(thread))
        except Refused:
            return
        self.taken |= {row.id: "" for row in self.rows() if row.undoes is not None}

    def cancel(self, number: int) -> None:
        before = self.run(self.stage.row(number))
        try:
            self.run(self.stage.outbox.cancel(number))
        except Refused:
            assert self.run(self.stage.row(number)) == before
            return
        assert before.state in (S.HELD, S.QUEUED, S.BLOCKED)

    def settle(self, drop: bool) -> None:
        """A human looks and tells the truth."""
        for row in self.rows():
            if row.state is S.NEEDS_HUMAN:
                there = self.count(self.taken[row.id]) > 0
                verdict = "there" if there else "drop" if drop else "again"
                self.run(self.stage.outbox.settle(row.id, verdict))

    @rule(leaving=st.booleans(), seconds=st.sampled_from([31.0, 61.0, 1000.0]))
    def restart(self, leaving: bool, seconds: float) -> None:
        """Leave or die, and come back as a new process when the leases are over."""
        if leaving:
            self.run(self.stage.outbox.stop())
        old = self.stage
        old.clock.tick(seconds)
        number = int(old.session.rpartition(":")[2]) + 1
        self.stage = restart(old, self.wire(f"host:{number}"))
        self.run(old.store.close())
        self.run(self.stage.begin())

    @invariant()
    def nothing_is_visible_twice(self) -> None:
        if self.taken:
            twice = [t for t, n in Counter(t for _, t in self.platform.seen).items() if n > 1]
            assert not twice

    @invariant()
    def nothing_taken_is_lost(self) -> None:
        if self.taken:
            rows = {row.id: row for row in self.rows()}
            assert set(rows) == set(self.taken)
            for number, text in self.taken.items():
                if text:
                    assert getattr(rows[number].command, "text", None) == text

    @invariant()
    def a_final_state_tells_the_truth(self) -> None:
        for row in self.rows() if self.taken else ():
            if isinstance(row.command, Reply) and row.state in FINAL:
                assert self.count(row.command.text) == (row.state is S.SENT), row

    @invariant()
    def pending_marks_are_the_unfinished_rows(self) -> None:
        rows = self.rows() if self.taken else ()
        for thread in THREADS if rows else ():
            record = self.run(self.stage.thread(thread))
            mine = [row for row in rows if row.thread == thread]
            assert record.pending == sum(r.state in UNFINISHED for r in mine)
            assert record.unknown == sum(r.state in DOUBTFUL for r in mine)

    def teardown(self) -> None:
        if hasattr(self, "stage"):
            self.finish()
            self.run(self.stage.store.close())
        self.runner.close()
        self.folder.cleanup()

    def finish(self) -> None:
        """With a sound platform and an honest human everything ends."""
        self.platform.faults, self.platform.blind = [], 0
        self.restart(leaving=True, seconds=61.0)
        for _ in range(40):
            if all(row.state in FINAL for row in self.rows()):
                break
            self.drive()
            self.stage.clock.tick(70.0)
            self.settle(drop=False)
        assert all(row.state in FINAL for row in self.rows())
        self.a_final_state_tells_the_truth()
        self.nothing_is_visible_twice()


Outboxes.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestOutboxes = Outboxes.TestCase
