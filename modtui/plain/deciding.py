"""Deciding on a thread: keep, remove, done, escalate, snooze, note, sensitive, the claim."""

from __future__ import annotations

from modtui.domain import decide
from modtui.domain.asking import (
    NOT_SENSITIVE,
    note_readers,
    others_flagged,
    outcomes,
    preselected,
    removal,
    snooze_times,
)
from modtui.domain.commands import (
    Capability,
    Dismiss,
    Escalate,
    MarkSensitive,
    Note,
    NotSensitive,
    Resolve,
    Snooze,
)
from modtui.domain.flagged import flagged_posts, flags_of
from modtui.domain.heat import PILE_ON_FLAGS
from modtui.domain.model import Post
from modtui.domain.settings import Rule, Team, telling, worded
from modtui.domain.text import clean_line
from modtui.domain.views import ThreadDetail
from modtui.engine.lane import flagged_as
from modtui.plain.posts import quoted
from modtui.plain.seat import Seat
from modtui.plain.speech import counted, language, said, sentence
from modtui.plain.talk import Back, Choice, Home, Word
from modtui.plain.wording import agreed


# which post
def first_post(detail: ThreadDetail) -> Post | None:
    """Return the post that is meant if nobody says which: the first flagged one, the subject, or
    the first."""
    subject = tuple(post for post in detail.posts if post.is_subject)
    found = flagged_posts(detail) or subject or detail.posts
    return found[0] if found else None


async def which_post(seat: Seat, detail: ThreadDetail, verb: str) -> Post:
    """Ask which post is meant, by its number. Raises Back, Home; Back also for what `verb` cannot
    be done to, having said why."""
    posts = detail.posts
    if not posts:
        seat.talk.say("There is no post in this thread.")
        raise Back
    number: int | Word = 1
    if len(posts) > 1:
        number = await _post_number(seat, detail)
    if number == 0:
        raise Back
    post = posts[int(number) - 1] if isinstance(number, int) else posts[0]
    if why := seat.why_off(verb, detail, post):
        seat.talk.say(f"Not possible: {why}.")
        raise Back
    return post


async def _post_number(seat: Seat, detail: ThreadDetail) -> int:
    flagged = {post.remote_id for post in flagged_posts(detail)}
    while True:
        seat.talk.say("Which post?")
        for number, post in enumerate(detail.posts, 1):
            if post.remote_id in flagged:
                seat.talk.say(f"Post {number}, flagged: {quoted(post)}")
        most = len(detail.posts)
        match await seat.talk.number(f"Post 1 to {most}, 0 back:", most):
            case Word.QUIT:
                raise Home
            case int() as number:
                return number


# keep, remove, done
async def keep(seat: Seat, detail: ThreadDetail) -> bool:
    """Keep a post: its flags are dismissed, a held one is approved."""
    post = await which_post(seat, detail, "keep")
    case, further = seat.case(detail, post), False
    if len(flags_of(detail, post)) >= PILE_ON_FLAGS:
        choices = [Choice("just these flags", False), Choice("also later ones", True)]
        title = "Later flags on it can be closed as they come, until it is edited."
        further = await seat.talk.pick(title, choices)
    commands = decide.keep(case, further=further)
    dismissed = sum(len(c.flags) for c in commands if isinstance(c, Dismiss))
    unseen = "".join(f", {word}" for word in detail.folding.unseen(post))
    what = "Approve the held post" if post.held else "Keep the post"
    question = f"{what} of {quoted(post)}: {counted(dismissed, 'flag')} dismissed{unseen}."
    if not await seat.talk.confirm(question, "keeps it"):
        raise Back
    return await seat.act(detail, commands)


