"""Dialogs: what they say before the last key, what they return, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.widgets import Input, TextArea

from modtui.app import KeepsDraft, ModTui
from modtui.domain.commands import (
    NO_ROUTE,
    Capability,
    Escalate,
    Hide,
    Lock,
    Note,
    Reply,
    Sanction,
    SanctionKind,
    SetCrowdControl,
    SetSlowMode,
    Snooze,
    Then,
)
from modtui.domain.model import Draft, Flag
from modtui.domain.outbox import DeliveryState
from modtui.domain.replies import Entry, Filled, Slot, Variant
from modtui.domain.settings import Rule
from modtui.domain.trouble import Trouble, TroubleKind
from modtui.engine import NotStored, Refused
from modtui.screens.dialogs.find import FindReplyDialog
from modtui.screens.dialogs.handing import PreviewDialog
from modtui.screens.dialogs.quick import QuickReplyDialog
from modtui.screens.dialogs.reply import ReplyDialog
from modtui.screens.modal import Modal
from modtui.screens.queue import QueueScreen
from modtui.screens.thread import ThreadScreen
from tests.screens.grid import check, grid
from tests.screens.play import playing, shown, type_in
from tests.screens.sketches import ME, NOW, canned_flags
from tests.screens.stage import FakeEngine, canned_slots, staged


def left_behind_by_us(shelf: Path) -> list[str]:
    """The texts on the shelf, each of which its owner alone can read."""
    files = sorted(shelf.glob("modtui-*-*/written.txt"))
    assert {file.stat().st_mode & 0o777 for file in files} <= {0o600}
    return [file.read_text(encoding="utf-8") for file in files]


SETTLED = ("resolve", "lock")


def holds(engine: FakeEngine, entry: Entry) -> None:
    """Let the entry be the only one, on key 1."""
    slot = Slot(1, entry, next(iter(entry.variants.values())))
    engine.slots = lambda detail: (slot,)  # type: ignore[method-assign]


def drafts(engine: FakeEngine) -> list[str]:
    """The texts that were saved as drafts, in order."""
    return [str(what[1]) for name, what in engine.log if name == "save_draft"]


async def test_a_dialog_read_before_it_is_painted_lies_on_its_screen() -> None:
    async with playing(staged()) as play:
        await play.press("r")
        before = grid(play.app)
        play.app.screen.refresh()
        assert grid(play.app) == before


@pytest.mark.parametrize(("key", "about"), [("m", "Note for the team on"), ("e", "Escalate ")])
async def test_what_was_written_when_the_line_was_lost_is_left_for_the_next_start(
    tmp_path: Path, key: str, about: str
) -> None:
    async with playing(staged()) as play:
        play.app.scratch = tmp_path / "left"
        await play.press(key)
        await type_in(play, "he asked twice")
        dialog = play.app.screen
        assert isinstance(dialog, KeepsDraft)
        await dialog.break_off()
    (left,) = left_behind_by_us(tmp_path / "left")
    assert left.startswith(about)
    assert left.endswith("\n\nhe asked twice\n")


async def test_the_changed_text_of_a_hand_over_is_left_too(tmp_path: Path) -> None:
    async with playing(staged()) as play:
        play.app.scratch = tmp_path
        dialog = PreviewDialog("3 threads are open.", "you are off", "to mod-b")
        await play.app.push_screen(dialog)
        await dialog.break_off()
        assert left_behind_by_us(tmp_path) == []
        dialog.query_one(TextArea).text = "3 threads are open. See the first."
        await dialog.break_off()
    assert left_behind_by_us(tmp_path) == ["To mod-b\n\n3 threads are open. See the first.\n"]


async def test_a_reply_is_written_checked_and_sent_on_a_line_that_says_all() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("enter", "r")
        await type_in(play, "We look into it")
        await play.press("enter")
        assert engine.submitted == []
        await play.press("ctrl+s")
        lines = check(play.app, "reply-120x40")
        assert lines[16].startswith("─ reply to the thread · PUBLIC as @support · ru ──")
        assert "draft saved" in lines[16]
        assert lines[29].startswith("─ Tab to these ──")
        assert "Enter sends: as @support, everyone in" in lines[34]
        assert "then: wait for author" in lines[34]
        assert "Ctrl+S" not in "".join(lines[35:])
        assert "Enter sends it   Esc back to the text" in "".join(lines[35:])
        await play.press("escape")
        assert "Ctrl+S check and send, then Enter" in shown(play)
        await play.press("ctrl+s", "enter")
        (command,) = engine.submitted
        assert isinstance(command, Reply)
        assert (command.text.strip(), command.then) == ("We look into it", Then.WAIT)


async def test_leaving_the_reply_box_keeps_the_draft_and_sends_nothing() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("r")
        await type_in(play, "half a")
        await play.press("escape")
        assert not isinstance(play.app.screen, ReplyDialog)
        assert engine.submitted == []
        assert drafts(engine)[-1] == "half a"
        await play.press("r")
        assert play.app.screen.query_one(TextArea).text == "half a"


async def test_ctrl_z_goes_to_the_shell_and_takes_nothing_that_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[ModTui] = []
    monkeypatch.setattr(ModTui, "action_to_shell", lambda app: asked.append(app))
    async with playing(staged()) as play:
        await play.press("r")
        await type_in(play, "half a")
        await play.press("ctrl+z")
        area = play.app.screen.query_one(TextArea)
        assert (asked, area.text) == ([play.app], "half a")
        await play.press("ctrl+underscore")
        assert area.text != "half a"


async def test_a_team_note_from_the_reply_box_reaches_nobody_outside() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("r")
        await type_in(play, "ask payments")
        await play.press("tab", "right", "right", "ctrl+s")
        assert "nobody outside sees it" in " ".join(shown(play).split())
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, Note)
        assert command.text == "ask payments"


async def test_a_choice_after_the_check_is_said_before_enter_does_it() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("r")
        await type_in(play, "ask payments")
        await play.press("ctrl+s")
        assert "─ reply to the thread · PUBLIC as" in shown(play)
        await play.press("tab", "tab", "right")
        said = " ".join(shown(play).split())
        assert "─ reply · THE AUTHOR ONLY as" in said
        assert "the author only sees it" in said
        assert "everyone in" not in said
        await play.press("right")
        said = " ".join(shown(play).split())
        assert "─ reply to the thread · TEAM NOTE ─" in said
        assert "Enter sends: a note for the team" in said
        await play.press("enter")
        assert engine.submitted == []
        assert "Ctrl+S checks it, then Enter sends it." in shown(play)
        await play.press("shift+tab", "shift+tab", "enter")
        (command,) = engine.submitted
        assert isinstance(command, Note)


async def test_what_was_not_checked_is_not_sent_from_an_empty_line() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("r")
        await type_in(play, "not checked")
        await play.press("tab", "tab", "tab", "tab", "enter")
        assert engine.submitted == []
        assert isinstance(play.app.focused, TextArea)
        await type_in(play, "still")
        await play.press("ctrl+s", "escape")
        await type_in(play, "other words")
        await play.press("shift+tab", "enter")
        assert engine.submitted == []


async def test_what_follows_a_reply_is_chosen_and_said() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("r")
        await type_in(play, "done now")
        await play.press("tab", "tab", "right", "tab", "right", "ctrl+s")
        said = " ".join(shown(play).split())
        assert "then: done, slow mode" in said
        await play.press("enter")
        reply, slow = engine.submitted
        assert isinstance(reply, Reply)
        assert reply.then is Then.DONE
        assert isinstance(slow, SetSlowMode)
        assert slow.until is not None


async def test_what_cannot_follow_a_reply_here_says_why() -> None:
    engine = staged()
    engine.unable = {Capability.SLOW_MODE: "Matrix has no slow mode"}
    async with playing(engine, (120, 40)) as play:
        await play.press("enter", "r")
        text = shown(play)
        assert "slow mode 15 min for 30 min is off: Matrix has no slow mode" in text
        assert "(•) nothing" in text


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("name", ["support", "@moderation-team:matrix.example.org"])
async def test_the_first_line_of_a_reply_is_one_line_and_keeps_when_the_draft_was_saved(
    width: int, name: str
) -> None:
    async with playing(staged(), (width, 24)) as play:
        await play.press("r")
        dialog = play.app.screen
        assert isinstance(dialog, ReplyDialog)
        dialog.detail = replace(dialog.detail, our_name=name)
        dialog.saved = "draft saved 03:14:07"
        said = dialog.titled().plain
        assert cell_len(said) <= width - 1
        assert said.startswith("─ reply ")
        assert said.endswith("── draft saved 03:14:07")
        assert "PUBLIC as " in said


async def test_a_reply_box_fits_a_window_that_was_pulled_at() -> None:
    shows: dict[tuple[int, int], list[str]] = {}
    for size in ((80, 24), (120, 40), (60, 20)):
        async with playing(staged(), size) as play:
            await play.press("r")
            shows[size] = grid(play.app)
    for before, after in permutations(shows, 2):
        async with playing(staged(), before) as play:
            await play.press("r")
            await play.pilot.resize_terminal(*after)
            await play.until(lambda size=after: play.app.screen.size == size)  # type: ignore[misc]
            await play.settle()
            shown = grid(play.app)
            first = next(y for y, line in enumerate(shown) if line.startswith("─ reply"))
            assert shown[first:] == shows[after][first:]


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_what_cannot_follow_a_reply_takes_no_room_from_the_post(
    size: tuple[int, int],
) -> None:
    engine = staged()
    why = "one conversation cannot be locked here; make the channel read-only"
    engine.unable = {Capability.SLOW_MODE: "Matrix has no slow mode", Capability.LOCK: why}
    async with playing(engine, size) as play:
        await play.press("enter", "r")
        lines = grid(play.app)
        assert lines[0].startswith(" 3 late")
        assert any("Вывод висит" in line for line in lines)
        assert "(off)" in shown(play)
        assert "is off:" not in shown(play)
        await play.press("tab", "tab", "tab")
        assert grid(play.app)[0].startswith(" 3 late")
        assert why in " ".join(shown(play).split())
        assert all(line.startswith(" " * 14) for line in grid(play.app) if "conversation" in line)


async def test_a_quick_reply_is_previewed_and_one_enter_sends_it() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("1")
        dialog = play.app.screen
        assert isinstance(dialog, QuickReplyDialog)
        text = " ".join(shown(play).split())
        assert "PUBLIC as @support" in text
        assert "not approved by anyone yet" in text or "approved by" in text
        assert "Enter sends" in text
        await play.press("enter")
        assert isinstance(engine.submitted[0], Reply)
        assert engine.submitted[0].quick == dialog.slot.entry.id


async def test_what_a_quick_reply_cannot_do_here_is_said_before_it_is_sent() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("8")
        assert "left out: slow 15m: not here" in " ".join(shown(play).split())
        await play.press("enter")
        assert [command.kind for command in engine.submitted] == ["reply"]


async def test_a_weak_match_takes_y() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("6", "enter")
        assert engine.submitted == []
        assert "y sends it, Enter does not" in shown(play)
        await play.press("y")
        assert isinstance(engine.submitted[0], Reply)


async def test_an_unfilled_placeholder_is_asked_for_and_never_sent() -> None:
    engine = staged()
    holds(engine, Entry("late", {"ru": Variant("ru", "Late", "Back by {when}.")}))
    async with playing(engine) as play:
        await play.press("1", "enter")
        assert engine.submitted == []
        await type_in(play, "noon")
        await play.press("enter", "enter")
        (command,) = engine.submitted
        assert isinstance(command, Reply)
        assert command.text == "Back by noon."


async def test_which_value_is_asked_for_is_said_while_it_is_typed() -> None:
    engine = staged()
    holds(engine, Entry("late", {"ru": Variant("ru", "Late", "{who}, back by {when}.")}))
    async with playing(engine) as play:
        await play.press("1")
        for name, value in (("who", "Nina"), ("when", "noon")):
            await type_in(play, value)
            assert f"Enter fills {{{name}}}" in grid(play.app)[-1]
            await play.press("enter")
        assert "Enter sends" in grid(play.app)[-1]


async def test_the_language_can_be_switched_while_a_value_is_asked_for() -> None:
    engine = staged()
    variants = {
        "ru": Variant("ru", "Late", "{who}, back by {when}."),
        "en": Variant("en", "Late", "By {when}, {why}. {who}"),
    }
    holds(engine, Entry("late", variants))
    async with playing(engine) as play:
        await play.press("1")
        await type_in(play, "Nina")
        await play.press("enter")
        await type_in(play, "noon")
        await play.press("left", "home", "right")
        assert "PUBLIC as @support · ru" in shown(play)
        await play.press("home", "left")
        assert "PUBLIC as @support · en" in shown(play)
        assert play.app.screen.query_one("#value", Input).value == "noon"
        await play.press("enter")
        await type_in(play, "ra")
        await play.press("right")
        text = " ".join(shown(play).split())
        assert "Nina, back by noon." in text
        await play.press("right")
        assert play.app.screen.query_one("#value", Input).value == "ra"
        await type_in(play, "in")
        await play.press("enter", "enter")
        (command,) = engine.submitted
        assert isinstance(command, Reply)
        assert (command.text, command.language) == ("By noon, rain. Nina", "en")


async def test_that_the_language_of_a_thread_is_not_known_is_said() -> None:
    engine = staged()
    engine.rows[1] = replace(engine.rows[1], language=None)
    texts = {"ru": Variant("ru", "Позже", "Ответ"), "en": Variant("en", "Late", "An answer")}
    holds(engine, Entry("late", texts))
    async with playing(engine) as play:
        await play.press("1")
        for language in ("ru", "en"):
            said = f"! the thread's language is not known, this is in {language} ·"
            assert said in " ".join(shown(play).split())
            await play.press("right")


@pytest.mark.parametrize("asks", [False, True])
async def test_that_a_language_is_missing_is_said_once(asks: bool) -> None:
    engine = staged()
    engine.rows[1] = replace(engine.rows[1], language="ka")
    body = "We look into it {when}." if asks else "We look into it today."
    holds(engine, Entry("late", {"en": Variant("en", "Late", body)}))
    async with playing(engine) as play:
        await play.press("1")
        text = " ".join(shown(play).split()).lower()
        assert text.count("the thread is in ka, this is in en") == 1
        assert text.count("the thread is in ka") == 1


async def test_a_removal_names_the_post_and_takes_the_rule_by_number() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("x", "0", "1")
        assert "0 no rule   Enter does it   Esc leave" in shown(play)
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, Hide)
        assert command.posts == ("t1p1",)
        assert command.rule == engine.desk.rules[0].id


@pytest.mark.parametrize("key", ["x", "b"])
@pytest.mark.parametrize(("reason", "rule"), [("spam", "spam"), ("other", None)])
async def test_the_rule_that_the_flags_of_a_post_name_is_picked_first_and_no_other(
    key: str, reason: str, rule: str | None
) -> None:
    engine = staged()
    rules = tuple(Rule(name, {"en": name}) for name in ("threats", "spam", "insult"))
    engine.desk = replace(engine.desk, rules=rules)
    engine.flags[1] = (Flag(thread="s1", reason=reason, at=engine.clock, remote_id="f"),)
    async with playing(engine) as play:
        await play.press(key, "enter")
        if key == "b" and rule is None:
            await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, Hide | Sanction)
        assert command.rule == rule


async def test_a_warning_that_would_say_nothing_asks_once_more() -> None:
    engine = staged()
    engine.desk = replace(engine.desk, rules=(Rule("spam", {"en": "No spam"}),))
    async with playing(engine) as play:
        await play.press("b")
        said = " ".join(shown(play).split())
        assert "warn: no rule is named, so the author is told nothing: 1 names one." in said
        await play.press("enter")
        assert engine.submitted == []
        assert "Enter does it anyway." in " ".join(shown(play).split())
        await play.press("1")
        assert "warn: Enter does it; the author is told the rule." in shown(play)
        assert "anyway" not in shown(play)
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, Sanction)
        assert command.text == "No spam"


async def test_removing_one_of_two_flagged_posts_leaves_the_thread_open() -> None:
    engine = staged()
    second = Flag(thread="s1", reason="spam", at=engine.clock, remote_id="more", post="t1p2")
    engine.flags[1] = (*canned_flags(1), second)
    async with playing(engine) as play:
        await play.press("enter", "x")
        assert "1 other flagged post stays to be decided" in " ".join(shown(play).split())
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, Hide)
        assert not command.finishes


@pytest.mark.parametrize("key", ["x", "b"])
async def test_a_rule_is_read_in_ones_own_language_and_told_in_the_authors(key: str) -> None:
    engine = staged()
    texts = {"en": "No spam", "ru": "Без спама", "ka": "სპამი აკრძალულია"}
    engine.desk = replace(engine.desk, rules=(Rule("spam", texts),))
    engine.rows[1] = replace(engine.rows[1], language="ka")
    async with playing(engine, (120, 40)) as play:
        await play.press(key, "1")
        said = " ".join(shown(play).split())
        assert "1 Без спама" in said
        assert "the author is told, in ka: სპამი აკრძალულია" in said
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, Hide | Sanction)
        assert command.reason == "სპამი აკრძალულია"


@pytest.mark.parametrize(
    ("rules", "keys", "said"),
    [
        (0, "", "There is no rule 9; none is configured."),
        (1, " 1 rule ", "There is no rule 9; there is one."),
        (3, " 1-3 rule ", "There is no rule 9; there are 3."),
    ],
)
@pytest.mark.parametrize("key", ["x", "b"])
async def test_the_keys_of_a_dialog_are_those_of_the_rules(
    key: str, rules: int, keys: str, said: str
) -> None:
    engine = staged()
    each = tuple(Rule(f"r{n}", {"en": f"Rule {n}"}) for n in range(rules))
    engine.desk = replace(engine.desk, rules=each)
    async with playing(engine) as play:
        await play.press(key)
        last = shown(play).splitlines()[-1]
        assert keys in last
        assert ("rule" in last) == bool(rules)
        await play.press("9")
        assert said in shown(play)
        assert engine.submitted == []


async def test_slow_mode_is_two_keys() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("s", "enter")
        (command,) = engine.submitted
        assert isinstance(command, SetSlowMode)
        assert command.until is not None
        assert command.reason


async def test_slow_mode_that_is_lifted_asks_no_length_and_says_so() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("s")
        assert "reason      heated thread" in shown(play)
        assert "Everyone in the channel is slowed." in shown(play)
        await play.press("left")
        said = shown(play)
        assert "(•) off" in said
        assert "reason      settled" in said
        assert "Everyone can write as before." in said
        assert "for         (•)" not in said
        await play.press("right")
        assert "reason      heated thread" in shown(play)
        await play.press("left", "enter")
        (command,) = engine.submitted
        assert isinstance(command, SetSlowMode)
        assert (command.seconds, command.until, command.reason) == (0, None, "settled")


async def test_where_crowd_control_is_the_nearest_the_strictest_is_two_keys() -> None:
    engine = staged()
    engine.unable = dict.fromkeys((Capability.SLOW_MODE, Capability.READ_ONLY), "not here")
    async with playing(engine) as play:
        await play.press("s")
        assert "crowd control · " in " ".join(shown(play).split())
        await play.press("enter")
        await play.press("s", "left", "left", "left", "enter")
        strict, off = engine.submitted
        assert isinstance(strict, SetCrowdControl)
        assert isinstance(off, SetCrowdControl)
        assert (strict.level, off.level) == (3, 0)
        assert strict.reason


async def test_a_lock_asks_a_reason() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("L", "tab", "ctrl+u", "enter")
        assert "Give a reason" in shown(play)
        await type_in(play, "calm")
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, Lock)
        assert command.reason == "calm"


async def test_an_escalation_needs_a_note() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("e", "enter")
        assert engine.submitted == []
        await type_in(play, "double charge")
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, Escalate)
        assert command.team == engine.desk.teams[0].name


async def test_a_sanction_starts_at_the_mildest_and_a_ban_for_good_takes_y() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("b")
        assert "(•) warn" in shown(play)
        await play.press("left", "tab", "right", "right", "right", "1", "enter")
        assert engine.submitted == []
        await play.press("y")
        (command,) = engine.submitted
        assert isinstance(command, Sanction)
        assert (command.sanction, command.seconds) == (SanctionKind.BAN, None)


async def test_a_timed_sanction_says_what_its_end_may_end() -> None:
    engine = staged()
    engine.untold = "nobody can tell whose it is"
    async with playing(engine) as play:
        await play.press("b")
        assert "At its end" not in shown(play)
        await play.press("right")
        said = " ".join(shown(play).split())
        assert "At its end: nobody can tell whose it is." in said


async def test_a_ban_for_which_no_rule_is_named_asks_once_more() -> None:
    engine = staged()
    engine.desk = replace(engine.desk, rules=(Rule("spam", {"en": "No spam"}),))
    async with playing(engine) as play:
        await play.press("b", "right", "enter")
        assert engine.submitted == []
        said = " ".join(shown(play).split())
        assert "Not done yet: no rule is named: 1 names one. Enter does it anyway." in said
        await play.press("right", "right", "tab", "right", "right", "right", "y")
        assert engine.submitted == []
        assert "y does it anyway." in " ".join(shown(play).split())
        await play.press("y")
        (command,) = engine.submitted
        assert isinstance(command, Sanction)
        assert (command.sanction, command.rule) == (SanctionKind.BAN, None)


async def test_a_warning_offers_the_texts_of_the_platform() -> None:
    engine = staged()
    engine.texts = ("warn-spam", "last warning")
    async with playing(engine) as play:
        await play.press("b")
        assert "(•) of the rule" in shown(play)
        assert "the author is told nothing" in " ".join(shown(play).split())
        await play.press("tab", "right", "right")
        said = " ".join(shown(play).split())
        assert "the author is told the platform's text last warning." in said
        await play.press("enter")
        await play.press("b", "right")
        assert "of the rule" not in shown(play)
        await play.press("1", "enter")
        warning, mute = engine.submitted
        assert isinstance(warning, Sanction)
        assert isinstance(mute, Sanction)
        assert (warning.sanction, warning.preset) == (SanctionKind.WARN, "last warning")
        assert (mute.sanction, mute.preset) == (SanctionKind.MUTE, None)


async def test_a_stray_y_does_nothing() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("y", "y", "enter", "y")
        assert engine.submitted == []


@pytest.mark.parametrize(("key", "index"), [("1", 0), ("4", 3)])
async def test_snooze_by_digit(key: str, index: int) -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("z", key, "enter")
        (command,) = engine.submitted
        assert isinstance(command, Snooze)
        minutes = (command.until - engine.now()).total_seconds() / 60
        assert minutes == (30, 60, 120, 240)[index]


async def test_a_note_says_who_else_sees_it() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("m")
        assert "nobody outside sees it" in " ".join(shown(play).split())
    del engine.unable[Capability.NOTE]
    async with playing(engine) as play:
        await play.press("m")
        assert "moderators on the platform see it too" in " ".join(shown(play).split())


async def test_an_empty_note_is_not_kept() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("m", "enter")
        assert "An empty note is not kept" in shown(play)
        await type_in(play, "seen before")
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, Note)


FULL = Trouble(TroubleKind.FULL, "/", NOW)


@pytest.mark.parametrize(
    ("key", "box"),
    [("m", "#note"), ("e", "#note"), ("exclamation_mark", "#outcome"), ("d", "#outcome")],
)
async def test_words_that_could_not_be_stored_are_there_when_the_key_is_pressed_again(
    key: str, box: str
) -> None:
    engine = staged()
    if box == "#outcome":
        first = next(iter(engine.rows))
        urgent = {"now_at": NOW, "now_due_at": NOW, "help_route": "self-harm"}
        engine.rows[first] = replace(engine.rows[first], **urgent)
    async with playing(engine) as play:
        engine.refuse, engine.what_is_wrong = NotStored("/q.db cannot grow"), FULL
        await play.press(key)
        await type_in(play, "called at nine")
        await play.press("enter")
        said = "nothing was done: disk full · your words wait: the same key shows them"
        assert play.said == said
        engine.refuse = engine.what_is_wrong = None
        await play.press(key)
        assert play.app.screen.query_one(box, Input).value == "called at nine"
        await play.press("enter")
        assert len(engine.submitted) == 1
        await play.press(key)
        assert not any(one.value for one in play.app.screen.query(Input))


async def test_a_draft_that_is_saved_at_last_is_said_to_be_without_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("modtui.screens.dialogs.reply.SAVE_AFTER", 0.001)
    engine, refused = staged(), [NotStored("/q.db is locked")]
    save = engine.save_draft

    async def save_draft(thread: int, text: str) -> None:
        if refused:
            raise refused[0]
        await save(thread, text)

    monkeypatch.setattr(engine, "save_draft", save_draft)
    async with playing(engine) as play:
        await play.press("r")
        await type_in(play, "half a sent")
        await play.until(lambda: "! not saved yet, kept in memory" in shown(play))
        refused.clear()
        await play.until(lambda: "draft saved" in shown(play))
        assert "not saved yet" not in shown(play)
        assert [draft.text for draft in engine.kept.values()] == ["half a sent"]


async def test_words_that_were_refused_in_the_list_are_there_in_the_open_thread() -> None:
    engine = staged()
    async with playing(engine) as play:
        engine.refuse = Refused("stale", "mod-c was faster")
        await play.press("m")
        await type_in(play, "called at nine")
        await play.press("enter")
        assert play.said == "mod-c was faster · your words wait: the same key shows them"
        await play.press("j", "m")
        assert play.app.screen.query_one("#note", Input).value == ""
        await play.press("escape", "k", "enter", "m")
        assert play.app.screen.query_one("#note", Input).value == "called at nine"


async def test_finding_a_reply_leads_to_its_preview() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("0")
        await play.press("down", "enter")
        assert isinstance(play.app.screen, QuickReplyDialog)
        assert engine.submitted == []


async def test_replies_of_the_library_are_stacked_into_one_each_a_paragraph() -> None:
    engine = staged()
    first, second = (slot.entry.id for slot in canned_slots()[:2])
    engine.fill = lambda _, entry, variant: Filled(  # type: ignore[method-assign]
        entry.id, (), entry.id, variant.language, ""
    )
    async with playing(engine) as play:
        await play.press("r", "ctrl+r", "enter", "ctrl+r", "down", "enter")
        assert play.app.screen.query_one(TextArea).text == f"{first}\n\n{second}"
        await play.press("space", "ctrl+r", "enter")
        assert play.app.screen.query_one(TextArea).text == f"{first}\n\n{second} {first}"


async def test_under_a_help_route_no_light_reply_can_be_found_and_help_comes_first() -> None:
    engine = staged()
    light, plain, helps = (slot.entry for slot in canned_slots()[:3])
    found = (replace(light, tags=("light",)), plain, replace(helps, tags=("help:any",)))
    engine.find_replies = lambda text, language: found  # type: ignore[method-assign]
    async with playing(engine) as play:
        await play.press("!", "r", "ctrl+r")
        dialog = play.app.screen
        assert isinstance(dialog, FindReplyDialog)
        assert list(dialog.entries) == [helps.id, plain.id]


@pytest.mark.parametrize("key", ["1", "r"])
@pytest.mark.parametrize("route", [None, "gambling"])
async def test_a_reply_says_which_help_route_it_was_decided_under(
    key: str, route: str | None
) -> None:
    engine = staged()
    engine.rows[1] = replace(engine.rows[1], help_route=route)
    async with playing(engine) as play:
        await play.press(key)
        if key == "r":
            await type_in(play, "Please write to us")
            await play.press("ctrl+s")
        await play.press("enter", "enter")
        said = [command.route for command in engine.submitted if isinstance(command, Reply)]
        assert said == [route or NO_ROUTE]


async def test_what_is_found_under_a_help_route_takes_y_unless_it_helps() -> None:
    engine = staged()
    routine, other = (slot.entry for slot in canned_slots()[:2])
    every = (routine, replace(other, tags=("help:any",)))
    engine.find_replies = lambda text, language: every  # type: ignore[method-assign]
    async with playing(engine) as play:
        await play.press("!", "0", "down", "enter", "enter")
        assert [command.kind for command in engine.submitted] == ["sensitive"]
        assert "y sends it, Enter does not" in shown(play)
        await play.press("escape", "0", "enter")
        assert "weak match" not in shown(play)


@pytest.mark.parametrize("key", ["x", "r", "e", "m", "z", "s", "b", "1", "0", "w", "o"])
async def test_a_panel_closed_twice_closes_nothing_else(key: str) -> None:
    async with playing(staged()) as play:
        await play.press("enter", key)
        panel = play.app.screen
        assert isinstance(panel, Modal)
        panel.dismiss(None)
        panel.dismiss(None)
        await play.settle()
        assert isinstance(play.app.screen, ThreadScreen)


async def test_a_quick_reply_that_is_edited_keeps_what_follows_it() -> None:
    engine = staged()
    holds(engine, Entry("bye", {"ru": Variant("ru", "Bye", "Goodbye")}, ("light",), then=SETTLED))
    for more, quick in (("", "bye"), ("!", None)):
        async with playing(engine) as play:
            await play.press("1", "r")
            if more:
                await type_in(play, more)
            await play.press("ctrl+s")
            assert "then: done, lock" in " ".join(shown(play).split())
            await play.press("enter")
            reply, lock = engine.submitted[-2:]
            assert isinstance(reply, Reply)
            assert isinstance(lock, Lock)
            assert (reply.text, reply.quick, reply.light) == (f"Goodbye{more}", quick, True)
            assert (reply.then, reply.language) == (Then.DONE, "ru")


async def test_a_draft_gives_way_to_a_quick_reply_only_if_that_is_meant() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("r")
        await type_in(play, "my own words")
        await play.press("escape", "1", "r")
        assert "Your draft here is replaced by the quick reply: “my own words”" in shown(play)
        await play.press("escape")
        assert isinstance(play.app.screen, QuickReplyDialog)
        assert drafts(engine)[-1] == "my own words"
        await play.press("r", "enter")
        assert isinstance(play.app.screen, ReplyDialog)
        assert play.app.screen.text == "Text of Withdrawal times"


async def test_what_follows_a_quick_reply_is_changed_with_tab() -> None:
    engine = staged()
    holds(engine, Entry("bye", {"ru": Variant("ru", "Bye", "Goodbye")}, then=SETTLED))
    async with playing(engine) as play:
        await play.press("1")
        assert "reply, then: done · lock" in " ".join(shown(play).split())
        await play.press("tab")
        assert "reply, then: stays open · lock" in " ".join(shown(play).split())
        await play.press("enter")
        (reply, _) = engine.submitted
        assert isinstance(reply, Reply)
        assert reply.then is Then.OPEN


async def test_a_quick_reply_taken_back_is_followed_by_the_same_again() -> None:
    engine = staged()
    variants = {"ru": Variant("ru", "Bye", "Goodbye"), "ka": Variant("ka", "ნახვამდის", "კარგად")}
    holds(engine, Entry("bye", variants, then=("lock", "note asked twice")))
    async with playing(engine) as play:
        await play.press("1", "right", "tab", "enter")
        back = [replace(row, state=DeliveryState.CANCELLED) for row in engine.outbox]
        engine.outbox[:] = back
        sent = engine.submitted
        first = sent[0]
        assert isinstance(first, Reply)
        assert (first.text, first.language, first.then) == ("კარგად", "ka", Then.DONE)
        engine.kept[first.thread] = Draft(first.thread, ME, first.text, engine.clock, "taken back")
        detail = await engine.thread(first.thread)
        assert detail is not None
        box = ReplyDialog(engine, detail)
        await play.app.push_screen(box)
        await play.settle()
        assert "@support · ka" in shown(play)
        await play.press("ctrl+s")
        assert "then: done, lock, note" in " ".join(shown(play).split())
        assert list(box.commands()) == sent


async def test_a_quick_reply_with_other_words_keeps_what_follows_it_when_it_comes_back() -> None:
    engine = staged()
    texts = {"ru": Variant("ru", "Card", "Replied on Monday", approved_by="ops")}
    holds(engine, Entry("card", texts, then=("lock", "note asked")))
    async with playing(engine, (120, 40)) as play:
        await play.press("1", "r")
        await type_in(play, " at noon")
        await play.press("ctrl+s", "enter")
        await play.settle()
        sent = list(engine.submitted)
        assert [type(each) for each in sent] == [Reply, Lock, Note]
        first = sent[0]
        assert isinstance(first, Reply)
        assert (first.text, first.quick) == ("Replied on Monday at noon", None)
        engine.outbox[:] = [replace(r, state=DeliveryState.CANCELLED) for r in engine.outbox]
        draft = Draft(first.thread, ME, first.text, engine.clock, "taken back")
        engine.kept[first.thread] = draft
        detail = await engine.thread(first.thread)
        assert detail is not None
        box = ReplyDialog(engine, detail)
        await play.app.push_screen(box)
        await play.settle()
        await play.press("ctrl+s")
        assert "lock, note" in " ".join(shown(play).split())
        assert list(box.commands()) == sent


async def test_what_follows_says_until_when_and_what_a_note_says() -> None:
    engine = staged()
    then = ("lock for 2h", "note asked twice")
    holds(engine, Entry("bye", {"ru": Variant("ru", "Bye", "Goodbye")}, then=then))
    async with playing(engine, (120, 40)) as play:
        await play.press("1")
        ends = play.app.screen.local(engine.clock + timedelta(hours=2))  # type: ignore[attr-defined]
        said = f"lock until {ends} · note “asked twice”"
        assert said in " ".join(shown(play).split())


async def test_braces_in_a_value_are_no_placeholder() -> None:
    engine = staged()
    holds(engine, Entry("no", {"ru": Variant("ru", "No", "Write {what}, then {when}")}))
    async with playing(engine) as play:
        await play.press("1")
        for value in ("{name} and {when}", "now"):
            await type_in(play, value)
            await play.press("enter")
        await play.press("enter")
        (reply,) = engine.submitted
        assert isinstance(reply, Reply)
        assert reply.text == "Write {name} and {when}, then now"
        assert reply.quotes == ("{name}", "{when}")


async def test_what_is_found_can_be_read_and_enter_says_what_it_does() -> None:
    engine = staged()
    row = engine.rows[1]
    engine.rows[1] = replace(row, language="ka")
    kept = Entry(
        "late", {"ka": Variant("ka", "გვიან", "ტექსტი"), "ru": Variant("ru", "Позже", "Ответ")}
    )
    engine.find_replies = lambda text, language: (kept,)  # type: ignore[method-assign]
    async with playing(engine) as play:
        await play.press("0")
        assert "Позже  (ka, ru)" in shown(play)
        assert "ka, in ru: Ответ" in shown(play)
        assert "Enter preview" in shown(play)
        await play.press("escape", "r", "ctrl+r")
        assert "Enter inserts it" in shown(play)


async def test_what_a_stacked_reply_leaves_open_is_said() -> None:
    engine = staged()
    found = canned_slots()[0].entry
    late = Variant("ru", "Late", "Back by {when}")
    open_ = replace(found, variants={"ru": late}, then=("lock",))
    engine.find_replies = lambda text, language: (open_,)  # type: ignore[method-assign]
    async with playing(engine) as play:
        await play.press("r", "ctrl+r", "enter")
        said = " ".join(shown(play).split())
        assert "Still to be filled in: {when}." in said
        assert "What follows it is not done from here: lock." in said


async def test_a_quick_reply_edited_and_sent_closes_both_boxes() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("1", "r", "ctrl+s", "enter")
        await play.settle()
        assert isinstance(play.app.screen, QueueScreen)
        assert [c.text for c in engine.submitted if isinstance(c, Reply)] == [
            "Text of Withdrawal times"
        ]


async def test_a_first_public_reply_says_once_more_whose_name_it_bears() -> None:
    words = "first public reply as @support on disco: everyone sees this name"
    engine = staged()
    for size in ((80, 24), (120, 40)):
        engine.first_reply = True
        async with playing(engine, size) as play:
            await play.press("1")
            assert words in " ".join(shown(play).split())
            await play.press("escape", "r")
            await type_in(play, "We look into it")
            await play.press("ctrl+s")
            text = " ".join(shown(play).split())
            assert words in text
            assert "Enter sends: as @support" in text
            await play.press("escape", "tab", "right", "ctrl+s")
            assert words not in " ".join(shown(play).split()), "to the author alone it is not"
    engine.first_reply = False
    async with playing(engine) as play:
        await play.press("1")
        assert "first public reply" not in shown(play)
