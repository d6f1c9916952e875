"""Spam at a thread: seen across accounts, shown with evidence, acted on only where that is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.commands import LiftSanction, MarkSensitive, Sanction, SanctionKind
from modtui.domain.help_routes import by_head, pattern
from modtui.domain.model import Event, EventKind
from modtui.domain.outbox import DeliveryState
from modtui.domain.spam import SpamRules, Suspicion, step
from modtui.domain.text import literal
from modtui.engine.spam import AUTOMATIC, suspected
from modtui.engine.submit import submit
from tests.engine.outbox_stage import abilities
from tests.engine.scene import DESK, GENERAL, Scene, flag, post, thread

RULES = SpamRules(
    by_head([pattern("", "free spins")]), 3, timedelta(minutes=10), (step("mute 1h"), step("ban"))
)
LOUD = "Money for nothing at https://a.example"


@pytest.fixture
def spam(desk: Scene) -> Scene:
    desk.desk = replace(DESK, spam=RULES)
    desk.able["forum"] = abilities()
    return desk


async def told(
    spam: Scene, subject: str, minutes: float, text: str = LOUD, reason: str = "spam"
) -> None:
    said = post(spam.at(minutes), f"p-{subject}", text=literal(text), is_subject=True)
    await spam.take(
        channels=(GENERAL,),
        threads=(thread(spam.at(minutes), subject),),
        posts=(replace(said, thread=subject),),
        flags=(replace(flag(spam.at(minutes), f"f-{subject}"), thread=subject, reason=reason),),
        caught_up=True,
    )


async def signs(spam: Scene, subject: str) -> Suspicion | None:
    record = await spam.record(subject)

    async def work(tx: object) -> Suspicion | None:
        posts = await tx.posts(record.id)  # type: ignore[attr-defined]
        return await suspected(tx, record, posts, spam.desk)  # type: ignore[arg-type]

    return await spam.store.read(work)


async def rows(spam: Scene) -> list[tuple[str, str, DeliveryState]]:
    found = await spam.store.read(lambda tx: tx.deliveries())
    return [(row.by, row.command.kind, row.state) for row in found]


async def test_the_same_text_is_seen_from_each_of_its_threads(spam: Scene) -> None:
    for n, subject in enumerate(("a", "b", "c")):
        assert await rows(spam) == []
        await told(spam, subject, n - 9)
    for subject in ("a", "b", "c"):
        found = await signs(spam, subject)
        assert found is not None
        assert [(sign.kind, sign.count) for sign in found.signs] == [("author", 3), ("text", 3)]
        assert "suggested: mute for 1 h" in found.line
    assert await rows(spam) == [], "nothing is done by itself"


async def test_what_is_older_than_the_span_is_not_counted(spam: Scene) -> None:
    for n, subject in enumerate(("a", "b", "c")):
        await told(spam, subject, 20 * n - 60)
    assert await signs(spam, "c") is None


async def test_a_sanction_in_the_same_thread_counts_for_the_next_step(spam: Scene) -> None:
    await told(spam, "a", 0, "free spins")
    record = await spam.record("a")
    author = record.thread.author.remote_id
    pairs = (("sanction", "mute"), ("author", author), ("seconds", 60))
    given = Event(EventKind.SANCTIONED, spam.at(1), "mod-b", pairs)
    await spam.store.write(lambda tx: tx.add_event(record.id, given))
    found = await signs(spam, "a")
    assert found is not None
    assert found.suggestion == "suggested: ban for good (1 sanction before)"


async def test_without_rules_nothing_is_asked(spam: Scene) -> None:
    await told(spam, "a", 0, "free spins")
    assert await signs(spam, "a") is not None
    spam.desk = DESK
    assert await signs(spam, "a") is None


async def test_only_what_the_configuration_names_acts_by_itself_once_and_by_that_name(
    spam: Scene,
) -> None:
    spam.desk = replace(spam.desk, spam=replace(RULES, automatic=("words",)))
    await told(spam, "a", -5, "get free spins here")
    assert await rows(spam) == [(AUTOMATIC, "sanction", DeliveryState.HELD)]
    (row,) = await spam.store.read(lambda tx: tx.deliveries())
    sanction = row.command
    assert isinstance(sanction, Sanction)
    assert (sanction.sanction, sanction.seconds) == (SanctionKind.MUTE, 3600)
    assert sanction.reason == "automatic: stop word “free spins”"
    assert (await spam.record("a")).pending == 1
    audit = await spam.store.read(lambda tx: tx.audit(thread=row.thread))
    assert [(line.who, line.action) for line in audit] == [(AUTOMATIC, "submitted")]
    assert spam.told[-1].deliveries
    await told(spam, "a", -5, "get free spins here")
    assert len(await rows(spam)) == 1
    for n, subject in enumerate(("b", "c", "d")):
        await told(spam, subject, n - 4)
    assert len(await rows(spam)) == 1, "the other signs are shown alone"


async def test_nothing_for_good_and_nothing_that_the_platform_has_not(spam: Scene) -> None:
    rules = replace(RULES, automatic=("words",), ladder=(step("ban"),))
    spam.desk = replace(spam.desk, spam=rules)
    await told(spam, "a", -5, "free spins")
    spam.desk = replace(spam.desk, spam=replace(rules, ladder=(step("warn"),)))
    await told(spam, "b", -5, "free spins")
    assert await rows(spam) == []


@pytest.mark.parametrize("reason", ["self-harm", "threat"])
async def test_who_may_need_help_is_neither_sanctioned_nor_to_be(spam: Scene, reason: str) -> None:
    rules = replace(RULES, automatic=("words", "author", "text"))
    spam.desk = replace(spam.desk, spam=rules, help_reasons=("self-harm",), now_reasons=("threat",))
    for n, subject in enumerate(("a", "b", "c")):
        await told(spam, subject, n - 9, "free spins took all I had", reason)
    assert await rows(spam) == []
    found = await signs(spam, "a")
    assert found is not None
    assert [sign.kind for sign in found.signs] == ["words", "author", "text"]
    assert found.suggestion == ""


@pytest.mark.parametrize("reason", ["self-harm", "threat"])
async def test_a_sanction_that_waits_is_cancelled_once_its_author_may_need_help(
    spam: Scene, reason: str
) -> None:
    rules = replace(RULES, automatic=("words",))
    spam.desk = replace(spam.desk, spam=rules, help_reasons=("self-harm",), now_reasons=("threat",))
    await told(spam, "a", -5, "free spins took all I had")
    assert await rows(spam) == [(AUTOMATIC, "sanction", DeliveryState.HELD)]
    later = replace(flag(spam.at(-1), "f-later"), thread="a", reason=reason)
    await spam.take(flags=(later,), caught_up=True)
    (row,) = await spam.store.read(lambda tx: tx.deliveries())
    why = "who may need help is not sanctioned by itself"
    assert (row.state, row.error) == (DeliveryState.CANCELLED, why)
    record = await spam.record("a")
    assert record.pending == 0
    audit = await spam.store.read(lambda tx: tx.audit(thread=record.id))
    assert [(line.who, line.action) for line in audit] == [
        (AUTOMATIC, "cancelled"),
        (AUTOMATIC, "submitted"),
    ]
    await told(spam, "a", -5, "free spins took all I had")
    assert len(await rows(spam)) == 1, "it is not tried again"


@pytest.mark.parametrize("how", ["flag", "moderator"])
async def test_a_sanction_that_waits_in_another_thread_of_theirs_is_cancelled_too(
    spam: Scene, how: str
) -> None:
    spam.desk = replace(
        spam.desk, spam=replace(RULES, automatic=("words",)), help_reasons=("self-harm",)
    )
    await told(spam, "b", -6, "what now")
    await told(spam, "a", -5, "free spins took all I had")
    assert await rows(spam) == [(AUTOMATIC, "sanction", DeliveryState.HELD)]
    one, other = await spam.record("a"), await spam.record("b")
    if how == "flag":
        later = replace(flag(spam.at(-1), "f-later"), thread="b", reason="self-harm")
        await spam.take(flags=(later,), caught_up=True)
    else:
        mark = MarkSensitive(thread=other.id, revision=other.revision)
        await submit(spam.parts, (mark,), hold=True, force=False)
    assert await rows(spam) == [(AUTOMATIC, "sanction", DeliveryState.CANCELLED)]
    assert (await spam.record("a")).pending == 0
    assert one.id in spam.told[-1].threads
    await told(spam, "c", -4, "free spins again")
    assert len(await rows(spam)) == 1, "nor is there a new one elsewhere"


async def test_what_ends_a_sanction_by_itself_is_not_cancelled_with_it(spam: Scene) -> None:
    spam.desk = replace(
        spam.desk, spam=replace(RULES, automatic=("words",)), help_reasons=("self-harm",)
    )
    await told(spam, "a", -5, "free spins took all I had")
    (row,) = await spam.store.read(lambda tx: tx.deliveries())
    sanction = row.command
    assert isinstance(sanction, Sanction)
    lift = LiftSanction(
        thread=row.thread, revision=1, sanction=sanction.sanction, author=sanction.author
    )
    end = replace(row, id=0, key="end", batch="end", command=lift, not_before=spam.at(60))
    end = replace(end, state=DeliveryState.QUEUED, hold_until=None)
    await spam.store.write(lambda tx: tx.add_delivery(end))
    later = replace(flag(spam.at(-1), "f-later"), thread="a", reason="self-harm")
    await spam.take(flags=(later,), caught_up=True)
    assert await rows(spam) == [
        (AUTOMATIC, "sanction", DeliveryState.CANCELLED),
        (AUTOMATIC, "lift_sanction", DeliveryState.QUEUED),
    ]
