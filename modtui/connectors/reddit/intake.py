"""Reading the queues, modmail and answers of Reddit; what was seen is kept in the cursor.

Source: the listings /r/SUBREDDITS/about/SOURCE, /api/mod/conversations and /message/inbox.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import msgspec

from modtui.connectors import Batch, Broken, Rejected
from modtui.connectors.http import RejectedByServer, segment
from modtui.connectors.reading import broken, convert_each, dump_cursor, iso_moment
from modtui.connectors.reddit import modmail
from modtui.connectors.reddit.facts import Item, Reader, Report, Thing, members, reports
from modtui.connectors.reddit.lists import Got, Lists
from modtui.connectors.reddit.notes import Case, Notes
from modtui.connectors.reddit.session import Session
from modtui.domain.model import Flag, Post

_PAGE = 100
_MOST_PAGES = 30
_MOST_CONVERSATIONS = 20
_FOLLOWED = 7 * 24 * 3600
_MOST_LEFT = 2000
_TALKED = timedelta(days=1)
"""Notes that are older than the last message by less are on the conversation too."""


class Known(msgspec.Struct, array_like=True):
    """What was told of an item: per flag the epoch second it was first seen and its count; when
    the item was last edited."""

    flags: dict[str, tuple[int, int]] = {}
    edited: float = 0.0


class Cursor(msgspec.Struct):
    """`seen` are the open items, `mail` the open conversations with the number of messages that
    were told, `noted` the last mod note on each, `left` what is closed with the epoch second;
    `inbox` is when the last answer came, `answers` the names of those of that second."""

    seen: dict[str, Known] = {}
    mail: dict[str, int] = {}
    noted: dict[str, str] = {}
    left: dict[str, int] = {}
    inbox: float | None = None
    answers: list[str] = []


class Intake:
    """Reads for one account: its lists, and who answered it."""

    def __init__(
        self,
        session: Session,
        subreddits: tuple[str, ...],
        sources: tuple[str, ...],
        notes: Notes,
    ) -> None:
        self._session = session
        self._notes = notes
        self._lists = Lists(session, subreddits, sources)
        self._may_see_inbox = True

    def begin(self) -> None:
        """Let the next round read everything."""
        self._lists.begin()

    async def read(self, state: Cursor, reader: Reader) -> Batch:
        """Return what is new since `state`, which is brought forward."""
        noting = self._notes.due(reader.now)
        got = await self._lists.read(reader.now, spared=noting)
        now = int(reader.now.timestamp())
        flags, fresh = _news(got, state, reader, now)
        mail = [one for one in got.mail.values() if one.open]
        new_mail = [one for one in mail if one.id not in state.mail]
        mail_posts, unsaid = await self._mail_posts(mail, got, state, reader)
        open_now = _open(got, mail)
        if got.whole:
            _forget(state, got, now)
        answers, unheard = await self._answers(state, reader)
        remarks = await self._notes.read(_cases(got, mail, reader.now), state.noted, due=noting)
        names = {item.subreddit for item in fresh} | {one.owner.displayName for one in new_mail}
        threads = (*map(reader.thread, fresh), *(modmail.thread(reader, one) for one in new_mail))
        return Batch(
            cursor=dump_cursor(state),
            channels=tuple(map(reader.channel, sorted(names))),
            threads=threads,
            posts=(*(reader.post(item, item.name) for item in fresh), *mail_posts, *answers),
            flags=(*flags, *(modmail.flag(reader, one) for one in new_mail)),
            open_now=open_now if got.whole else None,
            unread=(*got.unread.values(), *got.nameless),
            broken=(*got.broken, *unsaid, *unheard),
            remarks=remarks,
            caught_up=True,
        )

    # modmail
    async def _mail_posts(
        self, mail: list[modmail.Conversation], got: Got, state: Cursor, reader: Reader
    ) -> tuple[tuple[Post, ...], tuple[Broken, ...]]:
        """Return the messages of the conversations that have new ones, and what cannot be read."""
        posts: list[Post] = []
        bad: list[Broken] = []
        asked = 0
        for one in mail:
            told = state.mail.get(one.id, 0)
            if one.id in state.mail and told == one.numMessages:
                continue
            here = tuple(got.messages[m] for m in one.message_ids if m in got.messages)
            lacking = len(here) < one.numMessages - told
            if lacking and asked < _MOST_CONVERSATIONS:
                asked += 1
                lacking = False
                try:
                    one, here, unsaid = await self.conversation(one.id)
                except Rejected as error:
                    unsaid = (broken("modmail conversation", str(error), one.id),)
                bad += unsaid
            posts += modmail.posts(reader, one, here)
            # What was not asked for this time is the next time.
            state.mail[one.id] = told if lacking else one.numMessages
        return tuple(posts), tuple(bad)

    async def conversation(
        self, conversation_id: str
    ) -> tuple[modmail.Conversation, tuple[modmail.Message, ...], tuple[Broken, ...]]:
        """Return a conversation with all its messages, and those that cannot be read."""
        body = await self._session.get(f"{modmail.API}/{segment(conversation_id)}")
        told = body if isinstance(body, dict) else {}
        try:
            one = msgspec.convert(told.get("conversation"), modmail.Conversation)
        except msgspec.ValidationError as error:
            raise Rejected("Reddit gave no conversation that can be read") from error
        return one, *modmail.read_messages(told.get("messages"))

    # answers to what we wrote
    async def _answers(
        self, state: Cursor, reader: Reader
    ) -> tuple[tuple[Post, ...], tuple[Broken, ...]]:
        """Return the comments that answer ours in threads of ours, since the last look, and those
        that cannot be read."""
        if state.inbox is None:
            state.inbox = reader.now.timestamp()
        if not self._may_see_inbox:
            return (), ()
        items, bad = await self._inbox(state)
        if not items:
            return (), bad
        newest = max(item.created_utc or 0 for item in items)
        last = state.answers if newest == state.inbox else []
        state.answers = [*last, *(i.name for i in items if (i.created_utc or 0) == newest)]
        state.inbox = newest
        threads = await self._threads_of(items, state, reader)
        found = [(item, threads.get(item.parent_id or "")) for item in items]
        posts = tuple(reader.post(item, thread) for item, thread in found if thread is not None)
        return posts, bad

    async def _inbox(self, state: Cursor) -> tuple[list[Item], tuple[Broken, ...]]:
        params: dict[str, str | int] = {"limit": _PAGE, "mark": "false"}
        since, items = state.inbox or 0, list[Item]()
        bad: tuple[Broken, ...] = ()
        for _ in range(_MOST_PAGES):
            try:
                page = members(await self._session.get("/message/inbox", params))
            except RejectedByServer as error:
                if error.status != 403:
                    raise
                # `identity` says that the scope is missing.
                self._may_see_inbox = False
                return [], ()
            if page is None:
                raise Rejected(f"{self._session.http.origin} gave no inbox: is it Reddit?")
            comments = [raw for raw in page[0] if isinstance(raw, dict) and raw.get("kind") == "t1"]
            things, unread = convert_each(comments, Thing, "inbox")
            good, bad = [thing.data for thing in things], (*bad, *unread)
            items += [i for i in good if _is_new(i, since, state.answers)]
            older = any((i.created_utc or 0) < since for i in good)
            if page[1] is None or older or not comments:
                break
            params["after"] = page[1]
        return items, bad

    async def _threads_of(self, items: list[Item], state: Cursor, reader: Reader) -> dict[str, str]:
        """Return our comments that are answered, each with the thread that it stands in."""
        parents = sorted({item.parent_id for item in items if item.parent_id})
        found: dict[str, str] = {}
        for start in range(0, len(parents), _PAGE):
            for ours in await self.info(parents[start : start + _PAGE]):
                thread = ours.parent_id
                followed = thread is not None and (thread in state.seen or thread in state.left)
                if thread is not None and followed and reader.is_staff(ours.author):
                    found[ours.name] = thread
        return found

    async def info(self, names: list[str]) -> tuple[Item, ...]:
        """Return the posts and comments of these names that Reddit has."""
        page = members(await self._session.get("/api/info", {"id": ",".join(names)}))
        if page is None:
            raise Rejected(f"{self._session.http.origin} gave no listing: is it Reddit?")
        return tuple(thing.data for thing in convert_each(page[0], Thing, "api/info")[0])


def _is_new(item: Item, since: float, told: list[str]) -> bool:
    at = item.created_utc or 0
    return at > since or (at == since and item.name not in told)


def _reasons(got: Got, name: str) -> tuple[Report, ...]:
    return reports(got.items[name], frozenset(got.sources[name]))


def _news(got: Got, state: Cursor, reader: Reader, now: int) -> tuple[list[Flag], list[Item]]:
    """Return the flags that are new, and the items that have one or were edited.

    A flag is new when it was not listed before, when more of its kind came, or when the item was
    approved since it was first seen and is listed all the same.
    """
    flags: list[Flag] = []
    fresh: list[Item] = []
    for name, item in got.items.items():
        known = state.seen.get(name) or Known(edited=item.edited_at)
        told: dict[str, tuple[int, int]] = {}
        news = name not in state.seen
        for report in _reasons(got, name):
            seen, count = known.flags.get(report.key, (0, 0))
            if count < report.count or seen < (item.approved_at_utc or 0):
                seen, news = now, True
                flags.append(reader.flag(item, report, now))
            told[report.key] = (seen, report.count)
        if news or known.edited != item.edited_at:
            fresh.append(item)
        state.seen[name] = Known(told, item.edited_at)
    return flags, fresh


def _cases(got: Got, mail: list[modmail.Conversation], now: datetime) -> tuple[Case, ...]:
    """Return what is open, with who wrote it and when. A conversation tells its last message."""
    posts = [
        Case(i.name, (i.subreddit, i.author or ""), i.created_utc or math.inf)
        for i in got.items.values()
    ]
    talks = [
        Case(
            one.subject_id,
            (one.owner.displayName, one.participant.name if one.participant else ""),
            (iso_moment(one.lastUserUpdate, now) - _TALKED).timestamp(),
        )
        for one in mail
    ]
    return (*posts, *talks)


def _open(got: Got, mail: list[modmail.Conversation]) -> frozenset[tuple[str, str]]:
    listed = {(name, report.key) for name in got.items for report in _reasons(got, name)}
    return frozenset(listed | {(one.subject_id, modmail.FLAG) for one in mail})


def _forget(state: Cursor, got: Got, now: int) -> None:
    """Drop what is no longer listed. Answers in it are told for another week."""
    gone = {name: now for name in state.seen if name not in got.items}
    left = {**gone, **{n: at for n, at in state.left.items() if n not in got.items}}
    recent = sorted((at, n) for n, at in left.items() if now - at < _FOLLOWED)[-_MOST_LEFT:]
    state.left = {name: at for at, name in recent}
    state.seen = {name: known for name, known in state.seen.items() if name in got.items}
    still = {one.id for one in got.mail.values() if one.open}
    state.mail = {one: number for one, number in state.mail.items() if one in still}
    names = got.items.keys() | {one.subject_id for one in got.mail.values() if one.open}
    state.noted = {name: note for name, note in state.noted.items() if name in names}
