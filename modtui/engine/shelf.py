"""The Library as screens see it: every entry with its file, its digit and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from modtui.domain.frozen import dataclass
from modtui.domain.outcomes import Outcome
from modtui.domain.replies import Entry

if TYPE_CHECKING:
    from modtui.domain.gaps import Gap


@dataclass(frozen=True, slots=True)
class Shelved:
    """An entry on the shelf. `starter`: it came with modtui and is read-only; `digit`: it is
    pinned there, by me (`mine`) or by a tag in its file; `problem`: its file could not be read
    whole, and this is what it held before."""

    entry: Entry
    starter: bool = False
    sent: int = 0
    digit: int | None = None
    mine: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """A file to open in an editor, at `line`. `made`: what was written into it just now, so
    that it can be taken away again; "" for a file that was there. `entry`: the id of what is
    edited, "" for none in particular."""

    path: Path
    line: int
    made: str = ""
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """What came of an edit. `kept`: the file is there; `entry`: the first one that it holds now;
    `problem`: `file:line: what` if it cannot be read."""

    kept: bool
    entry: str | None = None
    problem: str = ""


class Shelf(Protocol):
    """The library to look through, to change, and to pin."""

    @property
    def edition(self) -> int:
        """A number that rises with each edit and pin of mine: what was frozen is out of date."""
        ...

    @property
    def reading(self) -> bool:
        """Whether the library is still being read for the first time: what asks for entries then
        waits. `edition` rises when it was read."""
        ...

    async def read(self) -> None:
        """Wait until the library was read once."""
        ...

    def find(self, text: str, language: str | None) -> tuple[Shelved, ...]:
        """The entries that have every word of `text`, those in `language` first."""
        ...

    async def counted(self) -> None:
        """Wait until the library is counted as it is now: before that only help and pins have
        their digits."""
        ...

    def problems(self) -> tuple[str, ...]:
        """One line, `file:line: what`, for each thing that could not be read."""
        ...

    def on(self, digit: int) -> Shelved | None:
        """What is pinned to `digit`, by me or by a tag."""
        ...

    def why_no_writing(self) -> str:
        """Why no entry of mine can be written, with what to do; "" where one can."""
        ...

    def fills(self) -> Collection[str]:
        """The names of the placeholders that a thread may fill."""
        ...

    async def outcomes(self) -> Mapping[str, Outcome]:
        """What became of the replies of the last 90 days, by entry; who was not sent is left
        out."""
        ...

    async def pin(self, entry: str, digit: int) -> None:
        """Pin an entry to a digit for me, in place of what I had there. Raises Refused."""
        ...

    async def unpin(self, digit: int) -> None:
        """Take my pin off `digit`. Raises Refused where only a tag in a file holds it."""
        ...

    async def open(self, entry: str) -> Opening:
        """Where to edit an entry; one that came with modtui is copied into the first folder.

        Raises Refused, saying what to do, where there is no folder or it cannot be written.
        """
        ...

    async def gaps(self) -> tuple[Gap, ...]:
        """The questions of the last 28 days that were answered by hand and that no entry answers
        well, newest first; of the newest 200 threads that were. Help routes are left out."""
        ...

    async def blank(self, gap: Gap | None = None) -> Opening:
        """A new file in the first folder, with what an entry may hold; with `gap`, filled from
        what answered it. Raises as `open`."""
        ...

    async def broken(self) -> Opening:
        """The first place that could not be read. Raises Refused where there is none."""
        ...

    async def close(self, opening: Opening) -> Closed:
        """The editor ended: read the files again. What is as it was made is taken away."""
        ...
