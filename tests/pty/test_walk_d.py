"""Walk (d): sixty routine questions, at most three keys each, with keys pressed too early."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from modtui.cli.compose import engine, set_up
from modtui.domain.commands import Reply
from modtui.domain.views import QueueFilter
from tests.pty.community import Community, environment, leave, settle_in
from tests.pty.terminal import Terminal
from tests.pty.walk import PATIENCE, SETTLE, walk

MANY = 60


def answer(terminal: Terminal, left: int) -> int:
    """Answer the thread under the cursor as soon as it shows; return how many keys it took."""
    keys = 1
    terminal.send("1")
    shown = terminal.wait(lambda text: "Enter sends" in text or "dropped" in text, PATIENCE)
    if "Enter sends" not in shown:
        # Blind: the thread had not been on the screen for 400 ms yet.
        assert "1 key dropped: new thread" in shown
        terminal.settle(SETTLE)
        terminal.send("1")
        terminal.wait("Enter sends", PATIENCE)
        keys += 1
    terminal.send("enter")
    terminal.wait(f"open {left} ", PATIENCE)
    return keys + 1


async def best_and_sent() -> dict[int, tuple[str, list[str | None]]]:
    """Per thread: the reply that key 1 held, and the quick replies that went out."""
    async with engine(set_up(), intake=False) as (live, store):
        await live.ranked.look()
        found = {}
        view = await live.view(QueueFilter(finished=True))
        for place in range(len(view)):
            detail = await live.thread(view.id_at(place))
            assert detail is not None
            rows = await store.read(lambda tx, t=detail.row.id: tx.deliveries(thread=t))
            # As it was asked: an author may have answered back since.
            asked = tuple(p for p in detail.posts if p.created_at < rows[0].created_at)
            best = next(s for s in live.slots(replace(detail, posts=asked)) if s.digit == 1)
            replies = [row.command for row in rows if isinstance(row.command, Reply)]
            found[detail.row.id] = (best.entry.id, [reply.quick for reply in replies])
    return found


def test_sixty_routine_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle_in(tmp_path, Community(scene="questions", threads=MANY, seed=5, undo="0s"))
    keys = []
    with walk("d-sixty-questions", tmp_path, "Sixty routine questions", size=(80, 24)) as desk:
        desk.see(f"open {MANY}")
        desk.tell("Sixty typical questions wait. Key 1 holds the best reply for each.")
        desk.shot()
        for left in reversed(range(MANY)):
            keys.append(answer(desk.terminal, left))
            if left == MANY - 2:
                desk.tell("`1` pressed before the next thread was read is dropped and said so.")
                desk.shot()
        desk.tell(f"All sixty are answered with {sum(keys)} keys, at most {max(keys)} for one.")
        desk.shot()
        assert leave(desk.terminal) == 0
    assert max(keys) <= 3
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    for best, sent in asyncio.run(best_and_sent()).values():
        assert sent == [best]
