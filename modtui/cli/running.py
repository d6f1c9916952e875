"""The app and the demo: what needs the screens. Nothing here needs the words of a command line."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modtui.cli.compose import (
    Setup,
    credentials_of,
    machine_moderator,
    open_store,
    plan,
    runtime,
    set_up,
    shelf,
    wall,
)
from modtui.cli.exits import Exit, Failure, told
from modtui.cli.failure import failing, need_memory
from modtui.cli.leaving import Deadline, Drain, tell_nobody
from modtui.cli.redacting import REDACT
from modtui.cli.showing import ability, standard_theme
from modtui.config import Config, Paths, nearest, write_private
from modtui.domain.model import Draft
from modtui.domain.trouble import NO_MEMORY, is_gone, is_starved
from modtui.lean import lighten
from modtui.store import Corrupt, OpenStore
from modtui.themes import ThemeFile, find_themes, one_of_ours

if TYPE_CHECKING:
    from modtui.app import ModTui
    from modtui.cli.guide import Walk
    from modtui.keymap import Keymap
    from modtui.terminal.app import TerminalApp

SETTLED_SECONDS = 1.0

SWITCH_SECONDS = 0.0005
"""After so long a thread that computes lets another go on. A key asks for its turn some ten times
until it is painted, and threads that take in a flood would keep it waiting for 5 ms each time."""


def open_app(*, practice: bool = False, read_only: bool = False) -> None:
    """Open the app; the first time, lead to a first account. `practice`: nothing is sent;
    `read_only`: a lead's session."""
    with failing():
        setup = set_up()
    if not setup.accounts:
        _need_terminal_for_a_first_run()
        first = _first_run(setup)
        if first is None:
            return
        setup = first
    _need_terminal()
    # What is only looked at needs no secret.
    setup, reports = setup if read_only else unlocked(setup, _guided), setup.paths.state
    if not practice:
        _run(setup, reports, read_only=read_only)
        return
    from modtui.cli.practice import practising

    with failing(), practising(setup) as copy:
        _run(copy, reports)


def _need_terminal_for_a_first_run() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            Exit.CONFIGURATION,
            "no account is configured: modtui init connects a community, modtui demo needs none",
        )


def _first_run(setup: Setup) -> Setup | None:
    """Guide through a first account; return the setup with it, None where there is none to open."""
    from modtui.cli.guide import Said, Walk
    from modtui.cli.keeping import account_steps

    walk = Walk(
        Said(setup, setup.config.desk.moderator),
        lambda said: account_steps(said, first=True),
        "first run",
    )
    if not _guided(walk, setup):
        return None
    if walk.said.demo:
        run_demo(threads=40, rate=10.0, seed=1)
        return None
    return walk.said.written


def unlocked(setup: Setup, guided: Callable[[Walk, Setup], bool]) -> Setup:
    """Ask for the passphrase of the vault, and for the secrets that are kept in memory alone, one
    account after the other. `guided` asks, and says whether it came to an end."""
    locked = any(setup.credentials.locked(account.wanted) for account in setup.accounts)
    if not locked and not any(setup.credentials.unsaid(a.wanted) for a in setup.accounts):
        return setup
    from modtui.cli.guide import Said, Walk
    from modtui.cli.keeping import Who, secret_steps
    from modtui.cli.places import VaultPhrase
    from modtui.credentials import VaultFailed, unlock_unattended

    without = "opens the queue without it"
    try:
        locked = locked and not unlock_unattended(setup.credentials.vault, os.environ)
    except VaultFailed as error:
        # Here somebody can be asked instead.
        told(str(error), Exit.DONE)
    if locked:
        said = Said(setup, setup.config.desk.moderator, store="vault")
        guided(Walk(said, lambda said: [VaultPhrase()], "the vault", without), setup)
    for account in setup.accounts:
        if not setup.credentials.unsaid(account.wanted):
            continue
        said = Said(
            setup,
            setup.config.desk.moderator,
            connector=account.connector,
            name=account.name,
            url=str(account.settings.get("url") or ""),
            store="session",
            known=account,
            bound=account.wanted.origin,
        )
        walk = Walk(
            said,
            lambda said: [*secret_steps(said), Who()],
            f"the secret of {account.name}",
            without,
        )
        if guided(walk, setup):
            setup.credentials.keep(account.wanted, walk.said.secrets)
    return setup


