"""A guide asked one question a line, for `modtui init` on a terminal."""

from __future__ import annotations

import asyncio

import click

from modtui.cli import plain
from modtui.domain.guide import Guide, Question

BACK = "<"


def walk_through(guide: Guide) -> None:
    """Ask every question of `guide` on the terminal. Raises click.Abort at Ctrl+C."""
    plain.say(f"{guide.title}. {BACK} goes back one question, Ctrl+C leaves.")
    told = None
    while (question := guide.question) is not None:
        if told != question:
            _tell(question)
            told = question
        text = _ask(question)
        if text.strip() == BACK:
            if not guide.back():
                plain.warn("this is the first question")
            continue
        value = _picked(question, text.strip()) if question.ask == "pick" else text
        why = _not_to_be_picked(question, value) or asyncio.run(guide.answer(value or ""))
        if why:
            plain.warn(why)


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
        text: str = click.prompt(
            f"{question.title}{kept}", hide_input=True, default="", show_default=False
        )
        return text
    if question.ask == "pick":
        keys = {option.value: option.key for option in question.options}
        text = click.prompt("Which", default=keys.get(question.answer))
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
