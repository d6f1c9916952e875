"""Reading the queues, modmail and answers of Reddit; what was seen is kept in the cursor.

Source: the listings /r/SUBREDDITS/about/SOURCE, /api/mod/conversations and /message/inbox.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from modtui.connectors import Batch, Broken, Rejected
from modtui.connectors.http import RejectedByServer, segment
from modtui.connectors.reading import convert_each, dump_cursor
from modtui.connectors.reddit import modmail
from modtui.connectors.reddit.facts import Item, Reader, Report, Thing, members, reports
from modtui.connectors.reddit.session import Session
from modtui.domain.model import Flag, Post

_A_ROUND = 3
_PAGE = 100
_MOST_PAGES = 30
_LISTING_END = 990
"""Reddit's listings end at about a thousand members, whatever there is behind them."""
_MOST_CONVERSATIONS = 20
_FOLLOWED = 7 * 24 * 3600
_MOST_LEFT = 2000


class Known(msgspec.Struct, array_like=True):
    """What was told of an item: per flag the epoch second it was first seen and its count; when
    the item was last edited."""

    flags: dict[str, tuple[int, int]] = {}
    edited: float = 0.0


class Cursor(msgspec.Struct):
    """`seen` are the open items, `mail` the open conversations with the number of messages that
    were told, `left` what is closed with the epoch second; `inbox` is when the last answer came,
    `answers` the names of those of that second."""

    seen: dict[str, Known] = {}
    mail: dict[str, int] = {}
    left: dict[str, int] = {}
    inbox: float | None = None
    answers: list[str] = []


@dataclass(slots=True)
class _Got:
    """What was read of one source, or of all. `whole`: to the end, and all of it readable."""

    items: dict[str, Item] = field(default_factory=dict)
    sources: dict[str, set[str]] = field(default_factory=dict)
    mail: dict[str, modmail.Conversation] = field(default_factory=dict)
    messages: dict[str, modmail.Message] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    whole: bool = True