async def which_rule(seat: Seat, detail: ThreadDetail) -> Rule | None:
    """Ask for which rule, by its number; None: no rule is named. Raises Back, Home."""
    rules = seat.engine.desk.rules
    if not rules:
        return None
    mine = seat.engine.desk.moderator.languages
    choices: list[Choice[Rule | None]] = [
        Choice(worded(rule, detail.row.language, mine)[0], rule) for rule in rules
    ]
    return await seat.talk.pick("For which rule?", [*choices, Choice("no rule named", None)])


def for_rule(seat: Seat, detail: ThreadDetail, rule: Rule | None) -> str:
    """Return the rule as part of a question, with what the author is told where the moderator
    reads another text; "" without a rule."""
    if rule is None:
        return ""
    thread_in, mine = detail.row.language, seat.engine.desk.moderator.languages
    told = telling(rule, thread_in, mine, language)
    return f', for "{worded(rule, thread_in, mine)[0]}"{f" ({told})" if told else ""}'


async def remove(seat: Seat, detail: ThreadDetail) -> bool:
    """Remove one post, for a rule."""
    post = await which_post(seat, detail, "remove")
    offer, rule = detail.offers[Capability.HIDE], await which_rule(seat, detail)
    verb = (offer.name or "remove").capitalize()
    why = for_rule(seat, detail, rule)
    seen = "You have not seen its text. " if "text not seen" in detail.folding.unseen(post) else ""
    more = sentence(said(offer.detail))
    others = len(others_flagged(detail, post))
    if others:
        ends = f"{counted(others, 'other flagged post')} to be decided."
    elif detail.row.now_at is not None:
        ends = "The thread stays in the NOW lane: it needs an outcome in words."
    else:
        ends = "The thread is then done."
    question = f"{verb} the post of {quoted(post)}{why}. {seen}{more} {ends}"
    yes = (
        seat.talk.for_good(question)
        if offer.for_good
        else seat.talk.confirm(question, "removes it")
    )
    if not await yes:
        raise Back
    commands = (removal(detail, post, rule),)
    return await agreed(seat, detail, commands) and await seat.act(detail, commands)


async def done(seat: Seat, detail: ThreadDetail) -> bool:
    """Call the thread done; in the NOW lane with an outcome in words."""
    case = seat.case(detail, first_post(detail))
    if case.in_lane:
        return await _outcome(seat, detail, decide.open_ends(case))
    still = sentence(said(decide.open_ends(case)))
    question = f"Call {clean_line(detail.row.title)} done. {still}".strip()
    if not await seat.talk.confirm(question, "calls it done"):
        raise Back
    return await seat.act(detail, decide.done(case))


async def _outcome(seat: Seat, detail: ThreadDetail, still: str) -> bool:
    choices = [Choice(words, words) for words in outcomes(seat.engine.desk.teams, detail)]
    ends = sentence(said(still))
    title = f"Close {clean_line(detail.row.title)}, NOW lane. {ends} How did it end?"
    words = await seat.talk.pick(title, [*choices, Choice("in your own words", "")])
    outcome = words or await seat.talk.words("How it ended")
    row = detail.row
    resolve = Resolve(thread=row.id, revision=row.revision, outcome=outcome)
    return await seat.act(detail, (resolve,))


# to others, and for later
async def escalate(seat: Seat, detail: ThreadDetail) -> bool:
    """Hand the thread to a team, with a note."""
    teams = seat.engine.desk.teams
    fits = preselected(teams, detail)
    order = [teams[fits], *(team for i, team in enumerate(teams) if i != fits)]
    choices = [Choice(_team_words(team), team) for team in order]
    title = "Escalate to which team? The first one fits best. It leaves the queue when it is done."
    team = await seat.talk.pick(title, choices)
    row = detail.row
    reason = clean_line(row.now_reason or row.why) or "flagged"
    short = f"{reason}, {counted(row.flag_count, 'flag')}: please decide"
    notes = [Choice(short, short), Choice("write it", "")]
    note = await seat.talk.pick("The note to the team:", notes)
    note = note or await seat.talk.words("What they need to know and to do")
    question = f"Escalate {clean_line(row.title)} to {team.name}, {_told(team)}. Note: {note}."
    if not await seat.talk.confirm(question, "escalates it"):
        raise Back
    command = Escalate(thread=row.id, revision=row.revision, team=team.name, note=note)
    return await seat.act(detail, (command,))


