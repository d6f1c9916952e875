"""The façade end to end: what a screen asks for, on a pretend community and on fed accounts."""

from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from modtui.connectors import (
    Batch,
    Capabilities,
    Context,
    Environment,
    Limits,
    Retryable,
    StateSetting,
)
from modtui.connectors.demo import SCHEMA, community
from modtui.connectors.demo.connector import create
from modtui.domain.commands import Capability, Dismiss, Reply, Snooze
from modtui.domain.help_routes import HelpBook, by_head, pattern
from modtui.domain.model import Band, Health, State
from modtui.domain.outbox import DeliveryState
from modtui.domain.text import literal
from modtui.domain.views import Change, QueueFilter, ThreadDetail
from modtui.engine import Refused, hearing
from modtui.engine.accounts import AccountSpec
from modtui.engine.changes import Changes
from modtui.engine.detail import Offers
from modtui.engine.library import Library
from modtui.engine.live import LiveEngine
from modtui.engine.parts import Parts
from modtui.store.queue import QueueReads
from tests.engine.rig import NOON, Feed, Rig, spec, status, until
from tests.engine.scene import GENERAL, POLICY, flag, post, thread


def pretend(rig: Rig) -> list[AccountSpec]:
    """The three accounts of the pretend community, on the rig's time."""

    def account(name: str, settings: object) -> AccountSpec:
        async def build():  # type: ignore[no-untyped-def]
            return create(Environment(name, settings, {}, rig.time.now, rig.time.sleep))

        return AccountSpec(name, "demo", SCHEMA, build)

    return [account(name, settings) for name, settings in community(12, 0, 1).items()]


async def shown(engine: LiveEngine, thread_id: int) -> ThreadDetail:
    detail = await engine.thread(thread_id)
    assert detail is not None
    return detail


@pytest.fixture
async def fed(rig: Rig) -> AsyncIterator[tuple[LiveEngine, Feed, int]]:
    """One account with one thread, flagged at noon."""
    feed = Feed()
    feed.news.put_nowait(
        Batch(
            "c1",
            channels=(GENERAL,),
            threads=(thread(NOON),),
            posts=(post(NOON, is_subject=True),),
            flags=(flag(NOON),),
            caught_up=True,
        )
    )
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: engine.counts().open == 1)
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        view = engine.view_now(QueueFilter())
        assert view is not None
        yield engine, feed, view.id_at(0)


async def test_a_pretend_community_is_read_answered_and_told(rig: Rig) -> None:
    heard: list[Change] = []
    async with rig.running(*pretend(rig)) as engine:
        engine.subscribe(heard.append)
        await until(lambda: all(a.health is Health.LIVE for a in engine.accounts()))
        await until(lambda: engine.counts().open > 0)
        view = await engine.view(QueueFilter())
        ids = [view.id_at(place) for place in range(len(view))]
        assert len(ids) >= 12
        assert all(row is not None for row in view.rows(ids).values())
        first = await shown(engine, ids[0])
        command = Reply(thread=ids[0], revision=first.record.revision, text="We look into it")
        taken = await engine.submit([command])
        assert taken.deliveries[0].state is DeliveryState.HELD
        assert (await shown(engine, ids[0])).row.pending == 1
        await engine.painted(taken.batch)
        rig.time.pass_by(11)

        async def answered() -> bool:
            # The pretend platform takes its time to answer.
            rig.time.pass_by(0.1)
            return (await shown(engine, ids[0])).record.state is State.WAITING

        await until(answered)
        detail = await shown(engine, ids[0])
        assert [row.state for row in detail.deliveries] == [DeliveryState.SENT]
        assert detail.row.pending == 0
        assert [row.thread for row in await engine.my_deliveries()] == [ids[0]]
        assert heard


async def test_the_reply_that_comes_back_from_the_platform_is_not_news(
    fed: tuple[LiveEngine, Feed, int],
) -> None:
    engine, feed, number = fed
    await engine.submit([Reply(thread=number, revision=1, text="hi")], hold=False)

    async def sent() -> bool:
        return (await shown(engine, number)).record.state is State.WAITING

    await until(sent)
    before = await shown(engine, number)
    feed.news.put_nowait(Batch("c2", posts=(post(NOON, "r1"),), caught_up=True))

    async def came_back() -> bool:
        return len((await shown(engine, number)).posts) == 2

    await until(came_back)
    after = await shown(engine, number)
    assert (after.record.revision, after.events) == (before.record.revision, before.events)


