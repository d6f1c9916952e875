"""A guide through something new: one question at a time, each with a way back.

The same questions are asked on a screen with keys and, one a line, on the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to pick: `key` picks it, `off` says why it cannot be picked."""

    key: str
    value: str
    label: str
    off: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `lines` explain it; `enter` says what the answer leads to.

    A pick has `options`, and `answer` is the value that Enter picks; of a text it is what stands
    in the box beforehand; of a secret it is always empty, and `kept` says that one was typed
    before, which an empty answer leaves as it is. What a platform told is clean in here.
    `copies` is what is needed elsewhere and too long to type, which a key copies: an address to
    open, or a text to send on, as `copied` says.
    """

    id: str
    title: str
    ask: Literal["pick", "text", "secret"]
    lines: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    answer: str = ""
    enter: str = "goes on"
    kept: bool = False
    copies: str = ""
    copied: Literal["address", "text"] = "address"


class Guide(Protocol):
    """Asks until there is nothing more to ask."""

    @property
    def question(self) -> Question | None:
        """What is asked now; None when it is over."""
        ...

    @property
    def title(self) -> str:
        """What the guide leads to."""
        ...

    @property
    def trail(self) -> tuple[str, ...]:
        """What was answered so far, each in a few words; no secrets."""
        ...

    @property
    def escape(self) -> str:
        """What going back does now, in words; "" where there is nowhere to go."""
        ...

    async def answer(self, text: str) -> str:
        """Take an answer and go on; return in one line why the question stays, or "".

        May take seconds. Cancelled, it has changed nothing.
        """
        ...

    def back(self) -> bool:
        """Go back to the question before, what was answered kept; False at the first."""
        ...
