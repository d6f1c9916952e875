"""Two moderators' processes on one queue: what one does makes the other's decision stale."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import Batch, Capabilities, Idempotent, Limits
from modtui.domain.commands import Audience, Capability, Hide, Reply
from modtui.domain.model import State
from modtui.domain.outbox import DeliveryState
from modtui.engine import Refused
from modtui.engine.live import LiveEngine
from tests.engine.rig import NOON, Feed, Rig, spec, until
from tests.engine.scene import DESK, GENERAL, flag, post, thread

S = DeliveryState
ABLE = Capabilities(
    {
        each: Limits(each.value, Idempotent())
        for each in (Capability.REPLY, Capability.REPLY_PRIVATE, Capability.HIDE)
    }
)


@asynccontextmanager
async def desk_of(
    rig: Rig, name: str, feed: Feed, window: float, place: str = "desk"
) -> AsyncIterator[LiveEngine]:
    desk = replace(
        DESK,
        moderator=replace(DESK.moderator, name=name),
        undo_window=timedelta(seconds=window),
    )
    account = spec("forum", feed)
    async with rig.running(account, session=f"{place}:{name}", desk=desk) as engine:
        await engine.connected()
        yield engine


@asynccontextmanager
async def two(rig: Rig, window: float) -> AsyncIterator[tuple[LiveEngine, LiveEngine]]:
    """mod-c, whose process serves the account, and mod-b beside it; one thread, number 1."""
    feed = Feed(capabilities=ABLE)
    told = Batch(
        "c1",
        channels=(GENERAL,),
        threads=(thread(NOON),),
        posts=(post(NOON, is_subject=True),),
        flags=(flag(NOON),),
        caught_up=True,
    )
    feed.news.put_nowait(told)
    async with desk_of(rig, "mod-c", feed, window) as mod_c:
        await until(lambda: mod_c.counts().open == 1)
        async with desk_of(rig, "mod-b", Feed(capabilities=ABLE), window) as mod_b:
            yield mod_c, mod_b


async def states(engine: LiveEngine) -> list[DeliveryState]:
    return [row.state for row in sorted(await engine.deliveries(), key=lambda row: row.id)]


async def test_a_colleague_s_reply_brings_my_held_one_back_with_its_draft(rig: Rig) -> None:
    async with two(rig, window=10) as (mod_c, mod_b):
        await mod_c.submit([Reply(thread=1, revision=1, text="Hello")])
        rig.time.pass_by(5)
        alone = Reply(thread=1, revision=1, text="Dear Nina", audience=Audience.AUTHOR)
        await mod_b.submit([alone], force=True)

        async def back() -> bool:
            rig.time.pass_by(1)
            detail = await mod_b.thread(1)
            return detail is not None and detail.draft is not None

        await until(back)
        detail = await mod_b.thread(1)
        assert detail is not None
        assert detail.draft is not None
        assert detail.draft.text == "Dear Nina"
        assert await states(mod_b) == [S.SENT, S.STALE]


async def test_what_a_colleague_did_refuses_what_i_decided_before(rig: Rig) -> None:
    async with two(rig, window=0) as (mod_c, mod_b):
        await mod_c.submit([Hide(thread=1, revision=1, posts=("p1",), author="u1")])

        async def hidden() -> bool:
            detail = await mod_b.thread(1)
            return detail is not None and detail.record.state is State.RESOLVED

        await until(hidden)
        with pytest.raises(Refused, match="mod-c: hidden") as refused:
            await mod_b.submit([Reply(thread=1, revision=1, text="Dear Nina")])
        assert (refused.value.kind, refused.value.can_force) == ("stale", True)


async def test_my_own_two_quick_batches_do_not_make_each_other_stale(rig: Rig) -> None:
    async with two(rig, window=10) as (_, mod_b):
        await mod_b.submit([Reply(thread=1, revision=1, text="one")])
        await mod_b.submit([Reply(thread=1, revision=1, text="two")], force=True)
        rig.time.pass_by(11)

        async def both() -> bool:
            rig.time.pass_by(1)
            return await states(mod_b) == [S.SENT, S.SENT]

        await until(both)
        await mod_b.submit([Reply(thread=1, revision=1, text="three")])
        assert len(await states(mod_b)) == 3


async def test_leaving_one_process_leaves_the_undo_window_of_another(rig: Rig) -> None:
    async with two(rig, window=10) as (mod_c, _):
        await mod_c.submit([Reply(thread=1, revision=1, text="Hello")])
        async with desk_of(rig, "mod-c", Feed(capabilities=ABLE), window=10, place="shell"):
            pass
        assert await states(mod_c) == [S.HELD]
        assert (await mod_c.undo()).draft