async def test_a_breach_is_recorded_at_its_true_moment(
    rig: Rig, fed: tuple[LiveEngine, Feed, int]
) -> None:
    engine, _, number = fed
    rig.time.pass_by(3 * 3600)

    async def breached() -> bool:
        return (await shown(engine, number)).row.standing.breached_at is not None

    await until(breached)
    detail = await shown(engine, number)
    moment = NOON + timedelta(hours=2)
    assert detail.row.standing.breached_at == moment
    assert [e.at for e in detail.events if e.kind.value == "breached"] == [moment]
    await until(lambda: engine.counts().late == 1)
    assert engine.left(detail.row).band is Band.BREACHED


async def test_an_edited_promise_holds_for_threads_that_are_there(
    rig: Rig, fed: tuple[LiveEngine, Feed, int]
) -> None:
    engine, _, number = fed
    await engine.stop()
    shorter = replace(POLICY, name="fast", first_response=timedelta(minutes=30))
    for _ in range(2):
        async with rig.running(session="later:2:b", policy=shorter) as later:

            async def follows(later: LiveEngine = later) -> bool:
                standing = (await shown(later, number)).row.standing
                return standing.due_at == NOON + timedelta(minutes=30)

            await until(follows)
            kinds = [event.kind.value for event in (await shown(later, number)).events]
            assert kinds == ["flagged", "target_changed"]


async def test_a_snooze_ends_by_itself(rig: Rig, fed: tuple[LiveEngine, Feed, int]) -> None:
    engine, _, number = fed
    until_at = NOON + timedelta(minutes=10)
    await engine.submit([Snooze(thread=number, revision=1, until=until_at)])
    assert (await shown(engine, number)).record.state is State.SNOOZED
    rig.time.pass_by(601)

    async def woken() -> bool:
        return (await shown(engine, number)).record.state is State.OPEN

    await until(woken)
    kinds = [(event.kind.value, event.at) for event in (await shown(engine, number)).events]
    assert ("woken", until_at) in kinds


async def test_what_another_process_does_is_shown(
    rig: Rig, fed: tuple[LiveEngine, Feed, int]
) -> None:
    engine, _, number = fed
    heard: list[Change] = []
    engine.subscribe(heard.append)
    async with rig.running(session="there:2:b") as other:
        await other.claim(number)
        await until(lambda: any(number in change.threads for change in heard))
    assert (await shown(engine, number)).row.claim is not None


async def test_a_claim_is_another_moderators_until_it_is_taken_over(
    rig: Rig, fed: tuple[LiveEngine, Feed, int]
) -> None:
    engine, _, number = fed
    desk = replace(engine.desk, moderator=replace(engine.desk.moderator, name="mod-c"))
    async with rig.running(session="there:2:b", desk=desk) as other:
        assert (await other.claim(number)).by == "mod-c"
        assert (await engine.claim(number)).by == "mod-c"
        assert (await engine.take_over(number)).by == "mod-a"
        assert (await other.claim(number)).by == "mod-a"
    assert "mod-c" in (await engine.audit(number))[0].detail
    assert (await shown(engine, number)).record.revision == 2
    await engine.release(number)
    assert (await shown(engine, number)).row.claim is None
    kinds = [event.kind.value for event in (await shown(engine, number)).events]
    assert kinds == ["flagged", "claimed", "taken_over", "released"]


async def test_a_claim_lasts_two_minutes_and_renewing_leaves_no_trace(
    rig: Rig, fed: tuple[LiveEngine, Feed, int]
) -> None:
    engine, _, number = fed
    first = await engine.claim(number)
    assert first.until == NOON + timedelta(seconds=120)
    rig.time.pass_by(60)
    assert (await engine.claim(number)).until == NOON + timedelta(seconds=180)
    kinds = [event.kind.value for event in (await shown(engine, number)).events]
    assert kinds == ["flagged", "claimed"]


async def test_a_draft_is_kept_and_dropped(fed: tuple[LiveEngine, Feed, int]) -> None:
    engine, _, number = fed
    await engine.save_draft(number, "Dear Nina")
    draft = (await shown(engine, number)).draft
    assert draft is not None
    assert draft.text == "Dear Nina"
    await until(lambda: engine.counts().drafts == 1)
    await engine.save_draft(number, "  ")
    assert (await shown(engine, number)).draft is None


