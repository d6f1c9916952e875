"""The checks on a reply, at one thread: what is asked before it is sent, and refused if it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Protocol

from modtui.domain.commands import Command, Hide, Reply, Sanction
from modtui.domain.cycles import counted
from modtui.domain.frozen import dataclass
from modtui.domain.help_routes import EVERYWHERE, HelpBook, is_disclaimed, undisclaimed
from modtui.domain.model import Event, EventKind, ThreadRecord
from modtui.domain.settings import Desk
from modtui.domain.views import ThreadDetail
from modtui.domain.wording import CheckBook, Finding, Level, Said, blocking, review, unreasoned
from modtui.engine import Refused
from modtui.engine.gate import with_disclaimer
from modtui.engine.rulebook import Books, check_book, help_book

Commands = tuple[Command, ...]

_OF_REPLIES = frozenset({"reason", "help_route", "next_step"})
"""The rules that nothing but a reply is held against."""
_OF_TEXTS = _OF_REPLIES | {"language"}
"""Those that a reason is not: it may be for the record alone."""
_LIGHT = Finding("help_route", Level.BLOCK, "a light reply, and the help route is open here")


@dataclass(frozen=True, slots=True)
class Place:
    """The thread that something is said in."""

    record: ThreadRecord
    events: Sequence[Event]
    desk: Desk


class Wording(Protocol):
    """What screens and commands ask before something is sent."""

    def take(self, checks: CheckBook | None, routes: HelpBook | None) -> None:
        """Let other checks and help routes of the team hold from now on; None: those that came
        with modtui."""
        ...

    def outgoing(self, detail: ThreadDetail, commands: Sequence[Command]) -> Commands:
        """Return `commands` as they will go out: with the disclaimer where a help route is open."""
        ...

    def findings(self, detail: ThreadDetail, commands: Sequence[Command]) -> tuple[Finding, ...]:
        """Return what the team's checks find in them, what blocks first."""
        ...


class DeskWording:
    """The `Wording` of a desk."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def take(self, checks: CheckBook | None, routes: HelpBook | None) -> None:
        self._books.take(checks, routes)

    def outgoing(self, detail: ThreadDetail, commands: Sequence[Command]) -> Commands:
        desk = self._books.desk
        return tuple(with_disclaimer(each, detail.record, desk) for each in commands)

    def findings(self, detail: ThreadDetail, commands: Sequence[Command]) -> tuple[Finding, ...]:
        place = Place(detail.record, detail.events, self._books.desk)
        return findings(self.outgoing(detail, commands), place)


def findings(commands: Sequence[Command], place: Place) -> tuple[Finding, ...]:
    """Return what the checks of the desk find in a batch for one thread, what blocks first."""
    found = chain.from_iterable(_of(command, commands, place) for command in commands)
    return tuple(sorted(found, key=lambda each: not blocking((each,))))


def check_words(commands: Sequence[Command], place: Place) -> None:
    """Raise Refused("invalid") with every word of `commands` that is not to be sent."""
    wrong = blocking(findings(commands, place))
    if wrong:
        raise Refused("invalid", "; ".join(each.line for each in wrong))


def _of(command: Command, batch: Sequence[Command], place: Place) -> tuple[Finding, ...]:
    book, account = check_book(place.desk), place.record.account
    match command:
        case Reply():
            found = review(book, _said(command, batch, place))
            return (_LIGHT, *found) if command.light and place.record.help_route else found
        case Hide(rule=None, reason=reason) if not reason.strip():
            return unreasoned(book, account, "a removal")
        case Sanction(rule=None, reason=reason, sanction=kind) if not reason.strip():
            return unreasoned(book, account, f"a {kind.value}")
        case Hide(reason=words) | Sanction(text="", preset=None, reason=words):
            return _told(words, place, _OF_TEXTS)
        case Sanction(text=words, preset=None):
            return _told(words, place, _OF_REPLIES)
    return ()


def _told(words: str, place: Place, but: Collection[str]) -> tuple[Finding, ...]:
    """What the checks `but` those find in what an author is told with a removal or sanction. The
    wording of a rule is the team's own."""
    desk = place.desk
    text = undisclaimed(help_book(desk), words)
    known = {f"{said} {end}".strip() for r in desk.rules for said in r.texts.values()
             for end in ("", r.url)}  # fmt: skip
    if text.strip() in known:
        return ()
    said = Said(text, place.record.account, wanted=place.record.language, ours=_published(desk))
    return review(check_book(desk), said, but)


def _said(reply: Reply, batch: Sequence[Command], place: Place) -> Said:
    record, desk, route = place.record, place.desk, place.record.help_route
    book = help_book(desk)
    # The first one is that which is named where none stands in the text. A number of another
    # country may not be reached from this one; what holds everywhere does.
    links = [link for link in book.links.get(route or "", {}).values() if link]
    here = book.link(route or "", desk.country_of(record.account))
    near = tuple(filter(None, (here, book.link(route or "", EVERYWHERE)))) if here else links
    return Said(
        text=undisclaimed(book, reply.text),
        account=record.account,
        language=reply.language if reply.quick else None,
        wanted=record.language,
        route=route,
        helps=reply.helps,
        help_links=tuple(near),
        elsewhere=tuple(links) if here else (),
        disclaimed=is_disclaimed(book, reply.text),
        removed=any(isinstance(each, Hide) for each in batch) or _unexplained(place.events),
        grounds=tuple(_grounds(desk, record.language)),
        ours=_published(desk),
        quotes=reply.quotes,
    )


def _published(desk: Desk) -> tuple[str, ...]:
    """Addresses and numbers that the team gives to everybody."""
    book = help_book(desk)
    links = (link for by_country in book.links.values() for link in by_country.values())
    return (*links, *book.emergency.values(), *(rule.url for rule in desk.rules))


def _unexplained(events: Sequence[Event]) -> bool:
    """Whether a post was removed and nobody wrote anything since."""
    removed = False
    for event in counted(sorted(events, key=lambda each: each.at)):
        if event.kind is EventKind.HIDDEN:
            removed = True
        elif event.kind is EventKind.STAFF_REPLY:
            removed = False
    return removed


def _grounds(desk: Desk, language: str | None) -> Iterator[str]:
    for rule in desk.rules:
        yield rule.url
        yield rule.text(language)
