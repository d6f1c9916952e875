"""A guide asked one question a line, for `modtui init` on a terminal."""

from __future__ import annotations

import asyncio

import click

from modtui.cli import plain
from modtui.cli.hidden import ask_hidden
from modtui.domain.guide import Guide, Question

BACK = "<"


def walk_through(guide: Guide) -> bool:
    """Ask every question of `guide` on the terminal; return whether that came to an end, and was
    not left at the first where that is a way on. Raises click.Abort at Ctrl+C."""
    first = f", at the first it {guide.escape}" if guide.escape else ""
    title = guide.title[:1].upper() + guide.title[1:]
    plain.say(f"{title}. {BACK} goes back one question{first}, Ctrl+C leaves.")
    told = None
    while (question := guide.question) is not None:
        if told != question:
            _tell(question)
            told = question
        text = _ask(question)
        if text.strip() == BACK:
            if not guide.back():
                if guide.escape:
                    return False
                plain.warn("this is the first question")
            continue
        value = _picked(question, text.strip()) if question.ask == "pick" else text
        why = _not_to_be_picked(question, value) or asyncio.run(guide.answer(value or ""))
        if why:
            plain.warn(why)
    return True


def _tell(question: Question) -> None:
    plain.say("")
    plain.say(question.title)
    for line in question.lines:
        plain.say(f"  {line}")
    for option in question.options:
        off = f" (not here: {option.off})" if option.off else ""
        plain.say(f"  {option.key}  {option.label}{off}")


def _ask(question: Question) -> str:
    if question.ask == "secret":
        kept = " (Enter keeps what was typed)" if question.kept else ""
        return ask_hidden(f"{question.title}{kept}")
    if question.ask == "pick":
        keys = {option.value: option.key for option in question.options}
        text: str = click.prompt("Which", default=keys.get(question.answer))
        return text
    text = click.prompt(question.title, default=question.answer, show_default=bool(question.answer))
    return text


def _picked(question: Question, text: str) -> str | None:
    """Return the value that was picked by its key or by itself, or None."""
    found = (o.value for o in question.options if text in (o.key, o.value))
    return next(found, None)


def _not_to_be_picked(question: Question, value: str | None) -> str:
    if question.ask != "pick":
        return ""
    option = next((each for each in question.options if each.value == value), None)
    if option is None:
        return f"one of {', '.join(each.key for each in question.options)}"
    return option.off and f"{option.label}: {option.off}"
