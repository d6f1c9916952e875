"""What events do to a thread's state and clocks, wherever they come from."""

from dataclasses import replace
from datetime import timedelta

from modtui.domain.commands import Dismiss
from modtui.domain.model import (
    ELSEWHERE,
    Channel,
    ClockKind,
    Draft,
    Event,
    EventKind,
    Severity,
    State,
)
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.settings import SeverityRule
from modtui.domain.text import literal
from modtui.domain.views import QueueFilter
from modtui.engine.history import happen
from modtui.store import Tx
from tests.engine.scene import DESK, GENERAL, POLICY, Scene, flag, post, thread

HOUR = timedelta(hours=1)


async def flagged(desk: Scene) -> None:
    """One thread, flagged five minutes ago."""
    await desk.take(
        channels=(GENERAL,),
        threads=(thread(desk.at(-10)),),
        posts=(post(desk.at(-10), is_subject=True),),
        flags=(flag(desk.at(-5)),),
        caught_up=True,
    )


async def happened(desk: Scene, *events: Event) -> None:
    record = await desk.record()
    await desk.store.write(lambda tx: happen(tx, record, events, desk.parts))


async def waiting(desk: Scene) -> None:
    await flagged(desk)
    await happened(desk, Event(EventKind.STAFF_REPLY, desk.at(0), "mod-a"))
    assert (await desk.record()).state is State.WAITING
    desk.clock.tick(600)


async def test_a_person_s_flag_calls_a_waiting_thread_back(desk: Scene) -> None:
    await waiting(desk)
    await desk.take(flags=(flag(desk.at(0), "f2", reason="insult", rule=True),))
    assert (await desk.record()).state is State.WAITING
    await desk.take(flags=(flag(desk.at(0), "f3"),))
    record = await desk.record()
    assert record.state is State.OPEN
    assert record.standing.clock is ClockKind.RESOLUTION
    # Flagged 15 minutes ago, answered after 5, and for 10 it waited.
    assert record.standing.due_at == desk.at(24 * 60 - 5)


async def test_only_a_flag_that_raises_the_severity_breaks_a_snooze(desk: Scene) -> None:
    await flagged(desk)
    till = desk.at(600).isoformat()
    await happened(desk, Event(EventKind.SNOOZED, desk.at(0), "mod-a", (("until", till),)))
    await desk.take(flags=(flag(desk.at(0), "f2"),))
    assert (await desk.record()).state is State.SNOOZED
    await desk.take(flags=(flag(desk.at(0), "f3", reason="threat"),))
    record = await desk.record()
    assert (record.state, record.snoozed_until) == (State.OPEN, None)
    await happened(desk, Event(EventKind.SNOOZED, desk.at(0), "mod-a", (("until", till),)))
    await desk.take(flags=(flag(desk.at(0), "f4", reason="threat"),))
    assert (await desk.record()).state is State.SNOOZED


async def test_a_cycle_that_ends_late_and_is_followed_at_once_keeps_its_breach(desk: Scene) -> None:
    await flagged(desk)
    due = desk.at(-5 + 120)
    desk.clock.tick(4 * 3600)
    await happened(
        desk,
        Event(EventKind.RESOLVED, desk.at(-30), "mod-a"),
        Event(EventKind.REOPENED, desk.at(-20), "mod-a"),
    )
    breaches = [event for event in await desk.history() if event.kind is EventKind.BREACHED]
    assert [(each.at, each.get("clock"), each.get("cycle")) for each in breaches] == [
        (due, "first_response", 1)
    ]


async def test_a_late_receipt_before_a_post_that_reopened_keeps_its_breach(desk: Scene) -> None:
    await flagged(desk)
    due = desk.at(-5 + 120)
    desk.clock.tick(4 * 3600)
    record = await desk.record()
    post_event = Event(EventKind.AUTHOR_POST, desk.at(-10), "Nina")
    await desk.store.write(lambda tx: tx.add_event(record.id, post_event))
    await happened(desk, Event(EventKind.RESOLVED, desk.at(-30), "mod-a"))
    breaches = [event for event in await desk.history() if event.kind is EventKind.BREACHED]
    assert [each.at for each in breaches] == [due]
    assert (await desk.record()).state is State.OPEN


