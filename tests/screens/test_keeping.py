"""What is typed into a dialog is there again after modtui was killed: in every dialog there is."""

from __future__ import annotations

import ast
import errno
import importlib
import inspect
import os
import pkgutil
import subprocess
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea

import modtui.screens
from modtui.app import KeepsDraft
from modtui.domain.asking import HEATED
from modtui.domain.commands import Capability, Extra, Note, SetSlowMode
from modtui.domain.model import Author
from modtui.domain.named_views import Kind, View
from modtui.domain.replies import Entry, Slot, Variant
from modtui.domain.text import clean_line
from modtui.domain.views import ThreadDetail
from modtui.engine import Engine, NotStored
from modtui.screens import keeping, kept_words
from modtui.screens.author import AuthorNoteDialog
from modtui.screens.dialogs.escalate import EscalateDialog
from modtui.screens.dialogs.extra import ExtraDialog
from modtui.screens.dialogs.find import FindReplyDialog
from modtui.screens.dialogs.handing import NoteDialog as HandoverNoteDialog
from modtui.screens.dialogs.handing import PreviewDialog, SuccessorDialog
from modtui.screens.dialogs.not_sensitive import NotSensitiveDialog
from modtui.screens.dialogs.note import NoteDialog
from modtui.screens.dialogs.outcome import OutcomeDialog
from modtui.screens.dialogs.quick import QuickReplyDialog
from modtui.screens.dialogs.reply import ReplyDialog
from modtui.screens.dialogs.restrict import CrowdDialog, LockDialog, SlowDialog
from modtui.screens.dialogs.views import SaveViewDialog
from modtui.screens.handover import HandoverScreen
from modtui.screens.keeping import Keeping
from modtui.screens.modal import Modal
from modtui.screens.palette import Palette
from modtui.screens.search import SearchBox
from tests.screens.play import Play, playing, shown, type_in
from tests.screens.stage import FakeEngine, staged

SEARCHES = {FindReplyDialog, Palette, SearchBox}
DRAFTS = {ReplyDialog}
"""Kept in the store: tests/pty/test_lost_lines.py kills modtui while a reply is typed."""

VARIANT = Variant("en", "Ask for it", "It is {place} until {hour}.")
ENTRY = Entry("ask", {"en": VARIANT})

