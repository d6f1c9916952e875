"""What a moderator can have done on a forum, and whether it was done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from modtui.connectors import (
    Absent,
    CannotTell,
    Found,
    Rejected,
    Stale,
    ThreadRef,
    Unsupported,
)
from modtui.connectors.discourse.choosing import APPROVE, HIDE, KEEP, KEPT_HIDDEN
from modtui.connectors.discourse.deciding import Deciding
from modtui.connectors.discourse.facts import APPROVED, PENDING, PostFacts, Reviewable, User
from modtui.connectors.discourse.line import Line, understood
from modtui.connectors.discourse.people import People
from modtui.connectors.discourse.saying import Saying
from modtui.connectors.discourse.topics import Topics
from modtui.connectors.evidence import removed
from modtui.connectors.http import RejectedByServer, segment
from modtui.connectors.reading import because
from modtui.domain.commands import (
    Assign,
    Audience,
    Command,
    Dismiss,
    Escalate,
    HandOver,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
    SetReadOnly,
    SetSlowMode,
    Unlock,
)
from modtui.domain.outbox import Receipt

_LASTING = (SanctionKind.MUTE, SanctionKind.BAN)
_FOR_GOOD = (
    "what was held and turned down cannot wait again: the forum could only approve it, which"
    " publishes it and tells its author"
)


class Acting:
    """Performs commands for one account."""

    def __init__(
        self,
        line: Line,
        deciding: Deciding,
        now: Callable[[], datetime],
        me: Callable[[], Awaitable[User]],
    ) -> None:
        self._line = line
        self._deciding = deciding
        self._now = now
        self._saying = Saying(line, now, me)
        self.topics = Topics(line)
        self._people = People(line, now)

    async def perform(self, ref: ThreadRef, command: Command) -> Receipt:
        """Do it and return the proof. Raises the port's errors."""
        match command:
            case Reply() | Escalate() | HandOver() | Sanction(sanction=SanctionKind.WARN):
                return await self._say(ref, command)
            case Hide() | Dismiss() | Restore():
                return self._done(await self._decide(ref, command))
            case Assign():
                return self._done(await self._deciding.assign(ref.subject, command))
            case SetSlowMode():
                return self._done(await self.topics.slow(ref, command))
            case Lock(until=until) | SetReadOnly(on=True, until=until):
                return self._done(await self.topics.close(ref, until))
            case Unlock(expect=expect) | SetReadOnly(expect=expect):
                return self._done(await self.topics.reopen(ref, expect))
            case Sanction(sanction=kind) if kind in _LASTING:
                return self._done(await self._people.restrain(command))
            case LiftSanction(sanction=kind) if kind in _LASTING:
                return self._done(await self._people.lift(command))
        raise Unsupported(f"Discourse cannot do this: {command.kind}")

    def _done(self, evidence: str) -> Receipt:
        return Receipt(None, self._now(), evidence)

    async def _say(
        self, ref: ThreadRef, command: Reply | Escalate | HandOver | Sanction
    ) -> Receipt:
        match command:
            case Reply(audience=Audience.AUTHOR, text=text):
                to, title = await self._author(ref)
                return await self._saying.message(to, title, text)
            case Reply(text=text):
                return await self._saying.reply(ref, text)
            case Sanction():
                words = command.text or command.reason
                if not words.strip():
                    raise Rejected("a warning needs words")
                to, title = await self._author(ref)
                return await self._saying.message(to, title, words, warning=True)
        to = command.to.strip().lstrip("@#")
        if not to:
            raise Rejected('say in `reach` whom to tell: channel = "name" of a person or a group')
        what = f"for {command.team}" if isinstance(command, Escalate) else "hand-over"
        return await self._saying.message(to, f"Moderation, {what}", command.text)

    async def _author(self, ref: ThreadRef) -> tuple[str, str]:
        """Return the author's username, and a title for what is written to them."""
        item, side = await self._deciding.item(ref.subject)
        users = (user for user in side.users.values() if str(user.id) == ref.author)
        user = next(users, None)
        if user is None:
            raise Rejected("the forum does not say who wrote this")
        topic = side.topics.get(item.topic_id) if item.topic_id is not None else None
        return user.username, f"About {topic.title}" if topic else "About what you wrote"

    async def _decide(self, ref: ThreadRef, command: Hide | Dismiss | Restore) -> str:
        match command:
            case Dismiss(approve=approve):
                return await self._deciding.decide(ref.subject, APPROVE if approve else KEEP)
            case Hide(posts=posts):
                item, _ = await self._deciding.item(ref.subject)
                own = str(item.post_id) if item.post_id is not None else f"r{item.id}"
                before = {post for post in posts if post != own and not await self._delete(post)}
                done, held = "", set[str]()
                if own in posts or not posts:
                    reason = because(command.rule, command.reason)
                    done = await self._deciding.decide(ref.subject, HIDE, reason)
                    # To bring back what was held would publish it, which nobody had decided.
                    if done.startswith(KEPT_HIDDEN) or item.post_id is None:
                        held.add(own)
                    await self._gone(item)
                    if item.status != PENDING and own not in held:
                        before.add(own)
                return removed(posts or (own,), before, done, held)
        said = [await self._restore(post) for post in command.posts]
        return "; ".join(said)

    async def _gone(self, item: Reviewable) -> None:
        """Raise Stale where an item was decided on before, by agreeing and keeping the post."""
        if item.status != APPROVED or item.post_id is None:
            return
        try:
            post = await self._post(str(item.post_id))
        except RejectedByServer as error:
            if error.status != 404:
                raise
            # Who is no staff does not see what is deleted.
            return
        if not (post.hidden or post.deleted_at or post.user_deleted):
            raise Stale("somebody agreed with the flags meanwhile, and the post stands")

    async def _delete(self, post: str) -> bool:
        """Delete a post that is not the one of the item; return whether it was there."""
        found = await self._post(post)
        if found.deleted_at or found.user_deleted:
            return False
        await self._line.write("DELETE", f"/posts/{found.id}.json")
        return True

    async def _restore(self, post: str) -> str:
        if post.startswith("r"):
            raise Rejected(_FOR_GOOD)
        found = await self._post(post)
        if found.deleted_at or found.user_deleted:
            await self._line.write("PUT", f"/posts/{found.id}/recover.json")
            return "undeleted"
        if found.hidden:
            await self._line.write("PUT", f"/posts/{found.id}/unhide.json")
            return "unhidden"
        return "it is visible already"

    async def _post(self, post: str) -> PostFacts:
        body = await self._line.read(f"/posts/{segment(post)}.json")
        return understood(body, PostFacts, "post")

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look whether `command` was done since `since`."""
        match command:
            case Reply(audience=Audience.EVERYONE, text=text):
                return await self._saying.find_reply(ref, text, since, taken)
            case Reply(text=text) | Escalate(text=text) | HandOver(text=text):
                return await self._saying.find_message(text, since, taken)
            case Sanction(sanction=SanctionKind.WARN):
                words = command.text or command.reason
                return await self._saying.find_message(words, since, taken)
            case Dismiss():
                item, _ = await self._deciding.item(ref.subject)
                wish = APPROVE if command.approve else KEEP
                return Found(self._done("")) if wish.done(item) else Absent(strong=True)
        return CannotTell("it sets a state: doing it again is harmless")
