"""What is known of an author, and what a moderator did last."""

from dataclasses import replace

from modtui.domain.model import Author, Event, EventKind, State
from modtui.domain.people import FLAGS_COUNTED, AuthorNote, Brief
from modtui.domain.text import literal
from modtui.store import ReadTx, Store
from modtui.store.sqlite import SqliteStore
from tests.store.stage import REALM, add, ask, at, delivery, flag, post, record

IGOR = Author("u2", literal("Igor"), literal("regular"))


def sanction(minute: float, kind: str, author: str = "u1", **detail: object) -> Event:
    pairs = (("sanction", kind), ("author", author), *detail.items())
    return Event(EventKind.SANCTIONED, at(minute), "mod-b", pairs)


async def peopled(store: Store) -> None:
    """Nina (u1) was flagged in 1 and 2, wrote in 3; Igor's is 3; another realm has a Nina."""
    await add(
        store,
        record("s1", due=1, first_flag_at=at(1)),
        record("s2", first_flag_at=at(2), state=State.RESOLVED, resolved_by="mod-b",
               resolved_at=at(5)),
        record("s3", first_flag_at=at(3), thread=replace(record("s3").thread, author=IGOR)),
        record("n1", realm="demo:chat", account="chat", first_flag_at=at(4)),
    )  # fmt: skip

    async def work(tx: object) -> None:
        await tx.put_post(1, post("p1", created_at=at(-60)))
        await tx.put_post(3, post("q1", author=IGOR))
        await tx.put_post(3, post("q2"))
        await tx.put_flag(1, flag("f1", post="p1"))
        await tx.put_flag(2, flag("f2"))
        await tx.put_flag(2, flag("f3", by=literal("Olga")))
        await tx.put_flag(3, flag("f4", post="q2"))
        await tx.put_flag(3, flag("f5", post="q1"))
        await tx.add_event(2, Event(EventKind.HIDDEN, at(4), "mod-b"))
        await tx.add_event(2, Event(EventKind.RESOLVED, at(5), "mod-b"))
        await tx.add_event(
            2,
            Event(
                EventKind.STAFF_NOTE, at(6), "mod-b", (("text", "comes back under other names"),)
            ),
        )
        await tx.add_event(2, sanction(7, "mute", seconds=3600, rule="spam"))
        await tx.add_event(3, sanction(8, "unmute"))
        await tx.add_event(3, sanction(9, "warn", author="u2"))
        await tx.add_event(4, sanction(9, "ban"))
        await tx.add_author_note(REALM, "u1", AuthorNote("mod-a", at(9), literal("be kind"), 1))

    await store.write(work)


async def test_the_record_has_threads_flags_sanctions_and_notes_of_one_realm(
    store: Store,
) -> None:
    await peopled(store)
    found = await ask(store, "author_record", REALM, "u1")
    assert (found.author.name, found.posts, found.flags) == ("Nina", 2, 4)
    assert found.first_seen_at == at(-60)
    assert [(t.id, t.state, t.flags, t.outcome, t.by) for t in found.threads] == [
        (2, State.RESOLVED, 2, "done", "mod-b"), (1, State.OPEN, 1, "", ""),
    ]  # fmt: skip
    (mute,) = found.sanctions
    assert (mute.kind, mute.seconds, mute.by, mute.reason) == ("mute", 3600, "mod-b", "spam")
    assert (mute.lifted_at, mute.lifted_by) == (at(8), "mod-b")
    assert mute.words(at(100)) == "mute for 1 h, lifted by mod-b"
    assert [(n.by, n.text, n.thread) for n in found.notes] == [
        ("mod-a", "be kind", 1), ("mod-b", "comes back under other names", 2),
    ]  # fmt: skip
    (other,) = found.namesakes
    assert (other.realm, other.account, other.threads, other.sanctions) == (
        "demo:chat", "chat", 1, 1,
    )  # fmt: skip


async def test_an_author_nobody_knows_has_no_record(store: Store) -> None:
    await peopled(store)
    assert await ask(store, "author_record", REALM, "u9") is None


async def test_a_taken_back_outcome_is_none(store: Store) -> None:
    await add(store, record("s1"))

    async def work(tx: object) -> None:
        await tx.add_event(1, Event(EventKind.HIDDEN, at(4), "mod-b"))
        await tx.add_event(1, Event(EventKind.UNDONE, at(5), "mod-b"))

    await store.write(work)
    assert (await ask(store, "author_record", REALM, "u1")).threads[0].outcome == ""


