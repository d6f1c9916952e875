"""Lists answer at once, from a bounded cache, and by thread id."""

from collections.abc import Sequence

import pytest

from modtui.domain.views import Change, QueueFilter
from modtui.engine import views
from modtui.engine.views import ListView, Rows, TopView, view_at_once
from tests.engine.scene import Scene, flag, thread


async def filled(desk: Scene, count: int) -> list[int]:
    """`count` threads, the first due soonest; their ids in queue order."""
    start = desk.at(-100)
    subjects = [f"s{i:03}" for i in range(count)]
    await desk.take(
        threads=tuple(thread(start, subject) for subject in subjects),
        flags=tuple(
            flag(desk.at(-90 + place), f"f-{subject}", thread=subject)
            for place, subject in enumerate(subjects)
        ),
    )
    return list(await desk.store.read(lambda tx: tx.queue_ids(QueueFilter(), desk.at(0), "mod-a")))


def rows_of(desk: Scene, kept: int = 2_000) -> tuple[Rows, list[Sequence[int]]]:
    wanted: list[Sequence[int]] = []
    return Rows(desk.store, "mod-a", wanted.append, kept), wanted


async def test_a_view_finds_threads_by_place_and_places_by_thread(desk: Scene) -> None:
    ids = await filled(desk, 5)
    view = ListView(ids, rows_of(desk)[0])
    assert len(view) == 5
    assert [view.id_at(view.index_of(number) or 0) for number in ids] == ids
    assert view.index_of(10_000) is None


async def test_a_view_rests_before_each_few_threads_that_it_places(
    desk: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PLACED_IN_TURN", 4)
    rests: list[None] = []
    ids = (7, 3, 9, 1, 12, 5, 2, 8, 4)
    view = ListView(ids, rows_of(desk)[0]).settled(lambda: rests.append(None))
    assert len(rests) == 3
    assert [view.index_of(number) for number in ids] == list(range(9))


async def test_a_thread_keeps_its_id_when_others_come_before_it(desk: Scene) -> None:
    ids = await filled(desk, 3)
    selected = ids[1]
    await desk.take(
        threads=(thread(desk.at(-500), "older"),),
        flags=(flag(desk.at(-500), "f-older", thread="older"),),
    )
    now = await desk.store.read(lambda tx: tx.queue_ids(QueueFilter(), desk.at(0), "mod-a"))
    view = ListView(now, rows_of(desk)[0])
    assert view.index_of(selected) == 2
    row = view.rows([selected])[selected]
    assert row is not None
    assert row.subject == "s001"


async def test_rows_are_here_at_once_and_stay_until_they_change(desk: Scene) -> None:
    ids = await filled(desk, 2)
    rows, wanted = rows_of(desk)
    first = rows.read(ids)
    await desk.take(flags=(flag(desk.at(-1), "more", thread="s000"),))
    assert rows.read(ids) == first
    rows.forget(Change(threads=frozenset({ids[0]})))
    again = rows.read(ids)
    assert again[ids[0]] != first[ids[0]]
    assert again[ids[1]] is first[ids[1]]
    assert wanted == []


async def test_the_cache_is_bounded_and_keeps_what_was_read_last(desk: Scene) -> None:
    ids = await filled(desk, 30)
    rows, _ = rows_of(desk, kept=10)
    for number in ids:
        assert rows.read([number])[number] is not None
    assert len(rows) == 10
    assert all(row is not None for row in rows.read(ids).values())
    assert len(rows) == 10


async def test_where_the_store_cannot_answer_at_once_a_row_is_asked_for(desk: Scene) -> None:
    ids = await filled(desk, 2)

    class Far:
        def peek(self, work: object) -> None:
            return None

    wanted: list[Sequence[int]] = []
    rows = Rows(Far(), "mod-a", wanted.append)  # type: ignore[arg-type]
    assert rows.read(ids) == {ids[0]: None, ids[1]: None}
    assert wanted == [ids]
    rows.put(await desk.store.read(lambda tx: tx.queue_rows(ids, "mod-a")))
    assert all(row is not None for row in rows.read(ids).values())


async def test_a_wide_change_makes_every_row_old(desk: Scene) -> None:
    ids = await filled(desk, 3)
    rows, _ = rows_of(desk)
    rows.read(ids)
    rows.forget(Change(wide=True))
    assert len(rows) == 0


async def test_a_first_view_reads_its_top_alone(
    desk: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "TOP", 4)
    ids = await filled(desk, 10)
    view = view_at_once(desk.store, QueueFilter(), desk.at(0), "mod-a", rows_of(desk)[0])
    assert isinstance(view, TopView)
    assert len(view) == 10
    assert [view.id_at(place) for place in range(4)] == ids[:4]
    assert view.index_of(ids[3]) == 3
    assert view._read is None
    assert [view.id_at(place) for place in range(10)] == ids
    assert [view.index_of(number) for number in ids] == list(range(10))
    assert view.index_of(10_000) is None


async def test_a_first_view_that_is_no_longer_than_its_top_is_whole(desk: Scene) -> None:
    ids = await filled(desk, 3)
    view = view_at_once(desk.store, QueueFilter(), desk.at(0), "mod-a", rows_of(desk)[0])
    assert isinstance(view, ListView)
    assert [view.id_at(place) for place in range(len(view))] == ids


def test_what_left_the_end_of_a_first_view_is_not_asked_for(desk: Scene) -> None:
    view = TopView((7, 8), 5, lambda: (7, 8, 9), rows_of(desk)[0])
    assert view.id_at(4) == 9
    assert len(view) == 3


def test_what_a_first_view_cannot_read_at_once_it_reads_when_it_is_asked_again(
    desk: Scene,
) -> None:
    answers: list[tuple[int, ...] | None] = [None, None, (7, 8, 9, 10, 11)]
    view = TopView((7, 8), 5, lambda: answers.pop(0), rows_of(desk)[0])
    assert view.index_of(9) is None
    assert view.id_at(4) == 8
    assert len(view) == 5, "as many as it lists, whatever can be read of them"
    assert view.id_at(4) == 11
    assert view.index_of(9) == 2
    assert answers == []