Opens = Callable[[Engine, ThreadDetail], Keeping[object]]
OPENS: Mapping[type, Opens] = {
    AuthorNoteDialog: lambda engine, detail: AuthorNoteDialog(
        engine, 1, Author("u1", clean_line("vasya"))
    ),
    CrowdDialog: CrowdDialog,
    EscalateDialog: EscalateDialog,
    ExtraDialog: ExtraDialog,
    HandoverNoteDialog: lambda engine, detail: HandoverNoteDialog("the third thread", ""),
    LockDialog: LockDialog,
    NotSensitiveDialog: NotSensitiveDialog,
    NoteDialog: NoteDialog,
    OutcomeDialog: lambda engine, detail: OutcomeDialog(engine, detail, ""),
    PreviewDialog: lambda engine, detail: PreviewDialog("3 are open.", "you are off", "to mod-b"),
    QuickReplyDialog: lambda engine, detail: QuickReplyDialog(
        engine, detail, Slot(1, ENTRY, VARIANT)
    ),
    SaveViewDialog: lambda engine, detail: SaveViewDialog(engine, View(Kind.LATE, text="spins")),
    SlowDialog: SlowDialog,
    SuccessorDialog: lambda engine, detail: SuccessorDialog("everything you hold", ("mod-b",)),
}  # fmt: skip
UNABLE: Mapping[type, tuple[Capability, ...]] = {
    CrowdDialog: (Capability.SLOW_MODE, Capability.READ_ONLY),
    ExtraDialog: tuple(Capability(each.value) for each in Extra if each is not Extra.PRIORITY),
}


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """Every module of the screens."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def makes_a_box(kind: type) -> bool:
    """Whether a class of ours makes a text box itself, or by a widget of ours that does."""
    names = vars(inspect.getmodule(kind))
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    made = [names.get(each.id) for each in called if isinstance(each, ast.Name)]
    widgets = [each for each in made if isinstance(each, type) and issubclass(each, Widget)]
    ours = [w for w in widgets if w.__module__.startswith("modtui.") and not issubclass(w, Screen)]
    return any(issubclass(each, (Input, TextArea)) for each in widgets) or any(
        makes_a_box(each) for each in ours if each is not kind
    )


def with_boxes() -> set[type]:
    """Every dialog in which one types."""
    list(modules(modtui.screens))
    every: set[type] = set()
    left: list[type] = [Modal]
    while left:
        kinds = left.pop().__subclasses__()
        every |= set(kinds)
        left += kinds
    ours = [kind for kind in every if kind.__module__.startswith("modtui.")]
    ends = [kind for kind in ours if not [s for s in kind.__subclasses__() if s in ours]]
    return {k for k in ends if any(c in every and makes_a_box(c) for c in k.__mro__)}


@dataclass
class Desk:
    """A desk at which one dialog is opened, as after every start."""

    kind: type
    shelf: Path

    def engine(self) -> FakeEngine:
        engine = staged()
        engine.unable = dict.fromkeys(UNABLE.get(self.kind, ()), "not here")
        return engine

    async def open(self, play: Play) -> Keeping[object]:
        play.app.scratch = self.shelf
        detail = await play.engine.thread(1)
        assert detail is not None
        dialog = OPENS[self.kind](play.engine, detail)
        await play.app.push_screen(dialog)
        await play.settle()
        return dialog

    def kept(self) -> str:
        """What a reader finds on the shelf."""
        return "\n".join(f.read_text(encoding="utf-8") for f in self.shelf.glob("*/written.txt"))

    def end(self) -> None:
        """The process that wrote there is gone."""
        process = subprocess.Popen(["true"])
        process.wait()
        for folder in self.shelf.iterdir():
            _, _, rest = folder.name.split("-", 2)
            folder.rename(self.shelf / f"modtui-{process.pid}-{rest}")


def boxes(dialog: Keeping[object]) -> list[Input | TextArea]:
    """Those that are shown."""
    return [box for box in (*dialog.query(Input), *dialog.query(TextArea)) if box.display]


def held(dialog: Keeping[object]) -> list[str]:
    """What they hold."""
    return [box.value if isinstance(box, Input) else box.text for box in boxes(dialog)]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keeping.SAVE_AFTER <= 0.5
    monkeypatch.setattr(keeping, "SAVE_AFTER", 0.001)


def test_every_dialog_with_a_box_is_tried_here() -> None:
    found = with_boxes()
    assert found - SEARCHES - DRAFTS == set(OPENS)
    assert found >= SEARCHES | DRAFTS


@pytest.mark.parametrize("kind", OPENS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
async def test_what_was_typed_is_there_again_after_a_kill(tmp_path: Path, kind: type) -> None:
    desk = Desk(kind, tmp_path / "shelf")
    async with playing(desk.engine()) as play:
        dialog = await desk.open(play)
        before = held(dialog)
        for n, box in enumerate(boxes(dialog)):
            box.focus()
            await play.settle()
            await type_in(play, f" typed {n} here")
            await play.until(lambda n=n: f"typed {n} here" in desk.kept())  # type: ignore[misc]
        meant = held(dialog)
        assert [text for text in meant if "here" not in text] == []
        # Nothing is told that it ends: it is killed.
    desk.end()
    assert [f.stat().st_mode & 0o777 for f in desk.shelf.glob("*/*")] == [0o600, 0o600]
    async with playing(desk.engine()) as play:
        again = await desk.open(play)
        assert held(again) == meant
        assert "is back" in shown(play)
        again.dismiss(None)
        await play.settle()
        assert list(desk.shelf.iterdir()) == []
        assert held(await desk.open(play)) == before


async def test_a_dialog_that_somebody_has_open_keeps_its_words(tmp_path: Path) -> None:
    desk = Desk(NoteDialog, tmp_path)
    async with playing(desk.engine()) as play:
        await desk.open(play)
        await type_in(play, "mine")
        await play.until(lambda: "mine" in desk.kept())
        (folder,) = tmp_path.iterdir()
        folder.rename(tmp_path / "modtui-1-other")
        assert held(await desk.open(play)) == [""]
        assert "mine" in desk.kept()


async def test_words_of_another_thread_stay_where_they_are(tmp_path: Path) -> None:
    desk = Desk(NoteDialog, tmp_path)
    async with playing(desk.engine()) as play:
        await desk.open(play)
        await type_in(play, "about the first")
        await play.until(lambda: "about the first" in desk.kept())
    desk.end()
    async with playing(desk.engine()) as play:
        play.app.scratch = tmp_path
        await play.press("j", "m")
        assert held(play.app.screen) == [""]  # type: ignore[arg-type]
        await play.press("escape", "k", "m")
        assert held(play.app.screen) == ["about the first"]  # type: ignore[arg-type]


async def test_over_another_text_nothing_is_put_and_its_file_is_named(tmp_path: Path) -> None:
    desk = Desk(PreviewDialog, tmp_path)
    async with playing(desk.engine()) as play:
        (await desk.open(play)).query_one(TextArea).text = "3 are open, see the first."
        await play.until(lambda: "see the first" in desk.kept())
    desk.end()
    async with playing(desk.engine(), (120, 40)) as play:
        play.app.scratch = tmp_path
        await play.app.push_screen(PreviewDialog("4 are open.", "you are off", "to mod-b"))
        await play.settle()
        (text,) = tmp_path.glob("*/written.txt")
        assert play.app.screen.query_one(TextArea).text == "4 are open."
        assert str(text) in "".join(line.strip() for line in shown(play).splitlines())


async def test_what_was_taken_is_kept_no_longer(tmp_path: Path) -> None:
    engine = staged()
    async with playing(engine) as play:
        play.app.scratch = tmp_path
        for key, typed in (("m", "asked twice"), ("s", " again")):
            await play.press(key)
            if key == "s":
                await play.press("tab", "tab")
            await type_in(play, typed)
            await play.until(lambda: list(tmp_path.iterdir()) != [])
            await play.press("enter")
            assert list(tmp_path.iterdir()) == []
        note, slow = engine.submitted
        assert isinstance(note, Note)
        assert isinstance(slow, SetSlowMode)
        assert slow.reason == f"{HEATED} again"


async def test_what_was_refused_is_there_after_a_kill(tmp_path: Path) -> None:
    engine = staged()
    engine.refuse = NotStored("/q.db cannot grow")
    async with playing(engine) as play:
        play.app.scratch = tmp_path
        await play.press("s", "tab", "tab")
        await type_in(play, " again")
        await play.press("enter")
        assert engine.submitted == []
    Desk(SlowDialog, tmp_path).end()
    engine = staged()
    async with playing(engine) as play:
        play.app.scratch = tmp_path
        await play.press("s", "enter")
        (slow,) = engine.submitted
        assert isinstance(slow, SetSlowMode)
        assert slow.reason == f"{HEATED} again"
        assert list(tmp_path.iterdir()) == []


async def test_the_notes_of_a_hand_over_are_kept_until_it_is_done(tmp_path: Path) -> None:
    engine = staged()
    async with playing(engine) as play:
        play.app.scratch = tmp_path
        await play.press("g", "h", "m")
        await type_in(play, "call him")
        await play.until(lambda: list(tmp_path.iterdir()) != [])
        await play.press("enter")
        assert isinstance(play.room, HandoverScreen)
        assert list(tmp_path.iterdir()) != []
        await play.press("enter", "enter")
        assert engine.shift.handed is not None
        assert "call him" in engine.shift.handed[1]
        assert list(tmp_path.iterdir()) == []


async def test_without_room_on_the_disk_it_says_so(tmp_path: Path) -> None:
    shelf = tmp_path / "a file"
    shelf.write_text("in place of the folder")
    async with playing(staged()) as play:
        await Desk(NoteDialog, shelf).open(play)
        await type_in(play, "he asked")
        await play.until(lambda: "kept in memory alone" in shown(play))
        assert isinstance(play.app.screen, KeepsDraft)
        await play.app.screen.break_off()


def full(path: Path, data: bytes) -> None:
    """As `write_private` on a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


async def test_a_disk_without_room_for_what_was_asked_before_breaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = staged()
    async with playing(engine) as play:
        play.app.scratch = tmp_path
        await play.press("g", "h", "m")
        await type_in(play, "call him")
        await play.press("enter", "enter")
        monkeypatch.setattr(kept_words, "write_private", full)
        engine.shift.refuse = NotStored("/q.db cannot grow")
        await play.press("enter")
        assert "/q.db cannot grow" in play.said
    # A crash of the app would be raised here.


async def test_where_nothing_is_kept_nothing_is_written(tmp_path: Path) -> None:
    async with playing(staged()) as play:
        assert play.app.scratch is None
        await play.press("m")
        await type_in(play, "he asked")
        assert isinstance(play.app.screen, KeepsDraft)
        await play.app.screen.break_off()
        await play.press("enter")
        assert len(play.engine.submitted) == 1
