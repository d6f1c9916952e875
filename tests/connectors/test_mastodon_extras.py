"""Reopen, sensitive and disable on Mastodon, and what ends them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modtui.connectors import Rejected
from modtui.connectors.evidence import SO_ALREADY
from modtui.domain.commands import Capability, Dismiss, DoExtra, Extra
from tests.connectors.contract import ON
from tests.connectors.fakemastodon import FakeMastodon
from tests.connectors.test_mastodon import line, told


@pytest.mark.parametrize(
    ("extra", "field", "verb", "end"),
    [
        (Extra.SENSITIVE_MEDIA, "sensitized", "sensitive", "unsensitive"),
        (Extra.FREEZE, "disabled", "disable", "enable"),
    ],
)
async def test_an_account_is_restrained_and_released_by_mastodons_own_words(
    extra: Extra, field: str, verb: str, end: str
) -> None:
    fake = FakeMastodon()
    one = await line(fake)
    on, off = (DoExtra(**ON, extra=extra, on=on, reason="hijacked") for on in (True, False))
    person = fake.people[one.ref.author]
    assert (await one.connector.perform(one.ref, off, "0")).evidence == "it was over already"
    await one.connector.perform(one.ref, on, "1")
    assert person[field] is True
    assert (await one.connector.perform(one.ref, on, "2")).evidence == SO_ALREADY
    (action,) = fake.actions
    assert (action["type"], action["text"], action["report_id"]) == (verb, "hijacked", "1")
    # What is written for the others as well as for the author must not come as a surprise.
    assert action["send_email_notification"] == "true"
    detail = one.connector.capabilities.offers[Capability(extra.value)].detail
    assert "the author reads the reason in an e-mail" in detail
    await one.connector.perform(one.ref, off, "3")
    assert person[field] is False
    assert fake.asked(f"POST .*/{end}$") == 1


async def test_nobody_of_another_server_can_be_frozen() -> None:
    fake = FakeMastodon()
    one = await line(fake)
    fake.people[one.ref.author]["domain"] = "else.test"
    with pytest.raises(Rejected, match="only an account of this server"):
        await one.connector.perform(one.ref, DoExtra(**ON, extra=Extra.FREEZE), "k")
    assert not fake.actions


async def test_a_report_that_was_resolved_is_reopened_and_told_anew() -> None:
    fake = FakeMastodon()
    one = await line(fake)
    reopen = DoExtra(**ON, extra=Extra.REOPEN)
    assert (await one.connector.perform(one.ref, reopen, "0")).evidence == SO_ALREADY
    await one.connector.perform(one.ref, Dismiss(**ON, flags=one.flags), "1")
    closed = await told(fake, one.batches[-1].cursor)
    assert closed.open_now == frozenset()
    await one.connector.perform(one.ref, reopen, "2")
    again = await told(fake, closed.cursor)
    assert [thread.subject for thread in again.threads] == [one.subject]
    assert [flag.key for flag in again.flags] == list(one.flags)
    await one.connector.perform(one.ref, replace(reopen, on=False), "3")
    assert fake.reports[0]["action_taken"]
    assert (fake.asked("POST .*/reopen"), fake.asked("POST .*/resolve")) == (1, 2)


async def test_freezing_needs_what_limiting_needs() -> None:
    fake = FakeMastodon(scopes=["read", "admin:read", "admin:write:reports"])
    connector = fake.connector()
    await connector.identity()
    offers, missing = connector.capabilities.offers, connector.capabilities.missing
    assert Capability.REOPEN in offers
    for each in (Capability.FREEZE, Capability.SENSITIVE_MEDIA, Capability.MUTE):
        assert "admin:write:accounts" in missing[each]


@pytest.mark.parametrize(
    "capability",
    [Capability.MUTE, Capability.BAN, Capability.SENSITIVE_MEDIA, Capability.FREEZE],
)
async def test_that_nobody_tells_who_acted_is_said_before_it_is_ended(
    capability: Capability,
) -> None:
    one = await line(FakeMastodon())
    untold = one.connector.capabilities.offers[capability].untold
    assert untold.startswith("Mastodon does not tell who acted on an account")
