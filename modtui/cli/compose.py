"""The composition root: paths, configuration, clocks, store, accounts, engine."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from modtui.cli.exits import Exit, Failure, told
from modtui.cli.needs import check_needs
from modtui.cli.redacting import REDACT, know
from modtui.cli.schema import Account, account_problems, check_accounts
from modtui.config import (
    Config,
    Paths,
    find_paths,
    known_zone,
    load,
    nearest,
    write_private,
)
from modtui.connectors import Connector, Environment, Finding, Kind
from modtui.connectors.registry import KINDS
from modtui.connectors.watch import Watch
from modtui.credentials import Credentials, CredentialsError
from modtui.domain.frozen import dataclass
from modtui.domain.secret import Secret, behind_host, for_children
from modtui.domain.settings import Moderator
from modtui.engine.accounts import AccountSpec, CredentialsMissing, Plan, Runtime
from modtui.private import own_folder
from modtui.store import Locked, OpenStore, Store, StoreClock

if TYPE_CHECKING:
    from modtui.credentials import Child, CommandStore, Vault
    from modtui.engine.library import Library
    from modtui.engine.live import LiveEngine
    from modtui.engine.translating import Translator


T = TypeVar("T")
LOOK_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Setup:
    """What was configured, well formed, and where its secrets are. `practice`: nothing is sent."""

    paths: Paths
    config: Config
    accounts: tuple[Account, ...]
    credentials: Credentials
    practice: bool = False

    @property
    def me(self) -> str:
        return self.config.desk.moderator.name

    def account(self, name: str) -> Account | None:
        return next((account for account in self.accounts if account.name == name), None)


def set_up(environ: Mapping[str, str] = os.environ) -> Setup:
    """Read the configuration of this machine. Raises ConfigError with every problem."""
    paths = find_paths(environ)
    config = load(paths, machine_moderator(environ), lambda tables: account_problems(tables, KINDS))
    accounts = check_accounts(config.accounts, KINDS)
    for account in accounts:
        if account.kind.schema.secret_path:
            know(behind_host(str(account.settings["url"])))
    return Setup(paths, config, accounts, credentials_of(paths, environ))


def credentials_of(paths: Paths, environ: Mapping[str, str]) -> Credentials:
    """Return the secrets of the configuration at `paths`."""

    def child() -> Child:
        from modtui.credentials import Child

        return Child()

    def vault() -> Vault:
        from modtui.credentials import Vault

        return Vault(paths.vault, write_private)

    def command() -> CommandStore:
        from modtui.credentials import CommandStore, Origins

        return CommandStore(environ, origins=Origins(paths.origins, write_private))

    return Credentials(paths.fingerprint, environ, child, vault, command)


def kinds() -> Mapping[str, Kind]:
    """Return the kinds of connector there are."""
    return KINDS


def find_account(setup: Setup, name: str) -> Account:
    """Return the account. Raises Failure (usage) that names the nearest."""
    account = setup.account(name)
    if account is None:
        names = [each.name for each in setup.accounts]
        known = ", ".join(names) or "none is configured, see modtui init"
        raise Failure(Exit.USAGE, f'there is no account "{name}"{nearest(name, names)}: {known}')
    return account


def machine_moderator(environ: Mapping[str, str]) -> Moderator:
    """Return who works here as far as the machine knows: login name, zone, language.

    No letter stands on two keys of these keyboards, so they need not be chosen.
    """
    name = environ.get("LOGNAME") or environ.get("USER") or "moderator"
    language = environ.get("LANG", "").partition("_")[0]
    languages = (language, "en") if len(language) == 2 and language != "en" else ("en",)
    return Moderator(name, machine_zone(environ), languages, ("ru", "kz", "ge"))


def machine_zone(environ: Mapping[str, str]) -> str:
    """Return the IANA zone of this machine; UTC where it does not tell."""
    candidates = [environ.get("TZ", "").removeprefix(":")]
    try:
        candidates.append(Path("/etc/timezone").read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        candidates.append("")
    candidates.append(str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2])
    return next((zone for zone in candidates if zone and known_zone(zone)), "UTC")


def wall() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


def store_clock() -> StoreClock:
    """Return the clocks of the store: CLOCK_BOOTTIME counts through sleep, where there is one."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    if clock is None:
        return StoreClock(wall, time.monotonic, _boot(time.monotonic))
    return StoreClock(wall, lambda: time.clock_gettime(clock), _boot(time.monotonic))


def _boot(uptime: Callable[[], float]) -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        # To the hour, because wall clock and uptime drift apart a little.
        return f"{os.uname().nodename}-{int(time.time() - uptime()) // 3600}"


def runtime() -> Runtime:
    """Return time, chance and identity of this process."""
    session = f"{os.uname().nodename}:{os.getpid()}:{os.urandom(3).hex()}"
    clocks = store_clock().lease, time.monotonic
    from asyncio import sleep

    return Runtime(wall, sleep, random.SystemRandom(), session, alive, *clocks)


