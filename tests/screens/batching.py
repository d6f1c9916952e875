"""What a test asks of a batch: its commands, its dialog, the dialog's lines."""

from __future__ import annotations

from modtui.domain.commands import (
    Command,
)
from modtui.screens.dialogs.batch import BatchDialog
from modtui.widgets.id_list import IdList
from tests.screens.play import Play
from tests.screens.stage import FakeEngine


def batch_of(engine: FakeEngine) -> list[Command]:
    """Every command of the one batch that was submitted."""
    (lines,) = [lines for name, lines in engine.log if name == "batch"]
    return [command for line in lines for command in line]  # type: ignore[attr-defined]


def dialog(play: Play) -> BatchDialog:
    assert isinstance(play.app.screen, BatchDialog)
    return play.app.screen


def texts(play: Play) -> list[str]:
    return [line.text for line in dialog(play).query_one(IdList).lines]
