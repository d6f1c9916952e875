"""doctor: is everything there that modtui needs, one check a line."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from modtui.cli import plain, shapes
from modtui.cli.compose import Setup, open_store, set_up, wall
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import failing
from modtui.cli.keyrings import keyring_report
from modtui.cli.login import identity_lines, meet
from modtui.cli.reading import AS_JSON, accounts_of
from modtui.cli.showing import ability, ability_words, standard_theme
from modtui.cli.unlocking import unlock
from modtui.cli.unserved import unserved
from modtui.config import ConfigError, find_paths, private_folder
from modtui.credentials import (
    CredentialsError,
    Health,
    KeyringState,
    VaultFailed,
    no_vault,
    variable,
)
from modtui.domain.secret import Secret
from modtui.domain.words import to_go
from modtui.engine.library import Library
from modtui.private import changeable, close_all, own_folder
from modtui.store import Corrupt, Emptied, StoreError
from modtui.store.emptied import check_emptied
from modtui.store.rescue import check_ours, flaws
from modtui.themes import find_themes


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `code` is what its failure means; `detail` says what is so."""

    name: str
    ok: bool
    detail: str
    code: Exit = Exit.DONE


@click.command()
@click.argument("what", required=False, type=click.Choice(["keyring"]))
@AS_JSON
@click.option("--recover", "again", is_flag=True, help="Make a damaged queue anew.")
def doctor(what: str | None, as_json: bool, again: bool) -> int:
    """Say what is configured, reachable and allowed.

    Configuration, folders, store, keyring, and each account's identity and rights. `doctor keyring`
    looks at the system keyring alone, and says what does without it. `--recover` puts a queue made
    of what can be read in the place of a damaged one, which is kept beside it.
    """
    if again:
        return _recover()
    if what == "keyring":
        return keyring_report(as_json)
    checks = []
    for check in _checks():
        checks.append(check)
        if not as_json:
            plain.say(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}")
    failed = [check for check in checks if not check.ok]
    if as_json:
        listed = [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in checks]
        shapes.print_json({"ok": not failed, "checks": listed})
    return failed[0].code if failed else Exit.DONE


def _checks() -> Iterator[Check]:
    paths = find_paths(os.environ)
    for name, folder in (("config", paths.config), ("state", paths.state), ("cache", paths.cache)):
        try:
            (private_folder if name == "config" else own_folder)(folder)
            ok = os.access(folder, os.W_OK)
            words = str(folder) if ok else f"{folder} cannot be written"
            yield Check(f"folder {name}", ok, words, Exit.CONFIGURATION)
            yield from _others(name, folder)
        except OSError as error:
            detail = f"{error.filename or folder}: {error.strerror}"
            yield Check(f"folder {name}", False, detail, Exit.CONFIGURATION)
    try:
        setup = set_up()
    except ConfigError as error:
        for problem in error.problems:
            yield Check("configuration", False, str(problem), Exit.CONFIGURATION)
        return
    files = ", ".join(setup.config.files) or "no file yet: modtui init"
    yield Check("configuration", True, f"{files}; {_counted(setup)}")
    yield _terminal(setup)
    yield _keys(setup)
    yield _themes(setup)
    yield _library(setup)
    yield _rules(setup)
    yield _store(setup)
    try:
        unlock(setup)
    except VaultFailed as error:
        yield Check("vault", False, str(error), Exit.CREDENTIALS)
    health, found = setup.credentials.survey(account.wanted for account in setup.accounts)
    yield from _keyring(setup, health)
    yield from _accounts(setup, found)
    yield from _left(setup)


def _terminal(setup: Setup) -> Check:
    try:
        return Check("terminal", True, ability_words(ability(setup.config)))
    except Failure as error:
        return Check("terminal", False, str(error), error.code)


def _others(name: str, folder: Path) -> Iterator[Check]:
    """Whether others can get at what is in a folder: what modtui writes there is closed."""
    mine = [folder / "config.d"] if name == "config" else [folder]
    closed = [path for each in mine if each.exists() for path in close_all(each)]
    if closed:
        shown = ", ".join(str(path) for path in closed[:3]) + (" …" if len(closed) > 3 else "")
        detail = f"closed now, as others could get at it: {shown}"
        yield Check(f"private {name}", False, detail, Exit.CONFIGURATION)
    if name == "config" and (open_ := changeable(folder)):
        # Who may write there names the program that is asked for secrets, and where they go.
        at = shlex.quote(str(open_[0]))
        detail = f"others may change {open_[0]}: chown it to yourself, and chmod go-w {at}"
        yield Check(f"private {name}", False, detail, Exit.CONFIGURATION)


