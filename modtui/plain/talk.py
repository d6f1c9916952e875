"""Talking in lines: what is said goes out whole, what is asked comes back as one line."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

from modtui.domain.text import clean
from modtui.plain.wrapping import wrap

T = TypeVar("T")
LONGEST = 200_000
DIGITS = 9
PAGE = 8
MORE = 9
BELL = "\a"
QUOTE = "> "
GO_ON = "Go on with the text. A line with only a full stop ends it."


class Leave(Exception):
    """The conversation ends. `code` is what modtui exits with."""

    def __init__(self, code: int = 0) -> None:
        super().__init__(code)
        self.code = code


class Back(Exception):
    """One step back: what was asked is not done."""


class View(Back):
    """One step back, to hear anew what changed."""


class Home(Exception):
    """Back to the queue, from wherever."""


class Word(Enum):
    """What can be answered in place of a number."""

    AGAIN = ""
    HELP = "?"
    QUIT = "q"


class Out(Protocol):
    """Where lines go. `width` is the terminal's, in cells; 0: lines are not broken."""

    @property
    def width(self) -> int: ...
    def write(self, text: str) -> None:
        """Take text to be written; returns at once."""
        ...

    async def written(self) -> None:
        """Return when everything taken so far has been written, or cannot be."""
        ...


class Inbox:
    """Lines that came in and were not read yet, and how the line ended."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self._code: int | None = None
        self._interrupted = False
        self._news = asyncio.Event()
        self.ending = asyncio.Event()

    @property
    def code(self) -> int:
        """What the line ended with; 0 while it is open."""
        return self._code or 0

    def put(self, line: str) -> None:
        """Take a line, without its end."""
        self._lines.append(line)
        self._news.set()

    def close(self) -> None:
        """No further line comes; those that are here are still read."""
        self._code = self._code or 0
        self._news.set()

    def hang_up(self, code: int) -> None:
        """Leave now, with `code`; what was not read is not done."""
        self._lines.clear()
        self._code = code
        self._news.set()
        self.ending.set()

    def interrupt(self) -> None:
        """Give up what is being asked; what was typed ahead is not meant for what comes next."""
        self._lines.clear()
        self._interrupted = True
        self._news.set()

    def drop(self) -> int:
        """Throw away what was not read yet; return how many lines that were."""
        dropped = len(self._lines)
        self._lines.clear()
        return dropped

    async def line(self) -> str:
        """Return the next line. Raises Leave at the end, Home when interrupted."""
        while True:
            if self._interrupted:
                self._interrupted = False
                raise Home
            if self._lines:
                return self._lines.popleft()
            if self._code is not None:
                raise Leave(self._code)
            self._news.clear()
            await self._news.wait()


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One thing that can be chosen. `why_not`: why it cannot be, "" that it can."""

    words: str
    value: T
    why_not: str = ""

    @property
    def line(self) -> str:
        """The choice as a list says it."""
        return f"{self.words}, not possible: {self.why_not}" if self.why_not else self.words


async def _nothing_new() -> Sequence[str]:
    return ()


