"""What an account of a kind of connector is configured with: its settings, secrets and needs."""

from __future__ import annotations

from modtui.domain.frozen import dataclass

SETTING_KINDS = ("text", "url", "socket", "list", "number", "duration", "choice")


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of an account in config.toml. `kind` is one of SETTING_KINDS; a url is of http, a
    socket of ws, and neither is in the clear.

    A text, or each item of a list, is one of `choices` where there are any, and matches the whole
    of `pattern`; `like` says in words what does. A number is `most` at most.
    """

    name: str
    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()
    default: object = None
    help: str = ""
    pattern: str = ""
    like: str = ""
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """That a setting or a secret field has a value; of a setting, one that matches `pattern`."""

    name: str
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What has to be given together: wherever all of `where` is, all of one of `ways`.

    `say` says in words what to do. A secret's value is never looked at.
    """

    ways: tuple[tuple[Given, ...], ...]
    say: str
    where: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretField:
    """One credential, read from MODTUI_<ACCOUNT>_<FIELD> or the keyring. `where`: how to get it."""

    name: str
    help: str = ""
    required: bool = True
    where: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """What an account of this connector is configured with, beyond name, connector, url, poll.

    `about` says in a few words what it connects to; `address` which url is wanted; `default_url`
    where it connects to, and its secrets are bound to, without one. `secret_path`: what stands
    behind the host of the url may let who knows it in, so it is told nowhere.
    """

    connector: str
    settings: tuple[Setting, ...] = ()
    secrets: tuple[SecretField, ...] = ()
    needs_url: bool = True
    notify_only: bool = False
    about: str = ""
    address: str = ""
    default_url: str = ""
    needs: tuple[Need, ...] = ()
    secret_path: bool = False
