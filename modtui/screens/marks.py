"""Marks, and one action over all of them: what Queue and Thread share beyond one thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.screen import ModalScreen

from modtui.domain import decide
from modtui.domain.commands import Command, Escalate, Reply, Sanction, Snooze
from modtui.domain.decide import Case
from modtui.domain.flagged import flagged_posts, flags_of
from modtui.domain.heat import PILE_ON_FLAGS
from modtui.domain.model import Post, State
from modtui.domain.replies import Slot
from modtui.domain.settings import Rule
from modtui.domain.text import literal
from modtui.domain.views import ThreadDetail
from modtui.engine import Undone
from modtui.keymap import Action, bindings
from modtui.screens import plan
from modtui.screens.acting import Acting
from modtui.screens.plan import Maker, PlanLine, Target
from modtui.widgets.batch_words import is_many
from modtui.widgets.cells import clock
from modtui.widgets.host import host, work
from modtui.widgets.posts import first_in_question

if TYPE_CHECKING:
    from modtui.domain.alike import Alike

MARKING = (
    Action("queue.alike", "v", "alike", "mark alike: t text, a author, r reason, q question",
           "asks", long="mark alike…"),
)  # fmt: skip
Dialog = Callable[[Target], ModalScreen[tuple[Command, ...] | None] | None]
_MANY = 20
_OVER_POSTS = {"keep", "remove", "sanction"}
_OVER_THREADS = {*_OVER_POSTS, "done", "escalate", "snooze", "claim", "quick"}


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
        return bool(self.marked_posts()) and verb in _OVER_POSTS

    def arranged(self, hinted: tuple[Action, ...]) -> tuple[Action, ...]:
        return tuple(sorted(hinted, key=lambda action: not self.many(action.verb)))

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
    async def action_keep(self) -> None:
        from modtui.screens.dialogs.keep import KeepDialog

        case = self.case()
        if self.many("keep"):
            self._over("keep", "Keep", plan.keep)
        elif case and case.post and len(flags_of(case.detail, case.post)) >= PILE_ON_FLAGS:
            self.ask_for(KeepDialog(case.detail, case.post), partial(self._keep, case))
        else:
            await super().action_keep()

    def _keep(self, case: Case, further: bool) -> None:
        commands = decide.keep(case, further=further)
        work(self, partial(self.act, commands), "act", alone=False)

    async def action_done(self) -> None:
        if self.many("done"):
            self._over("done", "Done", plan.done)
        else:
            await super().action_done()

    async def action_claim(self) -> None:
        if self.many("claim"):
            self._over("claim", "Claim", plan.claim)
        else:
            await super().action_claim()

    def action_remove(self) -> None:
        if self.many("remove"):
            self._over("remove", "Remove", plan.remove)
        else:
            super().action_remove()

    def action_escalate(self) -> None:
        from modtui.screens.dialogs.escalate import EscalateDialog

        if self.many("escalate"):
            self._like("escalate", lambda first: EscalateDialog(self.engine, first.detail))
        else:
            super().action_escalate()

    def action_snooze(self) -> None:
        from modtui.screens.dialogs.snooze import SnoozeDialog

        if self.many("snooze"):
            self._like("snooze", lambda first: SnoozeDialog(self.engine, first.detail))
        else:
            super().action_snooze()

    def action_sanction(self) -> None:
        from modtui.screens.dialogs.sanction import SanctionDialog

        def dialog(first: Target) -> SanctionDialog | None:
            post = first.post
            return SanctionDialog(self.engine, first.detail, post) if post else None

        if self.many("sanction"):
            self._like("sanction", dialog)
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
            self._over("quick", f"Reply “{slot.variant.title}” to", partial(self._reply, slot))

    def _reply(self, slot: Slot, target: Target) -> PlanLine:
        detail, entry = target.detail, slot.entry
        variant = entry.variants.get(detail.row.language or slot.variant.language)
        if detail.row.help_route is not None and entry.help is None:
            return PlanLine(target, why_not="a help route is open: not a routine answer for many")
        if variant is None:
            return PlanLine(target, why_not=f"it has no text in {detail.row.language}")
        filled = self.engine.fill(detail, entry, variant)
        if filled.missing:
            return PlanLine(target, why_not=f"{{{filled.missing[0]}}} is not filled")
        row = detail.row
        said = Reply(
            thread=row.id, revision=row.revision, text=filled.text, language=variant.language,
            quick=entry.id, quotes=filled.quotes,
        )  # fmt: skip
        return plan.reply(target, self.engine.follow_ups(detail, entry, said), variant.language)

    def _like(self, verb: str, dialog: Dialog) -> None:
        """Ask once, as for the first of the marked ones, then show what each would get."""
        work(self, partial(self._ask_once, verb, dialog), "batch")

    async def _ask_once(self, verb: str, dialog: Dialog) -> None:
        targets = await self._targets(verb)
        first = next((t for t in targets if not decide.why_off(verb, t.case)), None)
        asked = dialog(_crowd(first, len(targets))) if first else None
        if asked is None:
            self.say("that cannot be done to any of the marked ones")
            return

        def then(commands: tuple[Command, ...]) -> None:
            maker = self._maker(commands[0])
            if maker is not None:
                self._over(verb, verb.capitalize(), maker)

        self.ask_for(asked, then)

    def _maker(self, like: Command) -> Maker | None:
        match like:
            case Escalate():
                return partial(plan.escalate, like=like)
            case Sanction():
                return partial(plan.sanction, like=like)
            case Snooze(until=until):
                zone = self.engine.desk.moderator.timezone
                until_words = clock(until, zone, self.engine.now())
                return partial(plan.snooze, like=like, until=until_words)
        return None

    def _over(self, verb: str, heading: str, make: Callable[..., PlanLine]) -> None:
        work(self, partial(self._show_plan, verb, heading, make), "batch")

    async def _show_plan(self, verb: str, heading: str, make: Callable[..., PlanLine]) -> None:
        from modtui.screens.dialogs.batch import BatchDialog, Ended, Plan

        targets = await self._targets(verb)
        removing = verb == "remove"

        def made(rule: Rule | None) -> tuple[PlanLine, ...]:
            maker = partial(make, rule=rule) if removing else make
            return plan.once_each(plan.lines(targets, verb, partial(self._checked, maker)))

        def ended(answer: Ended) -> None:
            self._ended(answer.taken, answer.said)

        rules = self.engine.desk.rules[:9] if removing else ()
        if targets:
            what = f"{heading} {_counted(targets)}{self._unlisted()}:"
            first = plan.rule_to_begin_with(targets, rules)
            self.ask_for(BatchDialog(self.engine, Plan(verb, what, made, rules, first)), ended)
        else:
            self.say("what was marked is not here any more")

    def _checked(self, make: Maker, target: Target) -> PlanLine:
        line = make(target)
        return plan.checked(line, self.engine.wording.findings(target.detail, line.commands))

    def _unlisted(self) -> str:
        """Return how many of the marked threads the view here does not list, in words."""
        away = len(set(self.marked_threads()) - set(self.view_ids()))
        return f", {away} of them not in this view" if away else ""

    async def _targets(self, verb: str) -> tuple[Target, ...]:
        desk, now = self.engine.desk, self.engine.now()
        key = host(self).keymap.key("queue.take-over", "C")
        posts, detail = self.marked_posts(), self.detail
        if posts and detail is not None and verb in _OVER_POSTS and not self.marked_threads():
            chosen = [post for post in detail.posts if post.remote_id in posts]
            return tuple(Target(Case(detail, p, desk, now, key), alone=True) for p in chosen)
        threads = self.marked_threads()
        if len(threads) > _MANY:
            self.say(f"reading {len(threads)} threads…")
        details = await self.engine.batches.details(threads)
        return tuple(Target(Case(d, _in_question(d), desk, now, key)) for d in details)

    def _ended(self, taken: Sequence[PlanLine], said: str) -> None:
        """Take the marks off what was taken, and go on where the thread here is finished by it."""
        gone = {line.id for line in taken}
        if self.marked_threads():
            left = tuple(n for n in self.marked_threads() if str(n) not in gone)
            self.mark_threads(left)
        elif self.pane is not None:
            self.pane.posts.mark(tuple(p for p in self.pane.posts.marked if p not in gone))
        if self._finished(taken):
            self._armed = host(self).guard.arm()
            self.advance()
        undo = host(self).keymap.key("queue.undo", "u")
        self.say(f"{said} · {undo} takes it back" if taken else said)
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
        title = found[1].variant.title
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


def _in_question(detail: ThreadDetail) -> Post | None:
    wanted = first_in_question(detail)
    return next((post for post in detail.posts if post.remote_id == wanted), None)


def _counted(targets: Sequence[Target]) -> str:
    noun = "post" if targets[0].alone else "thread"
    return f"{len(targets)} marked {noun}{'s' if len(targets) > 1 else ''}"


def _crowd(first: Target, count: int) -> Target:
    """Return `first` under the name of all `count`, for a dialog that asks once for all."""
    detail, post = first.detail, first.post
    many = literal(f"{count} marked {'posts' if first.alone else 'threads'}")
    named = replace(detail, row=replace(detail.row, title=many))
    if post is not None:
        authors = literal(f"the authors of {many}")
        post = replace(post, author=replace(post.author, name=authors))
    return replace(first, case=replace(first.case, detail=named, post=post))
