"""The github connector against a stand-in of ours: its traps, and what it can do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    LEFT_ALONE,
    Absent,
    Batch,
    CannotTell,
    Found,
    RateLimited,
    Rejected,
    Retryable,
    ThreadRef,
    Unknown,
)
from modtui.connectors.github.api import Api, graph_url
from modtui.connectors.github.look import look
from modtui.domain.commands import (
    Capability,
    Dismiss,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
    SetReadOnly,
)
from modtui.domain.model import Role
from tests.connectors.contract import ON, ConnectorContract, Line
from tests.connectors.fakegithub import ME, REPO, SCOPES, FakeGitHub, stamp
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


class TestIssues(ConnectorContract):
    @pytest.fixture
    async def line(self) -> Line:
        fake = FakeGitHub()
        subject = fake.issue()
        fake.say(subject, "you lot1", "Anybody?")
        return Line(fake.connector(), [await told(fake)], subject, START)


class TestDiscussions(ConnectorContract):
    @pytest.fixture
    async def line(self) -> Line:
        fake = FakeGitHub()
        subject = fake.discussion()
        fake.say(subject, "asker5000", "Anybody?")
        settings: dict[str, Any] = {"labels": ["help"]}
        return Line(fake.connector(**settings), [await told(fake, **settings)], subject, START)


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
    assert batch.open_now is None
    fake.override.clear()
    assert {t.subject for t in (await told(fake, batch.cursor)).threads} == {lost}


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


async def test_a_read_that_went_wrong_is_tried_again() -> None:
    fake = FakeGitHub()
    fake.override["/graphql"] = lambda request: {"errors": [{"message": "Something went wrong"}]}
    with pytest.raises(Retryable, match="went wrong"):
        await fake.connector().context(at("I_1"))
    fake.override.clear()
    with pytest.raises(Rejected, match="resolve"):
        await fake.connector().context(at("I_1"))


# actions
async def test_a_comment_is_minimised_under_its_rule_and_brought_back() -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    post = fake.say(topic, "you lot1", "Buy spins")
    connector, row = fake.connector(), fake.comments[topic][0]
    for rule, classifier in (("2 spam", "SPAM"), ("be kind", "ABUSE"), ("off-topic", "OFF_TOPIC")):
        hide = Hide(**ON, posts=(post,), author="you lot1", rule=rule)
        await connector.perform(at(topic), hide, "k")
        assert (row["isMinimized"], row["why"]) == (True, classifier)
    await connector.perform(at(topic), Restore(**ON, posts=(post,)), "k")
    assert row["isMinimized"] is False


async def test_hiding_the_opening_post_closes_it_as_not_planned() -> None:
    fake = FakeGitHub()
    issue, discussion = fake.issue(), fake.discussion()
    connector = fake.connector()
    for topic, why in ((issue, "NOT_PLANNED"), (discussion, "OUTDATED")):
        hide = Hide(**ON, posts=(topic,), author="x", reason="spam")
        await connector.perform(at(topic), hide, "k")
        receipt = await connector.perform(at(topic), hide, "k")
        assert (fake.row(topic)["why"], receipt.evidence) == (why, "")
        await connector.perform(at(topic), Restore(**ON, posts=(topic,)), "k")
    assert fake.row(issue)["state"] == "open"
    assert fake.row(discussion)["closed"] is False


async def test_keep_takes_the_label_off_or_closes() -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    keep = Dismiss(**ON, flags=("label: help",))
    connector = fake.connector(labels=["help"])
    await connector.perform(at(topic), keep, "k")
    assert (fake.row(topic)["labels"], fake.row(topic)["state"]) == ([], "open")
    again = await connector.perform(at(topic), keep, "k")
    assert again.evidence == "the label was off already"
    await fake.connector(labels=["help"], keep="close").perform(at(topic), keep, "k")
    assert (fake.row(topic)["state"], fake.row(topic)["why"]) == ("closed", "COMPLETED")


async def test_a_lock_names_its_reason_where_github_has_one() -> None:
    fake = FakeGitHub()
    for reason, named in (("too heated", "TOO_HEATED"), ("enough now", None)):
        topic = fake.issue()
        await fake.connector().perform(at(topic), Lock(**ON, reason=reason), "k")
        assert (fake.row(topic)["locked"], fake.row(topic)["why"]) == (True, named)


@pytest.mark.parametrize(
    ("days", "days_set"), [(1, 1), (2, 3), (7, 7), (20, 30), (100, 180), (None, 180)]
)
async def test_an_interaction_limit_lasts_the_next_longer_span(
    days: int | None, days_set: int
) -> None:
    fake = FakeGitHub()
    connector = fake.connector(limit_to="collaborators_only")
    until = None if days is None else START + timedelta(days=days)
    await connector.perform(at("I_1"), SetReadOnly(**ON, on=True, until=until, reason="x"), "k")
    end = stamp(START + timedelta(days=days_set))
    assert fake.limit == {"limit": "collaborators_only", "origin": "repository", "expires_at": end}
    topic = fake.issue()
    channel = (await connector.context(at(topic))).channel
    assert channel is not None
    assert channel.restriction is not None
    assert channel.restriction.until == START + timedelta(days=days_set)


async def test_an_interaction_limit_of_others_is_left_alone() -> None:
    fake = FakeGitHub()
    connector = fake.connector()
    off = SetReadOnly(**ON, on=False, until=None, reason="x", expect="2026-01-01T00:00:00Z")
    fake.limit = {"limit": "existing_users", "origin": "repository", "expires_at": stamp(START)}
    assert (await connector.perform(at("I_1"), off, "k")).evidence == LEFT_ALONE
    fake.limit["origin"] = "organization"
    with pytest.raises(Rejected, match="the organization has set a limit"):
        await connector.perform(at("I_1"), off, "k")
    too_long = SetReadOnly(**ON, on=True, until=START + timedelta(days=200), reason="x")
    fake.limit = {}
    with pytest.raises(Rejected, match="six months"):
        await connector.perform(at("I_1"), too_long, "k")


async def test_a_block_compares_first_and_only_an_owner_blocks_outside_an_organisation() -> None:
    fake = FakeGitHub()
    block = Sanction(**ON, sanction=SanctionKind.BAN, author="troll")
    lift = LiftSanction(**ON, sanction=SanctionKind.BAN, author="troll")
    connector = fake.connector()
    await connector.perform(at("I_1"), block, "k")
    assert (await connector.perform(at("I_1"), block, "k")).evidence == "it was so already"
    assert fake.asked("PUT /orgs/ours/blocks/troll") == 1
    await connector.perform(at("I_1"), lift, "k")
    assert (await connector.perform(at("I_1"), lift, "k")).evidence == "not blocked any more"
    fake.owner = "User"
    with pytest.raises(Rejected, match="only @ours can block"):
        await fake.connector().perform(at("I_1"), block, "k")


# whether it was said
async def test_only_our_own_later_words_are_a_reply_read_back() -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    connector, reply = fake.connector(), Reply(**REPLY)
    fake.say(topic, "somebody", reply.text, createdAt=stamp(START))
    fake.say(topic, ME, reply.text, createdAt=stamp(START - timedelta(hours=2)))
    find = connector.find(at(topic), reply, START, frozenset())
    assert await find == Absent(strong=False)
    name = fake.say(topic, ME, "Try  the\r\nnewer one. ", createdAt=stamp(START))
    found = await connector.find(at(topic), reply, START, frozenset())
    assert isinstance(found, Found)
    assert found.receipt.remote_id == name
    for _ in range(50):
        fake.say(topic, "somebody", "noise", createdAt=stamp(START))
    lost = await connector.find(at(topic), reply, START, frozenset({name}))
    assert isinstance(lost, CannotTell)


# who we are
async def test_what_the_scopes_and_the_role_lack_is_said_in_words() -> None:
    fake = FakeGitHub(scopes="read:user", permissions={"pull": True, "triage": True})
    connector = fake.connector()
    who = await connector.identity()
    assert (who.name, who.role) == ("@mod", "Triage")
    assert f"minimise in {REPO} (needs the role Write)" in who.cannot
    assert "scope repo" in connector.capabilities.missing[Capability.REPLY]
    assert "scope admin:org" in connector.capabilities.missing[Capability.BAN]
    fake.scopes = SCOPES
    connector = fake.connector()
    assert "Triage): read, answer, keep" in (await connector.identity()).can[0]
    assert "role Write" in connector.capabilities.missing[Capability.LOCK]
    assert "role Admin" in connector.capabilities.missing[Capability.READ_ONLY]


async def test_a_fine_grained_token_is_probed() -> None:
    fake = FakeGitHub(scopes=None)
    refused = httpx.Response(403, json={"message": "Resource not accessible"})
    fake.override["interaction-limits$"] = lambda request: refused
    who = await fake.connector().identity()
    assert f"{REPO}: the token lacks the permission Administration" in who.cannot
    assert "fine-grained" in who.can[-2]
    assert not who.ask


async def test_a_repository_that_cannot_be_read_is_named_with_what_to_ask() -> None:
    fake = FakeGitHub()
    who = await fake.connector(repositories=[REPO, "ours/secret"]).identity()
    assert "@mod needs" in who.ask
    assert "ours/secret" in who.ask


@pytest.mark.parametrize("named", [[], ["app"], ["https://github.com/a/b"], ["a/b/c"]])
def test_a_repository_that_is_none_is_said(named: list[str]) -> None:
    with pytest.raises(Rejected, match="owner/name"):
        FakeGitHub().connector(repositories=named)


# where it is
@pytest.mark.parametrize(
    ("url", "graph"),
    [
        ("https://api.github.com", "https://api.github.com"),
        ("https://ghe.test/api/v3/", "https://ghe.test/api"),
    ],
)
async def test_graphql_is_beside_rest(url: str, graph: str) -> None:
    assert graph_url(url) == graph
    fake = FakeGitHub(url=url)
    with pytest.raises(Rejected):
        await Api(fake.environment()).query("query", id="I_1")
    assert str(fake.calls[-1].url) == f"{graph}/graphql"


async def test_what_is_at_an_address_is_told_without_a_token() -> None:
    fake = FakeGitHub(secrets={})
    with pytest.raises(Rejected, match="api/v3"):
        await look(fake.environment())
    meta = {"verifiable_password_authentication": True, "installed_version": "3.17.0"}
    fake.override["/meta$"] = lambda request: meta
    assert (await look(fake.environment())).what == "GitHub Enterprise Server 3.17.0 at ours.test"
    fake.override["/meta$"] = lambda request: {}
    with pytest.raises(Rejected, match="not GitHub"):
        await look(fake.environment())
