"""Folding by rule, what was not seen, and exposure: each session's own, each moderator's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from modtui.connectors import Batch, Capabilities, Idempotent, Limits
from modtui.domain.care import Folding
from modtui.domain.commands import Capability, Dismiss, Hide
from modtui.domain.metrics import Narrow, Span
from modtui.domain.settings import Desk
from modtui.domain.text import literal
from modtui.domain.views import Change, QueueFilter, QueueRow, ThreadDetail
from modtui.engine import Refused
from modtui.engine.answers import asked
from modtui.engine.live import LiveEngine
from tests.engine.rig import NOON, Feed, Rig, spec, until
from tests.engine.scene import DESK, flag, post, thread

CARE = replace(DESK, fold_reasons=("self-harm", "gore"), undo_window=timedelta())
TITLE = literal("I do not want to be here any more")
FOLDED = "[folded: self-harm]"
ABLE = Capabilities(
    {c: Limits(c.value, Idempotent()) for c in (Capability.DISMISS, Capability.HIDE)}
)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def batch(*reasons: str, post_of_flag: str | None = None) -> Batch:
    """A thread of two posts; the subject carries the flags unless they name another post."""
    return Batch(
        "c1",
        threads=(thread(NOON, title=TITLE),),
        posts=(
            post(NOON, is_subject=True, media=(literal("image 10×10"),)),
            post(NOON + timedelta(minutes=1), "p2", media=(literal("image 20×20"),)),
        ),
        flags=tuple(
            flag(NOON, f"f{n}", reason=reason, post=post_of_flag)
            for n, reason in enumerate(reasons)
        ),
    )


@asynccontextmanager
async def running(
    rig: Rig, given: Batch, desk: Desk = CARE, **more: object
) -> AsyncIterator[LiveEngine]:
    feed = Feed(capabilities=ABLE)
    feed.news.put_nowait(given)
    async with rig.running(spec("forum", feed), desk=desk, **more) as engine:
        await until(lambda: engine.counts().open == 1)
        yield engine


async def shown(engine: LiveEngine) -> ThreadDetail:
    detail = await engine.thread(1)
    assert detail is not None
    return detail


def folded(detail: ThreadDetail) -> dict[str, tuple[str, bool]]:
    """Which posts are folded by rule: for what, and whether their words are."""
    return {post: (fold.reason, fold.text) for post, fold in detail.folding.rules.items()}


async def row(engine: LiveEngine) -> QueueRow:
    view = await engine.view(QueueFilter())
    found = view.rows([view.id_at(0)])[1]
    assert found is not None
    return found


async def test_a_reason_in_peoples_words_folds_title_and_post(rig: Rig) -> None:
    async with running(rig, batch("Thoughts of self harm", "spam")) as engine:
        detail = await shown(engine)
        assert (await row(engine)).title == "[folded] self-harm, thread 1"
        assert detail.row.title == "[folded] self-harm, thread 1"
        assert detail.record.thread.title == TITLE
        assert folded(detail) == {"p1": ("self-harm", True)}
        first, second = detail.posts
        assert (first.text, first.raw, first.media) == (FOLDED, FOLDED, ())
        assert (second.text, second.media) == ("hello there", ("image 20×20",))
        assert detail.folding.unseen(first) == ("text not seen", "media not seen")
        assert detail.folding.unseen(second) == ("media not seen",)


async def test_only_the_post_that_is_flagged_so_is_folded(rig: Rig) -> None:
    async with running(rig, batch("gore", post_of_flag="p2")) as engine:
        detail = await shown(engine)
        assert folded(detail) == {"p2": ("gore", True)}
        assert [post.text for post in detail.posts] == ["hello there", "[folded: gore]"]


async def test_other_reasons_fold_nothing_and_no_rule_folds_nothing(rig: Rig) -> None:
    async with running(rig, batch("spam")) as engine:
        assert (await row(engine)).title == TITLE
        assert (await shown(engine)).folding == Folding()
    off = replace(CARE, fold_reasons=())
    async with running(Rig(rig.folder / "b"), batch("self-harm"), off) as engine:
        assert (await row(engine)).title == TITLE


async def test_media_of_every_flagged_post_are_folded_where_that_is_asked_for(rig: Rig) -> None:
    async with running(rig, batch("spam"), replace(CARE, fold_media=True)) as engine:
        detail = await shown(engine)
        assert folded(detail) == {"p1": ("media", False)}
        assert (detail.posts[0].text, detail.posts[0].media) == ("hello there", ("folded: media",))
        assert detail.folding.unseen(detail.posts[0]) == ("media not seen",)
        await engine.care.unfold(detail, "p1")
        assert (await shown(engine)).posts[0].media == ("image 10×10",)
        assert await engine.care.exposure(NOON - timedelta(hours=1)) == 0


async def test_a_post_stays_folded_when_its_flags_are_closed(rig: Rig) -> None:
    async with running(rig, batch("self-harm", "spam", post_of_flag="p1")) as engine:
        detail = await shown(engine)
        keep = Dismiss(
            thread=1, revision=detail.row.revision, flags=("f0", "f1"), posts=("p1",),
            finishes=False,
        )  # fmt: skip
        await engine.submit((keep,))
        await until(lambda: _closed(engine))
        after = await shown(engine)
        assert after.flags == ()
        assert after.posts[0].text == FOLDED


async def _closed(engine: LiveEngine) -> bool:
    return not (await shown(engine)).flags


async def test_unfolding_is_for_one_post_in_one_session_and_is_told(rig: Rig) -> None:
    changes: list[Change] = []
    async with running(rig, batch("self-harm")) as engine:
        engine.subscribe(changes.append)
        detail = await shown(engine)
        await engine.care.unfold(detail, "p1")
        await until(lambda: any(1 in change.threads for change in changes))
        opened = await shown(engine)
        assert (opened.posts[0].text, opened.posts[0].media) == ("hello there", ("image 10×10",))
        assert opened.folding.unseen(opened.posts[0]) == ("media not seen",)
        assert (await row(engine)).title == "[folded] self-harm, thread 1"
        engine.care.fold(1, "p1")
        assert (await shown(engine)).posts[0].text == FOLDED
        await engine.care.unfold(detail, "p1")
    async with running(rig, Batch("c2")) as again:
        assert (await shown(again)).posts[0].text == FOLDED


async def test_each_unfolding_is_counted_for_the_one_who_did_it(rig: Rig) -> None:
    async with running(rig, batch("self-harm")) as engine:
        detail = await shown(engine)
        await engine.care.unfold(detail, "p1")
        rig.time.pass_by(3600)
        engine.care.fold(1, "p1")
        await engine.care.unfold(detail, "p1")
        assert await engine.care.exposure(NOON) == 2
        assert await engine.care.exposure(NOON + timedelta(minutes=30)) == 1
    other = replace(CARE, moderator=replace(CARE.moderator, name="mod-b"))
    async with running(rig, Batch("c2"), other) as engine:
        assert await engine.care.exposure(NOON) == 0
    async with running(rig, Batch("c3")) as engine:
        assert await engine.care.exposure(NOON) == 2


async def test_a_queue_for_reading_shows_the_post_and_writes_nothing(rig: Rig) -> None:
    async with running(rig, batch("self-harm")) as writer:
        await shown(writer)
    async with rig.running(desk=CARE, read_only=True) as engine:
        detail = await shown(engine)
        await engine.care.unfold(detail, "p1")
        assert (await shown(engine)).posts[0].text == "hello there"
        assert await engine.care.exposure(NOON) == 0


async def test_what_was_not_seen_stands_in_the_audit_and_in_the_event(rig: Rig) -> None:
    async with running(rig, batch("self-harm")) as engine:
        engine.care.address_opened(1, "p1")
        detail = await shown(engine)
        unseen = detail.folding.unseen(detail.posts[0])
        assert unseen == ("text not seen", "media address opened")
        keep = Dismiss(
            thread=1, revision=detail.row.revision, flags=("f0",), posts=("p1",), unseen=unseen
        )
        await engine.submit((keep,))
        await until(lambda: _closed_by_us(engine))
        lines = [line.detail for line in await engine.audit(1) if line.action == "sent"]
        words = "keep, flags dismissed, text not seen, media address opened"
        assert lines == [f"{words} → [folded] self-harm, thread 1"]
        event = (await shown(engine)).events[-1]
        assert event.get("unseen") == "text not seen, media address opened"


async def _closed_by_us(engine: LiveEngine) -> bool:
    return (await shown(engine)).row.state.value == "resolved"


async def test_a_removal_unseen_says_so_too(rig: Rig) -> None:
    async with running(rig, batch("self-harm")) as engine:
        detail = await shown(engine)
        hide = Hide(
            thread=1, revision=detail.row.revision, posts=("p1",), author="u1",
            unseen=("text not seen",),
        )  # fmt: skip
        await engine.submit((hide,))
        lines = [line.detail for line in await engine.audit(1)]
        assert lines[-1].startswith("remove post of Nina, text not seen → [folded]")


async def test_no_line_for_the_moderator_has_the_folded_title(rig: Rig) -> None:
    async with running(rig, batch("self-harm")) as engine:
        detail = await shown(engine)
        stale = Dismiss(thread=1, revision=detail.row.revision, flags=("gone",), posts=("p1",))
        with pytest.raises(Refused):
            await engine.submit((stale,))
        keep = replace(stale, flags=("f0",))
        await engine.submit((keep,))
        told = [line.detail for line in await engine.audit(1)]
        told += [words for deed in await engine.deeds.mine() for words in deed.what]
        record = await engine.people.record(1, "u1")
        assert record is not None
        told += [past.title for past in record.threads]
        assert len(told) >= 3
        assert not [line for line in told if TITLE in line]


async def test_neither_the_hand_over_nor_the_status_has_the_folded_title(rig: Rig) -> None:
    async with running(rig, batch("self-harm")) as engine:
        await engine.shift.begin()
        await engine.claim(1)
        left = await engine.shift.leaving()
        assert "[folded] self-harm, thread 1" in [item.title for item in left.items]
        report = await engine.lead.report(Span.TODAY, Narrow())
        assert "[folded] self-harm, thread 1" in repr(report)
        assert TITLE not in repr((left, report))


async def test_quick_replies_are_ranked_by_the_words_that_are_folded(rig: Rig) -> None:
    async with running(rig, batch("self-harm")) as engine:
        assert "hello there" in asked(await shown(engine)).text
