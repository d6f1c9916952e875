"""reply, note, escalate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TextIO

import click

from modtui.cli import plain
from modtui.cli.delivering import Bench, act, detail_of, local
from modtui.cli.exits import Exit, Failure
from modtui.cli.holding import at_once
from modtui.cli.options import Patience, acting, thread_argument
from modtui.domain.commands import Audience, Command, Escalate, Note, Reply, Then
from modtui.domain.gate import asks_twice
from modtui.domain.replies import Entry
from modtui.domain.views import ThreadDetail
from modtui.domain.wording import blocking


@dataclass(frozen=True, slots=True)
class _Said:
    """The options of `reply`."""

    quick: str | None
    file: TextIO | None
    language: str | None
    private: bool
    then: str | None
    anyway: bool
    sure: bool
    sets: Sequence[str]

    @property
    def typed(self) -> Mapping[str, str]:
        """What fills placeholders. Raises Failure (usage)."""
        pairs = [text.partition("=") for text in self.sets]
        wrong = next((name for name, equals, value in pairs if not (name and value)), None)
        if wrong is not None:
            raise Failure(Exit.USAGE, f"--set {wrong}: NAME=VALUE is wanted")
        return {name: value for name, _, value in pairs}

    @property
    def chosen(self) -> Then | None:
        """What was chosen to follow."""
        return Then(self.then) if self.then is not None else None


@click.command()
@thread_argument
@click.option("--quick", help="Id of an entry of the library.")
@click.option(
    "--text-file", "file", type=click.File(encoding="utf-8"), help="The text; - is stdin."
)
@click.option("--language", help="Which variant of the entry (default: the thread's language).")
@click.option("--private", is_flag=True, help="To the author alone.")
@click.option(
    "--set", "sets", multiple=True, metavar="NAME=VALUE", help="Fills {NAME} of the entry."
)
@click.option("--anyway", is_flag=True, help="Send it though a check warns of it.")
@click.option(
    "--sure", is_flag=True, help="Send an entry that is no help though a help route is open."
)
@click.option(
    "--then",
    type=click.Choice([then.value for then in Then]),
    help="Where it leaves the thread (default: as the entry says, else wait).",
)
@acting
def reply(thread: str, patience: Patience, **given: Any) -> int:
    """Answer, publicly unless --private. With a library entry or a text of your own."""
    said = _Said(**given)
    quick = said.quick
    if (quick is None) == (said.file is None):
        raise Failure(Exit.USAGE, "what to say: either --quick NAME or --text-file FILE")
    text = _read(said.file) if said.file else ""

    def build(bench: Bench, detail: ThreadDetail) -> Sequence[Command]:
        answer = Reply(
            thread=detail.row.id,
            revision=detail.row.revision,
            text=text,
            audience=Audience.AUTHOR if said.private else Audience.EVERYONE,
            language=said.language or detail.row.language,
            then=said.chosen or Then.WAIT,
        )
        if quick is None:
            return _checked(bench, detail, (answer,), anyway=said.anyway)
        entry = _entry(bench, quick, said.language)
        if not said.sure:
            _check_route(bench, detail, entry)
        ready = _from_library(bench, detail, entry, answer, said)
        return _checked(bench, detail, ready, anyway=said.anyway)

    return act(thread, build, patience)


def _checked(
    bench: Bench, detail: ThreadDetail, commands: tuple[Command, ...], *, anyway: bool
) -> tuple[Command, ...]:
    """Return `commands` as they go out. Raises Failure where a check blocks them, or warns and
    nobody said to send them all the same."""
    wording = bench.engine.wording
    found = wording.findings(detail, commands)
    blocked = blocking(found)
    said = "; ".join(each.line for each in blocked or found)
    if blocked:
        raise Failure(Exit.FAILED, f"not sent: {said}")
    if found and not anyway:
        raise Failure(Exit.FAILED, f"not sent: {said}; --anyway sends it all the same")
    if found:
        plain.warn(said)
    return wording.outgoing(detail, commands)


def _check_route(bench: Bench, detail: ThreadDetail, entry: Entry) -> None:
    """Raise Failure for a routine answer under a help route; a light one is blocked anyway."""
    route = detail.row.help_route
    every = bench.engine.find_replies("", None)
    if not entry.light and asks_twice(route, entry, every):
        why = f"the help route {route} is open, and {entry.id} is no help for it"
        raise Failure(Exit.HUMAN, f"not sent: {why}; --sure sends it all the same")


def _read(file: TextIO) -> str:
    try:
        text = file.read().strip()
    except UnicodeDecodeError:
        raise Failure(Exit.USAGE, f"{file.name} is not UTF-8 text") from None
    if not text:
        raise Failure(Exit.USAGE, f"{file.name} is empty: there is nothing to send")
    return text


def _entry(bench: Bench, name: str, language: str | None) -> Entry:
    """Return the entry, which has `language` if one was asked for. Raises Failure (usage)."""
    entries = {entry.id: entry for entry in bench.engine.find_replies("", None)}
    entry = entries.get(name)
    if entry is None:
        from modtui.config import nearest

        near = nearest(name, entries)
        known = ", ".join(entries) or "none"
        raise Failure(Exit.USAGE, f'the library has no entry "{name}"{near}; there are {known}')
    if language is not None and language not in entry.variants:
        raise Failure(Exit.USAGE, f"{name} has no {language}: it has {', '.join(entry.variants)}")
    return entry


def _from_library(
    bench: Bench, detail: ThreadDetail, entry: Entry, answer: Reply, said: _Said
) -> tuple[Command, ...]:
    variant = entry.variant((answer.language,) if answer.language else ())
    strange = next((name for name in said.typed if name not in variant.placeholders), None)
    if strange is not None:
        there = ", ".join(variant.placeholders) or "nothing to fill"
        raise Failure(Exit.USAGE, f"{entry.id} has no {{{strange}}} to --set: it has {there}")
    filled = bench.engine.fill(detail, entry, variant, said.typed)
    if filled.missing:
        missing = ", ".join(filled.missing)
        first = filled.missing[0]
        raise Failure(
            Exit.USAGE, f"{entry.id} is not filled here ({missing}): --set {first}=VALUE fills it"
        )
    ready = replace(
        answer, text=filled.text, language=filled.language, quick=entry.id, quotes=filled.quotes
    )
    for each in bench.engine.left_out(detail, entry, ready):
        plain.warn(f"{entry.id} without {each}")
    return bench.engine.follow_ups(detail, entry, ready, said.chosen)


@click.command()
@thread_argument
@click.argument("text")
def note(thread: str, text: str) -> int:
    """Write a note on the thread that only the team sees."""

    async def work(bench: Bench) -> str:
        row = (await detail_of(bench, thread)).row
        return await at_once(bench, Note(thread=row.id, revision=row.revision, text=text))

    return local(work)


@click.command()
@thread_argument
@click.option("--team", required=True, help="Name of a [[team]].")
@click.option("--note", required=True, help="What the team has to know.")
@acting
def escalate(thread: str, team: str, note: str, patience: Patience) -> int:
    """Hand the thread to a team, and tell it through its account."""

    def build(bench: Bench, detail: ThreadDetail) -> Sequence[Command]:
        teams = {one.name: one for one in bench.engine.desk.teams}
        if team not in teams:
            known = f"there is {', '.join(teams)}" if teams else "no [[team]] is configured"
            raise Failure(Exit.USAGE, f'there is no team "{team}": {known}')
        reach = teams[team].reach
        return (
            Escalate(
                thread=detail.row.id,
                revision=detail.row.revision,
                team=team,
                note=note,
                account=reach.account if reach else None,
                to=reach.channel if reach else "",
            ),
        )

    return act(thread, build, patience)
