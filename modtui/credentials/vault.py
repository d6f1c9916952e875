"""Secrets in one encrypted file, opened by a passphrase: Argon2id and ChaCha20-Poly1305.

Each entry is sealed together with its account, field and origin, so an entry that was put in the
place of another is refused. The passphrase is never kept: the key made of it is, in memory.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modtui.credentials.wanted import CredentialsError, Found, Need, Wanted, moved
from modtui.domain.frozen import dataclass
from modtui.domain.secret import Secret
from modtui.private import lock_file, own_folder

SHORTEST_PASSPHRASE = 8
INSTALL = 'the vault needs one package more: pip install "modtui[vault]"'
_SALT_BYTES = 16
_NONCE_BYTES = 12
_KEY_BYTES = 32
_CHECK = b"modtui vault"
_MOST_MEMORY_KIB = 1024 * 1024
_MOST_PASSES = 64


class VaultFailed(CredentialsError):
    """The vault is what failed; nothing is known about the secret."""


class WrongPassphrase(VaultFailed):
    """That is not the passphrase of this vault, or none for a new one."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at the passphrase costs."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 1

    @property
    def bearable(self) -> bool:
        """Whether a file may ask for this much; another could stop the machine."""
        return (
            8 * self.lanes <= self.memory_kib <= _MOST_MEMORY_KIB
            and 1 <= self.passes <= _MOST_PASSES
            and 1 <= self.lanes <= 16
        )


@dataclass(frozen=True, slots=True)
class _Entry:
    """One secret, sealed, and the origin that it was sealed with."""

    origin: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class _File:
    """What stands in the file."""

    salt: bytes
    cost: Cost
    check: bytes = b""
    entries: Mapping[tuple[str, str], _Entry] = field(default_factory=dict)


def check_passphrase(passphrase: Secret) -> None:
    """Raise WrongPassphrase where a new vault cannot have this one."""
    if len(passphrase.reveal()) < SHORTEST_PASSPHRASE:
        raise WrongPassphrase(f"a passphrase has {SHORTEST_PASSPHRASE} characters or more")


def no_vault() -> str:
    """Return why this machine cannot have a vault, or ""."""
    return "" if find_spec("cryptography") else INSTALL


