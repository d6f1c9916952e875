"""What a moderator can have done on GitHub, and whether it was done.

Source: REST "Issue comments", "Interaction limits", "Blocking"; GraphQL mutations.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from modtui.connectors import (
    Absent,
    CannotTell,
    ConnectorError,
    Found,
    Rejected,
    Stale,
    ThreadRef,
    Unknown,
    Unsupported,
)
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY, removed
from modtui.connectors.github.api import Api
from modtui.connectors.github.facts import Comments, Person, Reader, Topic
from modtui.connectors.github.limiting import Limiting, as_kind, repo_path
from modtui.connectors.github.offers import Owner
from modtui.connectors.github.queries import (
    CLOSE,
    LOCK,
    MINIMIZE,
    MINIMIZED,
    REOPEN,
    SAY,
    TOPIC,
    UNLABEL,
    UNLOCK,
    UNMINIMIZE,
)
from modtui.connectors.http import segment
from modtui.connectors.reading import because, convert_each, iso_moment, says
from modtui.domain.commands import (
    Assign,
    Audience,
    Command,
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
from modtui.domain.outbox import Receipt

_SKEW = timedelta(minutes=2)
_CLASSIFIERS: Mapping[str, str] = {
    "spam": "SPAM", "advert": "SPAM", "off-topic": "OFF_TOPIC", "off topic": "OFF_TOPIC",
    "duplicate": "DUPLICATE", "outdated": "OUTDATED", "resolved": "RESOLVED",
}  # fmt: skip
_LOCK_REASONS: Mapping[str, str] = {
    "spam": "SPAM", "advert": "SPAM", "off-topic": "OFF_TOPIC", "off topic": "OFF_TOPIC",
    "heated": "TOO_HEATED", "resolved": "RESOLVED", "answered": "RESOLVED",
}  # fmt: skip
_REASONS = {"done": ("COMPLETED", "RESOLVED"), "unwanted": ("NOT_PLANNED", "OUTDATED")}


class Acting:
    """Performs commands for one account. `closes`: Keep closes a topic, instead of taking its
    label off; `limit_to`: who may write under an interaction limit."""

    def __init__(
        self, api: Api, reader: Callable[[], Awaitable[Reader]], *, closes: bool, limit_to: str
    ) -> None:
        self._api = api
        self._reader = reader
        self._closes = closes
        self.limiting = Limiting(api, self._now, limit_to)
        self._owners: dict[str, Owner] = {}

    async def perform(self, ref: ThreadRef, command: Command) -> Receipt:
        """Do it and return the proof. Raises the port's errors."""
        match command:
            case Reply(audience=Audience.EVERYONE, text=text):
                return await self._reply(ref, text)
            case Hide(posts=posts):
                return await self._hide(ref, posts, because(command.rule, command.reason))
            case Restore(posts=posts):
                return await self._restore(ref, posts)
            case Dismiss(approve=False):
                return await self._dismiss(ref)
            case Lock(reason=reason):
                return await self._lock(ref, reason)
            case Unlock():
                return await self._unlock(ref, command.expect)
            case Assign():
                return await self._assign(ref, command)
            case SetReadOnly():
                return await self._done(*await self.limiting.set(ref.channel, command))
            case Sanction(sanction=SanctionKind.BAN, author=author):
                return await self._block(ref, author, block=True)
            case LiftSanction(sanction=SanctionKind.BAN, author=author):
                return await self._block(ref, author, block=False)
        raise Unsupported(f"GitHub cannot do this: {command.kind}")

    async def topic(self, node_id: str) -> Topic:
        """Return an issue or a discussion as it stands. Raises Rejected where it is gone."""
        data = await self._api.query(TOPIC, id=node_id)
        if not data.get("node"):
            raise Rejected("the issue or discussion is gone")
        topic = as_kind(data["node"], Topic, "issue or discussion")
        # GraphQL may call an old one otherwise than REST, by which it is known here.
        return msgspec.structs.replace(topic, id=node_id)

    async def _now(self) -> datetime:
        return (await self._reader()).now

    async def _done(self, evidence: str = "", remote_id: str | None = None) -> Receipt:
        return Receipt(remote_id, await self._now(), evidence)

    # words
    async def _reply(self, ref: ThreadRef, text: str) -> Receipt:
        topic = await self.topic(ref.subject)
        if topic.is_issue:
            where = topic.repository.name_with_owner if topic.repository else ref.channel
            path = f"{repo_path(where or ref.channel)}/issues/{topic.number}/comments"
            said = await self._api.write("POST", path, {"body": text})
            name, at = _text(said, "node_id"), _text(said, "created_at")
        else:
            data = await self._api.mutate(SAY, input={"discussionId": topic.id, "body": text})
            said = _inner(data, "addDiscussionComment", "comment")
            name, at = _text(said, "id"), _text(said, "createdAt")
        if not name or not name.isprintable():
            raise Unknown("GitHub took it and named no comment")
        return Receipt(name, iso_moment(at, await self._now()))

    async def _hide(self, ref: ThreadRef, posts: tuple[str, ...], why: str) -> Receipt:
        before = await self._minimised([post for post in posts if post != ref.subject])
        for post in posts:
            if post == ref.subject:
                if (await self._shut(await self.topic(post), "unwanted")).evidence:
                    before.add(post)
                continue
            if post in before:
                continue
            given = {"subjectId": post, "classifier": _word(_CLASSIFIERS, why) or "ABUSE"}
            data = await self._api.mutate(MINIMIZE, input=given)
            if _inner(data, "minimizeComment", "minimizedComment").get("isMinimized") is not True:
                raise Rejected("GitHub did not minimise the comment")
        return await self._done(removed(posts, before))

    async def _minimised(self, comments: list[str]) -> set[str]:
        """Return which of some comments are minimised."""
        if not comments:
            return set()
        nodes = (await self._api.query(MINIMIZED, ids=comments)).get("nodes")
        told = [one for one in nodes or () if isinstance(one, dict)]
        return {str(one.get("id")) for one in told if one.get("isMinimized") is True}

    async def _restore(self, ref: ThreadRef, posts: tuple[str, ...]) -> Receipt:
        for post in posts:
            if post == ref.subject:
                await self._reopen(await self.topic(post))
                continue
            data = await self._api.mutate(UNMINIMIZE, input={"subjectId": post})
            said = _inner(data, "unminimizeComment", "unminimizedComment")
            if said.get("isMinimized") is not False:
                raise Rejected("GitHub did not bring the comment back")
        return await self._done()

    # the topic
    async def _dismiss(self, ref: ThreadRef) -> Receipt:
        topic = await self.topic(ref.subject)
        if self._closes:
            return await self._shut(topic, "done")
        borne = (await self._reader()).borne(topic)
        if not borne:
            return await self._done("the label was off already")
        ids = [str(label.id) for label in borne]
        data = await self._api.mutate(UNLABEL, input={"labelableId": topic.id, "labelIds": ids})
        left = _inner(data, "removeLabelsFromLabelable", "labelable", "labels").get("nodes")
        if not isinstance(left, list):
            raise Unknown("GitHub took it and showed no labels")
        if {str(one.get("id")) for one in left if isinstance(one, dict)} & set(ids):
            raise Rejected("GitHub did not take the label off")
        return await self._done()

    async def _shut(self, topic: Topic, why: str) -> Receipt:
        if topic.closed:
            return await self._done(SO_ALREADY)
        issue, discussion = _REASONS[why]
        if topic.is_issue:
            given = {"issueId": topic.id, "stateReason": issue}
        else:
            given = {"discussionId": topic.id, "reason": discussion}
        data = await self._api.mutate(CLOSE[topic.kind], input=given)
        if not _is_closed(data):
            raise Rejected("GitHub did not close it")
        return await self._done()

    async def _reopen(self, topic: Topic) -> Receipt:
        if not topic.closed:
            return await self._done("it was open already")
        name = "issueId" if topic.is_issue else "discussionId"
        data = await self._api.mutate(REOPEN[topic.kind], input={name: topic.id})
        if _is_closed(data) is not False:
            raise Rejected("GitHub did not open it again")
        return await self._done()

    async def _lock(self, ref: ThreadRef, reason: str) -> Receipt:
        topic = await self.topic(ref.subject)
        if topic.locked:
            return await self._done(SO_ALREADY)
        given = {"lockableId": topic.id}
        named = _word(_LOCK_REASONS, reason)
        if named:
            given["lockReason"] = named
        data = await self._api.mutate(LOCK, input=given)
        if _inner(data, "lockLockable", "lockedRecord").get("locked") is not True:
            raise Rejected("GitHub did not lock the conversation")
        return await self._done(await self._fresh_lock(topic))

    async def _fresh_lock(self, before: Topic) -> str:
        """Return the id of the lock that came since `before`; "" where GitHub does not show it."""
        try:
            after = await self.topic(before.id) if before.is_issue else before
        except ConnectorError:
            # It is locked: that must not be done again for want of the name.
            return ""
        return after.last_lock if after.last_lock != before.last_lock else ""

    async def _unlock(self, ref: ThreadRef, expect: str | None) -> Receipt:
        topic = await self.topic(ref.subject)
        if not topic.locked:
            return await self._done("not locked any more")
        if expect and topic.last_lock != expect:
            return await self._done(LEFT_ALONE)
        data = await self._api.mutate(UNLOCK, input={"lockableId": topic.id})
        if _inner(data, "unlockLockable", "unlockedRecord").get("locked") is not False:
            raise Rejected("GitHub did not unlock the conversation")
        return await self._done()

    async def _assign(self, ref: ThreadRef, command: Assign) -> Receipt:
        topic, reader = await self.topic(ref.subject), await self._reader()
        if not topic.is_issue:
            return await self._done("a discussion has no assignees")
        others = reader.others(topic)
        assigned = bool(topic.assignees and topic.assignees.nodes and not others)
        path = f"{repo_path(ref.channel)}/issues/{topic.number}/assignees"
        if not command.on:
            if assigned:
                await self._api.write("DELETE", path, {"assignees": [reader.me]})
            return await self._done("unassigned" if assigned else "not ours any more")
        if assigned:
            return await self._done("it was ours already")
        if others and not command.over:
            raise Stale(f"{', '.join(f'@{login}' for login in others)} is assigned on GitHub")
        said = await self._api.write("POST", path, {"assignees": [reader.me]})
        told = said.get("assignees") if isinstance(said, dict) else None
        if not isinstance(told, list):
            raise Unknown("GitHub took it and showed no assignees")
        names = convert_each(told, Person, "assignees")[0]
        if not any(one.login.casefold() == reader.me.casefold() for one in names):
            raise Rejected("GitHub did not assign it: this account may not be assigned there")
        if others:
            await self._api.write("DELETE", path, {"assignees": list(others)})
        return await self._done("assigned")

    # the repository and its people
    async def _block(self, ref: ThreadRef, author: str, *, block: bool) -> Receipt:
        path = f"{await self._blocks(ref.channel)}/{segment(author)}"
        if await self._api.there(path) is block:
            return await self._done(SO_ALREADY if block else "not blocked any more")
        await self._api.write("PUT" if block else "DELETE", path)
        return await self._done()

    async def _blocks(self, repository: str) -> str:
        """Return where the blocks of a repository's owner are."""
        owner = self._owners.get(repository)
        if owner is None:
            body = (await self._api.get(repo_path(repository))).body
            told = body.get("owner") if isinstance(body, dict) else None
            owner = self._owners[repository] = as_kind(told, Owner, "owner")
        if owner.is_organisation:
            return f"/orgs/{segment(owner.login)}/blocks"
        if owner.login.casefold() != (await self._reader()).me.casefold():
            raise Rejected(f"only @{owner.login} can block somebody in this repository")
        return "/user/blocks"

    # whether it was done
    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look whether `command` was done since `since`."""
        if not isinstance(command, Reply):
            return CannotTell("it sets a state: doing it again is harmless")
        topic, reader = await self.topic(ref.subject), await self._reader()
        earliest, comments = since - _SKEW, topic.said()[0]
        for comment in comments:
            at = iso_moment(comment.created_at, reader.now)
            login = comment.author.login if comment.author else ""
            ours = login.casefold() == reader.me.casefold() and comment.id not in taken
            if ours and at >= earliest and says(comment.body, command.text):
                return Found(Receipt(comment.id, at))
        oldest = min((iso_moment(c.created_at, reader.now) for c in comments), default=reader.now)
        told = topic.comments or Comments()
        if told.total_count > len(told.nodes) and oldest > earliest:
            return CannotTell("too much was said since")
        return Absent(strong=False)


def _word(words: Mapping[str, str], text: str) -> str:
    lower = text.casefold()
    return next((named for word, named in words.items() if word in lower), "")


def _inner(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    value: Any = data
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _is_closed(data: Mapping[str, Any]) -> bool | None:
    """Return whether what closed or reopened a topic says that it is closed."""
    told = [kind.get("closed") for done in data.values() if isinstance(done, dict)
            for kind in done.values() if isinstance(kind, dict)]  # fmt: skip
    return told[0] if told and isinstance(told[0], bool) else None


def _text(body: Any, name: str) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else ""
