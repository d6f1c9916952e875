"""The ozone connector against a stand-in of ours: its traps, and the two suites."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import Batch, Connector, Rejected, Stale, Unauthorized, Unsupported
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.domain.commands import (
    Audience,
    Capability,
    Comment,
    Dismiss,
    Escalate,
    HandOver,
    Hide,
    LiftSanction,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
)
from modtui.domain.model import Severity
from modtui.domain.text import clean_line
from tests.connectors.contract import ON, ConnectorContract, Line
from tests.connectors.fakeozone import COLLEAGUE, DEFS, ME, FakeOzone, refused, stamp
from tests.connectors.far import OverHttp
from tests.connectors.outcomes import HttpOutcomeContract
from tests.connectors.platform import SECRET, START
from tests.connectors.wire import Stage, WireContract, read


class Labeler(Stage):
    listing = r"GET .*queryStatuses$"
    posting = r"POST .*createRecord$"
    limits = ({"Retry-After": "30"}, {"RateLimit-Reset": str(int(START.timestamp()) + 90)})

    def __init__(self, fake: FakeOzone | None = None) -> None:
        self.platform: FakeOzone = fake or FakeOzone()

    def connect(self) -> Connector:
        return self.platform.connector()

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        return tuple(self.platform.report(text) for _ in range(count))

    def spoil(self, item: Any) -> None:
        self.platform.statuses.append(item)

    def garble(self, subject: str) -> bool:
        self.row(subject)["updatedAt"] = 7
        return True

    def drop(self, subject: str) -> None:
        self.platform.statuses.remove(self.row(subject))

    def row(self, subject: str) -> dict[str, Any]:
        rows = self.platform.statuses
        return next(row for row in rows if row["subject"].get("uri") == subject)


class TestWire(WireContract):
    kind = "ozone"

    @pytest.fixture
    def stage(self) -> Stage:
        return Labeler()


class TestContract(HttpOutcomeContract, ConnectorContract):
    kind = "ozone"
    limits = Labeler.limits

    async def fresh(self) -> Line:
        fake = FakeOzone()
        subject = fake.report()
        fake.report()
        batches = await read(Labeler(fake))
        connector, far = fake.connector(notes="ozone"), OverHttp(fake)
        return Line(connector, batches, subject, START, lambda: fake.seize(subject), far)


async def told(fake: FakeOzone, cursor: str | None = None) -> Batch:
    return (await read(Labeler(fake), cursor))[-1]


async def line(fake: FakeOzone, subject: str | None = None, **settings: Any) -> Line:
    """A connector that has read one report itself."""
    subject = subject or fake.report()
    connector = fake.connector(**settings)
    batches = []
    async for batch in connector.updates(None):
        batches.append(batch)
        if batch.caught_up:
            break
    return Line(connector, batches, subject, START)


def emitted(fake: FakeOzone) -> list[dict[str, Any]]:
    """Return the events that were asked for, by their short names."""
    bodies = [call.body for call in fake.calls if call.path.endswith("emitEvent")]
    return [
        {**b["event"], "$type": b["event"]["$type"].removeprefix(f"{DEFS}modEvent")} for b in bodies
    ]


# what is read
async def test_a_report_counts_from_when_somebody_reported() -> None:
    fake = FakeOzone()
    subject = fake.report(reason="SelfHarmContent")
    fake.events[0]["createdAt"] = stamp(42)
    batch = await told(fake)
    (flag,) = batch.flags
    assert (flag.thread, flag.reason, flag.at) == (
        subject, "self-harm", START - timedelta(minutes=42),
    )  # fmt: skip
    assert batch.open_now == {(subject, flag.key)}
    assert batch.posts[0].created_at == START - timedelta(minutes=20)


async def test_reports_before_the_last_decision_are_over() -> None:
    fake = FakeOzone()
    subject = fake.report()
    fake.happen(subject, {"$type": f"{DEFS}modEventAcknowledge"}, COLLEAGUE)
    again = fake.flag(subject)
    assert [flag.key for flag in (await told(fake)).flags] == [again]


async def test_one_more_report_is_told_alone() -> None:
    fake = FakeOzone()
    subject = fake.report()
    first = await told(fake)
    key = fake.flag(subject)
    row = fake.status(subject)
    assert row is not None
    row["lastReportedAt"] = stamp()
    later = await told(fake, first.cursor)
    assert [flag.key for flag in later.flags] == [key]
    assert later.open_now == {(subject, "1"), (subject, key)}


async def test_what_is_closed_there_is_open_no_more() -> None:
    fake = FakeOzone()
    subject, other = fake.report(), fake.report()
    cursor = (await told(fake)).cursor
    fake.close(subject)
    assert {name for name, _ in (await told(fake, cursor)).open_now or ()} == {other}


async def test_an_account_and_what_is_gone_can_be_shown() -> None:
    fake = FakeOzone()
    account, gone = fake.report("Spin King", account=True), fake.report()
    del fake.records[gone]
    batch = await told(fake)
    posts = {post.remote_id: post for post in batch.posts}
    assert posts[account].text == "Spin King"
    assert "gone" in posts[gone].text
    assert {channel.name for channel in batch.channels} == {"accounts", "posts"}


async def test_an_appeal_and_an_escalation_are_grave() -> None:
    fake = FakeOzone()
    for change in ({"appealed": True}, {"reviewState": f"{DEFS}reviewEscalated"}, {}):
        row = fake.status(fake.report())
        assert row is not None
        row |= change
    batch = await told(fake)
    graves = [thread.severity for thread in batch.threads]
    assert sorted(graves) == [Severity.HIGH, Severity.HIGH, Severity.NORMAL]
    assert [thread.tags for thread in batch.threads].count(("escalated in Ozone", "you lot")) == 1


async def test_an_older_server_has_no_reports_and_is_read_all_the_same() -> None:
    fake = FakeOzone(with_reports=False)
    there = await line(fake)
    assert there.batches[-1].flags
    assert "older" in there.connector.capabilities.missing[Capability.ASSIGN]
    asked = fake.asked("queryReports")
    await there.connector.identity()
    assert fake.asked("queryReports") == asked


async def test_a_list_that_leads_back_to_itself_closes_nothing() -> None:
    fake = FakeOzone()
    fake.report()
    rows = {"subjectStatuses": list(fake.statuses), "cursor": "round"}
    fake.override["queryStatuses"] = lambda request: rows
    assert (await told(fake)).open_now is None


# the session
async def test_an_old_token_is_renewed_and_the_password_told_once() -> None:
    fake = FakeOzone()
    there = await line(fake)
    fake.expired = True
    fake.now += timedelta(hours=3)
    await there.connector.context(there.ref)
    assert (fake.asked("createSession"), fake.asked("refreshSession")) == (1, 1)
    assert [call.path for call in fake.calls if call.told] == [fake.calls[0].path]


async def test_a_write_with_an_old_token_is_tried_again_by_the_outbox() -> None:
    fake = FakeOzone()
    there = await line(fake)
    fake.expired = True
    fake.now += timedelta(hours=3)
    dismiss = Dismiss(**ON, flags=there.flags)
    await there.connector.perform(there.ref, dismiss, "k")
    assert [event["$type"] for event in emitted(fake)] == ["Acknowledge"]


async def test_a_wrong_password_is_said() -> None:
    fake = FakeOzone(secrets={"password": "wrong"})
    with pytest.raises(Unauthorized, match="AuthenticationRequired"):
        await fake.connector().identity()
    assert SECRET not in str(fake.calls)


async def test_a_path_stays_before_every_request() -> None:
    fake = FakeOzone(url="https://ours.test/stand/in")
    await line(fake)
    assert all(call.path.startswith("/stand/in/xrpc/") for call in fake.calls)


async def test_who_we_are_and_what_is_missing_is_said() -> None:
    assert (await FakeOzone().connector().identity()).role == "moderator"
    triage = FakeOzone(role="tools.ozone.team.defs#roleTriage").connector()
    assert (await triage.identity()).cannot
    assert "Triage" in triage.capabilities.missing[Capability.BAN]
    assert Capability.BAN in triage.capabilities.withheld
    nobody = await FakeOzone(role="").connector().identity()
    assert (nobody.role, "needs to be a moderator" in nobody.ask) == ("none", True)


# what is done
async def test_a_decision_closes_the_reports_that_were_seen() -> None:
    fake = FakeOzone()
    there = await line(fake)
    await there.connector.perform(there.ref, Dismiss(**ON, flags=there.flags), "k")
    assert [report["status"] for report in fake.reports] == ["closed"]


async def test_a_report_that_came_later_is_not_closed_with_the_others() -> None:
    fake = FakeOzone()
    there = await line(fake)
    fake.flag(there.subject)
    with pytest.raises(Stale, match="1 more reported it"):
        await there.connector.perform(there.ref, Dismiss(**ON, flags=there.flags), "k")
    assert emitted(fake) == []


@pytest.mark.parametrize(("taken", "word"), [(True, "taken down"), (False, "closed")])
async def test_what_somebody_decided_meanwhile_is_said_once(taken: bool, word: str) -> None:
    fake = FakeOzone()
    there = await line(fake)
    fake.close(there.subject, takendown=taken)
    hide = Hide(**ON, posts=there.posts, author=there.ref.author)
    with pytest.raises(Stale, match=word):
        await there.connector.perform(there.ref, hide, "k")
    await there.connector.perform(there.ref, hide, "k2")
    assert [event["$type"] for event in emitted(fake)] == ([] if taken else ["Takedown"])


@pytest.mark.parametrize("name", ["InvalidStateTransition", "AlreadyInTargetState"])
async def test_a_refused_transition_is_a_change_to_look_at(name: str) -> None:
    fake = FakeOzone()
    there = await line(fake)
    fake.override["emitEvent"] = lambda request: refused(400, name, "from closed")
    with pytest.raises(Stale, match="it changed in Ozone meanwhile: from closed"):
        await there.connector.perform(there.ref, Dismiss(**ON, flags=there.flags), "k")


async def test_an_escalation_goes_to_the_subject_with_its_note() -> None:
    fake = FakeOzone()
    there = await line(fake)
    command = Escalate(**ON, team="leads", note="looks like a raid", text="long text")
    await there.connector.perform(there.ref, command, "k")
    assert emitted(fake) == [{"$type": "Escalate", "comment": "looks like a raid"}]
    with pytest.raises(Unsupported):
        await there.connector.perform(there.ref, HandOver(account="ours", text="bye"), "k")


async def test_what_is_decided_says_why() -> None:
    fake = FakeOzone()
    there = await line(fake)
    why: dict[str, Any] = {"author": there.ref.author, "rule": "spam", "reason": "again"}
    hide = Hide(**ON, posts=there.posts, **why)
    mute = Sanction(**ON, sanction=SanctionKind.MUTE, seconds=3600, **why)
    ban = Sanction(**ON, sanction=SanctionKind.BAN, **why)
    for number, command in enumerate((hide, mute, ban)):
        await there.connector.perform(there.ref, command, f"k{number}")
    assert [event["comment"] for event in emitted(fake)] == ["spam · again"] * 3


@pytest.mark.parametrize(
    ("kind", "event"), [(SanctionKind.MUTE, "Mute"), (SanctionKind.BAN, "Takedown")]
)
async def test_what_another_set_anew_is_not_lifted_with_ours(
    kind: SanctionKind, event: str
) -> None:
    fake = FakeOzone()
    there = await line(fake)
    author = there.ref.author
    given = Sanction(**ON, sanction=kind, author=author, seconds=3600)
    receipt = await there.connector.perform(there.ref, given, "k")
    lift = LiftSanction(**ON, sanction=kind, author=author, expect=receipt.evidence)
    fake.happen(author, {"$type": f"{DEFS}modEvent{event}", "durationInHours": 99}, COLLEAGUE)
    told = await there.connector.perform(there.ref, lift, "k1")
    assert told.evidence == LEFT_ALONE
    fake.happen(author, {"$type": f"{DEFS}modEvent{event}", "durationInHours": 1}, ME)
    assert (await there.connector.perform(there.ref, lift, "k2")).evidence != LEFT_ALONE


async def test_a_takedown_that_another_made_anew_is_theirs_to_reverse() -> None:
    fake = FakeOzone()
    there = await line(fake)
    (post,) = there.posts
    await there.connector.perform(
        there.ref, Hide(**ON, posts=there.posts, author=there.ref.author), "k"
    )
    fake.happen(post, {"$type": f"{DEFS}modEventReverseTakedown"}, COLLEAGUE)
    fake.happen(post, {"$type": f"{DEFS}modEventTakedown"}, COLLEAGUE)
    restore = Restore(**ON, posts=there.posts)
    with pytest.raises(Stale, match="another moderator has taken it down anew"):
        await there.connector.perform(there.ref, restore, "k1")
    assert fake.status(post)["takendown"]
    fake.happen(post, {"$type": f"{DEFS}modEventTakedown"}, ME)
    await there.connector.perform(there.ref, restore, "k2")
    assert not fake.status(post)["takendown"]


async def test_what_is_reported_again_after_its_takedown_is_closed_by_removing_it() -> None:
    fake = FakeOzone(with_reports=True)
    there = await line(fake)
    row = fake.status(there.subject)
    row["takendown"] = True
    hide = Hide(**ON, posts=there.posts, author=there.ref.author, reason="again")
    receipt = await there.connector.perform(there.ref, hide, "k")
    assert receipt.evidence == SO_ALREADY
    assert row["reviewState"] == f"{DEFS}reviewClosed"
    assert [event["$type"] for event in emitted(fake)] == ["Acknowledge"]
    assert {report["status"] for report in fake.reports} == {"closed"}
    # Once closed it is left as it is.
    await there.connector.perform(there.ref, hide, "k1")
    assert len(emitted(fake)) == 1


async def test_takedowns_and_mutes_count_in_whole_hours() -> None:
    fake = FakeOzone()
    there = await line(fake)
    ban = Sanction(**ON, sanction=SanctionKind.BAN, author=there.ref.author, seconds=5400)
    mute = Sanction(**ON, sanction=SanctionKind.MUTE, author=there.ref.author, seconds=3600)
    for number, command in enumerate((ban, mute)):
        await there.connector.perform(there.ref, command, f"k{number}")
    assert [event["durationInHours"] for event in emitted(fake)] == [2, 1]
    for_good = Sanction(**ON, sanction=SanctionKind.MUTE, author=there.ref.author)
    with pytest.raises(Rejected, match="for how long"):
        await there.connector.perform(there.ref, for_good, "k2")


async def test_a_warning_takes_the_template_of_its_rule() -> None:
    fake = FakeOzone(templates=[
        {"id": "1", "name": "warn-spam", "subject": "Please stop", "contentMarkdown": "No *links*.",
         "disabled": False}
    ])  # fmt: skip
    there = await line(fake, templates=["spam=warn-spam", "rude=nowhere"])
    warn = Sanction(**ON, sanction=SanctionKind.WARN, author=there.ref.author, rule="spam")
    await there.connector.perform(there.ref, warn, "k")
    assert emitted(fake)[0] | {"comment": ""} == {
        "$type": "Email", "subjectLine": "Please stop", "comment": "",
        "content": "<p>No <em>links</em>.</p>",
    }  # fmt: skip
    lost = Sanction(**ON, sanction=SanctionKind.WARN, author=there.ref.author, rule="rude")
    with pytest.raises(Rejected, match='no e-mail template "nowhere": warn-spam'):
        await there.connector.perform(there.ref, lost, "k2")


async def test_words_of_a_warning_keep_their_lines_and_are_no_html() -> None:
    fake = FakeOzone()
    there = await line(fake)
    words = "Stop, please:\nno <b>links</b>.\n\nThe team"
    warn = Sanction(**ON, sanction=SanctionKind.WARN, author=there.ref.author, text=words)
    await there.connector.perform(there.ref, warn, "k")
    assert emitted(fake)[0]["content"] == (
        "<p>Stop, please:<br>\nno &lt;b&gt;links&lt;/b&gt;.</p>\n<p>The team</p>"
    )


async def test_a_template_is_filled_with_the_handle_as_ozones_own_page_does() -> None:
    text = "Hello @{{handle}}, {{Handle}}!\n\n<script>"
    told = {"id": "1", "name": "hi", "subject": "For {{handle}}", "contentMarkdown": text}
    fake = FakeOzone(templates=[{**told, "disabled": False}])
    there = await line(fake)
    who = {"sanction": SanctionKind.WARN, "author": there.ref.author}
    fake.override["moderation.getRepo"] = lambda request: {
        "did": there.ref.author, "handle": "ann.test",
    }  # fmt: skip
    warn = Sanction(**ON, **who, preset="hi")
    await there.connector.perform(there.ref, warn, "k")
    sent = emitted(fake)[0]
    assert sent["subjectLine"] == "For ann.test"
    assert sent["content"] == "<p>Hello @ann.test, ann.test!</p>\n<p>&lt;script&gt;</p>"


@pytest.mark.parametrize(
    ("text", "handle", "why"),
    [
        ("Hello {{handle}}", "handle.invalid", "{{handle}} in it, and Ozone does not tell"),
        ("Hello {{handle}}, {{reason}}", "ann.test", "{{reason}} in it, and nothing fills it in"),
    ],
)
async def test_a_template_with_a_place_that_nobody_can_fill_is_not_sent(
    text: str, handle: str, why: str
) -> None:
    told = {"id": "1", "name": "hi", "contentMarkdown": text, "disabled": False}
    fake = FakeOzone(templates=[told])
    there = await line(fake)
    fake.override["moderation.getRepo"] = lambda request: {
        "did": there.ref.author, "handle": handle,
    }  # fmt: skip
    warn = Sanction(**ON, sanction=SanctionKind.WARN, author=there.ref.author, preset="hi")
    with pytest.raises(Rejected, match=re.escape(why)):
        await there.connector.perform(there.ref, warn, "k")
    assert emitted(fake) == []


async def test_the_templates_of_ozone_are_offered_for_a_warning() -> None:
    fake = FakeOzone(templates=[
        {"id": "1", "name": "warn-spam", "subject": "Stop", "contentMarkdown": "a", "disabled": 0},
        {"id": "2", "name": "old", "contentMarkdown": "b", "disabled": True},
        {"id": "3", "name": "last\u202e one", "contentMarkdown": "The last.", "disabled": False},
    ])  # fmt: skip
    fake.templates[0]["disabled"] = False
    there = await line(fake)
    await there.connector.identity()
    texts = there.connector.capabilities.offers[Capability.WARN].texts
    assert texts == ("warn-spam", str(clean_line("last\u202e one")))
    warn = Sanction(
        **ON, sanction=SanctionKind.WARN, author=there.ref.author, text="ours", preset=texts[1]
    )
    await there.connector.perform(there.ref, warn, "k")
    assert emitted(fake)[0]["content"] == "<p>The last.</p>"
    fake.override["communication.listTemplates"] = lambda request: refused(403, "Forbidden")
    await there.connector.identity()
    assert there.connector.capabilities.offers[Capability.WARN].texts == ()


async def test_a_rule_may_stand_for_a_label() -> None:
    fake = FakeOzone()
    there = await line(fake, labels=["nudity=porn"])
    hide = Hide(**ON, posts=there.posts, author=there.ref.author, rule="nudity")
    await there.connector.perform(there.ref, hide, "k")
    assert [event["$type"] for event in emitted(fake)] == ["Label", "Acknowledge"]
    await there.connector.perform(there.ref, Restore(**ON, posts=there.posts), "k2")
    assert emitted(fake)[-1]["negateLabelVals"] == ["porn"]


async def test_a_rule_may_stand_for_a_tag_beside_what_is_done() -> None:
    fake = FakeOzone()
    there = await line(fake, tags=["spam=wave"])
    author = there.ref.author
    hide = Hide(**ON, posts=there.posts, author=author, rule="spam")
    await there.connector.perform(there.ref, hide, "k")
    ban = Sanction(**ON, sanction=SanctionKind.BAN, author=author, seconds=3600, rule="spam")
    await there.connector.perform(there.ref, ban, "k2")
    told = [(event["$type"], event.get("add")) for event in emitted(fake)]
    assert told == [("Takedown", None), ("Tag", ["wave"])] * 2
    other = await line(fake, fake.report(), tags=["spam=wave"])
    real = fake._moderation_emitEvent

    def no_tags(request: httpx.Request) -> httpx.Response | dict[str, Any] | list[Any]:
        tags = b"modEventTag" in request.content
        return refused(403, "Forbidden", "no tags for you") if tags else real(request)

    fake.override["moderation.emitEvent"] = no_tags
    hide = Hide(**ON, posts=other.posts, author=other.ref.author, rule="spam")
    receipt = await other.connector.perform(other.ref, hide, "k3")
    assert "without the tag wave: no tags for you" in receipt.evidence


async def test_an_answer_hangs_on_the_post_and_its_root() -> None:
    fake = FakeOzone()
    subject = fake.report()
    root = {"uri": "at://did:plc:x/app.bsky.feed.post/1", "cid": "r"}
    fake.records[subject]["value"]["reply"] = {"root": root, "parent": root}
    there = await line(fake, subject)
    await there.connector.perform(there.ref, Reply(**ON, text="Hello"), "k")
    reply = fake.posts[0]["value"]["reply"]
    assert (reply["root"], reply["parent"]["uri"]) == (root, subject)


async def test_a_private_reply_is_an_e_mail_to_the_account() -> None:
    fake = FakeOzone()
    there = await line(fake)
    said = Reply(**ON, text="Hello", audience=Audience.AUTHOR)
    for _ in range(2):
        await there.connector.perform(there.ref, said, "same key")
    assert [row["event"]["content"] for row in fake.events if row.get("key")] == ["<p>Hello</p>"]
    body = next(call.body for call in fake.calls if call.path.endswith("emitEvent"))
    assert body["subject"]["did"] == there.ref.author


async def test_a_setting_that_means_nothing_is_said() -> None:
    with pytest.raises(Rejected, match="no DID"):
        FakeOzone().connector(labeler="labeler.test")
    with pytest.raises(Rejected, match='templates: "spam" is not'):
        FakeOzone().connector(templates=["spam"])


async def test_a_conversation_that_the_app_does_not_show_is_read_from_ozone() -> None:
    fake = FakeOzone()
    there = await line(fake)
    assert len((await there.connector.context(there.ref)).posts) == 2
    fake.override["getPostThread"] = lambda request: httpx.Response(400, json={"error": "NotFound"})
    assert len((await there.connector.context(there.ref)).posts) == 1


@pytest.mark.parametrize("odd", [{"events": 3}, {}, {"events": [{"id": "x"}]}])
async def test_reports_that_cannot_be_read_are_asked_for_again(odd: object) -> None:
    """The subject is told at once, with a flag of its own; its reports come with the next look."""
    stage = Labeler()
    (subject,) = stage.flag(1)
    stage.platform.override["queryEvents"] = lambda request: odd
    batches = await read(stage)
    assert [flag.key for batch in batches for flag in batch.flags] == ["review"]
    stage.platform.override.clear()
    (batch,) = await read(stage, batches[-1].cursor)
    (flag,) = batch.flags
    assert flag.thread == subject
    assert flag.key != "review"


async def test_a_note_is_left_in_ozone_once_where_the_account_says_so() -> None:
    fake = FakeOzone()
    there = await line(fake, notes="ozone")
    note = Comment(**ON, text="Seen before, see last week.")
    for _ in range(2):
        await there.connector.perform(there.ref, note, "n1")
    rows = [row for row in fake.events if row["event"]["$type"] == f"{DEFS}modEventComment"]
    assert [row["event"]["comment"] for row in rows] == ["Seen before, see last week."]
    with pytest.raises(Rejected, match="needs words"):
        await there.connector.perform(there.ref, Comment(**ON, text=" "), "n2")


async def test_notes_stay_here_unless_the_account_says_otherwise() -> None:
    fake = FakeOzone()
    there = await line(fake)
    await there.connector.identity()
    assert 'notes = "ozone"' in there.connector.capabilities.missing[Capability.NOTE]
    with pytest.raises(Unsupported):
        await there.connector.perform(there.ref, Comment(**ON, text="ours"), "n1")


# queues, and notes of others
async def test_a_report_shows_the_queue_that_ozone_routed_it_to() -> None:
    fake = FakeOzone()
    subject = fake.report("spam")
    connector = fake.connector()
    updates = connector.updates(None)
    (thread,) = (await anext(updates)).threads
    assert [str(tag) for tag in thread.tags] == ["spam"]
    fake.route(subject, "Spam wave")
    (thread,) = (await anext(updates)).threads
    assert [str(tag) for tag in thread.tags] == ["queue: Spam wave", "spam"]
    # Long after its routing, queues are asked for no more, and what was told of it stays so.
    fake.calls.clear()
    for _ in range(10):
        assert not (await anext(updates)).threads
    asked = [call.url.params.get("status") for call in fake.calls if "queryReports" in call.path]
    assert (asked.count("assigned"), asked.count("queued")) == (10, 3 * 2)
    await updates.aclose()  # type: ignore[attr-defined]
    # A start reads them anew.
    (thread,) = (await told(fake)).threads
    assert "queue: Spam wave" in map(str, thread.tags)


async def test_notes_of_other_moderators_are_told_once() -> None:
    fake = FakeOzone()
    subject = fake.report()
    fake.note(subject, "the third account of theirs")
    connector = fake.connector(notes="ozone")
    updates = connector.updates(None)
    batch = await anext(updates)
    (remark,) = batch.remarks
    assert (remark.thread, remark.by, remark.text, remark.at) == (
        subject, "@colleague", "the third account of theirs", START,
    )  # fmt: skip
    assert (await anext(updates)).remarks == ()
    fake.note(subject, "and a fourth")
    later = await anext(updates)
    assert [str(one.text) for one in later.remarks] == ["and a fourth"]
    await updates.aclose()  # type: ignore[attr-defined]
    again = await anext(fake.connector(notes="ozone").updates(later.cursor))
    assert again.remarks == ()


async def test_notes_of_others_are_asked_for_where_ours_go_there_alone() -> None:
    fake = FakeOzone()
    fake.note(fake.report(), "for us")
    assert (await told(fake)).remarks == ()
    assert not any("createdAfter" in call.url.params for call in fake.calls)
