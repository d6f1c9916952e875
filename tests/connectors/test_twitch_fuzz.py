"""Five hundred faults of Twitch's answers, and torn events: nothing is lost, nothing breaks."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from typing import Any

import httpx
import pytest

from modtui.connectors import Batch, ConnectorError, SocketClosed
from modtui.connectors.http import decode_json
from modtui.connectors.twitch.eventsub import Event, EventSub, Line
from modtui.connectors.twitch.facts import Place, Reader
from modtui.connectors.twitch.intake import Intake
from modtui.connectors.twitch.state import Decisions, Gathered, State
from modtui.domain.commands import Dismiss, Hide, Reply, Sanction, SanctionKind, SetSlowMode
from modtui.domain.outbox import Receipt
from tests.connectors.contract import Line as Subject
from tests.connectors.fakegateway import FakeSocket
from tests.connectors.faketwitch import BROADCASTER, EVENTSUB, FakeTwitch, welcome
from tests.connectors.fuzz import ODD, fault, places
from tests.connectors.platform import START
from tests.connectors.test_fuzz import Kept, plain
from tests.connectors.test_twitch import Channel
from tests.connectors.wire import read

FAULTS = 500
SLICES = 10
ON: dict[str, Any] = {"thread": 1, "revision": 1}
ENDPOINTS = (
    "GET .*/unban_requests$", "GET .*/users$", "GET .*/chat/settings$", "GET .*/shield_mode$",
    "GET .*/validate$",
)  # fmt: skip


def dealing(fake: FakeTwitch, seed: int) -> Any:
    dealt = fault(seed)

    def answer(request: httpx.Request) -> Any:
        document = fake.answer(request, request.url.path)
        whole = {} if isinstance(document, httpx.Response) else copy.deepcopy(document)
        return dealt.make(request, whole)

    return answer


async def attempt(fake: FakeTwitch, kept: Kept) -> ConnectorError | None:
    """Read once from the kept cursor on; return what ended it."""
    try:
        for batch in await read(Channel(fake), kept.cursor):
            kept.take(batch)
    except ConnectorError as error:
        plain(error)
        return error
    return None


def part_of(part: int) -> range:
    return range(part * FAULTS // SLICES, (part + 1) * FAULTS // SLICES)


@pytest.mark.parametrize("part", range(SLICES))
async def test_no_request_is_lost_to_any_fault_of_the_line(part: int) -> None:
    outcomes = set()
    for seed in part_of(part):
        chance, fake, kept = random.Random(seed * 7919), FakeTwitch(), Kept()
        one = fake.ask("one")
        where = chance.choice(ENDPOINTS)
        fake.override[where] = dealing(fake, seed)
        try:
            ended = await attempt(fake, kept)
            fake.override.clear()
            two = fake.ask("two")
            assert await attempt(fake, kept) is None
        except BaseException as error:
            error.add_note(f"seed {seed}: {fault(seed).name} at {where}")
            raise
        outcomes.add(type(ended).__name__)
        keys = {key for _, key in kept.open}
        assert {f"unban/{one['id']}", f"unban/{two['id']}"} <= keys, f"seed {seed} at {where}"
    assert len(outcomes) > 2


@pytest.mark.parametrize("part", range(SLICES))
async def test_it_acts_or_says_why_not_under_any_fault(part: int) -> None:
    for seed in list(part_of(part))[::3]:
        fake = FakeTwitch()
        subject = f"unban/{fake.ask()['id']}"
        stage = Channel(fake)
        line = Subject(stage.connect(), await read(stage), subject, START)
        author = line.ref.author
        fake.override["(PUT|POST|DELETE|PATCH|GET) .*/(moderation|chat)"] = dealing(fake, seed)
        for command in (
            Reply(**ON, text="hello"),
            Hide(**ON, posts=(subject,), author=author),
            Hide(**ON, posts=("automod/x", "y"), author=author),
            Dismiss(**ON, flags=(subject,), posts=(subject,), approve=True),
            SetSlowMode(**ON, seconds=5, until=None, reason="x"),
            Sanction(**ON, sanction=SanctionKind.BAN, author=author),
        ):
            try:
                receipt = await line.connector.perform(line.ref, command, "k")
                assert isinstance(receipt, Receipt)
                assert receipt.evidence.isprintable()
                assert receipt.remote_id is None or receipt.remote_id.isprintable()
            except ConnectorError as error:
                plain(error)
            except BaseException as error:
                error.add_note(f"seed {seed}: {fault(seed).name} for {command.kind}")
                raise
        await line.connector.aclose()


def events(fake: FakeTwitch) -> list[Event]:
    held, said, asked = fake.hold(), fake.suspect(), fake.ask()
    found = [
        ("automod.message.hold", held),
        ("automod.message.update", {**held, "status": "denied", "moderator_user_login": "m"}),
        ("channel.suspicious_user.message", said),
        ("channel.suspicious_user.update", {**said, "low_trust_status": "none"}),
        ("channel.unban_request.create", asked),
        ("channel.unban_request.resolve", {**asked, "status": "denied"}),
        ("channel.chat.message_delete", {"message_id": said["message"]["message_id"]}),
        ("channel.chat_settings.update", {"slow_mode": True, "slow_mode_wait_time_seconds": 5}),
        ("channel.shield_mode.begin", {"started_at": fake.at()}),
    ]
    return [Event(f"n{n}", kind, fake.at(), event) for n, (kind, event) in enumerate(found)]


def reader() -> Reader:
    return Reader(Place(BROADCASTER, "ourchannel"), frozenset(), START)


@pytest.mark.parametrize("part", range(SLICES))
def test_a_torn_event_is_set_aside_and_the_next_is_read(part: int) -> None:
    aside = 0
    for seed in part_of(part):
        chance, fake = random.Random(seed), FakeTwitch()
        torn = copy.deepcopy(chance.choice(events(fake)))
        container, key = chance.choice(list(places(torn.data)))
        container[key] = chance.choice(ODD)[1](container[key])
        torn = replace(torn, data=decode_json(json.dumps(torn.data).encode())[0])
        whole = Event("whole", "automod.message.hold", fake.at(), fake.hold("whole"))
        intake = Intake(State(), reader().place, Decisions())
        into = Gathered()
        try:
            for event in (torn, whole):
                intake.take(event, reader(), into)
            batch: Batch = into.batch(intake.state, caught_up=True)
        except BaseException as error:
            error.add_note(f"seed {seed}: {torn}")
            raise
        assert batch.posts[-1].text == "whole"
        assert {flag.thread for flag in batch.flags} == {thread.subject for thread in batch.threads}
        assert all(one.why.isprintable() for one in batch.broken)
        aside += len(batch.broken)
    assert aside > 3


@pytest.mark.parametrize("part", range(SLICES))
async def test_a_torn_frame_ends_in_an_event_a_word_or_another_line(part: int) -> None:
    fake = FakeTwitch()
    kinds: list[dict[str, Any]] = [
        fake.told("automod.message.hold", fake.hold()),
        {"metadata": {"message_type": "session_keepalive"}, "payload": {}},
        {"metadata": {"message_type": "session_reconnect"},
         "payload": {"session": {"reconnect_url": EVENTSUB}}},
        {"metadata": {"message_type": "revocation"},
         "payload": {"subscription": {"type": "x", "status": "user_removed"}}},
        welcome("s2"),
    ]  # fmt: skip

    async def subscribe(session: str) -> None:
        return None

    for seed in part_of(part):
        chance = random.Random(seed)
        torn = copy.deepcopy(chance.choice(kinds))
        container, key = chance.choice(list(places(torn)))
        container[key] = chance.choice(ODD)[1](container[key])
        socket = FakeSocket(EVENTSUB)
        socket.say(welcome("s1"), torn, fake.told("automod.message.hold", fake.hold("whole")))

        async def dial(url: str, socket: FakeSocket = socket) -> FakeSocket:
            if socket.url != "used":
                socket.url = "used"
                return socket
            raise SocketClosed(4007, "no")

        line = EventSub(Line(EVENTSUB, dial, fake.environment().sleep, subscribe))
        try:
            await line.connect()
            told: list[Event | None] = [await line.events.get()]
            while told[-1] is not None and "whole" not in str(told[-1].data):
                told.append(await line.events.get())
            if told[-1] is None:
                line.check()
        except ConnectorError as error:
            plain(error)
        except BaseException as error:
            error.add_note(f"seed {seed}: {torn}")
            raise
        finally:
            await line.aclose()