async def test_briefs_leave_the_thread_on_screen_out(store: Store) -> None:
    await peopled(store)
    briefs = await ask(store, "author_briefs", REALM, ["u1", "u2", "u9"], 1)
    assert briefs == {"u1": Brief(3, (("mute", 1),)), "u2": Brief(1, (("warn", 1),))}
    assert briefs["u1"].words == "3 earlier flags, 1 mute"
    assert (briefs["u1"].short, briefs["u2"].short) == ("3 earlier, 1 mute", "1 earlier, 1 warn")
    assert Brief().words == Brief().short == "no record"
    assert await ask(store, "author_briefs", REALM, ["u2"], 3) == {}
    crowd = [*(f"x{n}" for n in range(20)), "u1", "u2"]
    assert await ask(store, "author_briefs", REALM, crowd, 1) == briefs


async def test_sanctions_of_all_threads_count_but_those_taken_back_as_a_mistake(
    store: Store,
) -> None:
    await peopled(store)
    assert await ask(store, "prior_sanctions", REALM, "u1") == 1, "its time is over: it was given"
    assert await ask(store, "prior_sanctions", REALM, "u9") == 0

    async def work(tx: object) -> None:
        await tx.add_event(1, sanction(10, "warn"))
        await tx.add_event(1, sanction(11, "mute", seconds=60))
        await tx.add_event(1, sanction(12, "unmute", undoes=7))

    await store.write(work)
    assert await ask(store, "prior_sanctions", REALM, "u1") == 2


async def test_a_long_record_is_counted_as_far_as_it_is_said(store: Store) -> None:
    await peopled(store)
    many = [flag(f"more{n}") for n in range(FLAGS_COUNTED + 20)]

    async def work(tx: object) -> None:
        for each in many:
            await tx.put_flag(2, each)

    await store.write(work)
    briefs = await ask(store, "author_briefs", REALM, ["u1"], 1)
    assert briefs["u1"].words == "99+ earlier flags, 1 mute"


async def test_who_was_flagged_very_often_is_not_counted_at_each_look(store: SqliteStore) -> None:
    await peopled(store)
    many = [flag(f"more{n}") for n in range(2 * FLAGS_COUNTED)]

    async def work(tx: object) -> None:
        for each in many:
            await tx.put_flag(2, each)

    await store.write(work)

    async def counted(but: int) -> tuple[int, list[str]]:
        """Return how many flags Nina has elsewhere, and what was asked to know."""
        said: list[str] = []
        assert store._reader is not None
        store._reader.set_trace_callback(said.append)
        briefs = await ask(store, "author_briefs", REALM, ["u1"], but)
        store._reader.set_trace_callback(None)
        return briefs["u1"].flags, [each for each in said if "JOIN flag" in each]

    await ask(store, "author_briefs", REALM, ["u9"], 1)
    assert [(number, len(asked)) for number, asked in [await counted(1), await counted(3)]] == [
        (FLAGS_COUNTED, 1), (FLAGS_COUNTED, 0)
    ]  # fmt: skip
    # Nearly all of them are here, and say nothing of elsewhere.
    assert (await counted(2))[0] == 2


async def test_own_batches_are_the_latest_without_what_takes_back(store: Store) -> None:
    await add(store, record("s1"), record("s2"))

    async def work(tx: object) -> None:
        await tx.add_delivery(delivery(1, "k1", batch="b1", created_at=at(1)))
        await tx.add_delivery(delivery(2, "k2", batch="b1", created_at=at(1)))
        await tx.add_delivery(delivery(1, "k3", batch="b2", created_at=at(3), undoes=1))
        await tx.add_delivery(delivery(1, "k4", batch="b3", created_at=at(4), not_before=at(9)))
        await tx.add_delivery(delivery(1, "k5", batch="b4", created_at=at(5), by="mod-b"))
        for minute, batch, more in ((2, "b5", {}), (6, "b6", {"delivery": 1})):
            pairs = (("batch", batch), ("before", "open"), *more.items())
            await tx.add_event(2, Event(EventKind.SNOOZED, at(minute), "mod-a", pairs))

    await store.write(work)
    found = await ask(store, "own_batches", "mod-a", 20)
    assert [(b.batch, b.at) for b in found] == [("b5", at(2)), ("b1", at(1))]
    assert [b.batch for b in await ask(store, "own_batches", "mod-a", 1)] == ["b5"]
    events = await ask(store, "batch_events", 2, "b5")
    assert [e.kind for e in events] == [EventKind.SNOOZED]
    assert await ask(store, "batch_events", 2, "b6") == ()


async def test_ones_own_events_are_found_by_their_index(store: Store) -> None:
    from modtui.store.people import _OWN_EVENTS

    async def plan(tx: ReadTx) -> str:
        return str(await tx._all(f"EXPLAIN QUERY PLAN {_OWN_EVENTS}", "mod-a", 9))  # type: ignore[attr-defined]

    said = await store.read(plan)
    assert "event_own" in said
    assert "SCAN" not in said
    assert "TEMP B-TREE" not in said
