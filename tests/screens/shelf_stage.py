"""A shelf for screens: entries of ours, pins and edits kept in memory, files in a folder."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from modtui.domain.gaps import Gap
from modtui.domain.outcomes import Outcome
from modtui.domain.replies import Entry, Variant, find
from modtui.engine import Refused
from modtui.engine.shelf import Closed, Opening, Shelved


def made(name: str, title: str, *languages: str, body: str = "Text", **more: object) -> Entry:
    """An entry with one title and text in each of `languages`."""
    variants = {each: Variant(each, title, body) for each in languages or ("en", "ru")}
    return Entry(name, variants, source=f"/r/{name}.toml", **more)  # type: ignore[arg-type]


@dataclass
class FakeShelf:
    """The `Shelf` with canned entries. `log` holds what was asked of it."""

    entries: list[Entry] = field(default_factory=list)
    pins: dict[int, str] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    opening: Opening | Refused = field(default_factory=lambda: Refused("invalid", "no folder"))
    closed: Closed = field(default_factory=lambda: Closed(True))
    log: list[tuple[str, object]] = field(default_factory=list)
    edition: int = 0
    unanswered: tuple[Gap, ...] = ()
    no_writing: str = ""
    became: dict[str, Outcome] = field(default_factory=dict)
    reading: bool = False
    was_read: asyncio.Event = field(default_factory=asyncio.Event)

    def _shelved(self, entry: Entry) -> Shelved:
        mine = next((d for d, name in self.pins.items() if name == entry.id), None)
        broken = [line for line in self.troubles if line.startswith(f"{entry.source}:")]
        return Shelved(
            entry, starter=bool(self.no_writing), sent=self.sent.get(entry.id, 0),
            digit=mine or entry.pin,
            mine=mine is not None, problem=broken[0] if broken else "",
        )  # fmt: skip

    async def read(self) -> None:
        await self.was_read.wait()
        self.reading = False
        self.edition += 1

    def find(self, text: str, language: str | None) -> tuple[Shelved, ...]:
        return tuple(self._shelved(each) for each in find(self.entries, text, language))

    async def counted(self) -> None:
        self.log.append(("counted", None))

    def problems(self) -> tuple[str, ...]:
        return tuple(self.troubles)

    def on(self, digit: int) -> Shelved | None:
        shelved = [self._shelved(each) for each in self.entries]
        return next((each for each in shelved if each.digit == digit), None)

    def why_no_writing(self) -> str:
        return self.no_writing

    def fills(self) -> frozenset[str]:
        return frozenset(("author", "team"))

    async def outcomes(self) -> Mapping[str, Outcome]:
        return self.became

    async def pin(self, entry: str, digit: int) -> None:
        self.log.append(("pin", (entry, digit)))
        self.pins = {d: name for d, name in self.pins.items() if name != entry} | {digit: entry}
        self.edition += 1

    async def unpin(self, digit: int) -> None:
        self.log.append(("unpin", digit))
        del self.pins[digit]
        self.edition += 1

    async def open(self, entry: str) -> Opening:
        self.log.append(("open", entry))
        return self._opened()

    async def gaps(self) -> tuple[Gap, ...]:
        return self.unanswered

    async def blank(self, gap: Gap | None = None) -> Opening:
        self.log.append(("blank", gap))
        return self._opened()

    async def broken(self) -> Opening:
        self.log.append(("broken", None))
        return self._opened()

    def _opened(self) -> Opening:
        if isinstance(self.opening, Refused):
            raise self.opening
        return self.opening

    async def close(self, opening: Opening) -> Closed:
        self.log.append(("close", opening))
        self.edition += 1
        return self.closed


def approved(entry: Entry, language: str, by: str) -> Entry:
    """Return `entry` with the text in `language` approved by `by`."""
    variant = replace(entry.variants[language], approved_by=by)
    return replace(entry, variants={**entry.variants, language: variant})


def at(folder: Path, name: str = "x.toml") -> Opening:
    """An opening of a real, empty file in `folder`."""
    path = folder / name
    path.write_text("")
    return Opening(path, 3)
