"""One action over many: what it would do to each, in one line each. No Textual here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from modtui.domain import decide, flagged
from modtui.domain.asking import FOLLOWS
from modtui.domain.asking import sanction as sanctioned
from modtui.domain.commands import (
    Capability,
    Command,
    Dismiss,
    Escalate,
    Hide,
    Reply,
    Sanction,
    SanctionKind,
    Snooze,
)
from modtui.domain.decide import Case
from modtui.domain.flagged import flagged_posts, flags_of
from modtui.domain.frozen import dataclass
from modtui.domain.model import Post
from modtui.domain.settings import Rule
from modtui.domain.views import ThreadDetail
from modtui.domain.words import act
from modtui.widgets.cells import one_line
from modtui.widgets.thread_head import place

if TYPE_CHECKING:
    from modtui.domain.wording import Finding

Commands = tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What is acted on: a thread, and the post in it that is meant.

    `alone`: the post was marked by itself; otherwise the whole thread was.
    """

    case: Case
    alone: bool = False

    @property
    def detail(self) -> ThreadDetail:
        """The thread that is acted on."""
        return self.case.detail

    @property
    def post(self) -> Post | None:
        """The post that is meant."""
        return self.case.post

    @property
    def id(self) -> str:
        """The identity of the line: the post's where posts are marked, else the thread's."""
        return self.post.remote_id if self.alone and self.post else str(self.detail.row.id)

    @property
    def words(self) -> str:
        """Which thread, whose words, how they begin."""
        title = one_line(self.detail.row.title)
        if self.post is None:
            return f"{title} · {one_line(self.detail.row.author)}"
        who, said = one_line(self.post.author.name), one_line(self.post.text) or "[no text]"
        return f"{who} “{said}”" if self.alone else f"{title} · {who} “{said}”"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What one target would get. `why_not`: why it cannot be done, "" where it can; `warned`: a
    check has something to say about it."""

    target: Target
    does: str = ""
    commands: Commands = ()
    for_good: bool = False
    why_not: str = ""
    warned: bool = False

    @property
    def id(self) -> str:
        """The identity of the line."""
        return self.target.id


Maker = Callable[[Target], PlanLine]


def lines(targets: Sequence[Target], verb: str, make: Maker) -> tuple[PlanLine, ...]:
    """Return a line for each target: what `make` says, unless `verb` is off there."""
    made = []
    for target in targets:
        why = decide.why_off(verb, target.case)
        made.append(PlanLine(target, why_not=why) if why else _with_notes(make(target)))
    return tuple(made)


def _with_notes(line: PlanLine) -> PlanLine:
    """Return `line` saying as well that its text was not seen, and who else holds the thread."""
    holder = line.target.case.holder
    blind = any(
        "text not seen" in command.unseen
        for command in line.commands
        if isinstance(command, Hide | Dismiss)
    )
    notes = ("text not seen" if blind else "", f"{holder} holds it" if holder else "")
    said = "".join(f" · {note}" for note in notes if note)
    return replace(line, does=line.does + said) if said and not line.why_not else line


def checked(line: PlanLine, found: Sequence[Finding]) -> PlanLine:
    """Return `line` as the checks leave it: off where one of them blocks, else with what they
    say."""
    if line.why_not or not found:
        return line
    from modtui.domain.wording import blocking

    wrong = blocking(found)
    if wrong:
        return replace(line, commands=(), why_not=wrong[0].line)
    said = "; ".join(each.line for each in found)
    return replace(line, does=f"! {said} · {line.does}", warned=True)


def keep(target: Target) -> PlanLine:
    """Dismiss the flags on the post, or all flags of the thread."""
    detail = target.detail
    if target.alone:
        # Whether a thread is finished is decided when a line lands: by the flags that are left.
        commands: Commands = tuple(
            replace(c, finishes=True) for c in decide.keep(target.case) if isinstance(c, Dismiss)
        )
        if target.post is not None and not flags_of(detail, target.post):
            return PlanLine(target, why_not="nobody flagged it")
    else:
        posts = flagged_posts(detail) or ((target.post,) if target.post else ())
        commands = (
            Dismiss(
                thread=detail.row.id,
                revision=detail.row.revision,
                flags=tuple(flag.key for flag in detail.flags),
                posts=tuple(post.remote_id for post in posts),
                approve=bool(target.post and target.post.held),
                unseen=detail.folding.unseen(*posts),
            ),
        )
    count = sum(len(c.flags) for c in commands if isinstance(c, Dismiss))
    flags = f"{count} flag" if count == 1 else f"{count} flags"
    posts_kept = sum(len(c.posts) for c in commands if isinstance(c, Dismiss))
    what = f"keep {posts_kept} posts" if posts_kept > 1 else "keep"
    return PlanLine(target, f"{what}, {flags} dismissed", commands)


def done(target: Target) -> PlanLine:
    """Resolve the thread, saying what is still open in it; not in the NOW lane."""
    if target.case.in_lane:
        return PlanLine(target, why_not="NOW lane, its end needs words: open it")
    still = decide.open_ends(target.case)
    does = f"done, though {still}" if still else "done"
    return PlanLine(target, does, decide.done(target.case))


def number_to_begin_with(targets: Sequence[Target], rules: Sequence[Rule]) -> int:
    """Return the number of the rule that the flags of all `targets` name; 0 where they name none,
    or more."""
    numbers = {flagged.rule_to_begin_with(t.detail, t.post, rules) for t in targets if t.post}
    return numbers.pop() if len(numbers) == 1 else 0


def rule_to_begin_with(targets: Sequence[Target], rules: Sequence[Rule]) -> Rule | None:
    """Return the rule that the flags of all `targets` name; None where they name none, or more."""
    number = number_to_begin_with(targets, rules)
    return rules[number - 1] if number else None


def remove(target: Target, rule: Rule | None) -> PlanLine:
    """Hide the post, for `rule`."""
    detail, post = target.detail, target.post
    flagged = flagged_posts(detail)
    if post is None:
        return PlanLine(target, why_not="there is no post in it")
    if not target.alone and len(flagged) > 1:
        return PlanLine(target, why_not=f"{len(flagged)} posts are flagged, open it")
    offer = detail.offers[Capability.HIDE]
    command = Hide(
        thread=detail.row.id,
        revision=detail.row.revision,
        posts=(post.remote_id,),
        author=post.author.remote_id,
        rule=rule.id if rule else None,
        reason=rule.text(detail.row.language) if rule else "",
        unseen=detail.folding.unseen(post),
    )
    what = "for good" if offer.for_good else "can be brought back"
    return PlanLine(target, f"{offer.name or 'remove'}, {what}", (command,), offer.for_good)


def escalate(target: Target, like: Escalate) -> PlanLine:
    """Hand the thread to the team of `like`."""
    return _as(target, like, f"escalate to {like.team}")


def snooze(target: Target, like: Snooze, until: str) -> PlanLine:
    """Snooze the thread as `like` says; `until` is that time in words; not in the NOW lane."""
    if target.case.in_lane:
        return PlanLine(target, why_not="NOW lane, a quarter of an hour at most: open it")
    return _as(target, like, f"snooze until {until}")


def sanction(target: Target, like: Sanction) -> PlanLine:
    """Do to the author of the post what `like` does."""
    post = target.post
    if post is None:
        return PlanLine(target, why_not="there is no post in it")
    offer = target.detail.offers[Capability(like.sanction.value)]
    if not offer.able:
        return PlanLine(target, why_not=offer.reason or "not here")
    # Each author is told the rule in the language of the own thread.
    rule = next((rule for rule in target.case.desk.rules if rule.id == like.rule), None)
    again = sanctioned(target.detail, post, like.sanction, like.seconds, rule)
    command = replace(again, preset=like.preset)
    for_good = like.sanction is SanctionKind.BAN and like.seconds is None
    does = act(command, one_line(post.author.name)) + (" for good" if for_good else "")
    return replace(_as(target, command, does), for_good=for_good)


def claim(target: Target) -> PlanLine:
    """Claim the thread."""
    return PlanLine(target, "renew my claim" if target.case.mine else "claim")


def reply(target: Target, commands: Commands, language: str) -> PlanLine:
    """Send the quick reply that `commands` begin with."""
    then = next(FOLLOWS[command.then] for command in commands if isinstance(command, Reply))
    more = "".join(f", {act(command)}" for command in commands if not isinstance(command, Reply))
    return PlanLine(target, f"reply in {language}, then: {then}{more}", commands)


def once_each(made: Sequence[PlanLine]) -> tuple[PlanLine, ...]:
    """Return the lines with one sanction for each author, whatever number of posts is marked."""
    seen: set[tuple[str, str]] = set()
    kept: list[PlanLine] = []
    for line in made:
        author = next((c.author for c in line.commands if isinstance(c, Sanction)), None)
        key = (place(line.target.detail), author or "")
        if author is not None and key in seen:
            line = replace(line, commands=(), why_not="the same author is in a line above")
        seen.add(key)
        kept.append(line)
    return tuple(kept)


def _as(target: Target, like: Command, does: str) -> PlanLine:
    row = target.detail.row
    return PlanLine(target, does, (replace(like, thread=row.id, revision=row.revision),))
