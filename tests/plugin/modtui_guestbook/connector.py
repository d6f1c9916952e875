"""What the guestbook tells, and what it is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from modtui.connectors import Identity, Key, Limits, StateSetting, ThreadRef
from modtui.connectors.http import Call, segment
from modtui.connectors.polled import Item, Polled
from modtui.domain.commands import Audience, Capability, Command, Dismiss, Hide, Reply, Restore
from modtui.domain.model import Channel
from modtui.domain.text import clean_line, literal


# What the guestbook answers. A row that is of another kind is no Entry, and is set aside.
class Entry(msgspec.Struct):
    id: int
    author: str
    text: str
    written: str
    report: int = 0
    reason: str = ""
    by: str = ""
    reported: str = ""
    hidden: bool = False


class Page(msgspec.Struct):
    entries: list[Any]
    next: str | None = None


class Keeper(msgspec.Struct):
    name: str


class Guestbook(Polled[Entry]):
    kind = "guestbook"
    row = Entry
    channel = Channel("book", literal("guestbook"))
    # What it can do, by its own names, and how a repeat is known; and why it cannot do the rest.
    offers = {
        Capability.REPLY: Limits("answer", Key(timedelta(days=1))),
        Capability.HIDE: Limits("take off", StateSetting()),
        Capability.RESTORE: Limits("put back", StateSetting()),
        Capability.DISMISS: Limits("keep", StateSetting()),
    }
    lacks = "a guestbook has nothing like it"

    def pace(self) -> timedelta:
        pace: timedelta = self.env.settings["pace"]
        return pace

    # In: every page of what is reported, and whether that was all.
    async def listed(self) -> tuple[list[Any], bool]:
        rows: list[Any] = []
        path: str | None = "/reported"
        for _ in range(100):
            page = self.understood(await self.http.get(path), Page)
            rows += page.entries
            path = page.next
            if path is None:
                return rows, True
        return rows, False

    async def entry(self, subject: str) -> Entry:
        return self.understood(await self.http.get(f"/entries/{segment(subject)}"), Entry)

    def item(self, row: Entry) -> Item:
        return Item(
            subject=str(row.id), report=str(row.report), author=row.author, text=row.text,
            written=row.written, reason=row.reason, reported=row.reported, by=row.by,
        )  # fmt: skip

    def off(self, row: Entry) -> bool:
        return row.hidden

    # Out: one request for one command.
    def request(self, ref: ThreadRef, command: Command) -> Call | None:
        entry = f"/entries/{segment(ref.subject)}"
        match command:
            case Reply(audience=Audience.EVERYONE, text=text):
                return Call("POST", f"{entry}/answers", json={"text": text})
            case Hide() | Restore():
                return Call("PUT", f"{entry}/hidden", json={"on": isinstance(command, Hide)})
            case Dismiss(flags=flags, approve=False):
                return Call("PUT", f"{entry}/kept", json={"reports": flags})
        return None

    async def identity(self) -> Identity:
        me = self.understood(await self.http.get("/me"), Keeper)
        return Identity(me.name, clean_line(me.name), "keeper", can=("answer and take off",))
