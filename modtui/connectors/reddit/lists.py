"""The lists of Reddit that are followed, each as far as it is known.

Source: the listings /r/SUBREDDITS/about/SOURCE and /api/mod/conversations, newest first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from modtui.connectors import Broken, Rejected
from modtui.connectors.http import segment
from modtui.connectors.reading import broken, convert_each, named_in
from modtui.connectors.reddit import modmail
from modtui.connectors.reddit.facts import Item, Thing, members
from modtui.connectors.reddit.session import Session

_A_ROUND = 3
_PAGE = 100
_MOST_PAGES = 30
_LISTING_END = 990
"""Reddit's listings end at about a thousand members, whatever there is behind them."""
_WHOLE_EVERY = timedelta(minutes=5)


@dataclass(slots=True)
class Got:
    """What is known of all lists. `unread` is what is listed by its name and cannot be read: it
    stands as it was read last; `nameless` what cannot be read and tells no name; `broken` what of
    this round could not be read. `whole`: each was
    read to its end, and nothing nameless came since."""

    items: dict[str, Item] = field(default_factory=dict)
    sources: dict[str, set[str]] = field(default_factory=dict)
    mail: dict[str, modmail.Conversation] = field(default_factory=dict)
    messages: dict[str, modmail.Message] = field(default_factory=dict)
    unread: dict[str, Broken] = field(default_factory=dict)
    nameless: list[Broken] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    whole: bool = True


@dataclass(slots=True)
class _Page:
    """One page: the names on it in their order, `unread` those that could not be read, and what
    of the others waits for a moderator. `nameless` is what on it told no name."""

    names: list[str]
    unread: dict[str, Broken]
    broken: tuple[Broken, ...]
    after: str | None
    items: dict[str, Item] = field(default_factory=dict)
    mail: dict[str, modmail.Conversation] = field(default_factory=dict)
    messages: dict[str, modmail.Message] = field(default_factory=dict)
    nameless: tuple[Broken, ...] = ()


@dataclass(slots=True)
class _Walk:
    """One reading of a list from its newest page to its end. `after`: what the next page follows;
    None at the end. `whole`: nothing seemed to be left out."""

    began: int
    at: datetime
    after: str | None = None
    names: set[str] = field(default_factory=set)
    nameless: list[Broken] = field(default_factory=list)
    pages: int = 0
    whole: bool = True

    def take(self, page: _Page) -> None:
        """Take in the next page."""
        here = set(page.names)
        # It moved while it was read: something may have slipped between two pages.
        self.whole = self.whole and not here & self.names
        fresh = here - self.names
        self.names |= here
        self.nameless += page.nameless
        self.pages += 1
        self.after = page.after
        if page.after is None:
            members = len(self.names) + len(self.nameless)
            self.whole = self.whole and members < _LISTING_END
        elif self.pages >= _MOST_PAGES or (page.names and not fresh):
            self.after, self.whole = None, False


@dataclass(slots=True)
class _List:
    """One list as it is known. `seen` numbers the page on which each name stood last; `nameless`
    is what told no name in its last whole reading, `fresh` what came since, by the page: it may be
    any of `items`, until the next whole reading tells which of them stand beside it. `walked` is
    when the last one began, `walk` the one that is under way."""

    source: str
    items: dict[str, Item] = field(default_factory=dict)
    mail: dict[str, modmail.Conversation] = field(default_factory=dict)
    messages: dict[str, modmail.Message] = field(default_factory=dict)
    unread: dict[str, Broken] = field(default_factory=dict)
    nameless: list[Broken] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    whole: bool = False
    fresh: dict[str, int] = field(default_factory=dict)
    long: bool = False
    read: int = 0
    walked: datetime | None = None
    walk: _Walk | None = None

    def due(self, now: datetime) -> bool:
        """Whether it is to be read to its end, by `now`."""
        return self.walked is None or abs(now - self.walked) >= _WHOLE_EVERY

    def knows(self, page: _Page) -> bool:
        """Whether what follows on `page` is known: its last name is, and as it was."""
        last = page.names[-1] if page.names else ""
        if last not in self.seen:
            return False
        new, old = page.mail.get(last), self.mail.get(last)
        return new is None or (old is not None and old.numMessages == new.numMessages)

    def take(self, page: _Page, number: int) -> None:
        """Take in a page. What was decided is named in some lists, and waits no more; what cannot
        be read stands as it did."""
        for name in page.names:
            self.unread.pop(name, None)
            if name not in page.unread:
                self.items.pop(name, None)
        self.unread |= page.unread
        known = Counter(one.raw for one in self.nameless)
        for raw in Counter(one.raw for one in page.nameless) - known:
            self.fresh[raw] = number
        self.items |= page.items
        self.mail |= page.mail
        self.messages |= page.messages
        self.seen |= dict.fromkeys(page.names, number)

    def end(self, walk: _Walk) -> None:
        """A reading is over: what was on no page since it began is not there any more."""
        self.walk, self.walked, self.whole = None, walk.at, walk.whole
        self.nameless, told = walk.nameless, {one.raw for one in walk.nameless}
        late = {raw: at for raw, at in self.fresh.items() if at >= walk.began}
        self.fresh = {raw: at for raw, at in late.items() if raw not in told}
        self.seen = {name: at for name, at in self.seen.items() if at >= walk.began}
        self.items = {name: item for name, item in self.items.items() if name in self.seen}
        self.unread = {name: one for name, one in self.unread.items() if name in self.seen}
        self.mail = {name: one for name, one in self.mail.items() if name in self.seen}
        kept = {message for one in self.mail.values() for message in one.message_ids}
        self.messages = {name: said for name, said in self.messages.items() if name in kept}


