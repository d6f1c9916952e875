"""What the guestbook tells, and what it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from modtui import connectors as port
from modtui.connectors.http import Call, Http, segment, site_of
from modtui.connectors.reading import convert_each, dump_cursor, iso_moment, load_cursor, title_of
from modtui.domain.commands import Audience, Capability, Command, Dismiss, Hide, Reply, Restore
from modtui.domain.model import Author, Channel, Flag, Post, Role, Thread
from modtui.domain.outbox import Receipt
from modtui.domain.text import clean, clean_line, literal

# What it can do, and how a repeat is known; and why it cannot do the rest.
OFFERS = {
    Capability.REPLY: port.Limits("answer", port.Key(timedelta(days=1))),
    Capability.HIDE: port.Limits("take off", port.StateSetting()),
    Capability.RESTORE: port.Limits("put back", port.StateSetting()),
    Capability.DISMISS: port.Limits("keep", port.StateSetting()),
}
WHY_NOT = "a guestbook has nothing like it"
BOOK = Channel("book", literal("guestbook"))
PAGES = 100
T = TypeVar("T")


# What the guestbook answers. Whatever is of another kind is no Entry, and is set aside.
class Entry(msgspec.Struct):
    id: int
    author: str
    text: str
    written: str
    report: int = 0
    reason: str = ""
    by: str = ""
    reported: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return str(self.id), str(self.report)


class Page(msgspec.Struct):
    entries: list[Any]
    next: str | None = None


class Keeper(msgspec.Struct):
    name: str


class State(msgspec.Struct):
    told: list[tuple[str, str]] = []


class Guestbook:
    def __init__(self, env: port.Environment) -> None:
        self._env = env
        self._http = Http(site_of(env, {"Authorization": ("Bearer ", env.secrets["token"])}))
        self.realm = f"guestbook:{self._http.origin}"
        lacks = {each: WHY_NOT for each in Capability if each not in OFFERS}
        self.capabilities = port.Capabilities(OFFERS, lacks)

    # In: all that is reported, at our own pace. What was told before is not told again.
    async def updates(self, cursor: str | None) -> AsyncIterator[port.Batch]:
        told = set(load_cursor(cursor, State).told)
        while True:
            rows, whole = await self._pages()
            entries, aside = convert_each(rows, Entry, "the reported entries")
            fresh = [self._read(entry) for entry in entries if entry.key not in told]
            keys = {entry.key for entry in entries}
            # What could not be read may be open: only a whole list tells what was closed.
            whole = whole and not aside
            told = keys if whole else told | keys
            yield port.Batch(
                cursor=dump_cursor(State(sorted(told))),
                channels=(BOOK,),
                threads=tuple(thread for thread, _, _ in fresh),
                posts=tuple(post for _, post, _ in fresh),
                flags=tuple(flag for _, _, flag in fresh),
                open_now=frozenset(keys) if whole else None,
                broken=aside,
                caught_up=True,
            )
            await self._env.sleep(self._env.settings["pace"].total_seconds())

    async def _pages(self) -> tuple[list[Any], bool]:
        rows: list[Any] = []
        path = "/reported"
        for _ in range(PAGES):
            page = _as(Page, await self._http.get(path))
            rows += page.entries
            if page.next is None:
                return rows, True
            path = page.next
        return rows, False

    # The platform's words become ours: text is Clean, times are UTC and not in the future.
    def _read(self, entry: Entry) -> tuple[Thread, Post, Flag]:
        subject, report = entry.key
        now, name = self._env.now(), clean_line(entry.author)
        author, at = Author(entry.author, name), iso_moment(entry.written, now)
        text = clean(entry.text)
        post = Post(
            subject, subject, author, Role.AUTHOR, text.text, text.raw, at, text.hidden,
            is_subject=True,
        )  # fmt: skip
        flag = Flag(
            subject, str(clean_line(entry.reason)), iso_moment(entry.reported, now), report,
            by=clean_line(entry.by),
        )  # fmt: skip
        return Thread(subject, BOOK.remote_id, title_of(post), author, at), post, flag

    async def context(self, ref: port.ThreadRef) -> port.Context:
        entry = _as(Entry, await self._http.get(f"/entries/{segment(ref.subject)}"))
        return port.Context((self._read(entry)[1],), BOOK)

    # Out: one request for one command. The client says what became of it, in the port's errors.
    async def perform(self, ref: port.ThreadRef, command: Command, key: str) -> Receipt:
        body: dict[str, Any]
        match command:
            case Reply(audience=Audience.EVERYONE, text=text):
                method, what, body = "POST", "answers", {"text": text}
            case Hide() | Restore():
                method, what, body = "PUT", "hidden", {"on": isinstance(command, Hide)}
            case Dismiss(flags=flags, approve=False):
                method, what, body = "PUT", "kept", {"reports": flags}
            case _:
                raise port.Unsupported(WHY_NOT)
        path, keyed = f"/entries/{segment(ref.subject)}/{what}", {"Idempotency-Key": key}
        answer = await self._http.send(Call(method, path, json=body, headers=keyed, write=True))
        made = answer.body.get("id") if isinstance(answer.body, dict) else None
        return Receipt(clean_line(str(made)) if made else None, self._env.now())

    async def find(
        self, ref: port.ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> port.Found | port.Absent | port.CannotTell:
        return port.CannotTell("a guestbook does not tell who answered")

    async def identity(self) -> port.Identity:
        me = _as(Keeper, await self._http.get("/me"))
        return port.Identity(me.name, clean_line(me.name), "keeper", can=("answer and take off",))

    async def aclose(self) -> None:
        await self._http.aclose()


def _as(kind: type[T], body: Any) -> T:
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise port.Retryable(f"no words of a guestbook: {clean_line(str(error))}") from None
