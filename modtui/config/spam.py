"""The section [spam]: what a team calls spam, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from modtui.config.reader import Table, nearest
from modtui.domain.help_routes import Pattern, by_head, pattern
from modtui.domain.spam import SIGNS, WORDS, SpamRules, Step, step

LONGEST = timedelta(hours=24)
WITHIN = timedelta(minutes=10)
TIMES = 3
LADDER = ("warn", "mute 1h", "mute 1d", "ban 7d", "ban")


def read_rules(table: Table) -> SpamRules:
    """Return what [spam] says, its problems noted."""
    table.only(("words", "times", "within", "ladder", "automatic"))
    within = table.duration("within", WITHIN) or WITHIN
    if within > LONGEST:
        table.problem("within", 'is too long: "1m" to "24h"')
    times = table.number("times", TIMES)
    if times == 1:
        table.problem("times", "1 would be everybody: 2 or more, or 0 for never")
    automatic = table.texts("automatic")
    for sign in automatic:
        if sign not in SIGNS:
            known = ", ".join(SIGNS)
            table.problem("automatic", f'"{sign}" is not one of {known}{nearest(sign, SIGNS)}')
    rules = SpamRules(by_head(_words(table)), times, within, tuple(_ladder(table)), automatic)
    if automatic and not table.problems and (why := _idle(rules)):
        table.problem("automatic", why)
    return rules


def _idle(rules: SpamRules) -> str:
    """Return why what is to act by itself never does; "" where it may."""
    if WORDS in rules.automatic and not rules.words.each:
        return '"words" finds nothing: there are no words'
    if not rules.times and set(rules.automatic) - {WORDS}:
        return "nothing is counted: times is 0"
    if all(rung.for_good for rung in rules.ladder):
        return "does nothing: the ladder has no step that is not for good"
    return ""


def _words(table: Table) -> Iterator[Pattern]:
    for text in table.texts("words"):
        try:
            yield pattern("", text)
        except ValueError as error:
            table.problem("words", str(error))


def _ladder(table: Table) -> Iterator[Step]:
    for text in table.texts("ladder", LADDER):
        try:
            yield step(text)
        except ValueError as error:
            table.problem("ladder", str(error))
