"""When the ringer looks: with each change, and again in a while; what breaks a look is told."""

from __future__ import annotations

import asyncio

import pytest

from modtui.domain.views import Alarms
from modtui.engine import NotStored
from modtui.screens import ringing
from modtui.screens.ringing import Looks, Ringer
from tests.screens.stage import staged

REFUSED = NotStored("the disk is full")


class Book:
    """An `AlarmBook` that counts how often it is read, and fails when it is told to."""

    def __init__(self) -> None:
        self.reads = 0
        self.fails = False
        self.read_again = asyncio.Event()

    async def read(self) -> Alarms:
        self.reads += 1
        self.read_again.set()
        if self.fails:
            raise REFUSED
        return Alarms()


class Silent:
    def stand(self, now: int, late: int) -> None: ...

    def ring(self, now: int, late: int, soon: int) -> None: ...


def looking(book: Book) -> tuple[Looks, asyncio.Queue[Exception]]:
    """Return looks at `book`, and what comes of those that break."""
    engine, broken = staged(), asyncio.Queue[Exception]()
    engine.alarms = book  # type: ignore[assignment]
    return Looks(Ringer(engine, Silent()), broken.put_nowait), broken


async def test_it_looks_again_by_itself_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "LOOK_EVERY", 0.01)
    book = Book()
    looks, broken = looking(book)
    looks.later()
    while book.reads < 3:
        book.read_again.clear()
        await asyncio.wait_for(book.read_again.wait(), 5)
    looks.end()
    assert looks._next is not None
    assert looks._next.cancelled()
    assert broken.empty()


async def test_a_look_that_comes_soon_is_put_off_by_nothing() -> None:
    book = Book()
    looks, _ = looking(book)
    looks.later()
    looks.soon()
    planned = looks._next
    assert planned is not None
    assert planned.when() <= asyncio.get_running_loop().time() + ringing.SOON_SECONDS
    looks.soon()
    assert looks._next is planned
    assert not planned.cancelled()
    looks.now()
    assert planned.cancelled()
    await asyncio.wait_for(book.read_again.wait(), 5)
    looks.end()


async def test_what_breaks_a_look_is_told_and_the_next_one_looks() -> None:
    book = Book()
    looks, broken = looking(book)
    book.fails = True
    looks.now()
    assert await asyncio.wait_for(broken.get(), 5) is REFUSED
    looks.now()
    assert await asyncio.wait_for(broken.get(), 5) is REFUSED
    assert book.reads == 2
    looks.end()
