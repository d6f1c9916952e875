"""The shelf: whose digit, which file an edit opens, and what is left of it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from modtui.connectors import Batch
from modtui.domain.views import Change
from modtui.engine import Refused
from modtui.engine.library import Library
from modtui.engine.live import LiveEngine
from modtui.engine.shelf import Opening, Shelved
from tests.engine.rig import NOON, Feed, Rig, spec, until
from tests.engine.scene import flag, thread

ENTRY = """\
[[reply]]
id = "{id}"
tags = [{tags}]
[reply.en]
title = "{id}"
body = "Text of {id}"
"""


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


@dataclass
class Bench:
    """An engine over a folder of the team and a starter folder, and one flagged thread."""

    engine: LiveEngine
    library: Library
    mine: Path
    changes: list[Change] = field(default_factory=list)
    writes: int = 0

    def shelved(self, name: str) -> Shelved:
        return next(s for s in self.engine.shelf.find("", "en") if s.entry.id == name)

    async def pinned(self) -> dict[int, str]:
        """Which entry the thread is offered, pinned, on which digit."""
        detail = await self.engine.thread(1)
        assert detail is not None
        return {s.digit: s.entry.id for s in self.engine.slots(detail) if s.pinned}

    def write(self, name: str, text: str) -> Path:
        """Write a file so that it is seen to have changed."""
        path = self.mine / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        self.writes += 1
        at = path.stat().st_mtime_ns + self.writes
        os.utime(path, ns=(at, at))
        return path


@asynccontextmanager
async def bench(rig: Rig, *, folder: bool = True, read_only: bool = False) -> AsyncIterator[Bench]:
    starter, mine = rig.folder / "starter", rig.folder / "home" / "replies"
    starter.mkdir(exist_ok=True)
    kyc, thanks = ENTRY.format(id="kyc", tags=""), ENTRY.format(id="thanks", tags='"pin:9"')
    (starter / "all.toml").write_text(f"{kyc}\n# the last one\n{thanks}", "utf-8")
    feed = Feed()
    feed.news.put_nowait(Batch("c1", threads=(thread(NOON),), flags=(flag(NOON),)))
    library = Library((mine,) if folder else (), starter=starter)
    async with rig.running(spec("forum", feed), library=library, read_only=read_only) as engine:
        made = Bench(engine, library, mine)
        engine.subscribe(made.changes.append)
        if not read_only:
            await until(lambda: engine.counts().open == 1)
        yield made


async def test_an_entry_tells_its_file_its_digit_and_whether_it_came_with_modtui(rig: Rig) -> None:
    async with bench(rig) as b:
        b.write("ours.toml", ENTRY.format(id="ours", tags=""))
        b.library.reload_if_changed()
        ours, thanks = b.shelved("ours"), b.shelved("thanks")
        assert (ours.starter, ours.digit, ours.problem) == (False, None, "")
        assert ours.entry.source == str(b.mine / "ours.toml")
        assert (thanks.starter, thanks.digit, thanks.mine, thanks.sent) == (True, 9, False, 0)
        assert [s.entry.id for s in b.engine.shelf.find("TEXT of ky", "en")] == ["kyc"]


async def test_a_pin_holds_its_digit_on_every_thread_and_after_a_restart(rig: Rig) -> None:
    async with bench(rig) as b:
        assert await b.pinned() == {9: "thanks"}
        before = b.engine.shelf.edition
        await b.engine.shelf.pin("kyc", 9)
        assert await b.pinned() == {9: "kyc"}
        assert (b.shelved("kyc").digit, b.shelved("kyc").mine) == (9, True)
        assert b.shelved("thanks").digit is None
        assert b.engine.shelf.edition > before
        await until(lambda: any(change.replies for change in b.changes))
        await b.engine.shelf.pin("kyc", 2)
        assert await b.pinned() == {2: "kyc", 9: "thanks"}
    async with bench(rig) as again:
        assert await again.pinned() == {2: "kyc", 9: "thanks"}
        await again.engine.shelf.unpin(2)
        assert await again.pinned() == {9: "thanks"}
        with pytest.raises(Refused, match=r"thanks has 9 by its tag pin:9: all\.toml"):
            await again.engine.shelf.unpin(9)
        with pytest.raises(Refused, match="gone is not in the library any more"):
            await again.engine.shelf.pin("gone", 3)


async def test_a_starter_entry_is_copied_before_it_is_edited_and_then_replaced(rig: Rig) -> None:
    async with bench(rig) as b:
        opening = await b.engine.shelf.open("kyc")
        assert opening.path == b.mine / "kyc.toml"
        assert opening.path.read_text("utf-8") == opening.made
        assert opening.made.splitlines()[opening.line - 1] == "[[reply]]"
        assert (opening.path.stat().st_mode & 0o777, b.mine.stat().st_mode & 0o777) == (
            0o600,
            0o700,
        )
        b.write("kyc.toml", opening.made.replace("Text of kyc", "New words"))
        closed = await b.engine.shelf.close(opening)
        assert (closed.kept, closed.entry, closed.problem) == (True, "kyc", "")
        kyc = b.shelved("kyc")
        assert (kyc.entry.variants["en"].body, kyc.starter) == ("New words", False)
        assert await b.engine.shelf.open("kyc") == Opening(opening.path, 2, entry="kyc")
        await until(lambda: any(change.replies for change in b.changes))


async def test_an_edit_comes_back_to_the_entry_that_was_edited(rig: Rig) -> None:
    text = "\n".join(ENTRY.format(id=name, tags="") for name in ("first", "other"))
    async with bench(rig) as b:
        path = b.write("ours.toml", text)
        await b.engine.shelf.close(Opening(path, 1))
        for entry in ("first", "other"):
            opening = await b.engine.shelf.open(entry)
            text = f"# A remark.\n{text}"
            b.write("ours.toml", text)
            assert (await b.engine.shelf.close(opening)).entry == entry
        assert (await b.engine.shelf.close(Opening(path, 99))).entry == "other"


async def test_a_file_that_is_gone_after_the_edit_is_not_kept(rig: Rig) -> None:
    async with bench(rig) as b:
        path = b.write("ours.toml", ENTRY.format(id="ours", tags=""))
        b.library.reload_if_changed()
        opening = await b.engine.shelf.open("ours")
        path.unlink()
        closed = await b.engine.shelf.close(opening)
        assert (closed.kept, closed.entry) == (False, None)


async def test_a_copy_that_was_not_changed_is_taken_away(rig: Rig) -> None:
    async with bench(rig) as b:
        for opening in (await b.engine.shelf.open("thanks"), await b.engine.shelf.blank()):
            assert opening.path.exists()
            closed = await b.engine.shelf.close(opening)
            assert (closed.kept, closed.entry) == (False, None)
            assert not opening.path.exists()
        assert b.shelved("thanks").starter
        assert b.engine.shelf.problems() == ()


async def test_a_new_entry_begins_as_a_file_that_must_be_filled_in(rig: Rig) -> None:
    async with bench(rig) as b:
        first, second = await b.engine.shelf.blank(), await b.engine.shelf.blank()
        assert [o.path.name for o in (first, second)] == ["new-reply-1.toml", "new-reply-2.toml"]
        b.write("new-reply-1.toml", first.made.replace("new-reply-1", "refund"))
        closed = await b.engine.shelf.close(first)
        assert closed.problem.startswith(f"{first.path}:9: en.title must not be empty")
        filled = first.made.replace('title = ""', 'title = "Refund"').replace('"""\n"""', '"Soon"')
        b.write("new-reply-1.toml", filled.replace("new-reply-1", "refund"))
        closed = await b.engine.shelf.close(first)
        assert (closed.kept, closed.entry, closed.problem) == (True, "refund", "")


async def test_an_edit_that_breaks_a_file_loses_no_reply_and_reopens_at_the_line(rig: Rig) -> None:
    async with bench(rig) as b:
        opening = await b.engine.shelf.open("kyc")
        broken = b.write("kyc.toml", opening.made.replace('body = "', "body = "))
        closed = await b.engine.shelf.close(opening)
        assert closed.problem.startswith(f"{broken}:7: ")
        assert b.shelved("kyc").entry.variants["en"].body == "Text of kyc"
        assert await b.engine.shelf.open("kyc") == Opening(broken, 7)
        assert await b.engine.shelf.broken() == Opening(broken, 7)
        assert b.engine.library_problems() == (closed.problem,)
        b.write("kyc.toml", opening.made)
        assert (await b.engine.shelf.close(Opening(broken, 7))).problem == ""
        b.write("kyc.toml", opening.made.replace('body = "', "body = "))
        closed = await b.engine.shelf.close(Opening(broken, 7))
        assert b.shelved("kyc").problem == closed.problem
        broken.unlink()
        await b.engine.shelf.close(Opening(broken, 7))
        with pytest.raises(Refused, match="every file of the library can be read"):
            await b.engine.shelf.broken()


async def test_without_a_folder_it_says_what_to_write_and_where(rig: Rig) -> None:
    async with bench(rig, folder=False) as b:
        for ask in (b.engine.shelf.open("kyc"), b.engine.shelf.blank()):
            with pytest.raises(Refused, match=r'folders = \["~/replies"\] in config\.toml'):
                await ask


async def test_a_folder_that_cannot_be_made_is_told(rig: Rig) -> None:
    (rig.folder / "home").write_text("a file in its place")
    async with bench(rig) as b:
        with pytest.raises(Refused, match=r"replies: Not a directory"):
            await b.engine.shelf.blank()


async def test_a_queue_for_reading_changes_no_file_and_no_pin(rig: Rig) -> None:
    async with bench(rig, read_only=True) as b:
        shelf = b.engine.shelf
        for ask in (shelf.open("kyc"), shelf.blank(), shelf.broken(), shelf.pin("kyc", 3)):
            with pytest.raises(Refused, match="for reading only"):
                await ask
        assert not b.mine.exists()


class Slow(Library):
    """A library that is read when the test lets it."""

    def __init__(self, folder: Path) -> None:
        super().__init__((folder,), starter=folder)
        self.let = Event()

    def reload_if_changed(self) -> bool:
        self.let.wait(10)
        return super().reload_if_changed()

    def _once(self) -> None:
        self.let.wait(10)
        super()._once()


async def test_a_start_does_not_wait_for_a_library_that_takes_long(rig: Rig) -> None:
    (rig.folder / "replies").mkdir()
    text = ENTRY.format(id="kyc", tags='"pin:3"')
    (rig.folder / "replies" / "all.toml").write_text(text, "utf-8")
    feed = Feed()
    feed.news.put_nowait(Batch("c1", threads=(thread(NOON),), flags=(flag(NOON),)))
    library = Slow(rig.folder / "replies")
    changes: list[Change] = []
    async with rig.running(spec("forum", feed), library=library) as engine:
        engine.subscribe(changes.append)
        await until(lambda: engine.counts().open == 1)
        before = engine.shelf.edition
        assert engine.shelf.reading
        library.let.set()
        await until(lambda: any(change.replies for change in changes))
        assert not engine.shelf.reading
        assert engine.shelf.edition > before
        assert [s.entry.id for s in engine.shelf.find("", "en")] == ["kyc"]


async def test_a_library_that_is_read_at_once_is_never_said_to_be_read(rig: Rig) -> None:
    async with bench(rig) as b:
        assert not b.engine.shelf.reading
        await b.engine.shelf.read()
        assert b.engine.shelf.edition == 0
