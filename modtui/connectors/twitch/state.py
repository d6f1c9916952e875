"""What is remembered between two reads, and what the next batch tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import msgspec


class About(msgspec.Struct):
    """What a flag is about; no subject once it is closed."""

    subject: str = ""
    user: str = ""


class Talk(msgspec.Struct):
    """The thread that a suspicious user's next message belongs to, and when the last one came
    (epoch seconds)."""

    subject: str
    at: float


class State(msgspec.Struct):
    """The cursor. `seen` maps notifications of the last minutes to when they came (epoch seconds),
    `missing` holds unban requests that the last list did not have, `line_at` is when events were
    last known to come (epoch seconds; 0: never)."""

    flags: dict[str, About] = {}
    talks: dict[str, Talk] = {}
    seen: dict[str, float] = {}
    missing: list[str] = []
    line_at: float = 0


@dataclass(slots=True)
class Decisions:
    """What became of held messages and chat messages, as far as it is known here: by an answer to
    us, or by an event. `ours` are those that our own act is known to have done, `unsure` what it
    tried to make of others and was not answered; `written` is when chat messages were."""

    became: dict[str, tuple[str, str]] = field(default_factory=dict)
    ours: dict[str, None] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)
    written: dict[str, datetime] = field(default_factory=dict)

    def note(self, message: str, status: str, by: str = "", *, ours: bool = False) -> None:
        """Remember that `by` made `status` of a message, the latest thousand."""
        self.became[message] = (status, by)
        if ours:
            self.ours[message] = None
        self.unsure.pop(message, None)
        self._forget()

    def wrote(self, message: str, at: datetime) -> None:
        """Remember when a message was written, of the latest thousand."""
        self.written[message] = at
        self._forget()

    def _forget(self) -> None:
        for held in (self.became, self.ours, self.unsure, self.written):
            while len(held) > _MOST_REMEMBERED:
                del held[next(iter(held))]


_MOST_REMEMBERED = 1000
DELETED = "deleted"
"""What became of a chat message that is gone."""
