"""What was written into dialogs, over a night in which nobody answers."""

from __future__ import annotations

import gc
import weakref
from types import SimpleNamespace
from typing import Any

from modtui.domain.commands import Note
from modtui.screens.dialogs.panel import ThreadPanel
from modtui.screens.unkept import MOST, Unkept


def panel(thread: int) -> ThreadPanel:
    detail: Any = SimpleNamespace(row=SimpleNamespace(id=thread))
    engine: Any = None
    return ThreadPanel(engine, detail)


def test_dialogs_that_are_not_heard_of_again_do_not_stay_for_ever() -> None:
    unkept, alive = Unkept(), weakref.WeakSet[ThreadPanel]()
    for number in range(3 * MOST):
        dialog = panel(number)
        alive.add(dialog)
        unkept.keep(dialog, ())
    del dialog
    gc.collect()
    assert len(alive) == MOST


def test_the_words_of_all_of_them_are_kept() -> None:
    unkept = Unkept()
    for number in range(2 * MOST):
        unkept.keep(panel(number), (Note(thread=number, revision=1, text=f"words {number}"),))
    again = panel(0)
    unkept.offer(again)
    assert again.words == "words 0"
    unkept.taken((Note(thread=0, revision=1, text="words 0"),))
    assert not unkept.wait(0)
    assert unkept.wait(1)
