"""The app, the demo, and the table of keys: what needs the screens."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modtui.cli.compose import (
    Setup,
    machine_moderator,
    open_store,
    plan,
    runtime,
    set_up,
)
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import failing
from modtui.cli.reading import AS_JSON
from modtui.config import Config, Paths, Where, nearest
from modtui.credentials import Child, Credentials
from modtui.themes import DEFAULT

if TYPE_CHECKING:
    from modtui.app import ModTui
    from modtui.keymap import Line


def open_app() -> None:
    """Open the app; the first time, lead to a first account."""
    with failing():
        setup = set_up()
    if not setup.accounts:
        _first_run()
        return
    _need_terminal()
    _run(setup, setup.paths.state)


def _first_run() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            Exit.CONFIGURATION,
            "no account is configured: modtui init connects a community, modtui demo needs none",
        )
    click.echo("Nothing is configured yet.\n  1  try the demo\n  2  connect a community")
    if click.prompt("Which", type=click.Choice(["1", "2"]), default="1") == "1":
        run_demo(threads=40, rate=10.0, seed=1)
        return
    from modtui.cli.setup import guide

    guide()


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            Exit.USAGE, "the app needs a terminal: modtui queue and modtui status do without one"
        )


def _run(setup: Setup, reports: Path) -> None:
    """Run the app over the configured store; leave with its code. `reports`: after a crash."""
    with failing():
        store = open_store(setup.paths.store)
    try:
        from modtui.app import ModTui
        from modtui.engine.live import LiveEngine

        app = ModTui(LiveEngine(store, plan(setup), runtime()), crash_folder=reports)
        paint(app, setup.config.theme or DEFAULT, setup.config.theme_at)
        app.run()
    finally:
        asyncio.run(store.close())
    if app.return_code:
        raise SystemExit(app.return_code)


def paint(app: ModTui, wanted: str, at: Where | None = None) -> None:
    """Give the app the theme that stands `at` a place. Raises Failure for an unknown one."""
    from textual.theme import Theme

    from modtui.themes import ThemeError, all_themes

    try:
        for file in all_themes():
            colours: dict[str, Any] = dict(file.colours)
            theme = Theme(file.name, dark=file.dark, variables=file.variables, **colours)
            app.register_theme(theme)
    except ThemeError as error:
        raise Failure(Exit.CONFIGURATION, str(error)) from error
    if wanted not in app.available_themes:
        known = ", ".join(sorted(app.available_themes))
        hint = nearest(wanted, app.available_themes)
        where = f"{at}: theme: " if at else ""
        raise Failure(Exit.CONFIGURATION, f'{where}there is no theme "{wanted}"{hint}: {known}')
    app.theme = wanted


@click.command()
@click.option(
    "--threads", type=click.IntRange(1, 200_000), default=40, show_default=True,
    help="Flagged threads at the start.",
)  # fmt: skip
@click.option(
    "--rate", type=click.FloatRange(0, 10_000), default=10.0, show_default=True,
    metavar="PER_MINUTE", help="New happenings a minute.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
def demo(threads: int, rate: float, seed: int) -> None:
    """Open a whole pretend community: no account, nothing kept."""
    run_demo(threads, rate, seed)


def run_demo(threads: int, rate: float, seed: int) -> None:
    """Open the app over a pretend community in a folder that is gone afterwards."""
    _need_terminal()
    with tempfile.TemporaryDirectory(prefix="modtui-demo-") as folder:
        _run(demo_setup(Path(folder), threads, rate, seed), Path(tempfile.gettempdir()))


def demo_setup(folder: Path, threads: int, rate: float, seed: int) -> Setup:
    """Return the setup of the pretend community, with its store in `folder`."""
    from modtui.cli import demo as pretend

    desk = pretend.desk(machine_moderator(os.environ))
    policies = pretend.policies()
    calendars = {policy.calendar.name: policy.calendar for policy in policies}
    return Setup(
        Paths(folder, folder / "state", folder / "cache"),
        Config(desk, policies, calendars, ()),
        pretend.accounts(threads, rate, seed),
        Credentials("demo", {}, Child()),
    )


@click.command()
@AS_JSON
@click.option("--markdown", is_flag=True, help="As a Markdown table.")
def keys(as_json: bool, markdown: bool) -> None:
    """List every key and what it does."""
    lines = key_table()
    if as_json:
        from modtui.cli.shapes import print_json

        document = [{"id": x.id, "keys": x.keys, "does": x.does, "how": x.how} for x in lines]
        print_json({"keys": document})
    elif markdown:
        click.echo(markdown_keys())
    else:
        from modtui.cli.plain import table

        table((line.keys, line.does, line.how) for line in lines)


def markdown_keys() -> str:
    """Return the key table as Markdown."""
    rows = (f"| `{line.keys}` | {line.does} | {line.how} |" for line in key_table())
    return "\n".join(("| key | what it does | |", "|---|---|---|", *rows))


def key_table() -> tuple[Line, ...]:
    """Return every key that is declared, in the order of the screens."""
    from modtui import app
    from modtui.keymap import table
    from modtui.screens.accounts import AccountsScreen
    from modtui.screens.deliveries import DeliveriesScreen
    from modtui.screens.queue import QueueScreen
    from modtui.screens.thread import ThreadScreen
    from modtui.widgets.queue_list import QueueList
    from modtui.widgets.thread_pane import Posts

    moving = (QueueList.ACTIONS, Posts.ACTIONS)
    return table(
        *moving,
        QueueScreen.ACTIONS,
        ThreadScreen.ACTIONS,
        DeliveriesScreen.ACTIONS,
        AccountsScreen.ACTIONS,
        app.ACTIONS,
    )
