"""Kinds of options that several commands take."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

import click

from modtui.config import parse_duration

F = TypeVar("F", bound=Callable[..., Any])


def span(ctx: click.Context, param: click.Parameter, value: str | None) -> timedelta | None:
    """Return the duration that an option holds, such as 30m, 2h or 7d (a click callback)."""
    if value is None:
        return None
    try:
        return parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def thread_argument(function: F) -> F:
    """Add the argument THREAD: the store's number, or the thread's URL."""
    return click.argument("thread", metavar="THREAD")(function)


def for_option(function: F) -> F:
    """Add the option `--for DURATION`; its value is a timedelta, or None for no end."""
    return click.option(
        "--for", "span", metavar="DURATION", callback=span, help="How long: 30m, 2h, 7d."
    )(function)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for receipts, in seconds. `wait` False: not at all."""

    timeout: float
    wait: bool


def acting(function: F) -> F:
    """Add the options of every command that waits for a receipt, handed on as `patience`."""

    @functools.wraps(function)
    def waiting(*args: Any, timeout: float, no_wait: bool, **more: Any) -> Any:
        return function(*args, patience=Patience(timeout, not no_wait), **more)

    wait = click.option("--no-wait", is_flag=True, help="Queue it and say who will send it.")
    limit = click.option(
        "--timeout",
        type=click.FloatRange(0.1),
        default=60.0,
        show_default=True,
        help="Seconds to wait for the receipt.",
    )
    return cast(F, wait(limit(waiting)))