def alive(session: str) -> bool:
    """Return whether the process of `session` runs; True on another machine, where nobody knows."""
    host, _, rest = session.rpartition(":")[0].rpartition(":")
    if host != os.uname().nodename or not rest.isdigit():
        return True
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end and return what it returns."""
    import asyncio

    # A task that is done repeats its whole result as text when asyncio.run puts the handler of
    # SIGINT back (signal.Handlers(...) names what it was given): 0.4 s for 10,000 threads.
    box: list[T] = []

    async def keep() -> None:
        box.append(await work)

    asyncio.run(keep())
    return box[0]


async def _sleep(seconds: float) -> None:
    from asyncio import sleep

    await sleep(seconds)


def open_store(path: Path) -> OpenStore:
    """Open the store, making its folder where it is missing; from then on Ctrl+Z stops us between
    two writes. Raises StoreError, OSError."""
    store = _opened(path)

    def stop(number: int, frame: FrameType | None) -> None:
        # As by default: who was started by no shell is not stopped.
        with store.at_rest():
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            signal.signal(number, stop)

    # A guide on the screen opens it in a thread of its own.
    mine = threading.current_thread() is threading.main_thread()
    if mine and signal.getsignal(signal.SIGTSTP) != signal.SIG_IGN:
        signal.signal(signal.SIGTSTP, stop)
    return store


def _opened(path: Path) -> OpenStore:
    from modtui.store.sqlite import open_store as open_sqlite

    own_folder(path.parent)
    try:
        return open_sqlite(path, store_clock(), _sleep)
    except Locked as error:
        from modtui.store.care import holder

        # The first try waited for some seconds; who waits longer is told for whom.
        by = holder(path) or "another program"
        told(f"waiting a little longer: {by} has locked {path}", Exit.DONE)
        try:
            return open_sqlite(path, store_clock(), _sleep)
        except Locked:
            raise Locked(f"{error} (it is {by})") from error


class Shelf:
    """The secrets of all accounts, fetched by one child when the first is asked for.

    An account that asks again fetches again: after a login the keyring holds something new.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        from asyncio import Lock

        self._lock = Lock()
        self._found: dict[str, dict[str, Secret] | CredentialsError] = {}

    async def take(self, account: Account) -> dict[str, Secret]:
        """Return the account's secrets. Raises CredentialsMissing."""
        from asyncio import to_thread

        async with self._lock:
            if account.name not in self._found:
                wanted = [each.wanted for each in self._setup.accounts if each.wanted.fields]
                found = await to_thread(self._setup.credentials.read, wanted)
                self._found |= found
            secrets = self._found.pop(account.name, {})
        if isinstance(secrets, CredentialsError):
            raise CredentialsMissing(str(secrets))
        return secrets


def build_connector(
    account: Account, secrets: Mapping[str, Secret], watch: Watch | None = None
) -> Connector:
    """Return the account's connector with these secrets; imports its code. Raises Unauthorized
    or Rejected where the connector needs others, or other settings with these."""
    from modtui.engine.guard import Guarded, redacting

    check_needs(account, secrets)
    know(secrets.values())
    environment = Environment(
        account=account.name,
        settings=account.settings,
        secrets=secrets,
        now=wall,
        sleep=_sleep,
        staff=account.staff,
        watch=watch or Watch(),
        knock=_knock,
    )
    with redacting(REDACT):
        return Guarded(account.kind.load()(environment), REDACT)


async def _knock(origin: str) -> None:
    # What trusts and proxies are is loaded by a connector that has a far end.
    from modtui.connectors.knocking import knock

    await knock(origin)


async def look_at(kind: Kind, url: str, settings: Mapping[str, Any]) -> Finding | None:
    """Return what is at `url`, asked without any secret. Raises ConnectorError, TimeoutError."""
    from asyncio import wait_for

    if kind.look is None:
        return None
    defaults = {setting.name: setting.default for setting in kind.schema.settings}
    at = {**defaults, **settings, "url": url}
    env = Environment("", at, {}, now=wall, sleep=_sleep)
    return await wait_for(kind.look()(env), LOOK_SECONDS)


def specs(setup: Setup) -> tuple[AccountSpec, ...]:
    """Return how to connect each account, in config order."""
    shelf = Shelf(setup)

    def builder(account: Account, watch: Watch) -> Callable[[], Awaitable[Connector]]:
        async def build() -> Connector:
            secrets = await shelf.take(account) if account.wanted.fields else {}
            connector = build_connector(account, secrets, watch)
            if not setup.practice:
                return connector
            from modtui.engine.practice import Practising

            return Practising(connector, wall)

        return build

    return tuple(
        AccountSpec(
            account.name,
            account.connector,
            account.kind.schema,
            builder(account, watch),
            account.backlog,
            watch,
        )
        for account, watch in ((account, Watch()) for account in setup.accounts)
    )


def shelf(setup: Setup) -> Library:
    """Return the library of quick replies, which reads no file before it is asked."""
    from modtui.engine.kept_entries import KeptEntries
    from modtui.engine.library import Library

    folders = [Path(folder) for folder in setup.config.desk.library_folders]
    return Library(folders, kept=KeptEntries(setup.paths.cache / "replies.json"))


def plan(
    setup: Setup,
    *,
    intake: bool = True,
    read_only: bool = False,
    library: Library | None = None,
) -> Plan:
    """Return what the engine is to serve. `intake` False: it only delivers; `read_only`: nothing
    is connected and nothing can be done."""
    return Plan(
        setup.config.desk,
        setup.config.policies,
        specs(setup),
        library=library or shelf(setup),
        intake=intake,
        practice=setup.practice,
        read_only=read_only,
        translator=_translator(setup.config.desk.translate),
        ranking=setup.paths.cache / "ranking.bin",
    )


def _translator(command: Sequence[str]) -> Translator | None:
    if not command:
        return None
    from modtui.engine.translating import Translator

    return Translator(command, for_children(os.environ))


@asynccontextmanager
async def engine(setup: Setup, *, intake: bool = True) -> AsyncIterator[tuple[LiveEngine, Store]]:
    """An engine over the configured store, not started; the store is closed at the end."""
    from modtui.engine.live import LiveEngine

    store = open_store(setup.paths.store)
    try:
        yield LiveEngine(store, plan(setup, intake=intake), runtime()), store
    finally:
        await store.close()
