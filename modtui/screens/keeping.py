"""A dialog whose boxes lose at most a second of typing, however modtui ends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.timer import Timer
from textual.widgets import Input, TextArea

from modtui.screens.modal import Modal
from modtui.widgets.host import host

if TYPE_CHECKING:
    from modtui.screens.kept_words import Leaf, Page

T = TypeVar("T")

SAVE_AFTER = 0.5
"""Seconds after the first letter that is not saved yet."""


class Keeping(Modal[T]):
    """A modal that writes down what is typed into it, and begins with it when it is opened again
    after it was not done. Left with Esc it forgets it.

    `KEEPS`: False for searches, and where something else keeps what is typed. `SETTLES`: what it
    returns is stored by then; where it is not, its opener calls `forget` once it is, or
    `keep_on`.
    """

    KEEPS: ClassVar[bool] = True
    SETTLES: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._shelf: Path | None = None
        self._leaf: Leaf | None = None
        self._begun: Mapping[str, str] = {}
        self._returned: Page | None = None
        self._saving: Timer | None = None
        self._writing = asyncio.Lock()
        self._over = False

    def called(self) -> str:
        """What it asks, and about what, for a reader."""
        return ""

    def subject(self) -> str:
        """What it is about, the same after a restart."""
        return self.called()

    def written(self) -> dict[str, str]:
        """What the boxes hold, by their ids."""
        boxes = (*self.query(Input), *self.query(TextArea))
        return {box.id or "": box.value if isinstance(box, Input) else box.text for box in boxes}

    def begin_with(self, words: Mapping[str, str]) -> None:
        """Put words of before into the boxes."""
        for box in (*self.query(Input), *self.query(TextArea)):
            put(box, words.get(box.id or "", ""))

    def tell_kept(self, words: str) -> None:
        """Say what became of words of before, or that they cannot be written down."""

    @on(events.Mount)
    def bring_back(self) -> None:
        """Begin with what was not done, where the boxes begin as they did then."""
        self._shelf = host(self).scratch if self.KEEPS else None
        if self._shelf is None or not self._shelf.exists():
            self._begun = self.written() if self._shelf is not None else {}
            return
        from modtui.screens.editor import briefly
        from modtui.screens.kept_words import bring_back

        self._begun = self.written()
        found = bring_back(self._shelf, self._key()) if self._begun else None
        if found is None:
            return
        leaf, page = found
        if page.fits(self._begun):
            self._leaf, self._begun = leaf, page.begun
            self.begin_with(page.words)
            self.tell_kept("What you had written here before is back; Esc forgets it.")
        else:
            self.tell_kept(f"What you had written here before is in {briefly(leaf.text)}")

    def _key(self) -> str:
        return f"{type(self).__name__} {self.subject()}"

    def _page(self) -> Page:
        from modtui.screens.kept_words import Page

        return Page(self._key(), self.called(), self._begun, self.written())

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _went_on(self) -> None:
        if self._saving is None and self._shelf is not None and self._returned is None:
            self._saving = self.set_timer(SAVE_AFTER, self.save_words)

    async def save_words(self) -> None:
        """Write down what is typed; where that fails, say so."""
        if self._saving is not None:
            self._saving.stop()
            self._saving = None
        if self._shelf is None or self._over:
            return
        page = self._returned or self._page()
        if self._leaf is not None or page.typed:
            try:
                await self._write(self._shelf, page)
            except OSError as error:
                if self._returned is None:  # else nobody sees it any more
                    self.tell_kept(f"! Not saved, kept in memory alone: {error.strerror}.")

    async def _write(self, shelf: Path, page: Page) -> None:
        from modtui.screens.kept_words import new_leaf

        async with self._writing:
            if self._leaf is None:
                self._leaf = await asyncio.to_thread(new_leaf, shelf)
            await asyncio.to_thread(self._leaf.write, page)
        if self._over:
            self.forget()

    def forget(self) -> None:
        """What was typed is done, or given up."""
        self._over = True
        if self._leaf is not None and not self._writing.locked():
            self._leaf.end()
            self._leaf = None

    async def keep_on(self) -> None:
        """What was returned could not be done: let its words be there when it is asked again."""
        if self._returned is not None:
            await self.save_words()

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        if self.is_active and self._shelf is not None:
            if self.SETTLES or result is None:
                self.forget()
            else:
                self._returned = self._page()
        return super().dismiss(result)

    async def break_off(self) -> None:
        """The line is lost: write down what is not yet."""
        await self.save_words()


def put(box: Input | TextArea, text: str) -> None:
    """Let a box hold `text` as if it had begun with it, with the cursor at its end."""
    with box.prevent(Input.Changed, TextArea.Changed):
        if isinstance(box, Input):
            box.value = text
            box.action_end()
        else:
            box.text = text
            box.move_cursor(box.document.end)