async def test_channels_are_matched_by_id_or_name_whatever_the_capitals(desk: Scene) -> None:
    quick = replace(POLICY, name="quick", channels=("PAY", "Shop"), first_response=HOUR)
    desk.policies = (quick, POLICY)
    desk.desk = replace(
        DESK,
        severity_rules=(
            SeverityRule(Severity.HIGH, channels=("payments and cards",)),
            SeverityRule(Severity.URGENT, channels=("pay",)),
        ),
    )
    await desk.take(
        channels=(Channel("C1", literal("Pay")), Channel("C2", literal("Payments and Cards"))),
        threads=(
            thread(desk.at(-9), "by-name", channel="C1"),
            thread(desk.at(-9), "by-id", channel="shop"),
            thread(desk.at(-9), "neither", channel="C2"),
        ),
        flags=tuple(
            flag(desk.at(0), thread=subject) for subject in ("by-name", "by-id", "neither")
        ),
    )
    await desk.take(flags=(flag(desk.at(0), "f2", thread="by-name"),))
    found = {name: await desk.record(name) for name in ("by-name", "by-id", "neither")}
    assert {name: (r.standing.policy, r.severity.value) for name, r in found.items()} == {
        "by-name": ("quick", "urgent"),
        "by-id": ("quick", "normal"),
        "neither": ("social", "high"),
    }


async def listed(desk: Scene, me: str) -> tuple[int, ...]:
    now = desk.clock.now
    return await desk.store.read(lambda tx: tx.queue_ids(QueueFilter(), now, me))


async def test_what_is_closed_elsewhere_stays_in_view_of_who_holds_it(desk: Scene) -> None:
    await flagged(desk)
    number = (await desk.record()).id
    await desk.store.write(lambda tx: tx.take_claim(number, "mod-a", "here", 120))
    await desk.take(closed=(("s1", "f1"),))
    record = await desk.record()
    assert (record.state, record.resolved_by) == (State.RESOLVED, ELSEWHERE)
    assert await listed(desk, "mod-a") == (number,)
    assert await listed(desk, "mod-b") == ()
    desk.clock.tick(121)
    assert await listed(desk, "mod-a") == ()


async def test_what_is_closed_elsewhere_stays_in_view_of_who_has_a_draft(desk: Scene) -> None:
    await flagged(desk)
    number = (await desk.record()).id
    draft = Draft(number, "mod-a", "Dear Nina", desk.at(0))
    await desk.store.write(lambda tx: tx.put_draft(draft))
    await desk.take(closed=(("s1", "f1"),))
    await desk.take(threads=(thread(desk.at(-2), "s2"),), flags=(flag(desk.at(-1), thread="s2"),))
    other = (await desk.record("s2")).id
    assert await listed(desk, "mod-a") == (other, number)
    await desk.store.write(lambda tx: tx.drop_draft(number, "mod-a"))
    assert await listed(desk, "mod-a") == (other,)


async def test_what_i_resolved_myself_leaves_the_view_draft_or_not(desk: Scene) -> None:
    await flagged(desk)
    draft = Draft((await desk.record()).id, "mod-a", "Dear Nina", desk.at(0))
    await desk.store.write(lambda tx: tx.put_draft(draft))
    await happened(desk, Event(EventKind.RESOLVED, desk.at(0), "mod-a"))
    assert await listed(desk, "mod-a") == ()


async def test_while_our_dismiss_travels_the_platform_s_closing_resolves_nothing(
    desk: Scene,
) -> None:
    await flagged(desk)
    number = (await desk.record()).id
    keep = Dismiss(thread=number, revision=1, flags=("f1",))
    row = Delivery(0, "k", "b", number, "forum", keep, DeliveryState.QUEUED, "mod-a", desk.at(0))

    async def sending(tx: Tx) -> None:
        await tx.lease_delivery(await tx.add_delivery(row), "here", 60, desk.at(0))

    await desk.store.write(sending)
    await desk.take(closed=(("s1", "f1"),))
    record = await desk.record()
    assert (record.state, record.flag_count) == (State.OPEN, 0)
