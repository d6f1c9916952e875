"""hide, dismiss, lock, unlock, sanction, slow, read-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import click

from modtui.cli import plain
from modtui.cli.delivering import Bench, act
from modtui.cli.exits import Exit, Failure
from modtui.cli.options import Patience, acting, for_option, thread_argument
from modtui.domain.commands import (
    CROWD_LEVELS,
    Capability,
    Command,
    Dismiss,
    Hide,
    Lock,
    Sanction,
    SanctionKind,
    SetCrowdControl,
    SetReadOnly,
    SetSlowMode,
    Unlock,
)
from modtui.domain.settings import Rule
from modtui.domain.views import ThreadDetail
from modtui.domain.wording import blocking


def until(bench: Bench, span: timedelta | None) -> datetime | None:
    """Return the end of something that begins now and lasts `span`."""
    return None if span is None else bench.engine.now() + span


def rule_of(bench: Bench, wanted: str | None) -> Rule | None:
    """Return the rule of a number or id. Raises Failure (usage) that lists them."""
    if wanted is None:
        return None
    rules = bench.engine.desk.rules
    for number, rule in enumerate(rules, 1):
        if wanted in (str(number), rule.id):
            return rule
    known = ", ".join(f"{number} {rule.id}" for number, rule in enumerate(rules, 1))
    raise Failure(
        Exit.USAGE, f'there is no rule "{wanted}": {known or "no [[rule]] is configured"}'
    )


def _warned(bench: Bench, detail: ThreadDetail, command: Hide | Sanction) -> tuple[Command, ...]:
    """Return `command` as a batch; say what the checks warn of. Raises Failure where they block."""
    found = bench.engine.wording.findings(detail, (command,))
    if blocked := blocking(found):
        raise Failure(Exit.FAILED, f"not done: {'; '.join(each.line for each in blocked)}")
    for each in found:
        plain.warn(each.line)
    return (command,)


def _subject_posts(detail: ThreadDetail) -> tuple[str, ...]:
    flagged = {flag.post for flag in detail.flags if flag.post}
    posts = [post for post in detail.posts if post.deleted_at is None]
    chosen = [p for p in posts if p.remote_id in flagged] or [p for p in posts if p.is_subject]
    return tuple(post.remote_id for post in chosen)


@click.command()
@thread_argument
@click.option("--post", "posts", multiple=True, help="Id of a post (default: the flagged ones).")
@click.option("--rule", help="The rule it breaks: number or id.")
@click.option("--reason", default="")
@acting
def hide(
    thread: str,
    posts: tuple[str, ...],
    rule: str | None,
    reason: str,
    patience: Patience,
) -> int:
    """Remove posts from the platform."""

    def build(bench: Bench, detail: ThreadDetail) -> Sequence[Command]:
        broken = rule_of(bench, rule)
        language = detail.row.language
        chosen = posts or _subject_posts(detail)
        authors = {p.remote_id: p.author.remote_id for p in detail.posts}
        hidden = Hide(
            thread=detail.row.id,
            revision=detail.row.revision,
            posts=chosen,
            author=authors.get(chosen[0] if chosen else "", "")
            or detail.record.thread.author.remote_id,
            rule=broken.id if broken else None,
            reason=reason or (broken.text(language) if broken else ""),
        )
        return _warned(bench, detail, hidden)

    return act(thread, build, patience)


@click.command()
@thread_argument
@acting
def dismiss(thread: str, patience: Patience) -> int:
    """Keep the post: close the flags that are open now."""

    def build(bench: Bench, detail: ThreadDetail) -> Sequence[Command]:
        held = tuple(post.remote_id for post in detail.posts if post.held)
        subject = tuple(post.remote_id for post in detail.posts if post.is_subject)
        return (
            Dismiss(
                thread=detail.row.id,
                revision=detail.row.revision,
                flags=tuple(flag.key for flag in detail.flags),
                posts=held or subject,
                approve=bool(held) or detail.record.thread.held,
            ),
        )

    return act(thread, build, patience)


@click.command()
@thread_argument
@for_option
@click.option("--reason", required=True)
@acting
def lock(thread: str, span: timedelta | None, reason: str, patience: Patience) -> int:
    """Close the thread for writing."""

    def build(bench: Bench, detail: ThreadDetail) -> Sequence[Command]:
        row = detail.row
        return (
            Lock(thread=row.id, revision=row.revision, reason=reason, until=until(bench, span)),
        )

    return act(thread, build, patience)


@click.command()
@thread_argument
@click.option("--reason", default="")
@acting
def unlock(thread: str, reason: str, patience: Patience) -> int:
    """Open a locked thread again."""

    def build(bench: Bench, detail: ThreadDetail) -> Sequence[Command]:
        return (Unlock(thread=detail.row.id, revision=detail.row.revision, reason=reason),)

    return act(thread, build, patience)


@dataclass(frozen=True, slots=True)
class _Punishment:
    """The options of `sanction` but for what is done."""

    span: timedelta | None
    rule: str | None
    text: str
    preset: str | None
    reason: str


@click.command()
@thread_argument
@click.option("--warn", is_flag=True, help="Write to the author.")
@click.option("--mute", is_flag=True)
@click.option("--kick", is_flag=True)
@click.option("--ban", is_flag=True)
@for_option
@click.option("--rule", help="The rule that was broken: number or id.")
@click.option("--text", default="", help="What the author is told (default: the rule's wording).")
@click.option("--preset", help="The platform's own text that the author is told, by its name.")
@click.option("--reason", required=True)
@acting
def sanction(thread: str, patience: Patience, **options: Any) -> int:
    """Warn, mute, kick or ban the author of the thread."""
    kinds = [kind for kind in SanctionKind if options.pop(kind.value)]
    if len(kinds) != 1:
        raise Failure(Exit.USAGE, "which one: --warn, --mute, --kick or --ban")
    punishment = _Punishment(**options)
    kind, span = kinds[0], punishment.span

    def build(bench: Bench, detail: ThreadDetail) -> Sequence[Command]:
        broken = rule_of(bench, punishment.rule)
        wording = broken.text(detail.row.language) if broken else punishment.reason
        end = detail.offers[Capability(kind.value)].at_its_end if span is not None else ""
        if end:
            plain.say(end)
        given = Sanction(
            thread=detail.row.id,
            revision=detail.row.revision,
            sanction=kind,
            author=detail.record.thread.author.remote_id,
            seconds=None if span is None else int(span.total_seconds()),
            rule=broken.id if broken else None,
            reason=punishment.reason,
            text=punishment.text or wording,
            preset=punishment.preset,
        )
        return _warned(bench, detail, given)

    return act(thread, build, patience)


_BRAKES = (
    (Capability.SLOW_MODE, "slow"),
    (Capability.READ_ONLY, "read-only"),
    (Capability.CROWD_CONTROL, "crowd-control"),
    (Capability.LOCK, "lock"),
    (Capability.MUTE, "sanction --mute"),
)


def _need(bench: Bench, account: str, wanted: Capability) -> None:
    """Raise Failure (usage) that names what the platform has instead of `wanted`."""
    offer = bench.engine.offer(account, wanted)
    if offer.able:
        return
    instead = [(bench.engine.offer(account, c), how) for c, how in _BRAKES if c is not wanted]
    names = ", ".join(f"{other.name} (modtui {how})" for other, how in instead if other.able)
    why = offer.reason or f"{account} has no {wanted.value.replace('_', ' ')}"
    raise Failure(Exit.USAGE, f"{why}; it has {names}" if names else f"{why}, and nothing like it")


@click.command()
@thread_argument
@click.option("--seconds", type=click.IntRange(0), required=True, help="Per author; 0 lifts it.")
@for_option
@click.option("--reason", required=True)
@acting
def slow(thread: str, seconds: int, span: timedelta | None, reason: str, patience: Patience) -> int:
    """Slow the channel of the thread. One post per author in so many seconds."""
    if seconds and span is None:
        raise Failure(Exit.USAGE, "slow mode needs an end: --for 30m")

    def build(bench: Bench, detail: ThreadDetail) -> Sequence[Command]:
        row = detail.row
        _need(bench, row.account, Capability.SLOW_MODE)
        return (
            SetSlowMode(
                thread=row.id,
                revision=row.revision,
                seconds=seconds,
                until=until(bench, span) if seconds else None,
                reason=reason,
            ),
        )

    return act(thread, build, patience)


@click.command("read-only")
@thread_argument
@click.option("--off", is_flag=True, help="Open the channel for writing again.")
@for_option
@click.option("--reason", required=True)
@acting
def read_only(
    thread: str, off: bool, span: timedelta | None, reason: str, patience: Patience
) -> int:
    """Close the channel of the thread for writing, for a while."""
    if not off and span is None:
        raise Failure(Exit.USAGE, "read-only needs an end: --for 30m")

    def build(bench: Bench, detail: ThreadDetail) -> Sequence[Command]:
        row = detail.row
        _need(bench, row.account, Capability.READ_ONLY)
        return (
            SetReadOnly(
                thread=row.id,
                revision=row.revision,
                on=not off,
                until=None if off else until(bench, span),
                reason=reason,
            ),
        )

    return act(thread, build, patience)


@click.command("crowd-control")
@thread_argument
@click.option("--level", type=click.Choice(CROWD_LEVELS), required=True)
@click.option("--reason", required=True)
@acting
def crowd_control(thread: str, level: str, reason: str, patience: Patience) -> int:
    """Collapse what newcomers write under the post. Until it is set anew."""

    def build(bench: Bench, detail: ThreadDetail) -> Sequence[Command]:
        row = detail.row
        _need(bench, row.account, Capability.CROWD_CONTROL)
        return (
            SetCrowdControl(
                thread=row.id,
                revision=row.revision,
                level=CROWD_LEVELS.index(level),
                reason=reason,
            ),
        )

    return act(thread, build, patience)
