"""The app, the demo, and the table of keys: what needs the screens."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modtui.cli import no_diff_option
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
from modtui.cli.keys import keymap_of
from modtui.config import Config, Paths, nearest
from modtui.credentials import Child, Credentials
from modtui.themes import DEFAULT, find_themes

if TYPE_CHECKING:
    from textual.driver import Driver

    from modtui.app import ModTui


def open_app(*, diff: bool) -> None:
    """Open the app; the first time, lead to a first account. `diff`: write only what changed."""
    with failing():
        setup = set_up()
    if not setup.accounts:
        _first_run(diff=diff)
        return
    _need_terminal()
    _run(setup, setup.paths.state, diff=diff)


def _first_run(*, diff: bool) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            Exit.CONFIGURATION,
            "no account is configured: modtui init connects a community, modtui demo needs none",
        )
    click.echo("Nothing is configured yet.\n  1  try the demo\n  2  connect a community")
    if click.prompt("Which", type=click.Choice(["1", "2"]), default="1") == "1":
        run_demo(threads=40, rate=10.0, seed=1, diff=diff)
        return
    from modtui.cli.setup import guide

    guide()


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            Exit.USAGE, "the app needs a terminal: modtui queue and modtui status do without one"
        )


def _run(setup: Setup, reports: Path, *, diff: bool) -> None:
    """Run the app over the configured store; leave with its code. `reports`: after a crash."""
    with failing():
        keymap = keymap_of(setup.config)
        store = open_store(setup.paths.store)
    try:
        from modtui.app import ModTui
        from modtui.engine.live import LiveEngine

        engine = LiveEngine(store, plan(setup), runtime())
        app = ModTui(engine, driver_class=_driver() if diff else None, crash_folder=reports)
        app.use_keys(keymap)
        paint(app, setup)
        app.run()
    finally:
        asyncio.run(store.close())
    if app.return_code:
        raise SystemExit(app.return_code)


def _driver() -> type[Driver] | None:
    from modtui.terminal import driver_for

    streams = (sys.__stdin__, sys.__stderr__)
    return driver_for(os.environ, terminal=all(s is not None and s.isatty() for s in streams))


def paint(app: ModTui, setup: Setup) -> None:
    """Give the app the configured theme. Raises Failure (configuration) where it cannot be had.

    A bad file in the user's folder matters only to who asks for it: `doctor` names it.
    """
    from textual.theme import Theme

    wanted, shelf = setup.config.theme or DEFAULT, find_themes(setup.paths.themes)
    for file in shelf.themes.values():
        colours: dict[str, Any] = dict(file.colours)
        app.register_theme(
            Theme(file.name, dark=file.dark, variables=file.variables, ansi=file.ansi, **colours)
        )
    if wanted in shelf.problems:
        raise Failure(Exit.CONFIGURATION, str(shelf.problems[wanted]))
    if wanted not in app.available_themes:
        where = f"{setup.config.theme_at}: theme: " if setup.config.theme_at else ""
        hint, known = nearest(wanted, shelf.themes), ", ".join(sorted(shelf.themes))
        what = f'{where}there is no theme "{wanted}"{hint}: {known}'
        broken = (str(problem) for problem in shelf.problems.values())
        raise Failure(Exit.CONFIGURATION, "\n".join((what, *broken)))
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
@no_diff_option
@click.pass_context
def demo(ctx: click.Context, threads: int, rate: float, seed: int, no_diff: bool) -> None:
    """Open a whole pretend community: no account, nothing kept."""
    whole = no_diff or ctx.find_root().params.get("no_diff", False)
    run_demo(threads, rate, seed, diff=not whole)


def run_demo(threads: int, rate: float, seed: int, *, diff: bool) -> None:
    """Open the app over a pretend community in a folder that is gone afterwards."""
    _need_terminal()
    with tempfile.TemporaryDirectory(prefix="modtui-demo-") as folder:
        setup = demo_setup(Path(folder), threads, rate, seed)
        _run(setup, Path(tempfile.gettempdir()), diff=diff)


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
