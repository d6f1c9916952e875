"""accounts, login, logout: who we are on each platform."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import click

from modtui.cli import plain, shapes
from modtui.cli.approving import approved
from modtui.cli.compose import Setup, build_connector, find_account, set_up, wall
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import code_of, failing
from modtui.cli.hidden import ask_hidden, next_line
from modtui.cli.reading import AS_JSON, accounts_of, read, stands
from modtui.cli.schema import Account
from modtui.cli.unlocking import open_to_keep
from modtui.cli.writing import check_own, moved
from modtui.config import nearest
from modtui.config.secrets import EXAMPLE, STORES
from modtui.connectors import ConnectorError, Identity, RateLimited
from modtui.connectors.watch import Watch
from modtui.credentials import (
    CredentialsError,
    KeyringFailed,
    KeyringState,
    no_vault,
    seal_memory,
    variable,
)
from modtui.domain.secret import Secret
from modtui.domain.words import span

ANSWER_SECONDS = 30.0
PLACES = {"system": "the system keyring", "vault": "the vault"}


@dataclass(frozen=True, slots=True)
class Met:
    """What a platform said about us, or why it did not."""

    identity: Identity | None
    error: Exception | None = None

    @property
    def code(self) -> Exit:
        return Exit.DONE if self.error is None else code_of(self.error)


def meet(account: Account, secrets: Mapping[str, Secret]) -> Met:
    """Ask the platform who these secrets belong to, for at most half a minute."""
    return asyncio.run(introduce(account, secrets))


async def introduce(account: Account, secrets: Mapping[str, Secret]) -> Met:
    """`meet`, on the loop that runs."""

    watch, limits = Watch(), list[ConnectorError]()

    def limited(seconds: float, why: str) -> None:
        wait = timedelta(seconds=seconds)
        limits.append(RateLimited(f"{why}: try again in {span(wait)}", wait))

    async def ask() -> Identity:
        connector = build_connector(account, secrets, watch)
        watch.limited = limited
        try:
            return await asyncio.wait_for(watch.reads(connector.identity()), ANSWER_SECONDS)
        finally:
            await connector.aclose()

    try:
        return Met(await ask())
    except (ConnectorError, ImportError) as error:
        return Met(None, error)
    except TimeoutError:
        late = ConnectorError(f"{account.name} did not answer in {ANSWER_SECONDS:g} s")
        return Met(None, limits[-1] if limits else late)


def to_send(account: Account, identity: Identity) -> str:
    """Return the text for whoever runs the platform, where something is missing there; or ""."""
    if identity.ask or not identity.cannot:
        return identity.ask
    who = identity.name or identity.remote_id
    return f"{who} moderates on {account.name} and cannot: {'; '.join(identity.cannot)}"


def identity_lines(account: Account, identity: Identity, *, rest: bool = False) -> list[str]:
    """Return who we are there and what we may do, as lines. `rest`: also what to send to whoever
    runs it where only some of it is missing."""
    role = f" ({identity.role})" if identity.role else ""
    who = identity.name or identity.remote_id
    lines = [f"You post on {account.name} as {who}{role}."]
    if account.kind.schema.notify_only:
        how = f"as {who}" if identity.name else f"at {identity.remote_id}, under no name"
        lines = [f"{account.name} tells a team {how}{role}."]
    if identity.can:
        lines.append(f"Can: {', '.join(identity.can)}.")
    if identity.cannot:
        lines.append(f"Cannot: {', '.join(identity.cannot)}.")
    if ask := to_send(account, identity) if rest else identity.ask:
        lines.append(f"To send to whoever runs it: {ask}")
    return lines


@click.command()
@AS_JSON
def accounts(as_json: bool) -> None:
    """List the configured accounts and how they stand."""
    setup, documents = read(accounts_of)
    if as_json:
        shapes.print_json({"accounts": documents})
        return
    if not documents:
        plain.say("no account is configured: modtui init")
    places = {account.name: _place(account) for account in setup.accounts}
    now = wall()
    rows = [(d["name"], d["connector"], stands(d, now), places[d["name"]]) for d in documents]
    if rows:
        plain.table(rows)


def _place(account: Account) -> str:
    """Return where an account is, without a path that may be a secret."""
    url = str(account.settings.get("url") or "-")
    return "/".join(url.split("/")[:3]) if account.kind.schema.secret_path else url


@click.command()
@click.argument("account")
@click.option("--store", "kind", help="Where to keep it: system, vault, command, session.")
@click.option("--stdin", is_flag=True, help="Read the secret from stdin, one line a field.")
@click.option("--approve", is_flag=True, help="Have the platform make it: approved in a browser.")
def login(account: str, kind: str | None, stdin: bool, approve: bool) -> int:
    """Ask for the account's secret, check it, keep it.

    Checked with the platform, kept where the account says; --store keeps it elsewhere from now on.
    A vault's passphrase is one line more on stdin.
    """
    if kind is not None and kind not in STORES:
        known = ", ".join(STORES)
        raise Failure(Exit.USAGE, f'there is no store "{kind}"{nearest(kind, STORES)}: {known}')
    with failing():
        setup = set_up()
        one = find_account(setup, account)
        if not one.wanted.fields:
            plain.say(f"{account} needs no login")
            return Exit.DONE
        target = replace(one, wanted=replace(one.wanted, store=kind or one.wanted.store))
        _check_store(setup, one, target)
        secrets = approved(target, stdin) if approve else _secrets(setup, target, stdin)
        met = meet(target, secrets)
        if met.identity is None:
            raise Failure(met.code, f"{account}: {met.error}; nothing was saved")
        for line in identity_lines(one, met.identity, rest=True):
            plain.say(line)
        if target.wanted.store == "vault":
            open_to_keep(setup.credentials.vault, stdin=stdin)
        plain.say(_keep(setup, one, target, secrets))
        for field in setup.credentials.from_environment(one.wanted):
            plain.say(f"Note: {variable(account, field)} is set and wins over it.")
    return Exit.DONE


def _check_store(setup: Setup, one: Account, target: Account) -> None:
    """Raise Failure where the secret cannot be kept there, before it is asked for."""
    if target.wanted.store == "vault" and (why := no_vault()):
        raise Failure(Exit.CONFIGURATION, why)
    if target.wanted.store == "command" and not one.wanted.command:
        raise Failure(
            Exit.CONFIGURATION,
            f'{one.name} has no command: write secret = "command" and secret_command ='
            f" {EXAMPLE} into it, then modtui login {one.name}",
        )
    if target.wanted.store != one.wanted.store:
        check_own(setup, one.name)


def _secrets(setup: Setup, account: Account, stdin: bool) -> dict[str, Secret]:
    """Return what is to be checked: typed, or given by the account's command."""
    if account.wanted.store != "command":
        return _ask(account, stdin)
    found = setup.credentials.read_anew(account.wanted)
    if isinstance(found, CredentialsError):
        raise found
    return found


