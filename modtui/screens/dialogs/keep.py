"""Keeping a post that many flagged: whether later flags on it count."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from modtui.domain.commands import Capability
from modtui.domain.flagged import flags_of
from modtui.domain.model import Post
from modtui.domain.views import ThreadDetail
from modtui.screens.dialogs.panel import Panel, first_words


class KeepDialog(Panel[bool]):
    """Returns whether further flags are closed too; None when the post is not to be kept."""

    BINDINGS = [
        Binding("enter", "answer(False)", "just these flags", id="keep.these", show=False),
        Binding("n", "answer(False)", "just these flags", id="keep.no", show=False),
        Binding("y", "answer(True)", "also further flags", id="keep.further", show=False),
    ]

    def __init__(self, detail: ThreadDetail, post: Post) -> None:
        super().__init__()
        self.detail = detail
        self.post = post

    def heading(self) -> Content:
        return Content.from_markup(
            "Keep the post of [b]$author[/b], flagged $count×: “$words”\n"
            "Also further flags, until it is edited?",
            author=self.post.author.name,
            count=str(len(flags_of(self.detail, self.post))),
            words=first_words(self.post.text, 60),
        )

    def panel(self) -> ComposeResult:
        dismiss = self.detail.offers.get(Capability.DISMISS)
        there = "and dismissed there, once a minute at most" if dismiss and dismiss.able else (
            "but stay open there: this account cannot dismiss them"
        )  # fmt: skip
        yield Static(
            Content(
                f"Yes: later flags on it are closed here as they come, {there}; "
                "they raise nothing and are counted. An edit ends it."
            )
        )

    def hints(self) -> str:
        return "Enter or n just these flags   y also further flags   Esc leave"

    def action_answer(self, further: bool) -> None:
        self.dismiss(further)
