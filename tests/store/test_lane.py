"""The NOW lane in the store: above everything, late by its own target, found when it is due."""

from dataclasses import replace
from datetime import datetime
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from modtui.domain.model import State, ThreadRecord
from modtui.domain.views import Alarms, QueueFilter
from modtui.store import Store
from modtui.store.threads import place
from tests.store.stage import add, ask, at, one, record


def urgent(subject: str, since: float, **changes: object) -> ThreadRecord:
    """A thread in the lane since `since` minutes, due fifteen later."""
    told = {"now_at": at(since), "now_due_at": at(since + 15), "now_reason": "threat"}
    return record(subject, **{**told, **changes})


async def ids(store: Store, **view: object) -> tuple[int, ...]:
    return await ask(store, "queue_ids", QueueFilter(**view), at(0), "mod-a")


async def test_the_lane_stands_above_every_deadline(store: Store) -> None:
    late, soon, snoozed, waiting, fresh, old = await add(
        store,
        record("s1", due=-5000),
        record("s2", due=1),
        record("s3", resumes=5, state=State.SNOOZED),
        record("s4", state=State.WAITING),
        urgent("s5", -1),
        urgent("s6", -2, state=State.WAITING),
    )
    assert await ids(store) == (old, fresh, late, soon, snoozed, waiting)
    assert await ids(store, now=True) == (old, fresh)
    row = (await ask(store, "queue_rows", [old], "mod-a"))[old]
    assert (row.now_at, row.now_due_at, row.now_reason) == (at(-2), at(13), "threat")


async def test_late_counts_the_target_of_the_lane_and_the_clock_behind_it(store: Store) -> None:
    _, in_time, over, behind = await add(
        store,
        record("s1", due=30),
        urgent("s2", -5, due=60),
        urgent("s3", -16, due=60),
        urgent("s4", -5, due=-1),
    )
    counts = await ask(store, "counts", at(0), "mod-a")
    assert (counts.now, counts.late) == (3, 2)
    assert await ids(store, late=True) == (over, behind)
    assert in_time not in await ids(store, late=True)


async def test_a_deadline_at_closing_time_does_not_hide_a_late_target(store: Store) -> None:
    closing = {"due": -1, "resumes": 600}
    await add(store, urgent("s1", -5, **closing), record("s2", **closing))
    assert (await ask(store, "counts", at(0), "mod-a")).late == 0
    assert (await ask(store, "counts", at(11), "mod-a")).late == 1


async def test_as_many_are_counted_as_late_as_are_listed(store: Store) -> None:
    def when(minutes: int | None) -> datetime | None:
        return None if minutes is None else at(minutes)

    made: list[ThreadRecord] = []
    for lane, due, resumes, breached in product((None, -1, 10), repeat=4):
        told = {"due": due, "resumes": resumes}
        for one_ in (
            record(f"s{len(made)}", **told),
            urgent(f"u{len(made)}", -5, now_due_at=when(lane), **told),
            urgent(f"z{len(made)}", -5, snoozed_until=when(resumes), **told),
        ):
            standing = replace(one_.standing, breached_at=when(breached))
            made.append(replace(one_, standing=standing))
    await add(store, *made)
    late = await ids(store, late=True)
    assert 0 < len(late) < len(made)
    assert (await ask(store, "counts", at(0), "mod-a")).late == len(late)


async def test_what_is_next_due_may_be_in_the_lane(store: Store) -> None:
    await add(store, record("s1", due=30), urgent("s2", -5, due=60))
    assert await ask(store, "next_due", at(0)) == (at(10), "")
    assert await ask(store, "next_due", at(11)) == (at(30), "social")
    assert await ask(store, "next_due", at(31)) == (at(60), "social")
    assert await ask(store, "next_due", at(61)) == (None, "")


async def test_both_deadlines_of_the_lane_are_found_when_they_come(store: Store) -> None:
    (one_,) = await add(store, urgent("s1", 0, due=60))
    assert await ask(store, "due_between", at(14), at(15)) == (one_,)
    assert await ask(store, "due_between", at(55), at(60)) == (one_,)
    assert await ask(store, "due_between", at(16), at(29)) == ()
    assert await ask(store, "unsettled_between", at(55), at(60)) == (one_,)
    assert await ask(store, "unsettled_between", at(14), at(15)) == ()


async def test_a_view_of_what_is_due_knows_the_target(store: Store) -> None:
    (one_, _) = await add(store, urgent("s1", 0, due=600), record("s2", due=600))
    assert await ids(store, due_before=at(60)) == (one_,)


async def test_a_thread_leaves_the_lane_as_its_record_does(store: Store) -> None:
    first, second = await add(store, record("s1", due=30), urgent("s2", -5, due=60))
    left = urgent("s2", -5, due=60, id=second, now_at=None, now_due_at=None, now_reason="")
    await one(store, "update_thread", left)
    assert await ids(store) == (first, second)
    assert (await ask(store, "counts", at(0), "mod-a")).now == 0


async def test_what_nobody_holds_is_found_for_the_bell(store: Store) -> None:
    lane, held, soon, _, late = await add(
        store,
        urgent("s1", -5),
        urgent("s2", -4),
        record("s3", due=9),
        record("s4", due=11),
        record("s5", due=-1),
    )
    await one(store, "take_claim", held, "mod-b", "there", 120.0)
    found = await ask(store, "unheld", at(0), at(10))
    assert found == Alarms(now=frozenset({lane}), soon=frozenset({soon}))
    await one(store, "take_claim", soon, "mod-b", "there", 120.0)
    assert (await ask(store, "unheld", at(0), at(10))).soon == frozenset()
    assert late not in found.now | found.soon


MOMENTS = st.one_of(st.none(), st.integers(-100_000, 100_000))


@settings(max_examples=200, deadline=None)
@given(st.integers(-100_000, 100_000), MOMENTS, MOMENTS, st.sampled_from(State))
def test_nothing_stands_above_the_lane(
    since: int, due: int | None, resumes: int | None, state: State
) -> None:
    other = record("s1", due=due, resumes=resumes, state=state)
    assert place(urgent("s2", since, due=due, state=state)) < place(other)
    assert place(urgent("s3", since)) < place(urgent("s4", since + 1, due=-100_000))
