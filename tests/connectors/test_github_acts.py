"""What the github connector does on a stand-in of ours, and who it says it is there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import Absent, CannotTell, Found, Rejected, ThreadRef
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY, off_before
from modtui.connectors.github.api import Api, graph_url
from modtui.connectors.github.look import look
from modtui.domain.commands import (
    Assign,
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
    Unlock,
)
from tests.connectors.contract import ON
from tests.connectors.fakegithub import ME, REPO, SCOPES, FakeGitHub, stamp
from tests.connectors.platform import START

REPLY: dict[str, Any] = {"thread": 1, "revision": 1, "text": "Try the newer one."}


def at(topic: str, author: str = "you lot1") -> ThreadRef:
    return ThreadRef(topic, REPO, author)


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


async def test_what_another_minimised_or_closed_stays_when_ours_is_taken_back() -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    theirs = fake.say(topic, "you lot1", "Buy spins", isMinimized=True, why="OUTDATED")
    ours = fake.say(topic, "you lot1", "Buy more spins")
    hide = Hide(**ON, posts=(theirs, ours), author="x", reason="spam")
    receipt = await fake.connector().perform(at(topic), hide, "k")
    assert off_before(receipt.evidence) == {theirs}
    assert [row["why"] for row in fake.comments[topic]] == ["OUTDATED", "SPAM"]
    closed = fake.issue(state="closed")
    both = Hide(**ON, posts=(closed, ours), author="x", reason="spam")
    receipt = await fake.connector().perform(at(closed), both, "k")
    assert receipt.evidence == SO_ALREADY
    assert fake.asked("graphql") == 4


@pytest.mark.parametrize("discussion", [False, True])
async def test_what_github_did_not_close_or_open_is_not_done(discussion: bool) -> None:
    fake = FakeGitHub()
    topic = fake.discussion() if discussion else fake.issue()
    fake.change = lambda topic, **values: None  # type: ignore[method-assign]
    hide = Hide(**ON, posts=(topic,), author="x", reason="spam")
    kind = "Discussion" if discussion else "Issue"
    for name, closed in ((f"_close{kind}", False), (f"_reopen{kind}", True)):
        setattr(fake, name, lambda asked, closed=closed: {kind.lower(): {"closed": closed}})
    with pytest.raises(Rejected, match="did not close it"):
        await fake.connector().perform(at(topic), hide, "k")
    fake.row(topic).update(state="closed", closed=True)
    with pytest.raises(Rejected, match="did not open it again"):
        await fake.connector().perform(at(topic), Restore(**ON, posts=(topic,)), "k")


async def test_hiding_the_opening_post_closes_it_as_not_planned() -> None:
    fake = FakeGitHub()
    issue, discussion = fake.issue(), fake.discussion()
    connector = fake.connector()
    for topic, why in ((issue, "NOT_PLANNED"), (discussion, "OUTDATED")):
        hide = Hide(**ON, posts=(topic,), author="x", reason="spam")
        await connector.perform(at(topic), hide, "k")
        receipt = await connector.perform(at(topic), hide, "k")
        assert (fake.row(topic)["why"], receipt.evidence) == (why, SO_ALREADY)
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


async def test_keep_takes_every_label_off_by_which_it_waits_and_no_other() -> None:
    fake = FakeGitHub()
    topic = fake.issue()
    names = ("help", "urgent", "bug")
    labels = [{"id": 1, "node_id": f"L_{name}", "name": name} for name in names]
    fake.change(topic, labels=labels)
    connector = fake.connector(labels=["help", "urgent"])
    await connector.perform(at(topic), Dismiss(**ON, flags=("label: help",)), "k")
    assert fake.row(topic)["labels"] == labels[2:]


async def test_who_takes_over_is_the_only_one_assigned() -> None:
    fake = FakeGitHub()
    topic = fake.issue(assignees=[{"login": "jane"}, {"login": "joe"}])
    await fake.connector().perform(at(topic), Assign(**ON, on=True, over=True), "k")
    assert [one["login"] for one in fake.row(topic)["assignees"]] == [ME]


async def test_a_lock_names_its_reason_where_github_has_one() -> None:
    fake = FakeGitHub()
    for reason, named in (("too heated", "TOO_HEATED"), ("enough now", None)):
        topic = fake.issue()
        lock = Lock(**ON, reason=reason)
        await fake.connector().perform(at(topic), lock, "k")
        assert (fake.row(topic)["locked"], fake.row(topic)["why"]) == (True, named)
        again = await fake.connector().perform(at(topic), lock, "k2")
        assert again.evidence == SO_ALREADY


async def test_a_lock_of_an_issue_that_another_set_anew_is_left_alone() -> None:
    fake = FakeGitHub()
    connector, topic = fake.connector(), fake.issue()
    lock = Lock(**ON, reason="too heated")
    left = (await connector.perform(at(topic), lock, "k")).evidence
    back = Unlock(**ON, expect=left)
    fake.row(topic)["lock"] = "LOE_of another"
    assert (await connector.perform(at(topic), back, "k2")).evidence == LEFT_ALONE
    fake.row(topic)["lock"] = left
    await connector.perform(at(topic), back, "k3")
    assert fake.row(topic)["locked"] is False


async def test_whose_the_lock_of_a_discussion_is_cannot_be_told() -> None:
    fake = FakeGitHub()
    connector = fake.connector()
    receipt = await connector.perform(at(fake.discussion()), Lock(**ON, reason="x"), "k")
    assert receipt.evidence == ""
    untold = connector.capabilities.offers[Capability.LOCK].untold
    assert untold.startswith("GitHub does not tell who locked this")


async def test_a_lock_whose_event_is_not_shown_is_a_lock_all_the_same() -> None:
    fake = FakeGitHub()
    topic, asked = fake.issue(), 0

    def once(request: httpx.Request) -> Any:
        nonlocal asked
        asked += b"timelineItems" in request.content
        return fake.answer(request, request.url.path) if asked < 2 else httpx.Response(502)

    fake.override["graphql$"] = once
    receipt = await fake.connector().perform(at(topic), Lock(**ON, reason="x"), "k")
    assert (receipt.evidence, fake.row(topic)["locked"]) == ("", True)


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
    on = SetReadOnly(**ON, on=True, until=None, reason="x")
    left = (await connector.perform(at("I_1"), on, "k")).evidence
    off = SetReadOnly(**ON, on=False, until=None, reason="x", expect=left)
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
    untold = connector.capabilities.offers[Capability.BAN].untold
    assert untold.startswith("GitHub does not tell who blocked somebody")
    await connector.perform(at("I_1"), block, "k")
    assert (await connector.perform(at("I_1"), block, "k")).evidence == SO_ALREADY
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


async def test_an_archived_repository_is_named_as_one() -> None:
    fake = FakeGitHub()
    fake.override[f"GET /repos/{REPO}$"] = lambda request: {
        "full_name": REPO, "owner": {"login": "ours"}, "permissions": {"admin": True},
        "archived": True,
    }  # fmt: skip
    who = await fake.connector().identity()
    assert f"{REPO} is archived: nothing can be changed there" in who.cannot


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
