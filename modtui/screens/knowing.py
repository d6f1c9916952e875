"""What is known beyond the screen: the author's record, my last twenty, the deadline's ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modtui.domain.decide import Case
from modtui.keymap import Action
from modtui.screens.room import Room
from modtui.widgets.cells import one_line
from modtui.widgets.delivery_words import delivery_words
from modtui.widgets.host import Moment, host
from modtui.widgets.thread_pane import ThreadPane

if TYPE_CHECKING:
    from modtui.screens.help import Section


class Knowing(Room):
    """A room with a thread under the cursor, as far as it only tells of it. `case` is its own."""

    pane: ThreadPane | None = None

    def case(self) -> Case | None:
        """Return what a key would decide on now."""
        raise NotImplementedError

    # what a key would do
    def here(self, action: Action, key: str = "") -> str:
        case = self.case()
        if action.verb == "undo":
            return self._take_back()
        if case is None:
            return ""
        if action.verb == "quick":
            return self._slot(key)
        from modtui.screens.here import says

        return says(action.verb, case)

    def _slot(self, key: str) -> str:
        slots = self.pane.slots if self.pane is not None else ()
        found = next((slot for slot in slots if str(slot.digit) == key), None)
        if found is None:
            return ""
        weak = "weak: " if found.weak else ""
        then = f", then {', '.join(found.entry.then)}" if found.entry.then else ""
        title = found.entry.title(found.variant, self.engine.desk.moderator.languages)
        return f"{weak}{one_line(title)} ({found.variant.language}){then}"

    def _take_back(self) -> str:
        deeds = self.status.deeds
        if not deeds.mine:
            return ""
        last = deeds.mine[0]
        words = delivery_words(last, deeds.title(last), self.moment(), brief=True)
        return f"take back my latest: {''.join(text for text, _ in words).strip()}"

    def sections(self, width: int) -> tuple[Section, ...]:
        from modtui.screens.help import Section
        from modtui.widgets.ledger_rows import deadline_rows, ledger_rows

        case = self.case()
        if case is None:
            return ()
        full = self.moment()
        moment = Moment(full.now, full.zone, width, full.keymap)
        title = one_line(case.detail.row.title)
        return (
            Section("the deadline of", deadline_rows(case.detail, moment), title),
            Section("its ledger", ledger_rows(case.detail, moment)),
        )

    # sheets
    def action_author(self) -> None:
        from modtui.screens.author import AuthorSheet

        if (case := self.case()) is not None:
            self.app.push_screen(AuthorSheet(self.engine, case))

    def action_link(self) -> None:
        from modtui.screens.evidence import LinkSheet

        if (case := self.case()) is not None:
            self.app.push_screen(LinkSheet(case, host(self).copy_out))
            self.link_shown(case)

    def action_translate(self) -> None:
        from modtui.screens.translation import OFF, TranslationSheet

        case = self.case()
        if case is None or case.post is None:
            return
        translator = self.engine.translator
        if translator is None:
            self.say(OFF)
        elif (fold := case.detail.folding.of(case.post.remote_id)) is not None:
            unfold = host(self).keymap.key("queue.unfold", "Z")
            self.say(f"folded, {fold.words}: {unfold} shows it first")
        else:
            language = next(iter(self.engine.desk.moderator.languages), "en")
            self.app.push_screen(TranslationSheet(case, translator, language))

    def link_shown(self, case: Case) -> None:
        """The sheet with the addresses of the thread and of the post's media is open."""
