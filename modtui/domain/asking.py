"""What an action asks before it is done: what is offered, and the command that the answers make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from modtui.domain.commands import (
    Capability,
    Command,
    Escalate,
    Extra,
    Hide,
    Note,
    NotSensitive,
    Reply,
    Resolve,
    Sanction,
    SanctionKind,
    Then,
)
from modtui.domain.flagged import flagged_posts
from modtui.domain.model import Post
from modtui.domain.settings import Rule, Team
from modtui.domain.views import Offer, ThreadDetail
from modtui.domain.words import act

PERIODS = (1800, 7200, 21600, 86400)
"""How long a restriction or a lock lasts, in seconds."""
SANCTION_LENGTHS = (3600, 86400, 7 * 86400, 30 * 86400)
TIMED = (SanctionKind.MUTE, SanctionKind.BAN)
ONE_WAY = (Extra.REOPEN, Extra.PRIORITY, Extra.DIVERT)
"""What is not taken off again: it is set anew, done for good, or, as keep does, resolved."""
SNOOZE_MINUTES = (30, 60, 120, 240)
LANE_MINUTES = (5, 10, 15)
HEATED, SETTLED = "heated thread", "settled"
NOT_SENSITIVE = ("a figure of speech", "it quotes somebody", "about something else")
"""Why words opened a help route wrongly, most often."""
FOLLOWS = {
    Then.WAIT: "wait for the author",
    Then.DONE: "done",
    Then.OPEN: "stays open",
}


def effect(command: Command) -> str:
    """Return what a command of the batch does; a reply says where it leaves the thread."""
    if isinstance(command, Reply):
        return f"reply, then: {FOLLOWS[command.then]}"
    return act(command)


def written(commands: Sequence[Command]) -> str:
    """Return the words of one's own in a batch of which no draft is kept, "" for none."""
    for command in commands:
        match command:
            case Note(text=words) | Escalate(note=words):
                return words
            case NotSensitive(why=words) | Resolve(outcome=words) if words:
                return words
    return ""


def first_name(detail: ThreadDetail) -> str:
    """Return once more whose name a first public reply on the account bears; later on, ""."""
    if not detail.first_reply:
        return ""
    us, account = detail.our_name, detail.row.account
    return f"first public reply as {us} on {account}: everyone sees this name"


def note_readers(detail: ThreadDetail) -> str:
    """Return who sees a note on the thread: its account may leave notes on the platform too."""
    offer = detail.offers.get(Capability.NOTE)
    if offer is not None and offer.able:
        return "moderators on the platform see it too"
    return "nobody outside sees it"


def nearest(detail: ThreadDetail) -> Offer:
    """Return slow mode where the platform has it, else read-only, else crowd control, else slow
    mode's refusal."""
    slow = detail.offers[Capability.SLOW_MODE]
    instead = (detail.offers[c] for c in (Capability.READ_ONLY, Capability.CROWD_CONTROL))
    return slow if slow.able else next((offer for offer in instead if offer.able), slow)


def able_extras(detail: ThreadDetail) -> tuple[Extra, ...]:
    """Return what few platforms can do and this one can, in their order."""
    offers = {extra: detail.offers.get(Capability(extra.value)) for extra in Extra}
    return tuple(extra for extra, offer in offers.items() if offer is not None and offer.able)


def withheld_extras(detail: ThreadDetail) -> tuple[str, ...]:
    """Return what the platform can beyond that, but not with this account, and why: a line for each
    reason."""
    by: dict[str, list[str]] = {}
    for extra in Extra:
        offer = detail.offers.get(Capability(extra.value))
        if offer is not None and offer.withheld:
            by.setdefault(offer.why_not, []).append(offer.name)
    return tuple(f"Not here: {', '.join(names)}: {why}" for why, names in by.items())


def reporters(detail: ThreadDetail) -> dict[str, str]:
    """Return who reported what is open, each once, by the key of a flag of theirs."""
    by = {flag.by: flag.key for flag in detail.flags if flag.by}
    return {key: str(name) for name, key in by.items()}


def preselected(teams: Sequence[Team], detail: ThreadDetail) -> int:
    """Return the index of the first team that owns one of the thread's reasons, else 0."""
    reasons = set(detail.record.reasons)
    return next((i for i, team in enumerate(teams) if reasons & set(team.reasons)), 0)


def outcomes(teams: Sequence[Team], detail: ThreadDetail) -> tuple[str, ...]:
    """Return how a thread of the NOW lane often ends, in words."""
    team = detail.record.team
    if team is None and teams:
        team = teams[preselected(teams, detail)].name
    return (
        "help given, stays in contact",
        f"handed to {team or 'a colleague'}",
        "emergency service told",
        "nothing to it",
    )


def snooze_times(now: datetime, zone: str, *, in_lane: bool) -> tuple[datetime, ...]:
    """Return the times offered: some minutes from `now`, and nine tomorrow morning in `zone`; in
    the NOW lane a few minutes."""
    if in_lane:
        return tuple(now + timedelta(minutes=m) for m in LANE_MINUTES)
    tomorrow = (now.astimezone(ZoneInfo(zone)) + timedelta(days=1)).date()
    morning = datetime.combine(tomorrow, time(9), ZoneInfo(zone))
    return (*(now + timedelta(minutes=m) for m in SNOOZE_MINUTES), morning.astimezone(now.tzinfo))


def others_flagged(detail: ThreadDetail, post: Post) -> tuple[Post, ...]:
    """Return the flagged posts of the thread besides `post`."""
    return tuple(p for p in flagged_posts(detail) if p.remote_id != post.remote_id)


def removal(detail: ThreadDetail, post: Post, rule: Rule | None) -> Hide:
    """Return the Hide of exactly one post, for `rule`."""
    finishes = not others_flagged(detail, post) and detail.row.now_at is None
    return Hide(
        thread=detail.row.id,
        revision=detail.row.revision,
        posts=(post.remote_id,),
        author=post.author.remote_id,
        rule=rule.id if rule else None,
        reason=rule.text(detail.row.language) if rule else "",
        unseen=detail.folding.unseen(post),
        finishes=finishes,
    )


def sanction(
    detail: ThreadDetail,
    post: Post,
    kind: SanctionKind,
    seconds: int | None,
    rule: Rule | None,
) -> Sanction:
    """Return the Sanction of the author of `post`; `seconds` None: no length, or for good."""
    text = rule.text(detail.row.language) if rule else ""
    return Sanction(
        thread=detail.row.id,
        revision=detail.row.revision,
        sanction=kind,
        author=post.author.remote_id,
        seconds=seconds,
        rule=rule.id if rule else None,
        reason=text,
        text=f"{text} {rule.url}".strip() if rule else "",
    )
