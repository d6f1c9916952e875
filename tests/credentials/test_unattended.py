"""A service without a terminal opens the vault with a passphrase from a private file."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modtui.credentials import Vault, VaultFailed, unlock_unattended
from modtui.credentials.unattended import VARIABLE
from modtui.credentials.vault import Cost
from modtui.domain.secret import Secret
from modtui.private import write_private
from tests.cli.conftest import shell as shell
from tests.cli.shell import Shell
from tests.cli.standin import CONFIG, KIND, Ring

PASSPHRASE = "correct horse"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    path = tmp_path / "vault" / "vault.json"
    Vault(path, write_private, Cost(64, 1)).unlock(Secret(PASSPHRASE))
    return Vault(path, write_private, Cost(64, 1))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "phrase"
    path.write_text(f"{PASSPHRASE}\nand a note\n")
    path.chmod(0o600)
    return path


def test_the_first_line_of_the_named_file_opens_it(vault: Vault, file: Path) -> None:
    assert unlock_unattended(vault, {VARIABLE: str(file)})
    assert not vault.locked


def test_a_credential_of_systemd_opens_it(vault: Vault, file: Path) -> None:
    file.rename(file.parent / "modtui-vault")
    (file.parent / "modtui-vault").chmod(0o440)
    assert unlock_unattended(vault, {"CREDENTIALS_DIRECTORY": str(file.parent)})
    assert not vault.locked


def test_nothing_named_is_nothing_done(vault: Vault, tmp_path: Path) -> None:
    assert not unlock_unattended(vault, {})
    assert not unlock_unattended(vault, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert vault.locked


def test_a_pipe_that_nobody_writes_to_is_refused_at_once(vault: Vault, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    with ended_in(5), pytest.raises(VaultFailed, match=f"{pipe} is not a file"):
        unlock_unattended(vault, {VARIABLE: str(pipe)})


@contextmanager
def ended_in(seconds: int) -> Iterator[None]:
    """What is inside ends in time, also where it would wait for ever."""

    def late(number: int, frame: object) -> None:
        raise AssertionError(f"not done in {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_can_get_at_is_refused(vault: Vault, file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(VaultFailed, match=f"can be read by others: chmod 600 {file}"):
        unlock_unattended(vault, {VARIABLE: str(file)})
    assert vault.locked


def test_other_bad_files_are_one_line_each(
    vault: Vault, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(path: Path) -> str:
        with pytest.raises(VaultFailed) as caught:
            unlock_unattended(vault, {VARIABLE: str(path)})
        assert PASSPHRASE not in str(caught.value)
        return str(caught.value)

    assert "cannot be read: No such file" in told(file.parent / "nowhere")
    assert "Is a directory" in told(file.parent)
    file.write_bytes(b"\xff\xff")
    assert "something that is not text" in told(file)
    file.write_text("\n")
    assert "is empty: its first line is the passphrase" in told(file)
    file.write_text("another phrase\n")
    assert f"what {file} holds is not the passphrase of the vault" in told(file)
    if os.geteuid() == 0:
        os.chown(file, 12345, -1)
    else:
        monkeypatch.setattr("os.geteuid", lambda: 12345)
    assert "belongs to another user" in told(file)


def test_a_service_reads_its_secret(
    shell: Shell, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modtui.cli.compose.KINDS", {"standin": KIND})
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    shell.config(f'{CONFIG}secret = "vault"\n')
    monkeypatch.setattr("sys.stdin", io.StringIO("good\n"))
    monkeypatch.setenv(VARIABLE, str(file))
    assert shell("login", "hub", "--stdin").code == 0
    assert shell("sync", "--once").code == 0
    assert "hub: You post on hub as mod-bot" in shell("doctor").out
    file.chmod(0o644)
    done = shell("sync", "--once")
    assert (done.code, done.err) == (3, f"modtui: {file} can be read by others: chmod 600 {file}\n")
    assert f"FAIL  vault: {file} can be read by others" in shell("doctor").out
    monkeypatch.delenv(VARIABLE)
    assert "the vault is locked" in shell("sync", "--once").err
