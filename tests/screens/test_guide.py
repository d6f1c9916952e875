"""A guide on the screen: what a key answers, what it does not, and the way back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from textual import events
from textual.app import App
from textual.geometry import Size
from textual.pilot import Pilot

from modtui.domain.guide import Option, Question
from modtui.first_run import FirstRun
from modtui.screens.guide import AnswerBox
from tests.screens.grid import grid
from tests.screens.play import ROUNDS, Wrist

PICK = Question(
    "where", "Where to keep it", "pick", ("There is no keyring here.",),
    (
        Option("s", "system", "the system keyring", "none"),
        Option("m", "session", "this session only"),
        Option("e", "else", "elsewhere"),
    ),
    answer="session",
)  # fmt: skip
TEXT = Question("name", "Your name [b]bold[/b]", "text", answer="mod-a")
SECRET = Question("token", "The token", "secret", kept=True)


@dataclass
class Guide:
    """Three questions; `why` is said instead of going on, `slow` is waited for."""

    title: str = "first run"
    questions: tuple[Question, ...] = (PICK, TEXT, SECRET)
    at: int = 0
    answers: list[str] = field(default_factory=list)
    why: str = ""
    slow: asyncio.Event | None = None
    first: str = ""

    @property
    def question(self) -> Question | None:
        return self.questions[self.at] if self.at < len(self.questions) else None

    @property
    def trail(self) -> tuple[str, ...]:
        return tuple(self.answers[:1])

    @property
    def escape(self) -> str:
        return "one question back" if self.at else self.first

    async def answer(self, text: str) -> str:
        if self.slow is not None:
            await self.slow.wait()
        self.answers.append(text)
        if not self.why:
            self.at += 1
        return self.why

    def back(self) -> bool:
        self.at -= self.at > 0
        return bool(self.answers) and self.answers.pop() is not None


class Hand:
    """The hand on the keys of a guide's screen."""

    def __init__(self, app: FirstRun, pilot: Pilot[bool], wrist: Wrist) -> None:
        self.app, self.pilot, self.wrist = app, pilot, wrist

    async def press(self, *keys: str, after: float = 1.0) -> str:
        """Press keys, each `after` seconds later; return the screen."""
        for key in keys:
            self.wrist.seconds += after
            await self.pilot.press(key)
            for _ in range(ROUNDS):
                await self.pilot.pause()
        return "\n".join(grid(self.app))

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                await self.pilot.pause(0.01)


@asynccontextmanager
async def shown(guide: Guide, keyboards: tuple[str, ...] = ()) -> AsyncIterator[Hand]:
    wrist = Wrist()

    app = FirstRun(guide, keyboards, clock=wrist)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        yield Hand(app, pilot, wrist)


async def test_a_key_picks_and_enter_takes_what_is_proposed() -> None:
    guide = Guide()
    async with shown(guide) as hand:
        assert "▸ m  this session only" in "\n".join(grid(hand.app))
        await hand.press("e")
        assert guide.answers == ["else"]
        await hand.press("escape")
        await hand.press("enter")
        assert guide.answers == ["session"]
        await hand.press("escape", "up", "up", "down", "enter")
        assert guide.answers == ["else"], "moving goes past what cannot be picked"


async def test_a_size_that_is_told_late_is_not_taken() -> None:
    async with shown(Guide()) as hand:
        hand.app.screen.post_message(events.Resize(Size(60, 20), Size(60, 20)))
        for _ in range(ROUNDS):
            await hand.pilot.pause()
        assert hand.app.screen.outer_size == hand.app.size


async def test_what_cannot_be_picked_says_why() -> None:
    guide = Guide()
    async with shown(guide) as hand:
        assert "not here: none" in await hand.press("s")
        assert "the system keyring: none" in "\n".join(grid(hand.app))
        assert guide.answers == []


async def test_a_key_meant_for_the_question_before_is_dropped() -> None:
    guide = Guide()
    async with shown(guide) as hand:
        await hand.press("e")
        screen = await hand.press("enter", after=0.1)
        assert "1 key dropped: new question" in screen
        assert guide.answers == ["else"]
        await hand.press("enter")
        assert guide.answers == ["else", "mod-a"]


