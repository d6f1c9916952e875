"""The vault's passphrase for services, which have no terminal: from a file for its owner alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from modtui.credentials.vault import Vault, VaultFailed, WrongPassphrase
from modtui.domain.secret import Secret

VARIABLE = "MODTUI_VAULT_PASSPHRASE_FILE"
CREDENTIAL = "modtui-vault"


def unlock_unattended(vault: Vault, environ: Mapping[str, str]) -> bool:
    """Open the vault with the passphrase in the file that MODTUI_VAULT_PASSPHRASE_FILE names, or in
    systemd's credential `modtui-vault`; return whether there is one. Raises VaultFailed."""
    path, others = _where(environ)
    if path is None:
        return False
    passphrase = _read(path, others)
    try:
        vault.unlock(passphrase)
    except WrongPassphrase:
        raise WrongPassphrase(f"what {path} holds is not the passphrase of the vault") from None
    return True


def _where(environ: Mapping[str, str]) -> tuple[Path | None, int]:
    """Return the file, and which bits of its mode it may not have."""
    if named := environ.get(VARIABLE):
        return Path(named), 0o077
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        # systemd may let the service in by an ACL, which shows in the bits of the group.
        path = Path(folder) / CREDENTIAL
        return (path, 0o007) if path.exists() else (None, 0)
    return None, 0


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _read(path: Path, others: int) -> Secret:
    try:
        # Opening a pipe that nobody writes to would wait for ever.
        with open(path, "rb", opener=_at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise VaultFailed(f"{path} is not a file: the passphrase is not read from it")
            if status.st_uid not in (os.geteuid(), 0):
                raise VaultFailed(f"{path} belongs to another user: the passphrase is not read")
            if status.st_mode & others:
                raise VaultFailed(f"{path} can be read by others: chmod 600 {path}")
            text = file.read(10_000).decode()
    except OSError as error:
        raise VaultFailed(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise VaultFailed(f"{path} holds something that is not text") from None
    passphrase = text.partition("\n")[0].rstrip("\r")
    if not passphrase:
        raise VaultFailed(f"{path} is empty: its first line is the passphrase")
    return Secret(passphrase)
