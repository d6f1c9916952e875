"""Help routes at work: opened by words, and what a reply gets on a thread where one is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from modtui.domain.commands import Command, Reply, Sanction, SanctionKind
from modtui.domain.frozen import dataclass
from modtui.domain.lane import SENSITIVE
from modtui.domain.model import Event, EventKind, Post, Role, Thread, ThreadRecord
from modtui.domain.replies import Entry
from modtui.domain.settings import Desk
from modtui.engine.rulebook import help_book
from modtui.engine.weigh import named

if TYPE_CHECKING:
    from modtui.domain.help_routes import Heard, HelpBook
    from modtui.engine.telling import Scene

    _Ear = Callable[[str], Heard | None]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The route that somebody's words open. `post` None: they stand in the title."""

    route: str
    words: str
    post: str | None = None
    at: datetime | None = None


_ears: dict[tuple[int, tuple[str, ...]], _Ear] = {}
_REMEMBERED = 1024
_BOOKS = 3
_AUTHOR = Role.AUTHOR


def _ear(book: HelpBook, routes: tuple[str, ...]) -> _Ear:
    """Return what hears `routes` in a text: who floods a community says the same over and over."""
    key = (id(book), routes)
    ear = _ears.get(key)
    if ear is None:
        from modtui.domain.help_routes import heard

        # A file of routes that was edited is another book; the one before may be heard by still.
        for old in tuple(_ears)[: 1 - _BOOKS]:
            _ears.pop(old, None)
        # It holds its book, so that no other one comes to have its id.
        ear = _ears[key] = lru_cache(_REMEMBERED)(partial(heard, book, routes=routes))
    return ear


def listener(desk: Desk) -> Callable[[Thread, Iterable[Post]], Spoken | None]:
    """Return what tells which of the desk's routes, the first of them, the title of a thread and
    its authors' posts open. For as long as the desk's files of rules are as they are now."""
    routes = desk.help_reasons
    if not routes:
        return lambda thread, posts: None
    hear = _ear(help_book(desk), routes)

    def listen(thread: Thread, posts: Iterable[Post]) -> Spoken | None:
        found: list[Spoken] = []
        said = hear(thread.title)
        if said is not None:
            found.append(Spoken(said.route, said.words))
        for post in posts:
            if post.role is _AUTHOR and post.deleted_at is None:
                said = hear(post.text)
                if said is not None:
                    found.append(Spoken(said.route, said.words, post.remote_id, post.created_at))
        if not found:
            return None
        return min(found, key=lambda each: routes.index(each.route))

    return listen


def spoken(thread: Thread, posts: Iterable[Post], desk: Desk) -> Spoken | None:
    """Return what the title and the authors' `posts` open, the first of the desk's routes."""
    return listener(desk)(thread, posts)


def opened(route: str | None, words: Spoken | None) -> str | None:
    """Return the route to follow: one with a name is better than one opened without."""
    return words.route if words is not None and route in (None, SENSITIVE) else route


def alarmed(words: Spoken | None, since: datetime, scene: Scene) -> tuple[Event, ...]:
    """Return the event that words are worth which open a route of `[now] reasons`, or none; it
    is not before `since`."""
    if words is None or named((words.route,), scene.parts.desk.now_reasons) is None:
        return ()
    at = min(max(since, words.at or since), scene.now)
    detail = (("reason", words.route), ("post", words.post), ("words", words.words))
    return (Event(EventKind.SENSITIVE, at, scene.source.account, detail),)


def why_open(record: ThreadRecord, posts: Iterable[Post], desk: Desk) -> str:
    """Return the words that opened the route of `record`; "" where a flag or a moderator did.

    What others wrote is looked at only where nothing of the thread's own opens it: most of that was
    read around the thread, and opened nothing.
    """
    if record.help_route is None or named(record.reasons, desk.help_reasons) is not None:
        return ""
    author, posts = record.thread.author.remote_id, tuple(posts)
    own = [post for post in posts if post.is_subject or post.author.remote_id == author]
    for told in (own, posts):
        words = spoken(record.thread, told, desk)
        if words is not None and words.route == record.help_route:
            return words.words
    return ""


def with_disclaimer(command: Command, record: ThreadRecord, desk: Desk) -> Command:
    """Return `command` as it goes out: under an open route every reply bears the disclaimer, in its
    own language, and says which route it was; so does a warning in words of ours."""
    route = record.help_route
    if route is None:
        return replace(command, route=None) if isinstance(command, Reply) else command
    from modtui.domain.help_routes import disclaimed

    book = help_book(desk)
    match command:
        case Reply(text=text, language=language):
            said = disclaimed(book, text, language or record.language)
            return replace(command, text=said, route=route)
        case Sanction(sanction=SanctionKind.WARN, preset=None, text=str(text)) if text.strip():
            return replace(command, text=disclaimed(book, text, record.language))
    return command


def help_values(entry: Entry, record: ThreadRecord, desk: Desk) -> Mapping[str, str]:
    """Return `help_link` and `emergency` for the country of the account; "" leaves the entry's own
    defaults."""
    country, book = desk.country_of(record.account), help_book(desk)
    if entry.help is None or not country:
        return {}
    routes = [tag.removeprefix("help:") for tag in entry.tags if tag.startswith("help:")]
    links = (book.link(route, country) for route in (*routes, record.help_route or ""))
    return {
        "help_link": next(filter(None, links), ""),
        "emergency": book.emergency.get(country, ""),
    }
