"""The mastodon connector against a stand-in of ours: its traps, and the two suites."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import Batch, Connector, Rejected, Unknown, Unsupported
from modtui.connectors.evidence import SO_ALREADY
from modtui.domain.commands import (
    Assign,
    Audience,
    Capability,
    Dismiss,
    Hide,
    LiftSanction,
    Reply,
    Sanction,
    SanctionKind,
)
from modtui.domain.model import Role, Severity
from tests.connectors.contract import ConnectorContract, Line
from tests.connectors.fakemastodon import ME, FakeMastodon, account, stamp, status
from tests.connectors.far import OverHttp
from tests.connectors.faults import LOCAL, FaultContract
from tests.connectors.outcomes import HttpOutcomeContract
from tests.connectors.platform import START, Answer
from tests.connectors.wire import Stage, WireContract, read

ON: dict[str, Any] = {"thread": 1, "revision": 1}


class Server(Stage):
    listing = "GET .*/admin/reports$"
    posting = "POST .*/statuses$"
    limits = ({"Retry-After": "30"}, {"X-RateLimit-Reset": "2026-11-21T03:04:00.123456Z"})

    def __init__(self) -> None:
        self.platform: FakeMastodon = FakeMastodon()

    def connect(self) -> Connector:
        return self.platform.connector()

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        return tuple(self.platform.report(text) for _ in range(count))

    def spoil(self, item: Any) -> None:
        self.platform.reports.append(item)

    def garble(self, subject: str) -> bool:
        self.row(subject)["target_account"] = 7
        return True

    def efface(self, subject: str) -> bool:
        rows = self.platform.reports
        rows[rows.index(self.row(subject))] = {"odd": f"once {subject}"}
        return True

    def drop(self, subject: str) -> None:
        self.platform.reports.remove(self.row(subject))

    def row(self, subject: str) -> dict[str, Any]:
        return next(row for row in self.platform.reports if row.get("id") == subject)

    def leads_to(self, url: str) -> Answer | None:
        rows = [dict(row) for row in self.platform.reports]
        return httpx.Response(200, json=rows or [{}], headers={"Link": f'<{url}>; rel="next"'})


class TestWire(WireContract):
    kind = "mastodon"

    @pytest.fixture
    def stage(self) -> Stage:
        return Server()


class TestFaults(FaultContract):
    kind = "mastodon"
    endpoints = ("/admin/reports$", "/notifications$", "_credentials$", "/admin/", "GET")

    def stage(self) -> Server:
        return _stage(FakeMastodon(url=LOCAL))


class TestContract(HttpOutcomeContract, ConnectorContract):
    kind = "mastodon"
    limits = Server.limits

    async def fresh(self) -> Line:
        fake = FakeMastodon()
        subject, _ = fake.report("rude"), fake.report("rude")
        batches = await read(_stage(fake))

        def seize() -> None:
            fake.assign(subject, "77", "jane")

        return Line(fake.connector(), batches, subject, START, seize, OverHttp(fake))


def _stage(fake: FakeMastodon) -> Server:
    stage = Server()
    stage.platform = fake
    return stage


async def told(fake: FakeMastodon, cursor: str | None = None) -> Batch:
    (batch,) = await read(_stage(fake), cursor)
    return batch


async def line(fake: FakeMastodon) -> Line:
    """A connector that has read one report."""
    subject = fake.report()
    return Line(fake.connector(), [await told(fake)], subject, START)


async def test_a_report_is_a_thread_with_its_reason_and_its_posts() -> None:
    fake = FakeMastodon()
    fake.report("buy spins", category="spam", rules=[])
    fake.report("leak", category="legal", rules=[])
    fake.report("rude", rules=[{"id": "1", "text": "Be kind"}], statuses=[])
    batch = await told(fake)
    assert [flag.reason for flag in batch.flags] == ["Be kind", "illegal content", "spam"]
    assert [t.severity for t in batch.threads] == [Severity.NORMAL, Severity.HIGH, Severity.NORMAL]
    assert batch.threads[0].title == "report on @rude3"
    assert batch.threads[2].title == "buy spins"
    assert batch.threads[2].url == "https://ours.test/admin/reports/1"
    assert {channel.name for channel in batch.channels} == {"ours.test"}
    assert batch.open_now == {("1", "1"), ("2", "2"), ("3", "3")}


async def test_what_is_resolved_elsewhere_is_open_no_more() -> None:
    fake = FakeMastodon()
    fake.report()
    fake.report()
    cursor = (await told(fake)).cursor
    fake.reports[0]["action_taken"] = True
    batch = await told(fake, cursor)
    assert (batch.threads, batch.open_now) == ((), {("2", "2")})


async def test_a_report_that_changed_is_told_again() -> None:
    fake = FakeMastodon()
    fake.report()
    cursor = (await told(fake)).cursor
    fake.reports[0] |= {"updated_at": stamp(1), "comment": "and again"}
    assert [flag.note for flag in (await told(fake, cursor)).flags] == ["and again"]


async def test_more_than_a_page_is_read_to_its_end_every_five_minutes() -> None:
    fake = FakeMastodon()
    for _ in range(250):
        fake.report()
    connector = fake.connector()
    steps = connector.updates(None)
    whole = []
    for _ in range(7):
        whole.append((await anext(steps)).open_now is not None)
    await steps.aclose()  # type: ignore[attr-defined]
    assert whole == [True, False, False, False, False, True, False]


async def test_a_flood_of_reports_is_told_at_the_next_look_down_to_what_is_known() -> None:
    fake = FakeMastodon()
    for _ in range(250):
        fake.report()
    steps = fake.connector().updates(None)
    await anext(steps)
    for count, pages in ((450, 3), (5, 1), (0, 1)):
        for _ in range(count):
            fake.report()
        fake.calls.clear()
        batch = await anext(steps)
        assert (len(batch.threads), batch.open_now) == (count, None)
        assert fake.asked("GET .*/admin/reports$") == pages
    await steps.aclose()  # type: ignore[attr-defined]


async def test_an_answer_of_the_author_is_told_in_their_thread() -> None:
    fake = FakeMastodon(mentions=[{"id": "7", "status": status(1, account(1001), "old")}])
    fake.report()
    first = await told(fake)
    assert len(first.posts) == 1
    author = fake.people["1001"]["account"]
    fake.mentions += [
        {"id": "8", "status": status(31, author, "@mod but why?")},
        {"id": "9", "status": status(32, account(77), "@mod hello")},
        {"id": "10", "status": None},
        {"id": "11", "status": "?"},
    ]
    second = await told(fake, first.cursor)
    assert [(p.thread, p.text, p.role) for p in second.posts] == [
        ("1", "@mod but why?", Role.AUTHOR)
    ]
    assert len(second.broken) == 1
    assert not (await told(fake, second.cursor)).posts


async def test_the_first_answer_that_an_account_ever_gets_is_told() -> None:
    fake = FakeMastodon()
    fake.report()
    first = await told(fake)
    author = fake.people["1001"]["account"]
    fake.mentions.append({"id": "8", "status": status(31, author, "@mod but why?")})
    second = await told(fake, first.cursor)
    assert [(p.thread, p.text) for p in second.posts] == [("1", "@mod but why?")]


async def test_an_author_is_followed_while_the_report_stands_unreadable() -> None:
    fake = FakeMastodon(mentions=[{"id": "1", "status": None}])
    fake.report()
    cursor = (await told(fake)).cursor
    fake.reports[0]["category"] = 7
    for _ in range(2):
        cursor = (await told(fake, cursor)).cursor
        fake.now += timedelta(days=8)
    fake.mentions.append({"id": "2", "status": status(31, account(1001), "@mod but why?")})
    assert [post.thread for post in (await told(fake, cursor)).posts] == ["1"]


async def test_an_author_is_followed_for_a_week_after_the_report_is_closed() -> None:
    fake = FakeMastodon(mentions=[{"id": "1", "status": None}])
    fake.report()
    cursor = (await told(fake)).cursor
    fake.reports[0]["action_taken"] = True
    cursor = (await told(fake, cursor)).cursor
    for number, (day, posts) in enumerate(((6, 1), (9, 0)), 2):
        fake.now = START + timedelta(days=day)
        said = status(40 + number, fake.people["1001"]["account"], "@mod?")
        fake.mentions.append({"id": str(number), "status": said})
        batch = await told(fake, cursor)
        assert len(batch.posts) == posts
        cursor = batch.cursor


@pytest.mark.parametrize(
    ("seen", "audience", "visibility"),
    [
        ("public", Audience.EVERYONE, "public"),
        ("unlisted", Audience.EVERYONE, "unlisted"),
        ("private", Audience.EVERYONE, "private"),
        ("direct", Audience.EVERYONE, "direct"),
        ("public", Audience.AUTHOR, "direct"),
    ],
)
async def test_a_reply_is_no_more_public_than_what_it_answers(
    seen: str, audience: Audience, visibility: str
) -> None:
    fake = FakeMastodon()
    one = await line(fake)
    fake.reports[0]["statuses"][0]["visibility"] = seen
    reply = Reply(**ON, text="Please read rule 1.", audience=audience, language="en")
    receipt = await one.connector.perform(one.ref, reply, "k")
    (said,) = fake.said.values()
    assert said["form"] == {
        "status": "@you lot1 Please read rule 1.",
        "in_reply_to_id": "20001",
        "visibility": visibility,
        "language": "en",
    }
    assert receipt.remote_id == said["id"]


async def test_a_post_that_was_taken_without_a_name_is_unknown() -> None:
    fake = FakeMastodon()
    one = await line(fake)
    fake.override["POST .*/statuses"] = lambda request: {"scheduled_at": "2027-01-01"}
    with pytest.raises(Exception, match="named no post"):
        await one.connector.perform(one.ref, Reply(**ON, text="x"), "k")


async def test_a_report_that_is_resolved_already_is_not_resolved_again() -> None:
    fake = FakeMastodon()
    one = await line(fake)
    dismiss = Dismiss(**ON, flags=one.flags)
    await one.connector.perform(one.ref, dismiss, "k")
    receipt = await one.connector.perform(one.ref, dismiss, "k")
    assert receipt.evidence == SO_ALREADY
    assert fake.asked("POST .*/resolve") == 1


@pytest.mark.parametrize("kind", [SanctionKind.MUTE, SanctionKind.BAN])
async def test_a_sanction_compares_before_it_sets(kind: SanctionKind) -> None:
    fake = FakeMastodon()
    one = await line(fake)
    given = Sanction(**ON, sanction=kind, author=one.ref.author, reason="rude", text="Enough.")
    lifted = LiftSanction(**ON, sanction=kind, author=one.ref.author)
    assert (await one.connector.perform(one.ref, lifted, "0")).evidence == "it was over already"
    await one.connector.perform(one.ref, given, "1")
    assert (await one.connector.perform(one.ref, given, "2")).evidence == SO_ALREADY
    assert len(fake.actions) == 1
    assert (fake.actions[0]["report_id"], fake.actions[0]["text"]) == ("1", "Enough.")
    await one.connector.perform(one.ref, lifted, "3")
    assert not any(fake.people[one.ref.author].get(s) for s in ("silenced", "suspended"))


async def test_a_warning_leaves_the_report_open_and_takes_its_preset() -> None:
    fake = FakeMastodon()
    subject = fake.report()
    connector = fake.connector(warning_presets=["spam=3"])
    ref = replace(Line(connector, [await told(fake)], subject, START).ref)
    warn = Sanction(
        **ON, sanction=SanctionKind.WARN, author=ref.author, rule="spam", text="No ads, please."
    )
    await connector.perform(ref, warn, "k")
    assert "report_id" not in fake.actions[0]
    assert fake.actions[0]["warning_preset_id"] == "3"
    assert not fake.reports[0]["action_taken"]
    with pytest.raises(Rejected, match="needs words"):
        await connector.perform(ref, replace(warn, text=""), "k2")


async def test_a_preset_is_told_alone_and_by_its_name() -> None:
    fake = FakeMastodon()
    subject = fake.report()
    connector = fake.connector(warning_presets=["spam=3", "last warning=7"])
    offers = connector.capabilities.offers
    for capability in (Capability.WARN, Capability.MUTE, Capability.BAN):
        assert offers[capability].texts == ("spam", "last warning")
    ref = replace(Line(connector, [await told(fake)], subject, START).ref)
    assert connector.capabilities.offers[Capability.WARN].texts == ("spam", "last warning")
    warn = Sanction(
        **ON, sanction=SanctionKind.WARN, author=ref.author, rule="spam", text="No ads, please.",
        preset="last warning",
    )  # fmt: skip
    await connector.perform(ref, warn, "k")
    await connector.perform(ref, replace(warn, sanction=SanctionKind.MUTE), "k2")
    sent = [(one["type"], one["warning_preset_id"], one["text"]) for one in fake.actions]
    assert sent == [("none", "7", ""), ("silence", "7", "")]
    with pytest.raises(Rejected, match='names no "first warning"'):
        await connector.perform(ref, replace(warn, preset="first warning"), "k3")


def test_a_preset_that_is_none_is_said() -> None:
    with pytest.raises(Rejected, match="spam=three"):
        FakeMastodon().connector(warning_presets=["spam=three"])


async def test_what_the_token_and_the_role_lack_is_said_in_words() -> None:
    fake = FakeMastodon(scopes=["read", "write:statuses"])
    connector = fake.connector()
    who = await connector.identity()
    assert (who.name, who.role) == ("@mod", "Moderator")
    assert "reply" in who.can
    assert "read the reports (the token lacks the scope admin:read:reports)" in who.cannot
    assert "admin:read:reports" in who.ask
    assert "admin:write:reports" in connector.capabilities.missing[Capability.DISMISS]
    fake.scopes = None
    assert "does not tell" in (await fake.connector().identity()).can[0]
    helper = {**ME, "role": {"name": "Helper", "permissions": "16"}}
    fake.override["accounts/verify_credentials"] = lambda request: helper
    connector = fake.connector()
    assert "the role Helper lacks Manage Users" in (await connector.identity()).cannot
    assert "Manage Users" in connector.capabilities.missing[Capability.BAN]
    assert Capability.FREEZE in connector.capabilities.withheld
    assert Capability.HIDE not in connector.capabilities.withheld


async def test_a_token_that_may_not_see_notifications_reads_reports_all_the_same() -> None:
    fake = FakeMastodon()
    fake.report()
    fake.override["/notifications"] = lambda request: httpx.Response(403, json={"error": "ダメ"})
    assert len((await told(fake)).threads) == 1


async def test_who_has_a_report_is_told_and_told_anew_when_they_let_go() -> None:
    fake = FakeMastodon()
    number = fake.report(assigned_account={"id": "77", "account": account(77, "jane")})
    first = await told(fake)
    assert [thread.holder for thread in first.threads] == ["@jane"]
    fake.reports[0]["assigned_account"] = None
    second = await told(fake, first.cursor)
    assert [thread.holder for thread in second.threads] == [""]
    fake.assign(number, ME["id"], ME["acct"])
    third = await told(fake, second.cursor)
    assert [thread.holder for thread in third.threads] == [""]


async def test_an_assignment_that_did_not_take_is_said() -> None:
    fake = FakeMastodon()
    one = await line(fake)
    fake.override["POST .*/assign_to_self$"] = lambda request: dict(fake.reports[0])
    with pytest.raises(Rejected, match="as it was"):
        await one.connector.perform(one.ref, Assign(**ON, on=True), "k")
    fake.override["POST .*/assign_to_self$"] = lambda request: {"id": 5}
    with pytest.raises(Unknown, match="showed no report"):
        await one.connector.perform(one.ref, Assign(**ON, on=True), "k")


async def test_a_report_that_is_ours_or_nobodys_is_not_touched_again() -> None:
    fake = FakeMastodon()
    one = await line(fake)
    let_go = await one.connector.perform(one.ref, Assign(**ON, on=False), "1")
    assert let_go.evidence == "not ours any more"
    await one.connector.perform(one.ref, Assign(**ON, on=True), "2")
    await one.connector.perform(one.ref, Assign(**ON, on=True), "2")
    assert fake.asked("POST .*/(assign_to_self|unassign)$") == 1


async def test_the_stream_wakes_the_poll() -> None:
    fake = FakeMastodon()

    class Stream(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield b":thump\n\nevent: notification\ndata: {}\n\n"

    slept: list[float] = []
    connector = fake.connector(poll=timedelta(hours=1))
    fake.override["/streaming/"] = lambda request: httpx.Response(200, stream=Stream())

    async def never(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.Event().wait()

    connector._env = replace(connector._env, sleep=never)
    steps = connector.updates(None)
    await anext(steps)
    await anext(steps)
    await steps.aclose()  # type: ignore[attr-defined]
    assert slept == [3600.0]
    assert fake.asked("GET .*/admin/reports$") == 2


async def test_what_mastodon_cannot_do_says_why() -> None:
    fake = FakeMastodon()
    one = await line(fake)
    assert "limit or suspend" in one.connector.capabilities.missing[Capability.HIDE]
    with pytest.raises(Unsupported):
        await one.connector.perform(one.ref, Hide(**ON, posts=("1",), author="1"), "k")


async def test_a_context_that_is_gone_leaves_the_reported_posts() -> None:
    fake = FakeMastodon()
    one = await line(fake)
    fake.override["/context$"] = lambda request: httpx.Response(404, json={"error": "x"})
    assert [p.remote_id for p in (await one.connector.context(one.ref)).posts] == ["20001"]
