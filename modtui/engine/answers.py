"""Quick replies for a thread: which nine, with what filled in, and what follows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from modtui.domain.commands import (
    Capability,
    Command,
    Escalate,
    Lock,
    Note,
    Reply,
    SetSlowMode,
    Then,
)
from modtui.domain.model import Role
from modtui.domain.replies import (
    Asked,
    Entry,
    FollowEscalate,
    FollowLock,
    FollowNote,
    FollowResolve,
    FollowSlow,
    FollowUp,
    follow_up,
)
from modtui.domain.settings import Desk, Rule
from modtui.domain.views import ThreadDetail


def asked(detail: ThreadDetail) -> Asked:
    """Return what is known of the thread that a reply is wanted for."""
    said = [post.text for post in detail.posts if post.role is Role.AUTHOR][-3:]
    return Asked(
        text="\n".join((detail.record.thread.title, *said)),
        language=detail.record.language,
        reasons=detail.record.reasons,
        help_route=detail.record.help_route,
    )


def values(detail: ThreadDetail, desk: Desk, language: str) -> Mapping[str, str]:
    """Return what placeholders are filled with; an empty value fills nothing.

    `rule` is the rule that the flags name, `rule_ID` any rule, `rule_ID_link` its page.
    """
    thread = detail.record.thread
    known: dict[str, str] = {}
    for rule in desk.rules:
        name = f"rule_{rule.id.replace('-', '_')}"
        known |= {name: rule.text(language), f"{name}_link": rule.url}
    named = _rule(detail, desk)
    reasons = set(detail.record.reasons)
    team = next((team.name for team in desk.teams if reasons & set(team.reasons)), "")
    return {
        **known,
        "rule": named.text(language) if named else "",
        "rules_link": next((rule.url for rule in (named, *desk.rules) if rule and rule.url), ""),
        "author": thread.author.name,
        "title": thread.title,
        "thread_link": thread.url or "",
        "channel": detail.channel.name,
        "account": detail.our_name,
        "moderator": desk.moderator.name,
        "team": detail.record.team or team,
    }


def _rule(detail: ThreadDetail, desk: Desk) -> Rule | None:
    wanted = {reason.casefold().rstrip("s") for reason in detail.record.reasons}
    return next((rule for rule in desk.rules if rule.id.casefold().rstrip("s") in wanted), None)


def follow_ups(
    detail: ThreadDetail, entry: Entry, reply: Command, now: datetime
) -> tuple[Command, ...]:
    """Return the batch that sending `entry` means: the reply, then what its `then` asks for.

    What the platform cannot do is left out: a preview shows the commands that are there.
    """
    wanted = [follow_up(text) for text in entry.then]
    if isinstance(reply, Reply):
        resolves = any(isinstance(each, FollowResolve) for each in wanted)
        then = Then.DONE if resolves else reply.then
        reply = replace(reply, quick=reply.quick or entry.id, then=then)
    more = (command for each in wanted for command in _commands(detail, entry, each, now))
    return (reply, *more)


def _commands(
    detail: ThreadDetail, entry: Entry, wanted: FollowUp, now: datetime
) -> Iterator[Command]:
    thread, revision = detail.record.id, detail.record.revision
    reason = f"quick reply {entry.id}"
    able = {capability for capability, offer in detail.offers.items() if offer.able}
    match wanted:
        case FollowLock(for_seconds=span) if Capability.LOCK in able:
            until = now + timedelta(seconds=span) if span else None
            yield Lock(thread=thread, revision=revision, reason=reason, until=until)
        case FollowSlow(seconds=seconds, for_seconds=span) if Capability.SLOW_MODE in able:
            until = now + timedelta(seconds=span)
            yield SetSlowMode(
                thread=thread, revision=revision, seconds=seconds, until=until, reason=reason
            )
        case FollowNote(text=text):
            yield Note(thread=thread, revision=revision, text=text or f"sent {entry.id}")
        case FollowEscalate(team=team):
            yield Escalate(thread=thread, revision=revision, team=team, note=reason)
