"""What an action means for a thread: the commands it makes, and why it is off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from modtui.domain.commands import (
    Capability,
    Command,
    Dismiss,
    Escalate,
    Extra,
    Hide,
    Reply,
    Resolve,
    Snooze,
    Then,
)
from modtui.domain.flagged import flagged_posts, flags_of
from modtui.domain.frozen import dataclass
from modtui.domain.model import Post, Role, State
from modtui.domain.settings import Desk
from modtui.domain.views import Offer, ThreadDetail


@dataclass(frozen=True, slots=True)
class Case:
    """A thread, the post that is meant, the desk and the moment: what is decided on.

    `take_over` is what takes a thread over: a key, or what else the reader is told to choose.
    """

    detail: ThreadDetail
    post: Post | None
    desk: Desk
    now: datetime
    take_over: str = "C"

    @property
    def holder(self) -> str | None:
        """Who else holds the thread now, or None."""
        claim = self.detail.row.claim
        if claim is None or claim.until <= self.now or claim.by == self.desk.moderator.name:
            return None
        return claim.by

    @property
    def mine(self) -> bool:
        """Whether I hold it."""
        claim = self.detail.row.claim
        return claim is not None and claim.until > self.now and claim.by == self.desk.moderator.name

    @property
    def in_lane(self) -> bool:
        """Whether the thread is in the NOW lane, which it leaves with an outcome alone."""
        return self.detail.row.now_at is not None

    def offer(self, *capabilities: Capability) -> Offer | None:
        """Return the first of `capabilities` that can be done here, else the first that another
        account could do here, else the first known."""
        offers: Mapping[Capability, Offer] = self.detail.offers
        found = [offers[c] for c in capabilities if c in offers]
        best = ([o for o in found if o.able], [o for o in found if o.withheld], found)
        return next((some[0] for some in best if some), None)


_NEEDS: dict[str, tuple[Capability, ...]] = {
    "reply": (Capability.REPLY, Capability.REPLY_PRIVATE),
    "quick": (Capability.REPLY,),
    "find": (Capability.REPLY,),
    "remove": (Capability.HIDE,),
    "slow": (Capability.SLOW_MODE, Capability.READ_ONLY, Capability.CROWD_CONTROL),
    "lock": (Capability.LOCK,),
    "extra": tuple(Capability(extra.value) for extra in Extra),
    "sanction": (Capability.WARN, Capability.MUTE, Capability.KICK, Capability.BAN),
}
_POST = {"keep", "remove", "sanction", "unfold"}
_UNRESOLVED = {"keep", "done", "snooze", "escalate", "sensitive"}
_PUBLIC = {"reply", "quick", "find"}


def why_off(verb: str, case: Case) -> str:
    """Return why `verb` (the part after `queue.`) cannot be done now, or "" if it can."""
    row = case.detail.row
    if verb in _NEEDS:
        offer = case.offer(*_NEEDS[verb])
        if offer is None or not offer.able:
            return _why_unable(_NEEDS[verb], case, offer)
    if verb in _PUBLIC and case.holder:
        return f"{case.holder} holds this thread: {case.take_over} takes it over"
    if verb in _POST and case.post is None:
        return "there is no post under the cursor"
    if row.state is State.RESOLVED and verb in _UNRESOLVED:
        return "this thread is done"
    return _why_off_here(verb, case)


def _why_unable(needed: tuple[Capability, ...], case: Case, offer: Offer | None) -> str:
    """Return why nothing of what a key does can be done: for the key of several things of which
    the platform has none, each for a reason of its own, that it has none."""
    account, offers = case.detail.row.account, case.detail.offers
    reasons = {offers[each].reason for each in needed if each in offers}
    if needed == _NEEDS["extra"] and len(reasons) > 1 and not (offer and offer.withheld):
        return f"{account} has nothing of the kind: it cannot reopen, freeze, tag or score"
    return (offer.reason if offer else "") or f"{account} cannot do that"


def _why_off_here(verb: str, case: Case) -> str:
    row, post = case.detail.row, case.post
    match verb:
        case "keep":
            wanted = Capability.APPROVE if post and post.held else Capability.DISMISS
            offer = case.offer(wanted)
            if offer is None or not offer.able:
                return (offer.reason if offer else "") or f"{row.account} cannot do that"
        case "remove" if post is not None and post.deleted_at is not None:
            return "it was deleted there already; its text is kept as evidence"
        case "escalate":
            if not case.desk.teams:
                return "no [[team]] is configured"
            if row.state is State.ESCALATED:
                return f"it is with {case.detail.record.team or 'a team'} already"
        case "snooze" if row.state is State.ESCALATED:
            return "an escalated thread is not snoozed"
        case "claim" if case.holder:
            return f"{case.holder} holds it: {case.take_over} takes it over"
        case "unfold" if post is not None and post.remote_id not in case.detail.folding.rules:
            return "nothing is folded here"
        case "take-over" if not case.holder:
            return "nobody else holds it"
    return ""


def keep(case: Case, *, further: bool = False) -> tuple[Command, ...]:
    """Return the Dismiss of the flags on the post under the cursor, approving it if it is held.

    `further`: also of those that come later, until the post is edited.
    """
    detail, post = case.detail, case.post
    if post is None:
        return ()
    mine = flags_of(detail, post) or detail.flags
    rest = {f.key for f in detail.flags} - {f.key for f in mine}
    return (
        Dismiss(
            thread=detail.row.id,
            revision=detail.row.revision,
            flags=tuple(f.key for f in mine),
            posts=(post.remote_id,),
            approve=post.held,
            finishes=not rest and not case.in_lane,
            further=further,
            unseen=detail.folding.unseen(post),
        ),
    )


def done(case: Case) -> tuple[Command, ...]:
    """Return what calls the thread done; what is still flagged in it stays so."""
    return (Resolve(thread=case.detail.row.id, revision=case.detail.row.revision),)


def open_ends(case: Case) -> str:
    """Return what is still open in the thread, in words; "" when nothing is."""
    detail = case.detail
    found: list[str] = []
    asked = _unanswered(detail.posts)
    if asked is not None and detail.row.state is not State.WAITING:
        found.append(f"{asked.author.name} has not been answered")
    if detail.flags:
        count = len(detail.flags)
        found.append(f"{count} {'flag is' if count == 1 else 'flags are'} open")
    return " and ".join(found)


def _unanswered(posts: Sequence[Post]) -> Post | None:
    """Return the oldest post of an author after the last one of ours."""
    oldest: Post | None = None
    for post in posts:
        if post.deleted_at is None and post.role is not Role.BOT:
            oldest = (oldest or post) if post.role is Role.AUTHOR else None
    return oldest


def done_question(case: Case) -> str:
    """Return what is still open in the thread, as a question; "" when nothing is."""
    still = open_ends(case)
    return f"{still}. Done all the same?" if still else ""


def many_flagged(case: Case) -> bool:
    """Whether more than one post is flagged, so that the right one must be chosen first."""
    return len(flagged_posts(case.detail)) > 1


def finishes(command: Command, *, in_lane: bool = False) -> bool:
    """Whether `command` ends the work on a thread for now, so that the cursor may go on."""
    if in_lane:
        return isinstance(command, Resolve | Snooze)
    match command:
        case Reply(then=then):
            return then is not Then.OPEN
        case Hide(finishes=ends) | Dismiss(finishes=ends):
            return ends
        case Resolve() | Escalate() | Snooze():
            return True
    return False
