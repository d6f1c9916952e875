"""Many new threads at once are stored as one by one."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modtui.domain.model import Event, EventKind, Flag, Post, Role, Standing, State, ThreadRecord
from modtui.domain.text import literal
from modtui.store import Store, Tx, Unwritable
from modtui.store.arrival_rows import is_plain_flag, is_plain_post, is_plain_thread
from modtui.store.arrivals_port import Arrival
from modtui.store.rows import listed, listed_detail, moment, stamp
from tests.store.stage import REALM, T0, Shelf, ask, flag, one, post, record

COUNT = 123
ODD = 'a "quoted" \\ line\n\x07 of ქართული \ud800'
# Each differs in one thing from what nearly all threads, flags and posts are.
KINDS: tuple[dict[str, object], ...] = (
    {}, {"state": State.WAITING}, {"revision": 3}, {"state": State.SNOOZED, "snoozed_until": T0},
    {"resolved_at": T0}, {"resolved_by": "Igor"}, {"team": "night"}, {"pending": 1},
    {"unknown": 2}, {"now_at": T0}, {"now_due_at": T0}, {"now_reason": "threat"},
    {"backlog": True}, {"help_route": "self-harm"}, {"standing": Standing(policy="social")},
    {"account": "other"}, {"realm": "demo:other"},
)  # fmt: skip
SEEN: tuple[dict[str, object], ...] = (
    {}, {"held": True}, {"locked": True}, {"holder": literal("Igor")}, {"tags": ()},
)  # fmt: skip
FLAGS: tuple[dict[str, object], ...] = (
    {}, {}, {}, {"note": literal(ODD)}, {"rule": True}, {"remote_id": None},
    {"remote_id": "", "by": literal("Nina")}, {"by": None}, {"post": "p1"},
)  # fmt: skip
POSTS: tuple[dict[str, object], ...] = (
    {"raw": "ქართული"}, {"raw": "plain"}, {"is_subject": True}, {"raw": ODD}, {"hidden": 2},
    {"edited_at": T0}, {"deleted_at": T0}, {"held": True}, {"media": (literal("a.png"),)},
    {"text": literal("cleaned")}, {"role": Role.BOT},
)  # fmt: skip
TABLES = {"thread": "id", "event": "id", "flag": "id", "post": "id", "post_folded": "post"}


def arrivals(prefix: str) -> list[Arrival]:
    """More threads than one statement takes, each with a different number of things."""
    return [arrival(f"{prefix}{number}", number) for number in range(COUNT)]


def arrival(subject: str, number: int) -> Arrival:
    told = record(subject, due=number, title=f"{ODD} {number}", url=None)
    thread = replace(told.thread, **SEEN[number % len(SEEN)])  # type: ignore[arg-type]
    kept = replace(told, thread=thread, **KINDS[number % len(KINDS)])  # type: ignore[arg-type]
    detail = (("reason", ODD), ("post", None), ("rule", number))
    events = [Event(EventKind.FLAGGED, T0 + timedelta(seconds=n), "Igor", detail) for n in (0, 1)]
    flags = [raised(subject, number + n) for n in range(number % 3)]
    posts = [written(subject, number + n) for n in range(number % 4)]
    return Arrival(kept, events[: number % 3], flags, posts)


def raised(subject: str, number: int) -> Flag:
    told = flag(f"f{number}", thread=subject)
    return replace(told, **FLAGS[number % len(FLAGS)])  # type: ignore[arg-type]


def written(subject: str, number: int) -> Post:
    return post(f"p{9 - number % 10}", thread=subject, **POSTS[number % len(POSTS)])  # type: ignore[arg-type]


async def rows(store: Store, prefix: str) -> list[object]:
    """Return every row of the threads whose subjects begin with `prefix` and of all that is theirs,
    as the file has it, in order; without what counts it."""
    found: list[object] = []
    for table, order in TABLES.items():
        known = f"SELECT name FROM pragma_table_info('{table}')"
        told = await ask(store, "_all", known)
        assert isinstance(told, list)
        names = [name for (name,) in told if name not in ("id", "seq", "thread", "subject")]
        shown = ", ".join(f"typeof({table}.{name}), {table}.{name}" for name in names)
        of = "" if table == "thread" else f"JOIN thread ON thread.id = {table}.thread"
        sql = (
            f"SELECT '{table}', substr(subject, 2), {shown} FROM {table} {of}"
            f" WHERE subject LIKE '{prefix}%' ORDER BY thread.id, {table}.{order}"
        )
        every = await ask(store, "_all", sql)
        assert isinstance(every, list)
        found += every
    return found


async def emptied(tx: Tx, numbers: Iterable[int]) -> None:
    """Take threads out again, with all that is theirs."""
    for table in reversed(TABLES):
        for number in numbers:
            column = "id" if table == "thread" else "thread"
            sql = f"DELETE FROM {table} WHERE {column} = ?"
            await tx._run(sql, number)  # type: ignore[attr-defined]


async def test_many_at_once_are_stored_as_one_by_one(store: Store) -> None:
    together = await one(store, "enter", arrivals("m"))
    assert isinstance(together, tuple)
    at_once = await rows(store, "m")
    await store.write(lambda tx: emptied(tx, together))
    for each in arrivals("m"):
        number = await one(store, "insert_thread", each.record)
        for event in each.events:
            await one(store, "add_event", number, event)
        for flagged in each.flags:
            await one(store, "put_flag", number, flagged)
        for said in each.posts:
            await one(store, "put_post", number, said)
    assert at_once == await rows(store, "m")


def test_nearly_all_that_comes_is_plain() -> None:
    assert is_plain_thread(record(due=1))
    assert is_plain_flag(flag())
    assert is_plain_post(post(raw="ქართული"))


async def test_what_comes_at_once_is_found(store: Store) -> None:
    together = await one(store, "enter", arrivals("m"))
    found = await ask(store, "threads_by_subject", REALM, [f"m{n}" for n in range(COUNT)])
    elsewhere = await ask(
        store, "threads_by_subject", "demo:other", [f"m{n}" for n in range(COUNT)]
    )
    numbers = {r.id for each in (found, elsewhere) for r in each.values()}  # type: ignore[attr-defined]
    assert numbers == set(together)  # type: ignore[call-overload]


async def test_a_build_that_takes_few_parameters_takes_as_many_threads(store: Store) -> None:
    async def work(tx: Tx) -> tuple[int, ...]:
        connection: sqlite3.Connection = tx._connection  # type: ignore[attr-defined]
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
        return await tx.enter(arrivals("m"))

    numbers = await store.write(work)
    assert len(numbers) == COUNT
    last = await ask(store, "thread", numbers[-1])
    assert isinstance(last, ThreadRecord)
    assert last.thread.subject == f"m{COUNT - 1}"
    assert len(await ask(store, "events", numbers[-1])) == (COUNT - 1) % 3  # type: ignore[arg-type]


async def test_what_came_is_told_to_others_and_found_in_posts(shelf: Shelf) -> None:
    here, there = shelf.open(), shelf.open()
    _, token = await ask(there, "changed_since", None)  # type: ignore[misc]
    numbers = await one(here, "enter", arrivals("m"))
    changed, _ = await ask(there, "changed_since", token)  # type: ignore[misc]
    assert changed == numbers
    folded = await one(here, "_all", "SELECT thread, post, text FROM post_folded")
    posts = await one(here, "_all", "SELECT thread, remote_id, text FROM post")
    assert sorted(folded) == sorted((t, p, text.casefold()) for t, p, text in posts)


async def test_one_that_is_there_already_ends_the_transaction_and_leaves_nothing(
    store: Store,
) -> None:
    await one(store, "enter", arrivals("m"))

    async def work(tx: Tx) -> None:
        await tx.enter(arrivals("n"))
        with pytest.raises(sqlite3.IntegrityError):
            await tx.enter(arrivals("m"))

    with pytest.raises(Unwritable, match="had been rolled back"):
        await store.write(work)
    assert not await rows(store, "n")


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
