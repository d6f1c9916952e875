"""The passphrase of the vault, asked for on the terminal without echo, once a process."""

from __future__ import annotations

import os
import sys

from modtui.cli import plain
from modtui.cli.compose import Setup
from modtui.cli.exits import Exit, Failure
from modtui.cli.hidden import ask_hidden, next_line
from modtui.credentials import Vault, WrongPassphrase, seal_memory, unlock_unattended
from modtui.domain.secret import Secret

_TRIES = 3


def unlock(setup: Setup) -> None:
    """Open the vault where an account needs it: with the passphrase that a service is given in a
    file, else with one that is typed if there is a terminal to ask on.

    Without both, what needs the vault says that it is locked. Raises Failure after three tries,
    VaultFailed.
    """
    if not any(setup.credentials.locked(account.wanted) for account in setup.accounts):
        return
    vault = setup.credentials.vault
    if not unlock_unattended(vault, os.environ) and sys.stdin.isatty():
        _ask(vault)


def open_to_keep(vault: Vault, *, stdin: bool) -> None:
    """Open the vault, or make it with a new passphrase; `stdin`: that is the next line of stdin.

    Raises Failure, VaultFailed.
    """
    if not vault.locked or unlock_unattended(vault, os.environ):
        return
    if stdin:
        vault.unlock(Secret(next_line()))
    elif vault.exists:
        _ask(vault)
    else:
        _make(vault)


def _ask(vault: Vault) -> None:
    for _ in range(_TRIES):
        try:
            vault.unlock(_typed("Passphrase of the vault"))
        except WrongPassphrase as error:
            plain.warn(str(error))
        else:
            return
    raise Failure(
        Exit.CREDENTIALS,
        f"the vault stays locked; forgotten for good? Delete {vault.path} and log in again",
    )


def _make(vault: Vault) -> None:
    plain.say(f"A new vault: {vault.path}. Its passphrase is asked for once a session.")
    for _ in range(_TRIES):
        first, second = _typed("A passphrase for it"), _typed("Once more")
        if first.reveal() != second.reveal():
            plain.warn("these two are not the same")
            continue
        try:
            vault.unlock(first)
        except WrongPassphrase as error:
            plain.warn(str(error))
        else:
            return
    raise Failure(Exit.CREDENTIALS, "no vault was made; nothing was saved")


def _typed(words: str) -> Secret:
    seal_memory()
    return Secret(ask_hidden(words, err=True))
