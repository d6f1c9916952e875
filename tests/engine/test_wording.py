"""The checks at one thread: what stops a batch, what only warns, what a route adds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modtui.domain.commands import Hide, MarkSensitive, Reply, Sanction, SanctionKind
from modtui.domain.model import Event, EventKind
from modtui.domain.settings import Rule
from modtui.domain.wording import CheckBook, Level
from modtui.engine import Refused
from modtui.engine.wording import Place, findings
from tests.engine.outbox_stage import Stage, add_thread, say
from tests.engine.scene import DESK
from tests.store.stage import T0
from tests.store.stage import record as stored

RULE = Rule("spam", {"en": "Rule 2: no spam"}, "https://x.example/#2")
PLACE = Place(replace(stored(), language="en"), (), replace(DESK, rules=(RULE,)))


async def test_what_blocks_is_refused_with_its_words_and_nothing_is_written(stage: Stage) -> None:
    number = await add_thread(stage)
    with pytest.raises(Refused, match="“…1111”: is a payment card number"):
        await stage.submit(say(number, "yours is 4111 1111 1111 1111"))
    assert await stage.rows() == ()


async def test_not_even_force_sends_it(stage: Stage) -> None:
    number = await add_thread(stage)
    with pytest.raises(Refused, match="card number"):
        await stage.submit(say(number, "yours is 4111111111111111"), force=True)


async def test_what_only_warns_is_the_moderators_to_decide(stage: Stage) -> None:
    number = await add_thread(stage)
    await stage.submit(say(number, "YOU ARE WRONG, idiot"))
    assert len(await stage.rows()) == 1


async def test_a_placeholder_blocks_unless_it_is_a_quotation_or_the_team_says_otherwise(
    stage: Stage,
) -> None:
    number = await add_thread(stage)
    open_ = Reply(thread=number, revision=1, text="Write {name}")
    with pytest.raises(Refused, match=r"“\{name\}”: is not filled in"):
        await stage.submit(open_)
    await stage.submit(replace(open_, quotes=("{name}",)))
    desk = replace(stage.parts.desk, check_book=CheckBook())
    lax = replace(stage, parts=replace(stage.parts, desk=desk))
    await lax.submit(open_, force=True)
    assert len(await stage.rows()) == 2


async def test_a_light_reply_does_not_pass_the_gate(stage: Stage) -> None:
    number = await add_thread(stage)
    await stage.submit(MarkSensitive(thread=number, revision=1))
    thanks = Reply(thread=number, revision=2, text="Yay!", quick="thanks", light=True)
    with pytest.raises(Refused, match="a light reply, and the help route is open"):
        await stage.submit(thanks)


def rules(*commands: Reply | Hide | Sanction, place: Place = PLACE) -> list[str]:
    return [each.rule for each in findings(commands, place)]


def test_a_removal_or_sanction_without_a_reason() -> None:
    hide = Hide(thread=1, revision=1, posts=("p1",), author="u1")
    assert rules(hide) == ["reason"]
    assert rules(replace(hide, rule="spam")) == rules(replace(hide, reason="spam")) == []
    warn = Sanction(thread=1, revision=1, sanction=SanctionKind.WARN, author="u1")
    assert [each.line for each in findings((warn,), PLACE)] == [
        "a warn without a reason: name a rule"
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Rule 2: no spam", []),
        ("Rule 2: no spam https://x.example/#2", []),
        ("You idiot, write to me@post.example", ["stop_words", "email"]),
        ("yours is 4111 1111 1111 1111", ["card"]),
        ("To nie jest miejsce na reklamę, proszę przestać.", ["language"]),
    ],
)
def test_what_an_author_is_told_with_a_sanction_is_checked_but_for_the_teams_own_wording(
    words: str, found: list[str]
) -> None:
    warn = Sanction(
        thread=1, revision=1, sanction=SanctionKind.WARN, author="u1", reason="spam", text=words
    )
    assert rules(warn) == found
    assert rules(replace(warn, preset="theirs")) == [], "it is not said"
    hide = Hide(thread=1, revision=1, posts=("p1",), author="u1", reason=words)
    assert rules(hide) == [rule for rule in found if rule != "language"]


async def test_what_blocks_in_what_an_author_is_told_is_refused(stage: Stage) -> None:
    number = await add_thread(stage)
    mute = Sanction(
        thread=number, revision=1, sanction=SanctionKind.MUTE, author="u1", seconds=60,
        reason="spam", text="yours is 4111 1111 1111 1111",
    )  # fmt: skip
    with pytest.raises(Refused, match="card number"):
        await stage.submit(mute)
    assert await stage.rows() == ()


def test_the_first_reply_after_a_removal_names_its_rule() -> None:
    gone = Event(EventKind.HIDDEN, T0, "mod-a", (("post", "p1"),))
    told = Event(EventKind.STAFF_REPLY, T0.replace(minute=59), "mod-a")
    reply = Reply(thread=1, revision=1, text="Please be kind.")
    named = replace(reply, text="It was for https://x.example/#2")
    assert rules(reply, place=replace(PLACE, events=(gone,))) == ["reason"]
    assert rules(named, place=replace(PLACE, events=(gone,))) == []
    assert rules(reply, place=replace(PLACE, events=(gone, told))) == []
    hide = Hide(thread=1, revision=1, posts=("p1",), author="u1", rule="spam")
    assert rules(hide, reply) == ["reason"]


def test_the_disclaimer_is_no_word_of_the_moderator() -> None:
    desk = replace(PLACE.desk, check_book=CheckBook({"next_step": Level.WARN}))
    place = replace(PLACE, record=replace(PLACE.record, help_route="threat"), desk=desk)
    text = "Noted.\n\nWe are moderators, not doctors or lawyers: what we write does not replace"
    assert rules(Reply(thread=1, revision=1, text=text), place=place) == ["next_step"]


def test_a_help_route_wants_its_links_unless_it_is_a_help_entry() -> None:
    place = replace(PLACE, record=replace(PLACE.record, help_route="self-harm"))
    reply = Reply(thread=1, revision=1, text="Noted, we look.")
    assert rules(reply, place=place) == ["help_route", "help_route"], "no disclaimer, no help"
    helped = replace(reply, quick="help-self-harm", helps=True)
    assert rules(helped, place=place) == ["help_route"], "no disclaimer"


@pytest.mark.parametrize(
    ("country", "named", "missing"),
    [
        ("PL", "988", "the help that is named is that of another country: the help route"),
        ("PL", "116 123", ""),
        ("PL", "findahelpline.com", ""),
        ("US", "988", ""),
        ("", "988", ""),
        ("KZ", "988", ""),
    ],
)
def test_help_of_another_country_is_no_help_where_that_of_the_account_is_known(
    country: str, named: str, missing: str
) -> None:
    helped = replace(PLACE.record, help_route="self-harm")
    desk = replace(PLACE.desk, countries={helped.account: country})
    reply = Reply(thread=1, revision=1, text=f"Please write or call {named} now.")
    found = findings((reply,), Place(helped, (), desk))
    said = [each.why for each in found if "help route" in each.why and "disclaimer" not in each.why]
    assert [each[: len(missing)] for each in said] == ([missing] if missing else [])


def test_the_help_that_is_missing_is_named_for_the_country_of_the_account() -> None:
    helped = replace(PLACE.record, help_route="self-harm")
    for country, link in (("PL", "116 123"), ("", "https://findahelpline.com")):
        desk = replace(PLACE.desk, countries={helped.account: country})
        reply = Reply(thread=1, revision=1, text="We read this, thank you.", route="self-harm")
        found = findings((reply,), Place(helped, (), desk))
        (said,) = [each.why for each in found if each.why.startswith("no help")]
        assert said.startswith(f"no help is named: the help route self-harm is open ({link}")
