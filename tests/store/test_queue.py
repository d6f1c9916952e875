import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from modtui.domain.model import ELSEWHERE, Channel, Draft, Severity, State
from modtui.domain.outbox import DeliveryState
from modtui.domain.text import literal
from modtui.domain.views import Counts, QueueFilter
from modtui.store import Store, queue
from tests.store.stage import REALM, T0, HandClock, add, ask, at, delivery, one, record


async def ids(store: Store, **view: object) -> tuple[int, ...]:
    return await ask(store, "queue_ids", QueueFilter(**view), at(60), "mod-a")


async def test_the_order_is_deadline_then_severity_then_age(store: Store) -> None:
    late, even_normal, even_urgent, older, never, waits, waits_long = await add(
        store,
        record("s1", due=-5, severity=Severity.LOW),
        record("s2", due=30),
        record("s3", due=30, severity=Severity.URGENT),
        record("s4", due=30, first_flag_at=at(-9)),
        record("s5", severity=Severity.URGENT),
        record("s6", state=State.SNOOZED, resumes=20),
        record("s7", state=State.WAITING, resumes=200, severity=Severity.URGENT),
    )
    order = (late, even_urgent, older, even_normal, waits, waits_long, never)
    assert await ids(store) == order


async def test_equal_threads_keep_the_order_of_their_numbers(store: Store) -> None:
    numbers = await add(store, *(record(f"s{i}", due=5) for i in range(20)))
    assert await ids(store) == tuple(numbers)


async def test_a_long_order_is_read_in_pieces(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = await add(store, *(record(f"s{i}", due=5) for i in range(40)))
    read: list[str] = []

    def loads(text: str) -> object:
        read.append(text)
        return json.loads(text)

    monkeypatch.setattr(queue, "_PIECE", 10)
    monkeypatch.setattr(queue, "json", SimpleNamespace(loads=loads))
    assert await ids(store) == tuple(numbers)
    assert len(read) > 5
    assert max(map(len, read)) <= 10 + len("[,12]")


async def test_resolved_threads_show_when_asked_for(store: Store) -> None:
    one_id, done = await add(store, record("s1"), record("s2", state=State.RESOLVED))
    assert await ids(store) == (one_id,)
    assert await ids(store, finished=True) == (one_id, done)
    assert await ids(store, states=(State.RESOLVED,)) == (done,)
    assert await ids(store, states=(State.OPEN,), finished=True) == (one_id,)


async def test_what_was_put_aside_is_in_its_own_view_and_counted_apart(store: Store) -> None:
    here, aside, urgent = await add(
        store,
        record("s1", due=30),
        record("s2", due=-9000, backlog=True),
        record("s3", due=90, now_at=at(0), now_due_at=at(90), now_reason="threat"),
    )
    assert await ids(store) == (urgent, here)
    assert await ids(store, backlog=True) == (aside,)
    assert await ids(store, now=True) == (urgent,)
    assert await ids(store, due_before=at(60)) == (here,)
    counts: Counts = await ask(store, "counts", at(0), "mod-a")
    assert (counts.open, counts.late, counts.now, counts.backlog) == (2, 0, 1, 1)
    assert counts.next_due_at == at(30)
    row = (await ask(store, "queue_rows", [urgent, aside], "mod-a"))[urgent]
    assert (row.now_at, row.now_reason, row.backlog) == (at(0), "threat", False)


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        ({"accounts": ("social",)}, {"b"}),
        ({"accounts": ("social", "forum")}, {"a", "b", "c"}),
        ({"channels": ("pay",)}, {"b"}),
        ({"channels": ("Payments",)}, {"b"}),
        ({"states": (State.ESCALATED,)}, {"c"}),
        ({"severities": (Severity.URGENT, Severity.LOW)}, {"c"}),
        ({"languages": ("ka",)}, {"b"}),
        ({"reasons": ("threat",)}, {"c"}),
        ({"reasons": ("threat", 'say "spam"')}, {"b", "c"}),
        ({"reasons": ("spam",)}, {"a", "c"}),
        ({"claimed_by": "mod-b"}, {"a"}),
        ({"unowned": True}, {"b", "c"}),
        ({"late": True}, {"a"}),
        ({"text": "КАЗИНО"}, {"b"}),
        ({"text": "nino"}, {"c"}),
        ({"text": "100%"}, {"a"}),
        ({"text": "_"}, set()),
        ({"text": "казино", "accounts": ("forum",)}, set()),
    ],
)
async def test_filters(store: Store, view: dict[str, object], wanted: set[str]) -> None:
    numbers = await add(
        store,
        record("x1", due=59, title="win 100% now"),
        record(
            "x2",
            account="social",
            channel="pay",
            language="ka",
            reasons=('say "spam"',),
            title="Казино",
        ),
        record(
            "x3",
            state=State.ESCALATED,
            severity=Severity.URGENT,
            reasons=("threat", "spam"),
            author="NINO",
            due=61,
        ),
    )
    await one(store, "put_channel", REALM, Channel("pay", literal("Payments")))
    await one(store, "take_claim", numbers[0], "mod-b", "host:2", 120)
    await one(store, "take_claim", numbers[1], "mod-b", "host:2", 0)
    names = dict(zip(numbers, "abc", strict=True))
    assert {names[number] for number in await ids(store, **view)} == wanted


