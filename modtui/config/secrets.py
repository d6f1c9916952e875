"""Where an account's secret is kept: never the secret itself."""

from __future__ import annotations

import re
from pathlib import PurePath

from modtui.config.reader import Table

STORES = {
    "system": "the keyring",
    "command": "a password manager's",
    "vault": "a file with a passphrase",
    "session": "asked for at each start",
}
EXAMPLE = '["pass", "show", "modtui/{account}/{field}"]'

_PLACES = ("{account}", "{field}")
_PLACE = re.compile(r"\{[^{}]*\}")
_ECHOES = ("echo", "printf")


def read_store(table: Table, name: str) -> str:
    """Return where the account keeps its secret; what is written there instead is not repeated."""
    cell = table.cells.get("secret")
    if cell is None:
        return "system"
    if isinstance(cell.value, str) and cell.value in STORES:
        return cell.value
    kept = ", ".join(f'"{store}" ({what})' for store, what in STORES.items())
    table.problem(
        "secret",
        "says where the secret is kept and is not the secret itself:"
        f" {kept}; then modtui login {name or 'NAME'}",
    )
    return "system"


def read_command(table: Table) -> tuple[str, ...]:
    """Return the argv of `secret_command`, its problems noted; () where there is none."""
    cell = table.cells.get("secret_command")
    if cell is None:
        return ()
    if why := command_flaw(cell.value):
        table.problem("secret_command", why)
        return ()
    return tuple(cell.value)


def command_flaw(value: object) -> str:
    """Return what is wrong with a command that is to give a secret, or ""."""
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        return f"is a list of words, as no shell runs it: {EXAMPLE}"
    if not value or not value[0]:
        return f"names no program: {EXAMPLE}"
    if PurePath(value[0]).name in _ECHOES:
        return "would have the secret in it, and secrets do not belong here: ask a password manager"
    places = {place for part in value for place in _PLACE.findall(part)}
    if wrong := sorted(places - set(_PLACES)):
        return f"knows {' and '.join(_PLACES)}, not {wrong[0]}"
    return ""