class Intake:
    """Reads for one account. Of many sources some are read in each round, in turns: the others are
    taken to stand as they were read last."""

    def __init__(
        self, session: Session, subreddits: tuple[str, ...], sources: tuple[str, ...]
    ) -> None:
        self._session = session
        self._subreddits = subreddits
        self._sources = sources
        self._read: dict[str, _Got] = {}
        self._may_see_inbox = True

    def begin(self) -> None:
        """Let the next round read all sources."""
        self._read.clear()

    async def read(self, state: Cursor, reader: Reader) -> Batch:
        """Return what is new since `state`, which is brought forward."""
        due = self._due()
        for source in due:
            part = _Got()
            await (self._list_mail(part) if source == "modmail" else self._list(source, part))
            # Read anew, it is the last: what it says of an item is the newest.
            self._read.pop(source, None)
            self._read[source] = part
        got = self._together(due)
        now = int(reader.now.timestamp())
        flags, fresh = _news(got, state, reader, now)
        mail = [one for one in got.mail.values() if one.open]
        new_mail = [one for one in mail if one.id not in state.mail]
        mail_posts = await self._mail_posts(mail, got, state, reader)
        open_now = _open(got, mail)
        if got.whole:
            _forget(state, got, now)
        answers = await self._answers(state, reader)
        names = {item.subreddit for item in fresh} | {one.owner.displayName for one in new_mail}
        threads = (*map(reader.thread, fresh), *(modmail.thread(reader, one) for one in new_mail))
        return Batch(
            cursor=dump_cursor(state),
            channels=tuple(map(reader.channel, sorted(names))),
            threads=threads,
            posts=(*(reader.post(item, item.name) for item in fresh), *mail_posts, *answers),
            flags=(*flags, *(modmail.flag(reader, one) for one in new_mail)),
            open_now=open_now if got.whole else None,
            broken=tuple(got.broken),
            caught_up=True,
        )

    def _due(self) -> tuple[str, ...]:
        """Return which sources to read: all at first, then those that were not for the longest.
        With the inbox, and a token where one is due, a round is four requests at most."""
        if len(self._read) < len(self._sources):
            return self._sources
        return tuple(self._read)[: _A_ROUND - self._session.renews]

    def _together(self, due: tuple[str, ...]) -> _Got:
        """Return all that is listed; of what could not be read, what the sources of `due` told."""
        got = _Got()
        for source, part in self._read.items():
            got.items |= part.items
            for name, sources in part.sources.items():
                got.sources.setdefault(name, set()).update(sources)
            got.mail |= part.mail
            got.messages |= part.messages
            got.broken += part.broken if source in due else []
            got.whole = got.whole and part.whole
        return got

    # the queues
    async def _list(self, source: str, got: _Got) -> None:
        names = "+".join(segment(name) for name in self._subreddits)
        path = f"/r/{names}/about/{source}"
        params: dict[str, str | int] = {"limit": _PAGE}
        listed: set[str] = set()
        for _ in range(_MOST_PAGES):
            page = members(await self._session.get(path, params))
            if page is None:
                raise Rejected(f"{self._session.http.origin} gave no listing: is it Reddit?")
            good, bad = convert_each(page[0], Thing, f"about/{source}")
            got.broken += bad
            got.whole = got.whole and not bad
            names_here = {thing.data.name for thing in good}
            if names_here & listed:
                # It moved while it was read: something may have slipped between two pages.
                got.whole = False
            for thing in good:
                if _undecided(thing.data, source):
                    got.items.setdefault(thing.data.name, thing.data)
                    got.sources.setdefault(thing.data.name, set()).add(source)
            fresh = names_here - listed
            listed |= names_here
            if page[1] is None:
                got.whole = got.whole and len(listed) < _LISTING_END
                return
            if page[0] and not fresh and good:
                break
            params["after"] = page[1]
        got.whole = False

    # modmail
    async def _list_mail(self, got: _Got) -> None:
        entity = ",".join(self._subreddits)
        params: dict[str, str | int] = {"entity": entity, "limit": _PAGE, "state": "all"}
        params["sort"] = "recent"
        for _ in range(_MOST_PAGES):
            body = await self._session.get(modmail.API, params)
            told = body if isinstance(body, dict) else {}
            ids, by_id = told.get("conversationIds"), told.get("conversations")
            if not isinstance(ids, list) or not isinstance(by_id, dict):
                raise Rejected(f"{self._session.http.origin} gave no conversations: is it Reddit?")
            raws = [by_id.get(one) for one in ids if isinstance(one, str)]
            good, bad = convert_each(raws, modmail.Conversation, "modmail")
            got.broken += bad
            got.whole = got.whole and not bad
            fresh = [one for one in good if one.id not in got.mail]
            got.mail |= {one.id: one for one in fresh}
            messages = modmail.read_messages(told.get("messages"))
            got.messages |= {one.id: one for one in messages}
            if len(ids) < _PAGE:
                return
            if not fresh:
                break
            params["after"] = str(ids[-1])
        got.whole = False

    async def _mail_posts(
        self, mail: list[modmail.Conversation], got: _Got, state: Cursor, reader: Reader
    ) -> tuple[Post, ...]:
        """Return the messages of the conversations that have new ones."""
        posts: list[Post] = []
        asked = 0
        for one in mail:
            told = state.mail.get(one.id, 0)
            if one.id in state.mail and told == one.numMessages:
                continue
            here = [got.messages[m] for m in one.message_ids if m in got.messages]
            lacking = len(here) < one.numMessages - told
            if lacking and asked < _MOST_CONVERSATIONS:
                asked += 1
                one, here = await self.conversation(one.id)
                lacking = False
            posts += modmail.posts(reader, one, here)
            # What was not asked for this time is the next time.
            state.mail[one.id] = told if lacking else one.numMessages
        return tuple(posts)

    async def conversation(
        self, conversation_id: str
    ) -> tuple[modmail.Conversation, list[modmail.Message]]:
        """Return a conversation with all its messages."""
        body = await self._session.get(f"{modmail.API}/{segment(conversation_id)}")
        told = body if isinstance(body, dict) else {}
        try:
            one = msgspec.convert(told.get("conversation"), modmail.Conversation)
        except msgspec.ValidationError as error:
            raise Rejected("Reddit gave no conversation that can be read") from error
        return one, list(modmail.read_messages(told.get("messages")))

    # answers to what we wrote
    async def _answers(self, state: Cursor, reader: Reader) -> tuple[Post, ...]:
        """Return the comments that answer ours in threads of ours, since the last look."""
        if state.inbox is None:
            state.inbox = reader.now.timestamp()
        if not self._may_see_inbox:
            return ()
        items = await self._inbox(state)
        if not items:
            return ()
        newest = max(item.created_utc or 0 for item in items)
        last = state.answers if newest == state.inbox else []
        state.answers = [*last, *(i.name for i in items if (i.created_utc or 0) == newest)]
        state.inbox = newest
        threads = await self._threads_of(items, state, reader)
        found = [(item, threads.get(item.parent_id or "")) for item in items]
        return tuple(reader.post(item, thread) for item, thread in found if thread is not None)

    async def _inbox(self, state: Cursor) -> list[Item]:
        params: dict[str, str | int] = {"limit": _PAGE, "mark": "false"}
        since, items = state.inbox or 0, []
        for _ in range(_MOST_PAGES):
            try:
                page = members(await self._session.get("/message/inbox", params))
            except RejectedByServer as error:
                if error.status != 403:
                    raise
                # `identity` says that the scope is missing.
                self._may_see_inbox = False
                return []
            if page is None:
                raise Rejected(f"{self._session.http.origin} gave no inbox: is it Reddit?")
            comments = [raw for raw in page[0] if isinstance(raw, dict) and raw.get("kind") == "t1"]
            good = [thing.data for thing in convert_each(comments, Thing, "inbox")[0]]
            items += [i for i in good if _is_new(i, since, state.answers)]
            older = any((i.created_utc or 0) < since for i in good)
            if page[1] is None or older or not comments:
                break
            params["after"] = page[1]
        return items

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


