"""The discord connector against a stand-in of ours: its traps, and the two suites."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    Batch,
    Connector,
    Rejected,
    Retryable,
)
from modtui.connectors.discord.api import bucket_of
from modtui.domain.commands import (
    Audience,
    Capability,
    Reply,
    Sanction,
    SanctionKind,
)
from modtui.domain.model import Role
from tests.connectors.contract import ConnectorContract, Line
from tests.connectors.fakediscord import (
    ALERTS,
    FORUM,
    ME,
    MOD,
    REPORTS,
    TALK,
    FakeDiscord,
    link,
    refused,
    user,
)
from tests.connectors.far import OverHttp
from tests.connectors.faults import LOCAL, FaultContract, Kept
from tests.connectors.outcomes import HttpOutcomeContract
from tests.connectors.platform import START
from tests.connectors.wire import Stage, WireContract, read

ON: dict[str, Any] = {"thread": 1, "revision": 1}
GONE = dict.fromkeys(
    (Capability.HIDE, Capability.DISMISS, Capability.APPROVE, Capability.KICK, Capability.BAN),
    frozenset({404}),
)


class Server(Stage):
    listing = f"GET .*/channels/{REPORTS}/messages$"
    posting = "POST .*/messages$"
    pauses = ({"message": "limited", "retry_after": 30.5, "global": False},)
    limits = ({"Retry-After": "30"}, {"X-RateLimit-Reset-After": "12.5"})

    def __init__(self, fake: FakeDiscord | None = None) -> None:
        self.platform: FakeDiscord = fake or FakeDiscord()

    def connect(self) -> Connector:
        return self.platform.connector()

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        return tuple(self.platform.report(text) for _ in range(count))

    def spoil(self, item: Any) -> None:
        self.platform.messages.setdefault(REPORTS, []).append(item)


class TestWire(WireContract):
    kind = "discord"

    @pytest.fixture
    def stage(self) -> Stage:
        return Server()


class TestFaults(FaultContract):
    kind = "discord"
    endpoints = (
        rf"GET .*/channels/{REPORTS}/messages$", rf"GET .*/channels/{TALK}/messages/",
        rf"GET .*/channels/{TALK}$", "GET .*/members/", "GET .*/guilds/100$", "GET .*/users/@me$",
        "GET .*/gateway/bot$", "GET .*/requests$",
    )  # fmt: skip

    def opening(self, stage: Stage) -> set[str]:
        assert isinstance(stage, Server)
        return {*stage.flag(2), f"join/{stage.platform.ask()}"}

    def stage(self) -> Server:
        return Server(FakeDiscord(url=f"{LOCAL}/api/v10"))

    def check(self, kept: Kept, first: Kept, last: str) -> None:
        # Discord has no list of what is open: a torn report may have been read as another one.
        assert len(kept.open) > 1
        assert last in kept.subjects


class TestContract(HttpOutcomeContract, ConnectorContract):
    kind = "discord"
    limits = Server.limits
    otherwise = GONE

    async def fresh(self) -> Line:
        return await line(FakeDiscord())


async def told(fake: FakeDiscord, cursor: str | None = None, **settings: Any) -> list[Batch]:
    stage = Server(fake)
    stage.connect = lambda: fake.connector(**settings)  # type: ignore[method-assign]
    return await read(stage, cursor)


async def line(fake: FakeDiscord) -> Line:
    """A connector that has read one report."""
    subject = fake.report()
    return Line(fake.connector(), await told(fake), subject, START, far=OverHttp(fake))


def flags(batches: list[Batch]) -> list[tuple[str, str, str]]:
    return [(f.thread, f.reason, f.note) for b in batches for f in b.flags]


def threads(batches: list[Batch]) -> dict[str, Any]:
    return {t.subject: t for b in batches for t in b.threads}


# where work comes from
async def test_a_link_in_the_report_channel_reports_that_message() -> None:
    fake = FakeDiscord()
    said = fake.write(TALK, user("10", "rude"), "you lot")
    fake.write(REPORTS, user("20", "kind"), f"rude! {link(TALK, said['id'])}")
    fake.write(REPORTS, user("21", "also"), link(TALK, said["id"]))
    batches = await told(fake)
    assert flags(batches) == [(said["id"], "reported", "rude!"), (said["id"], "reported", "")]
    thread = threads(batches)[said["id"]]
    assert (thread.author.name, thread.channel, thread.title) == ("@rude", TALK, "you lot")
    assert thread.url == link(TALK, said["id"])
    assert [c.name for b in batches for c in b.channels] == ["talk"]
    assert fake.asked(f"GET .*/channels/{TALK}/messages/") == 1


async def test_a_forward_and_a_bots_embed_report_too() -> None:
    fake = FakeDiscord()
    one, two = (fake.write(TALK, user(str(n)), "x")["id"] for n in (10, 11))
    reference = {"type": 1, "channel_id": TALK, "message_id": one}
    fake.write(REPORTS, user("20"), "", message_reference=reference)
    fake.write(REPORTS, user("30", bot=True), "", embeds=[{"url": link(TALK, two)}])
    assert {thread for thread, *_ in flags(await told(fake))} == {one, two}


async def test_a_message_without_a_link_is_work_itself_but_not_of_staff() -> None:
    fake = FakeDiscord()
    asked = fake.write(REPORTS, user("20", "kind"), "somebody writes me bad things")
    fake.write(REPORTS, user(MOD, "mod"), "I look into it")
    fake.write(REPORTS, user(ME, "modtui", bot=True), "noted")
    fake.write(REPORTS, user("21"), "", type=7)
    other = link(TALK, "1", guild="999")
    elsewhere = fake.write(REPORTS, user("22"), f"on another server {other}")
    assert set(threads(await told(fake))) == {asked["id"], elsewhere["id"]}


async def test_an_answer_to_what_is_followed_is_told_in_its_thread() -> None:
    fake = FakeDiscord()
    asked = fake.write(REPORTS, user("20", "kind"), "help")
    cursor = (await told(fake))[-1].cursor
    fake.write(REPORTS, user(MOD), "yes?", type=19, message_reference={"message_id": asked["id"]})
    batches = await told(fake, cursor)
    posts = [(p.thread, p.text, p.role) for b in batches for p in b.posts]
    assert posts == [(asked["id"], "yes?", Role.STAFF)]
    assert not any(b.posts for b in await told(fake, batches[-1].cursor))


async def test_what_the_author_answers_where_they_wrote_is_told() -> None:
    fake = FakeDiscord()
    one = await line(fake)
    answer = await one.connector.perform(one.ref, Reply(**ON, text="Rule 1."), "k")
    reference = {"type": 0, "message_id": answer.remote_id}
    first = await told(fake, one.batches[-1].cursor)
    assert [p.role for b in first for p in b.posts] == [Role.STAFF]
    fake.now += timedelta(hours=1)
    late = fake.write(TALK, user(one.ref.author), "but why", message_reference=reference)
    late["id"] = str(int(str(answer.remote_id)) + 5)
    second = await told(fake, first[-1].cursor)
    assert [(p.thread, p.role) for b in second for p in b.posts] == [(one.subject, Role.AUTHOR)]


async def test_an_alert_of_automod_is_a_flag_by_a_rule() -> None:
    fake = FakeDiscord()
    seen = fake.write(TALK, user("3001"), "free spins here")
    fake.alert("free spins here", flagged=seen["id"])
    blocked = fake.alert("more spins")
    batches = await told(fake)
    assert flags(batches) == [
        (seen["id"], "Bad words", "spin"), (blocked["id"], "Bad words", "spin"),
    ]  # fmt: skip
    assert all(f.rule for b in batches for f in b.flags)
    thread = threads(batches)[blocked["id"]]
    assert (thread.channel, thread.title, thread.author.remote_id) == (TALK, "more spins", "3001")
    ref = Line(fake.connector(), batches, blocked["id"], START).ref
    context = await fake.connector().context(ref)
    assert [p.text for p in context.posts if p.is_subject] == ["more spins"]


async def test_a_reported_message_that_is_gone_has_no_author_to_act_on() -> None:
    fake = FakeDiscord()
    fake.write(REPORTS, user("20"), f"look {link(TALK, '12345')}")
    batches = await told(fake)
    ref = Line(fake.connector(), batches, "12345", START).ref
    assert ref.author == ""
    ban = Sanction(**ON, sanction=SanctionKind.BAN, author="")
    reply = Reply(**ON, text="hello", audience=Audience.AUTHOR)
    with pytest.raises(Rejected, match="no one to act on"):
        await fake.connector().perform(ref, ban, "k")
    with pytest.raises(Rejected, match="no one to write to"):
        await fake.connector().perform(ref, reply, "k")


async def test_a_new_post_of_the_forum_is_work_and_what_follows_is_told() -> None:
    fake = FakeDiscord()
    for number, parent in (("800001", FORUM), ("800002", TALK)):
        thread = str((int(fake.write(TALK, user("9"), "x")["id"])) + int(number))
        place = {"id": thread, "type": 11, "name": number, "parent_id": parent, "guild_id": "100"}
        fake.channels[thread] = place
        fake.threads.append(place)
        fake.write(thread, user("20", "asks"), "I cannot log in", id=thread)
    batches = await told(fake, forum_channel=FORUM)
    (thread,) = threads(batches)
    assert flags(batches) == [(thread, "forum post", "")]
    more = fake.write(thread, user("20"), "hello?")
    more["id"] = str(int(thread) + 1)
    later = await told(fake, batches[-1].cursor, forum_channel=FORUM)
    assert [(p.thread, p.text) for b in later for p in b.posts] == [(thread, "hello?")]


async def test_the_first_read_goes_back_a_day() -> None:
    fake = FakeDiscord()
    fake.report()
    fake.now += timedelta(days=2)
    assert not threads(await told(fake))


# who may do it, and how often
async def test_what_the_bot_lacks_is_said_in_words() -> None:
    fake = FakeDiscord(permissions=1 << 11 | 1 << 16, flags=0)
    connector = fake.connector()
    who = await connector.identity()
    assert (who.name, who.role) == ("@modtui", "bot")
    assert "ban (its roles lack Ban Members)" in who.cannot
    assert "read what messages say (the Message Content Intent is off)" in who.cannot
    assert "Message Content Intent" in who.ask
    assert "Manage Channels" in connector.capabilities.missing[Capability.SLOW_MODE]
    fake.permissions, fake.flags = 1 << 3, 1 << 19
    who = await fake.connector().identity()
    assert (who.role, who.cannot, who.ask) == ("administrator", (), "")


async def test_a_bot_that_is_on_another_server_is_told_so() -> None:
    fake = FakeDiscord()
    fake.override["GET .*/guilds/100$"] = lambda request: refused(404, 10004, "Unknown Guild")
    with pytest.raises(Rejected, match="no member of server 100"):
        await fake.connector().identity()


def test_an_id_that_is_none_is_said() -> None:
    with pytest.raises(Rejected, match="report_channel"):
        FakeDiscord().connector(report_channel="#reports")
    with pytest.raises(Rejected, match="guild"):
        FakeDiscord().connector(guild="")


@pytest.mark.parametrize(
    ("method", "path", "bucket"),
    [
        ("GET", "/channels/5/messages", "GET channels/messages|5"),
        ("GET", "/channels/5/messages/7", "GET channels/messages/:id|5"),
        ("PUT", "/channels/5/messages/7/reactions/%E2%9C%85/@me",
         "PUT channels/messages/:id/reactions|5"),
        ("PATCH", "/guilds/1/members/2", "PATCH guilds/members/:id|1"),
        ("GET", "/users/@me", "GET /users/@me|"),
    ],
)  # fmt: skip
def test_a_bucket_is_a_route_and_the_channel_or_server(method: str, path: str, bucket: str) -> None:
    assert bucket_of(method, path) == bucket


async def test_a_spent_bucket_is_waited_for_and_holds_no_other() -> None:
    fake = FakeDiscord()
    spent = {
        "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "7.5", "X-RateLimit-Bucket": "ab",
    }  # fmt: skip
    connector = fake.connector()
    channel = f"GET .*/channels/{TALK}$"
    fake.override[channel] = lambda request: httpx.Response(
        200, json=fake.channels[TALK], headers=spent
    )
    api = connector._api
    await api.get(f"/channels/{TALK}")
    await api.get(f"/channels/{REPORTS}")
    assert fake.now == START
    await api.get(f"/channels/{TALK}")
    assert fake.now == START + timedelta(seconds=7.5)


async def test_a_global_limit_holds_everything() -> None:
    fake = FakeDiscord()
    headers = {"X-RateLimit-Global": "true", "Retry-After": "9"}
    fake.override[f"GET .*/channels/{TALK}$"] = lambda request: httpx.Response(
        429, json={"retry_after": 9.0, "global": True}, headers=headers
    )
    api = fake.connector()._api
    with pytest.raises(Retryable):
        await api.get(f"/channels/{TALK}")
    await api.get(f"/channels/{REPORTS}")
    assert fake.now == START + timedelta(seconds=9)


async def test_what_is_refused_again_and_again_is_not_asked_any_more() -> None:
    fake = FakeDiscord()
    fake.override[f"GET .*/channels/{TALK}$"] = lambda request: refused(
        403, 50001, "Missing Access"
    )
    api = fake.connector()._api
    for _ in range(200):
        with pytest.raises(Rejected):
            await api.get(f"/channels/{TALK}")
    with pytest.raises(Retryable, match="pausing") as raised:
        await api.get(f"/channels/{REPORTS}")
    assert raised.value.retry_after == timedelta(minutes=10)
    fake.now += timedelta(minutes=11)
    await api.get(f"/channels/{REPORTS}")


async def test_an_alert_channel_alone_is_enough() -> None:
    fake = FakeDiscord()
    fake.alert("spin")
    fake.report()
    assert len(threads(await told(fake, report_channel=""))) == 1
    assert fake.asked(f"GET .*/channels/{ALERTS}/messages$") == 1
