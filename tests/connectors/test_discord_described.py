"""Whatever is asked of Discord, held against Discord's own description of its API."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from jsonschema import ValidationError

from modtui.domain.commands import Capability, Dismiss, Hide
from tests.connectors.contract import Line
from tests.connectors.fakediscord import FORUM, FakeDiscord, user
from tests.connectors.openapi import Described, described
from tests.connectors.platform import START
from tests.connectors.wire import Stage, read

WRITES = {
    ("POST", "messages"), ("POST", "channels"), ("DELETE", "messages"), ("PUT", "reactions"),
    ("PATCH", "channels"), ("PATCH", "members"), ("DELETE", "members"), ("PUT", "bans"),
    ("DELETE", "bans"), ("PATCH", "requests"),
}  # fmt: skip

PLAIN = "a moderator's decision"
REASONS = {
    ("POST", "messages", PLAIN), ("POST", "channels", PLAIN), ("PUT", "reactions", PLAIN),
    ("PATCH", "channels", "heated"), ("PATCH", "channels", "calm again"),
    ("PATCH", "members", "rule 1"), ("PATCH", "members", PLAIN),
    ("DELETE", "messages", "rule 1"), ("DELETE", "members", "rule 1"), ("PUT", "bans", "rule 1"),
    ("DELETE", "bans", "the ban is over"),
    ("PATCH", "requests", "rule 1"), ("PATCH", "requests", PLAIN),
}  # fmt: skip


class Server(Stage):
    def __init__(self, fake: FakeDiscord) -> None:
        self.platform = fake

    def connect(self) -> object:  # type: ignore[override]
        fake = self.platform
        assert isinstance(fake, FakeDiscord)
        return fake.connector(forum_channel=FORUM)


@pytest.fixture
def api() -> Described:
    return described("discord-openapi.json")


async def everything() -> FakeDiscord:
    """A platform of which everything was asked that this connector ever asks."""
    fake = FakeDiscord()
    subject = fake.report()
    fake.write("500", user("20"), "help")
    fake.alert("spin")
    requests = [f"join/{fake.ask()}", f"join/{fake.ask()}"]
    batches = await read(Server(fake))
    line = Line(fake.connector(), batches, subject, START)
    await line.connector.identity()
    await line.connector.context(line.ref)
    for capability in line.connector.capabilities.offers:
        commands = line.commands(capability)
        for number, command in enumerate(commands):
            await line.connector.perform(line.ref, command, f"{capability}{number}")
            await line.connector.find(line.ref, command, START - timedelta(1), frozenset())
    for number, post in enumerate(requests):
        let_in = Dismiss(thread=1, revision=1, flags=(post,), posts=(post,), approve=True)
        out = Hide(thread=1, revision=1, posts=(post,), author="9", reason="rule 1")
        await line.connector.perform(line.ref, (let_in, out)[number], post)
    assert set(line.connector.capabilities.offers) > {Capability.SLOW_MODE, Capability.BAN}
    return fake


async def test_every_write_is_as_it_is_described(api: Described) -> None:
    fake = await everything()
    kinds = set()
    for method, path, body in fake.writes:
        api.check(method, path, body)
        names = [part for part in path.split("/") if part.isalpha()]
        kinds.add((method, names[-1]))
    assert kinds == WRITES


async def test_every_write_has_its_reason_for_the_audit_log() -> None:
    fake = await everything()
    given = {
        (method, next(part for part in reversed(path.split("/")) if part.isalpha()), unquote(why))
        for (method, path, _), why in zip(fake.writes, fake.reasons, strict=True)
    }
    assert given == REASONS


async def test_every_read_asks_what_is_described(api: Described) -> None:
    fake = await everything()
    for call in fake.calls:
        if call.method == "GET":
            path = call.path.removeprefix("/api/v10")
            assert set(call.url.params) <= api.parameters("GET", path)


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x", "nonce": "n" * 26},
        {"content": "x", "allowed_mentions": {"parse": ["nobody"]}},
        {"content": "x", "allowed_mentions": [], "tts": 3},
    ],
)
def test_what_is_not_as_described_is_seen(api: Described, body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        api.check("POST", "/channels/5/messages", body)


@pytest.mark.parametrize("body", [{"action": "LET_IN"}, {"rejection_reason": "x" * 161}])
def test_a_decision_that_is_not_as_described_is_seen(api: Described, body: dict[str, str]) -> None:
    api.check("PATCH", "/guilds/5/requests/6", {"action": "REJECTED"})
    with pytest.raises(ValidationError):
        api.check("PATCH", "/guilds/5/requests/6", body)


def test_a_property_that_is_not_described_is_seen(api: Described) -> None:
    with pytest.raises(AssertionError, match="no_such"):
        api.check("PATCH", "/channels/5", {"no_such": 1})
    with pytest.raises(AssertionError, match="there is no"):
        api.check("PUT", "/channels/5/messages", {})
