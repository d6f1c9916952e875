"""A thread and its posts in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from modtui.domain.flagged import flagged_posts, flags_of
from modtui.domain.heat import Rates
from modtui.domain.model import ClockKind, Post, Role
from modtui.domain.people import CLEAR
from modtui.domain.settings import Desk
from modtui.domain.text import clean_line
from modtui.domain.timeleft import Left
from modtui.domain.views import ThreadDetail
from modtui.domain.words import so_many
from modtui.plain.speech import (
    Hearer,
    at,
    counted,
    duration,
    holder,
    language,
    length,
    place,
    sentence,
    time_words,
)

READ_AT_ONCE = 600
LAST = 3
CLOCKS = {
    ClockKind.FIRST_RESPONSE: "first reply",
    ClockKind.NEXT_RESPONSE: "next reply",
    ClockKind.RESOLUTION: "resolution",
}


def head_lines(detail: ThreadDetail, left: Left, desk: Desk, hearer: Hearer) -> Iterator[str]:
    """Yield what a thread is, where, until when, who holds it, and what is special about it."""
    row = detail.row
    yield f"Thread: {clean_line(row.title)}"
    clock = CLOCKS[row.standing.clock] + " " if row.standing.clock and not left.lane else ""
    policy = f", policy {row.standing.policy}" if row.standing.policy else ""
    where = f"{place(row.account, detail.channel.name)}, {language(row.language)}"
    yield f"{where}, {clock}{time_words(row, left, hearer)}{policy}."
    held = holder(row, hearer) or "none, it is done"
    yield f"Claim: {held}. You post as {clean_line(detail.our_name)}."
    yield sentence(limits(detail, hearer))
    yield from _special(detail, desk, hearer)
    people = len({flag.by for flag in detail.flags if flag.by})
    by = f" by {counted(people, 'person', 'people')}" if people > 1 else ""
    flagged = len(flagged_posts(detail))
    flags = f", {counted(len(detail.flags), 'flag')}{by}" if detail.flags else ""
    yield f"{counted(len(detail.posts), 'post')}, {flagged} flagged{flags}."


def _special(detail: ThreadDetail, desk: Desk, hearer: Hearer) -> Iterator[str]:
    row = detail.row
    if row.now_at is not None:
        since = at(row.now_at, hearer)
        yield f"In the NOW lane since {since}, {clean_line(row.now_reason)}: it ends with words."
    if detail.record.help_route:
        said = f", for the words {clean_line(detail.route_words)}" if detail.route_words else ""
        route = clean_line(detail.record.help_route)
        yield f"Help route {route} is open{said}: quick reply 1. A reply gets the disclaimer."
    if row.language and not desk.reads(row.language):
        teams = (f"{t.name} does: {', '.join(t.responsible)}" for t in desk.readers(row.language))
        yield sentence("; ".join((f"you do not read {language(row.language)}", *teams)))
    if detail.kept:
        closed = sum(each.closed for each in detail.kept)
        yield f"A post is kept until it is edited: {counted(closed, 'further flag')} closed."
    if detail.draft is not None:
        yield f"Your draft of {at(detail.draft.saved_at, hearer)} is kept: write goes on with it."
    if detail.spam is not None:
        yield from (sentence(clean_line(line)) for line in detail.spam.lines)
    if detail.related:
        yield f"{counted(detail.related, 'more thread')} of this conversation."
    if detail.context_error:
        yield sentence(clean_line(detail.context_error))


def limits(detail: ThreadDetail, hearer: Hearer) -> str:
    """Return what slows or closes the channel, and whether the thread is locked."""
    locked, now = "locked" if detail.locked else "not locked", detail.channel.restriction
    if now is None:
        return f"{detail.limit_name} off, {locked}" if detail.limit_name else locked
    each = f" {length(now.seconds)}" if now.seconds else ""
    until = f" until {at(now.until, hearer)}" if now.until else ""
    by = f" by {clean_line(now.by)}" if now.by else ""
    return f"{now.kind.replace('_', '-')}{each}{until}{by}, {locked}"


def pace(detail: ThreadDetail) -> str:
    """Return how hot the channel is, and was before a restriction of ours."""
    found = detail.pace
    if found is None:
        return "how hot the channel is, is not known"
    if found.before is None:
        return f"now {_rates(found.now)} a minute"
    before = f"before it {_rates(found.before)} a minute"
    return f"{before}, now {_rates(found.now)}" if found.settled else before


def _rates(rates: Rates) -> str:
    posts, flags = f"{rates.posts:.3g}", f"{rates.flags:.3g}"
    return f"{so_many(posts, 'post')} and {so_many(flags, 'flag')}"


# posts
def chosen(detail: ThreadDetail) -> tuple[int, ...]:
    """Return the places of the posts that are read at once: the flagged ones, the subject and the
    last three."""
    flagged = {post.remote_id for post in flagged_posts(detail)}
    last = len(detail.posts) - LAST
    return tuple(
        index
        for index, post in enumerate(detail.posts)
        if post.remote_id in flagged or post.is_subject or index >= last
    )


def about(detail: ThreadDetail, post: Post, hearer: Hearer) -> str:
    """Return who wrote a post and when, its flags, and what is special about it."""
    brief = detail.briefs.get(post.author.remote_id, CLEAR)
    new = post.role is Role.AUTHOR
    fold = detail.folding.of(post.remote_id)
    parts = [
        clean_line(post.author.name),
        post.role.value,
        clean_line(post.author.standing),
        at(post.created_at, hearer),
        flags(detail, post),
        brief.words if new and brief != CLEAR else "",
        fold.words if fold is not None else "",
        "held for review" if post.held else "",
        "edited" if post.edited_at else "",
        "deleted there, kept as evidence" if post.deleted_at else "",
        f"contains {counted(post.hidden, 'hidden character')}" if post.hidden else "",
    ]
    return ", ".join(part for part in parts if part)


def flags(detail: ThreadDetail, post: Post) -> str:
    """Return `flagged 4 times: other 3, off-topic 1`, or ""."""
    found = flags_of(detail, post)
    if not found:
        return ""
    reasons = Counter(clean_line(flag.reason) for flag in found).most_common()
    if len(found) == 1:
        return f"flagged: {reasons[0][0]}"
    each = ", ".join(f"{reason} {number}" for reason, number in reasons)
    return f"flagged {len(found)} times: {each}"


def quoted(post: Post, most: int = 80) -> str:
    """Return whose post it is and how it begins, to name it by."""
    words = clean_line(post.text)
    text = words if len(words) <= most else f"{words[:most].rstrip()}..."
    return f'{clean_line(post.author.name)}, "{text or "no text"}"'


def ledger_lines(detail: ThreadDetail, hearer: Hearer) -> Iterator[str]:
    """Yield how the deadline comes about: each clock with what counted and what did not."""
    if detail.row.now_due_at is not None:
        yield f"NOW lane: due at {at(detail.row.now_due_at, hearer)} on the wall clock."
    clocks = detail.clocks()
    if not clocks:
        yield "No clock runs: nothing is promised for this thread."
    for clock in clocks:
        spent = duration(clock.elapsed.total_seconds())
        due = f", due {at(clock.due_at, hearer)}" if clock.due_at else ""
        ended = f", stopped {at(clock.stopped_at, hearer)}" if clock.stopped_at else due
        late = f", breached {at(clock.breached_at, hearer)}" if clock.breached_at else ""
        target = duration(clock.target.total_seconds())
        yield f"{CLOCKS[clock.kind].capitalize()}: {spent} of {target} used{ended}{late}."
        for line in clock.ledger:
            span = f"from {at(line.start, hearer)} to {at(line.end, hearer)}"
            yield f"  {span}: {line.cause}, {duration(line.counted.total_seconds())} counted."
