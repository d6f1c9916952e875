"""Views: counted as they are listed, grouped, saved by name; and the search within posts."""

import time
from datetime import timedelta

import pytest

from modtui.domain.model import State
from modtui.domain.named_views import By, Kind, View
from modtui.domain.text import literal
from modtui.domain.views import QueueFilter
from modtui.store import Store
from tests.store.stage import T0, add, ask, at, post, record

NOW = at(60)


async def ids(store: Store, **view: object) -> tuple[int, ...]:
    return await ask(store, "queue_ids", QueueFilter(**view), NOW, "mod-a")


async def put(store: Store, thread: int, *posts: object) -> None:
    async def work(tx: object) -> None:
        for each in posts:
            await tx.put_post(thread, each)

    await store.write(work)


async def test_every_view_counts_what_it_lists(store: Store) -> None:
    await add(
        store,
        record("s1", due=-5),
        record("s2", due=90),
        record("s3", due=600, state=State.ESCALATED),
        record("s4", state=State.WAITING),
        record("s5", state=State.SNOOZED, resumes=30),
        record("s6", state=State.RESOLVED, resolved_at=at(30), resolved_by="mod-a"),
        record("s7", due=600, now_at=T0, now_due_at=at(900), now_reason="threat"),
        record("s8", due=-9, backlog=True),
    )

    async def claim(tx: object) -> None:
        await tx.take_claim(2, "mod-a", "s", 60)

    await store.write(claim)
    found = {}
    for kind in Kind:
        view = View(kind).asks("mod-a", NOW, "UTC")
        listed = await ask(store, "queue_ids", view, NOW, "mod-a")
        assert await ask(store, "queue_count", view, NOW) == len(listed), kind
        found[kind.value] = set(listed)
    assert found == {
        "all": {1, 2, 3, 4, 5, 7}, "mine": {2}, "unowned": {1, 7}, "late": {1}, "hour": {1, 2},
        "now": {7}, "escalated": {3}, "waiting": {4}, "snoozed": {5}, "backlog": {8}, "done": {6},
    }  # fmt: skip


async def test_what_was_done_comes_latest_first_from_its_moment_on(store: Store) -> None:
    done = {"state": State.RESOLVED, "resolved_by": "mod-a"}
    await add(
        store,
        record("s1", resolved_at=at(10), **done),
        record("s2", resolved_at=at(30), **done),
        record("s3", resolved_at=at(-1), **done),
    )
    assert await ids(store, done_since=T0) == (2, 1)


async def test_groups_are_counted_within_the_view(store: Store) -> None:
    await add(
        store,
        record("s1", due=1, account="chat", language="ru", reasons=("spam", 'odd "one"')),
        record("s2", due=2, account="chat", language=None, reasons=("spam",)),
        record("s3", due=3, account="forum", language="ru", reasons=("insult",)),
        record("s4", account="forum", state=State.RESOLVED),
    )

    async def groups(by: By, **view: object) -> list[tuple[str, int]]:
        return list(await ask(store, "queue_groups", QueueFilter(**view), by, NOW))

    assert await groups(By.PLATFORM) == [("chat", 2), ("forum", 1)]
    assert await groups(By.LANGUAGE) == [("ru", 2), ("", 1)]
    assert await groups(By.REASON) == [("spam", 2), ("insult", 1), ('odd "one"', 1)]
    assert await groups(By.REASON, languages=("",)) == [("spam", 1)]
    assert await ids(store, languages=("",)) == (2,)


async def test_a_view_is_saved_over_its_older_one_and_forgotten(store: Store) -> None:
    async def work(tx: object) -> None:
        await tx.save_view("mod-a", View(Kind.LATE, name="night"))
        await tx.save_view("mod-a", View(languages=("ka",), name="night"))
        await tx.save_view("mod-a", View(text="t.me", name="ads"))
        await tx.save_view("mod-b", View(name="theirs"))
        await tx._run(
            "INSERT INTO saved_view (by, name, view) VALUES ('mod-a', 'later',"
            """ '{"kind": "mood", "accounts": [], "languages": [], "reasons": []}')"""
        )

    await store.write(work)
    saved = await ask(store, "saved_views", "mod-a")
    assert saved == (View(text="t.me", name="ads"), View(languages=("ka",), name="night"))

    async def forget(tx: object) -> tuple[bool, bool]:
        return await tx.forget_view("mod-a", "ads"), await tx.forget_view("mod-a", "theirs")

    assert await store.write(forget) == (True, False)
    assert len(await ask(store, "saved_views", "mod-b")) == 1


async def test_search_finds_posts_titles_authors_ids_and_numbers_whatever_the_case(
    store: Store,
) -> None:
    await add(
        store, record("s1", due=1, title="Лимит"), record("s2", due=2, author="Igor"),
        record("s3", due=3),
    )  # fmt: skip
    await put(store, 3, post("p1", "Вывод ВИСИТ третий день"), post("p2", "100% ok"))
    for text, wanted in (
        ("висит", (3,)), ("лИМИТ", (1,)), ("igor", (2,)), ("S2", (2,)), ("#3", (3,)),
        ("0% OK", (3,)), ("nothing", ()),
    ):  # fmt: skip
        assert await ids(store, text=text) == wanted, text


async def test_an_edit_is_found_by_its_new_words_and_a_deleted_post_by_its_last(
    store: Store,
) -> None:
    await add(store, record("s1", due=1))
    await put(store, 1, post("p1", "casino"), post("p1", "kasino", edited_at=at(1)))
    assert await ids(store, text="casino") == ()
    assert await ids(store, text="kasino") == (1,)
    await put(store, 1, post("p1", "", deleted_at=at(2)))
    assert await ids(store, text="kasino") == (1,)


@pytest.mark.nightly
async def test_a_search_through_ten_thousand_threads_is_quick(store: Store) -> None:
    words = literal("вывод висит третий день, поддержка молчит; сумма, заявка, срок " * 4)

    async def fill(tx: object) -> None:
        for number in range(10_000):
            thread = await tx.insert_thread(record(f"s{number}", due=number))
            for index in range(3):
                await tx.put_post(thread, post(f"p{index}", str(words)))

    await store.write(fill)
    took = []
    for text in ("w", "заявк", "not there"):
        began = time.process_time()
        await ids(store, text=text)
        took.append(timedelta(seconds=time.process_time() - began))
    assert max(took) < timedelta(milliseconds=200), took
