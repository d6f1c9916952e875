"""The shelf that runs: the library's files, one moderator's pins, and what was sent."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from modtui.domain.replies import Entry, find, pinned_to
from modtui.domain.views import Change
from modtui.engine import Refused
from modtui.engine.accounts import Replies
from modtui.engine.parts import Parts
from modtui.store import Tx

if TYPE_CHECKING:
    from modtui.domain.gaps import Gap
    from modtui.domain.outcomes import Outcome
    from modtui.engine.ranked import Ranked
    from modtui.engine.shelf import Closed, Opening, Shelved

_PATIENCE = 0.3
"""So many seconds the screen waits once for a library that was not read yet: most take less."""
_PLACE = r"(.*?):(\d+): "
_NO_FOLDER = 'no folder of yours yet: [library] folders = ["~/replies"] in config.toml'


class LiveShelf:
    """The `Shelf` of `modtui.engine.shelf`. `sent` counts by entry; `may_act` raises Refused
    where nothing may be changed."""

    def __init__(
        self,
        parts: Parts,
        library: Replies | None,
        sent: Callable[[], Mapping[str, int]],
        may_act: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._library = library
        self._sent = sent
        self._may_act = may_act
        self._pins: Mapping[int, str] | None = None
        self.ranked: Ranked | None = None
        self._edition = 0
        self._patience, self._waited_for = _PATIENCE, False

    @property
    def edition(self) -> int:
        return self._edition

    @property
    def pins(self) -> Mapping[int, str]:
        """My pins: entry ids by digit."""
        if self._pins is None:
            self._pins = self._parts.store.peek(lambda tx: tx.pins(self._parts.me))
        return self._pins or {}

    def entries(self) -> tuple[Entry, ...]:
        """Every entry, the starter library included."""
        return self._library.entries() if self._library else ()

    @property
    def reading(self) -> bool:
        if self._library is None or self._library.ready(self._patience):
            return False
        self._patience, self._waited_for = 0.0, True
        return True

    async def read(self) -> None:
        await asyncio.to_thread(self.entries)
        if self._waited_for:
            self._waited_for = False
            self.renew()

    async def counted(self) -> None:
        if self.ranked is not None:
            await self.ranked.look()

    def problems(self) -> tuple[str, ...]:
        return self._library.problems() if self._library else ()

    def find(self, text: str, language: str | None) -> tuple[Shelved, ...]:
        troubles = dict(reversed([(_file(line), line) for line in self.problems()]))
        return tuple(self._shelved(e, troubles) for e in find(self.entries(), text, language))

    def on(self, digit: int) -> Shelved | None:
        pins = self.pins
        found = (e for e in self.entries() if pinned_to(e, pins) == digit)
        entry = next(found, None)
        return self._shelved(entry, {}) if entry is not None else None

    def _shelved(self, entry: Entry, troubles: Mapping[str, str]) -> Shelved:
        from modtui.engine.shelf import Shelved

        digit = pinned_to(entry, self.pins)
        return Shelved(
            entry,
            starter=self._is_starter(entry),
            sent=self._sent().get(entry.id, 0),
            digit=digit,
            mine=digit is not None and self.pins.get(digit) == entry.id,
            problem=troubles.get(entry.source, ""),
        )

    def _is_starter(self, entry: Entry) -> bool:
        return self._library is not None and Path(entry.source).parent == self._library.starter

    def _is_about(self, problem: str, entry: Entry) -> bool:
        """Whether the entry's file could not be read, or one that was copied from it."""
        path = _file(problem)
        copied = self._is_starter(entry) and Path(path).stem == entry.id
        return path == entry.source or copied

    def why_no_writing(self) -> str:
        return "" if self._library and self._library.folders else _NO_FOLDER

    def fills(self) -> frozenset[str]:
        from modtui.engine.answers import fillable

        return fillable(self._parts.desk)

    async def outcomes(self) -> Mapping[str, Outcome]:
        from modtui.domain.outcomes import PERIOD, outcomes

        since = self._parts.now() - PERIOD
        return outcomes(await self._parts.store.read(lambda tx: tx.after_replies(since)))

    async def gaps(self) -> tuple[Gap, ...]:
        from modtui.engine.gaps import gaps

        return await gaps(self._parts, self.entries, self.ranked) if self.ranked else ()

    # pins
    async def pin(self, entry: str, digit: int) -> None:
        self._may_act()
        self._entry(entry)
        await self._keep(lambda tx: tx.put_pin(self._parts.me, digit, entry))

    async def unpin(self, digit: int) -> None:
        self._may_act()
        held = self.on(digit)
        if held is not None and not held.mine:
            where = Path(held.entry.source).name
            raise Refused("invalid", f"{held.entry.id} has {digit} by its tag pin:{digit}: {where}")
        await self._keep(lambda tx: tx.drop_pin(self._parts.me, digit))

    async def _keep(self, change: Callable[[Tx], Awaitable[None]]) -> None:
        async def work(tx: Tx) -> Mapping[int, str]:
            await change(tx)
            return await tx.pins(self._parts.me)

        self._pins = await self._parts.store.write(work)
        self.renew()

    # files
    async def open(self, entry: str) -> Opening:
        self._may_act()
        found = self._entry(entry)
        trouble = next((line for line in self.problems() if self._is_about(line, found)), "")
        if trouble:
            return _opening(trouble)
        if self._is_starter(found):
            from modtui.engine.entry_files import copy

            return await self._making(lambda folder: copy(found, folder))
        from modtui.engine.shelf import Opening

        return Opening(Path(found.source), found.line, entry=found.id)

    async def blank(self, gap: Gap | None = None) -> Opening:
        from modtui.engine.entry_files import blank, filled

        self._may_act()
        languages = self._parts.desk.moderator.languages
        if gap is None:
            return await self._making(lambda folder: blank(folder, languages))
        taken = {entry.id for entry in self.entries()}
        return await self._making(lambda folder: filled(folder, gap, languages, taken))

    async def broken(self) -> Opening:
        self._may_act()
        for line in self.problems():
            if re.match(_PLACE, line):
                return _opening(line)
        raise Refused("invalid", "every file of the library can be read")

    async def close(self, opening: Opening) -> Closed:
        from modtui.engine.entry_files import take_away
        from modtui.engine.shelf import Closed

        try:
            taken = await asyncio.to_thread(take_away, opening)
            gone = taken or not await asyncio.to_thread(opening.path.exists)
        except FileNotFoundError:
            gone = True
        except OSError as error:
            raise Refused("unable", f"{opening.path}: {error.strerror}") from error
        if self._library is not None:
            await asyncio.to_thread(self._library.reload_if_changed)
        if self.ranked is not None:
            await self.ranked.look()
        self.renew()
        path = str(opening.path)
        problem = next((line for line in self.problems() if _file(line) == path), "")
        there = [e for e in self.entries() if e.source == path]
        above = [e for e in there if e.line <= opening.line]
        same = [e for e in there if e.id == opening.entry]
        found = next(iter((*same, *above[-1:], *there)), None)
        return Closed(not gone, found.id if found else None, problem)

    async def _making(self, make: Callable[[Path], Opening]) -> Opening:
        folders = self._library.folders if self._library else ()
        if not folders:
            raise Refused("invalid", _NO_FOLDER)
        try:
            return await asyncio.to_thread(make, folders[0])
        except OSError as error:
            raise Refused("unable", f"{folders[0]}: {error.strerror}") from error

    def _entry(self, name: str) -> Entry:
        found = next((e for e in self.entries() if e.id == name), None)
        if found is None:
            raise Refused("invalid", f"{name} is not in the library any more")
        return found

    def renew(self) -> None:
        """What was frozen of the quick replies is out of date: let it be asked for again."""
        self._edition += 1
        self._parts.changed(Change(replies=True))


def _file(problem: str) -> str:
    found = re.match(_PLACE, problem)
    return found[1] if found else ""


def _opening(problem: str) -> Opening:
    from modtui.engine.shelf import Opening

    found = re.match(_PLACE, problem)
    if found is None:
        raise Refused("invalid", problem)
    return Opening(Path(found[1]), int(found[2]))
