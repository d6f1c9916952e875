"""Quick replies that are edited before they are sent: what of the entry is still in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from modtui.domain.commands import Command, Reply, Then
from modtui.domain.frozen import dataclass
from modtui.domain.model import Draft
from modtui.domain.outbox import RETURNED, Delivery
from modtui.domain.replies import PLACEHOLDER, Entry, Variant

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Start:
    """The quick reply that somebody edits, and where it leaves the thread."""

    entry: Entry
    reply: Reply
    then: Then

    def begun(self, said: Reply) -> Reply:
        """Return `said`, which came of it, as a reply of its entry."""
        return replace(said, language=self.reply.language, quick=self.entry.id)

    def ended(self, commands: Sequence[Command]) -> tuple[Command, ...]:
        """Return the batch as it is sent. With other words the reply is no choice of its entry,
        and no help entry where less than half of the entry's are left."""
        return tuple(self._told(each) if isinstance(each, Reply) else each for each in commands)

    def _told(self, reply: Reply) -> Reply:
        if self.reply.quick is not None and reply.text.strip() == self.reply.text.strip():
            return reply
        variant = self.entry.variant((self.reply.language or "",))
        helps = reply.helps and mostly(variant, reply.text)
        return replace(reply, quick=None, began=self.entry.id, helps=helps)


def again(draft: Draft | None, rows: Sequence[Delivery], entries: Iterable[Entry]) -> Start | None:
    """Return the quick reply that came back as `draft`, whether or not its words were changed, with
    what follows it; None where the latest of `rows` by its moderator that is a reply went out, was
    none, or said other words."""
    replies = (
        (row.state, row.command)
        for row in reversed(rows)
        if draft is not None and row.by == draft.by and isinstance(row.command, Reply)
    )
    state, reply = next(replies, (None, None))
    if draft is None or reply is None or state not in RETURNED:
        return None
    name = reply.quick or reply.began
    entry = next((each for each in entries if each.id == name), None)
    said = _words(reply.text)
    if entry is None or len(said & _words(draft.text)) < len(said) / 2:
        return None
    return Start(entry, reply, reply.then)


def mostly(variant: Variant, text: str) -> bool:
    """Return whether at least half of the words of `variant` are left in `text`."""
    wrote = _words(PLACEHOLDER.sub(" ", variant.body))
    return len(wrote & _words(text)) >= len(wrote) / 2


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
