"""Removal: which post, for which rule, what the platform does, and whether it is for good."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from modtui.domain.asking import others_flagged, removal
from modtui.domain.commands import Capability
from modtui.domain.flagged import rule_to_begin_with
from modtui.domain.model import Post
from modtui.domain.settings import telling, worded
from modtui.domain.views import ThreadDetail
from modtui.engine import Engine
from modtui.screens.dialogs.panel import ThreadPanel, first_words, no_rule, rule_keys
from modtui.widgets.host import host


class RemoveDialog(ThreadPanel):
    """Returns a Hide of exactly one post. A digit picks the rule; Enter or `y` does it."""

    BINDINGS = [
        Binding("enter", "confirm", "remove", id="remove.confirm", show=False),
        Binding("y", "confirm_for_good", "remove for good", id="remove.for_good", show=False),
        *(
            Binding(str(n), f"rule({n})", f"rule {n}", id=f"remove.rule{n}", show=False)
            for n in range(10)
        ),
    ]

    def __init__(self, engine: Engine, detail: ThreadDetail, post: Post) -> None:
        super().__init__(engine, detail)
        self.post = post
        self.offer = detail.offers[Capability.HIDE]
        self.rules = engine.desk.rules[:9]
        self.chosen = rule_to_begin_with(detail, post, self.rules)
        self.unseen = detail.folding.unseen(post)
        self.others = others_flagged(detail, post)

    def hints(self) -> str:
        does = "y does it for good" if self.offer.for_good else "Enter does it"
        keys = rule_keys(len(self.rules))
        rules = f"{keys} rule   0 no rule   " if keys else ""
        return f"{rules}{does}   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "[b]$verb[/b] the post of [b]$author[/b] in $place: “$words”",
            verb=(self.offer.name or "remove").capitalize(),
            author=self.post.author.name,
            place=self.detail.channel.name,
            words=first_words(self.post.text, 90),
        )

    def panel(self) -> ComposeResult:
        yield Static(self.rules_shown(), id="rules")
        undo = host(self).keymap.key("queue.undo", "u")
        ends = f"{undo} takes it back."
        if self.offer.for_good:
            ends = "It is for good: nothing brings it back."
        said = "You have not seen its text. " if "text not seen" in self.unseen else ""
        said += f"{self.offer.detail.capitalize()}. " if self.offer.detail else ""
        yield Static(Content(f"{said}{ends} {self.outcome()}"))

    def outcome(self) -> str:
        """What becomes of the thread."""
        if not self.others and self.detail.row.now_at is not None:
            return "The thread stays in the NOW lane: it needs an outcome in words."
        if not self.others:
            return "The thread is then resolved."
        count = len(self.others)
        return f"{count} other flagged post{'s stay' if count > 1 else ' stays'} to be decided."

    def rules_shown(self) -> Content:
        language, mine = self.detail.row.language, self.engine.desk.moderator.languages
        rows = []
        for n, rule in enumerate(self.rules, 1):
            chosen = n == self.chosen
            shown, _ = worded(rule, language, mine)
            told = telling(rule, language, mine)
            style = "bold" if chosen else ""
            rows.append(Content.styled(f"{'▸' if chosen else ' '} {n} {shown}", style))
            if chosen and told:
                rows.append(Content(f"    {told}"))
        none = Content.styled(
            f"{'▸' if self.chosen == 0 else ' '} 0 no rule named", "bold" if not self.chosen else ""
        )
        return Content("\n").join([*rows, none])

    def action_rule(self, number: int) -> None:
        if number > len(self.rules):
            self.say(no_rule(number, len(self.rules)))
            return
        self.unsay()
        self.chosen = number
        self.query_one("#rules", Static).update(self.rules_shown())

    def action_confirm(self) -> None:
        if self.offer.for_good:
            self.say("This is for good: y does it, Enter does not.")
        else:
            self.finish()

    def action_confirm_for_good(self) -> None:
        if self.offer.for_good:
            self.finish()

    def finish(self) -> None:
        rule = self.rules[self.chosen - 1] if self.chosen else None
        commands = (removal(self.detail, self.post, rule),)
        if self.sends(commands):
            self.dismiss(commands)
