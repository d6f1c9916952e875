"""Five hundred torn events of Discord's gateway: nothing is lost, nothing breaks."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace

import pytest

from modtui.connectors import Batch
from modtui.connectors.decoding import decode_json
from modtui.connectors.discord.facts import Reader
from modtui.connectors.discord.gateway import Event
from modtui.connectors.discord.intake import Intake
from modtui.connectors.discord.state import State
from modtui.connectors.gathered import Gathered
from tests.connectors.fakediscord import GUILD, REPORTS, TALK, FakeDiscord, link, user
from tests.connectors.faults import LOCAL, SLICES, seeds
from tests.connectors.fuzz import ODD, places

URL = f"{LOCAL}/api/v10"


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
    for seed in seeds(part):
        chance, fake = random.Random(seed), FakeDiscord(url=URL)
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
