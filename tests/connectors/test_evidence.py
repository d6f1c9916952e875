"""An act is done when the platform shows that it is, and a list is read where its words allow it:
each connector beside the contract."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import Absent, CannotTell, Rejected, ThreadRef, Unknown
from modtui.connectors.discord.api import Api
from modtui.connectors.discord.intake import Intake
from modtui.connectors.discord.people import People
from modtui.connectors.discord.state import Sources, State
from modtui.connectors.discourse.connector import Discourse
from modtui.connectors.discourse.reading import moment_ahead
from modtui.connectors.http import Http, site_of
from modtui.domain.commands import (
    Capability,
    Dismiss,
    DoExtra,
    Extra,
    Hide,
    LiftSanction,
    Reply,
    Sanction,
    SanctionKind,
    Unlock,
)
from tests.connectors import test_discord as discord
from tests.connectors import test_discourse as discourse
from tests.connectors import test_mastodon as mastodon
from tests.connectors import test_reddit_acting as reddit
from tests.connectors.contract import ON
from tests.connectors.fakediscord import TALK, FakeDiscord
from tests.connectors.fakediscourse import FakeDiscourse
from tests.connectors.fakegithub import REPO, FakeGitHub
from tests.connectors.fakemastodon import FakeMastodon, account, status
from tests.connectors.fakereddit import FakeReddit
from tests.connectors.fakesynapse import ROOM, FakeSynapse, message, report
from tests.connectors.platform import START

PORTAL = httpx.Response(200, text="<html>log in to this network</html>")


# Mastodon
async def test_a_report_that_stands_as_it_was_was_not_decided_on() -> None:
    fake = FakeMastodon()
    one = await mastodon.line(fake)
    keep, again = Dismiss(**ON, flags=one.flags), DoExtra(**ON, extra=Extra.REOPEN)
    before = dict(fake.reports[0])
    fake.override["POST .*/(resolve|reopen)"] = lambda request: dict(fake.reports[0])
    with pytest.raises(Rejected, match="as it was"):
        await one.connector.perform(one.ref, keep, "k")
    fake.reports[0]["action_taken"] = True
    with pytest.raises(Rejected, match="as it was"):
        await one.connector.perform(one.ref, again, "k")
    fake.reports[0] |= before
    fake.override["POST .*/(resolve|reopen)"] = lambda request: PORTAL
    with pytest.raises(Unknown):
        await one.connector.perform(one.ref, keep, "k")


async def test_an_account_that_stands_as_it_was_was_not_acted_on() -> None:
    fake = FakeMastodon()
    one = await mastodon.line(fake)
    author = one.ref.author
    given = Sanction(**ON, sanction=SanctionKind.MUTE, author=author, reason="rude")
    lift = LiftSanction(**ON, sanction=SanctionKind.MUTE, author=author)
    fake.override["POST .*/(action|unsilence)"] = lambda request: {}
    with pytest.raises(Rejected, match="as it was"):
        await one.connector.perform(one.ref, given, "k")
    fake.people[author]["silenced"] = True
    with pytest.raises(Rejected, match="as it was"):
        await one.connector.perform(one.ref, lift, "k")


async def test_notifications_that_cannot_be_read_hide_none_that_come_after() -> None:
    fake = FakeMastodon(mentions=[{"id": "100", "status": None}])
    fake.report()
    cursor = (await mastodon.told(fake)).cursor
    fake.mentions += [{"id": str(number), "status": "?"} for number in range(101, 181)]
    author = fake.people["1001"]["account"]
    fake.mentions.append({"id": "1000", "status": status(31, author, "@mod but why?")})
    batch = await mastodon.told(fake, cursor)
    assert [post.text for post in batch.posts] == ["@mod but why?"]
    assert len(batch.broken) == 80
    assert not (await mastodon.told(fake, batch.cursor)).broken


async def test_a_post_that_cannot_be_read_may_be_the_one_that_is_looked_for() -> None:
    fake = FakeMastodon()
    one = await mastodon.line(fake)
    said = status(90001, {**account(1), "acct": "mod"}, "another")
    old = status(90000, {**account(1), "acct": "mod"}, "old", created_at="2026-01-01T00:00:00Z")
    for rows, strong in (([said, old], True), ([said, {"id": 5}, old], False)):
        fake.override["GET .*/statuses$"] = lambda request, rows=rows: list(rows)
        command = Reply(**ON, text="mine")
        found = await one.connector.find(one.ref, command, START, frozenset())
        assert found == Absent(strong=strong)


# GitHub
async def test_a_label_that_is_still_there_was_not_taken_off() -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    connector = fake.connector(labels=["help"])
    keep, ref = Dismiss(**ON, flags=("label: help",)), ThreadRef(topic, REPO, "x")
    left: dict[str, Any] = {"labelable": {"labels": {"nodes": [{"id": "L_help", "name": "help"}]}}}
    for answer, error in ((left, Rejected), ({"labelable": None}, Unknown)):
        fake._removeLabelsFromLabelable = lambda asked, a=answer: a  # type: ignore[method-assign]
        with pytest.raises(error, match="label"):
            await connector.perform(ref, keep, "k")


async def test_a_list_of_issues_that_goes_in_a_circle_is_an_error() -> None:
    fake = FakeGitHub()
    fake.issue()
    circle = {"Link": f'<{fake.url}/repos/{REPO}/issues?page=2>; rel="next"'}
    fake.override["/issues$"] = lambda request: httpx.Response(
        200, json=list(fake.issues), headers=circle
    )
    with pytest.raises(Rejected, match="in a circle"):
        await anext(fake.connector().updates(None))
    assert fake.asked("/issues$") < 5


# Reddit
async def test_modmail_that_stays_open_and_reports_that_go_on_counting_are_told() -> None:
    fake = FakeReddit()
    conversation = fake.write("Why me?")
    one = await reddit.line(fake, f"modmail_{conversation}")
    fake.override["POST .*/archive"] = lambda request: {}
    with pytest.raises(Rejected, match="is not archived"):
        await one.connector.perform(one.ref, Dismiss(**ON, flags=one.flags), "k")
    other = await reddit.line(fake)
    fake.override["POST /api/ignore_reports"] = lambda request: {}
    keep = Dismiss(**ON, flags=other.flags, posts=(other.subject,), further=True)
    with pytest.raises(Rejected, match="still not free of later reports"):
        await other.connector.perform(other.ref, keep, "k")


# Discourse
async def test_the_version_of_an_item_is_let_go_with_it() -> None:
    fake = FakeDiscourse()
    one = await discourse.line(fake)
    forum = one.connector
    assert isinstance(forum, Discourse)
    steps = forum.updates(None)
    await anext(steps)
    assert "1" in forum._told
    fake.row("1")["status"] = 2
    # Its answers are followed for a week.
    for number in range(24):
        fake.now += timedelta(days=8 * (number == 12))
        await anext(steps)
    await steps.aclose()  # type: ignore[attr-defined]
    assert "1" not in forum._told


def test_a_time_without_a_zone_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Almaty")
    time.tzset()
    try:
        assert moment_ahead("2026-11-21T06:00:00") == datetime(2026, 11, 21, 6, tzinfo=UTC)
        assert moment_ahead("2026-11-21T06:00:00+02:00") == datetime(2026, 11, 21, 4, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_a_topic_that_stays_closed_was_not_opened() -> None:
    fake = FakeDiscourse()
    one = await discourse.line(fake)
    for topic in fake.topics.values():
        topic["closed"] = True
    fake.override["PUT .*/status"] = lambda request: {"success": "OK"}
    with pytest.raises(Rejected, match="left the topic closed"):
        await one.connector.perform(one.ref, Unlock(**ON), "k")


# Discord
async def test_a_timeout_that_stands_was_not_ended() -> None:
    fake = FakeDiscord()
    one = await discord.line(fake)
    author = one.ref.author
    until = (START + timedelta(hours=1)).isoformat()
    fake.members[author]["communication_disabled_until"] = until
    lift = LiftSanction(**ON, sanction=SanctionKind.MUTE, author=author)
    fake.override["PATCH .*/members/"] = lambda request: fake.members[author]
    with pytest.raises(Rejected, match="the timeout is as it was"):
        await one.connector.perform(one.ref, lift, "k")
    fake.override["PATCH .*/members/"] = lambda request: []
    with pytest.raises(Unknown, match="showed no member"):
        await one.connector.perform(one.ref, lift, "k")


async def test_what_never_was_in_the_chat_is_not_called_deleted() -> None:
    fake = FakeDiscord()
    one = await discord.line(fake)
    assert Capability.HIDE in one.connector.capabilities.offers
    hide = Hide(**ON, posts=("automod/1",), author="31")
    ref = ThreadRef("automod/1", TALK, "31")
    assert "no message to delete" in (await one.connector.perform(ref, hide, "k")).evidence
    assert not fake.asked("DELETE")


async def test_no_more_than_the_latest_thousand_places_are_remembered() -> None:
    fake = FakeDiscord()
    api = Api(Http(site_of(fake.environment(), {})), lambda: START)
    intake = Intake(api, People(api, "1", (), ()), Sources("1"), State())
    fake.override["GET /channels/"] = lambda request: {"id": request.url.path.split("/")[-1]}
    for number in range(10_000, 11_100):
        assert (await intake.place(str(number))).id == str(number)
    assert len(intake._places) == 1000
    assert "11099" in intake._places


# Matrix
@pytest.mark.parametrize("event", [{"type": 5}, {"unsigned": {"redacted_because": {"type": 5}}}])
async def test_a_removed_post_that_cannot_be_read_leaves_it_open(event: dict[str, Any]) -> None:
    fake = FakeSynapse()
    fake.override["GET .*/event/"] = lambda request: {**message("x", event_id="$x"), **event}
    ref, hide = ThreadRef("$x", ROOM, "@a:ours.test"), Hide(**ON, posts=("$x",), author="@a:o")
    told = await fake.connector().find(ref, hide, START, frozenset())
    assert isinstance(told, CannotTell)


async def test_a_page_is_followed_also_where_its_number_is_text() -> None:
    ids = [f"$e{number}" for number in range(5)]
    fake = FakeSynapse(
        reports=[report(number, event) for number, event in enumerate(ids, 1)],
        events={event: message("x") for event in ids},
        page=2,
    )
    rows = fake._rows

    def in_text(name: str, listed: list[Any], start: int) -> Any:
        answer = rows(name, listed, start)
        assert isinstance(answer, dict)
        return answer | {k: str(v) for k, v in answer.items() if k == "next_token"}

    fake._rows = in_text  # type: ignore[method-assign]
    batch = await anext(fake.connector().updates(None))
    assert {thread.subject for thread in batch.threads} == set(ids)
    assert batch.open_now is not None
