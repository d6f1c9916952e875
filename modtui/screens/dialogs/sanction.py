"""Warn, mute, kick or ban the author: starts at the mildest, by a numbered rule."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from modtui.domain.asking import SANCTION_LENGTHS, TIMED, sanction
from modtui.domain.commands import Capability, SanctionKind
from modtui.domain.flagged import rule_to_begin_with
from modtui.domain.model import Post
from modtui.domain.settings import telling, worded
from modtui.domain.views import Offer, ThreadDetail
from modtui.domain.words import length
from modtui.engine import Engine
from modtui.screens.dialogs.panel import ThreadPanel, first_words, no_rule, rule_keys
from modtui.widgets.choice import Choice, Pick
from modtui.widgets.host import host

_NOTHING = "no rule is named, so the author is told nothing"


class SanctionDialog(ThreadPanel):
    """Returns a Sanction of the author of the post under the cursor."""

    BINDINGS = [
        Binding("enter", "confirm", "do it", id="sanction.confirm", show=False, priority=True),
        Binding("y", "confirm_for_good", "do it for good", id="sanction.for_good", show=False),
        *(
            Binding(str(n), f"rule({n})", f"rule {n}", id=f"sanction.rule{n}", show=False)
            for n in range(10)
        ),
    ]

    def __init__(
        self, engine: Engine, detail: ThreadDetail, post: Post, rule: int | None = None
    ) -> None:
        """`rule`: the number to begin with, 0 for none, where the flags on the post do not say."""
        super().__init__(engine, detail)
        self.post = post
        self.rules = engine.desk.rules[:9]
        named = rule_to_begin_with(detail, post, self.rules)
        self.chosen = named if rule is None else rule
        self.asked = False

    def hints(self) -> str:
        keys = rule_keys(len(self.rules))
        rules = f"{keys} rule   " if keys else ""
        return f"Enter does it (y if for good)   ←→ what   {rules}Tab how long   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "Sanction [b]$author[/b] in $place · “$words”",
            author=self.post.author.name,
            place=self.detail.channel.name,
            words=first_words(self.post.text, 80),
        )

    def offer(self, kind: SanctionKind) -> Offer:
        return self.detail.offers[Capability(kind.value)]

    def panel(self) -> ComposeResult:
        picks = tuple(
            Pick(
                kind.value,
                self.offer(kind).name or kind.value,
                self.offer(kind).why_not,
            )
            for kind in SanctionKind
        )
        yield Choice("what", picks, id="kind")
        yield Choice(
            "how long",
            (*(Pick(str(s), length(s)) for s in SANCTION_LENGTHS), Pick("", "for good")),
            start=1,
            id="length",
        )
        names = dict.fromkeys(name for kind in SanctionKind for name in self.offer(kind).texts)
        if names:
            each = (Pick("", "of the rule"), *(Pick(name, name) for name in names))
            yield Choice("text", each, id="text")
        yield Static(id="rules")
        yield Static(id="effect")

    def on_mount(self) -> None:
        self.query_one("#kind", Choice).focus()
        self.show_effect()

    def on_choice_changed(self) -> None:
        self.show_effect()

    def kind(self) -> SanctionKind | None:
        value = self.query_one("#kind", Choice).value
        return SanctionKind(value) if value else None

    def seconds(self) -> int | None:
        """How long; None for good. A warning and a kick have no length."""
        value = self.query_one("#length", Choice).value
        if self.kind() in TIMED and value:
            return int(value)
        return None

    def preset(self) -> str | None:
        """The platform's own text that was picked, where there is one for what is done."""
        kind = self.kind()
        texts = self.offer(kind).texts if kind else ()
        picked = self.query_one("#text", Choice).value if self.query("#text") else None
        return picked if picked in texts else None

    def for_good(self) -> bool:
        return self.kind() is SanctionKind.BAN and self.seconds() is None

    def show_effect(self) -> None:
        self.unsay()
        self.asked = False
        kind = self.kind()
        timed = kind in TIMED
        self.query_one("#length", Choice).display = timed
        if self.query("#text"):
            self.query_one("#text", Choice).display = bool(kind and self.offer(kind).texts)
        self.query_one("#rules", Static).update(Content(f"  rule        {self.rule_words()}"))
        named = (self.offer(kind).name or kind.value) if kind else ""
        if kind is None:
            text = "Nothing can be done to an author with this account."
        elif self.wordless():
            text = f"{named}: {_NOTHING}{self.which()}."
        elif self.for_good():
            text = f"{named} for good: y does it."
        elif timed:
            undo = host(self).keymap.key("queue.undo", "u")
            lasting = length(self.seconds() or 0)
            text = f"{named} for {lasting}: Enter does it, {undo} takes it back."
            if kind is not None and self.seconds() and self.offer(kind).at_its_end:
                text += f" {self.offer(kind).at_its_end}"
        else:
            text = f"{named}: Enter does it{self.told_with_it()}."
        spam = self.detail.spam
        if (
            spam is not None
            and self.post.author.remote_id == self.detail.record.thread.author.remote_id
        ):
            text = f"{text} {spam.line}."
        self.query_one("#effect", Static).update(Content(text))

    def told_with_it(self) -> str:
        """What the author is told, as the end of a sentence."""
        preset = self.preset()
        if preset:
            return f"; the author is told the platform's text {preset}"
        warns = self.kind() is SanctionKind.WARN and self.detail.row.help_route is not None
        more = " and the disclaimer" if warns else ""
        return f"; the author is told the rule{more}" if self.chosen else ""

    def wordless(self) -> bool:
        """Whether it is a warning that says nothing."""
        return self.kind() is SanctionKind.WARN and not self.chosen and self.preset() is None

    def unruled(self) -> bool:
        """Whether no rule stands for it though there are some."""
        return bool(self.rules) and not self.chosen and self.preset() is None

    def which(self) -> str:
        """How to name a rule, where there is one."""
        return f": {rule_keys(len(self.rules))} names one" if self.rules else ""

    def rule_words(self) -> str:
        """The rule that was chosen, and what the author is told of it where that is another
        text."""
        if not self.chosen:
            return "0 no rule named"
        language, mine = self.detail.row.language, self.engine.desk.moderator.languages
        rule = self.rules[self.chosen - 1]
        told = telling(rule, language, mine)
        more = f"\n              {told}" if told else ""
        return f"{self.chosen} {worded(rule, language, mine)[0]}{more}"

    def action_rule(self, number: int) -> None:
        if number > len(self.rules):
            self.say(no_rule(number, len(self.rules)))
            return
        self.chosen = number
        self.show_effect()

    def action_confirm(self) -> None:
        if self.for_good():
            self.say("This is for good: y does it, Enter does not.")
        else:
            self.finish()

    def action_confirm_for_good(self) -> None:
        if self.for_good():
            self.finish()

    def finish(self) -> None:
        kind = self.kind()
        if kind is None:
            self.say("Nothing can be done to an author with this account.")
            return
        if (self.wordless() or self.unruled()) and not self.asked:
            self.asked = True
            why = f"no rule is named{self.which()}"
            if self.wordless():
                why = f"{_NOTHING}. Most platforms refuse that"
            key = "y" if self.for_good() else "Enter"
            self.say(f"Not done yet: {why}. {key} does it anyway.")
            return
        rule = self.rules[self.chosen - 1] if self.chosen else None
        sanctioned = sanction(self.detail, self.post, kind, self.seconds(), rule)
        commands = (replace(sanctioned, preset=self.preset()),)
        if self.sends(commands):
            self.dismiss(commands)
