"""What the platform of a thread has of its own: reopen, freeze, tag, score and the like."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from modtui.domain.asking import ONE_WAY, able_extras, reporters, withheld_extras
from modtui.domain.commands import Capability, DoExtra, Extra
from modtui.domain.views import Offer, ThreadDetail
from modtui.domain.words import length
from modtui.engine import Engine
from modtui.screens.dialogs.restrict import Restrict
from modtui.widgets.choice import Choice, Pick

_VALUES = {Extra.PRIORITY: "score, 0 to 100", Extra.TAG: "tag"}


class ExtraDialog(Restrict):
    """Returns DoExtra. What is for good wants `y`, off the lines that are typed in."""

    BINDINGS = [Binding("y", "confirm_for_good", "do it for good", id="extra.for_good", show=False)]

    def __init__(self, engine: Engine, detail: ThreadDetail) -> None:
        super().__init__(engine, detail)
        self.extras = able_extras(detail)

    def hints(self) -> str:
        return "←→ change   Tab next line   Enter does it (y if for good)   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "[b]More on $account[/b] · $title",
            account=self.detail.row.account,
            title=self.detail.row.title,
        )

    def offer(self, extra: Extra) -> Offer:
        return self.detail.offers[Capability(extra.value)]

    def panel(self) -> ComposeResult:
        names = tuple(Pick(extra.value, self.offer(extra).name) for extra in self.extras)
        yield Choice("what", names, id="what")
        yield Choice("how", (Pick("on", "do it"), Pick("", "take it off")), id="how")
        by = reporters(self.detail) or {"": "nobody known"}
        yield Choice("who", tuple(Pick(key, name) for key, name in by.items()), id="who")
        times = self.offer(Extra.MUTE_REPORTER).presets
        each = (*(Pick(str(seconds), length(seconds)) for seconds in times), Pick("", "for good"))
        yield Choice("how long", each, id="length")
        yield Input(placeholder="value", id="value")
        yield Input(placeholder="reason", id="reason")
        yield Static(id="effect")
        yield Static(Content("\n".join(withheld_extras(self.detail))), id="withheld")

    def on_mount(self) -> None:
        self.query_one("#what", Choice).focus()
        self.on_choice_changed()

    def on_choice_changed(self) -> None:
        extra = self.extra()
        on = extra in ONE_WAY or bool(self.query_one("#how", Choice).value)
        mutes = extra is Extra.MUTE_REPORTER
        value = self.query_one("#value", Input)
        value.display = extra in _VALUES
        value.placeholder = _VALUES.get(extra, "")
        self.query_one("#how", Choice).display = extra not in ONE_WAY
        self.query_one("#who", Choice).display = mutes
        self.query_one("#length", Choice).display = mutes and on
        offer = self.offer(extra)
        parts = (offer.detail if on else "", "for good: y does it" if offer.for_good else "")
        words = "; ".join(part for part in parts if part)
        self.query_one("#effect", Static).update(Content(f"{words}." if words else ""))

    def extra(self) -> Extra:
        return Extra(self.query_one("#what", Choice).value or self.extras[0])

    def for_good(self) -> bool:
        return self.offer(self.extra()).for_good

    def action_confirm(self) -> None:
        if self.for_good() and self.reason():
            self.say("This is for good: y does it, Enter does not.")
            self.query_one("#what", Choice).focus()
        else:
            super().action_confirm()

    def action_confirm_for_good(self) -> None:
        if self.for_good():
            super().action_confirm()

    def build(self) -> DoExtra | None:
        extra = self.extra()
        on = extra in ONE_WAY or bool(self.query_one("#how", Choice).value)
        mutes = extra is Extra.MUTE_REPORTER
        value = self.query_one("#value", Input).value.strip() if extra in _VALUES else ""
        if extra in _VALUES and not value:
            self.say(f"Give the {_VALUES[extra]}.")
            return None
        seconds = self.query_one("#length", Choice).value if mutes and on else None
        return DoExtra(
            thread=self.thread,
            revision=self.revision,
            extra=extra,
            on=on,
            value=(self.query_one("#who", Choice).value or "") if mutes else value,
            seconds=int(seconds) if seconds else None,
            reason=self.reason(),
        )
