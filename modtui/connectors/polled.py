"""The frame of a connector to a platform that lists all that is reported, and is asked at a pace.

A connector of another package that inherits it says what is listed, what a row of it is, which
request a command is, and who we are. The rest of the port is done here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Capabilities,
    Context,
    Environment,
    Found,
    Identity,
    Limits,
    Retryable,
    ThreadRef,
    Unsupported,
)
from modtui.connectors.evidence import SO_ALREADY
from modtui.connectors.http import Call, Http, site_of
from modtui.connectors.reading import convert_each, dump_cursor, iso_moment, load_cursor, title_of
from modtui.domain.commands import Capability, Command, Hide
from modtui.domain.model import Author, Channel, Flag, Post, Role, Thread
from modtui.domain.outbox import Receipt
from modtui.domain.text import clean, clean_line

Row = TypeVar("Row")
T = TypeVar("T")
POLL = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that was reported, as the platform says it: nothing needs to be cleaned. Times are
    ISO 8601; one that is reported twice is two items of one `subject`."""

    subject: str
    report: str
    author: str
    text: str
    written: str
    reason: str
    reported: str
    by: str = ""
    note: str = ""
    url: str | None = None


class _Told(msgspec.Struct):
    told: list[tuple[str, str]] = []


class Polled(ABC, Generic[Row]):
    """Reads `listed` again after `pace`; tells what is new, and what is open no more.

    `kind` is the connector's name, `row` what a row of the list is converted to (one that cannot
    be is kept aside), `channel` where all of it stands; `offers` says what can be done, `lacks`
    why the rest cannot.
    """

    kind: ClassVar[str]
    row: ClassVar[type[Any]]
    channel: ClassVar[Channel]
    offers: ClassVar[Mapping[Capability, Limits]]
    lacks: ClassVar[str]

    def __init__(self, env: Environment) -> None:
        self.env = env
        headers = {"Authorization": ("Bearer ", env.secrets["token"])}
        self.http = Http(site_of(env, headers))
        self.realm = f"{self.kind}:{self.http.origin}"
        env.knocked(self.http.origin)
        missing = {each: self.lacks for each in Capability if each not in self.offers}
        self.capabilities = Capabilities(self.offers, missing)

    # what a connector says
    @abstractmethod
    async def listed(self) -> tuple[list[Any], bool]:
        """Return the rows of all that is reported, and whether they were read to the end."""

    @abstractmethod
    def item(self, row: Row) -> Item:
        """Return a row of the list as what is shown."""

    @abstractmethod
    async def entry(self, subject: str) -> Row:
        """Return what was reported as it stands now."""

    @abstractmethod
    def request(self, ref: ThreadRef, command: Command) -> Call | None:
        """Return the request that does it; None for what this platform cannot do."""

    @abstractmethod
    async def identity(self) -> Identity:
        """Return who the secret belongs to and what it may do. Raises Unauthorized."""

    def off(self, row: Row) -> bool:
        """Return whether it is off already; override it where a removal can be taken back, so that
        what somebody else took off is not brought back."""
        return False

    def pace(self) -> timedelta:
        """Return how long it waits between two looks: the account's `poll`, or a minute."""
        poll = self.env.settings.get("poll")
        return poll if isinstance(poll, timedelta) else POLL

    def understood(self, body: object, what: type[T]) -> T:
        """Return an answer as `what`. Raises Retryable, so that it is asked again."""
        try:
            return msgspec.convert(body, what)
        except msgspec.ValidationError as error:
            words = clean_line(str(error), limit=200)
            raise Retryable(f"no words of a {self.kind}: {words}") from None

    # the port
    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what is reported, as long as the account lives."""
        told = set(load_cursor(cursor, _Told).told)
        while True:
            rows, whole = await self.listed()
            good, aside = convert_each(rows, self.row, f"the list of the {self.kind}")
            items = [self.item(one) for one in good]
            keys = {(item.subject, item.report) for item in items}
            shown = [self._shown(i) for i in items if (i.subject, i.report) not in told]
            told = keys if whole else told | keys
            yield Batch(
                cursor=dump_cursor(_Told(sorted(told))),
                channels=(self.channel,),
                threads=tuple(thread for thread, _, _ in shown),
                posts=tuple(post for _, post, _ in shown),
                flags=tuple(flag for _, _, flag in shown),
                open_now=frozenset(keys) if whole else None,
                unread=aside,
                broken=aside,
                caught_up=True,
            )
            await self.env.sleep(self.pace().total_seconds())

    def _shown(self, item: Item) -> tuple[Thread, Post, Flag]:
        """Return an item as the queue shows it: text is Clean, times are UTC and not to come."""
        now, subject = self.env.now(), item.subject
        author = Author(item.author, clean_line(item.author, limit=100))
        text, at = clean(item.text), iso_moment(item.written, now)
        post = Post(
            subject, subject, author, Role.AUTHOR, text.text, text.raw, at, text.hidden,
            is_subject=True,
        )  # fmt: skip
        flag = Flag(
            subject, str(clean_line(item.reason)), iso_moment(item.reported, now), item.report,
            by=clean_line(item.by) if item.by else None, note=clean_line(item.note),
        )  # fmt: skip
        thread = Thread(subject, self.channel.remote_id, title_of(post), author, at, item.url)
        return thread, post, flag

    async def context(self, ref: ThreadRef) -> Context:
        """Return what was reported, as it stands now."""
        _, post, _ = self._shown(self.item(await self.entry(ref.subject)))
        return Context((post,), self.channel)

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """Send the one request of a command. `key` goes along as Idempotency-Key."""
        call = self.request(ref, command)
        if call is None:
            raise Unsupported(self.lacks)
        if isinstance(command, Hide) and self.off(await self.entry(ref.subject)):
            return Receipt(None, self.env.now(), SO_ALREADY)
        headers = {**call.headers, "Idempotency-Key": key}
        body = (await self.http.send(replace(call, headers=headers, write=True))).body
        made = body.get("id") if isinstance(body, dict) else None
        return Receipt(clean_line(str(made)) if made else None, self.env.now())

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Return that it cannot be told; override it where the platform can be read back."""
        return CannotTell(f"a {self.kind} does not tell what was done")

    async def aclose(self) -> None:
        """Let go of connections."""
        await self.http.aclose()
