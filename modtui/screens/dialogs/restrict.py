"""Slow mode, or what the platform has instead, by its own name; and locking."""

from __future__ import annotations

from datetime import datetime, timedelta

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from modtui.domain.asking import HEATED, PERIODS, SETTLED, nearest
from modtui.domain.commands import (
    CROWD_LEVELS,
    Capability,
    Command,
    Lock,
    SetCrowdControl,
    SetReadOnly,
    SetSlowMode,
    Unlock,
)
from modtui.domain.views import ThreadDetail
from modtui.domain.words import length
from modtui.engine import Engine
from modtui.screens.dialogs.panel import ThreadPanel
from modtui.widgets.choice import Choice, Pick
from modtui.widgets.thread_head import effect_words, rates_words


def present(detail: ThreadDetail) -> str:
    """How the channel goes now, and before a restriction of ours, in words; a minute."""
    effect = effect_words(detail)
    now = f"now {rates_words(detail.pace.now)}" if detail.pace else ""
    return effect or now


class ReasonLine(Horizontal):
    """The box for a reason, called so, beside what is chosen above it."""

    def __init__(self, begun: str) -> None:
        super().__init__(
            Static(Content("  reason")), Input(begun, placeholder="in a few words", id="reason")
        )


class Restrict(ThreadPanel):
    """Common to slow mode and lock: a reason is always asked, Enter anywhere confirms."""

    DEFAULT_CSS = """
    Restrict ReasonLine { height: 1; }
    Restrict ReasonLine Static { width: 14; }
    Restrict ReasonLine Input { width: 1fr; }
    """
    BINDINGS = [
        Binding("enter", "confirm", "set", id="restrict.confirm", show=False, priority=True)
    ]

    def reason(self) -> str:
        return self.query_one("#reason", Input).value.strip()

    def until(self) -> datetime | None:
        seconds = self.query_one("#period", Choice).value
        return self.engine.now() + timedelta(seconds=int(seconds)) if seconds else None

    def build(self) -> Command | None:
        """Return the command that the panel now describes, or None having said what is missing."""
        raise NotImplementedError

    def action_confirm(self) -> None:
        if not self.reason():
            self.say("Give a reason in a few words: it is kept with the action.")
            return
        if (command := self.build()) is not None:
            self.dismiss((command,))


class SlowDialog(Restrict):
    """Returns SetSlowMode or SetReadOnly."""

    def __init__(self, engine: Engine, detail: ThreadDetail) -> None:
        super().__init__(engine, detail)
        self.offer = nearest(detail)
        self.slow = self.offer.capability is Capability.SLOW_MODE

    def hints(self) -> str:
        return f"Enter sets {self.offer.name}   ←→ change   Tab next line   Esc leave"

    def heading(self) -> Content:
        held = self.detail.channel.restriction
        state = (
            ""
            if held is None
            else f" · in force since {self.local(held.since)}"
            if held.since
            else " · in force"
        )
        return Content.from_markup(
            "[b]$name[/b] in $place · the channel: $heat$state",
            name=self.offer.name,
            place=self.detail.channel.name,
            heat=present(self.detail),
            state=state,
        )

    def panel(self) -> ComposeResult:
        if self.slow:
            presets = self.offer.presets or (self.offer.min_seconds,)
            yield Choice(
                "one post per",
                (*(Pick(str(s), length(s)) for s in presets), Pick("0", "off")),
                start=min(1, len(presets) - 1),
                id="interval",
            )
        else:
            on = self.detail.channel.restriction is None
            yield Choice(
                "channel",
                (Pick("on", "read-only"), Pick("off", "open again")),
                start=0 if on else 1,
                id="interval",
            )
        yield Choice("for", tuple(Pick(str(s), length(s)) for s in PERIODS), id="period")
        yield ReasonLine(HEATED)
        yield Static(id="effect")

    @property
    def lifts(self) -> bool:
        """Whether what is chosen ends what is in force."""
        return self.query_one("#interval", Choice).value in ("0", "off")

    def on_choice_changed(self) -> None:
        """Say what is chosen now, and ask no length for an end."""
        lifts, reason = self.lifts, self.query_one("#reason", Input)
        self.query_one("#period", Choice).display = not lifts
        if reason.value == (HEATED if lifts else SETTLED):
            reason.value = SETTLED if lifts else HEATED
        self.query_one("#effect", Static).update(Content(self.effect()))

    def effect(self) -> str:
        """Whom it hits and who ends it."""
        if self.lifts:
            return "Everyone can write as before."
        whom = "Everyone in the channel is slowed" if self.slow else "Nobody but staff can write"
        if self.offer.supports_until:
            return f"{whom}. The platform ends it."
        return f"{whom}. modtui ends it, if it or `modtui sync` runs then."

    def on_mount(self) -> None:
        self.query_one("#interval", Choice).focus()
        self.on_choice_changed()

    def build(self) -> Command:
        picked = self.query_one("#interval", Choice).value
        if self.slow:
            seconds = int(picked or 0)
            return SetSlowMode(
                thread=self.thread,
                revision=self.revision,
                seconds=seconds,
                until=self.until() if seconds else None,
                reason=self.reason(),
            )
        return SetReadOnly(
            thread=self.thread,
            revision=self.revision,
            on=picked == "on",
            until=self.until() if picked == "on" else None,
            reason=self.reason(),
        )