def _keys(setup: Setup) -> Check:
    from modtui.cli.keys import keymap_of

    layouts = ", ".join(setup.config.desk.moderator.keyboards) or "us"
    try:
        moved = keymap_of(setup.config).moved
    except ConfigError as error:
        return Check("keys", False, "; ".join(str(error).splitlines()), Exit.CONFIGURATION)
    words = f"{len(moved)} moved by the keymap" if moved else "as they are declared"
    return Check("keys", True, f"{words}; keyboards {layouts}")


def _themes(setup: Setup) -> Check:
    shelf = find_themes(setup.paths.themes)
    broken = "".join(f"; {problem}" for problem in shelf.problems.values())
    worn = setup.config.theme or standard_theme()
    words = f"{worn}; there are {', '.join(sorted(shelf.themes))}{broken}"
    return Check("themes", not shelf.problems, words, Exit.CONFIGURATION)


def _library(setup: Setup) -> Check:
    library = Library([Path(folder) for folder in setup.config.desk.library_folders])
    problems = library.problems()
    words = f"{len(library.entries())} quick replies" + "".join(f"; {line}" for line in problems)
    return Check("library", not problems, words, Exit.CONFIGURATION)


def _rules(setup: Setup) -> Check:
    """What is looked for in what is sent and written; the team's own files were read before."""
    from modtui.domain.wording import RULES, Level
    from modtui.engine.rulebook import check_book, help_book

    desk = setup.config.desk
    checks, routes = check_book(desk), help_book(desk)
    on = sum(checks.levels.get(rule, Level.OFF) is not Level.OFF for rule in RULES)
    whose = "yours" if desk.check_book is not None else "as they came"
    words = "your words" if desk.help_book is not None else "the words that came with it"
    unheard = [route for route in desk.help_reasons if route not in routes.links]
    unasked = [route for route in routes.links if route not in desk.help_reasons]
    lands = dict.fromkeys(filter(None, (desk.country, *desk.countries.values())))
    bare = [land for land in lands if not any(routes.link(r, land) for r in routes.links)]
    notes = (
        f"{', '.join(unheard)} by flags alone" if unheard else "",
        f"never opened, as reasons do not name it: {', '.join(unasked)}" if unasked else "",
        f"no link for {', '.join(bare)}" if bare else "",
    )
    told = "; ".join(filter(None, notes))
    more = f" ({told})" if told else ""
    served = f"{len(desk.help_reasons)} help routes by {words}{more}"
    spam = "on" if desk.spam is not None else "off"
    return Check("rules", True, f"{on} of {len(RULES)} checks, {whose}; {served}; spam {spam}")


def _store(setup: Setup) -> Check:
    try:
        store = open_store(setup.paths.store)
        asyncio.run(store.close())
        wrong = flaws(setup.paths.store)
    except StoreError as error:
        return Check("store", False, str(error), Exit.CONFIGURATION)
    except OSError as error:
        detail = f"{setup.paths.store}: {error.strerror}"
        return Check("store", False, detail, Exit.CONFIGURATION)
    if wrong:
        detail = f"{setup.paths.store} is damaged: {'; '.join(wrong[:3])}: modtui doctor --recover"
        return Check("store", False, detail, Exit.CONFIGURATION)
    return Check("store", True, str(setup.paths.store))


def _counted(setup: Setup) -> str:
    count = len(setup.accounts)
    return f"{count} account{'' if count == 1 else 's'}"