def _team_words(team: Team) -> str:
    people = ", ".join(team.responsible)
    return f"{team.name}, does it: {people}, answers for it: {team.accountable}, {_told(team)}"


def _told(team: Team) -> str:
    if team.reach is None:
        return "nobody is told: the team has no reach in config.toml"
    return f"told through {team.reach.account} {team.reach.channel}".rstrip()


async def snooze(seat: Seat, detail: ThreadDetail) -> bool:
    """Put the thread aside until a time."""
    row, in_lane = detail.row, detail.row.now_at is not None
    zone = seat.engine.desk.moderator.timezone
    times = snooze_times(seat.engine.now(), zone, in_lane=in_lane)
    stays = " It stays in the NOW lane, whose clock runs on." if in_lane else ""
    title = f"Snooze until when? An answer of the author wakes it before.{stays}"
    choices = [Choice(seat.time(moment), moment) for moment in times]
    until = await seat.talk.pick(title, choices)
    command = Snooze(thread=row.id, revision=row.revision, until=until)
    return await seat.act(detail, (command,))


async def note(seat: Seat, detail: ThreadDetail) -> bool:
    """Keep words for the team, and say who else sees them."""
    text = await seat.talk.words(f"The note for the team, {note_readers(detail)}")
    row = detail.row
    return await seat.act(detail, (Note(thread=row.id, revision=row.revision, text=text),))


async def sensitive(seat: Seat, detail: ThreadDetail) -> bool:
    """Put the thread into the NOW lane and open its help route, or say that it is not."""
    row = detail.row
    flagged = flagged_as(detail.record, seat.engine.desk) is not None
    if not flagged and (row.now_at is not None or row.help_route is not None):
        return await _not_sensitive(seat, detail)
    question = f"Put {clean_line(row.title)} into the NOW lane and open its help route."
    if not await seat.talk.confirm(question):
        raise Back
    return await seat.act(detail, (MarkSensitive(thread=row.id, revision=row.revision),))


async def _not_sensitive(seat: Seat, detail: ThreadDetail) -> bool:
    row, title = detail.row, clean_line(detail.row.title)
    choices: list[Choice[str | None]] = [Choice(words, words) for words in NOT_SENSITIVE]
    choices.append(Choice("in your own words", ""))
    if row.now_at is None:
        choices.append(Choice("it is sensitive: into the NOW lane", None))
    why = await seat.talk.pick(f"Why is {title} not sensitive? It closes the help route.", choices)
    if why is None:
        return await seat.act(detail, (MarkSensitive(thread=row.id, revision=row.revision),))
    why = why or await seat.talk.words("Why it is not sensitive")
    over = NotSensitive(thread=row.id, revision=row.revision, why=why)
    return await seat.act(detail, (over,))


# the claim
async def claim(seat: Seat, detail: ThreadDetail) -> bool:
    """Claim the thread, or give it back."""
    if seat.case(detail, None).mine:
        await seat.engine.release(detail.row.id)
        seat.talk.say("Released: nobody holds it.")
        return False
    taken = await seat.engine.claim(detail.row.id)
    words = "Claimed: you hold it" if taken.by == seat.me else f"{taken.by} was faster"
    seat.talk.say(f"{words}.")
    return False


async def take_over(seat: Seat, detail: ThreadDetail) -> bool:
    """Take the thread over from who holds it."""
    holder = seat.case(detail, None).holder
    if not await seat.talk.confirm(f"{holder} holds this thread. Take it over?", "takes it over"):
        raise Back
    await seat.engine.take_over(detail.row.id)
    seat.talk.say("Taken over: you hold it.")
    return False
