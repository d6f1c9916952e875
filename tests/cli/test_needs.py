"""What a connector raises about an account's settings, the check of the configuration tells first,
with file and line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from modtui.cli.compose import build_connector
from modtui.cli.schema import Account, check_accounts
from modtui.config import ConfigError
from modtui.connectors import ConnectorError, Environment, Rejected, Unauthorized
from modtui.connectors.registry import KINDS
from modtui.domain.secret import Secret
from tests.cli.shell import Shell
from tests.cli.standin import Ring
from tests.config.desk import read

GOOD: Mapping[str, Mapping[str, Any]] = {
    "matrix": {},
    "mastodon": {},
    "discourse": {"api_username": "mod"},
    "github": {"repositories": ["ours/site"]},
    "discord": {"guild": "1"},
    "ozone": {"handle": "me.test", "labeler": "did:plc:abc"},
    "reddit": {"client_id": "app", "subreddits": ["ours"], "username": "mod"},
    "twitch": {"client_id": "app", "broadcaster": "us"},
    "webhook": {},
    "smtp": {"host": "mail.test", "from": "m@ours.test"},
}
TEXTS = (
    "", " ", "x", "=", "spam=", "=spam", "spam = x", "spam=3", "a=b=c", "3", "0", "00", "-1", "٣",
    "ünïcode", "a b", "_", "@#", "@us", "r/", "/r/", "/r/ours/", "a/b", "a/b/c", "/", "did:", "#x",
    "did:plc:x", "did:plc:#x", "did:x", "!r:x", "http://", "http://x.test", "https://x.test/a",
    "https://", "https://x y", "https://u:p@x.test", "https://[::1", "https://x.test:0", "https://.",
    "https://x..y/", f"https://{'x' * 64}.test", "https://ü.test", "https://x.test:99999",
    "http://localhost:1", "ws://x.test", "wss://x.test/ws", "wss://", "wss://u@x.test", "ws://[::1]",
    "wss://x.test:0/", "wss://.", "line\nline", "x" * 300, "1" * 21, "1" * 20, "publik", "none",
)  # fmt: skip
NUMBERS = (0, 1, 0.5, 587, 65535, 65536, 1e12, 1e308, 10**400, -1, float("inf"), float("nan"), True)


def account(folder: Path, connector: str, lines: Sequence[str]) -> Account:
    """Return the account of these lines, the first of which is the fifth of the file."""
    head = f'[[account]]\nname = "a"\nconnector = "{connector}"\nurl = "https://ours.test"\n'
    tables = read(folder, head + "".join(f"{line}\n" for line in lines)).accounts
    (found,) = check_accounts(tables, KINDS)
    return found


def environment(one: Account, names: Sequence[str]) -> Environment:
    return Environment(
        account="a",
        settings=one.settings,
        secrets={name: Secret("s3cret-s3cret") for name in names},
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        sleep=lambda seconds: None,
        transport=httpx.MockTransport(lambda request: httpx.Response(500)),
    )


def written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    quoted = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{quoted}"' if isinstance(value, str) else str(value)


def lines_of(connector: str, **more: object) -> list[str]:
    settings = {**more, **{k: v for k, v in GOOD[connector].items() if k not in more}}
    return [f"{key} = {written(value)}" for key, value in settings.items()]


@pytest.mark.parametrize("connector", GOOD)
def test_no_connector_refuses_a_setting_that_passed_the_check(
    tmp_path: Path, connector: str
) -> None:
    schema = KINDS[connector].schema
    secrets = [secret.name for secret in schema.secrets]
    passed = 0
    for setting in schema.settings:
        if setting.name == "ca_file":
            continue
        values: tuple[object, ...] = NUMBERS if setting.kind == "number" else TEXTS
        if setting.kind == "list":
            values = (*([text] for text in TEXTS), [], ["x", ""])
        for value in values:
            try:
                one = account(tmp_path, connector, lines_of(connector, **{setting.name: value}))
            except ConfigError as error:
                (problem,) = error.problems
                assert (problem.where.line, problem.key) == (5, f"account.{setting.name}")
                continue
            KINDS[connector].load()(environment(one, secrets))
            passed += 1
    assert passed or connector == "mastodon"


@pytest.mark.parametrize("connector", GOOD)
def test_no_connector_refuses_an_address_that_passed_the_check(
    tmp_path: Path, connector: str
) -> None:
    secrets = [secret.name for secret in KINDS[connector].schema.secrets]
    lines = lines_of(connector)
    for text in TEXTS:
        head = f'[[account]]\nname = "a"\nconnector = "{connector}"\nurl = {written(text)}\n'
        try:
            tables = read(tmp_path, head + "\n".join(lines)).accounts
            (one,) = check_accounts(tables, KINDS)
        except ConfigError as error:
            found = {problem.where.line for problem in error.problems}
            assert found == {4}, text
            continue
        KINDS[connector].load()(environment(one, secrets))


SECRETS = {
    "discourse": ("api_key", "user_api_key"),
    "reddit": ("password", "refresh_token"),
    "twitch": ("token", "refresh_token", "client_secret"),
}
OPTIONAL = {"discourse": "api_username", "reddit": "username", "twitch": "eventsub_url"}


@pytest.mark.parametrize("connector", SECRETS)
def test_what_a_connector_needs_together_is_what_it_declares(
    tmp_path: Path, connector: str
) -> None:
    names, optional = SECRETS[connector], OPTIONAL[connector]
    lines = lines_of(connector)
    always = ("client_secret",) if connector == "reddit" else ()
    for mask in range(2 ** len(names)):
        given = (*always, *(name for bit, name in enumerate(names) if mask & 1 << bit))
        for kept in (lines, [line for line in lines if not line.startswith(optional)]):
            one = account(tmp_path, connector, kept)
            try:
                build_connector(one, environment(one, given).secrets)
                told = None
            except ConnectorError as error:
                told = str(error)
                assert told.startswith(f"{tmp_path / 'config.toml'}:")
            try:
                KINDS[connector].load()(environment(one, given))
            except ConnectorError:
                assert told is not None
            else:
                assert told is None


@pytest.mark.parametrize(
    ("connector", "given", "line", "kind", "words"),
    [
        ("discourse", ["api_key"], 1, Rejected, "account.api_username: a forum needs a user_api"),
        ("discourse", [], 1, Unauthorized, "or an api_key and here the account it acts as"),
        ("reddit", ["client_secret", "password"], 1, Rejected, 'such as username = "jane"'),
        ("reddit", ["client_secret"], 1, Unauthorized, "account.refresh_token: Reddit needs"),
        ("twitch", ["refresh_token"], 1, Unauthorized, "with the client_secret: modtui login a"),
    ],
)
def test_what_is_missing_beside_a_secret_has_its_line_and_what_to_do(
    tmp_path: Path, connector: str, given: list[str], line: int, kind: type[Exception], words: str
) -> None:
    lines = [each for each in lines_of(connector) if "username" not in each]
    one = account(tmp_path, connector, lines)
    with pytest.raises(kind) as caught:
        build_connector(one, environment(one, given).secrets)
    assert str(caught.value).startswith(f"{tmp_path / 'config.toml'}:{line}: account.")
    assert words in str(caught.value)


def test_what_no_secret_can_mend_is_told_as_the_configuration_is_read(tmp_path: Path) -> None:
    lines = ('host = "mail.test"', 'from = "m@ours.test"', 'username = "m"', 'security = "none"')
    with pytest.raises(ConfigError) as caught:
        account(tmp_path, "smtp", lines)
    (problem,) = caught.value.problems
    assert (problem.where.line, problem.key) == (8, "account.security")
    assert 'write security = "starttls" or "tls"' in problem.what
    for host in ("localhost", "127.0.0.1", "::1"):
        account(tmp_path, "smtp", (f'host = "{host}"', *lines[1:]))
    account(tmp_path, "smtp", (*lines[:2], lines[3]))


def test_doctor_names_the_place_of_what_is_missing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.config(
        '[[account]]\nname = "sub"\nconnector = "reddit"\nurl = "https://ours.test"\n'
        'client_id = "app"\nsubreddits = ["ours"]\n'
    )
    for field in ("CLIENT_SECRET", "PASSWORD", "REFRESH_TOKEN"):
        monkeypatch.setenv(f"MODTUI_SUB_{field}", "" if field == "REFRESH_TOKEN" else "s3cret-s3")
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    done = shell("doctor")
    (line,) = [line for line in done.out.splitlines() if "account sub" in line]
    assert line.startswith("FAIL  account sub: ")
    assert f"{shell.home}/config.toml:1: account.username: " in line
