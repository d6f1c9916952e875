"""What was written into a dialog and not taken: it is there when the dialog asks again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modtui.domain.commands import Command

if TYPE_CHECKING:
    from textual.screen import ModalScreen

    from modtui.screens.dialogs.panel import ThreadPanel

    Dialog = ModalScreen[tuple[Command, ...] | None]


MOST = 100
"""As many answers are waited for, the latest: what was asked before them is not heard of again."""


class Unkept:
    """Words by thread and dialog, of a refused batch, until they were taken."""

    def __init__(self) -> None:
        self._words: dict[tuple[int, type[ThreadPanel]], str] = {}
        self._asked: list[tuple[tuple[Command, ...], ThreadPanel]] = []

    def offer(self, dialog: Dialog) -> None:
        """Let `dialog` begin with what was not taken of it on its thread."""
        from modtui.screens.dialogs.panel import ThreadPanel

        if isinstance(dialog, ThreadPanel):
            dialog.words = self._words.get((dialog.thread, type(dialog)), "")

    def keep(
        self, dialog: ModalScreen[tuple[Command, ...] | None], commands: Sequence[Command]
    ) -> None:
        """Keep the words of what `dialog` returned, until `taken` hears of them."""
        from modtui.domain.asking import written
        from modtui.screens.dialogs.panel import ThreadPanel

        if not isinstance(dialog, ThreadPanel):
            return
        self._asked = [*self._asked[1 - MOST :], (tuple(commands), dialog)]
        if words := written(commands):
            self._words[dialog.thread, type(dialog)] = words

    async def refused(self, commands: Sequence[Command]) -> None:
        """`commands` were not taken, or not yet: what was typed for them outlives modtui."""
        for asked, dialog in self._asked:
            if asked == tuple(commands):
                await dialog.keep_on()

    def taken(self, commands: Sequence[Command]) -> None:
        """Forget the words of `commands`, which were taken."""
        taken = [dialog for asked, dialog in self._asked if asked == tuple(commands)]
        for dialog in taken:
            dialog.forget()
        self._asked = [each for each in self._asked if each[1] not in taken]
        if self._words:
            from modtui.domain.asking import written

            words = written(commands)
            self._words = {key: each for key, each in self._words.items() if each != words}

    def wait(self, thread: int | None) -> bool:
        """Whether words about `thread` are kept."""
        return any(each == thread for each, _ in self._words)