async def test_a_row_shows_what_the_queue_needs(store: Store, clock: HandClock) -> None:
    plain, rich = await add(
        store,
        record("s1"),
        record("s2", due=5, reasons=("threat", "spam"), pending=1, unknown=2, channel="pay"),
    )
    await one(store, "put_channel", REALM, Channel("pay", literal("Payments")))
    claim = await one(store, "take_claim", rich, "mod-b", "host:2", 120)
    await one(store, "put_draft", Draft(rich, "mod-a", "Hello", T0))
    await one(store, "put_draft", Draft(plain, "mod-b", "not mine", T0))
    rows = await ask(store, "queue_rows", [rich, plain, 99], "mod-a")
    assert set(rows) == {plain, rich}
    row = rows[rich]
    assert (row.channel, row.why, row.claim, row.has_draft) == ("Payments", "threat", claim, True)
    assert (row.pending, row.unknown, row.standing) == (1, 2, record("s2", due=5).standing)
    assert (row.title, row.author, row.subject) == ("title of s2", "Nina", "s2")
    other = rows[plain]
    assert (other.channel, other.claim, other.has_draft) == ("general", None, False)
    clock.tick(121)
    assert (await ask(store, "queue_rows", [rich], "mod-a"))[rich].claim is None


async def test_peek_answers_on_the_calling_thread(store: Store) -> None:
    numbers = await add(store, *(record(f"s{i}") for i in range(3)))
    rows = store.peek(lambda tx: tx.queue_rows(numbers, "mod-a"))
    assert rows == await ask(store, "queue_rows", numbers, "mod-a")


async def test_the_numbers_of_the_first_line(store: Store) -> None:
    assert await ask(store, "counts", T0, "mod-a") == Counts()
    numbers = await add(
        store,
        record("s1", due=-1),
        record("s2", due=7),
        record("s3", due=9, state=State.ESCALATED),
        record("s4", state=State.WAITING),
        record("s5", state=State.SNOOZED),
        record("s6", state=State.RESOLVED),
        record("s7"),
    )
    await one(store, "take_claim", numbers[0], "mod-a", "host:1", 120)
    await one(store, "take_claim", numbers[2], "mod-a", "host:1", 120)
    await one(store, "take_claim", numbers[1], "mod-b", "host:2", 0)
    await one(store, "put_draft", Draft(numbers[0], "mod-a", "Hello", T0))
    await one(store, "put_draft", Draft(numbers[0], "mod-b", "Hello", T0))
    stuck = delivery(numbers[0], state=DeliveryState.NEEDS_HUMAN)
    await one(store, "add_delivery", stuck)
    assert await ask(store, "counts", T0, "mod-a") == Counts(
        open=3,
        mine=2,
        unowned=2,
        late=1,
        waiting=1,
        snoozed=1,
        escalated=1,
        resolved=1,
        next_due_at=at(7),
        next_policy="social",
        needs_human=1,
        drafts=1,
    )


