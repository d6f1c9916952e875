"""Restrictions and sanctions in the conversation, and what few platforms can do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from modtui.domain.commands import Capability
from modtui.domain.views import ThreadDetail
from modtui.plain.thread import PAGE, WAYS
from tests.plain.stage import House, opened, talking


async def test_slow_mode_asks_how_much_how_long_and_why(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        _, said = await opened(play, "7")
        assert "one post in " in said
        assert "For how long?\n1. 30 minutes" in await play.answer("2")
        assert "1. heated thread" in await play.answer("2")
        said = await play.answer("1")
        assert "Everyone in the channel is slowed." in said
        assert "to take it back: slow mode " in await play.answer("1")


async def test_where_there_is_no_slow_mode_the_nearest_has_its_own_name(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        read = play.engine.thread

        async def without_slow_mode(thread: int) -> ThreadDetail | None:
            detail = await read(thread)
            if detail is None:
                return None
            slow = replace(detail.offers[Capability.SLOW_MODE], able=False, reason="not here")
            return replace(detail, offers={**detail.offers, Capability.SLOW_MODE: slow})

        play.engine.thread = without_slow_mode  # type: ignore[method-assign]
        _, said = await opened(play, "7")
        assert "7. read-only" in play.heard.text
        assert said.splitlines()[1].startswith("read-only in ")
        said = await play.answer("1", "2", "1")
        assert "Nobody but staff can write." in said
        assert "to take it back: read-only, on " in await play.answer("1")


async def test_crowd_control_asks_how_strict_and_says_whom_it_hits(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        read = play.engine.thread

        async def with_crowd_control(thread: int) -> ThreadDetail | None:
            detail = await read(thread)
            if detail is None:
                return None
            able = {Capability.CROWD_CONTROL: "crowd control"}
            return replace(detail, offers={
                c: replace(offer, able=c in able, name=able.get(c, ""), detail="newcomers are out")
                for c, offer in detail.offers.items()
            })  # fmt: skip

        play.engine.thread = with_crowd_control  # type: ignore[method-assign]
        _, said = await opened(play, "7")
        assert said.splitlines()[1].startswith("crowd control of ")
        assert "1. strict\n2. moderate\n3. lenient\n4. off" in said
        said = await play.answer("1", "1")
        assert "Crowd control strict, reason heated thread. Newcomers are out." in said


async def test_what_few_platforms_can_do_is_offered_by_its_name(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        read = play.engine.thread

        async def with_extras(thread: int) -> ThreadDetail | None:
            detail = await read(thread)
            if detail is None:
                return None
            able = {Capability.TAG: "tag", Capability.FREEZE: "freeze"}
            offers = {
                c: replace(offer, able=c in able, name=able.get(c, ""), detail="closes reports")
                for c, offer in detail.offers.items()
            }
            score = offers[Capability.PRIORITY]
            offers[Capability.PRIORITY] = replace(
                score, name="priority", reason="yours is Triage", withheld=True
            )
            return replace(detail, offers=offers)

        play.engine.thread = with_extras  # type: ignore[method-assign]
        page, at = divmod([way.verb for way in WAYS].index("extra"), PAGE)
        _, said = await opened(play, *["9"] * page, str(at + 1))
        assert "Not here: priority: yours is Triage" in said
        assert "1. freeze\n2. tag" in said
        await play.answer("2", "2")
        await play.answer("wave")
        said = await play.answer("old news")
        assert "Take off tag wave, reason old news." in said
        assert "Closes reports." not in said
        await play.answer("0", *["9"] * page, str(at + 1), "1", "1")
        said = await play.answer("hijacked")
        assert "Freeze the login, reason hijacked. Closes reports." in said


async def test_what_the_platform_has_not_is_said_with_what_is_nearest(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        said = await play.open(await play.find(lambda d: d.row.account == "square"))
        line = "7. slow mode, not possible: there is no slow mode here; limiting the account is"
        assert line in said


async def test_lock_and_sanction(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread = await play.find(lambda d: d.row.account == "harbour" and len(d.posts) == 1
                                 and d.row.help_route is None)  # fmt: skip
        await play.open(thread)
        said = await play.answer("9", "2", "1", "1")
        assert "until somebody unlocks it, reason heated thread." in said
        assert "to take it back: lock, on " in await play.answer("1")
        said = await play.answer("0", "9", "1", "1", "1")
        assert said.splitlines()[-2].startswith("Warn ")
        assert said.splitlines()[-2].endswith(" The author is told the rule.")
        assert "to take it back: warn " in await play.answer("1")


async def test_a_warning_for_which_no_rule_is_named_says_that_nothing_is_told(
    tmp_path: Path,
) -> None:
    async with talking(House(tmp_path)) as play:
        count = len(play.engine.desk.rules)
        _, said = await opened(play, "9", "1", "1", str(count + 1))
        assert "No rule is named, so the author is told nothing." in said
        assert "The author is told the rule." not in said


async def test_a_warning_may_take_a_text_of_the_platform(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        read = play.engine.thread

        async def with_texts(thread: int) -> ThreadDetail | None:
            detail = await read(thread)
            if detail is None:
                return None
            warn = replace(detail.offers[Capability.WARN], texts=("warn-spam", "last"))
            return replace(detail, offers={**detail.offers, Capability.WARN: warn})

        play.engine.thread = with_texts  # type: ignore[method-assign]
        _, said = await opened(play, "9", "1", "1", "1")
        assert "Which text is the author told?\n1. of the rule\n2. warn-spam\n3. last" in said
        assert "The author is told the platform's text last." in await play.answer("3")


async def test_a_timed_sanction_says_what_its_end_may_end(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        read = play.engine.thread

        async def untold(thread: int) -> ThreadDetail | None:
            detail = await read(thread)
            if detail is None:
                return None
            mute = replace(
                detail.offers[Capability.MUTE], untold="no one can tell", supports_until=False
            )
            return replace(detail, offers={**detail.offers, Capability.MUTE: mute})

        play.engine.thread = untold  # type: ignore[method-assign]
        _, said = await opened(play, "9", "1", "2", "1", "1")
        assert "At its end: no one can tell." in said
        assert "Mute " in said


async def test_what_is_for_good_takes_the_word_yes(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        _, said = await opened(play, "4", "1")
        assert "It is for good. Type yes to do it, anything else leaves it:" in said
        await play.answer("1")
        assert await play.engine.my_deliveries() == ()
        said = await play.answer("9", "1", "4", "5", "1")
        assert "Ban " in said
        assert " for good" in said
        await play.answer("yes")
        (row,) = await play.engine.my_deliveries()
        assert row.command.seconds is None  # type: ignore[attr-defined]
