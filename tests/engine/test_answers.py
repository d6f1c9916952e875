"""What fills a quick reply, and which commands follow it."""

from dataclasses import replace
from datetime import timedelta

from modtui.connectors import Capabilities, Limits, StateSetting
from modtui.domain.commands import Capability, Escalate, Note, Reply, SetSlowMode, Then
from modtui.domain.edited import Start
from modtui.domain.replies import Entry, Variant
from modtui.domain.settings import Reach, Rule, Team
from modtui.domain.sla import clocks
from modtui.domain.text import literal
from modtui.domain.views import Offer, ThreadDetail
from modtui.engine.answers import Ground, fillable, follow, values
from modtui.engine.detail import read_snapshot
from tests.engine.scene import DESK, GENERAL, POLICY, Scene, flag, thread

RULES = (
    Rule("spam", {"en": "Rule 2: no spam", "ru": "Правило 2: без спама"}, "https://x.example/2"),
    Rule("threats", {"en": "Rule 4: no threats"}, "https://x.example/4"),
)
TEAM = Team("safety", ("mod-d",), "lead", reasons=("threat",))
ENTRY = Entry(
    "warn", {"en": Variant("en", "Warn", "…")}, then=("slow 15m for 2h", "escalate safety")
)


async def shown(desk: Scene, *able: Capability) -> ThreadDetail:
    """One thread flagged for a threat, on an account that is `able`."""
    await desk.take(
        channels=(GENERAL,),
        threads=(thread(desk.at(-9), url="https://x.example/t/1"),),
        flags=(flag(desk.at(-8), reason="threat"),),
    )
    found = await desk.store.read(lambda tx: read_snapshot(tx, 1, "mod-a", desk.at(0)))
    assert found is not None
    return ThreadDetail(
        row=found.row,
        record=found.record,
        channel=found.channel,
        posts=found.posts,
        flags=found.flags,
        events=found.events,
        deliveries=(),
        clocks=lambda: clocks(found.events, POLICY, desk.at(0)),
        draft=None,
        offers={each: Offer(each, True, each.value) for each in able},
        related=0,
        our_name=literal("forum-bot"),
    )


async def test_the_rule_that_the_flags_name_fills_the_reply(desk: Scene) -> None:
    detail = await shown(desk)
    given = values(detail, replace(DESK, rules=RULES, teams=(TEAM,)), "en")
    assert given["rule"] == "Rule 4: no threats"
    assert given["rules_link"] == "https://x.example/4"
    assert given["rule_spam"] == "Rule 2: no spam"
    assert (given["author"], given["channel"], given["account"]) == ("Nina", "General", "forum-bot")
    assert (given["team"], given["thread_link"]) == ("safety", "https://x.example/t/1")
    assert fillable(replace(DESK, rules=RULES)) == set(given)


async def test_what_is_not_known_fills_nothing(desk: Scene) -> None:
    given = values(await shown(desk), DESK, "en")
    assert (given["rule"], given["rules_link"], given["team"]) == ("", "", "")


OPS = Capabilities({Capability.NOTIFY: Limits("post", StateSetting())})


def ground(desk: Scene, detail: ThreadDetail, *teams: Team, **able: Capabilities) -> Ground:
    return Ground(detail, replace(DESK, teams=teams), able.get, desk.at(0))


async def test_a_reply_is_followed_by_what_its_entry_asks_for(desk: Scene) -> None:
    detail = await shown(desk, Capability.SLOW_MODE)
    answer = Reply(thread=1, revision=1, text="stop")
    following = follow(ground(desk, detail, TEAM), ENTRY, answer)
    reply, slow, handed = following.commands
    assert following.left_out == ()
    assert reply == replace(answer, quick="warn")
    assert isinstance(slow, SetSlowMode)
    assert (slow.seconds, slow.until) == (900, desk.at(0) + timedelta(hours=2))
    assert isinstance(handed, Escalate)
    assert handed.team == "safety"


async def test_what_the_moderator_chose_to_follow_holds(desk: Scene) -> None:
    where = ground(desk, await shown(desk))
    entry, answer = replace(ENTRY, then=("resolve",)), Reply(thread=1, revision=1, text="so")
    for chosen, then in ((None, Then.DONE), (Then.OPEN, Then.OPEN)):
        (reply,) = follow(where, entry, answer, chosen).commands
        assert isinstance(reply, Reply)
        assert reply.then is then


def test_an_edited_help_entry_is_one_while_half_of_its_words_are_left() -> None:
    body = "You are not alone: call {line} now"
    helping = Entry("help", {"en": Variant("en", "Help", body)}, tags=("help:self-harm",))
    begun = Reply(thread=1, revision=1, text="You are not alone: call 112 now", language="en")
    start = Start(helping, replace(begun, quick="help", helps=True), Then.WAIT)
    for text, quick, helps in (
        (begun.text, "help", True),
        ("You are not alone, friend", None, True),
        ("Stop that", None, False),
    ):
        (reply,) = start.ended((replace(start.reply, text=text),))
        assert isinstance(reply, Reply)
        assert (reply.quick, reply.helps) == (quick, helps)


async def test_what_the_platform_cannot_do_is_left_out_in_words(desk: Scene) -> None:
    detail = await shown(desk)
    none = Offer(Capability.SLOW_MODE, False, "slow mode", "the forum has no slow mode")
    detail = replace(detail, offers={Capability.SLOW_MODE: none})
    entry = replace(ENTRY, then=("slow 15m for 2h", "lock", "escalate safety", "note"))
    answer = Reply(thread=1, revision=1, text="stop")
    following = follow(ground(desk, detail), entry, answer)
    assert [command.kind for command in following.commands] == ["reply", "note"]
    noted = following.commands[1]
    assert isinstance(noted, Note)
    assert noted.text == f"quick reply {entry.id}"
    assert following.left_out == (
        "slow mode 15 min: the forum has no slow mode",
        "lock: not possible here",
        "escalate to safety: there is no such team",
    )


async def test_a_slow_mode_beyond_the_limits_is_left_out(desk: Scene) -> None:
    detail = await shown(desk)
    short = Offer(Capability.SLOW_MODE, True, "slow mode", min_seconds=5, max_seconds=600)
    detail = replace(detail, offers={Capability.SLOW_MODE: short})
    answer = Reply(thread=1, revision=1, text="stop")
    following = follow(ground(desk, detail, TEAM), ENTRY, answer)
    assert [command.kind for command in following.commands] == ["reply", "escalate"]
    assert following.left_out == ("slow mode 15 min: slow mode goes from 5 s to 10 min",)


async def test_a_team_that_cannot_be_told_now_is_left_out(desk: Scene) -> None:
    detail = await shown(desk, Capability.SLOW_MODE)
    team = replace(TEAM, reach=Reach("ops", "#safety"))
    answer = Reply(thread=1, revision=1, text="stop")
    away = follow(ground(desk, detail, team), ENTRY, answer)
    assert away.left_out == ("escalate to safety: ops is not connected yet",)
    there = follow(ground(desk, detail, team, ops=OPS), ENTRY, answer)
    assert there.left_out == ()
