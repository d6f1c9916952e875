"""Quick replies for a thread: which nine, with what filled in, and what follows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from modtui.connectors import Capabilities
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
from modtui.domain.frozen import dataclass
from modtui.domain.lane import NEEDS_OUTCOME
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
from modtui.domain.settings import Desk, named_rule
from modtui.domain.views import ThreadDetail
from modtui.domain.words import length
from modtui.engine.choices import asked_in
from modtui.engine.detail import offer
from modtui.engine.words import outside

_OF_A_THREAD = (
    "rule", "rules_link", "author", "title", "thread_link", "channel", "account", "moderator",
    "team",
)  # fmt: skip


def asked(detail: ThreadDetail) -> Asked:
    """Return what is known of the thread that a reply is wanted for."""
    return asked_in(detail.record, map(detail.folding.whole, detail.posts))


def values(detail: ThreadDetail, desk: Desk, language: str) -> Mapping[str, str]:
    """Return what placeholders are filled with; an empty value fills nothing.

    `rule` is the rule that the flags name, `rule_ID` any rule, `rule_ID_link` its page.
    """
    thread = detail.record.thread
    known: dict[str, str] = {}
    for rule in desk.rules:
        name = f"rule_{rule.id.replace('-', '_')}"
        known |= {name: rule.text(language), f"{name}_link": rule.url}
    named = named_rule(desk.rules, detail.record.reasons)
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


def fillable(desk: Desk) -> frozenset[str]:
    """Return the names of the placeholders that `values` may fill on a thread of this desk."""
    rules = [f"rule_{rule.id.replace('-', '_')}" for rule in desk.rules]
    links = [f"{name}_link" for name in rules]
    return frozenset((*_OF_A_THREAD, *rules, *links))


@dataclass(frozen=True, slots=True)
class Following:
    """What sending an entry means: the batch, and in words what cannot be done here."""

    commands: tuple[Command, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a follow-up stands on. `capabilities` answers for the accounts that tell teams."""

    detail: ThreadDetail
    desk: Desk
    capabilities: Callable[[str], Capabilities | None]
    now: datetime


def follow(ground: Ground, entry: Entry, reply: Command, chosen: Then | None = None) -> Following:
    """Return the reply and what the entry's `then` asks for, without what is not possible here.

    A follow-up that would be refused never takes the reply with it. Where the moderator has
    `chosen` what follows, that holds instead of the entry's "resolve".
    """
    wanted = [follow_up(text) for text in entry.then]
    if isinstance(reply, Reply):
        resolves = any(isinstance(e, FollowResolve) and not _obstacle(ground, e) for e in wanted)
        then = Then.DONE if resolves else reply.then
        reply = replace(
            reply,
            quick=reply.quick or entry.id,
            helps=entry.help is not None,
            light=entry.light,
            then=chosen or then,
        )
    commands, left_out = [reply], []
    for each in wanted:
        why = _obstacle(ground, each)
        if why:
            left_out.append(why)
        else:
            commands += _commands(ground, entry, each)
    return Following(tuple(commands), tuple(left_out))


def _obstacle(ground: Ground, wanted: FollowUp) -> str:
    """Return why `wanted` cannot be done here, with its name before it; "" if it can."""
    match wanted:
        case FollowResolve() if ground.detail.record.now_at is not None:
            return f"done: {NEEDS_OUTCOME}"
        case FollowLock():
            return _unable(ground.detail, Capability.LOCK, "lock")
        case FollowSlow(seconds=seconds):
            what = f"slow mode {length(seconds)}"
            return _unable(ground.detail, Capability.SLOW_MODE, what, seconds)
        case FollowEscalate(team=team):
            return _untold(ground, team)
    return ""


def _unable(
    detail: ThreadDetail, capability: Capability, what: str, seconds: int | None = None
) -> str:
    here = detail.offers.get(capability)
    if here is None or not here.able:
        why = here.reason if here is not None and here.reason else "not possible here"
        return f"{what}: {why}"
    outer = outside(seconds, here)
    return f"{what}: {outer}" if outer else ""


def _untold(ground: Ground, name: str) -> str:
    team = next((team for team in ground.desk.teams if team.name == name), None)
    if team is None:
        return f"escalate to {name}: there is no such team"
    if team.reach is None:
        return ""
    account = team.reach.account
    way = offer(ground.capabilities(account), account, Capability.NOTIFY)
    return "" if way.able else f"escalate to {name}: {way.reason}"


def _commands(ground: Ground, entry: Entry, wanted: FollowUp) -> Iterator[Command]:
    record = ground.detail.record
    thread, revision = record.id, record.revision
    reason = f"quick reply {entry.id}"
    match wanted:
        case FollowLock(for_seconds=length):
            until = ground.now + timedelta(seconds=length) if length else None
            yield Lock(thread=thread, revision=revision, reason=reason, until=until)
        case FollowSlow(seconds=seconds, for_seconds=length):
            until = ground.now + timedelta(seconds=length)
            yield SetSlowMode(
                thread=thread, revision=revision, seconds=seconds, until=until, reason=reason
            )
        case FollowNote(text=text):
            yield Note(thread=thread, revision=revision, text=text or reason)
        case FollowEscalate(team=team):
            yield Escalate(thread=thread, revision=revision, team=team, note=reason)