def _undecided(item: Item, source: str) -> bool:
    """Whether the item waits for a moderator: some lists go on naming what is decided."""
    if source in {"spam", "edited"} and item.removed_by_hand:
        return False
    return source != "edited" or (item.approved_at_utc or 0) <= item.edited_at


def _is_new(item: Item, since: float, told: list[str]) -> bool:
    at = item.created_utc or 0
    return at > since or (at == since and item.name not in told)


def _reasons(got: _Got, name: str) -> tuple[Report, ...]:
    return reports(got.items[name], frozenset(got.sources[name]))


def _news(got: _Got, state: Cursor, reader: Reader, now: int) -> tuple[list[Flag], list[Item]]:
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


def _open(got: _Got, mail: list[modmail.Conversation]) -> frozenset[tuple[str, str]]:
    listed = {(name, report.key) for name in got.items for report in _reasons(got, name)}
    return frozenset(listed | {(one.subject_id, modmail.FLAG) for one in mail})


def _forget(state: Cursor, got: _Got, now: int) -> None:
    """Drop what is no longer listed. Answers in it are told for another week."""
    gone = {name: now for name in state.seen if name not in got.items}
    left = {**gone, **{n: at for n, at in state.left.items() if n not in got.items}}
    recent = sorted((at, n) for n, at in left.items() if now - at < _FOLLOWED)[-_MOST_LEFT:]
    state.left = {name: at for at, name in recent}
    state.seen = {name: known for name, known in state.seen.items() if name in got.items}
    still = {one.id for one in got.mail.values() if one.open}
    state.mail = {one: number for one, number in state.mail.items() if one in still}
