"""What was typed into a dialog and is not done yet: in a private folder of its own, until it is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from modtui.private import write_private
from modtui.screens.editor import NAME, WORDS, Editing, folder_on, left_behind

ABOUT = "about.json"


@dataclass(frozen=True, slots=True)
class Page:
    """The boxes of one dialog. `key` is the dialog and what it is about, the same after a restart;
    `begun` and `words` are what each box, by its id, began with and holds; `heading` says to a
    reader what it was."""

    key: str
    heading: str
    begun: Mapping[str, str]
    words: Mapping[str, str]

    @property
    def typed(self) -> dict[str, str]:
        """The boxes that hold something else than they began with."""
        return {box: text for box, text in self.words.items() if text != self.begun.get(box, "")}

    def fits(self, now: Mapping[str, str]) -> bool:
        """Whether boxes that hold `now` may hold its words: nothing else would be lost."""
        either = ((self.begun.get(box, ""), self.words.get(box, "")) for box in now)
        return all(text in those for text, those in zip(now.values(), either, strict=True))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page on the shelf."""

    folder: Path

    @property
    def text(self) -> Path:
        """The file that a reader opens."""
        return self.folder / WORDS

    def write(self, page: Page) -> None:
        """Write `page`, whole or not at all. Raises OSError."""
        about = {"key": page.key, "begun": dict(page.begun), "words": dict(page.words)}
        write_private(self.folder / ABOUT, json.dumps({**about, "heading": page.heading}).encode())
        text = "\n".join(page.typed.values())
        write_private(self.text, f"{page.heading}\n\n{text.strip()}\n".encode())

    def read(self) -> Page | None:
        """Return what was written, None where that cannot be read."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            about = json.loads((self.folder / ABOUT).read_bytes())
            begun, words = (_texts(about[name]) for name in ("begun", "words"))
            return Page(str(about["key"]), str(about["heading"]), begun, words)
        return None

    def end(self) -> None:
        """Take it off the shelf: it is done, or was given up."""
        Editing(self.folder, "").end()


def new_leaf(shelf: Path) -> Leaf:
    """Return an empty leaf of this process. Raises OSError."""
    return Leaf(folder_on(shelf))


def bring_back(shelf: Path, key: str) -> tuple[Leaf, Page] | None:
    """Return the latest page of `key` that nobody has open, on a leaf that is ours from now on."""
    pages = [(leaf, page) for leaf in _idle(shelf) if (page := leaf.read()) and page.key == key]
    for leaf, page in sorted(pages, key=lambda each: _written_at(each[0]), reverse=True):
        # Who gets the folder has the words: another process may look for them as well.
        with suppress(OSError):
            ours = new_leaf(shelf)
            leaf.folder.replace(ours.folder)
            return ours, page
    return None


def _idle(shelf: Path) -> Iterator[Leaf]:
    """The leaves of processes that ended, and those of this one."""
    ours = tuple(shelf.glob(f"modtui-{os.getpid()}-*"))
    for folder in (*left_behind(shelf), *ours):
        if not (folder / NAME).exists():
            yield Leaf(folder)


def _written_at(leaf: Leaf) -> int:
    with suppress(OSError):
        return (leaf.folder / ABOUT).stat().st_mtime_ns
    return 0


def _texts(found: object) -> dict[str, str]:
    if not isinstance(found, dict):
        raise TypeError(found)
    return {str(box): str(text) for box, text in found.items()}
