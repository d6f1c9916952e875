"""Requests to join a server of Discord, against a stand-in of ours."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from modtui.connectors import Batch, Connector, Rejected, Stale, Unknown, Unsupported
from modtui.domain.commands import Capability, Command, Dismiss, Hide, Reply, SetSlowMode
from tests.connectors.contract import ConnectorContract, Line
from tests.connectors.discord_show import Show
from tests.connectors.fakediscord import ALL, FakeDiscord, refused
from tests.connectors.fakegateway import event
from tests.connectors.fakegateway import until as wait_for
from tests.connectors.far import OverHttp
from tests.connectors.outcomes import HttpOutcomeContract
from tests.connectors.platform import START
from tests.connectors.test_discord import GONE, flags, threads, told

ON: dict[str, Any] = {"thread": 1, "revision": 1}


class AtTheDoor(Line):
    """A thread of a message, and requests to join: each is decided on once."""

    asks: dict[Capability, str]

    def commands(self, capability: Capability) -> tuple[Command, ...]:
        post = self.asks.get(capability)
        if post is None:
            return super().commands(capability)
        if capability is Capability.HIDE:
            return (Hide(**ON, posts=(post,), author="9", reason="rule 1"),)
        return (Dismiss(**ON, flags=(post,), posts=(post,), approve=True),)


class TestContract(HttpOutcomeContract, ConnectorContract):
    kind = "discord"
    decides = frozenset({Capability.HIDE, Capability.APPROVE})
    otherwise = {**GONE, **dict.fromkeys(decides, frozenset({400, 404}))}

    async def fresh(self) -> Line:
        fake = FakeDiscord()
        subject = fake.report()
        turned_away, let_in = (f"join/{fake.ask()}" for _ in range(2))
        batches, far = await told(fake), OverHttp(fake)
        line = AtTheDoor(fake.connector(), batches, subject, START, far=far)
        line.asks = {Capability.HIDE: turned_away, Capability.APPROVE: let_in}
        await line.connector.identity()
        return line


def reject(post: str, reason: str = "rule 1") -> Hide:
    return Hide(**ON, posts=(post,), author="9", reason=reason)


def admit(post: str) -> Dismiss:
    return Dismiss(**ON, flags=(post,), posts=(post,), approve=True)


async def at_the_door(fake: FakeDiscord) -> tuple[Connector, Line, str]:
    """A connector that has read one request to join."""
    post = f"join/{fake.ask()}"
    connector = fake.connector()
    return connector, Line(connector, await told(fake), post, START), post


async def test_who_asks_to_join_is_a_held_thread_with_their_answers() -> None:
    fake = FakeDiscord()
    more = [
        {"field_type": "MULTIPLE_CHOICE", "label": "Age", "choices": ["<18", "18+"], "response": 1},
        {"field_type": "TERMS", "label": "Rules", "values": ["Be kind"], "response": True},
        {"field_type": "PARAGRAPH", "label": "More", "response": None},
        {"field_type": "MULTIPLE_CHOICE", "label": "Odd", "choices": [], "response": 7},
        17,
    ]
    number = fake.ask("I like maps")
    fake.asking[0]["form_responses"] += more
    silent = fake.ask("shy", form_responses=None, user=None)
    batches = await told(fake)
    post = next(p for b in batches for p in b.posts if p.thread == f"join/{number}")
    assert post.text == "Why?: I like maps\nAge: 18+\nRules: yes\nOdd: 7"
    assert post.held
    assert sorted(flags(batches)) == sorted(
        (f"join/{one}", "asks to join", "") for one in (number, silent)
    )
    thread = threads(batches)[f"join/{silent}"]
    assert thread.held
    assert thread.author.name == f"@{silent}1"
    assert thread.title == "[asks to join, and says nothing]"
    assert {c.name for b in batches for c in b.channels} == {"requests to join"}


async def test_every_page_is_read() -> None:
    fake = FakeDiscord()
    for _ in range(250):
        fake.ask()
    assert len(threads(await told(fake))) == 250
    assert fake.asked("GET .*/requests$") == 3


async def test_who_was_let_in_elsewhere_asks_no_more() -> None:
    fake = FakeDiscord()
    first, second = fake.ask(), fake.ask()
    cursor = (await told(fake))[-1].cursor
    fake.asking[0]["application_status"] = "APPROVED"
    batches = await told(fake, cursor)
    assert [pair for b in batches for pair in b.closed] == [(f"join/{first}", f"join/{first}")]
    assert not threads(batches)
    assert not [pair for b in await told(fake, batches[-1].cursor) for pair in b.closed]
    assert second


async def test_who_asks_and_cannot_be_read_is_not_closed_and_hides_no_other() -> None:
    fake = FakeDiscord()
    lost, gone = fake.ask(), fake.ask()
    cursor = (await told(fake))[-1].cursor
    fake.asking[0]["form_responses"] = 7
    fake.asking[1]["application_status"] = "APPROVED"
    batches = await told(fake, cursor)
    assert [pair for b in batches for pair in b.closed] == [(f"join/{gone}", f"join/{gone}")]
    assert [one.subject for b in batches for one in b.broken] == [f"join/{lost}"]


async def test_a_row_that_names_nobody_hides_no_other_than_those_it_may_be() -> None:
    fake = FakeDiscord()
    lost, over, stays, gone = (fake.ask() for _ in range(4))
    cursor = (await told(fake))[-1].cursor
    fake.asking[0] = {"was": lost, "application_status": "SUBMITTED"}
    fake.asking[1]["application_status"] = fake.asking[3]["application_status"] = "REJECTED"
    batches = await told(fake, cursor)
    # Below `gone` the list goes on with one that is named, below `over` with the row in question.
    assert [pair for b in batches for pair in b.closed] == [(f"join/{gone}", f"join/{gone}")]
    whys = [one.why for b in batches for one in b.broken]
    assert "it names nobody: 2 who left the list may be it, and stay open" in whys
    fake.asking[0] = {**fake.asking[2], "id": lost}
    later = await told(fake, batches[-1].cursor)
    assert [pair for b in later for pair in b.closed] == [(f"join/{over}", f"join/{over}")]
    assert stays


async def test_who_asks_as_nobody_is_set_aside_and_not_closed() -> None:
    fake = FakeDiscord()
    fake.ask()
    cursor = (await told(fake))[-1].cursor
    fake.asking[0]["user_id"] = "nobody"
    batches = await told(fake, cursor)
    assert [one.where for b in batches for one in b.broken] == ["requests to join"]
    assert not [pair for b in batches for pair in b.closed]


@pytest.mark.parametrize("hide", [{"total": 9}, {"guild_join_requests": [3]}], ids=str)
async def test_a_list_that_is_not_whole_closes_nothing(hide: dict[str, Any]) -> None:
    fake = FakeDiscord()
    fake.ask()
    cursor = (await told(fake))[-1].cursor
    empty = {"total": 0, "guild_join_requests": [], **hide}
    fake.override["GET .*/requests$"] = lambda request: empty
    assert not [pair for b in await told(fake, cursor) for pair in b.closed]


async def test_nobody_is_asked_for_where_the_server_is_open_or_the_bot_may_not_kick() -> None:
    fake = FakeDiscord()
    fake.ask()
    fake.features = []
    assert not threads(await told(fake))
    connector = fake.connector()
    await connector.identity()
    assert "join this server unasked" in connector.capabilities.missing[Capability.APPROVE]
    fake = FakeDiscord(permissions=ALL & ~(1 << 1))
    fake.ask()
    assert not threads(await told(fake))
    connector = fake.connector()
    who = await connector.identity()
    assert "Kick Members" in connector.capabilities.missing[Capability.APPROVE]
    assert any("Kick Members" in one for one in who.cannot)
    assert not fake.asked("GET .*/requests$")


async def test_a_list_that_is_refused_hides_nothing_else() -> None:
    fake = FakeDiscord()
    fake.ask()
    reported = fake.report()
    fake.override["GET .*/requests$"] = lambda request: refused(403, 50001, "Missing Access")
    assert set(threads(await told(fake))) == {reported}


async def test_who_is_let_in_is_and_who_is_turned_away_is_told_why() -> None:
    fake = FakeDiscord()
    connector, line, post = await at_the_door(fake)
    other = f"join/{fake.ask()}"
    await connector.perform(line.ref, admit(post), "1")
    await connector.perform(line.ref, reject(other), "2")
    assert [one["application_status"] for one in fake.asking] == ["APPROVED", "REJECTED"]
    assert fake.asking[1]["rejection_reason"] == "rule 1"
    again = await connector.perform(line.ref, admit(post), "1")
    assert again.evidence == "it was so already"
    with pytest.raises(Stale, match="waits no more"):
        await connector.perform(line.ref, reject(post), "3")
    with pytest.raises(Rejected, match="160 at most"):
        await connector.perform(line.ref, reject(post, "x" * 161), "4")


@pytest.mark.parametrize(
    ("answer", "error"),
    [({"id": "1"}, Unknown), ({"id": "1", "user_id": "2", "application_status": "X"}, Rejected)],
)
async def test_a_decision_that_did_not_take_is_said(
    answer: dict[str, str], error: type[Exception]
) -> None:
    fake = FakeDiscord()
    connector, line, post = await at_the_door(fake)
    fake.override["PATCH .*/requests/"] = lambda request: answer
    with pytest.raises(error):
        await connector.perform(line.ref, admit(post), "k")


async def test_a_request_has_no_channel_to_act_in_and_is_read_again_as_its_context() -> None:
    fake = FakeDiscord()
    connector, line, post = await at_the_door(fake)
    assert [one.remote_id for one in (await connector.context(line.ref)).posts] == [post]
    for command in (
        Reply(**ON, text="hello"),
        SetSlowMode(**ON, seconds=60, until=None, reason="heated"),
    ):
        with pytest.raises(Unsupported, match="about a person"):
            await connector.perform(line.ref, command, "k")
    fake.asking.clear()
    assert (await connector.context(line.ref)).posts == ()
    fake.override["GET .*/requests$"] = lambda request: httpx.Response(404, json={})
    assert (await connector.context(line.ref)).posts == ()


async def test_while_the_gateway_is_up_the_door_alone_is_looked_at_once_a_minute() -> None:
    show = Show()
    show.fake.ask("first")
    async with show:
        socket = await show.live()
        await wait_for(lambda: len(told_of(show.batches)) == 1)
        show.fake.ask("second")
        looks, reads = show.fake.asked("GET .*/requests$"), show.reads()
        for _ in range(6):
            await show.move(9.5, socket)
        assert show.fake.asked("GET .*/requests$") == looks
        await show.move(9.5, socket)
        await wait_for(lambda: len(told_of(show.batches)) == 2)
        assert (show.fake.asked("GET .*/requests$"), show.reads()) == (looks + 1, reads)


async def test_an_event_of_the_door_is_looked_after_at_once() -> None:
    show = Show()
    show.fake.ask("first")
    async with show:
        socket = await show.live()
        show.fake.ask("second")
        show.seq += 1
        socket.say(event("GUILD_JOIN_REQUEST_CREATE", show.seq, {"guild_id": "100"}))
        await wait_for(lambda: len(told_of(show.batches)) == 2)


def told_of(batches: list[Batch]) -> set[str]:
    return {key for b in batches for t in b.threads if (key := t.subject).startswith("join/")}
