"""What an account needs, and why it cannot be had."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from modtui.domain.frozen import dataclass
from modtui.domain.secret import Secret


class CredentialsError(Exception):
    """A secret cannot be had or kept (exit code 3): one line saying why and what to do."""


def variable(account: str, field: str) -> str:
    """Return the environment variable of one secret field: MODTUI_<ACCOUNT>_<FIELD>."""
    return f"MODTUI_{account}_{field}".upper().replace("-", "_")


def origin_of(url: str) -> str:
    """Return scheme, host and port of `url`: what a secret is bound to."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The secrets of one account. `origin` is what they may be sent to; `store` is where they are
    kept: system, command, vault, or session (in memory, asked for at each start). `command` is
    the argv of a command store, with {account} and {field} in it."""

    account: str
    origin: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    store: str = "system"
    command: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)


@dataclass(frozen=True, slots=True)
class Need:
    """The fields of an account that the environment does not give."""

    wanted: Wanted
    fields: tuple[str, ...]

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(field for field in self.fields if field in self.wanted.required)

    @property
    def variable(self) -> str:
        """The environment variable that would help most."""
        first = (*self.required, *self.fields, *self.wanted.fields, "token")[0]
        return variable(self.wanted.account, first)


Found = dict[str, Secret] | CredentialsError


class Store(Protocol):
    """One place where secrets are kept."""

    def read(self, needs: Sequence[Need]) -> dict[str, Found]:
        """Return, by account, what is there of its fields, or why that cannot be told."""
        ...

    def keep(self, wanted: Wanted, secrets: Mapping[str, Secret]) -> str:
        """Keep the secrets, read back; return where. Raises CredentialsError: nothing was kept."""
        ...

    def forget(self, wanted: Wanted) -> int:
        """Delete the account's secrets; return how many there were. Raises CredentialsError."""
        ...


def missing(need: Need, field: str) -> CredentialsError:
    """Return what is said where a store holds nothing for a field that is required."""
    account = need.wanted.account
    return CredentialsError(
        f"no {field} is stored for {account}: modtui login {account},"
        f" or set {variable(account, field)}"
    )


def moved(wanted: Wanted, field: str, origin: str) -> CredentialsError:
    """Return what is said where a secret was stored for another origin."""
    return CredentialsError(
        f"{wanted.account} now goes to {wanted.origin}, its {field} was stored for"
        f" {origin or 'something else'}: log in again with modtui login {wanted.account}"
    )


def pack(secret: Secret, origin: str) -> str:
    """Return a secret as an entry that names the origin it belongs to."""
    return json.dumps({"origin": origin, "secret": secret.reveal()})


def unpack(kept: str) -> tuple[str, str]:
    """Return (secret, origin) of a stored entry; both empty for one that is not ours."""
    try:
        entry = json.loads(kept)
        return str(entry["secret"]), str(entry["origin"])
    except (KeyError, TypeError, ValueError):
        return "", ""
