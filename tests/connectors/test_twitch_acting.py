"""What a moderator has done on Twitch, against a stand-in of ours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    CannotTell,
    Rejected,
    Retryable,
    Stale,
    ThreadRef,
    Unauthorized,
    Unknown,
    Unsupported,
)
from modtui.connectors.evidence import LEFT_ALONE
from modtui.connectors.gathered import Gathered
from modtui.connectors.reading import iso_text
from modtui.connectors.twitch.eventsub import Event
from modtui.domain.commands import (
    Audience,
    Capability,
    Command,
    Dismiss,
    Escalate,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
    SetReadOnly,
    SetSlowMode,
)
from modtui.domain.outbox import Receipt
from tests.connectors.faketwitch import BROADCASTER, ME, FakeTwitch, refused, renewing
from tests.connectors.far import OverHttp
from tests.connectors.platform import START
from tests.connectors.test_twitch import HOLD, SUSPECT, told

ON: dict[str, Any] = {"thread": 1, "revision": 1}
UPDATE = "automod.message.update"


async def done(fake: FakeTwitch, command: Command, subject: str = "chat-1") -> Receipt:
    """Do it in a process that read nothing before."""
    connector = fake.connector()
    try:
        ref = ThreadRef(subject, BROADCASTER, "7001", "user:7001")
        return await connector.perform(ref, command, "k")
    finally:
        await connector.aclose()


def ban(seconds: int | None = None, kind: SanctionKind = SanctionKind.BAN, **more: Any) -> Sanction:
    return Sanction(**ON, sanction=kind, author="7001", seconds=seconds, **more)


def lift(expect: str | None = None) -> LiftSanction:
    return LiftSanction(**ON, sanction=SanctionKind.BAN, author="7001", expect=expect)


def hide(post: str, **more: Any) -> Hide:
    return Hide(**ON, posts=(post,), author="7001", **more)


def allow(post: str) -> Dismiss:
    return Dismiss(**ON, flags=(post,), posts=(post,), approve=True)


def slow(seconds: int, expect: int | None = None) -> SetSlowMode:
    return SetSlowMode(**ON, seconds=seconds, until=None, reason="raid", expect=expect)


def shield(on: bool, expect: str | None = None) -> SetReadOnly:
    return SetReadOnly(**ON, on=on, until=None, reason="raid", expect=expect)


# words
async def test_a_reply_answers_a_message_of_the_chat_and_no_other() -> None:
    fake = FakeTwitch()
    receipt = await done(fake, Reply(**ON, text="Rule 1."))
    assert receipt.remote_id == "said-1"
    sent = {"broadcaster_id": BROADCASTER, "sender_id": ME, "message": "Rule 1."}
    assert fake.said == [{**sent, "reply_parent_message_id": "chat-1"}]
    for subject in ("automod/held-1", "unban/60-1"):
        await done(fake, Reply(**ON, text="Rule 1."), subject)
        assert fake.said[-1] == sent


@pytest.mark.parametrize(
    ("drop", "words"),
    [
        ({"code": "msg_rejected", "message": "held by AutoMod"}, "msg_rejected: held by AutoMod"),
        ({"code": "", "message": "slow\x1b[2J"}, "slow"),
        (None, "no reason given"),
    ],
)
async def test_a_message_that_was_not_sent_is_refused_with_the_reason(
    drop: Any, words: str
) -> None:
    fake = FakeTwitch()
    row = {"message_id": "", "is_sent": False, "drop_reason": drop}
    fake.override["POST .*/chat/messages"] = lambda request: {"data": [row]}
    with pytest.raises(Rejected, match="Twitch did not send it") as told_:
        await done(fake, Reply(**ON, text="hello"))
    assert words in str(told_.value)
    assert str(told_.value).isprintable()


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"data": []},
        {"data": [{"is_sent": True}]},
        {"data": [7]},
        {"data": [{"message_id": "said"}]},
    ],
)
async def test_an_answer_that_names_no_message_leaves_it_unknown(answer: Any) -> None:
    fake = FakeTwitch()
    fake.override["POST .*/chat/messages"] = lambda request: answer
    with pytest.raises(Unknown, match="did not name it"):
        await done(fake, Reply(**ON, text="hello"))


async def test_nothing_is_cut_and_nobody_is_sent_what_is_too_long() -> None:
    fake = FakeTwitch()
    for command in (
        Reply(**ON, text="x" * 501),
        ban(kind=SanctionKind.WARN, text="x" * 501),
        ban(reason="x" * 501),
    ):
        with pytest.raises(Rejected, match="500 at most"):
            await done(fake, command)
    assert fake.writes == []
    await done(fake, Reply(**ON, text="ж" * 500))


async def test_a_warning_has_words_and_cannot_be_read_back() -> None:
    fake = FakeTwitch()
    await done(fake, ban(kind=SanctionKind.WARN, text="Please.", reason="rule 1"))
    method, path, params, body = fake.writes[0]
    assert (method, path) == ("POST", "/moderation/warnings")
    assert params == {"broadcaster_id": BROADCASTER, "moderator_id": ME}
    assert body == {"data": {"user_id": "7001", "reason": "Please."}}
    with pytest.raises(Rejected, match="needs words"):
        await done(fake, ban(kind=SanctionKind.WARN))
    connector, ref = fake.connector(), ThreadRef("chat-1", BROADCASTER, "7001")
    for command in (Reply(**ON, text="x"), ban(kind=SanctionKind.WARN, text="x")):
        found = await connector.find(ref, command, START, frozenset())
        assert isinstance(found, CannotTell)
        assert "look in the chat" in found.why


# held messages
async def test_a_held_message_is_allowed_or_denied_by_its_own_id() -> None:
    fake = FakeTwitch()
    one, two = (fake.hold()["message_id"] for _ in range(2))
    await done(fake, allow(f"automod/{one}"), f"automod/{one}")
    await done(fake, hide(f"automod/{two}"), f"automod/{two}")
    assert fake.held == {one: "approved", two: "denied"}
    bodies = [body for *_, body in fake.writes]
    assert bodies[0] == {"user_id": ME, "msg_id": one, "action": "ALLOW"}
    assert bodies[1]["action"] == "DENY"


@pytest.mark.parametrize("status", ["denied", "approved", "gone"])
async def test_one_that_is_decided_or_gone_is_stale_for_who_did_not_see_it(status: str) -> None:
    fake = FakeTwitch()
    one = fake.hold()["message_id"]
    if status == "gone":
        del fake.held[one]
    else:
        fake.held[one] = status
    with pytest.raises(Stale, match="not held any more"):
        await done(fake, allow(f"automod/{one}"), f"automod/{one}")


async def test_who_lost_the_answer_is_told_that_it_may_be_their_own_doing() -> None:
    fake = FakeTwitch()
    post = f"automod/{fake.hold()['message_id']}"
    connector, ref = fake.connector(), ThreadRef(post, BROADCASTER, "7001", "user:7001")
    far = OverHttp(fake)
    far.lose(0, done=True)
    with pytest.raises(Unknown):
        await connector.perform(ref, allow(post), "k")
    far.heal()
    with pytest.raises(Stale, match="whose answer was lost may have done it"):
        await connector.perform(ref, allow(post), "k")
    with pytest.raises(Stale, match="decided by another"):
        await connector.perform(ref, hide(post), "other")
    await connector.aclose()


async def test_who_saw_what_it_became_is_told_who_decided_it() -> None:
    fake = FakeTwitch()
    events = {name: fake.hold() for name in ("denied", "approved", "expired")}
    by = {"moderator_user_id": "5", "moderator_user_login": "colleague"}
    nobody = {"moderator_user_id": None, "moderator_user_login": None}
    updates = [
        (UPDATE, {**e, **(nobody if name == "expired" else by), "status": name})
        for name, e in events.items()
    ]
    connector, batches = await told(fake, *((HOLD, e) for e in events.values()), *updates)
    assert len(batches[-1].closed) == 3
    fake.held = {e["message_id"]: "done" for e in events.values()}
    ref = ThreadRef("x", BROADCASTER, "6001")
    names = {name: f"automod/{e['message_id']}" for name, e in events.items()}
    receipt = await connector.perform(ref, hide(names["denied"]), "k")
    assert receipt.evidence == "it was so already"
    with pytest.raises(Stale, match="colleague approved it already"):
        await connector.perform(ref, hide(names["approved"]), "k")
    with pytest.raises(Stale, match="it expired already"):
        await connector.perform(ref, hide(names["expired"]), "k")


async def test_what_we_did_is_not_told_again_as_done_elsewhere() -> None:
    fake = FakeTwitch()
    event = fake.hold()
    connector, _ = await told(fake, (HOLD, event))
    post = f"automod/{event['message_id']}"
    await connector.perform(ThreadRef(post, BROADCASTER, "6001"), allow(post), "k")
    intake = connector._intake
    assert intake is not None
    into, reader = Gathered(), await connector._reader(intake.place)
    ours = {**event, "status": "approved", "moderator_user_id": ME}
    intake.take(Event("u1", UPDATE, fake.at(), ours), reader, into)
    assert into.closed == []


# unban requests
async def test_an_unban_request_is_approved_or_denied_with_the_reason() -> None:
    fake = FakeTwitch()
    one, two = (fake.ask(user_id="7001") for _ in range(2))
    await done(fake, allow(f"unban/{one['id']}"))
    await done(fake, hide(f"unban/{two['id']}", rule="Rule 4", reason="again"))
    assert (one["status"], two["status"]) == ("approved", "denied")
    assert two["resolution_text"] == "Rule 4 · again"
    # Doing it again changes nothing; the other way round it has changed.
    before = len(fake.writes)
    receipt = await done(fake, allow(f"unban/{one['id']}"))
    assert receipt.evidence == "it was so already"
    with pytest.raises(Stale, match="is approved"):
        await done(fake, hide(f"unban/{one['id']}"))
    with pytest.raises(Stale, match="is gone"):
        await done(fake, hide("unban/nowhere"))
    assert len(fake.writes) == before


async def test_an_unban_request_that_did_not_change_is_said() -> None:
    fake = FakeTwitch()
    one = fake.ask(user_id="7001")
    row = {**one, "status": "pending"}
    fake.override["PATCH .*/unban_requests"] = lambda request: {"data": [row]}
    with pytest.raises(Rejected, match="is as it was"):
        await done(fake, allow(f"unban/{one['id']}"))
    fake.override["PATCH .*/unban_requests"] = lambda request: {"data": []}
    with pytest.raises(Unknown):
        await done(fake, allow(f"unban/{one['id']}"))


# messages of the chat
async def test_a_message_is_deleted_and_one_that_is_gone_is_done() -> None:
    fake = FakeTwitch()
    event = fake.suspect()
    connector, batches = await told(fake, (SUSPECT, event))
    message = event["message"]["message_id"]
    ref = ThreadRef(message, BROADCASTER, "7001")
    assert (await connector.perform(ref, hide(message), "k")).evidence == ""
    assert fake.chat == set()
    again = await done(fake, hide(message))
    assert "gone already" in again.evidence
    before = len(fake.writes)
    kept = await done(fake, Dismiss(**ON, flags=("suspicious/x",), posts=(message,)))
    assert "Twitch was told nothing" in kept.evidence
    assert len(fake.writes) == before
    assert batches[-1].flags[0].post == message


async def test_a_message_that_is_too_old_to_be_deleted_stays_and_that_is_said() -> None:
    fake = FakeTwitch()
    words = "The specified message was created more than 6 hours ago."
    fake.override["DELETE .*/moderation/chat"] = lambda request: refused(404, words)
    with pytest.raises(Rejected, match="six hours alone: it stays in the chat"):
        await done(fake, hide("chat-1"))
    # Also where Twitch only says that it finds no such message.
    fake.override["DELETE .*/moderation/chat"] = lambda request: refused(404, "not found")
    event = fake.suspect()
    connector, _ = await told(fake, (SUSPECT, event))
    message = event["message"]["message_id"]
    ref = ThreadRef(message, BROADCASTER, "7001")
    assert "gone already" in (await connector.perform(ref, hide(message), "k")).evidence
    fake.now += timedelta(hours=6)
    with pytest.raises(Rejected, match="it stays in the chat"):
        await connector.perform(ref, hide(message), "k2")


async def test_a_deletion_by_another_or_by_a_lost_try_of_ours_is_told_apart() -> None:
    fake = FakeTwitch()
    first, second = fake.suspect(), fake.suspect()
    gone = {"message_id": first["message"]["message_id"]}
    connector, _ = await told(fake, (SUSPECT, first), ("channel.chat.message_delete", gone))
    fake.chat.clear()
    ref = ThreadRef(gone["message_id"], BROADCASTER, "7001")
    theirs = await connector.perform(ref, hide(gone["message_id"]), "k")
    assert theirs.evidence == "it was so already"
    name = second["message"]["message_id"]
    fake.override["DELETE .*/moderation/chat"] = lambda request: httpx.Response(500)
    with pytest.raises(Unknown):
        await connector.perform(ref, hide(name), "k")
    fake.override.clear()
    again = await connector.perform(ref, hide(name), "k")
    assert "the try whose answer was lost did it" in again.evidence


# the channel
async def test_slow_mode_has_twitchs_limits_and_is_compared_before_it_is_set() -> None:
    fake = FakeTwitch()
    for seconds in (1, 2, 121, 300):
        with pytest.raises(Rejected, match="3 to 120 seconds"):
            await done(fake, slow(seconds))
    assert fake.calls == []
    assert (await done(fake, slow(30))).evidence == "30"
    assert fake.writes[-1][3] == {"slow_mode": True, "slow_mode_wait_time": 30}
    count = len(fake.writes)
    assert (await done(fake, slow(30))).evidence == "it was so already"
    assert (await done(fake, slow(0, expect=60))).evidence == LEFT_ALONE
    assert len(fake.writes) == count
    await done(fake, slow(0, expect=30))
    assert fake.writes[-1][3] == {"slow_mode": False}
    assert fake.settings["slow_mode"] is False


async def test_a_slow_mode_that_did_not_take_is_said() -> None:
    fake = FakeTwitch()
    fake.override["PATCH .*/chat/settings"] = lambda request: {"data": [fake.settings]}
    with pytest.raises(Rejected, match="is as it was"):
        await done(fake, slow(30))


async def test_shield_mode_is_ended_only_where_it_is_still_ours() -> None:
    fake = FakeTwitch()
    receipt = await done(fake, shield(on=True))
    assert fake.shield["is_active"] is True
    # A lost answer and the try after it: the end must know it as ours.
    assert (await done(fake, shield(on=True))).evidence == receipt.evidence
    fake.shield |= {"last_activated_at": "2026-11-21T02:00:00Z", "moderator_id": "5"}
    assert (await done(fake, shield(on=False, expect=receipt.evidence))).evidence == LEFT_ALONE
    assert (await done(fake, shield(on=True))).evidence == "it was so already"
    assert fake.shield["is_active"] is True
    await done(fake, shield(on=False))
    assert fake.shield["is_active"] is False


# people
async def test_a_ban_is_for_good_and_one_for_a_time_is_a_timeout() -> None:
    fake = FakeTwitch()
    await done(fake, ban(600, SanctionKind.MUTE, reason="spam"))
    assert fake.writes[-1][3] == {"data": {"user_id": "7001", "duration": 600, "reason": "spam"}}
    await done(fake, ban(rule="Rule 1"))
    assert fake.writes[-1][3] == {"data": {"user_id": "7001", "reason": "Rule 1"}}
    assert fake.bans == {"7001": None}
    assert (await done(fake, ban())).evidence == "it was so already"
    with pytest.raises(Rejected, match="already banned"):
        await done(fake, ban(600, SanctionKind.MUTE))
    await done(fake, lift())
    assert fake.bans == {}
    assert (await done(fake, lift())).evidence == "it was over already"
    assert (await done(fake, lift("it was so already"))).evidence == LEFT_ALONE
    with pytest.raises(Rejected, match="needs a time"):
        await done(fake, ban(None, SanctionKind.MUTE))


async def test_a_broadcaster_leaves_the_longer_timeout_of_another_and_a_moderator_cannot_know() -> (
    None
):
    week, hour = 7 * 86_400, 3600
    for me, evidence in ((BROADCASTER, "it was so already"), (ME, None)):
        fake = FakeTwitch(me=me)
        end = START + timedelta(seconds=week)
        fake.bans["7001"] = iso_text(end)
        receipt = await done(fake, ban(hour, SanctionKind.MUTE))
        assert (receipt.evidence == evidence) is (evidence is not None)
        assert (fake.bans["7001"] == iso_text(end)) is (me == BROADCASTER)
        assert fake.asked("GET .*/moderation/banned") == (me == BROADCASTER)


async def test_a_broadcaster_gives_an_older_timeout_another_end_where_that_is_ours() -> None:
    fake = FakeTwitch(me=BROADCASTER)
    for seconds, more, sent in (
        (3600, {}, 1), (3600, {}, 0), (7200, {}, 1), (3600, {}, 0), (3600, {"renews": True}, 1),
        (None, {}, 1), (None, {}, 0),
    ):  # fmt: skip
        before = len(fake.writes)
        kind = SanctionKind.MUTE if seconds else SanctionKind.BAN
        await done(fake, ban(seconds, kind, **more))
        assert len(fake.writes) - before == sent
    fake.override["GET .*/moderation/banned"] = lambda request: refused(401, "no such scope")
    with pytest.raises(Rejected, match="already banned"):
        await done(fake, ban(600, SanctionKind.MUTE))


@pytest.mark.parametrize("seconds", [3600, None])
async def test_a_broadcaster_ends_what_is_ours_and_nothing_that_another_set_anew(
    seconds: int | None,
) -> None:
    kind = SanctionKind.MUTE if seconds else SanctionKind.BAN
    fake = FakeTwitch(me=BROADCASTER)
    left = (await done(fake, ban(seconds, kind))).evidence
    fake.banned_by = "5"
    assert (await done(fake, lift(left or None))).evidence == LEFT_ALONE
    fake.banned_by, ours = BROADCASTER, fake.bans["7001"]
    fake.bans["7001"] = iso_text(START + timedelta(days=9))
    if seconds:
        assert (await done(fake, lift(left))).evidence == LEFT_ALONE
    fake.bans["7001"] = ours
    await done(fake, lift(left or None))
    assert fake.bans == {}


@pytest.mark.parametrize(("me", "own"), [(BROADCASTER, True), (ME, False)])
async def test_who_may_not_see_whose_a_ban_is_is_told_so_before_ending_it(
    me: str, own: bool
) -> None:
    connector = FakeTwitch(me=me).connector()
    await connector.identity()
    for capability in (Capability.MUTE, Capability.BAN):
        assert (connector.capabilities.offers[capability].untold == "") is own


async def test_nobody_is_nobody_to_act_on() -> None:
    fake = FakeTwitch()
    nobody = Sanction(**ON, sanction=SanctionKind.BAN, author="")
    with pytest.raises(Rejected, match="no one to act on"):
        await done(fake, nobody)


@pytest.mark.parametrize(
    "command",
    [
        Reply(**ON, text="hello", audience=Audience.AUTHOR),
        Restore(**ON, posts=("x",)),
        Lock(**ON, reason="x"),
        ban(kind=SanctionKind.KICK),
        Escalate(**ON, team="t", note="n", to="x", text="x"),
    ],
    ids=lambda command: command.kind,
)
async def test_what_twitch_has_not_is_refused(command: Command) -> None:
    fake = FakeTwitch()
    with pytest.raises(Unsupported):
        await done(fake, command)
    assert fake.calls == []


# refusals
async def test_a_refusal_is_told_in_twitchs_own_words() -> None:
    fake = FakeTwitch()
    words = "The user specified in the user_id field may not be banned."
    fake.override["POST .*/bans"] = lambda request: refused(400, words)
    with pytest.raises(Rejected, match="may not be banned"):
        await done(fake, ban())
    fake.override["POST .*/bans"] = lambda request: refused(409, "somebody else is updating it")
    with pytest.raises(Stale, match="somebody else"):
        await done(fake, ban())


async def test_a_missing_scope_is_no_bad_token_though_twitch_says_401() -> None:
    fake = renewing()
    fake.override["POST .*/chat/messages"] = lambda request: refused(
        401, "Missing scope: user:write:chat"
    )
    with pytest.raises(Rejected, match="lacks a right: Missing scope: user:write:chat"):
        await done(fake, Reply(**ON, text="x"))
    assert fake.tokens == 1


async def test_a_write_whose_token_died_is_given_back_and_done_with_a_new_one() -> None:
    fake = renewing()
    connector, ref = fake.connector(), ThreadRef("chat-1", BROADCASTER, "7001")
    await connector.perform(ref, Reply(**ON, text="one"), "k")
    fake.now += timedelta(hours=1)
    answers = iter([refused(401, "invalid access token")])
    fake.override["POST .*/chat/messages"] = lambda request: next(answers)
    with pytest.raises(Retryable, match="a new one is asked for"):
        await connector.perform(ref, Reply(**ON, text="two"), "k")
    fake.override.clear()
    await connector.perform(ref, Reply(**ON, text="two"), "k")
    assert [body["message"] for body in fake.said] == ["one", "two"]
    assert fake.tokens == 2
    await connector.aclose()


async def test_without_a_refresh_token_a_dead_token_needs_a_login() -> None:
    fake = FakeTwitch()
    fake.override["POST .*/chat/messages"] = lambda request: refused(401, "invalid access token")
    with pytest.raises(Unauthorized, match="invalid access token"):
        await done(fake, Reply(**ON, text="x"))


async def test_a_spent_limit_is_obeyed_before_it_bites() -> None:
    fake = FakeTwitch()
    reset = str(int(fake.now.timestamp()) + 40)
    spent = {"Ratelimit-Limit": "800", "Ratelimit-Remaining": "0", "Ratelimit-Reset": reset}
    row = {"message_id": "said", "is_sent": True}
    fake.override["POST .*/chat/messages"] = lambda request: httpx.Response(
        200, json={"data": [row]}, headers=spent
    )
    connector, ref = fake.connector(), ThreadRef("chat-1", BROADCASTER, "7001")
    await connector.perform(ref, Reply(**ON, text="one"), "k")
    sent = fake.asked("POST .*/chat/messages")
    with pytest.raises(Retryable, match="asks us to wait") as waits:
        await connector.perform(ref, Reply(**ON, text="two"), "k")
    assert waits.value.retry_after is not None
    assert 30 < waits.value.retry_after.total_seconds() <= 40
    assert fake.asked("POST .*/chat/messages") == sent
    began = fake.now
    await connector.context(ref)
    assert (fake.now - began).total_seconds() >= 39
    await connector.aclose()


def test_what_is_missing_names_the_key_of_what_is_there_instead() -> None:
    missing = FakeTwitch().connector().capabilities.missing
    assert "warn or reply" in missing[Capability.REPLY_PRIVATE]
    assert "a timeout or a ban" in missing[Capability.KICK]
