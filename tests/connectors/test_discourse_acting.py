"""What the discourse connector does, against a stand-in of ours, and the official description."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import jsonschema
import pytest

from modtui.connectors import Found, RateLimited, Rejected, Stale, Unknown
from modtui.connectors.discourse.choosing import APPROVE, HIDE, KEEP, choose, name_of
from modtui.connectors.discourse.facts import Action
from modtui.connectors.discourse.line import Line as Requests
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY, held_before
from modtui.domain.commands import (
    Audience,
    Dismiss,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Sanction,
    SanctionKind,
    SetReadOnly,
    SetSlowMode,
    Unlock,
)
from tests.connectors.contract import Line
from tests.connectors.fakediscourse import TOPIC, FakeDiscourse, refused
from tests.connectors.openapi import described
from tests.connectors.platform import START
from tests.connectors.test_discourse import line, performed

ON: dict[str, Any] = {"thread": 1, "revision": 1}
AT_SIX = START + timedelta(hours=3)


# what is decided
@pytest.mark.parametrize("old", [True, False], ids=["ids are names", "ids have numbers"])
async def test_actions_are_those_that_the_item_offers(old: bool) -> None:
    fake = FakeDiscourse(old=old)
    commands: tuple[Any, ...] = (
        Hide(**ON, posts=("20000",), author="1001"),
        Dismiss(**ON, flags=("7002",)),
        Dismiss(**ON, flags=("7003",), approve=True),
    )
    for command in commands:
        one = await line(fake, fake.flag())
        await one.connector.perform(one.ref, replace(command, thread=1), "k")
    assert performed(fake)[1:] == ["ignore_and_do_nothing.json", "disagree.json"]
    assert fake.posts[20000]["hidden"]


def test_no_action_is_taken_that_does_more_than_was_meant() -> None:
    dangerous = ("delete_user", "delete_user_block", "delete_and_agree_replies", "agree_and_edit",
                 "delete_and_ignore", "agree_and_suspend", "reject_and_suspend")  # fmt: skip
    for wish in (HIDE, KEEP, APPROVE):
        assert choose([Action(name) for name in dangerous], 7, wish) is None
    hidden = [Action("7-agree_and_keep_hidden"), Action("7-disagree_and_restore")]
    assert [name_of(one, 7) for one in hidden if one is choose(hidden, 7, HIDE)] == [
        "agree_and_keep_hidden"
    ]
    modal = Action("agree_and_hide", client_action="dialog")
    assert choose([modal], 7, HIDE) is None
    newer = Action("7-agree_and_hide_message", server_action="agree_and_hide_message")
    assert choose([newer], 7, HIDE) is newer


async def test_what_changed_since_it_was_seen_is_stale() -> None:
    fake = FakeDiscourse()
    subject = fake.flag()
    connector = fake.connector()
    steps = connector.updates(None)
    batch = await anext(steps)
    ref = Line(connector, [batch], subject, START).ref
    fake.row(subject)["version"] += 1
    with pytest.raises(Stale):
        await connector.perform(ref, Dismiss(**ON, flags=("7001",)), "k")
    await steps.aclose()  # type: ignore[attr-defined]
    assert fake.row(subject)["status"] == 0


async def test_what_somebody_else_decided_otherwise_is_stale_and_the_same_is_done() -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    fake.row("1")["status"] = 3
    with pytest.raises(Stale, match="ignored"):
        await one.connector.perform(one.ref, Hide(**ON, posts=("20000",), author="1"), "k")
    receipt = await one.connector.perform(one.ref, Dismiss(**ON, flags=("7001",)), "k")
    assert receipt.evidence == "it was ignored already"
    assert not performed(fake)


# 1: approved, 2: rejected.
@pytest.mark.parametrize(
    ("held", "status", "does"),
    [(False, 1, (True, False, False)), (False, 2, (False, True, True)),
     (True, 1, (False, True, True)), (True, 2, (True, False, False))],
)  # fmt: skip
async def test_what_another_decided_is_ours_only_where_it_came_to_the_same(
    held: bool, status: int, does: tuple[bool, bool, bool]
) -> None:
    fake = FakeDiscourse()
    subject = fake.hold("first post") if held else "1"
    one = replace(await line(fake), subject=subject)
    fake.row(subject)["status"] = status
    if not held and status == 1:
        fake.posts[20000]["hidden"] = True
    commands = (
        Hide(**ON, posts=one.posts, author="1"),
        Dismiss(**ON, flags=one.flags),
        Dismiss(**ON, flags=one.flags, approve=True),
    )
    for command, done in zip(commands, does, strict=True):
        if done:
            receipt = await one.connector.perform(one.ref, command, "k")
            assert receipt.evidence.endswith("already")
        else:
            with pytest.raises(Stale, match="somebody decided on it meanwhile"):
                await one.connector.perform(one.ref, command, "k")
    assert not performed(fake)


async def test_a_post_that_flags_had_hidden_is_not_ours_to_show_again() -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    fake.posts[20000]["hidden"] = True
    hide = Hide(**ON, posts=("20000",), author="1001")
    receipt = await one.connector.perform(one.ref, hide, "k")
    assert held_before(receipt.evidence) == {"20000"}


async def test_a_post_that_another_agreed_to_keep_was_not_removed() -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    hide = Hide(**ON, posts=("20000",), author="1")
    fake.row("1")["status"] = 1
    with pytest.raises(Stale, match="the post stands"):
        await one.connector.perform(one.ref, hide, "k")
    fake.posts[20000]["deleted_at"] = "2026-01-01T00:00:00.000Z"
    for answer in (None, lambda request: refused(404)):
        if answer is not None:
            fake.override["GET /posts/20000"] = answer
        receipt = await one.connector.perform(one.ref, hide, "k")
        assert receipt.evidence == SO_ALREADY


async def test_a_topic_is_claimed_first_where_the_forum_wants_that() -> None:
    fake = FakeDiscourse(claiming="required")
    one = await line(fake)
    await one.connector.perform(one.ref, Dismiss(**ON, flags=("7001",)), "k")
    writes = [one.method for one in fake.calls if one.method != "GET"]
    assert writes == ["POST", "PUT", "DELETE"]
    assert not fake.claims


async def test_a_claim_is_let_go_when_the_decision_failed() -> None:
    fake = FakeDiscourse(claiming="required")
    one = await line(fake)
    fake.override["/perform/"] = lambda request: refused(403, "not you")
    with pytest.raises(Rejected, match="not you"):
        await one.connector.perform(one.ref, Dismiss(**ON, flags=("7001",)), "k")
    assert (fake.claims, fake.asked("DELETE /reviewable_claimed")) == ({}, 1)


@pytest.mark.parametrize("claiming", ["required", "optional"])
async def test_what_somebody_else_claimed_is_left_to_them(claiming: str) -> None:
    fake = FakeDiscourse(claiming=claiming, claims={TOPIC: 5001})
    one = await line(fake)
    with pytest.raises(Stale, match="@flagger1 has claimed"):
        await one.connector.perform(one.ref, Dismiss(**ON, flags=("7001",)), "k")
    fake.claims = {}
    fake.override["POST /reviewable_claimed"] = lambda request: refused(409, "conflict")
    if claiming == "required":
        with pytest.raises(Stale, match="somebody else has just claimed"):
            await one.connector.perform(one.ref, Dismiss(**ON, flags=("7001",)), "k")
    assert not performed(fake)


async def test_two_hundred_and_not_done_is_a_refusal() -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    said = {"reviewable_perform_result": {"success": False, "errors": ["the post is gone"]}}
    fake.override["/perform/"] = lambda request: said
    with pytest.raises(Rejected, match="the post is gone"):
        await one.connector.perform(one.ref, Dismiss(**ON, flags=("7001",)), "k")
    fake.override["/perform/"] = lambda request: {"x": 1}
    with pytest.raises(Unknown):
        await one.connector.perform(one.ref, Dismiss(**ON, flags=("7001",)), "k")
    fake.override["POST /posts"] = lambda request: {"action": "enqueued", "success": True}
    with pytest.raises(Rejected, match="held it back"):
        await one.connector.perform(one.ref, Reply(**ON, text="hello"), "k")


# topics
async def test_a_topic_is_slowed_until_a_time_and_left_alone_when_it_changed() -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    slow = SetSlowMode(**ON, seconds=600, until=AT_SIX, reason="heated")
    await one.connector.perform(one.ref, slow, "k")
    topic = fake.topics[TOPIC]
    assert topic["slow_mode_seconds"] == 600
    assert datetime.fromisoformat(topic["slow_mode_enabled_until"]) == AT_SIX
    again = await one.connector.perform(one.ref, slow, "k")
    assert (again.evidence, fake.asked("slow_mode")) == ("it was so already", 1)
    topic["slow_mode_seconds"] = 900
    lift = SetSlowMode(**ON, seconds=0, until=None, reason="calm", expect=600)
    assert (await one.connector.perform(one.ref, lift, "k")).evidence == LEFT_ALONE
    fake.override["PUT .*slow_mode"] = lambda request: httpx.Response(200)
    with pytest.raises(Rejected, match="left the slow mode"):
        await one.connector.perform(one.ref, replace(lift, expect=None), "k")


async def test_a_topic_is_closed_until_a_time_by_the_forum_itself() -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    await one.connector.perform(one.ref, Lock(**ON, reason="heated", until=AT_SIX), "k")
    topic = fake.topics[TOPIC]
    assert topic["closed"]
    assert topic["timer"] == {"time": AT_SIX.isoformat(), "status_type": "open"}
    await one.connector.perform(one.ref, Unlock(**ON), "k")
    assert not topic["closed"]
    closed = SetReadOnly(**ON, on=True, until=None, reason="heated")
    await one.connector.perform(one.ref, closed, "k")
    assert (await one.connector.perform(one.ref, closed, "k")).evidence == "it was so already"


@pytest.mark.parametrize("until", [AT_SIX, None])
async def test_a_topic_that_another_closed_anew_stays_closed(until: datetime | None) -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    closed = SetReadOnly(**ON, on=True, until=until, reason="heated")
    left = (await one.connector.perform(one.ref, closed, "k")).evidence
    back = replace(closed, on=False, until=None, expect=left)
    theirs = fake.acted(TOPIC, "autoclosed.enabled")
    assert (await one.connector.perform(one.ref, back, "k")).evidence == LEFT_ALONE
    assert fake.topics[TOPIC]["closed"]
    del fake.posts[theirs]
    await one.connector.perform(one.ref, back, "k")
    assert not fake.topics[TOPIC]["closed"]


async def test_a_topic_is_closed_though_the_post_that_says_so_cannot_be_read() -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    fake.override["GET .*/posts.json"] = lambda request: httpx.Response(502)
    closed = SetReadOnly(**ON, on=True, until=None, reason="heated")
    assert (await one.connector.perform(one.ref, closed, "k")).evidence == ""
    assert fake.topics[TOPIC]["closed"]


async def test_what_has_no_topic_yet_cannot_be_slowed_or_answered() -> None:
    fake = FakeDiscourse()
    one = await line(fake, fake.hold(topic_id=None, target_url=None))
    assert one.ref.channel == "site"
    slow = SetSlowMode(**ON, seconds=600, until=None, reason="")
    for command in (slow, Reply(**ON, text="hello")):
        with pytest.raises(Rejected, match="there is no topic yet"):
            await one.connector.perform(one.ref, command, "k")


# people
async def test_a_longer_silence_takes_the_place_of_a_shorter_one() -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    day = Sanction(**ON, sanction=SanctionKind.MUTE, author="1001", seconds=86_400, text="Pause.")
    await one.connector.perform(one.ref, day, "k")
    assert fake.calls[-1].body == {
        "silenced_till": "2026-11-22T03:00:00.000Z",
        "reason": "decided by a moderator",
        "message": "Pause.",
    }
    again = await one.connector.perform(one.ref, day, "k")
    assert again.evidence == "it was so already"
    await one.connector.perform(one.ref, replace(day, seconds=None), "k")
    assert fake.users[1001]["silenced_till"].startswith("30")
    lift = LiftSanction(**ON, sanction=SanctionKind.MUTE, author="1001")
    await one.connector.perform(one.ref, lift, "k")
    assert (await one.connector.perform(one.ref, lift, "k")).evidence == "it was over already"


async def test_a_warning_is_official_and_is_found_again() -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    warn = Sanction(**ON, sanction=SanctionKind.WARN, author="1001", text="Be kind.")
    receipt = await one.connector.perform(one.ref, warn, "k")
    (sent,) = [topic["private"] for topic in fake.topics.values() if "private" in topic]
    assert (sent["is_warning"], sent["target_recipients"]) == ("true", "you lot1")
    found = await one.connector.find(one.ref, warn, START, frozenset())
    assert isinstance(found, Found)
    assert found.receipt.remote_id == receipt.remote_id
    with pytest.raises(Rejected, match="needs words"):
        await one.connector.perform(one.ref, replace(warn, text=""), "k")


# the official description
WRITES: tuple[Any, ...] = (
    Reply(**ON, text="hello"),
    Reply(**ON, text="hello", audience=Audience.AUTHOR),
    Sanction(**ON, sanction=SanctionKind.WARN, author="1001", text="Be kind."),
    Sanction(**ON, sanction=SanctionKind.MUTE, author="1001", seconds=60, text="x"),
    Sanction(**ON, sanction=SanctionKind.BAN, author="1001"),
    Lock(**ON, reason="heated", until=AT_SIX),
    Unlock(**ON),
    SetReadOnly(**ON, on=True, until=None, reason="heated"),
    Hide(**ON, posts=("20001",), author="5001"),
)


async def test_every_write_that_is_described_is_as_described() -> None:
    description = described("discourse-openapi.json")
    fake = FakeDiscourse()
    one = await line(fake)
    fake.say(5001, "another", TOPIC)
    for command in WRITES:
        await one.connector.perform(one.ref, command, "k")
        fake.now += timedelta(minutes=1)
    writes = [call for call in fake.calls if call.method != "GET"]
    found = [call for call in writes if description.knows(call.method, call.path)]
    for call in found:
        # An official warning is known from the source of the forum's posts_controller alone.
        body = {name: value for name, value in (call.body or {}).items() if name != "is_warning"}
        description.check(call.method, call.path, body or None)
    assert {(call.method, call.path) for call in found} == {
        ("POST", "/posts.json"), ("PUT", "/admin/users/1001/silence.json"),
        ("PUT", "/admin/users/1001/suspend.json"), ("PUT", "/t/12/status.json"),
        ("POST", "/t/12/timer.json"), ("DELETE", "/posts/20001.json"),
    }  # fmt: skip
    wrong = {"raw": "hello", "reply_to": 1}
    with pytest.raises(jsonschema.ValidationError):
        description.check(writes[0].method, writes[0].path, wrong)


@pytest.mark.parametrize("everyone", [False, True], ids=["one action", "all requests"])
async def test_a_429_of_one_action_stops_only_that_action(everyone: bool) -> None:
    fake = FakeDiscourse()
    requests = Requests(fake.environment({"api_username": "mod"}))
    told = {"discourse-rate-limit-error-code": "admin_api_key_rate_limit"} if everyone else {}
    waits = {"extras": {"wait_seconds": 40_000}}
    fake.override["PUT /posts/"] = lambda request: httpx.Response(429, json=waits, headers=told)
    fake.override["POST /posts.json"] = lambda request: {}
    fake.override["GET /review/count.json"] = lambda request: {"count": 0}
    with pytest.raises(RateLimited):
        await requests.write("PUT", "/posts/20000/recover.json")
    with pytest.raises(RateLimited):
        await requests.write("PUT", "/posts/20001/recover.json")
    assert fake.asked("PUT /posts/") == 1
    if everyone:
        with pytest.raises(RateLimited):
            await requests.write("POST", "/posts.json")
    else:
        await requests.write("POST", "/posts.json")
    before = fake.now
    await requests.read("/review/count.json")
    assert (fake.now > before) is everyone
    await requests.http.aclose()


@pytest.mark.parametrize("kind", [SanctionKind.MUTE, SanctionKind.BAN])
async def test_what_another_moderator_set_for_longer_stays_as_it_is(kind: SanctionKind) -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    for_good = Sanction(**ON, sanction=kind, author="1001")
    await one.connector.perform(one.ref, for_good, "theirs")
    asked = len([call for call in fake.calls if call.method == "PUT"])
    day = replace(for_good, seconds=86_400)
    assert (await one.connector.perform(one.ref, day, "k")).evidence == SO_ALREADY
    assert len([call for call in fake.calls if call.method == "PUT"]) == asked


@pytest.mark.parametrize("kind", [SanctionKind.MUTE, SanctionKind.BAN])
async def test_ours_for_good_gets_the_end_that_it_is_given_later(kind: SanctionKind) -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    for_good = Sanction(**ON, sanction=kind, author="1001")
    await one.connector.perform(one.ref, for_good, "1")
    day = replace(for_good, seconds=86_400, renews=True)
    told = await one.connector.perform(one.ref, day, "2")
    field = "silenced_till" if kind is SanctionKind.MUTE else "suspended_till"
    assert fake.users[1001][field] == told.evidence == "2026-11-22T03:00:00.000Z"
