"""extra: what few platforms can do, by its name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from modtui.cli.delivering import Bench, act
from modtui.cli.exits import Exit, Failure
from modtui.cli.options import Patience, acting, for_option, thread_argument
from modtui.domain.commands import Capability, Command, DoExtra, Extra
from modtui.domain.views import ThreadDetail

_NAMES = {extra.value.replace("_", "-"): extra for extra in Extra}


@click.command()
@thread_argument
@click.argument("what", type=click.Choice(tuple(_NAMES)))
@click.option("--value", default="", help="The score, the tag, or the flag of a reporter.")
@click.option("--off", is_flag=True, help="Take it off again.")
@for_option
@click.option("--reason", default="", help="Why; Mastodon mails it to the author.")
@acting
def extra(
    thread: str,
    what: str,
    value: str,
    off: bool,
    span: timedelta | None,
    reason: str,
    patience: Patience,
) -> int:
    """Do what few platforms can. Reopen, freeze, tag, score and the like."""
    wanted = _NAMES[what]

    def build(bench: Bench, detail: ThreadDetail) -> Sequence[Command]:
        row = detail.row
        _need(bench, row.account, wanted)
        named = value or (_reporter(detail) if wanted is Extra.MUTE_REPORTER else "")
        return (
            DoExtra(
                thread=row.id,
                revision=row.revision,
                extra=wanted,
                on=not off,
                value=named,
                seconds=None if span is None else int(span.total_seconds()),
                reason=reason,
            ),
        )

    return act(thread, build, patience)


def _need(bench: Bench, account: str, wanted: Extra) -> None:
    """Raise Failure (usage) that names what of the kind the platform has."""
    offers = {each: bench.engine.offer(account, Capability(each.value)) for each in Extra}
    if offers[wanted].able:
        return
    able = [f"{name} ({offers[e].name})" for name, e in _NAMES.items() if offers[e].able]
    why = offers[wanted].reason or f"{account} cannot do that"
    has = f"; it has {', '.join(able)}" if able else ", nor anything of the kind"
    raise Failure(Exit.USAGE, f"{why}{has}")


def _reporter(detail: ThreadDetail) -> str:
    """Return the flag of the only one who reported. Raises Failure (usage) that lists them."""
    by = {flag.by: flag.key for flag in detail.flags if flag.by}
    if len(by) == 1:
        return next(iter(by.values()))
    known = ", ".join(f"--value {key} is {who}" for who, key in by.items())
    raise Failure(Exit.USAGE, f"say whose report: {known or 'nobody is known to have reported'}")
