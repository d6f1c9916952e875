"""Marks, and the keys that act on all of them: what Queue and Thread share beyond one thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from modtui.domain import decide
from modtui.domain.decide import Case
from modtui.domain.flagged import flagged_posts, flags_of
from modtui.domain.heat import PILE_ON_FLAGS
from modtui.domain.model import Post, State
from modtui.domain.views import ThreadDetail
from modtui.engine import Undone
from modtui.keymap import Action, bindings
from modtui.screens.acting import Acting
from modtui.widgets.delivery_words import is_many
from modtui.widgets.host import host, work

if TYPE_CHECKING:
    from modtui.domain.alike import Alike
    from modtui.screens.marked import Marked
    from modtui.screens.plan import PlanLine

MARKING = (
    Action("queue.alike", "v", "alike", "mark alike: t text, a author, r reason, q question",
           "asks", long="mark alike…"),
)  # fmt: skip
OVER_POSTS = {"keep", "remove", "sanction"}
_OVER_THREADS = {*OVER_POSTS, "done", "escalate", "snooze", "claim", "quick"}
_DECIDING = {*_OVER_THREADS, "reply", "slow", "note", "lock"}


class Marking(Acting):
    """A room with marks. `marked_threads`, `marked_posts`, `view_ids` and `unmark` are its own."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (*MARKING, *Acting.ACTIONS)
    BINDINGS = bindings(MARKING)

    def marked_threads(self) -> tuple[int, ...]:
        """Return the marked threads that a key would act on here."""
        return ()

    def marked_posts(self) -> tuple[str, ...]:
        """Return the marked posts that a key would act on here."""
        raise NotImplementedError

    def view_ids(self) -> tuple[int, ...]:
        """Return the threads of the view; none where posts are marked."""
        return ()

    def mark_threads(self, threads: tuple[int, ...]) -> None:
        """Let exactly these threads be marked."""

    def marked_words(self) -> str:
        """Return how many are marked, as the bar says it."""
        return f"{len(self.marked_threads() or self.marked_posts())} marked"

    def many(self, verb: str) -> bool:
        """Whether the key of `verb` would act on what is marked."""
        if self.marked_threads():
            return verb in _OVER_THREADS
        return bool(self.marked_posts()) and verb in OVER_POSTS

    def arranged(self, hinted: tuple[Action, ...]) -> tuple[Action, ...]:
        if not self.object_words():
            return hinted
        # What acts on the thread under the cursor alone is not said to act on the marks.
        said = (a for a in hinted if a.verb not in _DECIDING or self.many(a.verb))
        return tuple(sorted(said, key=lambda action: not self.many(action.verb)))

    def object_words(self) -> str:
        marked = self.marked_threads() or self.marked_posts()
        return f"on {self.marked_words()}:" if marked else ""

    def off(self, action: Action) -> str:
        if action.acts and self.many(action.verb):
            return ""
        return super().off(action)

    def here(self, action: Action, key: str = "") -> str:
        if self.many(action.verb):
            count = len(self.marked_threads() or self.marked_posts())
            return f"over all {count} marked: each in a line first"
        if action.verb == "undo" and is_many(self.status.deeds.batch):
            return f"take back my latest: all {len(self.status.deeds.batch)} of one batch"
        return super().here(action, key)

    # marking alike
    def action_alike(self) -> None:
        from modtui.screens.dialogs.alike import AlikeDialog

        if self.case() is None:
            self.say("there is nothing under the cursor to compare with")
            return
        self.ask_for(AlikeDialog(posts=not self.view_ids()), self._alike)

    def _alike(self, how: Alike) -> None:
        case = self.case()
        if case is None or self.pane is None:
            return
        if self.view_ids():
            work(self, partial(self._alike_threads, case.detail.row.id, how), "alike")
            return
        if case.post is not None:
            shown = {post.remote_id for post in self.pane.posts.shown}
            found = tuple(p for p in posts_alike(case.detail, case.post, how) if p in shown)
            if len(found) > 1:
                self.pane.posts.mark(tuple(dict.fromkeys((*self.pane.posts.marked, *found))))
            self._say_alike(len(found), how, "")

    async def _alike_threads(self, thread: int, how: Alike) -> None:
        found = await self.engine.batches.alike(thread, how, self.view_ids())
        if len(found.threads) > 1:
            self.mark_threads(tuple(dict.fromkeys((*self.marked_threads(), *found.threads))))
        from modtui.domain.alike import MOST

        more = f" · stopped at {MOST}, there may be more" if found.stopped else ""
        if found.elsewhere:
            more += f" · same name on other platforms: {found.elsewhere}, not marked"
        self._say_alike(len(found.threads), how, more)

    def _say_alike(self, count: int, how: Alike, more: str) -> None:
        if count < 2:
            self.say(f"nothing else here has the same {how.value}{more}")
        else:
            self.say(f"{count} marked by {how.value}{more}")

    # one action over all
    @property
    def over(self) -> Marked:
        """What acts on all that is marked."""
        from modtui.screens.marked import Marked

        return Marked(self)

    async def action_keep(self) -> None:
        from modtui.screens.dialogs.keep import KeepDialog

        case = self.case()
        if self.many("keep"):
            self.over.show("keep", "Keep")
        elif case and case.post and len(flags_of(case.detail, case.post)) >= PILE_ON_FLAGS:
            self.ask_for(KeepDialog(case.detail, case.post), partial(self._keep, case))
        else:
            await super().action_keep()

    def _keep(self, case: Case, further: bool) -> None:
        commands = decide.keep(case, further=further)
        work(self, partial(self.act, commands), "act", alone=False)

    async def action_done(self) -> None:
        if self.many("done"):
            self.over.show("done", "Done")
        else:
            await super().action_done()

    async def action_claim(self) -> None:
        if self.many("claim"):
            self.over.show("claim", "Claim")
        else:
            await super().action_claim()

    def action_remove(self) -> None:
        if self.many("remove"):
            self.over.show("remove", "Remove")
        else:
            super().action_remove()

    def action_escalate(self) -> None:
        if self.many("escalate"):
            self.over.ask("escalate")
        else:
            super().action_escalate()

    def action_snooze(self) -> None:
        if self.many("snooze"):
            self.over.ask("snooze")
        else:
            super().action_snooze()

    def action_sanction(self) -> None:
        if self.many("sanction"):
            self.over.ask("sanction")
        else:
            super().action_sanction()

    def action_quick(self, digit: int) -> None:
        slots = self.pane.slots if self.pane is not None else ()
        slot = next((s for s in slots if s.digit == digit), None)
        if slot is None or not self.many("quick"):
            super().action_quick(digit)
        elif slot.weak:
            self.say(f"{digit} is a weak match here: not for many at once")
        else:
            self.over.reply(slot)

    def taken(self, taken: Sequence[PlanLine], said: str) -> None:
        """Take the marks off what was taken, and go on where the thread here is finished by it."""
        gone = {line.id for line in taken}
        if self.marked_threads():
            left = tuple(n for n in self.marked_threads() if str(n) not in gone)
            self.mark_threads(left)
        elif self.pane is not None:
            self.pane.posts.mark(tuple(p for p in self.pane.posts.marked if p not in gone))
        if self._finished(taken):
            self.go_on()
        self.say(said)
        self.read()

    def _finished(self, taken: Sequence[PlanLine]) -> bool:
        here = [line for line in taken if line.target.detail.row.id == self.current()]
        ends = (
            decide.finishes(command, in_lane=line.target.case.in_lane)
            for line in here
            for command in line.commands
        )
        if not any(ends):
            return False
        flagged = {post.remote_id for post in flagged_posts(here[0].target.detail)}
        return not here[0].target.alone or flagged <= {line.id for line in here}

    # after an undo
    def seen(self, thread: int) -> None:
        work(self, partial(self._offer_mistake, thread), "mistake")

    async def _offer_mistake(self, thread: int) -> None:
        found = await self.engine.batches.mistake(thread)
        if found is None:
            return
        slot = found[1]
        title = slot.entry.title(slot.variant, self.engine.desk.moderator.languages)
        show = partial(self._say_mistake, thread)
        self.confirm(f"The removal was seen there. Tell them: “{title}”? Enter shows it", show)

    async def _say_mistake(self, thread: int) -> None:
        """Show the reply over its thread, once the post is back there: it says that it is."""
        from modtui.screens.dialogs.quick import QuickReplyDialog

        found = await self.engine.batches.mistake(thread)
        if found is None or found[0].row.state is State.RESOLVED:
            find = host(self).keymap.key("queue.find", "0")
            self.say(f"the post is not back there yet: {find} finds the reply when it is")
            return
        detail, slot = found
        self.undone(Undone("", thread))
        self.ask(QuickReplyDialog(self.engine, detail, slot))


def taken_off(marked: Sequence[object]) -> str:
    """Return that the marks of `marked` were taken off, in words."""
    return f"{len(marked)} {'mark' if len(marked) == 1 else 'marks'} taken off"


def posts_alike(detail: ThreadDetail, like: Post, how: Alike) -> tuple[str, ...]:
    """Return the posts of the thread that are like `like`, itself among them."""
    from modtui.domain.alike import Alike, alike_posts

    if how is not Alike.REASON:
        # What is folded is compared by what it says, not by what stands in its place.
        whole = detail.folding.whole
        return alike_posts([whole(post) for post in detail.posts], whole(like), how)
    reasons = {post.remote_id: _reason(detail, post) for post in detail.posts}
    wanted = reasons[like.remote_id]
    return tuple(post for post, reason in reasons.items() if wanted and reason == wanted)


def _reason(detail: ThreadDetail, post: Post) -> str:
    named = Counter(flag.reason for flag in flags_of(detail, post)).most_common(1)
    return named[0][0] if named else ""