class Talk:
    """One conversation. `terminal`: somebody types, who hears what he types; otherwise the answers
    come from a file, and are written after what they answer.

    `news` is asked for what happened since; it is said before the next question.
    """

    def __init__(self, out: Out, inbox: Inbox, *, terminal: bool) -> None:
        self._out = out
        self.inbox = inbox
        self._terminal = terminal
        self._open = ""
        self._waiting = False
        self._breaking = False
        self._later: list[str] = []
        self.news: Callable[[], Awaitable[Sequence[str]]] = _nothing_new
        self.answered: Callable[[], None] = lambda: None

    # out
    def say(self, *texts: str) -> None:
        """Say each text on lines of its own; what a platform put into it steers nothing."""
        for text in texts:
            self._out.write(self._broken(text) + "\n")

    def quote(self, text: str) -> None:
        """Say what somebody wrote: each line is marked, so that none can pass for one of ours."""
        width = self._out.width
        for line in clean(text, limit=LONGEST).text.split("\n"):
            for part in wrap(line, width and width - len(QUOTE), "").split("\n"):
                self._out.write(f"{QUOTE}{part}\n")

    def _broken(self, text: str) -> str:
        safe = clean(text, limit=LONGEST).text
        return "\n".join(wrap(line, self._out.width) for line in safe.split("\n"))

    def ring(self, lines: Sequence[str]) -> None:
        """Ring, and say `lines`: at once where a question stands, else before the next one."""
        self._out.write(BELL)
        if self._open and self._breaking and lines:
            self._out.write("\n")
            self.say(*lines)
            self._out.write(self._open)
        else:
            self._later += lines

    def later(self, lines: Sequence[str]) -> None:
        """Say `lines` before the next question."""
        self._later += lines

    def again(self) -> None:
        """Say anew what is waited for: who comes back to the terminal does not hear it else."""
        if self._terminal and self._waiting:
            self._out.write("\n")
            self._out.write(self._open or f"{self._broken(GO_ON)}\n")

    async def written(self) -> None:
        """Wait until everything said has been written."""
        await self._out.written()

    # in
    async def ask(self, prompt: str, *, fresh: bool = False, text: bool = False) -> str:
        """Ask, and return the line that answers. Raises Leave, Home.

        `fresh`: what was typed before this question is not meant for it. `text`: a text is being
        written, so what is new waits for the next question, unless it rang.
        """
        if not text:
            self._later += await self.news()
        urgent, self._later = self._later, []
        self.say(*urgent)
        await self._out.written()
        dropped = self.inbox.drop() if fresh and self._terminal else 0
        if dropped:
            self.say(f"Typed before this was said, and dropped: {dropped}.")
        self._open = self._broken(prompt) + " " if prompt else ""
        self._breaking = not text
        self._out.write(self._open)
        await self._out.written()
        self._waiting = True
        try:
            line = await self.inbox.line()
        except (Leave, Home):
            self._out.write("\n")
            raise
        finally:
            self._open, self._waiting = "", False
        self.answered()
        if not self._terminal:
            self.say(line)
        return line

    async def number(self, prompt: str, most: int) -> int | Word:
        """Ask for a number from 0 to `most`; an empty line, ? and q are words. Raises as `ask`.

        A number means what was heard: what was typed before is dropped.
        """
        fresh = True
        while True:
            typed = (await self.ask(prompt, fresh=fresh)).strip()
            found = next((word for word in Word if typed.casefold() == word.value), None)
            if found is not None:
                return found
            if typed.isascii() and typed.isdecimal() and int(typed) <= most:
                return int(typed)
            self.say(f"{typed[:20]} is no choice here: a number from 0 to {most}, or ? for help.")
            fresh = False

    async def pick(self, title: str, choices: Sequence[Choice[T]]) -> T:
        """Let one of `choices` be chosen by its number. Raises Back for 0, Home for q."""
        size = len(choices) if len(choices) <= DIGITS else PAGE
        page = 0
        shown = False
        while True:
            part = choices[page * size : (page + 1) * size]
            if not shown:
                self.say(title, *listed(part), *(("9. more",) if size < len(choices) else ()))
                shown = True
            most = MORE if size < len(choices) else len(part)
            answer = await self.number(f"1 to {most}, 0 back:", most)
            match answer:
                case Word.QUIT:
                    raise Home
                case Word():
                    shown = False
                case 0:
                    raise Back
                case 9 if size < len(choices):
                    page, shown = (page + 1) % -(-len(choices) // size), False
                case int() if answer > len(part):
                    self.say(f"There is no {answer} here.")
                case int() if part[answer - 1].why_not:
                    self.say(f"Not possible: {part[answer - 1].why_not}.")
                case int():
                    return part[answer - 1].value

    async def confirm(self, question: str, yes: str = "does it") -> bool:
        """Ask whether to do it: 1 is yes, 0 is no. Raises Home for q."""
        while True:
            self.say(question)
            match await self.number(f"1 {yes}, 0 back:", 1):
                case 1:
                    return True
                case 0:
                    return False
                case Word.QUIT:
                    raise Home

    async def for_good(self, question: str) -> bool:
        """Ask about what nothing brings back: the word yes does it, everything else does not."""
        self.say(question)
        answer = await self.ask("It is for good. Type yes to do it, anything else leaves it:",
                                fresh=True)  # fmt: skip
        return answer.strip().casefold() == "yes"

    async def words(self, prompt: str) -> str:
        """Ask for one line of text. Raises Back for an empty one or 0."""
        line = (await self.ask(f"{prompt} (an empty line goes back):", text=True)).strip()
        if line in ("", "0"):
            raise Back
        return line


def listed(choices: Sequence[Choice[T]]) -> list[str]:
    """Return choices as numbered lines."""
    return [f"{number}. {choice.line}" for number, choice in enumerate(choices, 1)]