def _guided(walk: Walk, setup: Setup) -> bool:
    """Walk the guide on the screen; return whether it came to its end. Leaves where it was left."""
    from modtui.credentials import seal_memory
    from modtui.first_run import FirstRun

    lighten()
    seal_memory()
    gc.enable()
    app = FirstRun(walk, setup.config.desk.moderator.keyboards, crash_folder=setup.paths.state)
    app.redact = REDACT
    paint(app, setup)
    app.deadline = Deadline(app)
    walked = app.run()
    if app.return_code or walked is None:
        raise SystemExit(app.return_code or 0)
    return walked


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            Exit.USAGE, "the app needs a terminal: modtui queue and modtui status do without one"
        )


def _run(setup: Setup, reports: Path, *, keeps: bool = True, read_only: bool = False) -> None:
    """Run the app over the configured store; leave with its code.

    `reports`: after a crash; `keeps`: the store outlives the app, so that deliveries can be gone
    on with, and another theme may be written into the configuration.
    """
    is_short = need_memory()
    lighten()
    drain = Drain() if keeps and not (setup.practice or read_only) else None
    with failing():
        keymap = _keymap(setup.config)
        store = opened(setup)
    try:
        from modtui.app import LeadTui, ModTui
        from modtui.cli.reloading import Reloader
        from modtui.engine.live import LiveEngine
        from modtui.widgets.host import Themes

        library = shelf(setup)
        what = plan(setup, read_only=read_only, library=library)
        engine = LiveEngine(store, what, runtime())
        app = (LeadTui if read_only else ModTui)(engine, crash_folder=reports, drain=drain)
        app.redact = REDACT
        app.deadline = Deadline(app, drain)
        app.at_rest = store.at_rest
        app.scratch = reports / "editing" if keeps else None
        app.use_keys(keymap)
        app.themes = Themes(paint(app, setup), partial(_keep_theme, setup) if keeps else None)
        app.evidence = partial(_evidence, setup.paths.state / "evidence") if keeps else None
        if keeps:
            app.reload = Reloader(app, setup, library, paint).look
        app.begun, app.is_short = _heed_keys, is_short
        _to_the_end(app)
    finally:
        store.close_here()
    part(app, engine.unsaved(), setup)
    if drain is not None and drain.trouble:
        trouble = f"modtui drain could not start ({drain.trouble})"
        told(f"{trouble}: deliveries wait for the next start", Exit.DONE)
    if app.return_code == 128 + signal.SIGHUP:
        tell_nobody()
    if app.return_code:
        raise SystemExit(app.return_code)


def _to_the_end(app: ModTui) -> None:
    """Run the app; an end for want of memory, too, leaves one whose drafts can be asked for."""
    try:
        app.run()
    except (MemoryError, RuntimeError) as error:
        if not is_starved(error):
            raise
        app.parting = app.parting or NO_MEMORY


def opened(setup: Setup) -> OpenStore:
    """Open the store. Where it is damaged, what matters most of it is kept in a file first.
    Raises StoreError, OSError."""
    try:
        return open_store(setup.paths.store)
    except Corrupt as error:
        from modtui.cli.rescuing import keep_readable

        raise Corrupt(f"{error}\n{keep_readable(setup)}") from error


def part(app: ModTui, unsaved: Sequence[Draft], setup: Setup) -> None:
    """Keep what the store did not take, and say why the app could not go on. Raises Failure with
    both, but for an app that a signal or a crash ended: those have a code of their own."""
    why = app.parting
    if not why and not unsaved:
        return
    from modtui.cli.rescuing import keep_drafts, keep_readable

    damaged = why not in ("", NO_MEMORY) and not is_gone(app.engine.trouble())
    lines = [why, keep_drafts(setup, unsaved), keep_readable(setup) if damaged else ""]
    if app.return_code in (None, 0, Exit.CONFIGURATION):
        raise Failure(Exit.CONFIGURATION, "\n".join(line for line in lines if line))