async def test_the_posts_around_a_thread_are_loaded_or_it_says_why_not(
    fed: tuple[LiveEngine, Feed, int],
) -> None:
    engine, feed, number = fed
    feed.context_answer = Retryable("the platform is down")
    await engine.load_context(number)
    assert (await shown(engine, number)).context_error == "the platform is down"
    older = post(NOON - timedelta(hours=1), "p0", raw="before")
    feed.context_answer = Context((older,), GENERAL)
    await engine.load_context(number)
    detail = await shown(engine, number)
    assert detail.context_error == ""
    assert [each.remote_id for each in detail.posts] == ["p0", "p1"]
    assert detail.record.revision == 1


async def test_offers_name_what_cannot_be_done_and_why(
    fed: tuple[LiveEngine, Feed, int],
) -> None:
    engine, _, number = fed
    detail = await shown(engine, number)
    assert detail.offers[Capability.REPLY].able
    assert detail.offers[Capability.BAN].reason == "nobody is banned here"
    assert detail.offers[Capability.NOTIFY].reason == "no [[team]] is configured"
    assert detail.our_name == "forum-bot"
    assert engine.offer("nobody", Capability.REPLY).reason == "nobody is not connected yet"


async def test_offers_are_made_again_only_where_what_they_tell_is_another(
    fed: tuple[LiveEngine, Feed, int],
) -> None:
    engine, _, number = fed
    made = (await shown(engine, number)).offers
    assert (await shown(engine, number)).offers is made
    offers, desk = Offers(), engine.desk
    none = offers.of(None, "forum", desk)
    assert offers.of(None, "forum", desk) is none
    assert offers.of(None, "forum", replace(desk)) is not none
    assert not none[Capability.REPLY].able
    able = Capabilities({Capability.REPLY: Limits("answer", StateSetting())})
    assert offers.of(able, "forum", desk)[Capability.REPLY].able
    assert not offers.of(able, "chat", desk)[Capability.BAN].able


async def test_a_queue_for_reading_refuses_to_act(rig: Rig) -> None:
    async with rig.running(spec("forum", Feed()), read_only=True) as engine:
        with pytest.raises(Refused, match="for reading only") as refused:
            await engine.submit([Dismiss(thread=1, revision=1, flags=("f",))])
        assert refused.value.kind == "read_only"
        assert [account.detail for account in engine.accounts()] == ["never read"]


async def test_a_queue_for_reading_says_as_whom_others_post(
    rig: Rig, fed: tuple[LiveEngine, Feed, int]
) -> None:
    engine, feed, thread_id = fed
    name = (await shown(engine, thread_id)).our_name
    assert name != "forum"
    async with rig.running(spec("forum", feed), session="there:2:b", read_only=True) as reader:
        assert (await shown(reader, thread_id)).our_name == name


async def test_the_first_paint_waits_for_nothing(
    rig: Rig, fed: tuple[LiveEngine, Feed, int]
) -> None:
    store = rig.store()
    engine = rig.engine(store, session="there:2:b")
    view = engine.view_now(QueueFilter())
    assert view is not None
    assert len(view) == 1
    assert engine.counts().open == 1
    assert view.rows([view.id_at(0)])[view.id_at(0)] is not None
    await store.close()


REPLIES = """
[[reply]]
id = "slow-down"
reasons = ["spam"]
then = ["resolve", "note"]
[reply.en]
title = "Slow down"
body = "Dear {author}, see {rules_link}{gap}"
"""