async def test_an_error_is_said_and_what_was_typed_stays() -> None:
    guide = Guide(at=1, why="that is no name")
    async with shown(guide) as hand:
        assert "[b]bold[/b]" in "\n".join(grid(hand.app))
        screen = await hand.press("x", "enter")
        assert "that is no name" in screen
        assert "mod-ax" in screen
        guide.why = ""
        screen = await hand.press("y", "enter")
        assert "that is no name" not in screen
        assert guide.answers == ["mod-ax", "mod-axy"]


async def test_a_secret_is_not_shown_copied_or_left_in_the_box(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guide, copied = Guide(at=2), []
    monkeypatch.setattr(App, "copy_to_clipboard", lambda _, text: copied.append(text))
    async with shown(guide) as hand:
        screen = await hand.press(*"s3cr3t")
        assert "s3cr3t" not in screen
        assert "••••••" in screen
        assert "One was typed before: Enter alone keeps it." in screen
        await hand.press("ctrl+a", "ctrl+c", "ctrl+x")
        box = hand.app.screen.query_one(AnswerBox)
        assert (box.value, copied) == ("s3cr3t", [])
        guide.why = "it is not accepted"
        await hand.press("enter")
        assert (guide.answers, box.value) == (["s3cr3t"], "")


async def test_escape_gives_up_waiting_and_nothing_was_answered() -> None:
    guide = Guide(slow=asyncio.Event())
    async with shown(guide) as hand:
        assert "one moment" in await hand.press("e")
        assert "one moment" in await hand.press("enter")
        assert "given up" in await hand.press("escape")
        guide.slow = None
        await hand.press("enter")
        assert guide.answers == ["else"]


async def test_the_end_and_the_way_out_are_told() -> None:
    guide = Guide(at=1, questions=(PICK, TEXT))
    async with shown(guide) as hand:
        await hand.press("enter")
        await hand.until(lambda: hand.app.return_value is True)
    guide = Guide(first="opens the queue without it")
    async with shown(guide) as hand:
        assert "Esc opens the queue without it" in "\n".join(grid(hand.app))
        await hand.press("escape")
        await hand.until(lambda: hand.app.return_value is False)
    async with shown(Guide()) as hand:
        assert "this is the first question" in await hand.press("escape")
        assert "Ctrl+Q leaves modtui" in await hand.press("ctrl+c")


async def test_keys_work_under_another_layout() -> None:
    guide = Guide()
    async with shown(guide, ("ru",)) as hand:
        await hand.press("у")
        assert guide.answers == ["else"], "у is the key e"
        await hand.press("у")
        assert hand.app.screen.query_one(AnswerBox).value == "mod-aу"


async def test_options_stay_in_sight_however_much_there_is_to_read() -> None:
    many = tuple(f"room {number}: redact, kick, ban" for number in range(60))
    guide = Guide(questions=(replace(PICK, lines=many),))
    async with shown(guide) as hand:
        screen = "\n".join(grid(hand.app))
        assert "… 50 more lines" in screen
        assert "e  elsewhere" in screen
        assert "not here: none" in await hand.press("s")


async def test_a_long_address_is_copied_by_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(FirstRun, "copy_to_clipboard", lambda _, text: copied.append(text))
    address = f"https://ours.test/user-api-key/new?public_key={'A' * 700}"
    paste = Question("paste", "The key", "secret", (address,), copies=address)
    async with shown(Guide(questions=(PICK, paste))) as hand:
        assert "there is nothing to copy here" in await hand.press("ctrl+y")
        assert copied == []
        assert "Ctrl+Y copies the address" in await hand.press("e")
        assert "sent to the terminal's clipboard" in await hand.press("ctrl+y")
        assert copied == [address]


async def test_a_text_to_send_is_copied_by_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(FirstRun, "copy_to_clipboard", lambda _, text: copied.append(text))
    who = replace(PICK, copies="please make me an admin", copied="text")
    async with shown(Guide(questions=(who,))) as hand:
        assert "Ctrl+Q leaves" in "\n".join(grid(hand.app))
        assert "Ctrl+Y copies the text" in "\n".join(grid(hand.app))
        assert "send it to an admin" in await hand.press("ctrl+y")
        assert copied == ["please make me an admin"]
