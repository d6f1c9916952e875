"""The github connector against a stand-in of ours: its traps, and what it can do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    Batch,
    RateLimited,
    Rejected,
    Retryable,
    ThreadRef,
    Unknown,
)
from modtui.domain.commands import (
    Assign,
    Capability,
    Reply,
)
from modtui.domain.model import Role
from tests.connectors.contract import ON, ConnectorContract, Line
from tests.connectors.fakegithub import ME, REPO, FakeGitHub, stamp
from tests.connectors.far import OverHttp
from tests.connectors.outcomes import HttpOutcomeContract
from tests.connectors.platform import START

REPLY: dict[str, Any] = {"thread": 1, "revision": 1, "text": "Try the newer one."}


async def told(fake: FakeGitHub, cursor: str | None = None, **settings: Any) -> Batch:
    """Return what a new connector tells first."""
    connector = fake.connector(**settings)
    steps = connector.updates(cursor)
    batch = await anext(steps)
    await steps.aclose()  # type: ignore[attr-defined]
    await connector.aclose()
    return batch


def at(topic: str, author: str = "you lot1") -> ThreadRef:
    return ThreadRef(topic, REPO, author)


LIMITS = ({"Retry-After": "30"}, {"X-RateLimit-Reset": "1795230180"})


class TestIssues(HttpOutcomeContract, ConnectorContract):
    kind = "github"
    limits = LIMITS

    async def fresh(self) -> Line:
        fake = FakeGitHub()
        subject = fake.issue()
        fake.say(subject, "you lot1", "Anybody?")
        batches = [await told(fake)]

        def seize() -> None:
            fake.change(subject, assignees=[{"login": "colleague", "id": 7, "type": "User"}])

        return Line(fake.connector(), batches, subject, START, seize, OverHttp(fake))


class TestDiscussions(HttpOutcomeContract, ConnectorContract):
    kind = "github"
    limits = LIMITS
    silent = frozenset({Capability.ASSIGN})

    async def fresh(self) -> Line:
        fake = FakeGitHub()
        subject = fake.discussion()
        fake.say(subject, "asker5000", "Anybody?")
        settings: dict[str, Any] = {"labels": ["help"]}
        batches, far = [await told(fake, **settings)], OverHttp(fake)
        return Line(fake.connector(**settings), batches, subject, START, far=far)

    async def test_what_another_holds_is_shown_and_taken_only_on_purpose(self, line: Line) -> None:
        for on in (True, False):
            receipt = await line.connector.perform(line.ref, Assign(**ON, on=on), f"{on}")
            assert receipt.evidence == "a discussion has no assignees"


# what waits
async def test_a_topic_has_one_flag_by_the_rule_under_which_it_waits() -> None:
    fake = FakeGitHub()
    first = fake.issue(title="It crashes")
    second = fake.discussion(labels={"nodes": []})
    batch = await told(fake)
    assert {(f.thread, f.reason, f.rule) for f in batch.flags} == {
        (first, "unanswered", True),
        (second, "unanswered", True),
    }
    assert batch.threads[0].title == "#1 It crashes"
    assert batch.threads[0].tags == ("issue", "help")
    assert batch.channels[0].remote_id == REPO
    labelled = await told(fake, labels=["bug", "Help"])
    assert [(f.thread, f.reason) for f in labelled.flags] == [(first, "label: help")]


async def test_the_clock_of_a_question_starts_when_it_was_asked_that_of_a_label_when_seen() -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    asked = fake.row(topic)["created_at"]
    assert stamp((await told(fake)).flags[0].at) == asked
    assert (await told(fake, labels=["help"])).flags[0].at == START


async def test_pull_requests_and_what_the_staff_opened_do_not_wait() -> None:
    fake = FakeGitHub()
    fake.issue(pull_request={"url": "x"})
    fake.issue(author_association="OWNER")
    fake.issue(state="closed")
    assert not (await told(fake)).threads


@pytest.mark.parametrize("kind", ["issue", "discussion"])
async def test_an_answer_of_the_staff_closes_it_and_a_question_after_it_opens_it_again(
    kind: str,
) -> None:
    fake = FakeGitHub()
    topic = getattr(fake, kind)()
    fake.say(topic, "dependabot", "beep", author={"__typename": "Bot", "login": "dependabot"})
    first = await told(fake)
    assert [p.role for p in first.posts] == [Role.AUTHOR, Role.BOT]
    fake.say(topic, "boss", "Restart it.", authorAssociation="MEMBER")
    second = await told(fake, first.cursor)
    assert (second.closed, second.open_now) == (((topic, "unanswered"),), frozenset())
    assert second.posts[-1].role is Role.STAFF
    fake.say(topic, "you lot1", "I did.")
    third = await told(fake, second.cursor)
    assert [(f.thread, f.post) for f in third.flags] == [(topic, third.posts[-1].remote_id)]


async def test_what_we_answered_ourselves_stays_open_until_the_moderator_says_so() -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    cursor = (await told(fake)).cursor
    fake.say(topic, ME, "Restart it.", authorAssociation="MEMBER")
    batch = await told(fake, cursor)
    assert batch.closed == ()
    assert batch.open_now == {(topic, "unanswered")}
    fake.change(topic, state="closed")
    assert (await told(fake, batch.cursor)).closed == ((topic, "unanswered"),)


@pytest.mark.parametrize("change", [{"state": "closed"}, {"labels": []}])
async def test_closed_or_without_its_label_it_waits_no_more(change: dict[str, Any]) -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    cursor = (await told(fake, labels=["help"])).cursor
    fake.change(topic, **change)
    assert (await told(fake, cursor, labels=["help"])).closed == ((topic, "label: help"),)


async def test_a_chosen_answer_closes_a_discussion() -> None:
    fake = FakeGitHub()
    topic = fake.discussion()
    cursor = (await told(fake)).cursor
    fake.change(topic, isAnswered=True)
    assert (await told(fake, cursor)).closed == ((topic, "unanswered"),)


async def test_an_answer_to_a_comment_is_a_post_and_a_bad_comment_hides_no_other() -> None:
    fake = FakeGitHub()
    topic = fake.discussion()
    fake.say(topic, "asker5000", "And this?")
    first = fake.comments[topic][0]
    first["replies"] = {"nodes": [{**first, "id": "R_1", "body": "same here"}, {"id": 7}]}
    fake.comments[topic].append("not a comment")
    batch = await told(fake)
    assert {p.remote_id for p in batch.posts} == {topic, first["id"], "R_1"}
    assert len(batch.broken) == 2


async def test_a_deleted_issue_is_open_no_more() -> None:
    fake = FakeGitHub()
    fake.issue()
    kept = fake.issue()
    cursor = (await told(fake)).cursor
    del fake.issues[0]
    batch = await told(fake, cursor)
    assert batch.open_now == {(kept, "unanswered")}


async def test_a_list_that_moved_while_it_was_read_closes_nothing() -> None:
    fake = FakeGitHub(page=10)
    topics = [fake.issue() for _ in range(25)]

    def move(request: httpx.Request) -> Any:
        if request.url.params.get("page") == "2":
            fake.change(topics[0], state="closed")
        return fake.answer(request, request.url.path)

    fake.override[f"GET /repos/{REPO}/issues$"] = move
    batch = await told(fake)
    assert batch.open_now is None
    fake.override.clear()
    again = await told(fake, batch.cursor)
    assert again.open_now == {(topic, "unanswered") for topic in topics[1:]}


async def test_discussions_that_may_not_be_read_hide_no_issue() -> None:
    fake = FakeGitHub()
    fake.issue()
    error = {"type": "FORBIDDEN", "message": "Resource not accessible"}
    fake.override["/graphql"] = lambda request: {
        "data": {"repository": None},
        "errors": [error],
    }
    assert len((await told(fake)).threads) == 1


# what a look costs
async def test_a_quiet_look_asks_whether_anything_changed_and_issues_take_turns() -> None:
    fake = FakeGitHub()
    fake.issue()
    fake.discussion()
    steps = fake.connector().updates(None)
    await anext(steps)
    await anext(steps)
    before = len(fake.calls)
    for _ in range(4):
        await anext(steps)
    verbs = [f"{one.method} {one.path}" for one in fake.calls[before:]]
    assert sorted(verbs) == [f"GET /repos/{REPO}/issues"] * 2 + ["POST /graphql"] * 2
    fake.say("I_1", "you lot1", "Hello?")
    posts = [post for _ in range(2) for post in (await anext(steps)).posts]
    assert [post.text for post in posts] == ["you lot", "Hello?"]
    await steps.aclose()  # type: ignore[attr-defined]


async def test_closed_issues_are_asked_for_since_the_last_change_alone() -> None:
    fake = FakeGitHub()
    fake.issue()
    first = await told(fake)
    fake.issue()
    await told(fake, first.cursor)
    asked = [call.url.params for call in fake.calls if call.path.endswith("/issues")]
    states = [(params["state"], "since" in params) for params in asked]
    assert set(states) == {("open", False), ("all", True)}
    assert max(params.get("since", "") for params in asked) == fake.issues[0]["updated_at"]


async def test_nothing_changed_is_told_by_a_304() -> None:
    fake = FakeGitHub()
    fake.issue()
    seen: list[int] = []

    def watch(request: httpx.Request) -> Any:
        answer = fake.answer(request, request.url.path)
        seen.append(answer.status_code if isinstance(answer, httpx.Response) else 200)
        return answer

    fake.override[f"GET /repos/{REPO}/issues$"] = watch
    steps = fake.connector().updates(None)
    for _ in range(4):
        await anext(steps)
    await steps.aclose()  # type: ignore[attr-defined]
    assert seen == [200, 200, 304, 304]


async def test_the_comments_of_many_issues_are_one_request() -> None:
    fake = FakeGitHub()
    for _ in range(40):
        fake.say(fake.issue(), "you lot1", "And?")
    assert len((await told(fake)).posts) == 80
    assert fake.asked("POST /graphql") == 2


async def test_what_was_said_and_cannot_be_read_is_kept_aside_and_nothing_is_closed() -> None:
    fake = FakeGitHub()
    lost, plain = fake.issue(), fake.issue()
    fake.say(lost, "you lot1", "And?")
    fake.override["/graphql"] = lambda request: {
        "data": {"nodes": [None], "repository": {"hasDiscussionsEnabled": False}}
    }
    batch = await told(fake)
    assert [thread.subject for thread in batch.threads] == [plain]
    assert [one.where for one in batch.broken] == [f"comments of {lost}"]
    assert [one.subject for one in batch.unread] == [lost]
    assert lost not in {subject for subject, _ in batch.open_now or ()}
    fake.override.clear()
    assert {t.subject for t in (await told(fake, batch.cursor)).threads} == {lost}


async def test_an_issue_that_cannot_be_read_is_not_closed_and_hides_no_other() -> None:
    fake = FakeGitHub()
    lost, gone, _ = fake.issue(), fake.issue(), fake.issue()
    first = await told(fake)
    row = next(row for row in fake.issues if row["node_id"] == lost)
    row["number"] = "none"
    fake.issues = [one for one in fake.issues if one["node_id"] != gone]
    again = await told(fake, first.cursor)
    assert again.open_now is not None
    assert [one.subject for one in again.unread] == [lost]
    assert gone not in {subject for subject, _ in again.open_now}
    assert lost in {subject for subject, _ in again.open_now}


# refusals
@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "{reset}"}, "API rate limit", 600),
        ({"Retry-After": "17", "X-RateLimit-Remaining": "4000"}, "slow down", 17),
        ({"X-RateLimit-Remaining": "4000"}, "You have exceeded a secondary rate limit", 60),
    ],
)
async def test_a_403_that_is_about_the_rate_asks_for_a_wait(
    headers: dict[str, str], message: str, seconds: int
) -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    reset = str(int((START + timedelta(minutes=10)).timestamp()))
    told_ = {name: value.format(reset=reset) for name, value in headers.items()}
    refused = httpx.Response(403, json={"message": message}, headers=told_)
    fake.override["POST .*/comments$"] = lambda request: refused
    with pytest.raises(RateLimited, match=message) as raised:
        await fake.connector().perform(at(topic), Reply(**REPLY), "k")
    assert raised.value.retry_after == timedelta(seconds=seconds)


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "90"}, 90), ({}, 60)])
async def test_a_secondary_limit_holds_both_interfaces(
    headers: dict[str, str], seconds: int
) -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    message = {"message": "You have exceeded a secondary rate limit"}
    fake.override["POST .*/comments$"] = lambda request: httpx.Response(
        403, json=message, headers=headers
    )
    connector = fake.connector()
    with pytest.raises(RateLimited):
        await connector.perform(at(topic), Reply(**REPLY), "k")
    asked = len(fake.calls)
    for write in (
        connector._api.write("POST", "/repos/ours/app/issues/1/comments"),
        connector._api.mutate("mutation { lock }"),
    ):
        with pytest.raises(RateLimited):
            await write
    assert len(fake.calls) == asked
    await connector._api.get("/user")
    assert fake.now == START + timedelta(seconds=seconds)


async def test_a_403_that_is_not_about_the_rate_is_a_refusal() -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    refused = httpx.Response(
        403, json={"message": "Locked"}, headers={"X-RateLimit-Remaining": "9"}
    )
    fake.override["POST .*/comments$"] = lambda request: refused
    with pytest.raises(Rejected, match="Locked"):
        await fake.connector().perform(at(topic), Reply(**REPLY), "k")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"type": "FORBIDDEN", "message": "You may not"}, Rejected),
        ({"type": "RATE_LIMITED", "message": "Too much"}, RateLimited),
        ({"message": "Argument", "extensions": {"code": "argumentNotAccepted"}}, Rejected),
        ({"message": "Something went wrong"}, Unknown),
        ("?", Unknown),
    ],
)
async def test_a_200_that_did_not_do_it_is_what_its_error_says(
    error: Any, kind: type[Exception]
) -> None:
    fake = FakeGitHub()
    topic = fake.discussion()

    def answer(request: httpx.Request) -> Any:
        if b"mutation" in request.content:
            return {"data": {"addDiscussionComment": None}, "errors": [error]}
        return fake.answer(request, request.url.path)

    fake.override["/graphql"] = answer
    with pytest.raises(kind, match=r"\w+"):
        await fake.connector().perform(at(topic), Reply(**REPLY), "k")


async def test_what_was_done_and_is_shown_in_part_alone_is_not_taken_for_refused() -> None:
    fake = FakeGitHub()
    topic = fake.discussion()
    error = {"type": "FORBIDDEN", "message": "Resource not accessible"}

    def answer(request: httpx.Request) -> Any:
        if b"mutation" in request.content:
            return {"data": {"addDiscussionComment": {"comment": None}}, "errors": [error]}
        return fake.answer(request, request.url.path)

    fake.override["/graphql"] = answer
    with pytest.raises(Unknown, match="not accessible"):
        await fake.connector().perform(at(topic), Reply(**REPLY), "k")


async def test_a_read_that_went_wrong_is_tried_again() -> None:
    fake = FakeGitHub()
    fake.override["/graphql"] = lambda request: {"errors": [{"message": "Something went wrong"}]}
    with pytest.raises(Retryable, match="went wrong"):
        await fake.connector().context(at("I_1"))
    fake.override.clear()
    with pytest.raises(Rejected, match="resolve"):
        await fake.connector().context(at("I_1"))
