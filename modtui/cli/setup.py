"""init: an account more, written to config.d/NAME.toml; the user's own file is never touched."""

from __future__ import annotations

import sys

import click

from modtui.cli import plain
from modtui.cli.compose import Setup, set_up
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import failing
from modtui.cli.writing import Wish, check_name, settings_of, written
from modtui.connectors.registry import KINDS


@click.command()
@click.option("--demo", is_flag=True, help="A pretend community as an ordinary account.")
@click.option("--connector", help=f"One of {', '.join(KINDS)}.")
@click.option("--name", help="Name of the account: a to z, 0 to 9 and -.")
@click.option("--url", help="Address of the platform.")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A key of the connector.")
def init(
    demo: bool, connector: str | None, name: str | None, url: str | None, pairs: tuple[str, ...]
) -> int:
    """Connect an account. Asks on a terminal, or takes everything from the options."""
    if demo and connector not in (None, "demo"):
        raise Failure(Exit.USAGE, "either --demo or --connector")
    connector = "demo" if demo else connector
    if connector is None:
        if not sys.stdin.isatty():
            raise Failure(
                Exit.USAGE, "which one: --demo, or --connector matrix --name NAME --url URL"
            )
        return _asked()
    wish = Wish(connector, name or connector, url or "", settings_of(connector, pairs))
    with failing():
        before = set_up()
        check_name(before, wish.name)
        with written(before, wish) as after:
            _told(after, wish.name)
    one = after.account(wish.name)
    if one and (one.wanted.required or one.kind.approve is not None):
        plain.say(f"Next: modtui login {wish.name}")
    else:
        plain.say("Next: modtui")
    return Exit.DONE


def _asked() -> int:
    """Ask for an account on the terminal, in the steps of the first run, and write it."""
    from modtui.cli.guide import Said, Walk
    from modtui.cli.keeping import account_steps
    from modtui.cli.prompts import walk_through

    with failing():
        setup = set_up()
        said = Said(setup, setup.config.desk.moderator)
        walk = Walk(said, lambda said: account_steps(said, first=False), "A new account")
        walk_through(walk)
    if walk.said.written is not None:
        plain.say("")
        _told(walk.said.written, walk.said.name)
    plain.say("Next: modtui")
    return Exit.DONE


def _told(setup: Setup, name: str) -> None:
    from modtui.cli.keeping import policy_words

    plain.say(f"Written: {setup.paths.config_more / f'{name}.toml'}")
    person = setup.config.desk.moderator
    plain.say(f"You are {person.name}; times are in {person.timezone}.")
    plain.say(policy_words())
