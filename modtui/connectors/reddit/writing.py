"""What is written to people on Reddit: comments, modmail and moderator discussions.

Source: /api/comment, /api/distinguish and /api/mod/conversations of Reddit's API.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from modtui.connectors import (
    Absent,
    CannotTell,
    ConnectorError,
    Found,
    Rejected,
    ThreadRef,
    Unknown,
)
from modtui.connectors.http import RejectedByServer, segment
from modtui.connectors.reading import convert_each, iso_moment, moment, says
from modtui.connectors.reddit import modmail
from modtui.connectors.reddit.facts import DELETED, Item, Thing, members
from modtui.connectors.reddit.intake import Intake
from modtui.connectors.reddit.notes import LONGEST_NOTE, Notes
from modtui.connectors.reddit.session import Session
from modtui.domain.commands import Audience, Reply, Sanction
from modtui.domain.outbox import Receipt

LONGEST_TEXT = 10_000
_SUBJECT = 100
_SKEW = timedelta(minutes=2)
_PAGE = 100
_MOST_PAGES = 3


def bounded(text: str, most: int, what: str) -> str:
    """Return `text`. Raises Rejected where it is longer than Reddit takes: nothing is cut."""
    if len(text) > most:
        raise Rejected(f"{what} has {len(text)} characters: Reddit takes {most} at most")
    return text


def reachable(name: str) -> str:
    """Return the name of an author. Raises Rejected where the account is gone."""
    if not name or name == DELETED:
        raise Rejected("the author deleted their account: nobody can be reached or banned")
    return name


class Writing:
    """Writes for one account; `me` tells its name."""

    def __init__(
        self,
        session: Session,
        intake: Intake,
        notes: Notes,
        now: Callable[[], datetime],
        me: Callable[[], Awaitable[str]],
    ) -> None:
        self._session = session
        self._intake = intake
        self.notes = notes
        self._now = now
        self._me = me

    async def reply(self, ref: ThreadRef, command: Reply) -> Receipt:
        """Comment, or write modmail where that is what the thread is or what was asked for."""
        text = bounded(command.text, LONGEST_TEXT, "the reply")
        conversation = modmail.id_of(ref.subject)
        if conversation is not None:
            form = {"body": text, "isAuthorHidden": "false", "isInternal": "false"}
            path = f"{modmail.API}/{segment(conversation)}"
            return self._said(await self._session.post(path, form))
        if command.audience is Audience.AUTHOR:
            return await self._to_author(ref, text)
        return await self._comment(ref.subject, text)

    async def _comment(self, subject: str, text: str) -> Receipt:
        form = {"thing_id": subject, "text": text}
        body = await self._session.post("/api/comment", form)
        told = body.get("json") if isinstance(body, dict) else None
        data = told.get("data") if isinstance(told, dict) else None
        things = data.get("things") if isinstance(data, dict) else None
        good, _ = convert_each(things if isinstance(things, list) else (), Thing, "comment")
        if not good or not good[0].data.name.isprintable():
            raise Unknown("Reddit took the comment and did not name it")
        made = good[0].data
        evidence = ""
        try:
            await self._session.post("/api/distinguish", {"id": made.name, "how": "yes"})
        except ConnectorError as error:
            # The comment stands: whatever became of its mark, it must not be written again.
            evidence = f"posted, but not marked as a moderator's: {error}"
        return Receipt(made.name, self._at(made), evidence)

    async def warn(self, ref: ThreadRef, command: Sanction) -> Receipt:
        """Write to the author in modmail and leave a mod note of it."""
        text = command.text or command.reason
        if not text.strip():
            raise Rejected("a warning needs words")
        note = bounded(command.reason or command.rule or "warned", LONGEST_NOTE, "the mod note")
        receipt = await self._to_author(ref, bounded(text, LONGEST_TEXT, "the warning"))
        try:
            await self.notes.write(ref, note, "ABUSE_WARNING")
        except ConnectorError as error:
            # The warning was sent: it must not be sent again for want of the note.
            return Receipt(receipt.remote_id, receipt.at, f"sent, without a mod note: {error}")
        return receipt

    async def _to_author(self, ref: ThreadRef, text: str) -> Receipt:
        subject = f"About what you wrote in r/{ref.channel}"[:_SUBJECT]
        form = {"srName": ref.channel, "to": reachable(ref.author), "subject": subject}
        form |= {"body": text, "isAuthorHidden": "false"}
        return self._said(await self._session.post(modmail.API, form))

    async def discuss(self, to: str, text: str) -> Receipt:
        """Open a discussion among the moderators of the subreddit `to`."""
        name = to.strip().removeprefix("/").removeprefix("r/")
        if not name:
            raise Rejected('say in `reach` which subreddit\'s team to tell: channel = "r/name"')
        first = text.strip().partition("\n")[0][:_SUBJECT] or "modtui"
        form = {"srName": name, "subject": first}
        form["body"] = bounded(text, LONGEST_TEXT, "the message")
        return self._said(await self._session.post(modmail.API, form))

    def _said(self, body: Any) -> Receipt:
        """Return the last message of a conversation that was written to, as the proof."""
        told = body if isinstance(body, dict) else {}
        good, _ = convert_each([told.get("conversation")], modmail.Conversation, "modmail")
        ids = good[0].message_ids if good else ()
        messages = {one.id: one for one in modmail.read_messages(told.get("messages"))[0]}
        last = ids[-1] if ids else next(reversed(messages), "")
        if not last or not last.isprintable():
            raise Unknown("Reddit took the message and did not name it")
        date = messages[last].date if last in messages else None
        return Receipt(last, iso_moment(date, self._now()))

    def _at(self, item: Item) -> datetime:
        now = self._now()
        return now if item.created_utc is None else moment(int(item.created_utc * 1000), now)

    async def is_us(self, name: str) -> bool:
        """Return whether a name is that of our account, in whatever case it is written."""
        return name.casefold() == (await self._me()).casefold()

    # whether it was written
    async def find_reply(
        self, ref: ThreadRef, command: Reply, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look for a reply of ours."""
        conversation = modmail.id_of(ref.subject)
        if conversation is not None:
            _, messages, _ = await self._intake.conversation(conversation)
            return await self._among(messages, command.text, since, taken)
        if command.audience is Audience.AUTHOR:
            return await self.find_mail(command.text, since, taken)
        return await self._find_comment(ref.subject, command.text, since, taken)

    async def _find_comment(
        self, subject: str, text: str, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        path = f"/user/{segment(await self._me())}/comments"
        params: dict[str, str | int] = {"limit": _PAGE, "sort": "new"}
        for _ in range(_MOST_PAGES):
            try:
                page = members(await self._session.get(path, params))
            except RejectedByServer as error:
                if error.status != 403:
                    raise
                return CannotTell("the token lacks the scope history to find our comments")
            if page is None:
                return CannotTell("Reddit gave no list of our comments")
            for thing in convert_each(page[0], Thing, "our comments")[0]:
                item, at = thing.data, self._at(thing.data)
                if at < since - _SKEW:
                    return Absent(strong=False)
                ours = item.parent_id == subject and item.name not in taken
                if ours and says(item.body, text):
                    unmarked = "" if item.distinguished else "not marked as a moderator's"
                    return Found(Receipt(item.name, at, unmarked))
            if page[1] is None:
                return Absent(strong=False)
            params["after"] = page[1]
        return CannotTell("too much was said since")

    async def find_note(
        self, ref: ThreadRef, text: str, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look for a mod note of ours."""
        return await self.notes.find(ref, text, await self._me(), since, taken)

    async def find_mail(
        self, text: str, since: datetime, taken: frozenset[str], state: str = "all"
    ) -> Found | Absent | CannotTell:
        """Look for a message of ours in the newest conversations."""
        params: dict[str, str | int] = {"limit": _PAGE, "sort": "mod", "state": state}
        try:
            body = await self._session.get(modmail.API, params)
        except RejectedByServer as error:
            if error.status != 403:
                raise
            return CannotTell("the token lacks the scope modmail to find our messages")
        told = body.get("messages") if isinstance(body, dict) else None
        return await self._among(modmail.read_messages(told)[0], text, since, taken)

    async def _among(
        self,
        messages: tuple[modmail.Message, ...],
        text: str,
        since: datetime,
        taken: frozenset[str],
    ) -> Found | Absent | CannotTell:
        me, now = (await self._me()).lower(), self._now()
        for message in messages:
            at = iso_moment(message.date, now)
            mine = message.author is not None and message.author.name.lower() == me
            recent = at >= since - _SKEW and message.id not in taken
            if mine and recent and says(message.text, text):
                return Found(Receipt(message.id, at))
        return Absent(strong=False)