class Vault:
    """The vault in the file `path`; `write` puts a file in place whole or not at all, 0600."""

    def __init__(
        self, path: Path, write: Callable[[Path, bytes], None], cost: Cost | None = None
    ) -> None:
        self.path = path
        self._write = write
        self._cost = cost or Cost()
        self._key: tuple[bytes, bytes] | None = None

    @property
    def exists(self) -> bool:
        return self.path.exists()

    @property
    def locked(self) -> bool:
        """Whether the passphrase has to be asked for."""
        return self._key is None

    def unlock(self, passphrase: Secret) -> None:
        """Open the vault, a new one where there is none. Raises WrongPassphrase, VaultFailed."""
        file = self._load()
        if file is None:
            check_passphrase(passphrase)
            file = _File(os.urandom(_SALT_BYTES), self._cost)
            key = _derive(passphrase, file)
            with self._alone():
                if self.exists:
                    raise VaultFailed("another modtui made a vault meanwhile: try again")
                self._save(replace(file, check=_seal(key, _CHECK, _CHECK)))
            self._key = (file.salt, key)
            return
        key = _derive(passphrase, file)
        if _open(key, file.check, _CHECK) != _CHECK:
            raise WrongPassphrase("that is not the passphrase of the vault")
        self._key = (file.salt, key)

    def read(self, needs: Sequence[Need]) -> dict[str, Found]:
        try:
            file = self._load()
        except VaultFailed as error:
            return {need.wanted.account: error for need in needs}
        return {need.wanted.account: self._account(need, file) for need in needs}

    def holds(self, need: Need) -> bool:
        """Whether any of these fields is in the vault, which need not be open. Raises VaultFailed
        where that cannot be told."""
        file = self._load()
        return file is not None and any(
            (need.wanted.account, name) in file.entries for name in need.fields
        )

    def keep(self, wanted: Wanted, secrets: Mapping[str, Secret]) -> str:
        with self._alone():
            file = self._load()
            if file is None:
                raise VaultFailed(f"nothing was saved: there is no vault at {self.path} any more")
            key = self._opened(file)
            fresh = {
                (wanted.account, name): _Entry(
                    wanted.origin,
                    _seal(
                        key, secret.reveal().encode(), _bound(wanted.account, name, wanted.origin)
                    ),
                )
                for name, secret in secrets.items()
            }
            self._save(replace(file, entries={**file.entries, **fresh}))
            back = self._account(Need(wanted, tuple(secrets)), self._load())
        if isinstance(back, CredentialsError) or any(
            back[name].reveal() != secret.reveal() for name, secret in secrets.items()
        ):
            raise VaultFailed(f"the vault did not keep what was written: look at {self.path}")
        return f"the vault ({self.path})"

    def forget(self, wanted: Wanted) -> int:
        """Delete the account's secrets, for which the vault need not be open."""
        if not self.exists:
            return 0
        with self._alone():
            file = self._load()
            entries = dict(file.entries) if file else {}
            gone = [(wanted.account, name) for name in wanted.fields]
            gone = [place for place in gone if entries.pop(place, None)]
            if file and gone:
                self._save(replace(file, entries=entries))
        return len(gone)

    def _account(self, need: Need, file: _File | None) -> Found:
        wanted = need.wanted
        found: dict[str, Secret] = {}
        for name in need.fields:
            entry = file.entries.get((wanted.account, name)) if file else None
            if file is None or entry is None:
                continue
            try:
                key = self._opened(file)
            except VaultFailed as error:
                return VaultFailed(f"{error}, or set {need.variable}")
            bound = _bound(wanted.account, name, entry.origin)
            plain = _open(key, entry.sealed, bound)
            if plain is None:
                return VaultFailed(
                    f"the {name} of {wanted.account} in the vault was altered or put in the place"
                    f" of another: it is not used; modtui login {wanted.account} stores it anew"
                )
            if entry.origin != wanted.origin:
                return moved(wanted, name, entry.origin)
            found[name] = Secret(plain.decode())
        return found

    def _opened(self, file: _File) -> bytes:
        """Return the key. Raises VaultFailed where the passphrase has to be asked for."""
        if self._key is None:
            raise VaultFailed(
                "the vault is locked: its passphrase is asked for at each start on a terminal"
            )
        salt, key = self._key
        if salt != file.salt:
            raise VaultFailed("the vault was made anew meanwhile: start again")
        return key

    def _load(self) -> _File | None:
        try:
            raw = json.loads(self.path.read_bytes())
            cost = Cost(**{name: int(raw["kdf"][name]) for name in asdict(self._cost)})
            entries = {
                (str(each["account"]), str(each["field"])): _Entry(
                    str(each["origin"]), base64.b64decode(each["sealed"], validate=True)
                )
                for each in raw["entries"]
            }
            salt, check = (base64.b64decode(raw[name], validate=True) for name in ("salt", "check"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise VaultFailed(f"the vault cannot be read: {self.path}: {error.strerror}") from None
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            raise VaultFailed(
                f"the vault is damaged: {self.path} is not what was written"
            ) from None
        if not cost.bearable:
            raise VaultFailed(f"the vault is damaged: {self.path} asks for too much memory or time")
        if len(salt) != _SALT_BYTES:
            raise VaultFailed(f"the vault is damaged: {self.path} is not what was written")
        return _File(salt, cost, check, entries)

    def _save(self, file: _File) -> None:
        raw: dict[str, Any] = {
            "version": 1,
            "kdf": {"name": "argon2id", **asdict(file.cost)},
            "salt": base64.b64encode(file.salt).decode(),
            "check": base64.b64encode(file.check).decode(),
            "entries": [
                {
                    "account": account,
                    "field": name,
                    "origin": entry.origin,
                    "sealed": base64.b64encode(entry.sealed).decode(),
                }
                for (account, name), entry in sorted(file.entries.items())
            ],
        }
        try:
            self._write(self.path, json.dumps(raw, indent=1).encode())
        except OSError as error:
            why = f"nothing was saved: {self.path}: {error.strerror or error}"
            raise VaultFailed(why) from None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from writing meanwhile, in a folder for its owner alone."""
        folder = self.path.parent
        try:
            own_folder(folder)
            handle = lock_file(folder / "lock")
        except OSError as error:
            why = f"nothing was saved: {error.filename or folder}: {error.strerror}"
            raise VaultFailed(why) from None
        try:
            yield
        finally:
            os.close(handle)


def _bound(account: str, name: str, origin: str) -> bytes:
    """Return what an entry is authenticated with."""
    return json.dumps([account, name, origin]).encode()


def _derive(passphrase: Secret, file: _File) -> bytes:
    try:
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
    except ImportError:
        raise VaultFailed(INSTALL) from None
    kdf = Argon2id(
        salt=file.salt,
        length=_KEY_BYTES,
        iterations=file.cost.passes,
        lanes=file.cost.lanes,
        memory_cost=file.cost.memory_kib,
    )
    return kdf.derive(passphrase.reveal().encode())


def _seal(key: bytes, plain: bytes, bound: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    nonce = os.urandom(_NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plain, bound)


def _open(key: bytes, sealed: bytes, bound: bytes) -> bytes | None:
    """Return what was sealed; None where it was not sealed with this key and these words."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
    except InvalidTag:
        return None
    except ValueError:
        return None
