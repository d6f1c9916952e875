"""Many threads and posts at once: each line on its own, one window, one way back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modtui.connectors import Rejected
from modtui.domain.alike import Alike
from modtui.domain.commands import Dismiss, Hide, Reply, Resolve, Restore, SetSlowMode
from modtui.domain.features import sample
from modtui.domain.model import Author, EventKind, State
from modtui.domain.outbox import DeliveryState
from modtui.domain.ranking import Ranking
from modtui.domain.replies import Entry, Variant
from modtui.domain.text import literal
from modtui.engine import Refused
from modtui.engine.batching import Around, LiveBatches
from modtui.engine.held import Held
from tests.engine.outbox_stage import Stage, add_thread, say
from tests.store.stage import T0, flag, post

S = DeliveryState


def batches(stage: Stage, *entries: Entry, may: bool = True) -> LiveBatches:
    """The part under test, without the façade around it."""

    async def no_thread(number: int) -> None:
        return None

    def may_act() -> None:
        if not may:
            raise Refused("read_only", "this queue is open for reading only")

    around = Around(
        thread=no_thread,
        entries=lambda: entries,
        scores=Ranking(map(sample, entries)).scores,
        sent=dict,
        claim=Held(stage.parts).claim,
        began=stage.outbox.began,
        may_act=may_act,
    )
    return LiveBatches(stage.parts, around)


def hide(thread: int, subject: str, revision: int = 1, **changes: object) -> Hide:
    plain = Hide(thread=thread, revision=revision, posts=(f"p-{subject}",), author="u1")
    return replace(plain, **changes)


async def three(stage: Stage) -> list[int]:
    return [await add_thread(stage, name) for name in ("s1", "s2", "s3")]


async def test_one_stale_line_is_named_and_the_others_are_taken_in_one_batch(
    stage: Stage,
) -> None:
    one, two, gone = await three(stage)
    await stage.author_posts(two)
    taken = await batches(stage).submit(
        [(hide(one, "s1"),), (hide(two, "s2"),), (hide(gone, "s3"), say(gone, "why"))]
    )
    assert [(r.line, r.kind) for r in taken.refusals] == [(1, "stale")]
    assert "title of s2" in taken.refusals[0].message
    assert [len(rows) for rows in taken.deliveries] == [1, 0, 2]
    rows = await stage.rows()
    assert {row.batch for row in rows} == {taken.batch}
    assert [(row.thread, row.state) for row in rows] == [
        (one, S.HELD),
        (gone, S.HELD),
        (gone, S.HELD),
    ]
    assert [(await stage.thread(n)).pending for n in (one, two, gone)] == [1, 0, 2]


async def test_a_claim_refuses_the_public_reply_and_nothing_else(stage: Stage) -> None:
    one, two, _ = await three(stage)
    for number in (one, two):
        await stage.store.write(lambda tx, n=number: tx.take_claim(n, "mod-c", "x", 100))
    taken = await batches(stage).submit([(say(one),), (hide(two, "s2"),)])
    assert [(r.line, r.kind) for r in taken.refusals] == [(0, "claimed")]
    assert [type(row.command) for row in await stage.rows()] == [Hide]


async def test_a_queue_for_reading_takes_nothing(stage: Stage) -> None:
    one = await add_thread(stage)
    with pytest.raises(Refused, match="reading only"):
        await batches(stage, may=False).submit([(hide(one, "s1"),)])
    assert await stage.rows() == ()


async def test_u_takes_the_whole_batch_back_while_it_is_held(stage: Stage) -> None:
    one, two, three_ = await three(stage)
    part = batches(stage)
    lines = [(hide(n, s),) for n, s in ((one, "s1"), (two, "s2"))]
    await part.submit([*lines, (Resolve(thread=three_, revision=1),)])
    undone = await stage.outbox.undo()
    assert set(undone.threads) == {one, two, three_}
    assert undone.message.startswith("taken back: remove post of Nina → title of s1, ")
    assert not undone.inverse
    assert undone.seen is None
    assert [row.state for row in await stage.rows()] == [S.CANCELLED, S.CANCELLED]
    assert [(await stage.thread(n)).state for n in (one, two, three_)] == [State.OPEN] * 3
    assert stage.changes[-1].threads == {one, two, three_}
    with pytest.raises(Refused, match="nothing of yours"):
        await stage.outbox.undo()


async def test_what_was_done_at_once_in_many_threads_comes_back_at_one_key(stage: Stage) -> None:
    numbers = await three(stage)
    await batches(stage).submit([(Resolve(thread=n, revision=1),) for n in numbers])
    assert [(await stage.thread(n)).state for n in numbers] == [State.RESOLVED] * 3
    undone = await stage.outbox.undo()
    assert undone.message == "taken back: resolved, resolved, resolved"
    assert [(await stage.thread(n)).state for n in numbers] == [State.OPEN] * 3


async def test_after_the_window_each_removal_is_brought_back_and_the_audit_says_mistake(
    stage: Stage,
) -> None:
    one, two, _ = await three(stage)
    await batches(stage).submit([(hide(one, "s1"),), (hide(two, "s2"),)])
    stage.clock.tick(11)
    await stage.drive()
    assert [(await stage.thread(n)).state for n in (one, two)] == [State.RESOLVED] * 2
    undone = await stage.outbox.undo()
    assert undone.inverse
    assert undone.seen in (one, two)
    await stage.drive()
    assert {type(c) for c, _ in stage.connector.performed[2:]} == {Restore}
    assert [(await stage.thread(n)).state for n in (one, two)] == [State.OPEN] * 2
    lines = await stage.store.read(lambda tx: tx.audit())
    assert {line.thread for line in lines if line.action == "mistake undone"} == {one, two}


async def test_what_is_on_its_way_stays_and_the_rest_of_a_batch_comes_back(stage: Stage) -> None:
    numbers = await three(stage)
    await batches(stage).submit([(hide(n, f"s{n}"),) for n in numbers])
    stage.clock.tick(11)
    (first, *_) = await stage.rows()
    await stage.store.write(lambda tx: tx.move_delivery(first, S.QUEUED))
    await stage.store.write(lambda tx: tx.lease_delivery(first.id, "host:1", 60, stage.clock.now))
    undone = await stage.outbox.undo()
    assert undone.message.endswith("; 1 on its way, not yet")
    assert [row.state for row in await stage.rows()] == [S.SENDING, S.CANCELLED, S.CANCELLED]
    with pytest.raises(Refused, match="on its way"):
        await stage.outbox.undo(numbers[0])


async def test_the_act_before_a_batch_is_next_in_line(stage: Stage) -> None:
    numbers = await three(stage)
    await stage.submit(say(numbers[0], "earlier"), hold=True)
    stage.clock.tick(1)
    await batches(stage).submit([(Resolve(thread=n, revision=1),) for n in numbers[1:]])
    stage.clock.tick(1)
    assert set((await stage.outbox.undo()).threads) == set(numbers[1:])
    assert (await stage.outbox.undo()).message == "taken back: reply → title of s1"


async def many_posts(stage: Stage) -> int:
    """One thread with three flagged posts: p-s1, p2, p3."""
    flags = (
        replace(flag("f1", post="p-s1"), thread="s1"),
        replace(flag("f2", post="p2"), thread="s1"),
        replace(flag("f3", post="p3"), thread="s1"),
    )
    number = await add_thread(stage, "s1", flags)
    for remote_id in ("p2", "p3"):
        await stage.store.write(lambda tx, r=remote_id: tx.put_post(number, post(r)))
    return number


async def test_a_refused_post_leaves_the_others_of_its_thread_and_the_thread_open(
    stage: Stage,
) -> None:
    thread = await many_posts(stage)
    lines = [(hide(thread, "", posts=(name,)),) for name in ("p-s1", "p2", "p3")]
    await batches(stage).submit(lines)
    stage.connector.answers = [Rejected("protected")]
    stage.clock.tick(11)
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.REJECTED, S.SENT, S.SENT]
    assert (await stage.thread(thread)).state is State.OPEN
    flags = await stage.store.read(lambda tx: tx.flags(thread))
    assert [each.key for each in flags] == ["f1"]
    await batches(stage).submit([lines[0]])
    stage.clock.tick(11)
    await stage.drive()
    assert (await stage.thread(thread)).state is State.RESOLVED


async def test_what_follows_from_a_refused_command_still_does_not_happen(stage: Stage) -> None:
    thread = await add_thread(stage)
    slow = SetSlowMode(thread=thread, revision=1, seconds=60, until=None, reason="heat")
    dismiss = Dismiss(thread=thread, revision=1, flags=("f-s1",), posts=("p-s1",))
    await batches(stage).submit([(hide(thread, "s1"), dismiss, slow)])
    stage.connector.answers = [Rejected("no")]
    stage.clock.tick(11)
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.REJECTED, S.CANCELLED, S.CANCELLED]


async def test_alike_is_found_in_the_view_and_names_are_only_counted(stage: Stage) -> None:
    one, two, other = await three(stage)
    texts = {one: "FREE spins 100", two: "free SPINS 7!", other: "hello"}

    async def write(number: int, text: str) -> None:
        said = replace(
            post(f"p-s{number}", text), is_subject=True, author=Author("u1", literal("N"))
        )
        await stage.store.write(lambda tx: tx.put_post(number, said))

    for number, text in texts.items():
        await write(number, text + ("!" if number == one else ""))
    part = batches(stage)
    found = await part.alike(one, Alike.TEXT, (one, two, other))
    assert (found.threads, found.stopped) == ((one, two), False)
    assert (await part.alike(one, Alike.TEXT, (one, other))).threads == (one,)
    assert (await part.alike(one, Alike.REASON, (one, two, other))).threads == (one, two, other)
    await stage.store.write(lambda tx: _rename(tx, other, "u9"))
    assert (await part.alike(one, Alike.AUTHOR, (one, two, other))).threads == (one, two)


async def _rename(tx: object, number: int, author: str) -> None:
    found = await tx.thread(number)
    thread = replace(found.thread, author=Author(author, literal("Nina")))
    await tx.update_thread(replace(found, thread=thread))


def entry(name: str, *keywords: str, pin: int | None = None) -> Entry:
    tags = (f"pin:{pin}",) if pin else ()
    return Entry(name, {"en": Variant("en", name, name)}, tags, (), keywords)


async def test_the_same_question_is_one_with_the_same_best_answer(stage: Stage) -> None:
    one, two, other = await three(stage)
    for number, text in ((one, "withdrawal stuck payout"), (two, "payout withdrawal?")):
        said = replace(post(f"q{number}", text), thread=f"s{number}", created_at=T0)
        await stage.store.write(lambda tx, n=number, s=said: tx.put_post(n, s))
    part = batches(stage, entry("payout", "withdrawal", "payout"), entry("rules", pin=7))
    assert (await part.alike(one, Alike.QUESTION, (one, two, other))).threads == (one, two)
    assert (await part.alike(other, Alike.QUESTION, (one, two, other))).threads == (other,)


async def test_claiming_says_who_was_faster(stage: Stage) -> None:
    one, two, _ = await three(stage)
    await stage.store.write(lambda tx: tx.take_claim(two, "mod-c", "x", 100))
    assert await batches(stage).claim((one, two)) == ("", "mod-c")
    assert EventKind.CLAIMED in await stage.events(one)


async def test_the_replies_of_a_batch_are_one_to_each_thread(stage: Stage) -> None:
    numbers = await three(stage)
    part = batches(stage)
    taken = await part.submit([(say(n, f"to {n}"),) for n in numbers])
    rows = await part.results(taken.batch)
    texts = [r.command.text for r in rows if isinstance(r.command, Reply)]
    assert texts == [f"to {n}" for n in numbers]
