"""One action over all that is marked: each in a line first, then all that can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual.screen import ModalScreen

from modtui.domain import decide
from modtui.domain.commands import NO_ROUTE, Command, Escalate, Reply, Sanction, Snooze
from modtui.domain.decide import Case
from modtui.domain.gate import asks_twice
from modtui.domain.model import Post
from modtui.domain.replies import Slot
from modtui.domain.settings import Rule
from modtui.domain.text import literal
from modtui.domain.views import ThreadDetail
from modtui.screens import plan
from modtui.screens.marks import OVER_POSTS, Marking
from modtui.screens.plan import Maker, PlanLine, Target
from modtui.widgets.cells import clock
from modtui.widgets.host import host, work
from modtui.widgets.posts import first_in_question

if TYPE_CHECKING:
    from modtui.engine import Engine

_MANY = 20
_MAKERS: dict[str, Callable[..., PlanLine]] = {
    "keep": plan.keep,
    "done": plan.done,
    "claim": plan.claim,
    "remove": plan.remove,
}


class Marked:
    """What is marked in `room`."""

    def __init__(self, room: Marking) -> None:
        self._room = room

    @property
    def _engine(self) -> Engine:
        return self._room.engine

    def show(self, verb: str, heading: str) -> None:
        """Show what each would get of `verb`."""
        self._over(verb, heading, _MAKERS[verb])

    def reply(self, slot: Slot) -> None:
        """Show what each would get of a quick reply."""
        make = partial(self._reply, slot)
        title = slot.entry.title(slot.variant, self._engine.desk.moderator.languages)
        self._over("quick", f"Reply “{title}” to", make)

    def ask(self, verb: str) -> None:
        """Ask once, as for the first of the marked ones, then show what each would get."""
        work(self._room, partial(self._ask_once, verb), "batch")

    def _dialog(
        self, verb: str, first: Target, rule: int
    ) -> ModalScreen[tuple[Command, ...] | None] | None:
        from modtui.screens.dialogs.escalate import EscalateDialog
        from modtui.screens.dialogs.sanction import SanctionDialog
        from modtui.screens.dialogs.snooze import SnoozeDialog

        detail, post = first.detail, first.post
        match verb:
            case "escalate":
                return EscalateDialog(self._engine, detail)
            case "snooze":
                return SnoozeDialog(self._engine, detail)
        return SanctionDialog(self._engine, detail, post, rule) if post else None

    def _reply(self, slot: Slot, target: Target) -> PlanLine:
        detail, entry = target.detail, slot.entry
        variant = entry.variants.get(detail.row.language or slot.variant.language)
        if asks_twice(detail.row.help_route, entry, self._engine.find_replies("", None)):
            return PlanLine(target, why_not="a help route is open: not a routine answer for many")
        if variant is None:
            return PlanLine(target, why_not=f"it has no text in {detail.row.language}")
        filled = self._engine.fill(detail, entry, variant)
        if filled.missing:
            return PlanLine(target, why_not=f"{{{filled.missing[0]}}} is not filled")
        row = detail.row
        said = Reply(
            thread=row.id, revision=row.revision, text=filled.text, language=variant.language,
            quick=entry.id, quotes=filled.quotes,
            route=row.help_route or NO_ROUTE,
        )  # fmt: skip
        return plan.reply(target, self._engine.follow_ups(detail, entry, said), variant.language)

    async def _ask_once(self, verb: str) -> None:
        targets = await self._targets(verb)
        first = next((t for t in targets if not decide.why_off(verb, t.case)), None)
        rule = plan.number_to_begin_with(targets, self._engine.desk.rules[:9])
        asked = self._dialog(verb, _crowd(first, targets), rule) if first else None
        if asked is None:
            self._room.say("that cannot be done to any of the marked ones")
            return

        def then(commands: tuple[Command, ...]) -> None:
            maker = self._maker(commands[0])
            if maker is not None:
                self._over(verb, verb.capitalize(), maker)

        self._room.ask_for(asked, then)

    def _maker(self, like: Command) -> Maker | None:
        match like:
            case Escalate():
                return partial(plan.escalate, like=like)
            case Sanction():
                return partial(plan.sanction, like=like)
            case Snooze(until=until):
                zone = self._engine.desk.moderator.timezone
                until_words = clock(until, zone, self._engine.now())
                return partial(plan.snooze, like=like, until=until_words)
        return None

    def _over(self, verb: str, heading: str, make: Callable[..., PlanLine]) -> None:
        work(self._room, partial(self._show_plan, verb, heading, make), "batch")

    async def _show_plan(self, verb: str, heading: str, make: Callable[..., PlanLine]) -> None:
        from modtui.screens.dialogs.batch import BatchDialog, Ended, Plan

        targets = await self._targets(verb)
        removing = verb == "remove"

        def made(rule: Rule | None) -> tuple[PlanLine, ...]:
            maker = partial(make, rule=rule) if removing else make
            return plan.once_each(plan.lines(targets, verb, partial(self._checked, maker)))

        def ended(answer: Ended) -> None:
            self._room.taken(answer.taken, answer.said)
            if answer.undo:
                work(self._room, self._room.action_undo, "undo")

        rules = self._engine.desk.rules[:9] if removing else ()
        if targets:
            what = f"{heading} {_counted(targets)}{self._unlisted()}:"
            first = plan.rule_to_begin_with(targets, rules)
            self._room.ask_for(
                BatchDialog(self._engine, Plan(verb, what, made, rules, first)), ended
            )
        else:
            self._room.say("what was marked is not here any more")

    def _checked(self, make: Maker, target: Target) -> PlanLine:
        line = make(target)
        return plan.checked(line, self._engine.wording.findings(target.detail, line.commands))

    def _unlisted(self) -> str:
        """Return how many of the marked threads the view here does not list, in words."""
        away = len(set(self._room.marked_threads()) - set(self._room.view_ids()))
        return f", {away} of them not in this view" if away else ""

    async def _targets(self, verb: str) -> tuple[Target, ...]:
        desk, now = self._engine.desk, self._engine.now()
        key = host(self._room).keymap.key("queue.take-over", "C")
        posts, detail = self._room.marked_posts(), self._room.detail
        if posts and detail is not None and verb in OVER_POSTS and not self._room.marked_threads():
            chosen = [post for post in detail.posts if post.remote_id in posts]
            return tuple(Target(Case(detail, p, desk, now, key), alone=True) for p in chosen)
        threads = self._room.marked_threads()
        if len(threads) > _MANY:
            self._room.say(f"reading {len(threads)} threads…")
        details = await self._engine.batches.details(threads)
        return tuple(Target(Case(d, _in_question(d), desk, now, key)) for d in details)


def _in_question(detail: ThreadDetail) -> Post | None:
    wanted = first_in_question(detail)
    return next((post for post in detail.posts if post.remote_id == wanted), None)


def _counted(targets: Sequence[Target]) -> str:
    noun = "post" if targets[0].alone else "thread"
    return f"{len(targets)} marked {noun}{'s' if len(targets) > 1 else ''}"


def _crowd(first: Target, targets: Sequence[Target]) -> Target:
    """Return `first` under the name of all, and of where they are, for a dialog that asks once for
    all."""
    detail, post = first.detail, first.post
    many = literal(f"{len(targets)} marked {'posts' if first.alone else 'threads'}")
    places = {(t.detail.row.account, t.detail.channel.remote_id) for t in targets}
    if len(places) > 1:
        here = literal(f"{len(places)} channels")
        detail = replace(detail, channel=replace(detail.channel, name=here))
    named = replace(detail, row=replace(detail.row, title=many))
    if post is not None:
        authors = literal(f"the authors of {many}")
        post = replace(post, author=replace(post.author, name=authors))
    return replace(first, case=replace(first.case, detail=named, post=post))
