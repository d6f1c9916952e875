"""What channels of Discord give and take, and how login says so."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from modtui.connectors.discord.people import HISTORY, REACT, SEND, SEND_IN_THREADS, VIEW
from modtui.connectors.discord.places import Member, Overwrite, in_channel
from modtui.domain.commands import Capability
from tests.connectors.fakediscord import (
    ALERTS,
    ALL,
    FORUM,
    GUILD,
    ME,
    REPORTS,
    TALK,
    FakeDiscord,
    refused,
)

BOTS = "901"


def change(who: str, *, allow: int = 0, deny: int = 0) -> dict[str, Any]:
    kind = 1 if who == ME else 0
    return {"id": who, "type": kind, "allow": str(allow), "deny": str(deny)}


def limited(**channels: list[dict[str, Any]]) -> FakeDiscord:
    fake = FakeDiscord()
    names = {"reports": REPORTS, "alerts": ALERTS, "forum": FORUM, "talk": TALK}
    for name, overwrites in channels.items():
        fake.channels[names[name]]["permission_overwrites"] = overwrites
    return fake


@pytest.mark.parametrize(
    ("overwrites", "has"),
    [
        ([], VIEW | SEND),
        ([change(GUILD, deny=SEND)], VIEW),
        # A role beats everyone, whatever the order of the list.
        ([change(BOTS, allow=SEND), change(GUILD, deny=SEND)], VIEW | SEND),
        # Among roles what is allowed wins.
        ([change(BOTS, allow=SEND), change("902", deny=SEND)], VIEW | SEND),
        ([change(BOTS, deny=SEND)], VIEW),
        # The member beats their roles.
        ([change(BOTS, deny=SEND), change(ME, allow=SEND)], VIEW | SEND),
        ([change(ME, deny=SEND), change(BOTS, allow=SEND)], VIEW),
        # A role that is not held changes nothing.
        ([change("903", deny=SEND)], VIEW | SEND),
        # Who does not see it can do nothing there.
        ([change(GUILD, deny=VIEW), change(BOTS, allow=SEND)], 0),
    ],
)
def test_overwrites_come_in_discords_order(overwrites: list[dict[str, Any]], has: int) -> None:
    member = Member(ME, frozenset({BOTS, "902"}), VIEW | SEND, GUILD)
    told = [Overwrite(one["id"], one["allow"], one["deny"]) for one in overwrites]
    assert in_channel(member, told) == has


def test_an_administrator_is_denied_nothing() -> None:
    member = Member(ME, frozenset(), 1 << 3, GUILD)
    assert in_channel(member, [Overwrite(GUILD, deny=str(VIEW))]) & (VIEW | SEND) == VIEW | SEND


async def test_the_channel_that_lacks_something_is_named_with_what_it_lacks() -> None:
    fake = limited(reports=[change(BOTS, deny=HISTORY | REACT)], alerts=[change(GUILD, deny=VIEW)])
    connector = fake.connector(forum_channel=FORUM)
    who = await connector.identity()
    assert who.cannot == (
        "in #reports: read what was said, mark reports as done"
        " (it lacks Read Message History, Add Reactions there)",
        "in #alerts: see the channels (it lacks View Channels there)",
    )
    assert who.ask == (
        "@modtui needs on Ours: Read Message History in #reports, View Channels in #alerts"
    )
    # The forum is left to mark its posts in.
    assert Capability.DISMISS in connector.capabilities.offers


async def test_where_no_report_can_be_marked_keep_is_off_and_says_why() -> None:
    fake = limited(reports=[change(ME, deny=REACT)], alerts=[change(BOTS, deny=REACT)])
    connector = fake.connector()
    await connector.identity()
    assert "Add Reactions" in connector.capabilities.missing[Capability.DISMISS]
    again = fake.connector()
    steps = again.updates(None)
    await anext(steps)
    await steps.aclose()  # type: ignore[attr-defined]
    assert Capability.DISMISS not in again.capabilities.offers


async def test_what_only_a_channel_gives_is_offered_and_asked_for_elsewhere() -> None:
    fake = limited(
        reports=[change(ME, allow=VIEW | HISTORY | SEND | REACT)],
        alerts=[change(BOTS, allow=VIEW | HISTORY | REACT)],
    )
    fake.permissions = ALL & ~(HISTORY | SEND | REACT)
    connector = fake.connector()
    who = await connector.identity()
    assert "reply in #reports" in who.can
    assert "reply elsewhere (its roles lack Send Messages)" in who.cannot
    assert not [one for one in who.cannot if one.startswith("in #")]
    assert who.ask == ""
    assert {Capability.REPLY, Capability.DISMISS} <= set(connector.capabilities.offers)


async def test_a_thread_has_what_its_channel_has() -> None:
    fake = limited(reports=[change(BOTS, deny=SEND_IN_THREADS)])
    fake.channels[TALK]["parent_id"] = REPORTS
    listed = [one for one in fake.channels.values() if one["id"] != TALK]
    fake.override["GET .*/guilds/100/channels$"] = lambda request: httpx.Response(200, json=listed)
    who = await fake.connector(report_channel=TALK).identity()
    assert who.cannot == ("in #talk: reply in threads (it lacks Send Messages in Threads there)",)


async def test_a_channel_that_is_not_there_is_said() -> None:
    who = await FakeDiscord().connector(alert_channel="999").identity()
    assert who.cannot == ("find channel 999 on the server (check its id)",)


async def test_a_server_that_does_not_list_its_channels_is_read_all_the_same() -> None:
    fake = FakeDiscord()
    fake.override["GET .*/guilds/100/channels$"] = lambda request: refused(403, 50001, "Missing")
    who = await fake.connector().identity()
    assert (who.cannot, who.ask) == ((), "")
