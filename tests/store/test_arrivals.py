"""Many new threads at once are stored as one by one."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modtui.domain.model import Event, EventKind, Flag, Post, State, ThreadRecord
from modtui.domain.text import literal
from modtui.store import Store, Tx
from modtui.store.arrivals_port import Arrival
from modtui.store.rows import listed, listed_detail, moment, stamp
from tests.store.stage import REALM, T0, Shelf, ask, flag, one, post, record

COUNT = 123
WORKED_ON: dict[str, object] = {
    "state": State.SNOOZED, "revision": 3, "snoozed_until": T0, "resolved_at": T0,
    "resolved_by": "Igor", "team": "night", "pending": 1, "unknown": 2,
}  # fmt: skip
ODD = 'a "quoted" \\ line\n\x07 of ქართული \ud800'


def arrivals(prefix: str) -> list[Arrival]:
    """More threads than one statement takes, each with a different number of things."""
    return [arrival(f"{prefix}{number}", number) for number in range(COUNT)]


def arrival(subject: str, number: int) -> Arrival:
    thread = record(subject, due=number, title=f"{ODD} {number}")
    if number % 5 == 4:
        thread = replace(thread, **WORKED_ON)
    detail = (("reason", ODD), ("post", None), ("rule", number))
    events = [Event(EventKind.FLAGGED, T0 + timedelta(seconds=n), "Igor", detail) for n in (0, 1)]
    flags = [flag(f"f{n}", thread=subject, note=literal(ODD)) for n in range(number % 3)]
    posts = [post(f"p{n}", raw=f"{ODD} {n}", thread=subject) for n in range(number % 4)]
    return Arrival(thread, events[: number % 3], flags, posts)


async def seen(store: Store, number: int) -> tuple[object, ...]:
    """All that is stored of a thread, without what counts it."""
    thread = await ask(store, "thread", number)
    assert isinstance(thread, ThreadRecord)
    subject = thread.thread.subject[1:]
    events = await ask(store, "events", number)
    flags: tuple[Flag, ...] = await ask(store, "flags", number)  # type: ignore[assignment]
    posts: tuple[Post, ...] = await ask(store, "posts", number)  # type: ignore[assignment]
    return (
        subject,
        thread.standing,
        thread.thread.title,
        thread.reasons,
        {name: getattr(thread, name) for name in WORKED_ON},
        [(e.kind, e.at, e.actor, e.detail) for e in events],  # type: ignore[attr-defined]
        [(f.key, f.note, f.at) for f in flags],
        [(p.remote_id, p.text, p.raw, p.author) for p in posts],
    )


async def test_many_at_once_are_stored_as_one_by_one(store: Store) -> None:
    together = await one(store, "enter", arrivals("m"))
    assert isinstance(together, tuple)
    alone = []
    for each in arrivals("o"):
        number = await one(store, "insert_thread", each.record)
        for event in each.events:
            await one(store, "add_event", number, event)
        for raised in each.flags:
            await one(store, "put_flag", number, raised)
        for written in each.posts:
            await one(store, "put_post", number, written)
        alone.append(number)
    for number, other in zip(together, alone, strict=True):
        assert await seen(store, number) == await seen(store, other)
    found = await ask(store, "threads_by_subject", REALM, [f"m{n}" for n in range(COUNT)])
    assert {r.id for r in found.values()} == set(together)  # type: ignore[attr-defined]


async def test_a_build_that_takes_few_parameters_takes_as_many_threads(store: Store) -> None:
    async def work(tx: Tx) -> tuple[int, ...]:
        connection: sqlite3.Connection = tx._connection  # type: ignore[attr-defined]
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
        return await tx.enter(arrivals("m"))

    numbers = await store.write(work)
    assert len(numbers) == COUNT
    last = await seen(store, numbers[-1])
    assert last[0] == str(COUNT - 1)
    assert len(last[5]) == (COUNT - 1) % 3  # type: ignore[arg-type]


async def test_what_came_is_told_to_others_and_found_in_posts(shelf: Shelf) -> None:
    here, there = shelf.open(), shelf.open()
    _, token = await ask(there, "changed_since", None)  # type: ignore[misc]
    numbers = await one(here, "enter", arrivals("m"))
    changed, _ = await ask(there, "changed_since", token)  # type: ignore[misc]
    assert changed == numbers
    folded = await one(here, "_all", "SELECT thread, post, text FROM post_folded")
    posts = await one(here, "_all", "SELECT thread, remote_id, text FROM post")
    assert sorted(folded) == sorted((t, p, text.casefold()) for t, p, text in posts)


async def test_the_room_for_very_many_is_given_back(store: Store) -> None:
    before = await one(store, "_all", "PRAGMA cache_size")
    many = [arrival(f"m{number}", number) for number in range(250)]
    assert len(await one(store, "enter", many)) == len(many)  # type: ignore[arg-type]
    assert await one(store, "_all", "PRAGMA cache_size") == before


class Told(list[Event]):
    """Events of which it is known whether they are still there."""


async def test_one_is_held_at_a_time(store: Store) -> None:
    there: list[int] = []
    told: list[weakref.ref[Told]] = []

    def one_by_one() -> Iterator[Arrival]:
        for number in range(COUNT):
            events = Told(arrival("m", 1).events)
            told.append(weakref.ref(events))
            there.append(sum(each() is not None for each in told))
            yield Arrival(record(f"m{number}"), events)

    assert len(await one(store, "enter", one_by_one())) == COUNT  # type: ignore[arg-type]
    assert max(there) <= 3


async def test_none_is_nothing(store: Store) -> None:
    assert await one(store, "enter", []) == ()


VALUES = st.one_of(st.none(), st.integers(), st.text())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.text(), VALUES), max_size=5))
def test_the_pairs_of_an_event_are_written_like_any_list(
    detail: list[tuple[str, str | int | None]],
) -> None:
    assert listed_detail(detail) == listed(detail)


@given(st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=st.timezones()))
def test_a_moment_is_stored_to_the_microsecond(at: datetime) -> None:
    assert moment(stamp(at)) == at.astimezone(UTC)
    assert stamp(at) == (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def test_a_time_without_a_zone_is_not_stored() -> None:
    with pytest.raises(TypeError):
        stamp(datetime(2026, 3, 2))