async def test_a_quick_reply_is_offered_filled_and_followed(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "replies"
    folder.mkdir()
    (folder / "ours.toml").write_text(REPLIES)
    feed = Feed()
    feed.news.put_nowait(
        Batch("c1", threads=(thread(NOON, title=literal("Hi")),), flags=(flag(NOON),))
    )
    library = Library((folder,), starter=folder)
    async with rig.running(spec("forum", feed), library=library) as engine:
        await until(lambda: engine.counts().open == 1)
        detail = await shown(engine, 1)
        await until(lambda: bool(engine.slots(detail)))
        (slot,) = engine.slots(detail)
        filled = engine.fill(detail, slot.entry, slot.variant)
        assert filled.text == "Dear Nina, see {rules_link}{gap}"
        assert filled.missing == ("rules_link", "gap")
        answer = Reply(thread=1, revision=1, text="Dear Nina")
        reply, note = engine.follow_ups(detail, slot.entry, answer)
        assert isinstance(reply, Reply)
        assert (reply.then.value, reply.quick) == ("done", "slow-down")
        assert note.kind == "note"
        assert engine.find_replies("slow", "en") == (slot.entry,)
        assert engine.library_problems() == ()


async def test_the_first_public_reply_on_an_account_is_known_as_such(
    fed: tuple[LiveEngine, Feed, int],
) -> None:
    engine, _, thread_id = fed
    assert (await shown(engine, thread_id)).first_reply
    await engine.submit([Reply(thread=thread_id, revision=1, text="hello")])
    assert not (await shown(engine, thread_id)).first_reply


async def test_new_words_of_the_team_open_what_is_in_the_queue(
    fed: tuple[LiveEngine, Feed, int], rig: Rig
) -> None:
    engine, _, number = fed
    await sausages(fed, rig)
    engine.wording.take(None, HelpBook(by_head([pattern("self-harm", "sausage")])))
    await until(lambda: opened(engine, number, rig))
    assert (await shown(engine, number)).route_words == "sausages"


async def test_they_do_so_where_the_process_that_began_with_them_ended(
    fed: tuple[LiveEngine, Feed, int], rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, _, number = fed
    await sausages(fed, rig)
    write = engine._parts.store.write
    other = await write(lambda tx: tx.take_lease("~help-routes", "there:2:b", 9999))
    assert other is not None
    hear, looked = hearing.hear_again, list[Parts]()

    async def hear_again(parts: Parts) -> bool:
        heard = await hear(parts)
        looked.append(parts)
        return heard

    monkeypatch.setattr(hearing, "hear_again", hear_again)
    engine.wording.take(None, HelpBook(by_head([pattern("self-harm", "sausage")])))

    def has_looked() -> bool:
        rig.time.pass_by(1)
        return bool(looked)

    await until(has_looked)
    assert not await opened(engine, number, rig)
    await write(lambda tx: tx.drop_lease(other))
    await until(lambda: opened(engine, number, rig))


async def sausages(fed: tuple[LiveEngine, Feed, int], rig: Rig) -> None:
    """Words come in that no route is for, and are known to have been heard."""
    engine, feed, number = fed
    said = post(NOON, "p2", text=literal("nothing but sausages"))
    feed.news.put_nowait(Batch("c2", posts=(said,)))
    await until(lambda: posts_of(engine, number, 2))
    read = engine._parts.store.read

    async def listens() -> bool:
        rig.time.pass_by(1)
        return await read(lambda tx: tx.cursor("~help-routes")) is not None

    await until(listens)
    assert not await opened(engine, number, rig)


async def opened(engine: LiveEngine, number: int, rig: Rig) -> bool:
    rig.time.pass_by(1)
    return (await shown(engine, number)).record.help_route == "self-harm"


async def test_reading_the_order_bears_on_how_often_changes_are_told(
    fed: tuple[LiveEngine, Feed, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, _, thread_id = fed
    read: list[object] = []

    async def weighed(changes: Changes, reading: Awaitable[object]) -> object:
        read.append(await reading)
        return read[-1]

    monkeypatch.setattr(Changes, "weighed", weighed)
    view = await engine.view(QueueFilter())
    assert view.id_at(0) == thread_id
    assert read == [view]


async def test_a_view_that_no_key_asked_for_gives_way_to_keys(
    fed: tuple[LiveEngine, Feed, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, _, thread_id = fed
    read, ours, gives_way = QueueReads.queue_ids, QueueFilter(accounts=("forum",)), []

    async def queue_ids(tx: QueueReads, view: QueueFilter, *more: Any) -> tuple[int, ...]:
        # The engine reads orders for itself, too.
        if view == ours:
            gives_way.append(tx._gives_way)
        return await read(tx, view, *more)

    monkeypatch.setattr(QueueReads, "queue_ids", queue_ids)
    for behind in (False, True):
        assert (await engine.view(ours, behind=behind)).id_at(0) == thread_id
    assert gives_way == [False, True]


async def posts_of(engine: LiveEngine, number: int, many: int) -> bool:
    return len((await shown(engine, number)).posts) == many
