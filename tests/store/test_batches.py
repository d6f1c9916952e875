"""Many threads at once, as the store knows them."""

from __future__ import annotations

from dataclasses import replace

from modtui.domain.heat import Told
from modtui.domain.kept import Kept
from modtui.domain.model import Author, Role
from modtui.domain.text import literal
from modtui.store import Store
from tests.store.stage import HandClock, add, ask, at, flag, one, post, record


async def test_traits_come_in_the_order_asked_for(store: Store) -> None:
    first, second = await add(store, record("s1"), record("s2", reasons=(), title="Only a title"))
    await one(store, "put_post", first, replace(post("p1", "subject"), is_subject=True))
    await one(store, "put_post", first, post("p2", "another"))
    found = await ask(store, "traits", (second, first, 999))
    assert [(t.thread, t.text, t.reason) for t in found] == [
        (second, "Only a title", ""),
        (first, "subject", "spam"),
    ]


async def test_the_same_name_elsewhere_is_counted_only(store: Store) -> None:
    await add(store, record("s1"), record("s2", realm="other", author="NINA"))
    assert await ask(store, "same_name", "Nina", "demo:forum") == 1
    assert await ask(store, "same_name", "Igor", "demo:forum") == 0


async def test_a_row_knows_the_flags_of_the_last_minute_where_there_are_many(
    store: Store, clock: HandClock
) -> None:
    (hot, cool) = await add(store, record("s1", flag_count=6), record("s2", flag_count=4))
    clock.now = at(10)
    for number, minute in enumerate((1, 9.5, 9.6, 9.9)):
        await one(store, "put_flag", hot, flag(f"f{number}", at=at(minute)))
        await one(store, "put_flag", cool, replace(flag(f"f{number}", at=at(minute)), thread="s2"))
    await one(store, "close_flags", hot, ["f3"], "mod-a", at(10))
    rows = await ask(store, "queue_rows", (hot, cool), "mod-a")
    assert rows[hot].lately == (at(9.5), at(9.6))
    assert rows[cool].lately == ()


async def test_the_pace_of_a_channel_counts_people_in_all_its_threads(store: Store) -> None:
    here, there, off = await add(
        store, record("s1"), record("s2"), record("s3", channel="elsewhere")
    )
    staff = replace(post("p9"), role=Role.STAFF, created_at=at(5))
    for thread, said in ((here, post("p1")), (there, post("p2")), (off, post("p3")), (here, staff)):
        await one(store, "put_post", thread, replace(said, created_at=at(5)))
    await one(store, "put_flag", here, flag(at=at(6)))
    await one(store, "close_flags", here, ["f1"], "mod-a", at(7))
    spans = ((at(4), at(6)), (at(5), at(6)), (at(20), at(30)))
    found = await ask(store, "told", "demo:forum", "general", spans)
    assert found == (Told(2, 1), Told(0, 1), Told())


async def test_a_batch_remembers_its_threads_once(store: Store) -> None:
    await one(store, "note_batch", "b1", (3, 1, 3))
    assert await ask(store, "batch_threads", "b1") == (1, 3)
    assert await ask(store, "batch_threads", "b2") == ()


async def test_what_was_kept_counts_and_ends(store: Store) -> None:
    (thread,) = await add(store, record())
    await one(store, "keep_on", thread, Kept("p1", "mod-a", at(1), "print"))
    await one(store, "count_kept", thread, "p1", 12)
    assert await ask(store, "kept", thread) == (Kept("p1", "mod-a", at(1), "print", 12),)
    await one(store, "keep_on", thread, Kept("p1", "mod-b", at(2), "other"))
    assert await ask(store, "kept", thread) == (Kept("p1", "mod-b", at(2), "other"),)
    assert await one(store, "end_kept", thread, ["p1", "p2"]) == 1
    assert await ask(store, "kept", thread) == ()


async def test_an_author_is_told_apart_by_realm(store: Store) -> None:
    one_thread, other = await add(store, record("s1"), record("s1", realm="demo:chat"))
    found = await ask(store, "traits", (one_thread, other))
    assert {t.realm for t in found} == {"demo:forum", "demo:chat"}
    assert {t.author for t in found} == {Author("u1", literal("Nina")).remote_id}
