"""What every connector must do, whatever its platform: inherit the class, give it a `line`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Connector,
    Found,
    Idempotent,
    Key,
    ReadBack,
    Rejected,
    Stale,
    StateSetting,
    ThreadRef,
    Unsupported,
)
from modtui.connectors.evidence import SO_ALREADY, off_before
from modtui.domain.commands import (
    Assign,
    Audience,
    Capability,
    Command,
    Comment,
    Dismiss,
    DoExtra,
    Escalate,
    Extra,
    Hide,
    LiftSanction,
    Lock,
    Note,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
    SetCrowdControl,
    SetReadOnly,
    SetSlowMode,
    Unlock,
    needs,
)
from modtui.domain.outbox import Receipt
from modtui.domain.text import Clean
from tests.connectors.far import Far

ON = {"thread": 1, "revision": 1}


@dataclass
class Line:
    """A connector whose first read is done, and one flagged thread on it.

    `batches` are those of the first read, the last of them caught up. `now` is the time of the
    connector's clock when the test began. `seize` lets somebody else there hold the thread; where
    threads can be held it must be given. `far` is its far end, where a test can break it.
    """

    connector: Connector
    batches: list[Batch]
    subject: str
    now: datetime
    seize: Callable[[], None] | None = None
    far: Far | None = None

    @property
    def ref(self) -> ThreadRef:
        thread = next(t for b in self.batches for t in b.threads if t.subject == self.subject)
        return ThreadRef(
            thread.subject, thread.channel, thread.author.remote_id, thread.conversation, thread.url
        )

    @property
    def posts(self) -> tuple[str, ...]:
        own = [p for b in self.batches for p in b.posts if p.thread == self.subject]
        return tuple(p.remote_id for p in own if p.is_subject)

    @property
    def flags(self) -> tuple[str, ...]:
        return tuple(f.key for b in self.batches for f in b.flags if f.thread == self.subject)

    def commands(self, capability: Capability) -> tuple[Command, ...]:
        """Commands that need exactly `capability`, to be done in this order."""
        posts, author = self.posts, self.ref.author
        match capability:
            case Capability.REPLY:
                return (Reply(**ON, text="A contract reply."),)
            case Capability.REPLY_PRIVATE:
                return (Reply(**ON, text="A private reply.", audience=Audience.AUTHOR),)
            case Capability.HIDE:
                return (Hide(**ON, posts=posts, author=author, reason="rule 1"),)
            case Capability.RESTORE:
                return (Restore(**ON, posts=posts),)
            case Capability.DISMISS:
                return (Dismiss(**ON, flags=self.flags, posts=posts),)
            case Capability.APPROVE:
                return (Dismiss(**ON, flags=self.flags, posts=posts, approve=True),)
            case Capability.LOCK:
                return (Lock(**ON, reason="heated"), Unlock(**ON, reason="calm again"))
            case Capability.SLOW_MODE:
                return (self.slow(300), self.slow(0))
            case Capability.READ_ONLY:
                return tuple(
                    SetReadOnly(**ON, on=on, until=None, reason="heated") for on in (True, False)
                )
            case Capability.CROWD_CONTROL:
                return tuple(
                    SetCrowdControl(**ON, level=level, reason="heated") for level in (3, 0)
                )
            case Capability.NOTIFY:
                return (Escalate(**ON, team="payments", note="n", to="#staff", text="look"),)
            case Capability.ASSIGN:
                return (Assign(**ON, on=True), Assign(**ON, on=False))
            case Capability.NOTE:
                return (Comment(**ON, text="A note for the others."),)
        if capability.value in list(Extra):
            return self.extras(Extra(capability.value))
        return self.sanctions(SanctionKind(capability.value))

    def extras(self, extra: Extra) -> tuple[Command, ...]:
        flag = next(iter(self.flags), "")
        values = {Extra.PRIORITY: "80", Extra.TAG: "wave", Extra.MUTE_REPORTER: flag}
        given = DoExtra(**ON, extra=extra, value=values.get(extra, ""), reason="rule 1")
        once = extra in {Extra.PRIORITY, Extra.DIVERT}
        return (given,) if once else (given, replace(given, on=False))

    def slow(self, seconds: int) -> SetSlowMode:
        return SetSlowMode(**ON, seconds=seconds, until=None, reason="heated")

    def sanctions(self, kind: SanctionKind) -> tuple[Command, ...]:
        seconds = 86_400 if kind in {SanctionKind.MUTE, SanctionKind.BAN} else None
        author = self.ref.author
        given = Sanction(
            **ON, sanction=kind, author=author, seconds=seconds, reason="rule 1", text="Please."
        )
        if seconds is None:
            return (given,)
        return (given, LiftSanction(**ON, sanction=kind, author=author))


class ConnectorContract:
    """Override the fixture `line`."""

    @pytest.fixture
    async def line(self) -> Line:
        raise NotImplementedError("give the contract a line")

    def test_every_capability_is_offered_or_missing_with_a_reason(self, line: Line) -> None:
        able = line.connector.capabilities
        assert set(able.offers) | set(able.missing) == set(Capability)
        assert not set(able.offers) & set(able.missing)
        assert all(len(reason.split()) >= 4 for reason in able.missing.values())

    def test_the_limits_make_sense(self, line: Line) -> None:
        for limits in line.connector.capabilities.offers.values():
            assert limits.name
            most = float("inf") if limits.max_seconds is None else limits.max_seconds
            assert 0 <= limits.min_seconds <= most
            assert all(limits.min_seconds <= preset <= most for preset in limits.presets)
            assert list(limits.presets) == sorted(limits.presets)

    @pytest.mark.parametrize("capability", Capability)
    async def test_what_is_offered_is_done_and_the_rest_refused(
        self, line: Line, capability: Capability
    ) -> None:
        able = line.connector.capabilities
        for number, command in enumerate(line.commands(capability)):
            assert needs(command) is capability
            key = f"{capability}-{number}"
            if capability not in able.offers:
                with pytest.raises(Unsupported, match=r"\w+ \w+"):
                    await line.connector.perform(line.ref, command, key)
                continue
            receipt = await line.connector.perform(line.ref, command, key)
            assert isinstance(receipt, Receipt)
            assert receipt.at.tzinfo is not None
            assert receipt.at.utcoffset() == timedelta(0)

    @pytest.mark.parametrize("capability", Capability)
    async def test_a_repeat_is_what_the_dedupe_kind_says(
        self, line: Line, capability: Capability
    ) -> None:
        limits = line.connector.capabilities.offers.get(capability)
        command = line.commands(capability)[0]
        if limits is None:
            with pytest.raises(Unsupported):
                await line.connector.perform(line.ref, command, "again")
            return
        first = await line.connector.perform(line.ref, command, "again")
        match limits.dedupe:
            case Key():
                again = await line.connector.perform(line.ref, command, "again")
                assert again.remote_id == first.remote_id
            case StateSetting() | Idempotent():
                await line.connector.perform(line.ref, command, "again")
            case ReadBack():
                found = await line.connector.find(line.ref, command, line.now, frozenset())
                assert isinstance(found, Found)
                assert found.receipt.remote_id == first.remote_id
                taken = frozenset({str(first.remote_id)})
                other = await line.connector.find(line.ref, command, line.now, taken)
                assert isinstance(other, Absent | CannotTell)
            case _:
                told = await line.connector.find(line.ref, command, line.now, frozenset())
                assert isinstance(told, CannotTell)
                assert told.why

    async def test_what_was_off_before_is_not_ours_to_bring_back(self, line: Line) -> None:
        if Capability.RESTORE not in line.connector.capabilities.offers:
            return
        (hide,) = line.commands(Capability.HIDE)
        first = await line.connector.perform(line.ref, hide, "by another")
        assert first.evidence != SO_ALREADY
        assert not off_before(first.evidence)
        ours = await line.connector.perform(line.ref, hide, "ours")
        assert ours.evidence == SO_ALREADY

    async def test_what_another_holds_is_shown_and_taken_only_on_purpose(self, line: Line) -> None:
        if Capability.ASSIGN not in line.connector.capabilities.offers:
            return
        assert line.seize is not None, "say how somebody else there takes it"
        line.seize()
        cursor, holder = await holder_after(line, line.batches[-1].cursor)
        assert holder
        with pytest.raises(Stale, match=holder.removeprefix("@")):
            await line.connector.perform(line.ref, Assign(**ON, on=True), "late")
        await line.connector.perform(line.ref, Assign(**ON, on=False), "not mine")
        await line.connector.perform(line.ref, Assign(**ON, on=True, over=True), "over")
        _, holder = await holder_after(line, cursor)
        assert holder == ""
        await line.connector.perform(line.ref, Assign(**ON, on=True), "once more")

    async def test_what_was_not_done_is_not_found(self, line: Line) -> None:
        command = Reply(**ON, text="never sent")
        told = await line.connector.find(line.ref, command, line.now, frozenset())
        assert isinstance(told, Absent | CannotTell)

    async def test_more_than_the_limit_is_rejected(self, line: Line) -> None:
        offers = line.connector.capabilities.offers
        checked = 0
        for capability in (Capability.SLOW_MODE, Capability.MUTE, Capability.BAN):
            limits = offers.get(capability)
            if limits is None or limits.max_seconds is None:
                continue
            checked += 1
            seconds = limits.max_seconds + 1
            command: Command = line.slow(seconds)
            if capability is not Capability.SLOW_MODE:
                kind = SanctionKind(capability.value)
                author = line.ref.author
                command = Sanction(**ON, sanction=kind, author=author, seconds=seconds)
            with pytest.raises(Rejected):
                await line.connector.perform(line.ref, command, f"too long {capability}")
        bounded = [c for c, limits in offers.items() if limits.max_seconds is not None]
        assert checked == len(bounded)

    async def test_a_local_command_is_refused(self, line: Line) -> None:
        with pytest.raises(Unsupported):
            await line.connector.perform(line.ref, Note(**ON, text="for us"), "note")

    def test_what_is_told_hangs_together(self, line: Line) -> None:
        threads = {t.subject: t for b in line.batches for t in b.threads}
        flags = [f for b in line.batches for f in b.flags]
        posts = [p for b in line.batches for p in b.posts]
        channels = {c.remote_id for b in line.batches for c in b.channels}
        assert {f.thread for f in flags} == set(threads)
        assert {p.thread for p in posts} <= set(threads)
        assert {t.channel for t in threads.values()} <= channels
        assert len({(f.thread, f.key) for f in flags}) == len(flags)
        for at in (*(f.at for f in flags), *(p.created_at for p in posts)):
            assert at.utcoffset() == timedelta(0)
        for thread in threads.values():
            assert isinstance(thread.title, Clean)
            assert isinstance(thread.author.name, Clean)
        assert all(isinstance(post.text, Clean) for post in posts)
        assert [b.caught_up for b in line.batches][-1]

    async def test_going_on_repeats_no_flag(self, line: Line) -> None:
        known = {(f.thread, f.key) for b in line.batches for f in b.flags}
        async for batch in line.connector.updates(line.batches[-1].cursor):
            assert not known & {(f.thread, f.key) for f in batch.flags}
            if batch.caught_up:
                break

    async def test_the_context_is_in_order_and_has_the_subject(self, line: Line) -> None:
        context = await line.connector.context(line.ref)
        assert set(line.posts) <= {post.remote_id for post in context.posts}
        assert list(context.posts) == sorted(context.posts, key=lambda post: post.created_at)
        assert context.channel is None or context.channel.remote_id == line.ref.channel

    async def test_we_know_who_we_are(self, line: Line) -> None:
        identity = await line.connector.identity()
        assert identity.remote_id
        assert identity.name
        assert identity.can

    async def test_letting_go_twice_is_fine(self, line: Line) -> None:
        await line.connector.aclose()
        await line.connector.aclose()


async def holder_after(line: Line, cursor: str) -> tuple[str, str]:
    """Read on from `cursor` to the present end; return the cursor there, and the holder told."""
    holder: str | None = None
    async for batch in line.connector.updates(cursor):
        for thread in batch.threads:
            if thread.subject == line.subject:
                holder = str(thread.holder)
        if batch.caught_up:
            assert holder is not None, "the thread was not told anew"
            return batch.cursor, holder
    raise AssertionError("the read came to no end")
