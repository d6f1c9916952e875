"""Five hundred faults of Twitch's answers, and torn events: nothing is lost, nothing breaks."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from typing import Any

import pytest

from modtui.connectors import Batch, ConnectorError, SocketClosed
from modtui.connectors.decoding import decode_json
from modtui.connectors.gathered import Gathered
from modtui.connectors.twitch.eventsub import Event, EventSub, Line
from modtui.connectors.twitch.facts import Place, Reader
from modtui.connectors.twitch.intake import Intake
from modtui.connectors.twitch.state import Decisions, State
from modtui.domain.commands import Dismiss, Hide
from modtui.domain.outbox import Receipt
from tests.connectors.contract import Line as Subject
from tests.connectors.fakegateway import FakeSocket
from tests.connectors.faketwitch import BROADCASTER, EVENTSUB, FakeTwitch, welcome
from tests.connectors.faults import SLICES, FaultContract, dealing, plain, seeds
from tests.connectors.fuzz import ODD, fault, places
from tests.connectors.platform import START
from tests.connectors.test_twitch import Channel, ticking
from tests.connectors.wire import read

ON: dict[str, Any] = {"thread": 1, "revision": 1}


class TestFaults(FaultContract):
    kind = "twitch"
    endpoints = (
        "GET .*/unban_requests$", "GET .*/users$", "GET .*/chat/settings$", "GET .*/shield_mode$",
        "GET .*/validate$", "POST .*/subscriptions$",
    )  # fmt: skip

    def stage(self) -> Channel:
        return Channel(FakeTwitch(dial=ticking))


@pytest.mark.parametrize("part", range(SLICES))
async def test_what_automod_holds_is_judged_or_not_under_any_fault(part: int) -> None:
    for seed in list(seeds(part))[::5]:
        stage = Channel()
        subject, held = f"unban/{stage.platform.ask()['id']}", stage.platform.hold()["message_id"]
        line = Subject(stage.connect(), await read(stage), subject, START)
        stage.platform.override["POST .*/moderation/automod"] = dealing(stage, fault(seed))
        for command in (
            Hide(**ON, posts=(f"automod/{held}", "y"), author=line.ref.author),
            Dismiss(**ON, flags=(), posts=(f"automod/{held}",), approve=True),
        ):
            try:
                receipt = await line.connector.perform(line.ref, command, "k")
                assert isinstance(receipt, Receipt)
                assert receipt.evidence.isprintable()
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
    for seed in seeds(part):
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

    for seed in seeds(part):
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