def _keep(setup: Setup, one: Account, target: Account, secrets: Mapping[str, Secret]) -> str:
    """Keep the secrets, and write down where if that is new; return where in a sentence."""
    if target.wanted.store == one.wanted.store:
        return _kept(setup, target, secrets)
    with moved(setup, one.name, target.wanted.store):
        words = _kept(setup, target, secrets)
    if one.wanted.store in ("system", "vault"):
        try:
            if setup.credentials.forget(one.wanted):
                words += f" It is gone from {PLACES[one.wanted.store]}."
        except CredentialsError as error:
            if not isinstance(error, KeyringFailed) or error.state is not KeyringState.NONE:
                plain.warn(f"what {PLACES[one.wanted.store]} holds of {one.name} is left: {error}")
    return words


def _kept(setup: Setup, account: Account, secrets: Mapping[str, Secret]) -> str:
    match account.wanted.store:
        case "command":
            setup.credentials.keep(account.wanted, secrets)
            return f"{account.wanted.command[0]} is asked for it at each start; nothing is kept."
        case "session":
            return "modtui asks for it at each start; nothing is kept."
    return f"Kept in {setup.credentials.keep(account.wanted, secrets)}."


def _ask(account: Account, stdin: bool) -> dict[str, Secret]:
    """Read each field from the terminal without echo, or one line each from stdin."""
    if not stdin and not sys.stdin.isatty():
        raise Failure(Exit.USAGE, "the secret is asked for on a terminal: or use --stdin")
    helps = {secret.name: secret.help for secret in account.kind.schema.secrets}
    seal_memory()
    found: dict[str, Secret] = {}
    for field in account.wanted.fields:
        if stdin:
            value = next_line()
        else:
            words = f"{field} ({helps[field]})" if helps[field] else field
            value = ask_hidden(words)
        if value.strip():
            found[field] = Secret(value.strip())
        elif field in account.wanted.required:
            raise Failure(Exit.USAGE, f"{account.name} needs a {field}; nothing was saved")
    return found


@click.command()
@click.argument("account")
def logout(account: str) -> int:
    """Delete the account's secret from where it is kept."""
    with failing():
        setup = set_up()
        one = find_account(setup, account)
        count = setup.credentials.forget(one.wanted) if one.wanted.fields else 0
        plain.say(f"{account}: {count} deleted" if count else f"{account}: nothing was stored")
        for field in setup.credentials.from_environment(one.wanted):
            plain.say(f"Note: {variable(account, field)} is still set in the environment.")
    return Exit.DONE
