"""Five hundred faults of Discord's answers, and torn events: nothing is lost, nothing breaks."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from typing import Any

import httpx
import pytest

from modtui.connectors import Batch, ConnectorError
from modtui.connectors.discord.facts import Reader
from modtui.connectors.discord.gateway import Event
from modtui.connectors.discord.intake import Intake
from modtui.connectors.discord.state import Gathered, State
from modtui.connectors.http import decode_json
from modtui.domain.commands import Hide, Reply, SetSlowMode
from modtui.domain.outbox import Receipt
from tests.connectors.contract import Line
from tests.connectors.fakediscord import GUILD, REPORTS, TALK, FakeDiscord, link, user
from tests.connectors.fuzz import ODD, fault, places
from tests.connectors.platform import START
from tests.connectors.test_discord import Server, told
from tests.connectors.test_fuzz import Kept, plain
from tests.connectors.wire import read

FAULTS = 500
SLICES = 10
# The authorities of TLS take long to load, five hundred times.
LOCAL = "http://localhost/api/v10"
ON: dict[str, Any] = {"thread": 1, "revision": 1}
ENDPOINTS = (
    rf"GET .*/channels/{REPORTS}/messages$", rf"GET .*/channels/{TALK}/messages/",
    rf"GET .*/channels/{TALK}$", "GET .*/members/", "GET .*/guilds/100$", "GET .*/users/@me$",
    "GET .*/gateway/bot$",
)  # fmt: skip


def dealing(fake: FakeDiscord, seed: int) -> Any:
    dealt = fault(seed)

    def answer(request: httpx.Request) -> Any:
        document = fake.answer(request, request.url.path)
        whole = {} if isinstance(document, httpx.Response) else copy.deepcopy(document)
        return dealt.make(request, whole)

    return answer


async def attempt(fake: FakeDiscord, kept: Kept) -> ConnectorError | None:
    """Read once from the kept cursor on; return what ended it."""
    try:
        for batch in await told(fake, kept.cursor):
            kept.take(batch)
    except ConnectorError as error:
        plain(error)
        return error
    return None


@pytest.mark.parametrize("part", range(SLICES))
async def test_no_report_is_lost_to_any_fault_of_the_line(part: int) -> None:
    outcomes = set()
    for seed in range(part * FAULTS // SLICES, (part + 1) * FAULTS // SLICES):
        chance, fake, kept = random.Random(seed * 7919), FakeDiscord(url=LOCAL), Kept()
        fake.report("one")
        where = chance.choice(ENDPOINTS)
        fake.override[where] = dealing(fake, seed)
        try:
            ended = await attempt(fake, kept)
            fake.override.clear()
            fake.report("two")
            assert await attempt(fake, kept) is None
        except BaseException as error:
            error.add_note(f"seed {seed}: {fault(seed).name} at {where}")
            raise
        outcomes.add(type(ended).__name__)
        # What was torn may have been read as another report; a whole one is never passed over.
        assert len({key for _, key in kept.open}) >= 1, f"{fault(seed).name} at {where}"
        second = fake.messages[REPORTS][-1]["id"]
        assert any(second in key for _, key in kept.open), f"{fault(seed).name} at {where}"
    assert len(outcomes) > 2


@pytest.mark.parametrize("part", range(SLICES))
async def test_it_acts_or_says_why_not_under_any_fault(part: int) -> None:
    for seed in range(part * FAULTS // SLICES, (part + 1) * FAULTS // SLICES, 3):
        fake = FakeDiscord(url=LOCAL)
        subject = fake.report()
        line = Line(fake.connector(), await read(Server(fake)), subject, START)
        fake.override["(PUT|POST|DELETE|PATCH|GET) .*/channels"] = dealing(fake, seed)
        for command in (
            Reply(**ON, text="hello"),
            Hide(**ON, posts=(subject,), author=line.ref.author),
            SetSlowMode(**ON, seconds=5, until=None, reason="x"),
        ):
            try:
                assert isinstance(await line.connector.perform(line.ref, command, "k"), Receipt)
            except ConnectorError as error:
                plain(error)
            except BaseException as error:
                error.add_note(f"seed {seed}: {fault(seed).name} for {command.kind}")
                raise


def events(fake: FakeDiscord) -> list[Event]:
    said = fake.write(TALK, user("10"), "you lot")
    report = fake.write(REPORTS, user("20"), link(TALK, said["id"]))
    at = {"guild_id": GUILD, "channel_id": TALK, "message_id": said["id"], "user_id": "20"}
    caught = {**at, "rule_id": "55", "content": "x", "matched_keyword": "x", "action": {"type": 1}}
    return [
        Event("MESSAGE_CREATE", report, 1),
        Event("AUTO_MODERATION_ACTION_EXECUTION", caught, 2),
        Event("MESSAGE_REACTION_ADD", {**at, "emoji": {"name": "🚩", "id": None}}, 3),
        Event("MESSAGE_UPDATE", {**said, "edited_timestamp": said["timestamp"]}, 4),
        Event("THREAD_UPDATE", dict(fake.channels[TALK]), 5),
        Event("MESSAGE_DELETE_BULK", {"ids": [said["id"]], "channel_id": TALK}, 6),
        Event("MESSAGE_DELETE", {"id": report["id"], "channel_id": REPORTS}, 7),
    ]


@pytest.mark.parametrize("part", range(SLICES))
async def test_a_torn_event_is_set_aside_and_the_next_is_read(part: int) -> None:
    for seed in range(part * FAULTS // SLICES, (part + 1) * FAULTS // SLICES):
        chance, fake = random.Random(seed), FakeDiscord(url=LOCAL)
        connector = fake.connector(report_reaction="🚩")
        torn = copy.deepcopy(chance.choice(events(fake)))
        spots = [spot for spot in places(torn.data) if spot[1] != "guild_id"]
        container, key = chance.choice(spots)
        container[key] = chance.choice(ODD)[1](container[key])
        torn = replace(torn, data=decode_json(json.dumps(torn.data).encode())[0])
        whole = fake.write(REPORTS, user("21"), "help")
        intake = Intake(connector._api, connector._people, connector._sources, State())
        into, reader = Gathered(), await connector._reader()
        assert isinstance(reader, Reader)
        try:
            await connector._take(torn, intake, reader, into)
            await connector._take(Event("MESSAGE_CREATE", whole, 8), intake, reader, into)
        except BaseException as error:
            error.add_note(f"seed {seed}: {torn}")
            raise
        batch: Batch = into.batch(intake.state, caught_up=True)
        assert whole["id"] in {thread.subject for thread in batch.threads}