class CrowdDialog(Restrict):
    """Returns SetCrowdControl."""

    def __init__(self, engine: Engine, detail: ThreadDetail) -> None:
        super().__init__(engine, detail)
        self.offer = nearest(detail)

    def hints(self) -> str:
        return f"Enter sets {self.offer.name}   ←→ change   Tab next line   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "[b]$name[/b] · $title · the channel: $heat",
            name=self.offer.name,
            title=self.detail.row.title,
            heat=present(self.detail),
        )

    def panel(self) -> ComposeResult:
        each = tuple(Pick(str(level), name) for level, name in enumerate(CROWD_LEVELS))
        yield Choice("level", each, start=len(each) - 1, id="level")
        yield ReasonLine(HEATED)
        yield Static(Content(f"{self.offer.detail}."))

    def on_mount(self) -> None:
        self.query_one("#level", Choice).focus()

    def build(self) -> Command:
        level = int(self.query_one("#level", Choice).value or 0)
        on = {"thread": self.thread, "revision": self.revision}
        return SetCrowdControl(**on, level=level, reason=self.reason())


def slowing(engine: Engine, detail: ThreadDetail) -> Restrict:
    """Return the dialog of what is nearest to slow mode on the thread's platform."""
    crowd = nearest(detail).capability is Capability.CROWD_CONTROL
    return CrowdDialog(engine, detail) if crowd else SlowDialog(engine, detail)


class LockDialog(Restrict):
    """Returns Lock or Unlock."""

    def __init__(self, engine: Engine, detail: ThreadDetail) -> None:
        super().__init__(engine, detail)
        self.locked = detail.locked
        self.offer = detail.offers[Capability.LOCK]

    def hints(self) -> str:
        return (
            f"Enter {'unlocks' if self.locked else 'locks'}   ←→ change   Tab next line   Esc leave"
        )

    def heading(self) -> Content:
        return Content.from_markup(
            "[b]$verb[/b] · $title · $name",
            verb="Unlock" if self.locked else "Lock",
            title=self.detail.row.title,
            name=self.offer.name,
        )

    def panel(self) -> ComposeResult:
        if not self.locked:
            yield Choice(
                "until",
                (Pick("", "somebody unlocks"), *(Pick(str(s), length(s)) for s in PERIODS)),
                id="period",
            )
        yield ReasonLine(SETTLED if self.locked else HEATED)

    def build(self) -> Command:
        if self.locked:
            return Unlock(thread=self.thread, revision=self.revision, reason=self.reason())
        return Lock(
            thread=self.thread, revision=self.revision, reason=self.reason(), until=self.until()
        )