@pytest.mark.parametrize("few", [2, 5000])
async def test_threads_are_counted_by_state_however_many_are_done(
    store: Store, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "FEW", few)
    for number, state in enumerate(State):
        for count in range(2 + number):
            name = f"{state}{count}"
            await add(
                store,
                record(name, state=state, due=count),
                record(f"{name}a", state=state, backlog=True),
                record(f"{name}n", state=state, backlog=True, now_at=T0, now_due_at=at(15)),
            )
    counts = await ask(store, "counts", T0, "mod-a")
    states = (counts.open, counts.waiting, counts.snoozed, counts.escalated, counts.resolved)
    assert states == tuple(2 + [*State].index(state) for state in (
        State.OPEN, State.WAITING, State.SNOOZED, State.ESCALATED, State.RESOLVED
    ))  # fmt: skip
    every = await ask(store, "queue_ids", QueueFilter(), T0, "mod-a")
    assert await ask(store, "queue_top", QueueFilter(), T0, "mod-a", 3) == (every[:3], len(every))


async def test_there_is_no_next_deadline_where_nothing_is_due(store: Store) -> None:
    await add(store, record("s1"), record("s2", due=-1), record("s3", resumes=5))
    counts = await ask(store, "counts", T0, "mod-a")
    assert (counts.next_due_at, counts.late) == (None, 1)


async def test_due_between_takes_every_moment_of_a_standing(store: Store) -> None:
    due, soon, resumes, snoozed, _, edge_out, edge_in, done = await add(
        store,
        record("s1", due=15),
        record("s2", due=45),
        record("s3", resumes=15),
        record("s4", snoozed_until=at(15)),
        record("s5", due=200),
        record("s6", due=10),
        record("s7", due=20),
        record("s8", due=15, state=State.RESOLVED),
    )
    found = await ask(store, "due_between", at(10), at(20))
    assert found == (due, soon, resumes, snoozed, edge_in)
    assert edge_out not in found
    assert done not in found
    assert await ask(store, "due_between", at(20), at(20)) == ()


async def test_unsettled_between_leaves_out_what_needs_no_writing(store: Store) -> None:
    due, _soon, resumes, snoozed, written, _done = await add(
        store,
        record("s1", due=15),
        record("s2", due=45),
        record("s3", resumes=15),
        record("s4", snoozed_until=at(15)),
        record("s5", due=15),
        record("s6", due=15, state=State.RESOLVED),
    )
    known = await ask(store, "thread", written)
    breached = replace(known.standing, breached_at=at(15))
    await one(store, "update_thread", replace(known, standing=breached))
    found = await ask(store, "unsettled_between", at(10), at(20))
    assert found == (due, resumes, snoozed)


async def test_updating_the_standing_moves_a_thread(store: Store) -> None:
    first, second = await add(store, record("s1", due=5), record("s2", due=9))
    assert await ids(store) == (first, second)
    moved = await ask(store, "thread", first)
    later = replace(moved.standing, due_at=at(9) + timedelta(microseconds=1))
    await one(store, "update_thread", replace(moved, standing=later))
    assert await ids(store) == (second, first)


async def test_a_thread_is_late_after_its_deadline_not_at_it(store: Store) -> None:
    [number] = await add(store, record("s1", due=60))
    assert await ids(store, late=True) == ()
    counts = await ask(store, "counts", at(60), "mod-a")
    assert (counts.late, counts.next_due_at) == (0, at(60))
    after = at(60) + timedelta(microseconds=1)
    assert (await ask(store, "counts", after, "mod-a")).late == 1
    late = QueueFilter(late=True)
    assert await ask(store, "queue_ids", late, after, "mod-a") == (number,)


async def test_the_top_is_the_beginning_of_the_list_and_tells_its_length(store: Store) -> None:
    numbers = await add(store, *(record(f"s{i}", due=i) for i in range(6)))
    (held,) = await add(store, record("s9", state=State.RESOLVED, resolved_by=ELSEWHERE))
    await one(store, "put_draft", Draft(held, "mod-a", "wait", T0))
    every = await ids(store)
    assert every == (*numbers, held)
    for most in (1, 3, 6, 7, 50):
        found = await ask(store, "queue_top", QueueFilter(), at(60), "mod-a", most)
        assert found == (every[:most], 7)
