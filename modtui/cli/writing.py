"""An account as it is wished for, checked and written to config.d; the user's file is never
touched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from modtui.cli import compose
from modtui.cli.compose import Setup, set_up
from modtui.cli.exits import Exit, Failure
from modtui.cli.schema import Account, check_accounts
from modtui.config import AccountTable, Where, nearest, write_private
from modtui.config.reader import Cell
from modtui.connectors import Setting, Unusable
from modtui.domain.address import CLEAR, in_the_clear
from modtui.domain.settings import Moderator

NAME = re.compile(r"[a-z][a-z0-9-]*")
MODERATOR = "moderator"
"""The file of config.d that holds no account, but who works here."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An account to be written. `settings` are the connector's own keys, as TOML has them;
    `ca_file` is what the configuration says for every account."""

    connector: str
    name: str
    url: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    secret: str = "system"
    command: tuple[str, ...] = ()
    ca_file: str = ""

    def table(self) -> dict[str, Any]:
        """Return the [[account]] table."""
        url = {"url": self.url} if self.url else {}
        kept: dict[str, Any] = {} if self.secret == "system" else {"secret": self.secret}
        if self.command:
            kept["secret_command"] = list(self.command)
        return {"name": self.name, "connector": self.connector, **url, **kept, **self.settings}

    def account(self) -> Account:
        """Return the account as it would be configured. Raises ConfigError."""
        here = Where("")
        cells = {key: Cell(value, here) for key, value in self.table().items()}
        table = AccountTable(
            self.name, self.connector, self.url, None, self.settings, cells, here,
            secret=self.secret, command=self.command,
            ca_file=str(self.settings.get("ca_file") or self.ca_file),
        )  # fmt: skip
        (account,) = check_accounts([table], compose.kinds())
        return account


def check_name(setup: Setup, name: str) -> None:
    """Raise Failure where `name` is no name, or is taken."""
    if not NAME.fullmatch(name):
        what = f'"{name}" is not a name: a to z first, then a to z, 0 to 9, -'
        raise Failure(Exit.USAGE, what)
    if name == MODERATOR:
        raise Failure(Exit.USAGE, f'"{name}" is the file of who works here: take another name')
    if setup.account(name) or (setup.paths.config_more / f"{name}.toml").exists():
        raise Failure(Exit.CONFIGURATION, f"there is an account {name} already: modtui accounts")


def address(text: str) -> str:
    """Return the url that `text` means, https:// added. Raises ValueError, saying what is wrong."""
    url = text.strip().rstrip("/")
    if not url:
        raise ValueError("an address is needed, such as https://forum.example.org")
    if "://" not in url:
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("that is not an address: write https://forum.example.org") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError("that is not an address: write https://forum.example.org")
    if "@" in parts.netloc or parts.query or parts.fragment or any(c.isspace() for c in url):
        raise ValueError("only scheme, host, port and path belong into an address")
    if in_the_clear(url):
        raise ValueError(CLEAR)
    return url


def typed(text: str, setting: Setting) -> object:
    """Return what `text` means as a value of TOML. Raises ValueError."""
    if setting.kind == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    if setting.kind == "number":
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            raise ValueError(f"{text} is not a number") from None
    return text


def settings_of(connector: str, pairs: Iterable[str]) -> dict[str, Any]:
    """Return what KEY=VALUE `pairs` set. Raises Failure (usage)."""
    kinds = compose.kinds()
    if connector not in kinds:
        raise Failure(
            Exit.USAGE,
            f'there is no connector "{connector}"{nearest(connector, kinds)};'
            f" there are {', '.join(kinds)}",
        )
    try:
        declared = {setting.name: setting for setting in kinds[connector].schema.settings}
    except Unusable as error:
        raise Failure(Exit.CONFIGURATION, str(error)) from error
    settings: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or key not in declared:
            known = ", ".join(declared) or "none"
            raise Failure(Exit.USAGE, f"--set {key}: {connector} knows {known} (KEY=VALUE)")
        try:
            settings[key] = typed(value, declared[key])
        except ValueError as error:
            raise Failure(Exit.USAGE, f"--set {key}: {error}") from None
    return settings


def check_own(setup: Setup, name: str) -> None:
    """Raise Failure where the account stands in a file that is not ours to change."""
    table = next(table for table in setup.config.accounts if table.name == name)
    if Path(table.where.file).parent != setup.paths.config_more:
        raise Failure(
            Exit.CONFIGURATION,
            f"{table.place('secret')}: modtui does not change your own file: write there where"
            f' {name} keeps its secret (secret = "vault", "command", "session"), then modtui login'
            f" {name}",
        )


@contextmanager
def moved(setup: Setup, name: str, store: str) -> Iterator[None]:
    """Write into the account's own file where its secret is kept; its other lines stay.

    What does not fit is taken back, as it is when the block raises. Raises ConfigError, OSError.
    """
    table = next(table for table in setup.config.accounts if table.name == name)
    file = Path(table.where.file)
    before = file.read_bytes()
    lines = before.decode("utf-8-sig").splitlines(keepends=True)
    cell, at = table.cells.get("secret"), table.where.line or 1
    if cell is not None and cell.where.line is not None:
        at = cell.where.line - 1
        del lines[at]
    lines.insert(at, f'secret = "{store}"\n')
    try:
        write_private(file, "".join(lines).encode())
        set_up()
        yield
    except BaseException:
        _put_back({file: before})
        raise


@contextmanager
def written(setup: Setup, wish: Wish, moderator: Moderator | None = None) -> Iterator[Setup]:
    """Write the account, and who works here where that is given; give the setup read back.

    What does not fit is taken away again, as it is when the block raises. Raises ConfigError.
    """
    import tomli_w

    folder = setup.paths.config_more
    files = {folder / f"{wish.name}.toml": f"[[account]]\n{tomli_w.dumps(wish.table())}"}
    if moderator is not None:
        files[folder / f"{MODERATOR}.toml"] = tomli_w.dumps({"moderator": asdict(moderator)})
    before = {file: file.read_bytes() if file.exists() else None for file in files}
    try:
        for file, text in files.items():
            write_private(file, text.encode())
        yield set_up()
    except BaseException:
        _put_back(before)
        raise


def _put_back(before: Mapping[Path, bytes | None]) -> None:
    for file, content in before.items():
        if content is not None:
            write_private(file, content)
        else:
            file.unlink(missing_ok=True)
