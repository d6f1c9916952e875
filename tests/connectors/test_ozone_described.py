"""Whatever is asked of Ozone, held against its official lexicons."""

from __future__ import annotations

from typing import Any

import pytest

from modtui.domain.commands import Capability, Dismiss, Hide, LiftSanction, Sanction, SanctionKind
from tests.connectors.contract import ON, Line
from tests.connectors.fakeozone import FakeOzone
from tests.connectors.lexicons import Lexicons, lexicons
from tests.connectors.platform import START
from tests.connectors.test_ozone import Labeler
from tests.connectors.wire import read

PREFIX = "tools.ozone."
TEMPLATE = {"id": "1", "name": "warn", "contentMarkdown": "No links.", "disabled": False}


@pytest.fixture
def described() -> Lexicons:
    return lexicons()


async def everything() -> FakeOzone:
    """A labeler of which everything was asked that this connector ever asks."""
    fake = FakeOzone(templates=[TEMPLATE])
    subject, appealed = fake.report(), fake.report()
    fake.report(account=True)
    row = fake.status(appealed)
    assert row is not None
    row["appealed"] = True
    batches = await read(Labeler(fake))
    connector = fake.connector(
        templates=["spam=warn"], labels=["nudity=porn"], tags=["spam=wave"], notes="ozone"
    )
    await connector.identity()
    await anext(connector.updates(None))
    line = Line(connector, batches, subject, START)
    await connector.context(line.ref)
    # What is decided on has no open reports any more that could be assigned.
    first = Capability.ASSIGN
    for capability in (first, *(set(connector.capabilities.offers) - {first})):
        for number, command in enumerate(line.commands(capability)):
            await connector.perform(line.ref, command, f"{capability}{number}")
    other = Line(connector, batches, appealed, START)
    author = other.ref.author
    warn = Sanction(**ON, sanction=SanctionKind.WARN, author=author, rule="spam")
    hide = Hide(**ON, posts=other.posts, author=author, rule="nudity")
    dismiss = Dismiss(**ON, flags=other.flags)
    lift = LiftSanction(**ON, sanction=SanctionKind.MUTE, author=author, expect="event 1")
    for number, command in enumerate((dismiss, warn, hide, lift)):
        await connector.perform(other.ref, command, f"more{number}")
    return fake


def asked(fake: FakeOzone, verb: str) -> list[tuple[str, Any]]:
    """Return the requests to Ozone, each with its body or its parameters."""
    found = []
    for call in fake.calls:
        method = call.path.rpartition("/")[2]
        if call.method == verb and method.startswith(PREFIX):
            params = call.url.params
            query = {name: params.get_list(name) for name in params}
            found.append((method, call.body if verb == "POST" else query))
    return found


async def test_every_write_is_as_it_is_described(described: Lexicons) -> None:
    fake = await everything()
    kinds = set()
    for method, body in asked(fake, "POST"):
        described.check_input(method, body)
        kinds.add(body["event"]["$type"].rpartition("#modEvent")[2] if "event" in body else method)
    assert kinds == {
        "Acknowledge", "Comment", "Divert", "Email", "Escalate", "Label", "Mute", "MuteReporter",
        "PriorityScore", "ResolveAppeal", "ReverseTakedown", "Tag", "Takedown", "Unmute",
        "UnmuteReporter", f"{PREFIX}report.assignModerator",
        f"{PREFIX}report.unassignModerator",
    }  # fmt: skip


async def test_every_question_is_as_it_is_described(described: Lexicons) -> None:
    fake = await everything()
    asked_for = asked(fake, "GET")
    for method, params in asked_for:
        described.check_params(method, params)
    assert len({method for method, _ in asked_for}) >= 7


def test_what_is_not_described_fails(described: Lexicons) -> None:
    event = {"$type": "tools.ozone.moderation.defs#modEventMute", "durationInHours": 1}
    subject = {"$type": "com.atproto.admin.defs#repoRef", "did": "did:plc:a"}
    right = {"event": event, "subject": subject, "createdBy": "did:plc:me"}
    method = f"{PREFIX}moderation.emitEvent"
    described.check_input(method, right)
    for wrong in (
        {**right, "createdBy": "me"},
        {**right, "until": 3},
        {**right, "event": {**event, "durationInHours": 1.5}},
        {**right, "event": {"$type": event["$type"]}},
        {**right, "subject": {**subject, "$type": "app.bsky.feed.post"}},
    ):
        with pytest.raises(AssertionError):
            described.check_input(method, wrong)
    with pytest.raises(AssertionError, match="there is no"):
        described.check_input(f"{PREFIX}moderation.shout", right)
