"""What few platforms can do, by keys."""

from __future__ import annotations

from modtui.domain.commands import Capability, DoExtra, Extra
from tests.screens.play import playing, shown, type_in
from tests.screens.stage import FakeEngine, staged


def able(*extras: Extra) -> FakeEngine:
    """A desk whose platform can do these alone."""
    engine = staged()
    others = (Capability(extra.value) for extra in Extra if extra not in extras)
    engine.unable = dict.fromkeys(others, "this forum cannot do that")
    return engine


async def test_a_priority_wants_a_score_and_a_reason() -> None:
    engine = able(Extra.PRIORITY)
    async with playing(engine) as play:
        await play.press("B")
        assert "More on " in shown(play)
        await play.press("enter")
        assert "Give a reason" in shown(play)
        await play.press("tab", "tab")
        await type_in(play, "a wave")
        await play.press("enter")
        assert "Give the score, 0 to 100." in shown(play)
        await play.press("shift+tab")
        await type_in(play, "80")
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, DoExtra)
        assert (command.extra, command.value, command.reason) == (Extra.PRIORITY, "80", "a wave")


async def test_a_freeze_is_done_and_taken_off() -> None:
    engine = able(Extra.REOPEN, Extra.FREEZE)
    async with playing(engine) as play:
        for keys in (("right", "tab", "tab"), ("right", "tab", "right", "tab")):
            await play.press("B", *keys)
            await type_in(play, "hijacked")
            await play.press("enter")
        done = [c for c in engine.submitted if isinstance(c, DoExtra)]
        assert [(c.extra, c.on, c.value, c.seconds) for c in done] == [
            (Extra.FREEZE, True, "", None), (Extra.FREEZE, False, "", None),
        ]  # fmt: skip


async def test_who_reported_is_muted_for_a_time() -> None:
    engine = able(Extra.MUTE_REPORTER)
    async with playing(engine) as play:
        await play.press("B", "tab", "tab", "tab", "tab")
        await type_in(play, "grudge")
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, DoExtra)
        assert (command.extra, command.on, command.reason) == (Extra.MUTE_REPORTER, True, "grudge")


async def test_where_the_platform_has_none_the_key_says_so() -> None:
    engine = able()
    async with playing(engine) as play:
        await play.press("B")
        assert "this forum cannot do that" in shown(play)
        assert engine.submitted == []


async def test_a_reason_for_one_of_them_is_not_given_for_all() -> None:
    engine = able()
    each = {Capability(extra.value): f"this forum cannot {extra.value}" for extra in Extra}
    engine.unable |= each
    async with playing(engine) as play:
        await play.press("B")
        assert "disco has nothing of the kind: it cannot reopen, freeze, tag" in shown(play)
        assert "this forum cannot" not in shown(play)


async def test_what_another_account_could_do_is_named_with_the_reason() -> None:
    engine = able(Extra.REOPEN)
    engine.withheld = {Capability.FREEZE, Capability.SENSITIVE_MEDIA}
    engine.unable |= dict.fromkeys(engine.withheld, "this role lacks Manage Users")
    async with playing(engine) as play:
        await play.press("B")
        assert "Not here: sensitive media, freeze: this role lacks Manage Users" in shown(play)
    engine.unable[Capability.REOPEN] = "this forum cannot do that"
    async with playing(engine) as play:
        await play.press("B")
        assert "this role lacks Manage Users" in shown(play)
        assert "this forum cannot do that" not in shown(play)


async def test_what_is_for_good_wants_y_and_not_enter() -> None:
    engine = able(Extra.DIVERT)
    engine.for_good = {Capability.DIVERT}
    async with playing(engine) as play:
        await play.press("B", "tab")
        assert "for good: y does it" in shown(play)
        await type_in(play, "any")
        await play.press("enter")
        assert "This is for good: y does it, Enter does not." in shown(play)
        await play.press("enter")
        assert engine.submitted == []
        await play.press("y")
        (command,) = engine.submitted
        assert isinstance(command, DoExtra)
        assert (command.extra, command.on, command.reason) == (Extra.DIVERT, True, "any")


async def test_a_reopened_report_is_not_taken_off() -> None:
    engine = able(Extra.REOPEN)
    async with playing(engine) as play:
        await play.press("B")
        assert "take it off" not in shown(play)
