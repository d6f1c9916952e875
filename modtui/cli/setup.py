"""init: a first account, written to config.d/NAME.toml; the user's own file is never touched."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

import click

from modtui.cli import plain
from modtui.cli.compose import set_up
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import failing
from modtui.config import ConfigError, nearest, write_private
from modtui.connectors import Setting
from modtui.connectors.registry import KINDS

_NAME = re.compile(r"[a-z][a-z0-9-]*")


@click.command()
@click.option("--demo", is_flag=True, help="A pretend community as an ordinary account.")
@click.option("--connector", help="matrix, demo, webhook, smtp.")
@click.option("--name", help="Name of the account: a to z, 0 to 9 and -.")
@click.option("--url", help="Address of the platform.")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A key of the connector.")
def init(
    demo: bool, connector: str | None, name: str | None, url: str | None, pairs: tuple[str, ...]
) -> int:
    """Connect an account: asks on a terminal, or takes everything from the options."""
    if demo and connector not in (None, "demo"):
        raise Failure(Exit.USAGE, "either --demo or --connector")
    connector = "demo" if demo else connector
    if connector is None:
        if not sys.stdin.isatty():
            raise Failure(
                Exit.USAGE, "which one: --demo, or --connector matrix --name NAME --url URL"
            )
        return guide()
    return _write(connector, name or connector, url, _settings(connector, pairs))


def guide() -> int:
    """Ask for a first account on the terminal, and write it."""
    connector = click.prompt("Platform", type=click.Choice(list(KINDS)), default="matrix")
    schema = KINDS[connector].schema
    name = click.prompt("Name for this account", default=connector)
    url = click.prompt("Address (https://...)") if schema.needs_url else None
    pairs = []
    for setting in schema.settings:
        if setting.required:
            value = click.prompt(f"{setting.name} ({setting.help})")
            pairs.append(f"{setting.name}={value}")
    return _write(connector, name, url, _settings(connector, tuple(pairs)))


def _settings(connector: str, pairs: tuple[str, ...]) -> dict[str, Any]:
    if connector not in KINDS:
        known = ", ".join(KINDS)
        raise Failure(
            Exit.USAGE,
            f'there is no connector "{connector}"{nearest(connector, KINDS)}; there are {known}',
        )
    declared = {setting.name: setting for setting in KINDS[connector].schema.settings}
    settings: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or key not in declared:
            known = ", ".join(declared) or "none"
            raise Failure(Exit.USAGE, f"--set {key}: {connector} knows {known} (KEY=VALUE)")
        settings[key] = _value(value, declared[key])
    return settings


def _value(text: str, setting: Setting) -> object:
    if setting.kind == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    if setting.kind == "number":
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            raise Failure(Exit.USAGE, f"--set {setting.name}: {text} is not a number") from None
    return text


def _write(connector: str, name: str, url: str | None, settings: Mapping[str, Any]) -> int:
    """Write the account and read everything back; what does not fit is taken away again."""
    if not _NAME.fullmatch(name):
        raise Failure(Exit.USAGE, f'"{name}" is not a name: a to z first, then a to z, 0 to 9, -')
    import tomli_w

    with failing():
        before = set_up()
        file = before.paths.config_more / f"{name}.toml"
        if before.account(name) or file.exists():
            raise Failure(
                Exit.CONFIGURATION, f"there is an account {name} already: modtui accounts"
            )
        account = {"name": name, "connector": connector, **({"url": url} if url else {})}
        write_private(file, tomli_w.dumps({"account": [{**account, **settings}]}).encode())
        try:
            after = set_up()
        except ConfigError:
            file.unlink()
            raise
    plain.say(f"Written: {file}")
    desk = after.config.desk
    plain.say(f"You are {desk.moderator.name}; times are in {desk.moderator.timezone}.")
    last = after.config.policies[-1]
    promise = f"first response {plain.span(last.first_response)}" if last.first_response else ""
    plain.say(f"Where no [[sla]] says otherwise: round the clock, {promise}.")
    one = after.account(name)
    if one and one.wanted.required:
        plain.say(f"Next: modtui login {name}")
    else:
        plain.say("Next: modtui")
    return Exit.DONE
