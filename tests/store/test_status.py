"""What Status asks: threads of a period with their histories, times without sight, looks."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import pytest

from modtui.domain.lateness import stamp
from modtui.domain.metrics import Blind
from modtui.domain.model import Event, EventKind, State
from modtui.domain.views import QueueFilter
from modtui.store import ReadTx, Store
from modtui.store.session import Session
from modtui.store.status_port import Heard, Look, ThreadLine
from tests.store.stage import T0, add, ask, at, one, record


async def happened(store: Store, thread: int, minutes: float) -> None:
    await one(store, "add_event", thread, Event(EventKind.DISMISSED, at(minutes), "mod-a"))


async def lines_since(store: Store, since: datetime) -> tuple[ThreadLine, ...]:
    """The lines of the threads of the period that begins at `since`."""
    return tuple(await ask(store, "lines_of", await ask(store, "thread_numbers", since)))


async def test_threads_of_a_period_are_those_that_stand_or_had_an_event(store: Store) -> None:
    stands, acted, long_over, aside = await add(
        store,
        record("s1", team="payments", now_at=at(3), now_reason="threat"),
        record("s2", state=State.RESOLVED),
        record("s3", state=State.RESOLVED),
        record("s4", backlog=True),
    )
    await happened(store, acted, 60)
    await happened(store, long_over, 10)
    await happened(store, aside, 60)
    lines = await lines_since(store, at(30))
    assert [line.id for line in lines] == [stands, acted]
    assert (lines[0].team, lines[0].now_at, lines[0].now_reason) == ("payments", at(3), "threat")
    assert (lines[0].standing.policy, lines[1].state) == ("social", State.RESOLVED)


async def test_untouched_are_those_that_were_flagged_alone_and_are_in_time(store: Store) -> None:
    now = at(60)
    plain, late, held, replied, *_ = await add(
        store,
        record("s1", due=90),
        record("s2", due=59),
        record("s3", due=90),
        record("s4", due=90),
        record("s5", state=State.RESOLVED),
        record("s6", backlog=True),
        record("s7", now_at=at(3), now_due_at=at(90), now_reason="threat"),
        record("s8", due=90),
    )
    for thread in (plain, late, held, replied):
        await one(store, "add_event", thread, Event(EventKind.FLAGGED, at(1), "u1"))
    await one(store, "add_event", plain, Event(EventKind.FLAGGED, at(2), "u2"))
    await one(store, "take_claim", held, "mod-b", "s", 120)
    await one(store, "add_event", replied, Event(EventKind.STAFF_REPLY, at(2), "mod-a"))
    (found,) = await ask(store, "untouched", now, 0, 10)
    assert (found.id, sorted(found.flags)) == (plain, [stamp(at(1)), stamp(at(2))])
    assert found.due_at == stamp(at(90))
    assert not await ask(store, "untouched", now, plain, 10)


async def test_ids_are_asked_for_by_one_statement_however_many_they_are(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await add(store, *(record(f"s{number}") for number in range(3)))
    statements: set[str] = set()
    execute = Session._execute

    def noted(tx: Session, sql: str, params: Sequence[object]) -> sqlite3.Cursor:
        statements.add(sql)
        return execute(tx, sql, params)

    monkeypatch.setattr(Session, "_execute", noted)
    for query in ("reasons", "histories", "traits"):
        statements.clear()
        for count in (1, 2, 3):
            assert len(tuple(await ask(store, query, ids[:count]))) <= count
        assert len(statements) == 1, query
    statements.clear()
    for count in (1, 2, 3):
        assert len(await ask(store, "queue_rows", ids[:count], "mod-a")) == count
    assert len(statements) == 1


async def test_a_line_names_the_live_claim_and_rises_with_each_change(store: Store) -> None:
    (thread,) = await add(store, record())
    (before,) = await lines_since(store, T0)
    await one(store, "take_claim", thread, "mod-b", "s", 120)
    (after,) = await lines_since(store, T0)
    assert (before.holder, after.holder) == ("", "mod-b")
    assert after.seq > before.seq


async def histories(
    tx: ReadTx, threads: Sequence[int]
) -> tuple[tuple[int, tuple[Event, ...]], ...]:
    return tuple(await tx.histories(threads))


async def test_histories_are_whole_and_in_time_order(store: Store) -> None:
    first, second, other = await add(store, record("s1"), record("s2"), record("s3"))
    for thread, minutes in ((first, 5), (second, 1), (first, 2), (other, 1)):
        await happened(store, thread, minutes)
    found = dict(await store.read(lambda tx: histories(tx, [first, second])))
    assert [event.at for event in found[first]] == [at(2), at(5)]
    assert found.keys() == {first, second}
    assert found[first] == await ask(store, "events", first)


async def test_a_time_without_sight_has_one_kind_at_a_time(store: Store) -> None:
    await one(store, "begin_blind", "forum", "disconnected", at(1))
    await one(store, "begin_blind", "forum", "disconnected", at(2))
    await one(store, "begin_blind", "forum", "unauthorised", at(3))
    await one(store, "begin_blind", "chat", "rate-limited", at(4))
    assert await ask(store, "blind_since", T0) == (
        Blind("forum", "disconnected", at(1), at(3)),
        Blind("forum", "unauthorised", at(3), None),
        Blind("chat", "rate-limited", at(4), None),
    )
    assert await one(store, "end_blind", "forum", at(9)) is True
    assert await one(store, "end_blind", "forum", at(10)) is False
    assert [b.end for b in await ask(store, "blind_since", at(5))] == [at(9), None]


async def test_what_was_heard_and_looked_at_is_kept(store: Store) -> None:
    assert await ask(store, "heard", "forum") is None
    await one(store, "set_heard", "forum", Heard(at(1), at(3)))
    await one(store, "set_heard", "forum", Heard(at(2), at(4)))
    assert await ask(store, "heard", "forum") == Heard(at(2), at(4))
    assert await ask(store, "look", "lead") is None
    await one(store, "set_look", "lead", Look(at(1), at(2)))
    await one(store, "set_look", "lead", Look(at(2), at(5)))
    assert await ask(store, "look", "lead") == Look(at(2), at(5))


async def test_a_view_of_some_threads_holds_no_other(store: Store) -> None:
    open_one, done, _ = await add(
        store, record("s1", due=1), record("s2", state=State.RESOLVED), record("s3")
    )
    some = (open_one, done)
    assert await ask(store, "queue_ids", QueueFilter(ids=some), T0, "mod-a") == (open_one,)
    whole = QueueFilter(ids=some, finished=True)
    assert set(await ask(store, "queue_ids", whole, T0, "mod-a")) == set(some)