class Lists:
    """Reads the lists of one account, in rounds of four requests at most, the inbox and a token
    where one is due among them. The first round reads everything.

    Of many lists some are read in each round, in turns: the others are taken to stand as they
    were read last. Of a list longer than a page the newest one is read, and further ones until
    one ends with what is known; every five minutes a reading to its end begins, a page in each
    round. What is gone from it is known at the end of that.
    """

    def __init__(
        self, session: Session, subreddits: tuple[str, ...], sources: tuple[str, ...]
    ) -> None:
        self._session = session
        self._subreddits = subreddits
        self._sources = sources
        self._pages = 0
        self._broken: list[Broken] = []
        self._lists: list[_List] = []

    def begin(self) -> None:
        """Let the next round read everything."""
        self._lists = [_List(source) for source in self._sources]

    async def read(self, now: datetime, *, spared: bool = False) -> Got:
        """Read what is due; return all that is known. `spared`: with a request less."""
        self._broken = []
        if not all(one.read for one in self._lists):
            for one in self._lists:
                await self._newest(one, now)
                while one.walk is not None:
                    await self._further(one, one.walk)
            return self._together()
        before, most = self._pages, _A_ROUND - self._session.renews - spared
        walking = any(one.walk or (one.long and one.due(now)) for one in self._lists)
        kept_free = walking and most == _A_ROUND
        for one in sorted(self._lists, key=lambda one: one.read)[: most - kept_free]:
            await self._newest(one, now)
        while self._pages - before < most:
            under_way = [one for one in self._lists if one.walk is not None]
            if not under_way:
                break
            one = min(under_way, key=lambda one: one.walk.at if one.walk else now)
            assert one.walk is not None
            await self._further(one, one.walk)
        return self._together()

    async def _newest(self, one: _List, now: datetime) -> None:
        """Read what is new in a list, and begin to read all of it where that is due."""
        walk = _Walk(self._pages + 1, now)
        first = one.walked is None
        while True:
            page = await self._page(one.source, walk.after)
            ends = first or one.knows(page)
            self._take(one, page)
            walk.take(page)
            if walk.after is None or ends:
                break
        one.read, one.long = self._pages, walk.after is not None
        if walk.after is None:
            one.end(walk)
        elif one.walk is None and one.due(now):
            one.walk = walk

    async def _further(self, one: _List, walk: _Walk) -> None:
        page = await self._page(one.source, walk.after)
        self._take(one, page)
        walk.take(page)
        if walk.after is None:
            one.end(walk)

    def _take(self, one: _List, page: _Page) -> None:
        self._pages += 1
        one.take(page, self._pages)
        self._broken += page.broken

    def _together(self) -> Got:
        """Return all that is listed; of an item in two lists what was read last counts."""
        got, at = Got(broken=self._broken), dict[str, int]()
        for one in self._lists:
            for name, item in one.items.items():
                if one.seen[name] > at.get(name, 0):
                    got.items[name], at[name] = item, one.seen[name]
                got.sources.setdefault(name, set()).add(one.source)
            got.mail |= one.mail
            got.messages |= one.messages
            got.unread |= one.unread
            got.nameless += one.nameless
            got.whole = got.whole and one.whole and not one.fresh
        return got

    async def _page(self, source: str, after: str | None) -> _Page:
        params: dict[str, str | int] = {"limit": _PAGE}
        if source == "modmail":
            params |= {"entity": ",".join(self._subreddits), "state": "all", "sort": "recent"}
        if after is not None:
            params["after"] = after
        if source == "modmail":
            return self._mail(await self._session.get(modmail.API, params))
        names = "+".join(segment(name) for name in self._subreddits)
        body = await self._session.get(f"/r/{names}/about/{source}", params)
        page = members(body)
        if page is None:
            raise Rejected(f"{self._session.http.origin} gave no listing: is it Reddit?")
        good, bad = convert_each(page[0], Thing, f"about/{source}", _name_of)
        waits = {t.data.name: t.data for t in good if _undecided(t.data, source)}
        listed = [name for raw in page[0] if (name := _name_of(raw))]
        unread = {one.subject: one for one in bad if one.subject}
        nameless = tuple(one for one in bad if not one.subject)
        return _Page(listed, unread, bad, page[1], waits, nameless=nameless)

    def _mail(self, body: object) -> _Page:
        told = body if isinstance(body, dict) else {}
        ids, by_id = told.get("conversationIds"), told.get("conversations")
        if not isinstance(ids, list) or not isinstance(by_id, dict):
            raise Rejected(f"{self._session.http.origin} gave no conversations: is it Reddit?")
        mail: dict[str, modmail.Conversation] = {}
        names = [one for one in ids if isinstance(one, str)]
        lost = [broken("modmail", "it has no id", one) for one in ids if not isinstance(one, str)]
        bad: dict[str, Broken] = {}
        for one in names:
            raw = by_id.get(one)
            try:
                told_as = {**raw, "id": one} if isinstance(raw, dict) else raw
                mail[one] = msgspec.convert(told_as, modmail.Conversation)
            except msgspec.ValidationError as error:
                bad[one] = broken("modmail", str(error), raw, modmail.PREFIX + one)
        said, unsaid = modmail.read_messages(told.get("messages"))
        return _Page(
            names,
            bad,
            (*bad.values(), *lost, *unsaid),
            str(ids[-1]) if len(ids) >= _PAGE else None,
            mail=mail,
            messages={one.id: one for one in said},
            nameless=tuple(lost),
        )


def _name_of(raw: Any) -> str:
    return named_in(raw, "data", "name")


def _undecided(item: Item, source: str) -> bool:
    """Whether the item waits for a moderator: some lists go on naming what is decided."""
    if source in {"spam", "edited"} and item.removed_by_hand:
        return False
    return source != "edited" or (item.approved_at_utc or 0) <= item.edited_at
