"""How threads come into the NOW lane and leave it, whatever tells of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.lane import stay
from modtui.domain.model import ELSEWHERE, Event, EventKind, State
from modtui.domain.views import Alarms, Counts, QueueFilter
from modtui.engine.alarms import LiveAlarms
from modtui.engine.clock import Watch
from modtui.engine.history import happen
from modtui.engine.promises import refile
from tests.engine.scene import DESK, GENERAL, NINA, Scene, flag, post, thread

REASONS = ("self-harm", "threat")
TARGET = timedelta(minutes=15)


@pytest.fixture
def lane(desk: Scene) -> Scene:
    """A scene whose desk has reasons for the lane."""
    desk.desk = replace(DESK, now_reasons=REASONS, now_target=TARGET)
    return desk


async def flagged(lane: Scene, reason: str = "spam", minutes: float = -5) -> None:
    """One thread, flagged for `reason` some minutes ago."""
    await lane.take(
        channels=(GENERAL,),
        threads=(thread(lane.at(-10)),),
        posts=(post(lane.at(-10), is_subject=True),),
        flags=(flag(lane.at(minutes), reason=reason),),
        caught_up=True,
    )


async def happened(lane: Scene, *events: Event) -> None:
    record = await lane.record()
    await lane.store.write(lambda tx: happen(tx, record, events, lane.parts))


async def inside(lane: Scene) -> bool:
    """Whether the thread is in the lane, where its record and its history say the same."""
    record, here = await lane.record(), stay(await lane.history())
    assert (record.now_at, record.now_reason) == ((here.since, here.reason) if here else (None, ""))
    assert record.now_due_at == (here.since + TARGET if here else None)
    return here is not None


async def test_a_flag_of_a_now_reason_puts_a_new_thread_into_the_lane(lane: Scene) -> None:
    await flagged(lane, "Threats of violence")
    record = await lane.record()
    assert (record.now_at, record.now_due_at) == (lane.at(-5), lane.at(10))
    assert record.now_reason == "threat"
    assert record.revision == 1
    assert await lane.events() == [("flagged", "Igor"), ("sensitive", "forum")]
    assert await inside(lane)
    assert record.standing.due_at == lane.at(115), "the three clocks run on"


@pytest.mark.parametrize("reason", ["spam", "treat", "off-topic"])
async def test_no_other_flag_does(lane: Scene, reason: str) -> None:
    await flagged(lane, reason)
    assert not await inside(lane)


async def test_a_help_route_alone_is_no_reason(lane: Scene) -> None:
    lane.desk = replace(lane.desk, now_reasons=("threat",))
    await flagged(lane, "self-harm")
    assert (await lane.record()).help_route == "self-harm"
    assert not await inside(lane)


async def test_a_later_flag_puts_a_known_thread_into_the_lane_once(lane: Scene) -> None:
    await flagged(lane)
    told = flag(lane.at(-1), "f2", reason="threat")
    await lane.take(flags=(told, flag(lane.at(-0.5), "f3", reason="self-harm")))
    await lane.take(flags=(told, flag(lane.at(0), "f4", reason="threat")))
    record = await lane.record()
    assert (record.now_at, record.now_reason, record.revision) == (lane.at(-1), "threat", 2)
    assert [kind for kind, _ in await lane.events()].count("sensitive") == 1
    assert await inside(lane)


async def test_it_calls_back_what_was_snoozed(lane: Scene) -> None:
    await flagged(lane)
    till = lane.at(600).isoformat()
    await happened(lane, Event(EventKind.SNOOZED, lane.at(0), "mod-a", (("until", till),)))
    await lane.take(flags=(flag(lane.at(0), "f2", reason="self-harm"),))
    record = await lane.record()
    assert (record.state, record.snoozed_until) == (State.OPEN, None)


async def test_a_public_reply_does_not_take_it_out(lane: Scene) -> None:
    await flagged(lane, "threat")
    await lane.take(posts=(post(lane.at(0), "p2", author=replace(NINA, remote_id="bot")),))
    assert (await lane.record()).state is State.WAITING
    assert await inside(lane)


async def test_it_is_reopened_into_the_lane_for_the_same_reason(lane: Scene) -> None:
    await flagged(lane, "threat")
    done = (("outcome", "nothing to it"),)
    await happened(lane, Event(EventKind.RESOLVED, lane.at(0), "mod-a", done))
    assert not await inside(lane)
    lane.clock.tick(3600)
    await lane.take(posts=(post(lane.at(0), "p2"),))
    record = await lane.record()
    assert (record.state, record.now_at) == (State.OPEN, lane.at(0))
    assert record.now_reason == "threat"
    assert await inside(lane)


async def test_flags_closed_elsewhere_leave_it_in_view_without_an_outcome(lane: Scene) -> None:
    await flagged(lane, "threat")
    key = ("s1", "f1")
    await lane.take(closed=frozenset({key}))
    record = await lane.record()
    assert (record.state, record.flag_count) == (State.OPEN, 0)
    assert (await lane.events())[-1] == ("dismissed", ELSEWHERE)
    assert await inside(lane)
    counts = await lane.store.read(lambda tx: tx.counts(lane.clock.now, "mod-a"))
    assert (counts.now, counts.open) == (1, 1)


async def test_a_wall_clock_neither_pauses_nor_waits_for_the_desk(lane: Scene) -> None:
    await flagged(lane, "threat", 0)
    await happened(lane, Event(EventKind.WAITING, lane.at(0), "mod-a"))
    watch = Watch(lane.parts)
    await watch.look()
    lane.told.clear()
    lane.clock.tick(15 * 60)
    await watch.look()
    assert [change.threads for change in lane.told] == [frozenset({1})]
    later = lane.at(0.1)
    assert (await lane.store.read(lambda tx: tx.counts(later, "mod-a"))).late == 1


async def test_an_edited_lane_takes_what_is_open_and_moves_every_target(lane: Scene) -> None:
    lane.desk = replace(lane.desk, now_reasons=("self-harm",))
    await flagged(lane, "threat")
    await refile(lane.parts)
    assert not await inside(lane)
    lane.desk = replace(lane.desk, now_reasons=REASONS)
    await refile(lane.parts)
    assert (await lane.record()).now_at == lane.at(-5)
    assert await inside(lane)
    lane.desk = replace(lane.desk, now_target=timedelta(minutes=30))
    await refile(lane.parts)
    assert (await lane.record()).now_due_at == lane.at(25)
    events = await lane.events()
    await refile(lane.parts)
    assert await lane.events() == events


async def test_what_was_put_aside_comes_in_with_the_lane(lane: Scene) -> None:
    await flagged(lane)
    record = await lane.record()
    await lane.store.write(lambda tx: tx.update_thread(replace(record, backlog=True)))
    mark = Event(EventKind.SENSITIVE, lane.at(0), "mod-a", (("batch", "b1"),))
    await happened(lane, mark)
    assert not (await lane.record()).backlog
    counts = await lane.store.read(lambda tx: tx.counts(lane.clock.now, "mod-a"))
    assert (counts.open, counts.now, counts.backlog) == (1, 1, 0)


async def test_a_session_that_only_reads_hears_the_lane_alone(lane: Scene) -> None:
    await flagged(lane, "threat")
    await lane.take(
        threads=(thread(lane.at(-200), "s2"),), flags=(flag(lane.at(-115), "f2", thread="s2"),)
    )
    counts = Counts(late=3)
    acting = await LiveAlarms(lane.parts, lambda: counts, read_only=False).read()
    assert acting == Alarms(frozenset({1}), frozenset({2}), 3)
    reading = await LiveAlarms(lane.parts, lambda: counts, read_only=True).read()
    assert reading == Alarms(frozenset({1}))


async def test_a_closed_flag_is_no_reason_to_take_it_in_later(lane: Scene) -> None:
    lane.desk = replace(lane.desk, now_reasons=())
    await flagged(lane, "threat")
    await lane.take(flags=(flag(lane.at(0), "f2"),))
    await lane.take(closed=frozenset({("s1", "f1")}))
    lane.desk = replace(lane.desk, now_reasons=REASONS)
    await refile(lane.parts)
    assert not await inside(lane)


async def test_the_view_of_the_lane_has_it(lane: Scene) -> None:
    await flagged(lane, "threat")
    view = QueueFilter(now=True)
    assert await lane.store.read(lambda tx: tx.queue_ids(view, lane.clock.now, "mod-a")) == (1,)
