"""What is known beyond a thread: the author's record, the deadline, links, folded posts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from modtui.domain.evidence import spelled
from modtui.domain.model import Author
from modtui.domain.people import AuthorRecord
from modtui.domain.text import clean, clean_line, show_hosts
from modtui.domain.views import ThreadDetail
from modtui.engine import Refused
from modtui.plain.deciding import which_post
from modtui.plain.posts import about, ledger_lines
from modtui.plain.seat import READ_ONLY, Seat
from modtui.plain.speech import Hearer, at, counted, said
from modtui.plain.talk import Choice

NIGHT = timedelta(hours=12)
WHOLE = 4_000


async def author(seat: Seat, detail: ThreadDetail) -> bool:
    """Say what is known of an author, and offer to keep a note about them."""
    post = await which_post(seat, detail, "author")
    whom, thread = post.author, detail.row.id
    record = await seat.engine.people.record(thread, whom.remote_id)
    if record is None:
        seat.talk.say(f"Nothing is known of {clean_line(whom.name)}.")
    else:
        seat.talk.say(*_record_lines(record, thread, seat.hearer))
    off = READ_ONLY if seat.engine.lead.read_only else ""
    await seat.talk.pick("What now?", [Choice("note for the team about the author", "note", off)])
    await _author_note(seat, thread, whom)
    return False


async def _author_note(seat: Seat, thread: int, whom: Author) -> None:
    text = await seat.talk.words("What the next one should know of them, nobody outside sees it")
    try:
        await seat.engine.people.note(thread, whom.remote_id, text)
    except Refused as refusal:
        seat.talk.say(f"Not kept: {said(str(refusal))}.")
    else:
        seat.talk.say("The note is kept.")


def _record_lines(record: AuthorRecord, thread: int, hearer: Hearer) -> Iterator[str]:
    whom = record.author
    seen = f", first seen {at(record.first_seen_at, hearer)}" if record.first_seen_at else ""
    standing = clean_line(whom.standing) or "no standing known"
    posts, flags = counted(record.posts, "post"), counted(record.flags, "flag")
    yield f"{clean_line(whom.name)}, {standing}{seen}, {posts} known, {flags} in all."
    yield f"Sanctions: {len(record.sanctions) or 'none'}."
    for each in record.sanctions:
        why = f", {clean_line(each.reason)}" if each.reason else ""
        yield f"  {at(each.at, hearer)}: {each.words(hearer.now)}, by {each.by}{why}."
    yield f"Notes of the team: {len(record.notes) or 'none'}."
    for note in record.notes:
        yield f"  {at(note.at, hearer)}, {note.by}: {clean_line(note.text)}"
    yield f"Flagged threads: {len(record.threads) or 'none'}."
    for past in record.threads:
        how = "this one" if past.id == thread else past.outcome or past.state.value
        when = at(past.flagged_at, hearer)
        yield f"  {when}: {counted(past.flags, 'flag')}, {how}, {clean_line(past.title)}"
    for name in record.namesakes:
        threads = counted(name.threads, "thread")
        yield f"The same name on {name.account}, perhaps another person: {threads}."


def say_post(seat: Seat, detail: ThreadDetail, index: int, most: int) -> None:
    """Say a post: who, when, what is special, and at most `most` characters of its text."""
    post, talk = detail.posts[index], seat.talk
    talk.say(f"Post {index + 1} of {len(detail.posts)}, {about(detail, post, seat.hearer)}:")
    text = show_hosts(post.text)
    talk.quote(text[:most] or "no text")
    if len(text) > most:
        talk.say(f"And {len(text) - most} more characters: read a post whole has them.")
    for media in post.media:
        talk.quote(f"media: {clean_line(media)}")


async def whole(seat: Seat, detail: ThreadDetail) -> bool:
    """Read one post to its end."""
    post = await which_post(seat, detail, "read")
    index = detail.posts.index(post)
    say_post(seat, detail, index, WHOLE)
    text, read = show_hosts(post.text), WHOLE
    while read < len(text):
        title = f"{len(text) - read} more characters."
        await seat.talk.pick(title, [Choice("read on", True)])
        seat.talk.quote(text[read : read + WHOLE])
        read += WHOLE
    return False


async def every(seat: Seat, detail: ThreadDetail) -> bool:
    """Read how every post of the thread begins."""
    for index, post in enumerate(detail.posts, 1):
        words = clean_line(post.text)[:120] or "no text"
        seat.talk.say(f"Post {index}, {about(detail, post, seat.hearer)}: {words}")
    return False


async def unfold(seat: Seat, detail: ThreadDetail) -> bool:
    """Show a folded post, or fold it again."""
    post = await which_post(seat, detail, "unfold")
    care, fold = seat.engine.care, detail.folding.of(post.remote_id)
    if fold is None:
        care.fold(detail.row.id, post.remote_id)
        seat.talk.say("Folded again.")
        return False
    await care.unfold(detail, post.remote_id)
    read = await care.exposure(seat.engine.now() - NIGHT) if fold.text else 0
    shown = await seat.engine.thread(detail.row.id)
    if shown is not None:
        say_post(seat, shown, detail.posts.index(post), WHOLE)
    if read:
        seat.talk.say(f"Folded posts you read in the last 12 hours: {read}.")
    return False


async def deadline(seat: Seat, detail: ThreadDetail) -> bool:
    """Explain the deadline."""
    seat.talk.say(*ledger_lines(detail, seat.hearer))
    return False


async def link(seat: Seat, detail: ThreadDetail) -> bool:
    """Say the thread's address, the media of a post and its raw text, made visible."""
    post = await which_post(seat, detail, "link")
    url = detail.record.thread.url
    seat.talk.say(show_hosts(clean(url).text) if url else "This platform gives no address.")
    for media in post.media:
        seat.talk.quote(f"media: {clean_line(media)}")
    if post.media and detail.folding.of(post.remote_id) is None:
        seat.engine.care.address_opened(detail.row.id, post.remote_id)
    number = clean_line(post.remote_id)
    seat.talk.say(f"Post {number} as it came, with what cannot be seen written out:")
    told = spelled(post.raw, limit=WHOLE)
    seat.talk.quote(told.text)
    names = (f"{name}, {counted(count, 'time')}" for name, count in told.names)
    if told.names:
        seat.talk.say(f"Hidden in it: {'; '.join(names)}.")
    return False


async def translate(seat: Seat, detail: ThreadDetail) -> bool:
    """Say a post as the moderator's own command translates it, named as a machine's."""
    translator = seat.engine.translator
    if translator is None:
        seat.talk.say("No translation: name a program under [translate] command in config.toml.")
        return False
    post = await which_post(seat, detail, "translate")
    if detail.folding.of(post.remote_id) is not None:
        seat.talk.say("This post is folded: show it first.")
        return False
    language = next(iter(seat.engine.desk.moderator.languages), "en")
    try:
        words = await translator.translate(str(post.text), detail.record.language, language)
    except Refused as refused:
        seat.talk.say(f"Not translated: {refused}.")
        return False
    seat.talk.say(f"Machine translation into {language} by {translator.name}, for reading only:")
    seat.talk.quote(str(words))
    return False
