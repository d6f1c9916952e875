"""Every write of the discourse connector is described, officially or from the forum's source."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from modtui.domain.commands import (
    Assign,
    Dismiss,
    Hide,
    LiftSanction,
    Restore,
    Sanction,
    SanctionKind,
    SetSlowMode,
)
from tests.connectors.discourse_source import ACTIONS, WARNING, action, check
from tests.connectors.fakediscourse import TOPIC, FakeDiscourse
from tests.connectors.openapi import described
from tests.connectors.test_discourse import line
from tests.connectors.test_discourse_acting import AT_SIX, ON, WRITES

MORE: tuple[Any, ...] = (
    SetSlowMode(**ON, seconds=60, until=AT_SIX, reason="heated"),
    SetSlowMode(**ON, seconds=0, until=None, reason="calm"),
    Assign(**ON, on=True),
    Assign(**ON, on=False),
    Sanction(**ON, sanction=SanctionKind.MUTE, author="1001", seconds=86_400, reason="x"),
    LiftSanction(**ON, sanction=SanctionKind.MUTE, author="1001"),
    LiftSanction(**ON, sanction=SanctionKind.BAN, author="1001"),
    Hide(**ON, posts=("20000",), author="1001"),
    Restore(**ON, posts=("20000",)),
    Restore(**ON, posts=("20001",)),
)


async def everything() -> FakeDiscourse:
    """A forum in which all was done that there is to do."""
    fake = FakeDiscourse(claiming="required")
    one = await line(fake)
    fake.say(5001, "another", TOPIC)
    for command in (*WRITES, *MORE):
        await one.connector.perform(one.ref, command, "k")
        fake.now += timedelta(minutes=1)
    held = await line(fake, fake.hold("first post"))
    await held.connector.perform(held.ref, Dismiss(**ON, flags=("7002",), approve=True), "k")
    return fake


async def test_every_write_is_described_or_read_from_the_source() -> None:
    description = described("discourse-openapi.json")
    fake, known = await everything(), set()
    for call in (call for call in fake.calls if call.method != "GET"):
        one = action(call.method, call.path)
        if one is not None:
            assert not description.knows(call.method, call.path)
            check(one, call.body)
            known.add(one.source)
            continue
        body = {name: value for name, value in (call.body or {}).items() if name != WARNING}
        description.check(call.method, call.path, body or None)
    assert known == {one.source for one in ACTIONS}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/review/1/perform/ignore.json", {}),
        ("PUT", "/review/1/perform/ignore.json", {"version": "1", "reason": "x"}),
        ("POST", "/reviewable_claimed_topics.json", {"topic_id": 12}),
        ("PUT", "/t/12/slow_mode.json", {"enabled_until": AT_SIX.isoformat()}),
        ("PUT", "/t/12/slow_mode.json", {"seconds": "60", "enabled_until": "18:00"}),
    ],
)
def test_what_the_source_does_not_take_is_seen(method: str, path: str, body: Any) -> None:
    one = action(method, path)
    assert one is not None
    with pytest.raises(jsonschema.ValidationError):
        check(one, body)


def test_a_body_where_none_is_taken_is_seen() -> None:
    one = action("PUT", "/posts/1/unhide.json")
    assert one is not None
    with pytest.raises(AssertionError, match="takes no body"):
        check(one, {"reason": "x"})
