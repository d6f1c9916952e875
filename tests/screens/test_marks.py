"""Marks are by id; one key over all of them shows each line first, and how each went after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modtui.domain.alike import Alike
from modtui.domain.commands import (
    Capability,
    Dismiss,
    Escalate,
    Hide,
    Reply,
    Resolve,
    Sanction,
    Snooze,
)
from modtui.domain.model import Flag
from modtui.domain.outbox import DeliveryState
from modtui.domain.replies import Entry, Slot, Variant
from modtui.domain.settings import Rule
from modtui.engine.batches import Found
from modtui.screens.dialogs.alike import AlikeDialog
from modtui.screens.dialogs.batch import BatchDialog
from tests.screens.batching import batch_of, texts
from tests.screens.grid import grid
from tests.screens.play import playing
from tests.screens.sketches import NOW, words
from tests.screens.stage import staged


async def test_space_marks_and_goes_down_and_marks_stay_with_their_threads() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("space", "j", "space")
        assert play.queue.list.marked == (1, 3)
        assert play.queue.list.selected_id == 4
        lines = grid(play.app)
        assert [line[1] for line in lines[2:6]] == ["*", " ", "*", " "]
        assert lines[13].startswith("── row 4 of 25 · 2 marked ──")
        engine.order.insert(0, engine.order.pop(2))
        engine.tell(wide=True)
        await play.settle()
        assert [line[1] for line in grid(play.app)[2:6]] == ["*", "*", " ", " "]
        await play.press("k", "k", "k", "space")
        assert play.queue.list.marked == (1,)


async def test_escape_takes_the_marks_off_first_and_says_so() -> None:
    async with playing(staged(), (120, 40)) as play:
        await play.press("space", "space")
        assert "2 marked" in grid(play.app)[1]
        await play.press("q")
        assert play.said == "2 marks taken off"
        assert play.queue.list.marked == ()
        assert "0 marked" in grid(play.app)[1]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_last_line_names_what_acts_on_the_marks_and_no_key_for_one_thread(
    size: tuple[int, int],
) -> None:
    async with playing(staged(), size) as play:
        lines = play.queue.keys.size.height
        await play.press("space", "space")
        last = " ".join(row.strip() for row in grid(play.app)[-lines:])
        assert last.startswith("on 2 marked:")
        assert 0 < last.index("a keep") < last.index("? all")
        assert "r write" not in last
        await play.press("q")
        assert "marked:" not in "".join(grid(play.app)[-lines:])
        await play.press("j")
        assert "r write" in "".join(grid(play.app)[-lines:])


@pytest.mark.parametrize(
    ("key", "how"),
    [("t", Alike.TEXT), ("a", Alike.AUTHOR), ("r", Alike.REASON), ("q", Alike.QUESTION)],
)
async def test_v_marks_alike_in_this_view(key: str, how: Alike) -> None:
    engine = staged()
    engine.batches.found = Found((3, 6, 14), elsewhere=2)
    async with playing(engine) as play:
        await play.press("j", "j", "v")
        assert isinstance(play.app.screen, AlikeDialog)
        await play.press(key)
        asked = [what for name, what in engine.log if name == "alike"]
        assert asked == [(3, how, tuple(range(1, 26)))]
        assert play.queue.list.marked == (3, 6, 14)
        assert play.said == (
            f"3 marked by {how.value} · same name on other platforms: 2, not marked"
        )


async def test_v_says_when_it_stopped_and_when_nothing_is_alike() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("v", "t")
        assert play.said == "nothing else here has the same text"
        assert play.queue.list.marked == ()
        engine.batches.found = Found((1, 2), stopped=True)
        await play.press("v", "t")
        assert play.said == "2 marked by text · stopped at 500, there may be more"


async def test_keep_over_marks_shows_every_line_and_leaves_out_what_cannot_be_done() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "G", "space", "a")
        rows = texts(play)
        assert len(rows) == 3
        assert "Withdrawal stuck for 3 days · vasya_77 “Вывод висит" in rows[0]
        assert rows[0].startswith("[x]")
        assert "keep, 4 flags dismissed" in rows[0]
        assert rows[2].startswith("[-]")
        assert "cannot: this thread is done" in rows[2]
        assert "2 of 3 · 1 cannot be done and is left out" in "\n".join(grid(play.app))
        await play.press("space", "enter")
        (command,) = batch_of(engine)
        assert isinstance(command, Dismiss)
        assert (command.thread, command.flags) == (2, tuple(f"f2-{i}" for i in range(4)))


async def test_what_a_line_cuts_is_said_in_full_below_and_marks_elsewhere_are_counted() -> None:
    async with playing(staged()) as play:
        await play.press("space", "j", "space", "f", "w", "d")
        text = "\n".join(grid(play.app))
        assert "Done 2 marked threads, 2 of them not in this view:" in text
        assert "done, though vasya_77 has not…" in texts(play)[0]
        assert "done, though vasya_77 has not been answered and 4 flags are open" in text
        await play.press("j")
        assert "[x] FREE SPINS t.me/… · vasya_77 “Вывод висит третий день" in "\n".join(
            grid(play.app)[-6:]
        )
        await play.press("escape", "f", "a", "d")
        assert "not in this view" not in "\n".join(grid(play.app))


async def test_where_nothing_can_be_done_no_key_is_said_to_do_it() -> None:
    async with playing(staged()) as play:
        await play.press("space", "a")
        assert "Enter does it" in grid(play.app)[-1]
        await play.press("space")
        assert "Enter does it" not in grid(play.app)[-1]
        assert "nothing is left to do here" in grid(play.app)[-1]


async def test_esc_leaves_and_nothing_happens() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("space", "space", "a", "escape")
        assert not [name for name, _ in engine.log if name == "batch"]
        assert play.queue.list.marked == (1, 2)


async def test_what_is_for_good_takes_y() -> None:
    engine = staged()
    engine.for_good = {Capability.HIDE}
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "x")
        assert "hide, for good" in texts(play)[0]
        await play.press("enter")
        assert not [name for name, _ in engine.log if name == "batch"]
        await play.press("y")
        assert [type(c) for c in batch_of(engine)] == [Hide, Hide]


async def test_a_removal_over_threads_names_the_rule_and_spares_the_many_flagged() -> None:
    engine = staged()
    engine.flags[2] = tuple(Flag("s2", "spam", NOW, f"f{n}", f"t2p{n}", words("u")) for n in (1, 2))
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "x")
        assert "cannot: 2 posts are flagged, open it" in texts(play)[1]
        await play.press("0", "enter")
        (command,) = batch_of(engine)
        assert isinstance(command, Hide)
        assert (command.thread, command.posts, command.rule) == (1, ("t1p1",), None)


@pytest.mark.parametrize(("other", "rule"), [("spam", "spam"), ("insult", None)])
async def test_a_removal_over_threads_begins_with_the_rule_that_all_flags_name_or_none(
    other: str, rule: str | None
) -> None:
    engine = staged()
    rules = tuple(Rule(name, {"en": name}) for name in ("threats", "spam", "insult"))
    engine.desk = replace(engine.desk, rules=rules)
    for thread, reason in ((1, "spam"), (2, other)):
        engine.flags[thread] = (Flag(f"s{thread}", reason, NOW, "f"),)
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "x", "enter")
        commands = batch_of(engine)
        assert [c.rule for c in commands if isinstance(c, Hide)] == [rule, rule]


async def test_each_line_says_how_it_went_and_the_rest_goes_on_when_it_is_closed() -> None:
    engine = staged()
    engine.batches.refuse = {1: ("stale", "insult: mod-c: hidden, 9 s ago")}
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "space", "x", "enter")
        rows = texts(play)
        assert "pending 10 s" in rows[0]
        assert "stale, it changed: insult: mod-c: hidden" in rows[1]
        shown = "\n".join(grid(play.app))
        assert "████░░░░░░░░ 1/3 · 1 not done · u takes all of it back" in shown
        (first, second) = engine.outbox
        engine.outbox[:] = [
            replace(first, state=DeliveryState.SENT),
            replace(second, state=DeliveryState.REJECTED, error="it is protected"),
        ]
        engine.tell(1, 3)
        await play.settle()
        rows = texts(play)
        assert rows[0].rstrip().endswith("sent")
        assert "refused: it is protected" in rows[2]
        shown = "\n".join(grid(play.app))
        assert "████████████ 3/3 · 2 not done · U says what can be taken back" in shown
        await play.press("escape")
        assert play.said == "1 of 3 taken, 2 not · U says what can be taken back"
        assert play.queue.list.marked == (2, 3)


async def test_what_was_asked_for_is_taken_back_where_its_results_stand() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "x", "u")
        assert not [name for name, _ in engine.log if name in ("batch", "undo")]
        await play.press("enter")
        assert "0/2 · u takes all of it back" in "\n".join(grid(play.app))
        await play.press("u")
        assert not isinstance(play.app.screen, BatchDialog)
        assert [name for name, _ in engine.log if name in ("batch", "undo")] == ["batch", "undo"]
        assert play.said.startswith("taken back")


async def test_the_window_of_a_batch_counts_from_its_paint() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("space", "space", "d", "enter")
        names = [name for name, _ in engine.log]
        assert names.index("batch") < names.index("painted")
        assert [type(c) for c in batch_of(engine)] == [Resolve, Resolve]
        assert "done" in texts(play)[0]


async def test_claiming_many_says_who_was_faster() -> None:
    engine = staged()
    engine.batches.faster = {3: "mod-c"}
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "j", "space", "c", "enter")
        assert "claimed" in texts(play)[0]
        assert "mod-c was faster" in texts(play)[1]
        assert ("claim all", (1, 3)) in engine.log


async def test_an_escalation_asks_once_for_all() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "e")
        assert "Escalate 2 marked threads" in "\n".join(grid(play.app))
        for letter in "look":
            await play.press(letter)
        await play.press("enter")
        assert "escalate to payments" in texts(play)[0]
        await play.press("enter")
        made = batch_of(engine)
        assert [(type(c), c.thread) for c in made] == [(Escalate, 1), (Escalate, 2)]
        assert {c.note for c in made if isinstance(c, Escalate)} == {"look"}


async def test_a_snooze_and_a_sanction_are_the_same_for_each() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "z", "enter")
        assert "snooze until" in texts(play)[0]
        await play.press("enter")
        assert [type(c) for c in batch_of(engine)] == [Snooze, Snooze]


async def test_a_sanction_of_many_names_no_channel_for_those_of_another() -> None:
    async with playing(staged(), (120, 40)) as play:
        await play.press("space", "space", "b")
        assert "the authors of 2 marked threads in 2 channels ·" in "\n".join(grid(play.app))


async def test_one_author_is_sanctioned_once() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("enter", "space", "j", "space", "b")
        assert "the authors of 2 marked posts" in "\n".join(grid(play.app))
        await play.press("1", "enter")
        assert "the same author is in a line above" in texts(play)[1]
        await play.press("enter")
        made = batch_of(engine)
        assert [c.author for c in made if isinstance(c, Sanction)] == ["u1"]


@pytest.mark.parametrize(("second", "rule"), [("spam", "spam"), ("insult", None)])
async def test_a_sanction_of_many_begins_with_a_rule_that_all_are_flagged_for(
    second: str, rule: str | None
) -> None:
    engine = staged()
    rules = tuple(Rule(name, {"en": name}) for name in ("spam", "insult"))
    engine.desk = replace(engine.desk, rules=rules)
    for number, reason in ((1, "spam"), (2, second)):
        flag = Flag(thread=f"s{number}", reason=reason, at=engine.clock, remote_id=f"f{number}")
        engine.flags[number] = (flag,)
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "b", "enter")
        if rule is None:
            await play.press("enter")
        await play.press("enter")
        made = [c for c in batch_of(engine) if isinstance(c, Sanction)]
        assert [c.rule for c in made] == [rule] * len(made)
        assert made


async def test_each_author_is_told_the_rule_in_the_language_of_the_own_thread() -> None:
    engine = staged()
    rule = Rule("spam", {"en": "No spam", "ru": "Без спама"})
    engine.desk = replace(engine.desk, rules=(rule,))
    for number, language in ((1, "ru"), (2, "en")):
        engine.rows[number] = replace(engine.rows[number], language=language)
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "b", "1", "enter", "enter")
        made = [c for c in batch_of(engine) if isinstance(c, Sanction)]
        assert [(c.thread, c.text, c.reason) for c in made] == [
            (1, "Без спама", "Без спама"), (2, "No spam", "No spam"),
        ]  # fmt: skip


async def test_a_quick_reply_goes_to_each_in_its_language_and_not_over_a_claim() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "space", "1")
        rows = texts(play)
        assert "reply in ru, then: wait for the author" in rows[0]
        assert "cannot: mod-c holds this thread" in rows[1]
        assert "cannot: it has no text in en" in rows[2]
        await play.press("enter")
        (command,) = batch_of(engine)
        assert isinstance(command, Reply)
        assert (command.thread, command.language, command.quick) == (1, "ru", "withdrawal times")


async def test_a_routine_answer_for_many_leaves_open_help_routes_out() -> None:
    engine = staged()
    engine.rows[1] = replace(engine.rows[1], help_route="threat")
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "1")
        assert "cannot: a help route is open" in texts(play)[0]
        await play.press("enter")
        assert engine.submitted == []


async def test_help_in_another_need_is_not_for_many_either_and_the_line_says_what_follows() -> None:
    engine = staged()
    engine.rows[1] = replace(engine.rows[1], help_route="threat")
    text = {"ru": Variant("ru", "Help", "…")}
    other, own = (
        Entry(f"help-{need}", text, (f"help:{need}",), then=("resolve",))
        for need in ("gambling", "threat")
    )
    engine.find_replies = lambda text, language: (other, own)  # type: ignore[method-assign]
    for entry, says in ((other, "cannot: a help route is open"), (own, "reply in ru, then: done")):
        slot = Slot(1, entry, entry.variants["ru"])
        engine.slots = lambda detail, slot=slot: (slot,)  # type: ignore[method-assign, misc]
        async with playing(engine, (120, 40)) as play:
            await play.press("space", "space", "1")
            assert says in texts(play)[0]


async def test_a_weak_match_is_not_for_many() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("space", "k", "6")
        assert play.said == "6 is a weak match here: not for many at once"


async def test_a_colleagues_claim_leaves_removals_to_others() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("j", "space", "x")
        assert texts(play)[0].startswith("[x] Re: who moderates")
        assert "hide, can be brought back · mod-c holds it" in texts(play)[0]