def _keep_theme(setup: Setup, name: str) -> str:
    """Keep the theme `name` for good; return one line that says where. Raises OSError."""
    from modtui.cli.theming import keep_theme

    return keep_theme(setup, name)


def _evidence(folder: Path, name: str, content: bytes) -> str:
    """Write a new file into `folder`; return its path. Raises OSError."""
    path = folder / f"{name}-{wall():%Y%m%dT%H%M%S%f}.json"
    write_private(path, content)
    return str(path)


def _heed_keys() -> None:
    """Let threads take short turns. Look for garbage again, but never among what the start made:
    that stays, and what little of it is garbage is not worth the time in which no key is heard."""
    sys.setswitchinterval(SWITCH_SECONDS)

    def freeze() -> None:
        gc.freeze()
        gc.enable()

    asyncio.get_running_loop().call_later(SETTLED_SECONDS, freeze)


def _keymap(config: Config) -> Keymap:
    """Return the keys in force. Raises ConfigError."""
    if not config.keys:
        from modtui.keymap import DECLARED

        return DECLARED
    from modtui.cli.keys import keymap_of

    return keymap_of(config)


def paint(app: TerminalApp[Any], setup: Setup) -> Callable[[], tuple[str, ...]]:
    """Give the app the configured theme, and what the terminal can show of it; return what gives it
    all that it could have, and returns their names.

    Raises Failure (configuration) where it cannot be had. A bad file in the user's folder matters
    only to who asks for it: `doctor` names it.
    """
    if not app.is_running:
        app.use(ability(setup.config))
    wanted = setup.config.theme or standard_theme()
    alone = one_of_ours(wanted, setup.paths.themes)
    if alone is not None:
        _offer(app, (alone,))
        app.theme = wanted
        return lambda: _offer(app, find_themes(setup.paths.themes).themes.values())
    shelf = find_themes(setup.paths.themes)
    names = _offer(app, shelf.themes.values())
    if wanted in shelf.problems:
        raise Failure(Exit.CONFIGURATION, str(shelf.problems[wanted]))
    if wanted not in app.available_themes:
        where = f"{setup.config.theme_at}: theme: " if setup.config.theme_at else ""
        hint, known = nearest(wanted, shelf.themes), ", ".join(sorted(shelf.themes))
        what = f'{where}there is no theme "{wanted}"{hint}: {known}'
        broken = (str(problem) for problem in shelf.problems.values())
        raise Failure(Exit.CONFIGURATION, "\n".join((what, *broken)))
    app.theme = wanted
    return lambda: names


def _offer(app: TerminalApp[Any], themes: Iterable[ThemeFile]) -> tuple[str, ...]:
    """Let the app be able to wear `themes`; return their names."""
    from textual.theme import Theme

    names = []
    for file in themes:
        colours: dict[str, Any] = dict(file.colours)
        app.register_theme(
            Theme(file.name, dark=file.dark, variables=file.variables, ansi=file.ansi, **colours)
        )
        names.append(file.name)
    return tuple(names)


def run_demo(threads: int, rate: float, seed: int) -> None:
    """Open the app over a pretend community in a folder that is gone afterwards."""
    _need_terminal()
    with tempfile.TemporaryDirectory(prefix="modtui-demo-") as folder:
        setup = demo_setup(Path(folder), threads, rate, seed)
        _run(setup, Path(tempfile.gettempdir()), keeps=False)


def demo_setup(folder: Path, threads: int, rate: float, seed: int) -> Setup:
    """Return the setup of the pretend community, with its store in `folder`."""
    from modtui.cli import demo as pretend

    desk = pretend.desk(machine_moderator(os.environ))
    policies = pretend.policies()
    calendars = {policy.calendar.name: policy.calendar for policy in policies}
    paths = Paths(folder, folder / "state", folder / "cache")
    return Setup(
        paths,
        Config(desk, policies, calendars, ()),
        pretend.accounts(threads, rate, seed),
        credentials_of(paths, {}),
    )
