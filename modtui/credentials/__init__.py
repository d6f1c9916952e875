"""The secrets of the accounts: from the environment, or from where each account keeps them.

An account keeps them in the system keyring, a vault, the memory of this process, or has a command
asked for them; see the modules of these names. Nothing is ever kept in plain text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from modtui.credentials.wanted import (
    CredentialsError,
    Found,
    Need,
    Store,
    Wanted,
    missing,
    origin_of,
    variable,
)
from modtui.domain.secret import Secret

if TYPE_CHECKING:
    from modtui.credentials.command import CommandFailed, CommandStore
    from modtui.credentials.origins import Origins
    from modtui.credentials.ring import (
        CHILD,
        Answer,
        Child,
        Health,
        KeyringFailed,
        KeyringState,
        RingStore,
        elsewhere,
    )
    from modtui.credentials.sealing import seal_memory
    from modtui.credentials.unattended import unlock_unattended
    from modtui.credentials.vault import (
        Vault,
        VaultFailed,
        WrongPassphrase,
        check_passphrase,
        no_vault,
    )

__all__ = [
    "CHILD",
    "Answer",
    "Child",
    "CommandFailed",
    "CommandStore",
    "Credentials",
    "CredentialsError",
    "Health",
    "KeyringFailed",
    "KeyringState",
    "Need",
    "Origins",
    "Vault",
    "VaultFailed",
    "Wanted",
    "WrongPassphrase",
    "check_passphrase",
    "elsewhere",
    "no_vault",
    "origin_of",
    "seal_memory",
    "unlock_unattended",
    "variable",
]


_MODULES = {
    "command": ("CommandFailed", "CommandStore"),
    "origins": ("Origins",),
    "ring": (
        "CHILD", "Answer", "Child", "Health", "KeyringFailed", "KeyringState", "RingStore",
        "elsewhere",
    ),
    "sealing": ("seal_memory",),
    "unattended": ("unlock_unattended",),
    "vault": ("Vault", "VaultFailed", "WrongPassphrase", "check_passphrase", "no_vault"),
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Load what keeps secrets when it is first asked for: most starts and listings need none of
    it, and it was a fiftieth of them."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")


class SessionStore:
    """Secrets in memory, for as long as this process lives."""

    def __init__(self) -> None:
        self._said: dict[Wanted, Mapping[str, Secret]] = {}

    def holds(self, wanted: Wanted) -> bool:
        return wanted in self._said

    def read(self, needs: Sequence[Need]) -> dict[str, Found]:
        return {need.wanted.account: self._account(need) for need in needs}

    def _account(self, need: Need) -> Found:
        said = self._said.get(need.wanted, {})
        account = need.wanted.account
        for field in need.required:
            if field not in said:
                return CredentialsError(
                    f"the {field} of {account} is asked for at each start of modtui:"
                    f" start it anew, or set {variable(account, field)}"
                )
        return {field: said[field] for field in need.fields if field in said}

    def keep(self, wanted: Wanted, secrets: Mapping[str, Secret]) -> str:
        self._said[wanted] = dict(secrets)
        return "memory, until modtui ends"

    def forget(self, wanted: Wanted) -> int:
        return len(self._said.pop(wanted, {}))


class Credentials:
    """The secrets of one configuration folder: the environment first, then the account's store.

    `child`, `vault` and `command` make what asks the keyring, a vault and a password manager; each
    is made when an account keeps a secret there."""

    def __init__(
        self,
        fingerprint: str,
        environ: Mapping[str, str],
        child: Callable[[], Child],
        vault: Callable[[], Vault],
        command: Callable[[], CommandStore] | None = None,
    ) -> None:
        self._service = f"modtui-{fingerprint}"
        self._environ = environ
        self._makers = child, vault, command
        self._session = SessionStore()

    @cached_property
    def vault(self) -> Vault:
        """The vault of this configuration."""
        return self._makers[1]()

    @cached_property
    def _ring(self) -> RingStore:
        from modtui.credentials.ring import RingStore

        return RingStore(self._service, self._makers[0]())

    @cached_property
    def _command(self) -> CommandStore:
        from modtui.credentials.command import CommandStore

        make = self._makers[2]
        return make() if make is not None else CommandStore(self._environ)

    def _store(self, name: str) -> Store:
        match name:
            case "system":
                return self._ring
            case "session":
                return self._session
            case "vault":
                return self.vault
        return self._command

    def from_environment(self, wanted: Wanted) -> tuple[str, ...]:
        """Return the fields that the environment gives, which win over the store."""
        return tuple(f for f in wanted.fields if self._environ.get(variable(wanted.account, f)))

    def given(self, wanted: Wanted) -> dict[str, Secret]:
        """Return the secrets that the environment gives."""
        _seal()
        fields = self.from_environment(wanted)
        return {field: Secret(self._environ[variable(wanted.account, field)]) for field in fields}

    def unsaid(self, wanted: Wanted) -> tuple[str, ...]:
        """Return the fields of an account kept in memory that have to be asked for now."""
        if wanted.store != "session" or self._session.holds(wanted):
            return ()
        return self._need(wanted).required

    def locked(self, wanted: Wanted) -> bool:
        """Whether the vault's passphrase has to be asked for before the account can be read."""
        if wanted.store != "vault" or not self.vault.locked:
            return False
        from modtui.credentials.vault import VaultFailed

        try:
            return self.vault.holds(self._need(wanted))
        except VaultFailed:
            # A passphrase would not help; who reads the account is told what is wrong.
            return False

    def probe(self) -> Health:
        """Return how the system keyring stands."""
        return self._ring.probe()

    def read(self, accounts: Iterable[Wanted]) -> dict[str, Found]:
        """Return each account's secrets, or why they cannot be had; one child for all of those in
        the keyring."""
        every = tuple(accounts)
        needs = self._needs(every, "system")
        return self._read(every, self._ring.read(needs) if needs else {})

    def survey(self, accounts: Iterable[Wanted]) -> tuple[Health, dict[str, Found]]:
        """Return how the keyring stands, and `read`, with one child for both."""
        every = tuple(accounts)
        health, kept = self._ring.survey(self._needs(every, "system"))
        return health, self._read(every, kept)

    def read_anew(self, wanted: Wanted) -> Found:
        """Return what an account's command gives for a login, wherever it belonged before."""
        _seal()
        needs = self._needs((wanted,), "command")
        return self._whole(wanted, self._command.read_anew(needs))

    def _read(self, every: Sequence[Wanted], got: dict[str, Found]) -> dict[str, Found]:
        if any(wanted.fields for wanted in every):
            _seal()
        for name in ("session", "vault", "command"):
            if needs := self._needs(every, name):
                got |= self._store(name).read(needs)
        return {wanted.account: self._whole(wanted, got) for wanted in every}

    def _needs(self, every: Iterable[Wanted], store: str) -> list[Need]:
        needs = (self._need(wanted) for wanted in every if wanted.store == store)
        return [need for need in needs if need.fields]

    def _need(self, wanted: Wanted) -> Need:
        given = self.from_environment(wanted)
        return Need(wanted, tuple(field for field in wanted.fields if field not in given))

    def _whole(self, wanted: Wanted, got: Mapping[str, Found]) -> Found:
        kept = got.get(wanted.account, {})
        if isinstance(kept, CredentialsError):
            return kept
        found = {**self.given(wanted), **kept}
        for field in wanted.required:
            if field not in found:
                return missing(self._need(wanted), field)
        return found

    def keep(self, wanted: Wanted, secrets: Mapping[str, Secret]) -> str:
        """Keep the secrets where the account keeps them, read back and compared; return where.

        Raises CredentialsError.
        """
        return self._store(wanted.store).keep(wanted, secrets)

    def forget(self, wanted: Wanted) -> int:
        """Delete the account's secrets; return how many there were. Raises CredentialsError."""
        return self._store(wanted.store).forget(wanted)


def _seal() -> None:
    from modtui.credentials.sealing import seal_memory

    seal_memory()
