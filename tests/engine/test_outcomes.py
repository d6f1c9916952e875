"""What became of a quick reply, counted over a real sequence: sent, done, written again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from modtui.connectors import Batch, ThreadRef
from modtui.domain.commands import Command, Escalate, Reply, Then
from modtui.domain.model import Role, State
from modtui.domain.outbox import Receipt
from modtui.domain.outcomes import Outcome
from modtui.domain.settings import Team
from modtui.engine.live import LiveEngine
from tests.engine.rig import NOON, Feed, Rig, spec, until
from tests.engine.scene import DESK, flag, post, thread

MINUTE = timedelta(minutes=1)


class Clocked(Feed):
    """A feed whose receipts bear the time of the rig."""

    def __init__(self, rig: Rig) -> None:
        super().__init__()
        self.rig = rig

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        receipt = await super().perform(ref, command, key)
        return replace(receipt, at=self.rig.time.now())


async def say(
    feed: Feed, engine: LiveEngine, number: int, quick: str | None, then: Then = Then.WAIT
) -> None:
    """Answer the thread, and wait until it is sent."""
    sent = len(feed.done)
    detail = await engine.thread(number)
    assert detail is not None
    reply = Reply(
        thread=number,
        revision=detail.row.revision,
        text="So",
        quick=quick,
        then=then,
        language="en",
    )
    more = (Escalate(thread=number, revision=reply.revision, team="pay", note="n"),)
    await engine.submit([reply, *(more if quick == "hand-on" else ())], hold=False)
    await until(lambda: len(feed.done) > sent)


async def stands(engine: LiveEngine, number: int, state: State) -> None:
    async def holds() -> bool:
        detail = await engine.thread(number)
        return detail is not None and detail.row.state is state

    await until(holds)


async def test_a_reply_is_counted_over_all_that_follows_it(tmp_path: Path) -> None:
    rig, desk = Rig(tmp_path), replace(DESK, teams=(Team("pay", ("mod-d",), "lead"),))
    feed = Clocked(rig)
    names = ("s1", "s2", "s3")
    feed.news.put_nowait(
        Batch(
            "c1",
            threads=tuple(thread(NOON, name) for name in names),
            flags=tuple(flag(NOON, f"f-{name}", thread=name) for name in names),
            posts=tuple(post(NOON, f"p-{name}", thread=name, is_subject=True) for name in names),
        )
    )
    async with rig.running(spec("forum", feed), desk=desk) as engine:
        await until(lambda: engine.counts().open == len(names))
        await say(feed, engine, 1, "fees", Then.DONE)
        await stands(engine, 1, State.RESOLVED)
        await say(feed, engine, 2, "fees")
        await say(feed, engine, 3, "hand-on")
        await stands(engine, 3, State.ESCALATED)

        async def landed() -> bool:
            found = await engine.shelf.outcomes()
            return found == {"fees": Outcome(2), "hand-on": Outcome(1)}

        await until(landed)
        rig.time.pass_by(300)
        again = post(NOON + 4 * MINUTE, "again", thread="s1", role=Role.AUTHOR)
        feed.news.put_nowait(Batch("c2", posts=(again,)))
        await stands(engine, 1, State.OPEN)
        waits = 4 * MINUTE
        assert (await engine.shelf.outcomes())["fees"] == Outcome(2, 1, 0, 0, waits)
        await say(feed, engine, 1, None)
        await stands(engine, 1, State.WAITING)
        assert (await engine.shelf.outcomes())["fees"] == Outcome(2, 1, 0, 1, waits)