def _recover() -> int:
    """Make the queue anew of what can be read of it, and say what became of it."""
    from modtui.cli.rescuing import keep_readable, recover

    with failing():
        setup = set_up()
        path = setup.paths.store
        try:
            check_emptied(path)
            if not path.exists():
                raise Failure(Exit.CONFIGURATION, f"there is no queue at {path}")
            check_ours(path)
        except Emptied:
            return _restore(setup)
        if not flaws(path):
            plain.say(f"{path} is sound: nothing was done")
            return Exit.DONE
        plain.say(keep_readable(setup))
        try:
            rebuilt, old = recover(setup)
        except Corrupt:
            return _restore(setup)
        still = flaws(path)
    missing = f"; some rows are missing of {', '.join(rebuilt.without)}" if rebuilt.without else ""
    plain.say(f"{path} was made anew of {rebuilt.rows} rows{missing}")
    plain.say(f"the damaged one is kept as {old}; its accounts are read again, as far as they tell")
    return Exit.CONFIGURATION if still else Exit.DONE


def _restore(setup: Setup) -> int:
    """Put a backup, or a new queue, in the place of one that was emptied, and say which."""
    from modtui.cli.rescuing import restore

    done, path = restore(setup), setup.paths.store
    if done.backup is None:
        plain.say(f"there is no sound backup of {path}: a new queue is in its place")
    else:
        zone = setup.config.desk.moderator.timezone
        made = plain.at(datetime.fromtimestamp(done.backup.stat().st_mtime, UTC), zone)
        plain.say(f"{done.backup.name} of {made} is in the place of {path}")
        plain.say(f"what was done here after {made} is not in it; platforms are read on from there")
    if done.held:
        many = f"{done.held} {'delivery' if done.held == 1 else 'deliveries'}"
        plain.say(f"{many} of it may have gone out since: none is sent before you say so")
    if done.old is not None:
        plain.say(f"what was left beside it is kept as {done.old}*")
    return Exit.DONE


def _keyring(setup: Setup, health: Health) -> Iterator[Check]:
    """The keyring matters only where an account's secret is not given by the environment."""
    needed = False
    for account in setup.accounts:
        given = setup.credentials.from_environment(account.wanted)
        for field in given:
            detail = f"{account.name} takes its {field} from {variable(account.name, field)}"
            yield Check("environment", True, detail)
        kept = account.wanted.store == "system"
        needed = needed or (kept and bool(set(account.wanted.required) - set(given)))
    ok = health.state is KeyringState.OK or not needed
    tail = "; modtui doctor keyring says more" if needed and not ok else ""
    tail = tail if needed else " (no account needs it)"
    yield Check("keyring", ok, f"{health.line}{tail}", Exit.CREDENTIALS)
    if any(account.wanted.store == "vault" for account in setup.accounts):
        why = no_vault()
        yield Check("vault", not why, why or str(setup.paths.vault), Exit.CONFIGURATION)


def _accounts(
    setup: Setup, found: Mapping[str, dict[str, Secret] | CredentialsError]
) -> Iterator[Check]:
    for account in setup.accounts:
        name = f"account {account.name}"
        if setup.credentials.locked(account.wanted):
            yield Check(name, True, "its vault is locked here, so this was not tried")
            continue
        if unsaid := setup.credentials.unsaid(account.wanted):
            detail = f"its {', '.join(unsaid)} is asked for at each start, so this was not tried"
            yield Check(name, True, detail)
            continue
        secrets = found[account.name]
        if isinstance(secrets, CredentialsError):
            yield Check(name, False, str(secrets), Exit.CREDENTIALS)
            continue
        met = meet(account, secrets)
        if met.identity is None:
            yield Check(name, False, str(met.error), met.code)
        else:
            yield Check(name, True, " ".join(identity_lines(account, met.identity)))


def _left(setup: Setup) -> Iterator[Check]:
    """The accounts that who reads them leaves alone for now, as their rate limit demands, and those
    that are configured no more and have deliveries left."""
    try:
        store = open_store(setup.paths.store)
        try:
            documents = store.read_here(lambda tx: accounts_of(setup, tx))
            gone = store.read_here(lambda tx: unserved(setup, tx))
        finally:
            store.close_here()
    except (StoreError, OSError):
        # That has its own line.
        return
    now = wall()
    for each in documents:
        left = to_go(each["until"], now)
        if each["served_by"] and left:
            detail = f"{each['health']}{left}: {each['detail']}"
            yield Check(f"reading {each['name']}", False, detail, Exit.PLATFORM)
    for name, why in gone.items():
        yield Check(f"account {name}", False, str(why), why.code)
