"""What a platform tells enters the queue once, however often and in whatever order."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from modtui.connectors import Batch, Broken, Capabilities, Limits, Nothing
from modtui.domain.commands import Capability, Hide, Reply
from modtui.domain.model import (
    Author,
    Event,
    EventKind,
    Restriction,
    Role,
    Severity,
    State,
    ThreadRecord,
)
from modtui.domain.outbox import Delivery, DeliveryState, Receipt
from modtui.domain.text import literal
from modtui.engine.guarded import Guarded
from modtui.engine.history import happen
from modtui.engine.intake import Intake
from modtui.engine.merge import put_context
from modtui.engine.pieces import Source
from modtui.store import Fenced, Tx
from tests.engine.scene import (
    GENERAL,
    IGOR,
    NINA,
    POLICY,
    REALM,
    STAFF,
    US,
    Scene,
    flag,
    post,
    thread,
)

T = TypeVar("T")


async def flagged(desk: Scene) -> None:
    """One thread with one flag and the post it is about."""
    t0 = desk.at(-10)
    await desk.take(
        channels=(GENERAL,),
        threads=(thread(t0),),
        posts=(post(t0, is_subject=True),),
        flags=(flag(desk.at(-5)),),
        caught_up=True,
    )


async def happened(desk: Scene, *events: Event) -> ThreadRecord:
    record = await desk.record()
    return await desk.store.write(lambda tx: happen(tx, record, events, desk.parts))


async def test_a_flagged_thread_is_due_from_its_first_flag(desk: Scene) -> None:
    await flagged(desk)
    record = await desk.record()
    assert (record.state, record.reasons, record.flag_count) == (State.OPEN, ("spam",), 1)
    assert record.standing.due_at == desk.at(-5 + 120)
    assert record.language == "en"
    assert await desk.events() == [("flagged", "Igor")]


@pytest.mark.parametrize(
    ("told", "kept"), [("pt-BR", "pt"), ("RU_ru", "ru"), ("und", "en"), ("", "en"), (None, "en")]
)
async def test_the_language_of_a_platform_is_one_that_replies_can_be_in(
    desk: Scene, told: str | None, kept: str
) -> None:
    made = replace(thread(desk.at(-9)), language=told)
    batch = {"threads": (made,), "posts": (post(desk.at(-9), is_subject=True),)}
    for _ in range(2):
        # As it comes in, and as it is told of again.
        await desk.take(channels=(GENERAL,), flags=(flag(desk.at(-8)),), **batch)
        assert (await desk.record()).language == kept


async def test_the_same_batch_twice_changes_nothing(desk: Scene) -> None:
    batch = {
        "channels": (GENERAL,),
        "threads": (thread(desk.at(-9)),),
        "posts": (post(desk.at(-9), is_subject=True), post(desk.at(-3), "p2")),
        "flags": (flag(desk.at(-8)), flag(desk.at(-7), "f2", reason="insult")),
        "broken": (Broken("report 9", "no subject", "{}"),),
    }
    first = await desk.take(**batch)
    record, events = await desk.record(), await desk.history()
    second = await desk.take(**batch)
    assert len(first.changed) == 1
    assert second.changed == frozenset()
    assert await desk.record() == record
    assert await desk.history() == events
    assert len(await desk.store.read(lambda tx: tx.quarantined())) == 1


async def test_two_versions_of_a_post_in_the_batch_of_a_new_thread_are_both_kept(
    desk: Scene,
) -> None:
    first, second = post(desk.at(-9), is_subject=True), post(desk.at(-8), "p2")
    edited = replace(first, text=literal("edited"), raw="edited", edited_at=desk.at(-2))
    await desk.take(
        channels=(GENERAL,),
        threads=(thread(desk.at(-9)),),
        posts=(first, second, edited),
        flags=(flag(desk.at(-8)),),
    )
    number = (await desk.record()).id
    posts = await desk.store.read(lambda tx: tx.posts(number))
    versions = await desk.store.read(lambda tx: tx.versions(number, first.remote_id))
    assert [p.raw for p in posts] == ["edited", second.raw]
    assert [p.raw for p in versions] == [first.raw, "edited"]


async def test_many_flags_on_one_subject_are_one_thread(desk: Scene) -> None:
    await flagged(desk)
    more = tuple(flag(desk.at(-4), f"n{i}", reason="insult", by=None) for i in range(4))
    await desk.take(flags=more)
    record = await desk.record()
    assert (record.flag_count, record.reasons) == (5, ("insult", "spam"))
    assert record.severity is Severity.HIGH
    assert record.revision == 1
    assert (await desk.events()).count(("flagged", "forum")) == 4


async def test_severity_only_rises_within_a_cycle(desk: Scene) -> None:
    await flagged(desk)
    await desk.take(flags=(flag(desk.at(-1), "f2", reason="threat"),))
    assert (await desk.record()).severity is Severity.URGENT
    await desk.take(threads=(thread(desk.at(-10), severity=Severity.LOW),), closed=(("s1", "f2"),))
    await desk.take(flags=(flag(desk.at(0), "f3"),))
    assert (await desk.record()).severity is Severity.URGENT


async def test_another_policy_that_fits_is_written_down(desk: Scene) -> None:
    urgent = replace(
        POLICY, name="now", first_response=timedelta(minutes=15), severities=(Severity.URGENT,)
    )
    desk.policies = (urgent, POLICY)
    await flagged(desk)
    await desk.take(flags=(flag(desk.at(-1), "f2", reason="threat"),))
    record = await desk.record()
    assert (record.standing.policy, record.standing.due_at) == ("now", desk.at(10))
    assert ("target_changed", "clock") in await desk.events()


async def test_a_reopened_thread_is_weighed_afresh(desk: Scene) -> None:
    await flagged(desk)
    await desk.take(flags=(flag(desk.at(-1), "f2", reason="threat"),))
    await desk.take(closed=(("s1", "f1"), ("s1", "f2")))
    assert (await desk.record()).state is State.RESOLVED
    desk.clock.tick(60)
    await desk.take(flags=(flag(desk.at(0), "f3"),))
    record = await desk.record()
    assert (record.state, record.severity) == (State.OPEN, Severity.NORMAL)


async def test_a_late_flag_reopens_a_resolved_thread(desk: Scene) -> None:
    await flagged(desk)
    await happened(desk, Event(EventKind.RESOLVED, desk.at(0), "mod-a"))
    desk.clock.tick(5)
    await desk.take(flags=(flag(desk.at(-1), "f2"),))
    record = await desk.record()
    assert (record.state, record.resolved_at) == (State.OPEN, None)
    assert record.standing.due_at is not None


async def test_an_author_who_posts_again_reopens_and_raises_the_revision(desk: Scene) -> None:
    await flagged(desk)
    await happened(desk, Event(EventKind.RESOLVED, desk.at(0), "mod-a"))
    before = (await desk.record()).revision
    desk.clock.tick(60)
    await desk.take(posts=(post(desk.at(0), "p2"),))
    record = await desk.record()
    assert (record.state, record.revision) == (State.OPEN, before + 1)


async def test_a_bystander_does_not_reopen(desk: Scene) -> None:
    await flagged(desk)
    await happened(desk, Event(EventKind.RESOLVED, desk.at(0), "mod-a"))
    desk.clock.tick(60)
    await desk.take(posts=(post(desk.at(0), "p2", author=IGOR),))
    assert (await desk.record()).state is State.RESOLVED


async def test_a_colleague_who_answers_on_the_platform_stops_the_clock(desk: Scene) -> None:
    await flagged(desk)
    await desk.take(posts=(post(desk.at(-1), "p2", author=STAFF, role=Role.STAFF),))
    record = await desk.record()
    assert (record.state, record.revision) == (State.WAITING, 2)
    assert record.standing.due_at is None


async def test_our_own_reply_seen_again_raises_nothing(desk: Scene) -> None:
    await flagged(desk)
    number = (await desk.record()).id
    command = Reply(thread=number, revision=1, text="hi")
    row = Delivery(0, "k", "b", number, "forum", command, DeliveryState.QUEUED, "mod-a", desk.at(0))

    async def sent(tx):  # type: ignore[no-untyped-def]
        row_id = await tx.add_delivery(row)
        leased = await tx.lease_delivery(row_id, "here", 60, desk.at(0))
        done = replace(leased, receipt=Receipt("p2", desk.at(0)))
        await tx.move_delivery(done, DeliveryState.SENT)

    await desk.store.write(sent)
    desk.clock.tick(1)
    await desk.take(posts=(post(desk.at(0), "p2", author=Author("x", literal("x"))),))
    assert (await desk.record()).revision == 1
    assert await desk.events() == [("flagged", "Igor")]
    stored = await desk.store.read(lambda tx: tx.posts(number))
    assert [p.role for p in stored if p.remote_id == "p2"] == [Role.STAFF]


async def test_our_reply_seen_before_its_receipt_raises_nothing(desk: Scene) -> None:
    await flagged(desk)
    number = (await desk.record()).id
    command = Reply(thread=number, revision=1, text="hi")
    row = Delivery(0, "k", "b", number, "forum", command, DeliveryState.QUEUED, "mod-a", desk.at(0))

    async def sending(tx):  # type: ignore[no-untyped-def]
        await tx.lease_delivery(await tx.add_delivery(row), "here", 60, desk.at(0))

    await desk.store.write(sending)
    await desk.take(posts=(post(desk.at(0), "p2", author=US),))
    assert (await desk.record()).revision == 1
    assert await desk.events() == [("flagged", "Igor")]


async def test_a_post_read_around_the_thread_is_news_only_when_it_is_told(desk: Scene) -> None:
    await flagged(desk)
    desk.clock.tick(60)
    answer, aside = post(desk.at(0), "p2"), post(desk.at(0), "p3")
    record, source = await desk.record(), Source("forum", REALM, {}, US.remote_id)
    await desk.store.write(lambda tx: put_context(tx, record, (answer, aside), source, desk.parts))
    assert await desk.events() == [("flagged", "Igor")]
    for _ in range(2):
        await desk.take(posts=(answer,))
    assert await desk.events() == [("flagged", "Igor"), ("author_post", "Nina")]
    assert (await desk.record()).revision == 2


async def test_a_flag_missing_from_two_full_reads_is_closed_elsewhere(desk: Scene) -> None:
    await flagged(desk)
    await desk.take(open_now=frozenset({("s1", "f1")}))
    await desk.take(open_now=frozenset())
    assert (await desk.record()).state is State.OPEN
    await desk.take(open_now=frozenset())
    record = await desk.record()
    assert (record.state, record.resolved_by) == (State.RESOLVED, "elsewhere")
    assert record.standing.due_at is None


async def test_flags_that_our_own_removal_closed_are_not_elsewhere(desk: Scene) -> None:
    await flagged(desk)
    number = (await desk.record()).id
    hide = Hide(thread=number, revision=1, posts=("p1",), author="u1")
    row = Delivery(0, "k", "b", number, "forum", hide, DeliveryState.QUEUED, "mod-a", desk.at(0))

    async def sending(tx):  # type: ignore[no-untyped-def]
        await tx.lease_delivery(await tx.add_delivery(row), "here", 60, desk.at(0))

    await desk.store.write(sending)
    gone = post(desk.at(-10), is_subject=True, raw="", deleted_at=desk.at(0))
    await desk.take(posts=(gone,), closed=(("s1", "f1"),))
    record = await desk.record()
    assert (record.state, record.revision) == (State.OPEN, 1)
    assert await desk.events() == [("flagged", "Igor")]


async def test_a_flag_that_shows_again_between_is_not_closed(desk: Scene) -> None:
    await flagged(desk)
    await desk.take(open_now=frozenset())
    await desk.take(open_now=frozenset({("s1", "f1")}))
    await desk.take(open_now=frozenset())
    assert (await desk.record()).state is State.OPEN


async def listing(desk: Scene, intake: Intake, listed: str, *unread: Broken) -> dict[str, str]:
    """Let the threads s1 … be listed but for those left out; return who resolved which."""
    keys = frozenset((one, f"f-{one}") for one in listed.split())
    await intake.take(Batch("c", open_now=keys, unread=unread, broken=unread))
    found = await desk.store.read(lambda tx: tx.threads_by_subject(REALM, ["s1", "s2", "s3"]))
    return {one: record.resolved_by for one, record in found.items() if record.resolved_by}


async def three(desk: Scene) -> Intake:
    """Three flagged threads, and what takes the lists of their account."""
    names = ("s1", "s2", "s3")
    told = [flag(desk.at(0), f"f-{one}", thread=one) for one in names]
    await desk.take(threads=[thread(desk.at(-9), one) for one in names], flags=told)
    return Intake(desk.parts, Source("forum", REALM, {}), await desk.lease())


async def test_a_row_that_names_its_thread_keeps_that_alone(desk: Scene) -> None:
    intake = await three(desk)
    for raw in ("{}", "[]"):
        closed = await listing(desk, intake, "s3", Broken("list", "odd", raw, "s1"))
    assert closed == {"s2": "elsewhere"}
    assert len(await desk.store.read(lambda tx: tx.quarantined())) == 1
    for _ in range(2):
        closed = await listing(desk, intake, "s3")
    assert closed == {"s1": "elsewhere", "s2": "elsewhere"}


async def test_a_row_without_a_name_keeps_all_that_was_not_listed_beside_it(desk: Scene) -> None:
    intake, old = await three(desk), Broken("list", "odd", "null")
    for _ in range(2):
        await listing(desk, intake, "s1 s2 s3", old)
    # Another one comes, and s1 is gone: it may be that one. What goes later was beside both.
    new = Broken("list", "odd", "7")
    for _ in range(3):
        assert await listing(desk, intake, "s2 s3", old, new) == {}
    for _ in range(3):
        closed = await listing(desk, intake, "s3", old, new)
    assert closed == {"s2": "elsewhere"}


async def test_how_many_such_a_row_may_be_is_told(desk: Scene) -> None:
    intake, row = await three(desk), Broken("list", "odd", "null")
    named = Broken("list", "odd", "{}", "s2")
    told = []
    for listed, unread in (("s1 s2 s3", (row,)), ("s3", (row, named)), ("s3", (named,)), ("", ())):
        keys = frozenset((one, f"f-{one}") for one in listed.split())
        taken = await intake.take(Batch("c", open_now=keys, unread=unread, broken=unread))
        told.append(taken.hidden)
    assert told == [0, 1, 0, 0]


async def test_of_two_equal_rows_the_second_is_another_one(desk: Scene) -> None:
    intake, row = await three(desk), Broken("list", "odd", "null")
    for _ in range(2):
        await listing(desk, intake, "s1 s2 s3", row)
    for _ in range(3):
        assert await listing(desk, intake, "s2 s3", row, row) == {}


async def test_what_goes_as_a_row_comes_is_not_taken_for_closed(desk: Scene) -> None:
    intake, row = await three(desk), Broken("list", "odd", "null")
    await listing(desk, intake, "s1 s2 s3", row)
    for _ in range(3):
        assert await listing(desk, intake, "s2 s3", row) == {}


async def test_a_flag_whose_row_lost_its_name_stays_where_another_of_its_thread_is_listed(
    desk: Scene,
) -> None:
    intake, row = await three(desk), Broken("list", "odd", "null")
    await desk.take(flags=(flag(desk.at(1), "more", thread="s1"),))
    for _ in range(4):
        assert await listing(desk, intake, "s1 s2 s3", row) == {}
    record = await desk.record("s1")
    flags = await desk.store.read(lambda tx: tx.flags(record.id))
    assert [each.key for each in flags] == ["f-s1", "more"]


class SecondTry(Guarded):
    """A store that takes every write at the second try."""

    async def write(self, work: Callable[[Tx], Awaitable[T]], *, vital: bool = False) -> T:
        async def lost(tx: Tx) -> None:
            await work(tx)
            raise ValueError("rolled back")

        with pytest.raises(ValueError, match="rolled back"):
            await super().write(lost)
        return await super().write(work, vital=vital)


async def test_a_list_that_is_written_at_the_second_try_counts_once(desk: Scene) -> None:
    await three(desk)
    parts, row = replace(desk.parts, store=SecondTry(desk.store)), Broken("list", "odd", "null")
    intake = Intake(parts, Source("forum", REALM, {}), await desk.lease())
    await listing(desk, intake, "s1 s2 s3", row)
    for _ in range(3):
        assert await listing(desk, intake, "s2 s3", row) == {}


def ticking(number: int) -> Broken:
    """A row that is another at every read."""
    return Broken("list", "odd", json.dumps({"data": {"seconds": number}}))


async def test_a_row_that_changes_at_every_read_is_followed(desk: Scene) -> None:
    intake = await three(desk)
    for number in range(3):
        await listing(desk, intake, "s1 s2 s3", ticking(number))
    # It was seen to change twice: only now is anything known to stand beside it.
    for number in range(3, 5):
        assert await listing(desk, intake, "s1 s2 s3", ticking(number)) == {}
    for number in range(5, 7):
        closed = await listing(desk, intake, "s3", ticking(number))
    assert closed == {"s1": "elsewhere", "s2": "elsewhere"}


async def test_a_row_that_was_seen_to_change_once_may_be_another_one(desk: Scene) -> None:
    intake = await three(desk)
    for number in range(2):
        await listing(desk, intake, "s1 s2 s3", ticking(number))
    for number in range(2, 9):
        assert await listing(desk, intake, "s2 s3", ticking(number)) == {}


async def test_a_row_that_comes_beside_a_changing_one_is_none_of_it(desk: Scene) -> None:
    intake = await three(desk)
    for number in range(6):
        await listing(desk, intake, "s1 s2 s3", ticking(number))
    for number in range(6, 12):
        closed = await listing(desk, intake, "s2 s3", ticking(number), ticking(number + 50))
        assert closed == {}


@pytest.mark.parametrize(
    "held",
    [
        {"title": "other keys than before"},
        {"seconds": "/topic/s1/7"},
        {"seconds": "RE: title of s1"},
        {"seconds": NINA.remote_id},
    ],
    ids=("keys", "id", "title", "author"),
)
async def test_what_comes_in_the_place_of_a_changing_row_may_be_what_went(
    desk: Scene, held: dict[str, str]
) -> None:
    intake = await three(desk)
    for number in range(6):
        await listing(desk, intake, "s1 s2 s3", ticking(number))
    row = Broken("list", "odd", json.dumps({"data": held}))
    assert await listing(desk, intake, "s2 s3", row) == {}
    for number in range(6, 12):
        assert await listing(desk, intake, "s2 s3", ticking(number)) == {}


async def test_a_full_read_of_one_account_leaves_the_threads_of_another(desk: Scene) -> None:
    await flagged(desk)
    for _ in range(3):
        await desk.take("forum-2", open_now=frozenset())
    assert (await desk.record()).state is State.OPEN


async def test_full_reads_of_two_accounts_count_for_themselves(desk: Scene) -> None:
    await flagged(desk)
    for _ in range(2):
        await desk.take(open_now=frozenset())
        await desk.take("forum-2", open_now=frozenset())
    assert (await desk.record()).resolved_by == "elsewhere"


async def test_two_accounts_feed_one_thread_and_the_first_in_order_owns_it(desk: Scene) -> None:
    told = {"threads": (thread(desk.at(-9)),), "flags": (flag(desk.at(-8)),)}
    await desk.take("forum-2", **told)
    assert (await desk.record()).account == "forum-2"
    await desk.take("forum", **told)
    assert (await desk.record()).account == "forum"
    await desk.take("forum-2", **told)
    assert (await desk.record()).account == "forum"
    assert await desk.events() == [("flagged", "Igor")]


async def test_an_account_that_may_do_nothing_leaves_the_thread_to_one_that_may(
    desk: Scene,
) -> None:
    some = Capabilities({Capability.REPLY: Limits("reply", Nothing())})
    desk.able = {"forum": Capabilities({}), "forum-2": some}
    told = {"threads": (thread(desk.at(-9)),), "flags": (flag(desk.at(-8)),)}
    for account in ("forum", "forum-2", "forum"):
        await desk.take(account, **told)
    assert (await desk.record()).account == "forum-2"


async def test_an_edit_keeps_both_versions_and_raises_the_revision(desk: Scene) -> None:
    await flagged(desk)
    edited = post(desk.at(-10), is_subject=True, raw="other words", edited_at=desk.at(-1))
    await desk.take(posts=(edited,))
    record = await desk.record()
    versions = await desk.store.read(lambda tx: tx.versions(record.id, "p1"))
    assert [version.raw for version in versions] == ["hello there", "other words"]
    assert record.revision == 2
    assert record.standing.due_at == desk.at(-5 + 120)


async def test_a_deleted_post_keeps_its_text(desk: Scene) -> None:
    await flagged(desk)
    gone = post(desk.at(-10), is_subject=True, raw="", deleted_at=desk.at(-1))
    await desk.take(posts=(gone,))
    record = await desk.record()
    (kept,) = await desk.store.read(lambda tx: tx.posts(record.id))
    assert (kept.raw, kept.deleted_at) == ("hello there", desk.at(-1))
    assert record.revision == 2


async def test_a_broken_item_is_kept_aside(desk: Scene) -> None:
    await flagged(desk)
    naive = flag(datetime(2026, 3, 2), "f2")
    taken = await desk.take(flags=(naive,), broken=(Broken("report 9", "no subject", "{}"),))
    aside = await desk.store.read(lambda tx: tx.quarantined("forum"))
    assert taken.quarantined == 2
    assert {item.why for item in aside} == {"a time without a zone", "no subject"}
    assert (await desk.record()).flag_count == 1


async def test_one_broken_post_or_flag_does_not_hide_its_thread(desk: Scene) -> None:
    taken = await desk.take(
        threads=(thread(desk.at(-9)),),
        posts=(
            post(desk.at(-9), is_subject=True),
            post(datetime(2026, 3, 2), "p2"),
            post(datetime.min.replace(tzinfo=UTC), "p3"),
        ),
        flags=(flag(datetime.max.replace(tzinfo=UTC), "f0"), flag(desk.at(-8))),
    )
    aside = await desk.store.read(lambda tx: tx.quarantined("forum"))
    assert taken.quarantined == 3
    assert {item.where.split(" of ")[0] for item in aside} == {"post p2", "post p3", "flag f0"}
    record = await desk.record()
    assert (record.state, record.flag_count) == (State.OPEN, 1)
    assert len(await desk.store.read(lambda tx: tx.posts(record.id))) == 1


async def test_what_cannot_become_a_thread_is_kept_aside_and_hides_nothing(desk: Scene) -> None:
    taken = await desk.take(
        threads=(thread(desk.at(-9)), thread(desk.at(-9), "bare")),
        flags=(flag(desk.at(-8)), flag(desk.at(-8), "f9", thread="unheard")),
    )
    aside = await desk.store.read(lambda tx: tx.quarantined("forum"))
    assert taken.quarantined == 2
    assert {(item.where, item.why) for item in aside} == {
        ("thread bare", "a thread without a flag"),
        ("thread unheard", "a flag on a thread that was never told of"),
    }
    assert (await desk.record()).state is State.OPEN


@pytest.mark.parametrize("reason", ["Self_harm ", "he talks of self harm", "self-harming"])
async def test_a_help_reason_marks_the_thread(desk: Scene, reason: str) -> None:
    await flagged(desk)
    assert (await desk.record()).help_route is None
    await desk.take(flags=(flag(desk.at(-1), "f2", reason=reason),))
    assert (await desk.record()).help_route == "self-harm"


async def test_a_breach_before_the_first_complete_read_is_inherited(desk: Scene) -> None:
    old = desk.at(-300)
    await desk.take(threads=(thread(old),), flags=(flag(old),), caught_up=True)
    record = await desk.record()
    assert record.standing.inherited
    assert record.standing.breached_at == desk.at(-180)
    assert ("breached", "clock") in await desk.events()


async def test_a_batch_under_a_lost_lease_changes_nothing(desk: Scene) -> None:
    intake = Intake(desk.parts, Source("forum", REALM, {}), await desk.lease())
    desk.clock.tick(31)
    await desk.store.write(lambda tx: tx.take_lease("account:forum", "another", 30))
    with pytest.raises(Fenced):
        await intake.take(Batch("c", threads=(thread(desk.at(-1)),), flags=(flag(desk.at(0)),)))
    assert await desk.store.read(lambda tx: tx.threads_by_subject(REALM, ["s1"])) == {}


async def test_the_platform_telling_our_slow_mode_keeps_who_set_it(desk: Scene) -> None:
    ours = Restriction("slow", 30, desk.at(-1), None, literal("mod-a"), literal("heat"), 7, True)
    mine = replace(GENERAL, restriction=ours)
    await desk.store.write(lambda tx: tx.put_channel(REALM, mine))
    told = Restriction("slow", 30, None, None)
    await desk.take(channels=(replace(GENERAL, restriction=told),))
    assert await desk.store.read(lambda tx: tx.channel(REALM, "general")) == mine
    await desk.take(channels=(replace(GENERAL, restriction=replace(told, seconds=60)),))
    now = await desk.store.read(lambda tx: tx.channel(REALM, "general"))
    assert now is not None
    assert now.restriction == replace(told, seconds=60)
