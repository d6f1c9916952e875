"""Hand over: every thing that is left, what becomes of it, and the text for the next ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from modtui.domain.shift import (
    CHOICES,
    HEADINGS,
    Decision,
    Fate,
    HandedOver,
    Item,
    Leaving,
    Part,
    decided,
    fate_words,
    write,
)
from modtui.engine import Engine, Refused
from modtui.keymap import Action, bindings
from modtui.screens.dialogs.handing import NoteDialog, PreviewDialog, SuccessorDialog
from modtui.screens.keeping import Keeping
from modtui.screens.leftover_room import LeftoverRoom
from modtui.screens.room import GO, Room
from modtui.widgets.cells import one_line
from modtui.widgets.host import host, work

OWN = (
    Action("handover.preview", "enter", "preview", "read the text; Enter again hands over",
           "asks", True, "text", "read the text, hand over"),
    Action("handover.keep", "a", "fate('keep')", "it stays as it is", "at once", True, "keep",
           "keep"),
    Action("handover.transfer", "t", "transfer", "hand it to somebody", "asks", True,
           "transfer", "transfer…"),
    Action("handover.transfer-all", "T", "transfer_all", "hand everything I hold to one", "asks",
           True, long="transfer all…"),
    Action("handover.release", "r", "fate('release')", "release it, or wake it", "at once", True,
           "release", "release"),
    Action("handover.note", "m", "note", "leave a note for the next one", "asks", True, "note",
           "note…"),
    Action("handover.next-fate", "right", "turn(1)", "what else may become of it", "at once", True,
           named="←→", hint="change", long="change"),
    Action("handover.last-fate", "left", "turn(-1)", "what else may become of it, backwards",
           "at once", True),
    Action("handover.back", "q,escape", "back", "back to the queue", hint="back", long="back"),
)  # fmt: skip
NOTHING = "there is nothing here to decide about"


class HandoverScreen(LeftoverRoom):
    """What I leave at the end of a shift. A calm night is Enter, Enter."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (*OWN, *Room.ACTIONS)
    HINTED: ClassVar[tuple[Action, ...]] = (GO,)
    BINDINGS = bindings(OWN)
    HEADINGS = HEADINGS

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.leaving: Leaving | None = None
        self.made: dict[str, Decision] = {}
        self.to = ""
        self.done: HandedOver | None = None
        self._asked: list[Keeping[str]] = []

    # what is left, and what becomes of it
    async def load(self) -> Sequence[Item]:
        self.leaving = await self.engine.shift.leaving()
        return self.leaving.items

    def decision(self, item: Item) -> Decision:
        """Return what becomes of `item` as things stand."""
        leaving = self.leaving
        known = decided(leaving, self.made, self.to) if leaving else {}
        # What went while it was read anew stands on the screen for a moment more.
        return known.get(item.id, Decision(Fate.KEEP))

    def headline(self) -> str:
        leaving = self.leaving
        if leaving is None:
            return "HAND OVER"
        if self.done is not None:
            at = self._clock(self.done)
            quits = host(self).keymap.key("app.quit", "Ctrl+Q")
            return f"HANDED OVER {at} · {self.goes()} · {quits} leaves modtui"
        to = f" to {self.to}" if self.to else ""
        return f"HAND OVER{to} · {self.goes()}"

    def goes(self) -> str:
        """Return where the text goes."""
        leaving = self.leaving
        if leaving is None or leaving.reach is None:
            return leaving.unsent if leaving else ""
        return f"the text goes to {leaving.reach.account} {leaving.reach.channel}".rstrip()

    def _clock(self, done: HandedOver) -> str:
        zone = ZoneInfo(self.engine.desk.moderator.timezone)
        return done.at.astimezone(zone).strftime("%H:%M")

    def word(self, item: Item) -> str:
        decision = self.decision(item)
        if decision.fate is Fate.TRANSFER:
            return f"→ {decision.to}"
        if decision.fate is Fate.NOTE:
            return one_line(fate_words(item, decision))
        return decision.fate.value

    def about(self, item: Item | None) -> str:
        leaving = self.leaving
        if leaving is None:
            return ""
        if item is None:
            return f"Nothing is held, on its way or running: Enter reads the text.{self._own()}"
        choices = " · ".join(fate.value for fate in CHOICES[item.part])
        words = f"\n{one_line(item.text)}" if item.text else ""
        place = f" · {item.place}" if item.place else ""
        return (
            f"{one_line(item.title)}{place} · {item.says}{words}\n"
            f"may: {choices} · now: {fate_words(item, self.decision(item)) or 'left as it is'}"
            f"{self._own()}"
        )

    def _own(self) -> str:
        """Return what is told to nobody else."""
        seen = self.leaving.exposed if self.leaving else 0
        return f"\nfor you alone: {seen} folded posts read since your shift began" if seen else ""

    def off(self, action: Action) -> str:
        if not action.acts or action.verb == "preview":
            return ""
        item = self.selected
        if item is None:
            return NOTHING
        fates = {"keep": Fate.KEEP, "transfer": Fate.TRANSFER, "release": Fate.RELEASE}
        fate = fates.get(action.verb)
        if fate is not None and fate not in CHOICES[item.part]:
            return f"{HEADINGS[item.part].lower()}: it cannot be {_PAST[fate]}"
        if action.verb == "transfer-all" and not any(i.part is Part.CLAIM for i in self.items):
            return "you hold nothing"
        return ""

    # keys
    def action_fate(self, fate: str) -> None:
        if (item := self.selected) is not None:
            self.decide(item, Decision(Fate(fate)))

    def decide(self, item: Item, decision: Decision) -> None:
        """Let this become of `item`."""
        self.made[item.id] = decision
        self.done = None
        self.paint()

    def action_turn(self, step: int) -> None:
        """Go to the next of what may become of the item; what must be asked for is skipped."""
        item = self.selected
        if item is None:
            return
        known = {Fate.TRANSFER: self.to, Fate.NOTE: ""}
        fates = [f for f in CHOICES[item.part] if f not in known or known[f]]
        now = self.decision(item).fate
        at = fates.index(now) if now in fates else 0
        fate = fates[(at + step) % len(fates)]
        self.decide(item, Decision(fate, self.to if fate is Fate.TRANSFER else ""))

    def action_transfer(self) -> None:
        if (item := self.selected) is not None:
            self._ask_successor(one_line(item.title), partial(self._transferred, item))

    def _transferred(self, item: Item, to: str) -> None:
        self.decide(item, Decision(Fate.TRANSFER, to))

    def action_transfer_all(self) -> None:
        self._ask_successor("everything you hold", self._all_transferred)

    def _all_transferred(self, to: str) -> None:
        self.to = to
        for item in self.items:
            if item.part is Part.CLAIM:
                self.made.pop(item.id, None)
        self.done = None
        self.paint()

    def _ask_successor(self, what: str, then: Callable[[str], None]) -> None:
        people = self.leaving.people if self.leaving else ()

        def named(to: str | None) -> None:
            self.closed()
            if to:
                then(to)

        self._ask(SuccessorDialog(what, people), named)

    def action_note(self) -> None:
        item = self.selected
        if item is None:
            return

        def written(note: str | None) -> None:
            self.closed()
            if note:
                self.decide(item, Decision(Fate.NOTE, note=note))

        self._ask(NoteDialog(one_line(item.title), self.decision(item).note), written)

    # handing over
    def action_preview(self) -> None:
        work(self, self._preview, "preview")

    async def _preview(self) -> None:
        """Show the text of what is left now, with what becomes of it."""
        await self._reload()
        leaving = self.leaving
        if leaving is None:
            return
        decisions = decided(leaving, self.made, self.to)
        text = write(leaving, decisions, self.to)

        def read(answer: str | None) -> None:
            self.closed()
            if answer is not None:
                work(self, partial(self._hand_over, leaving, answer), "handover")

        self._ask(PreviewDialog(text, self._effect(decisions), self.goes()), read)

    def _ask(self, dialog: Keeping[str], then: Callable[[str | None], None]) -> None:
        """Open `dialog`, whose words are kept until the hand-over is done."""
        self._asked.append(dialog)
        self.app.push_screen(dialog, then)

    def _effect(self, decisions: dict[str, Decision]) -> str:
        counts = dict.fromkeys(Fate, 0)
        for item in self.items:
            counts[decisions[item.id].fate] += 1
        words = (f"{count} {_PAST[fate]}" for fate, count in counts.items() if count)
        return ", ".join(words) or "nothing is left"

    async def _hand_over(self, leaving: Leaving, text: str) -> None:
        decisions = decided(leaving, self.made, self.to)
        try:
            done = await self.engine.shift.hand_over(leaving, decisions, text, self.to)
        except Refused as refused:
            self.say(self.refused(refused))
            for dialog in self._asked:
                await dialog.keep_on()
            return
        for dialog in self._asked:
            dialog.forget()
        self._asked.clear()
        self.done = done
        self.made.clear()
        self.leaving = replace(leaving, items=())
        await self._reload()
        self.say(f"handed over · {self.goes()}")


_PAST = {
    Fate.KEEP: "kept",
    Fate.TRANSFER: "transferred",
    Fate.RELEASE: "released",
    Fate.NOTE: "noted",
}
