"""Accounts as configured, checked against what their connectors ask for."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from modtui.cli.needs import lacking
from modtui.config import (
    COMMON_KEYS,
    AccountTable,
    ConfigError,
    Problem,
    nearest,
    parse_duration,
    shown,
)
from modtui.connectors import Kind, Setting, Unusable
from modtui.credentials import Wanted, origin_of, variable
from modtui.domain.address import flaw
from modtui.domain.frozen import dataclass

_SCHEMES = {"url": ("http", "..."), "socket": ("ws", "...")}


@dataclass(frozen=True, slots=True)
class Account:
    """An account that is configured well. `settings` has every key of its schema, and `url`.

    `backlog`: what is older than that when it is first read is put aside; zero: nothing is.
    `table` is where it was written, None for one that was not.
    """

    name: str
    connector: str
    kind: Kind
    settings: Mapping[str, Any]
    wanted: Wanted
    staff: frozenset[str] = frozenset()
    backlog: timedelta = timedelta()
    table: AccountTable | None = None


def check_accounts(
    tables: Iterable[AccountTable], kinds: Mapping[str, Kind]
) -> tuple[Account, ...]:
    """Return the accounts in config order. Raises ConfigError with every problem there is."""
    problems: list[Problem] = []
    accounts: list[Account] = []
    taken: dict[str, str] = {}
    for table in tables:
        kind = _kind(table, kinds, problems)
        if kind is None:
            continue
        settings = _settings(table, kind, problems)
        wanted, staff = _wanted(table, kind), frozenset(table.staff)
        account = Account(
            table.name, table.connector, kind, settings, wanted, staff, table.backlog, table
        )
        accounts.append(account)
        problems += (lack.problem for lack in lacking(account, None))
        if why := _command_flaw(account.wanted):
            problems.append(Problem(table.place("secret_command"), "account.secret_command", why))
        for field in account.wanted.fields:
            name = variable(account.name, field)
            other = taken.setdefault(name, account.name)
            if other != account.name:
                what = f"{other} and {account.name} would both read {name}: rename one"
                problems.append(Problem(table.place("name"), "account.name", what))
    if problems:
        raise ConfigError(problems)
    return tuple(accounts)


def account_problems(
    tables: Iterable[AccountTable], kinds: Mapping[str, Kind]
) -> tuple[Problem, ...]:
    """Return everything that connectors find wrong with these accounts."""
    try:
        check_accounts(tables, kinds)
    except ConfigError as error:
        return error.problems
    return ()


def _kind(table: AccountTable, kinds: Mapping[str, Kind], problems: list[Problem]) -> Kind | None:
    try:
        return kinds[table.connector]
    except Unusable as error:
        what = str(error)
    except KeyError:
        hint = nearest(table.connector, kinds)
        what = f'there is no connector "{table.connector}"{hint}; there are {", ".join(kinds)}'
    problems.append(Problem(table.place("connector"), "account.connector", what))
    return None


def _settings(table: AccountTable, kind: Kind, problems: list[Problem]) -> dict[str, Any]:
    schema = kind.schema
    declared = {setting.name: setting for setting in schema.settings}

    def note(key: str, what: str) -> None:
        problems.append(Problem(table.place(key), f"account.{key}", what))

    written = table.cells.get("url")
    if schema.needs_url and (written is None or written.value == ""):
        note("url", f"is missing: {schema.connector} needs the address, https://...")
    known = (*COMMON_KEYS, *declared)
    for key in table.settings:
        if key not in declared:
            hint = nearest(key, known)
            note(key, f"unknown key{hint}; {schema.connector} knows {', '.join(known)}")
    settings: dict[str, Any] = {"url": table.url, "poll": table.poll}
    for name, setting in declared.items():
        if name == "ca_file" and table.ca_file:
            settings[name] = table.ca_file
            continue
        if name not in table.settings:
            settings[name] = setting.default
            if setting.required:
                note(name, f"is missing: {setting.help or setting.kind}")
            continue
        try:
            settings[name] = convert(table.settings[name], setting)
            if setting.required and not "".join(settings[name] or ()).strip():
                note(name, f"is empty: {setting.help or setting.kind}")
        except ValueError as error:
            note(name, str(error))
    return settings


def convert(value: object, setting: Setting) -> object:
    """Return `value` as the connector takes it: lists are tuples, durations timedeltas.

    Raises ValueError, saying what is allowed.
    """
    match setting.kind:
        case "list":
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                return tuple(_fitting(item, setting) for item in value)
            raise ValueError(f'{shown(value)} is not a list of texts, such as ["a", "b"]')
        case "number":
            most = sys.float_info.max if setting.most is None else setting.most
            counts = not isinstance(value, bool)
            if counts and isinstance(value, int | float) and 0 <= value <= most:
                return value
            upto = "up" if setting.most is None else f"to {setting.most}"
            raise ValueError(f"{shown(value)} is not a number from 0 {upto}")
        case "duration":
            return parse_duration(value)
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not a text: write it in quotes")
    if setting.kind in _SCHEMES and (why := flaw(value, *_SCHEMES[setting.kind])):
        raise ValueError(why)
    # An empty text is as none: whether there must be one is asked elsewhere.
    return _fitting(value, setting) if value else value


def _fitting(text: str, setting: Setting) -> str:
    if setting.choices and text not in setting.choices:
        allowed = ", ".join(setting.choices)
        raise ValueError(f'"{text}" is not one of {allowed}{nearest(text, setting.choices)}')
    if setting.pattern and not re.fullmatch(setting.pattern, text.strip()):
        raise ValueError(f"{shown(text)} is not {setting.like}")
    return text


def _wanted(table: AccountTable, kind: Kind) -> Wanted:
    secrets = kind.schema.secrets
    return Wanted(
        table.name,
        _bound_to(table, kind),
        tuple(secret.name for secret in secrets if secret.required),
        tuple(secret.name for secret in secrets if not secret.required),
        table.secret,
        table.command,
    )


def _bound_to(table: AccountTable, kind: Kind) -> str:
    """Return what the account's secrets are bound to: its origin, and those of other addresses
    that it names itself, such as one that renews tokens."""
    url = table.url or kind.schema.default_url
    host = f"{table.settings.get('host', '')}:{table.settings.get('port', '')}"
    bound = [origin_of(url) if url else f"{table.connector}://{host}"]
    for setting in kind.schema.settings:
        value = table.settings.get(setting.name)
        if setting.kind != "url" or value == setting.default or not isinstance(value, str):
            continue
        try:
            bound.append(origin_of(value))
        except ValueError:
            # No address: that is told of the setting, and nothing is sent.
            continue
    return " ".join(dict.fromkeys(bound))


def _command_flaw(wanted: Wanted) -> str:
    """Return why a command cannot give what the account needs, or ""."""
    several = wanted.store == "command" and len(wanted.required) > 1
    if not wanted.command or not several or any("{field}" in part for part in wanted.command):
        return ""
    return f"needs {{field}} in it: {wanted.account} has {' and '.join(wanted.required)}"
