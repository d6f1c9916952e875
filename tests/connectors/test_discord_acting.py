"""What a moderator has done on Discord, against a stand-in of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from modtui.connectors import Absent, Found, Rejected, Unsupported
from modtui.connectors.discord.api import audit_reason
from modtui.connectors.discord.sending import nonce
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.domain.commands import (
    Audience,
    Capability,
    Dismiss,
    Escalate,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
    SetSlowMode,
    Unlock,
)
from tests.connectors.fakediscord import (
    MOD,
    REPORTS,
    STAFF_ROOM,
    TALK,
    FakeDiscord,
    refused,
)
from tests.connectors.platform import START
from tests.connectors.test_discord import line

ON: dict[str, Any] = {"thread": 1, "revision": 1}


async def test_a_reply_pings_nobody_and_answers_the_message() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    receipt = await one.connector.perform(one.ref, Reply(**ON, text="@everyone hello"), "k")
    method, path, body = fake.writes[-1]
    assert (method, path) == ("POST", f"/channels/{TALK}/messages")
    assert body == {
        "content": "@everyone hello",
        "allowed_mentions": {"parse": []},
        "nonce": nonce("k"),
        "enforce_nonce": True,
        "message_reference": {"message_id": one.subject, "fail_if_not_exists": False},
    }
    assert len(nonce("k")) <= 25
    found = await one.connector.find(
        one.ref, Reply(**ON, text="@everyone hello"), START, frozenset()
    )
    assert isinstance(found, Found)
    assert found.receipt.remote_id == receipt.remote_id
    taken = frozenset({str(receipt.remote_id)})
    again = await one.connector.find(one.ref, Reply(**ON, text="@everyone hello"), START, taken)
    assert again == Absent(strong=True)
    with pytest.raises(Rejected, match="2,000"):
        await one.connector.perform(one.ref, Reply(**ON, text="x" * 2001), "k2")


async def test_closed_direct_messages_are_a_refusal_in_words() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    fake.override["POST .*/channels/4.*/messages"] = lambda request: refused(
        403, 50007, "Cannot send messages to this user"
    )
    private = Reply(**ON, text="hello", audience=Audience.AUTHOR)
    with pytest.raises(Rejected, match="take no direct messages"):
        await one.connector.perform(one.ref, private, "k")


async def test_every_action_has_its_reason_in_the_audit_log() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    author = one.ref.author
    await one.connector.perform(
        one.ref, SetSlowMode(**ON, seconds=30, until=None, reason="жара"), "1"
    )
    ban = Sanction(**ON, sanction=SanctionKind.BAN, author=author, rule="1", reason="rude\r\nagain")
    await one.connector.perform(one.ref, ban, "2")
    hide = Hide(**ON, posts=one.posts, author=author)
    await one.connector.perform(one.ref, hide, "3")
    assert [unquote(r) for r in fake.reasons] == [
        "жара",
        "1 · rude again",
        "a moderator's decision",
    ]
    assert fake.writes[1][2] == {"delete_message_seconds": 0}


def test_a_reason_is_cut_to_what_the_audit_log_takes() -> None:
    long = audit_reason("я" * 500)
    assert len(long) <= 512
    assert unquote(long) == "я" * (512 // 6)


async def test_deleting_what_is_gone_is_done() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    hide = Hide(**ON, posts=one.posts, author=one.ref.author)
    await one.connector.perform(one.ref, hide, "1")
    await one.connector.perform(one.ref, hide, "2")
    assert [m for m in fake.messages[TALK] if m["id"] == one.subject] == []
    with pytest.raises(Unsupported):
        await one.connector.perform(one.ref, Restore(**ON, posts=one.posts), "3")
    assert one.connector.capabilities.offers[Capability.HIDE].for_good


async def test_slow_mode_compares_sets_and_leaves_alone_what_another_set() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    slow = SetSlowMode(**ON, seconds=300, until=None, reason="heated")
    assert (await one.connector.perform(one.ref, slow, "1")).evidence == "300"
    assert (await one.connector.perform(one.ref, slow, "2")).evidence == SO_ALREADY
    assert fake.asked("PATCH") == 1
    context = await one.connector.context(one.ref)
    assert context.channel is not None
    assert context.channel.restriction is not None
    assert context.channel.restriction.seconds == 300
    fake.channels[TALK]["rate_limit_per_user"] = 60
    end = replace(slow, seconds=0, expect=300)
    over = replace(slow, seconds=60, expect=300)
    assert (await one.connector.perform(one.ref, over, "5")).evidence == SO_ALREADY
    assert (await one.connector.perform(one.ref, end, "3")).evidence == LEFT_ALONE
    assert not one.connector.capabilities.offers[Capability.SLOW_MODE].supports_until
    fake.override["PATCH"] = lambda request: dict(fake.channels[TALK])
    with pytest.raises(Rejected, match="as it was"):
        await one.connector.perform(one.ref, slow, "4")


async def test_whom_the_bot_may_not_touch_is_said_in_words() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    fake.override["DELETE .*/members/"] = lambda request: refused(403, 50013, "Missing Permissions")
    kick = Sanction(**ON, sanction=SanctionKind.KICK, author=one.ref.author, reason="spam")
    with pytest.raises(Rejected, match="roles lack the right there, or stand below theirs"):
        await one.connector.perform(one.ref, kick, "k")


async def test_only_a_thread_is_locked() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    await one.connector.perform(one.ref, Lock(**ON, reason="heated"), "1")
    data = fake.channels[TALK]["thread_metadata"]
    assert (data["locked"], data["archived"]) == (True, True)
    again = await one.connector.perform(one.ref, Lock(**ON, reason="heated"), "3")
    assert (again.evidence, fake.asked("PATCH")) == (SO_ALREADY, 1)
    with pytest.raises(Rejected, match="threads alone"):
        await one.connector.perform(replace(one.ref, channel=REPORTS), Lock(**ON, reason=""), "2")
    await one.connector.perform(one.ref, Unlock(**ON, reason="calm again"), "4")
    data = fake.channels[TALK]["thread_metadata"]
    assert (data["locked"], data["archived"]) == (False, False)


async def test_a_lock_that_another_set_anew_is_left_alone() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    left = (await one.connector.perform(one.ref, Lock(**ON, reason="heated"), "1")).evidence
    back = Unlock(**ON, reason="taken back", expect=left)
    data = fake.channels[TALK]["thread_metadata"]
    fake.channels[TALK]["thread_metadata"] = {**data, "archive_timestamp": "2026-11-28T03:00:00Z"}
    assert (await one.connector.perform(one.ref, back, "2")).evidence == LEFT_ALONE
    assert fake.asked("PATCH") == 1
    fake.channels[TALK]["thread_metadata"] = data
    await one.connector.perform(one.ref, back, "3")
    assert fake.channels[TALK]["thread_metadata"]["locked"] is False


async def test_a_timeout_ends_by_itself_and_has_a_longest() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    author = one.ref.author
    mute = Sanction(**ON, sanction=SanctionKind.MUTE, author=author, seconds=3600)
    await one.connector.perform(one.ref, mute, "1")
    assert fake.members[author]["communication_disabled_until"] == "2026-11-21T04:00:00.000Z"
    await one.connector.perform(one.ref, mute, "2")
    assert fake.asked("PATCH") == 1
    with pytest.raises(Rejected, match="28 days"):
        await one.connector.perform(one.ref, replace(mute, seconds=None), "3")
    lift = LiftSanction(**ON, sanction=SanctionKind.MUTE, author=author)
    other = await one.connector.perform(one.ref, replace(lift, expect="another"), "4")
    assert other.evidence == LEFT_ALONE
    await one.connector.perform(one.ref, lift, "5")
    assert fake.members[author]["communication_disabled_until"] is None
    assert (await one.connector.perform(one.ref, lift, "6")).evidence == "it was over already"


async def test_a_ban_of_another_is_not_ended_by_ours() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    fake.bans[one.ref.author] = {"reason": "raid"}
    ban = Sanction(**ON, sanction=SanctionKind.BAN, author=one.ref.author, seconds=60, reason="x")
    evidence = (await one.connector.perform(one.ref, ban, "1")).evidence
    assert evidence == SO_ALREADY
    lift = LiftSanction(**ON, sanction=SanctionKind.BAN, author=one.ref.author, expect=evidence)
    assert (await one.connector.perform(one.ref, lift, "2")).evidence == LEFT_ALONE
    fake.bans[one.ref.author] = {"reason": "x"}
    assert (await one.connector.perform(one.ref, ban, "3")).evidence == ""


async def test_a_ban_that_another_gave_anew_is_not_ours_to_end() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    author = one.ref.author
    ban = Sanction(**ON, sanction=SanctionKind.BAN, author=author, reason="x")
    lift = LiftSanction(**ON, sanction=SanctionKind.BAN, author=author)
    await one.connector.perform(one.ref, ban, "1")
    fake.now += timedelta(minutes=9)
    fake.audit.append("not an entry")
    fake.ban(author, MOD)
    assert (await one.connector.perform(one.ref, lift, "2")).evidence == LEFT_ALONE
    assert author in fake.bans
    # Where the bot may not look, who asks for it was told so.
    fake.permissions &= ~(1 << 7)
    await one.connector.identity()
    assert "audit log" in one.connector.capabilities.offers[Capability.BAN].untold
    await one.connector.perform(one.ref, lift, "3")
    assert author not in fake.bans
    fake.permissions |= 1 << 7
    await one.connector.identity()
    assert not one.connector.capabilities.offers[Capability.BAN].untold
    await one.connector.perform(one.ref, ban, "4")
    await one.connector.perform(one.ref, lift, "5")
    assert author not in fake.bans


async def test_the_end_of_a_timeout_is_known_again_whatever_discord_makes_of_it() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    author = one.ref.author
    mute = Sanction(**ON, sanction=SanctionKind.MUTE, author=author, seconds=3600)
    left = (await one.connector.perform(one.ref, mute, "1")).evidence
    lift = LiftSanction(**ON, sanction=SanctionKind.MUTE, author=author, expect=left)
    fake.members[author]["communication_disabled_until"] = "2026-11-21T04:00:02.000000+00:00"
    assert (await one.connector.perform(one.ref, lift, "2")).evidence == LEFT_ALONE
    fake.members[author]["communication_disabled_until"] = "2026-11-21T04:00:00.000000+00:00"
    assert (await one.connector.perform(one.ref, lift, "3")).evidence == ""


async def test_keep_puts_a_check_mark_on_the_reports() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    alert = fake.alert("spin")
    flags_ = (*one.flags, f"alert/{alert['id']}", "reaction/1/2", f"{REPORTS}/404404")
    await one.connector.perform(one.ref, Dismiss(**ON, flags=flags_), "1")
    assert fake.reactions == {one.flags[0].partition("/")[2], alert["id"]}


async def test_a_colleague_is_told_by_the_channels_name_or_id() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    for to in ("#staff", STAFF_ROOM, f"<#{STAFF_ROOM}>"):
        escalate = Escalate(**ON, team="t", note="", to=to, text="look")
        await one.connector.perform(one.ref, escalate, to)
    assert len(fake.messages[STAFF_ROOM]) == 3
    with pytest.raises(Rejected, match="no channel #nowhere"):
        await one.connector.perform(one.ref, replace(escalate, to="#nowhere"), "x")
    with pytest.raises(Rejected, match="reach"):
        await one.connector.perform(one.ref, replace(escalate, to=" "), "y")


async def test_a_longer_timeout_of_another_is_left_and_ours_is_made_shorter() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    author = one.ref.author
    day = Sanction(**ON, sanction=SanctionKind.MUTE, author=author, seconds=86_400)
    await one.connector.perform(one.ref, day, "1")
    hour = replace(day, seconds=3600)
    assert (await one.connector.perform(one.ref, hour, "2")).evidence == SO_ALREADY
    assert fake.asked("PATCH") == 1
    await one.connector.perform(one.ref, replace(hour, renews=True), "3")
    assert fake.members[author]["communication_disabled_until"] == "2026-11-21T04:00:00.000Z"
