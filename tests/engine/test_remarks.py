"""What moderators noted on the platform stands with the notes of the team, once."""

from dataclasses import replace

from modtui.domain.model import Event, EventKind, Remark
from modtui.domain.text import literal
from modtui.engine.history import happen
from tests.engine.scene import GENERAL, Scene, flag, post, thread


def remark(desk: Scene, remote_id: str = "n1", text: str = "third account") -> Remark:
    return Remark("s1", remote_id, literal("@senior"), literal(text), desk.at(-1))


async def flagged(desk: Scene, **more: object) -> None:
    t0 = desk.at(-10)
    await desk.take(
        channels=(GENERAL,), threads=(thread(t0),), posts=(post(t0, is_subject=True),),
        flags=(flag(desk.at(-5)),), caught_up=True, **more,
    )  # fmt: skip


async def notes(desk: Scene) -> list[tuple[str, str]]:
    found = [each for each in await desk.history() if each.kind is EventKind.STAFF_NOTE]
    return [(str(each.get("text")), each.actor) for each in found]


async def test_a_note_comes_with_its_thread_and_once(desk: Scene) -> None:
    await flagged(desk, remarks=(remark(desk),))
    assert await notes(desk) == [("third account", "@senior on forum")]
    taken = await desk.take(remarks=(remark(desk),))
    assert taken.changed == frozenset()
    await desk.take(remarks=(remark(desk, "n2", "a fourth"),))
    assert [text for text, _ in await notes(desk)] == ["third account", "a fourth"]


async def test_a_note_that_went_out_from_here_is_not_doubled(desk: Scene) -> None:
    await flagged(desk)
    ours = Event(EventKind.STAFF_NOTE, desk.at(-2), "mod-a", (("text", "same as yesterday"),))
    record = await desk.record()
    await desk.store.write(lambda tx: happen(tx, record, (ours,), desk.parts))
    await desk.take(remarks=(remark(desk, text="same as yesterday"),))
    assert await notes(desk) == [("same as yesterday", "mod-a")]


async def test_a_note_stops_no_clock_and_reopens_nothing(desk: Scene) -> None:
    await flagged(desk)
    before = await desk.record()
    await desk.take(remarks=(remark(desk),))
    after = await desk.record()
    assert (after.standing.due_at, after.state) == (before.standing.due_at, before.state)


async def test_a_note_on_what_is_not_known_is_dropped(desk: Scene) -> None:
    taken = await desk.take(remarks=(remark(desk),))
    assert (taken.changed, taken.quarantined) == (frozenset(), 0)


async def test_a_note_of_no_time_is_kept_aside_and_hides_nothing(desk: Scene) -> None:
    bad = replace(remark(desk), at=desk.at(-1).replace(tzinfo=None))
    await flagged(desk, remarks=(bad, remark(desk, "n2", "sound")))
    assert [text for text, _ in await notes(desk)] == ["sound"]
    (aside,) = await desk.store.read(lambda tx: tx.quarantined())
    assert "remark n1" in aside.where
